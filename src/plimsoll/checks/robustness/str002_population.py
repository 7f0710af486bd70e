"""STR002  How far can the population shift before the model breaks its limit?

## What it measures
The same kinds of rows in another mix: older customers, more rows of one category, a label that is more or
less frequent. For every numeric input up and down, every frequent category, every label, and all numeric
inputs together (their first principal component), the smallest shift at which the limit is crossed, with an
interval, and what the mean or the share is then.

## Why it matters
A model is tested on one population and used on another: a second country, a new channel, a winter. Nothing
about a row need change for a measure to fall; it is enough that the rows on which the model is weak become
more. And precision falls with the *prevalence* alone, by a known formula, however good the model is.

## How
Rows are weighted by exp(t z) along the standardised column, which of all mixes with that mean changes the
rest least (doi:10.1214/aop/1176996454); labels and categories by their new share over the old one, which
leaves recall, specificity and the area under the ROC curve as they are and makes precision follow Bayes'
rule (doi:10.1162/089976602753284446). Nothing is asked of the model: all follows from the answers that the
scan had. Rows without a value keep their share. The first crossing counts, also where the measure comes back
beyond it. Intervals take the weights, or the new mean, as known, whichever is wider. Shifts of different
columns compare by how far the mix is from today's (Kullback-Leibler), by which the smallest is named. The
limit is the policy's; without one that these answers can be judged by, the model must keep nine tenths of
what it gains over chance today.

## When it cannot tell
Beyond the shift that leaves fewer than 100 effective rows nothing is said: a test on young people says little
of a population of old ones. Rows of a kind that is not in the table at all cannot be made by weights. The
smallest of many shifts is found by looking at all of them, so its number is on the cautious side. It holds if
within the mix rows stay as they are; where the meaning of a column changes (concept drift) it does not.

## What to do
Compare with what is known of where the model goes: if the people there are older by more than the load line,
judge it on such rows before launch. Set a limit with `"robustness.population" = { load_line_min = 0.5 }`
(standard deviations of a mean), `"robustness.category_mix"` (share of rows by which a category may grow) or
`"robustness.prior"` (by which a label may become more or less frequent).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from plimsoll.checks.robustness.shift_words import (
    limits,
    line_figure,
    line_table,
    prevalence_range,
    said,
)
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Finding, Judgement, Status, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Tallies
from plimsoll.core.trial import Trial
from plimsoll.stats.row_measures import title
from plimsoll.trials.directions import PRIOR
from plimsoll.trials.lines import State
from plimsoll.trials.population import PopulationTrial, ShiftLine, Shifts

CARD = Card(
    "STR002",
    title="Another population",
    question="How far can the population shift before the model breaks its limit?",
    area="robustness",
    needs="labels",
    cost="one scan; the model is not asked again",
    measures=(
        Measure("load_line", "load line", "higher", None, 0.0, None),
        Measure("exposure", "exposure today", "lower", None, 0.0, None),
    ),
    suites=("stress", "full"),
    evidence=("robustness.shift", "robustness.limits"),
    sources=("doi:10.1214/aop/1176996454", "doi:10.1162/089976602753284446"),
    gated_by="robustness",
)
SHIFTS = "shifts"
WEAKEST = 3
METHOD = "weighted rows; first severity whose margin may be 0"


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Nothing of the scan; see :func:`trials`."""
    return {}


def trials(subject: Subject, options: Options) -> Mapping[str, Trial]:
    """Weigh the rows anew; no model is asked."""
    if why_not(subject):
        return {}
    trial = PopulationTrial(subject, options.stress, options.confidence, options.min_rows)
    return {SHIFTS: trial}


