"""BAS002  Does it beat what little effort buys?

## What it measures
The paired difference, on the same rows, between the model and four simple ones fitted on the
reference: a constant (the class frequencies or the mean), the one input that predicts best, a
ridge-penalised linear model, and a small gradient-boosted one. None of them is tuned.

## Why it matters
If one column does as well, ship the column. If a linear model does as well, ship that: it is easier
to explain, cheaper to run and breaks in fewer ways. If an untuned boosted model does better,
something was left on the table.

## How
The baselines see at most 50,000 rows of the reference, chosen by the hash of their key, with the
raw columns as inputs, and answer for the same rows as the model. Differences are paired: DeLong's
test for the area under the ROC curve (doi:10.2307/2531595) on up to 200,000 rows, the mean of the
row-by-row difference for losses, a jackknife over 64 hash buckets for the rest. The model is
*non-inferior* where the whole interval is above minus the margin (0.01 in area or R2 or balanced
accuracy, 0.01 nats in log loss), *inferior* where it is wholly below, else *unsure*.

## When it cannot tell
Without a labelled reference with input columns. If the reference holds the rows that are judged,
the baselines have seen the answers: keep them apart. A column that leaks the label makes the one
best input look brilliant, which is a finding of its own.

## What to do
If it is inferior to a simple model, look for a defect in the pipeline first. Set a limit with
`baseline = { non_inferior_to = "linear", metric = "roc_auc", margin = 0.01 }` to have it gate.
"""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.checks.baselines.rivals import differences, rival_needs, rows_compared
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Figure, Finding, Judgement, Status, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Rival, Subject, Task
from plimsoll.core.tally import Need, Tallies
from plimsoll.probes.baselines import KINDS, Baselines, inputs_of
from plimsoll.stats.paired import non_inferiority
from plimsoll.tallies.sample import Sample

CARD = Card(
    "BAS002",
    title="Simple models",
    question="Does it beat what little effort buys?",
    area="baselines",
    needs="a labelled reference with input columns",
    cost="one scan, one of the reference, and three small fits",
    measures=(Measure("difference", "difference", "neither", None, None, None),),
    suites=("standard", "full"),
    evidence=("performance.baseline",),
    sources=("doi:10.2307/2531595",),
)
MARGIN = 0.01
_NAMES = {
    "constant": "a constant",
    "best_feature": "the one best input",
    "linear": "a linear model",
    "gradient_boosting": "a small gradient-boosted model",
}


def probe(subject: Subject, options: Options) -> Baselines:
    """Return the probe that fits and asks the baselines."""
    return Baselines(
        subject.task, len(subject.classes), inputs_of(subject), KINDS, seed=options.seed
    )


def rivals(subject: Subject) -> list[Rival]:
    """Return the baselines as rivals: they give everything that the task has."""
    answers = subject.is_classification
    return [Rival(kind, answers, answers, True) for kind in KINDS]


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """The paired tallies of every baseline."""
    if not (subject.reference_labelled and inputs_of(subject)):
        return {}
    asked = probe(subject, options)
    out: dict[str, Need] = dict(asked.needs())
    for rival in rivals(subject):
        out |= rival_needs(subject, rival, asked, all_measures=False)
    return out


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Hold the model against each baseline."""
    subject = context.subject
    if not subject.has_reference:
        return not_given("no reference was given to fit simple models on")
    if not subject.reference_labelled:
        return not_given("the reference has no target column to fit simple models on")
    if not inputs_of(subject):
        return not_given("the data and the reference share no input columns")
    if not tallies.take("train", Sample).used:
        return not_given("no row of the reference has a label to fit simple models on")
    level = context.options.confidence
    estimates: list[Estimate] = []
    findings: list[Finding] = []
    for rival in rivals(subject):
        found = differences(tallies, subject, rival, level)
        if rival.name == "constant":  # BAS001 has these, where what a constant reaches is known
            found = [
                e for e in found if e.where.metric not in ("roc_auc", "balanced_accuracy", "r2")
            ]
        estimates += found
        primary = next((e for e in found if e.where.metric == _primary(subject)), None)
        if primary is not None and rival.name != "constant":
            findings.append(_finding(primary, rival.name))
    figure = _figure(estimates, _primary(subject))
    reason = _used(tallies)
    return Judgement(
        tuple(estimates), tuple(findings), () if figure is None else (figure,), reason=reason
    )


def _primary(subject: Subject) -> str:
    if subject.task is Task.REGRESSION:
        return "r2"
    if subject.task is Task.BINARY and subject.has_scores:
        return "roc_auc"
    return "log_loss" if subject.has_probabilities else "balanced_accuracy"


def _used(tallies: Tallies) -> str | None:
    """Say how many rows were used where some were not."""
    said = []
    train = tallies.take("train", Sample)
    if train.used < train.rows:
        said.append(f"the simple models were fitted on {train.used:,} of {train.rows:,} rows")
    compared = rows_compared(tallies)
    if compared is not None:
        said.append(compared)
    return "; ".join(said).capitalize() + ", chosen by their hash." if said else None


def _finding(difference: Estimate, kind: str) -> Finding:
    metric = difference.where.metric or ""
    better = "lower" if metric == "log_loss" else "higher"
    status = non_inferiority(difference, MARGIN, better)
    likely = (
        f"The difference in {metric} is {difference.value:+.4f}, "
        f"likely {difference.low:+.4f} to {difference.high:+.4f}."
    )
    title, action = {
        Status.PASS: (f"The model keeps up with {_NAMES[kind]}.", "Nothing."),
        Status.FAIL: (
            f"The model is worse than {_NAMES[kind]}.",
            "Look for a defect in the pipeline, or use the simple model.",
        ),
        Status.UNSURE: (
            f"These rows do not show whether the model keeps up with {_NAMES[kind]}.",
            "Judge both on more labelled rows.",
        ),
    }[status]
    return Finding(status, title, likely, action, difference.where, (difference,))


def _figure(estimates: list[Estimate], metric: str) -> Figure | None:
    shown = [e for e in estimates if e.where.metric == metric]
    if not shown:
        return None
    return Figure(
        "interval",
        f"Difference in {metric} from simple models",
        "The model minus the simple one, on the same rows."
        + (
            " Left of 0 the model is better."
            if metric == "log_loss"
            else " Right of 0 it is better."
        ),
        {
            "difference": {
                "label": [_NAMES[e.where.model or ""] for e in shown],
                "value": [e.value for e in shown],
                "low": [e.low for e in shown],
                "high": [e.high for e in shown],
            }
        },
        {"bound": 0.0, "x_title": f"Difference in {metric}"},
    )
