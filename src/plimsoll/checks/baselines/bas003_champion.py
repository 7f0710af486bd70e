"""BAS003  Is it at least as good as the champion?

## What it measures
The paired difference between the model and a champion on the same rows, for every measure of the
task that both allow.

## Why it matters
Two models err on many of the same rows. Compared on the same rows the difference is far surer than
two separate numbers: for a margin of one point about 6,000 paired rows do what takes 16,000
unpaired ones.

## How
DeLong's paired test for the area under the ROC curve (doi:10.2307/2531595) on up to 200,000 rows;
the mean of the row-by-row difference for losses and errors; Tango's interval
(doi:10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B) for accuracy, recall,
specificity and selection rate, which are shares of the same rows; for other measures of decisions
the variance that leaving out one row shows; a jackknife over 64 hash buckets of rows for average
precision. With a group column whole groups are left out in turn.

## When it cannot tell
It compares on these rows and for this moment. "Not significantly worse" is not "as good": set a
margin and let the gate ask for non-inferiority.

## What to do
Set `baseline = { non_inferior_to = "champion", metric = "roc_auc", margin = 0.01 }`. PASS is
evidence that the model is no worse than the margin; UNSURE comes with the rows that would settle
it.
"""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.checks.baselines.rivals import differences, rival_needs, rows_compared
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Figure, Finding, Judgement, Status, not_applicable, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies

CARD = Card(
    "BAS003",
    title="Champion",
    question="Is it at least as good as the champion?",
    area="baselines",
    needs="a champion",
    cost="one scan, and the answers of both models",
    measures=(Measure("difference", "difference", "neither", None, None, None),),
    evidence=("performance.baseline", "change.control"),
    sources=("doi:10.2307/2531595",),
)
_LOWER = {"log_loss", "brier_score", "mean_absolute_error"}
_NEITHER = {"selection_rate"}


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """The paired tallies of every rival."""
    out: dict[str, Need] = {}
    for rival in subject.rivals:
        out |= rival_needs(subject, rival, None, all_measures=True)
    return out


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Measure the differences and name those that are clear."""
    subject = context.subject
    if not subject.rivals:
        return not_given("no champion was given")
    level = context.options.confidence
    estimates: list[Estimate] = []
    for rival in subject.rivals:
        estimates += differences(tallies, subject, rival, level)
    if not estimates:
        return not_applicable("the model and the champion answer with nothing that can be compared")
    limited = {limit.measure for limit in context.limits if limit.kind == "non_inferior_to"}
    findings = tuple(
        f for f in (_finding(e) for e in estimates if e.where.metric not in limited) if f
    )
    said = rows_compared(tallies)
    reason = None if said is None else f"{said.capitalize()}, chosen by the hash of what they hold."
    return Judgement(tuple(estimates), findings, (_figure(estimates),), reason=reason)


def _finding(difference: Estimate) -> Finding | None:
    metric = difference.where.metric or ""
    if metric in _NEITHER or difference.low <= 0 <= difference.high:
        return None
    better = (difference.value < 0) == (metric in _LOWER)
    return Finding(
        Status.PASS if better else Status.FAIL,
        f"The {metric} is {'better' if better else 'worse'} than the champion's.",
        f"The difference is {difference.value:+.4f}, likely {difference.low:+.4f} to "
        f"{difference.high:+.4f}, on the same rows.",
        "Nothing."
        if better
        else "Weigh it against what the model is better at before it replaces the champion.",
        difference.where,
        (difference,),
    )


def _figure(estimates: list[Estimate]) -> Figure:
    shown = [e for e in estimates if e.where.metric not in ("log_loss", "mean_absolute_error")]
    shown = shown or estimates
    return Figure(
        "interval",
        "Difference from the champion",
        "The model minus the champion, on the same rows. For losses and errors left of 0 is better, "
        "for all else right of 0.",
        {
            "difference": {
                "label": [e.where.metric for e in shown],
                "value": [e.value for e in shown],
                "low": [e.low for e in shown],
                "high": [e.high for e in shown],
            }
        },
        {"bound": 0.0, "x_title": "Difference"},
    )