def why_not(subject: Subject) -> str:
    """Say why rows cannot be weighed anew; empty where they can."""
    if subject.task is Task.NONE:
        return "no model is judged"
    if not subject.labelled:
        return "the target is not known for these rows yet"
    return ""


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Say how far the population can shift."""
    if SHIFTS not in context.outcomes:
        return not_given(why_not(context.subject))
    found = context.outcome(SHIFTS, Shifts)
    if found.reason:
        return not_given(found.reason)
    if not found.lines:
        return not_given("no input and no label varies in these rows, so their mix cannot shift")
    lines = sorted(found.lines, key=_weakest_first)
    level = context.options.confidence
    estimates = [e for line in lines for e in _estimates(line, found, level)]
    figure = line_figure(lines, found)
    return Judgement(
        tuple(estimates),
        tuple(_findings(lines, found)),
        () if figure is None else (figure,),
        (line_table(lines, found),),
        reason=_left_out(found),
    )


def _weakest_first(line: ShiftLine) -> tuple[float, float, str]:
    """Order lines: broken already, then crossed by the smallest shift of the mix, then those that hold."""
    order = {State.BELOW: 0.0, State.CROSSES: 1.0, State.UNSURE: 2.0}.get(line.state, 3.0)
    return (order, line.divergence, line.title)


def _estimates(line: ShiftLine, found: Shifts, level: float) -> Iterator[Estimate]:
    low = min(line.crossing.low, line.value)
    yield Estimate(
        "load_line", line.value, low, line.high, level, found.rows, METHOD, line.unit, line.where
    )
    if line.moved is not None:
        yield line.moved


def _findings(lines: Sequence[ShiftLine], found: Shifts) -> Iterator[Finding]:
    below = [line for line in lines if line.state is State.BELOW]
    if below:
        first = next(j for j in found.judged if j.metric == below[0].metric)
        yield Finding(
            Status.FAIL,
            "The model breaks its limit before the population shifts.",
            f"On today's {found.rows:,} rows {title(first.metric)} is {first.clean.value:.4g}, likely "
            f"{first.clean.low:.4g} to {first.clean.high:.4g}; the limit is {first.words}.",
            "Mend the model first; then ask how far its population may shift.",
        )
        return
    yield from _moved(lines)
    many = len(found.judged) > 1
    crossed = [line for line in lines if line.state is State.CROSSES]
    unsure = [line for line in lines if line.state is State.UNSURE]
    held = [line for line in lines if line.state is State.HOLDS]
    if crossed:
        told = "; ".join(said(line, many) for line in crossed[:WEAKEST])
        yield Finding(
            Status.PASS,
            "The smallest shift of the population that breaks the limit is known.",
            f"{told[0].upper()}{told[1:]}. Of {len(lines)} shifts {len(crossed)} broke it, {len(held)} did "
            f"not as far as 100 effective rows, and of {len(unsure)} it cannot be told. "
            f"{limits(found)}",
            "Compare with where the model goes; judge it on such rows if they are beyond the load line.",
            crossed[0].where,
        )
    elif unsure:
        told = "; ".join(said(line, many) for line in unsure[:WEAKEST])
        yield Finding(
            Status.UNSURE,
            "These rows do not show whether a shift of the population breaks the limit.",
            f"As measured none does, as far as 100 effective rows, but not surely: {told}. "
            f"{limits(found)}",
            "Judge the model on more rows, most of all on those that the shift would bring.",
            unsure[0].where,
        )
    else:
        yield Finding(
            Status.PASS,
            "No shift of the population that these rows can show breaks the limit.",
            f"{len(lines)} shifts were followed as far as 100 effective rows; the least of the farthest: "
            f"{said(lines[0], many)}. {limits(found)}",
            "Nothing, as long as the rows to come are of the kinds that are here.",
        )
    yield from _prevalence(lines)


def _moved(lines: Sequence[ShiftLine]) -> Iterator[Finding]:
    """Yield shifts of which another as large as the one since the reference would break the limit."""
    for line in lines:
        moved = line.moved
        if moved is None or line.state not in (State.CROSSES, State.UNSURE) or moved.low <= 0:
            continue
        if moved.value <= line.crossing.low:
            continue
        surely = moved.low > line.high
        yield Finding(
            Status.FAIL if surely else Status.UNSURE,
            f"Another shift like the one since the reference {'would' if surely else 'might'} break the "
            "limit.",
            f"From the reference to today it was {moved.value:.2g} {line.unit}, likely {moved.low:.2g} to "
            f"{moved.high:.2g}. From today on the model carries: {said(line)}.",
            "See whether the shift goes on, and judge the model on the newest rows by themselves.",
            line.where,
        )


def _prevalence(lines: Sequence[ShiftLine]) -> Iterator[Finding]:
    """Say between which shares of a label the limit holds."""
    labels = dict.fromkeys(line.where.label for line in lines if line.where.stress == PRIOR)
    for label in labels:
        mine = [x for x in lines if x.where.stress == PRIOR and x.where.label == label]
        if len(mine) == 2 and any(x.state is State.CROSSES for x in mine):
            yield Finding(
                Status.PASS,
                "The shares of a label between which the limit holds are known.",
                prevalence_range(mine),
                "Compare with how frequent the label is where the model goes; move the threshold with it.",
                mine[0].where,
            )


def _left_out(found: Shifts) -> str:
    words = f"{found.rows_said[0].upper()}{found.rows_said[1:]} were weighed anew"
    return f"{words}; left out: {', '.join(found.left_out)}." if found.left_out else f"{words}."
