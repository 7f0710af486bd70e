"""STR009  Does it take stress better than another model would?

## What it measures
Errors under every kind of stress, divided by those of a named model (`--against`) on the same rows with
the same faults in them: the *corruption error* of a kind, and its mean over the kinds (*mCE*). Below 1 the
model makes fewer errors than the other one. *Relative* mCE divides only what stress adds to the errors on
clean rows.

## Why it matters
Some faults are hard for anybody. One error in three under heavy noise may be what is left of the signal,
or it may be a model that a plain linear one would beat there. A model that wins on clean rows by a point
and loses under every fault by five is no progress, and no number about it alone shows that.

## How
Each stress stands at five severities, a fifth of its greatest to all of it; stresses of one kind are added
up, so a kind counts once however many columns it hits. Errors are wrong decisions, in a regression
absolute errors. CE is the sum of the model's errors over that of the baseline's, as Hendrycks and
Dietterich define it (arXiv:1903.12261), mCE the mean of CE. Intervals are from the influence of every row
on both models' errors, paired (doi:10.1080/01621459.1974.10482962); kinds in which the model is worse are
told after Holm's correction. Simple models are fitted on the reference as in BAS002; the champion is
asked.

## When it cannot tell
Without a baseline, for numbers under different baselines do not compare; the full suite takes a linear
model where none is named. The simple models answer with the average where they do not know a value, and so
never fail to run; a stress under which the model judged does not run is left out and named. Relative mCE
is taken over the kinds that surely make the baseline worse, and flatters a model that is bad on clean
rows: see both. A constant is not harmed by anything.

## What to do
Where the baseline is better under a kind of stress, look at what the model does with it (its load line is
in STR001) and train with the fault, or fall back on the simple model when the fault is seen. Make it a
gate: `"robustness.mean_corruption_error" = { max = 1.0 }`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from scipy.special import ndtr

from plimsoll.checks.robustness.trial import why_not
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Figure, Finding, Judgement, Status, Table, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.core.trial import Trial
from plimsoll.probes.baselines import inputs_of
from plimsoll.stats.family import holm
from plimsoll.stats.interval import z_quantile
from plimsoll.stats.row_measures import title
from plimsoll.trials.against import CHAMPION, Against, AgainstTrial, KindErrors

CARD = Card(
    "STR009",
    title="Errors under stress beside a baseline",
    question="Does it take stress better than another model would?",
    area="robustness",
    needs="a model that can be asked, labels, and the name of a baseline",
    cost="one call of each model for a stress of a share of rows, five for a magnitude",
    measures=(
        Measure("mean_corruption_error", "mean corruption error", "lower", None, 0.0, None),
        Measure("corruption_error", "corruption error", "lower", None, 0.0, None),
        Measure(
            "relative_mean_corruption_error",
            "relative mean corruption error",
            "lower",
            None,
            None,
            None,
        ),
    ),
    suites=("stress", "full"),
    evidence=("robustness.stress", "performance.baseline"),
    sources=("arXiv:1903.12261",),
    gated_by="against",
)
AGAINST = "against"
NAMED = 4
"""Kinds that a sentence names."""
_NAMES = {
    "constant": "a constant",
    "best_feature": "the one best input",
    "linear": "a linear model",
    "gradient_boosting": "a small gradient-boosted model",
    CHAMPION: "the champion",
}


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Nothing of the scan; see :func:`trials`."""
    return {}


def trials(subject: Subject, options: Options) -> Mapping[str, Trial]:
    """Ask the model and the baseline about the same stressed rows."""
    if _why_not(subject, options):
        return {}
    return {
        AGAINST: AgainstTrial(
            subject,
            options.stress,
            level=options.confidence,
            seed=options.seed,
            full=options.suite == "full",
        )
    }


