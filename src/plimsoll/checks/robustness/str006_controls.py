"""STR006  Is the model still while it is measured, and can the stress suite see anything?

## What it measures
Controls. One must change nothing: the same rows are asked again, in reversed order, and a few at a time;
the share of rows whose answer changes. One must leave nothing: every row is given the inputs of other
rows; the measure must then be no better than chance.

## Why it matters
A model that answers differently each time, or differently in a batch of a hundred than in one of ten
thousand, cannot be judged by any test that asks it twice, and cannot be served as it was tested. And if a
model stays good with inputs that have nothing to do with the row, its answers come from somewhere else,
such as a column that leaks the target past the inputs that were changed.

## How
Answers are compared with those of the scan, score by score; up to 1e-6 counts as the same. Reversed order
and parts of 97 rows are asked on the first 2,000 rows. Inputs of other rows are drawn column by column
from the reference.

## When it cannot tell
Whether restlessness is meant (dropout left on, a sampling model). A model with a state that changes with
every call is caught only as far as these calls show it.

## What to do
Fix seeds, switch the model to evaluation, sort nothing by batch, and look at layers or aggregates that
work over the rows of a batch. If answers survive inputs of other rows, see which columns were not among
the inputs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plimsoll.checks.robustness.trial import load_line_trial, why_not
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Finding, Judgement, Status, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.core.trial import Trial
from plimsoll.stats.proportion import wilson
from plimsoll.stats.row_measures import title
from plimsoll.trials.controls import SMALL
from plimsoll.trials.lines import Controls, LoadLines

CARD = Card(
    "STR006",
    title="Controls",
    question="Is the model still while it is measured, and can the stress suite see anything?",
    area="robustness",
    needs="a model that can be asked, and labels",
    cost="about 25 calls of the model, most of them small",
    measures=(Measure("changed_answers", "share of answers that changed", "lower"),),
    suites=("stress", "full"),
    evidence=("robustness.controls",),
    sources=("https://arxiv.org/abs/1810.03292",),
)
LINES = "lines"
_WAYS = {
    "again": ("when it is asked again", "The model changes its answers by itself."),
    "order": ("when the rows come in another order", "Answers depend on the order of the rows."),
    "batch": (
        "when a few rows are asked at a time",
        "Answers depend on which rows are asked together.",
    ),
}


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Nothing of the scan; see :func:`trials`."""
    return {}


def trials(subject: Subject, options: Options) -> Mapping[str, Trial]:
    """The trial of the load lines, whose controls these are."""
    trial = load_line_trial(subject, options)
    return {} if trial is None else {LINES: trial}


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Say whether the controls came out as they must."""
    if LINES not in context.outcomes:
        return not_given(why_not(context.subject))
    found = context.outcome(LINES, LoadLines)
    if found.reason or found.controls is None:
        return not_given(found.reason or found.stopped or "the controls were not run")
    controls = found.controls
    estimates = list(_estimates(controls, found.rows, context))
    if controls.destroyed is not None:
        estimates.append(controls.destroyed)
    return Judgement(tuple(estimates), tuple(_findings(controls, found)))


def _estimates(controls: Controls, rows: int, context: Context) -> Iterator[Estimate]:
    small = min(rows, SMALL)
    for way, n in (("again", rows), ("order", small), ("batch", small)):
        share = getattr(controls, way)
        if share is not None:
            level = context.options.confidence
            low, high = wilson(share * n, n, level)
            where = Where(variant=way)
            yield Estimate("changed_answers", share, low, high, level, n, "Wilson", where=where)


def _findings(controls: Controls, found: LoadLines) -> Iterator[Finding]:
    still = True
    for way, (when, heading) in _WAYS.items():
        share = getattr(controls, way)
        if share is None or share == 0:
            continue
        still = False
        yield Finding(
            Status.FAIL,
            heading,
            f"{_of(share)} rows get another answer {when}. What a stress does cannot be told from that.",
            "Fix seeds, switch the model to evaluation, and see what in it works over a whole batch.",
            Where(variant=way),
        )
    for text in controls.said:
        still = False
        yield Finding(
            Status.FAIL,
            "The model answers once and not again.",
            f"{text[0].upper()}{text[1:]}",
            "See what the model keeps from one call to the next, and how many rows it needs at once.",
        )
    e = controls.destroyed
    if e is not None and controls.destroyed_better:
        yield Finding(
            Status.FAIL,
            "The model stays better than chance with the inputs of other rows.",
            f"The {title(e.name)} is then {e.value:.4g}, likely {e.low:.4g} to {e.high:.4g}, where "
            f"chance is {controls.chance:.4g}.",
            "See which columns the model reads that are not among its inputs here.",
            estimates=(e,),
        )
    elif e is not None and still:
        yield Finding(
            Status.PASS,
            "The controls came out as they must.",
            f"Asked again, in another order and a few rows at a time, no answer changed; with the inputs of "
            f"other rows {title(e.name)} falls to {e.value:.4g} (chance: {controls.chance:.4g}).",
            "Nothing.",
        )


def _of(share: float) -> str:
    return f"{100 * share:.0f} of 100" if share >= 0.01 else f"{10_000 * share:.0f} of 10,000"
