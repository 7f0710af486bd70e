"""ABL003  Would more data make it better?

## What it measures
The score of the same recipe fitted on more and more rows of the reference, a power law through these points,
and from it what twice the rows of the largest fit would add, with an interval.

## Why it matters
More data is bought, labelled and waited for. A curve that has gone flat says that the money is better spent
on better inputs or labels; one that still climbs says how much a doubling is worth.

## How
Sizes are halves of halves of the reference (at most 20,000 rows), up to eight fits each on rows that no
other fit of that size uses. All are judged on the same rows. A curve `c - a n^-b` is fitted by weighted
least squares (doi:10.1109/TPAMI.2022.3220744); its interval is of draws of all points from what is known of
their errors: the scatter of the fits, smoothed over sizes, the rows judged, which all fits share, and how
badly the curve fits (doi:10.1103/PhysRev.40.207). A doubling is *worth it* where the whole interval is
above the margin (the policy's for this measure, else 0.01, or a hundredth of the gain over chance), *not
worth it* where it is wholly below.

## When it cannot tell
Without a reference with labels, or where nothing repeats the fit. With fewer than 400 rows, for four sizes
are needed. It goes on by a factor of two and no further, with rows of the same kind: new places, times or
inputs are not in it. Settings that were tuned for the full size are kept at the small ones, which can make
the curve steeper than it is.

## What to do
Where a doubling is worth it, gather more rows. Where it is not, look at inputs and labels instead (ABL001,
SLC002). Where it cannot be told, judge on more rows, or give more time with `--budget`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plimsoll.checks.ablation.trial import counted, sentence, why_no_fit
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Figure, Finding, Judgement, Status, Table, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.core.trial import Trial
from plimsoll.stats.row_measures import title
from plimsoll.trials.learning import Curve, Learning, LearningTrial

CARD = Card(
    "ABL003",
    title="Learning curve",
    question="Would more data make it better?",
    area="ablation",
    needs="a fit that can be repeated, and a labelled reference",
    cost="up to 40 fits, most of them small",
    measures=(Measure("gain_of_doubling", "gain of twice the data", "neither", None, 0.0, None),),
    suites=("stress", "full"),
    evidence=("data.sufficiency",),
    sources=("doi:10.1109/TPAMI.2022.3220744", "doi:10.1103/PhysRev.40.207"),
)
CURVE = "learning curve"
MISFIT = 2.0
"""From so many times the expected scatter on, the form of the curve is doubted aloud."""


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Nothing of the scan; see :func:`trials`."""
    return {}


def trials(subject: Subject, options: Options) -> Mapping[str, Trial]:
    """Fit on more and more rows."""
    if why_no_fit(subject):
        return {}
    trial = LearningTrial(subject, options.stress, level=options.confidence, seed=options.seed)
    return {CURVE: trial}


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Say what twice the rows would add."""
    if CURVE not in context.outcomes:
        return not_given(why_no_fit(context.subject))
    found = context.outcome(CURVE, Learning)
    if found.curve is None or found.gain is None:
        return not_given(found.reason)
    return Judgement(
        (found.gain,),
        tuple(_findings(found, found.curve, found.gain)),
        (_figure(found, found.curve),),
        (_table(found, found.curve, context.options.confidence),),
        reason=f"{counted(found.fits)} on up to {sentence(found.fitted_said)[:-1].lower()} took "
        f"{found.fit_seconds:.1f} s.",
    )


def _findings(found: Learning, curve: Curve, gain: Estimate) -> Iterator[Finding]:
    metric = title(found.metric)
    words = (
        f"Twice the {curve.rows[-1]:,} rows would make {metric} better by about {gain.value:.4f}, likely "
        f"{gain.low:.4f} to {gain.high:.4f}; worth it begins at {found.margin_said}."
    )
    if gain.low > found.margin:
        heading, action = "More data is worth it.", "Gather more rows of the same kind."
        status = Status.PASS
    elif gain.high < found.margin:
        heading = "Twice the data would hardly help."
        action, status = "Look at inputs and labels rather than at more rows.", Status.PASS
    else:
        heading = "It cannot be told whether more data would help."
        action, status = "Judge on more rows, or give more time with --budget.", Status.UNSURE
    yield Finding(status, heading, words, action, gain.where, (gain,))
    if curve.misfit > MISFIT:
        yield Finding(
            Status.UNSURE,
            "The points do not follow a power law.",
            f"They scatter {curve.misfit:.1f} times as far about the curve as the fits of one size do; the "
            "interval was widened by as much.",
            "Look at the curve before relying on the number.",
        )
    if found.stopped:
        yield Finding(
            Status.UNSURE,
            "Not every size was fitted.",
            f"{sentence(found.stopped)} The largest fit has {curve.rows[-1]:,} rows.",
            "Give more time with --budget.",
        )


def _figure(found: Learning, curve: Curve) -> Figure:
    metric = title(found.metric)
    return Figure(
        "line",
        "Learning curve",
        f"Mean {metric} of fits on so many rows, and the curve through them up to twice the largest.",
        {
            "fits": {
                "x": [float(n) for n in curve.rows],
                "y": list(curve.means),
                "low": list(curve.lows),
                "high": list(curve.highs),
                "name": ["fits"] * len(curve.rows),
            },
            "curve": {
                "x": [x for x, _ in curve.drawn],
                "y": [y for _, y in curve.drawn],
                "name": ["power law"] * len(curve.drawn),
            },
        },
        {"x_title": "Rows fitted on", "y_title": metric},
    )


def _table(found: Learning, curve: Curve, level: float) -> Table:
    rows = tuple(zip(curve.rows, curve.fits, curve.means, curve.lows, curve.highs, strict=True))
    return Table(
        "Fits by size",
        ("rows", "fits", found.metric, "from", "to"),
        rows,
        caption=f"The curve rises with the power -{curve.rate:.2f} of the rows towards {curve.ceiling:.4f}; "
        "neither number is known well by itself.",
    )