def _why_not(subject: Subject, options: Options) -> str:
    why, name = why_not(subject), options.stress.against
    if why:
        return why
    if name is None:
        return "no baseline was named; --against linear names one"
    if name == CHAMPION:
        return ""
    if not subject.has_reference:
        return f"no reference was given to fit {_NAMES[name]} on"
    if not subject.reference_labelled:
        return f"the reference has no target column to fit {_NAMES[name]} on"
    return "" if inputs_of(subject) else "the data and the reference share no input columns"


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Say under which kinds of stress the model makes fewer errors than the baseline."""
    if AGAINST not in context.outcomes:
        return not_given(_why_not(context.subject, context.options))
    found = context.outcome(AGAINST, Against)
    if found.reason:
        return not_given(found.reason)
    rest = tuple(_left_out(found))
    if found.mean is None:
        return Judgement(findings=rest) if rest else not_given("no stress fits these columns")
    means = (found.mean, *(() if found.relative is None else (found.relative,)))
    ratios = tuple(k.ratio for k in found.kinds if k.ratio is not None)
    findings = (_overall(found, found.mean), *_worse(found), *rest)
    return Judgement((*means, *ratios), findings, (_figure(found),), (_table(found),))


def _overall(found: Against, mean: Estimate) -> Finding:
    name = _NAMES[found.baseline]
    status, said, action = _standing(mean)
    own, theirs = found.own, found.theirs
    assert own is not None
    assert theirs is not None
    numbers = f"For every 100 errors of {name} it makes {_hundreds(mean)} under stress (mCE)"
    if theirs.value > 0:
        numbers += f", on clean rows {100 * own.value / theirs.value:.0f}"
    if found.relative is not None:
        numbers += (
            f". For every 100 that stress adds there, it adds {_hundreds(found.relative)} here"
        )
    numbers += "."
    return Finding(
        status, said.format(name=name), numbers, action, Where(model=found.baseline), (mean,)
    )


def _standing(mean: Estimate) -> tuple[Status, str, str]:
    if mean.high < 1.0:
        return Status.PASS, "Under stress it makes fewer errors than {name}.", "Nothing."
    if mean.low > 1.0:
        return (
            Status.FAIL,
            "Under stress it makes more errors than {name}.",
            "See by kind where it loses; train with those faults, or use the other model.",
        )
    return (
        Status.UNSURE,
        "These rows do not show which of the two makes fewer errors under stress, it or {name}.",
        "Ask about more rows with --ask-rows.",
    )


def _worse(found: Against) -> Iterator[Finding]:
    """Tell the kinds in which the model surely makes more errors than the baseline."""
    told = [k for k in found.kinds if k.ratio is not None]
    p = [_p(k.ratio) for k in told if k.ratio is not None]
    level = found.mean.level if found.mean is not None else 0.95
    worse = [k for k, adjusted in zip(told, holm(np.array(p)), strict=True) if adjusted < 1 - level]
    if not worse:
        return
    name = _NAMES[found.baseline]
    listed = "; ".join(f"{k.title} {_of(k)}" for k in worse[:NAMED])
    more = f"; and {len(worse) - NAMED} more" if len(worse) > NAMED else ""
    yield Finding(
        Status.FAIL,
        f"Under some kinds of stress {name} makes fewer errors.",
        f"For every 100 errors of {name}: {listed}{more}.",
        "Train with these faults, or fall back on the other model where they are seen.",
        Where(model=found.baseline),
        tuple(k.ratio for k in worse[:NAMED] if k.ratio is not None),
    )


def _p(ratio: Estimate | None) -> float:
    """Return the two-sided p-value of a ratio above 1; 1 where it is not above."""
    assert ratio is not None
    error = (ratio.high - ratio.low) / 2.0 / z_quantile(ratio.level)
    if ratio.value <= 1.0:
        return 1.0
    return float(2.0 * ndtr(-(ratio.value - 1.0) / error)) if error > 0 else 0.0


def _hundreds(e: Estimate) -> str:
    return f"{100 * e.value:.0f} ({100 * e.low:.0f} to {100 * e.high:.0f})"


def _of(one: KindErrors) -> str:
    assert one.ratio is not None
    return _hundreds(one.ratio)


def _left_out(found: Against) -> Iterator[Finding]:
    if found.undone:
        yield Finding(
            Status.UNSURE,
            "Not every stress was run for the model and the baseline.",
            f"{len(found.undone)} were left out, for {found.stopped or 'the model gave no answer'}.",
            "Give more time with --budget, or fewer rows with --ask-rows.",
        )
    if found.refused:
        names = ", ".join(name for name, _ in found.refused[:NAMED])
        more = f" and {len(found.refused) - NAMED} more" if len(found.refused) > NAMED else ""
        yield Finding(
            Status.UNSURE,
            "Some stresses count for neither, for one of the two did not run.",
            f"{names}{more}. {found.refused[0][1]}",
            "See STR001 for what the model does not run with.",
        )


def _figure(found: Against) -> Figure:
    told = [(k.title, k.ratio) for k in found.kinds if k.ratio is not None]
    assert found.mean is not None
    rows = [("all kinds (mCE)", found.mean), *told]
    return Figure(
        "interval",
        f"Errors under stress for each error of {_NAMES[found.baseline]}",
        "Below 1 the model makes fewer errors than the baseline, on the same rows with the same faults.",
        {
            "corruption error": {
                "label": [label for label, _ in rows],
                "value": [e.value for _, e in rows],
                "low": [e.low for _, e in rows],
                "high": [e.high for _, e in rows],
            }
        },
        {"bound": 1.0, "x_title": "corruption error"},
    )


def _table(found: Against) -> Table:
    rows = tuple(
        (
            k.title,
            k.stresses,
            k.own.value,
            k.baseline.value,
            None if k.ratio is None else k.ratio.value,
            None if k.ratio is None else k.ratio.low,
            None if k.ratio is None else k.ratio.high,
        )
        for k in found.kinds
    )
    named = title(found.error)
    return Table(
        "Errors by kind of stress",
        ("kind", "stresses", named, f"{named} of the baseline", "corruption error", "from", "to"),
        rows,
        f"Means over five severities. Asked: {found.rows_said}.",
    )
