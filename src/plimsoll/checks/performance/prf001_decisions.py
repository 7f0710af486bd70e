"""PRF001  How often are the decisions right?

## What it measures
Accuracy, balanced accuracy, precision, recall, specificity, F1, the Matthews correlation, the error
rates, how often the positive class is chosen (selection rate) and how often it occurs (base rate).
With more than two classes precision, recall and F1 are averages over classes (macro), and each
class has its own.

## Why it matters
This is what people meet: the loan refused, the patient called back. One number hides half of it;
accuracy is high for a model that never raises an alarm where alarms are rare.

## How
All follow from the counts of true and predicted class. A decision comes from the prediction column,
from the model's own `predict`, or from score >= threshold; the report says which. Shares have
Wilson's interval on their own denominator (Wilson 1927, doi:10.1080/01621459.1927.10502953). F1
follows from the share TP/(TP+FP+FN). Averages over classes combine the classes' intervals by
square-and-add (Zou and Donner 2008, doi:10.1002/sim.3095). With a group column, whole groups are
left out in turn (delete-a-group jackknife), for rows of one customer are not so many independent
rows. Weights are honoured throughout.

## When it cannot tell
Without decisions: a score that only orders the rows has no threshold. A share without rows behind
it (the precision of a model that never says yes) is left out, never given as 0. With fewer than
about 30 rows of a class the interval is wide, and that is the answer.

## What to do
Look at precision and recall together, weigh the two kinds of error by their costs (PRF005), and set
limits where a wrong decision hurts.
"""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Finding, Judgement, Status, Table, not_applicable
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Side, Tallies
from plimsoll.stats.class_average import (
    balanced_accuracy,
    macro_f1,
    macro_precision,
    macro_recall,
    matthews_corrcoef,
)
from plimsoll.stats.confusion import (
    ConfusionCounts,
    accuracy,
    base_rate,
    f1,
    false_negative_rate,
    false_positive_rate,
    precision,
    recall,
    selection_rate,
    specificity,
)
from plimsoll.tallies.confusion import Confusion
from plimsoll.tallies.shared import confusion

_RIGHT = "The decision is right for about {value} of 100 rows (likely {low} to {high})."
CARD = Card(
    "PRF001",
    title="Decisions",
    question="How often are the decisions right?",
    area="performance",
    needs="a target, and decisions or probabilities",
    measures=(
        Measure("accuracy", "accuracy", plain=_RIGHT, style="per100"),
        Measure("balanced_accuracy", "balanced accuracy"),
        Measure(
            "precision",
            "precision",
            plain="Of 100 it flags, about {value} are right (likely {low} to {high}).",
            style="per100",
        ),
        Measure(
            "recall",
            "recall",
            plain="Of 100 it should find, it finds about {value} (likely {low} to {high}).",
            style="per100",
        ),
        Measure("specificity", "specificity"),
        Measure("f1", "F1 score"),
        Measure("matthews_corrcoef", "Matthews correlation", low=-1.0),
        Measure("selection_rate", "selection rate", better="neither", style="per100"),
        Measure("base_rate", "base rate", better="neither", style="per100"),
        Measure("false_positive_rate", "false positive rate", better="lower", style="per100"),
        Measure("false_negative_rate", "false negative rate", better="lower", style="per100"),
    ),
    evidence=("performance.accuracy",),
    sources=("doi:10.1080/01621459.1927.10502953", "doi:10.1002/sim.3095"),
    suites=("quick", "standard", "stress", "full"),
)
MOST_CLASSES = 50


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Counts of true and predicted class, on the reference too where a drop is limited."""
    if not (subject.is_classification and subject.has_prediction):
        return {}
    out = {"now": Need(confusion(subject))}
    if options.on_reference and subject.reference_answered:
        out["then"] = Need(confusion(subject, Side.REFERENCE), Side.REFERENCE)
    return out


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Measure the decisions."""
    subject = context.subject
    if not subject.is_classification:
        return not_applicable("a regression makes no decisions between classes")
    if "now" not in tallies:
        return not_applicable(
            "the scores only order the rows and no threshold or prediction is given"
        )
    level = context.options.confidence
    table = ConfusionCounts(*tallies.take("now", Confusion).parts())
    estimates = measure(table, subject, level)
    if "then" in tallies:
        before = ConfusionCounts(*tallies.take("then", Confusion).parts())
        then = measure(before, subject, level)
        estimates += [e.at(Where(label=e.where.label, variant="reference")) for e in then]
    return Judgement(
        tuple(estimates), tuple(_findings(table, subject)), tables=(_table(table, subject),)
    )


def measure(table: ConfusionCounts, subject: Subject, level: float) -> list[Estimate]:
    """Return every measure of the task that is defined on these counts."""
    found: list[Estimate | None] = [
        accuracy(table, level=level),
        balanced_accuracy(table, level=level),
        matthews_corrcoef(table, level=level),
    ]
    if subject.task is Task.BINARY:
        found += [
            formula(table, level=level)
            for formula in (
                precision,
                recall,
                specificity,
                f1,
                selection_rate,
                base_rate,
                false_positive_rate,
                false_negative_rate,
            )
        ]
        return [e for e in found if e is not None]
    found += [
        macro_precision(table, level=level),
        macro_recall(table, level=level),
        macro_f1(table, level=level),
    ]
    for code, label in enumerate(subject.classes[:MOST_CLASSES]):
        for formula in (precision, recall, f1):
            estimate = formula(table, code, level=level)
            found.append(None if estimate is None else estimate.at(Where(label=label)))
    return [e for e in found if e is not None]


def _findings(table: ConfusionCounts, subject: Subject) -> list[Finding]:
    out = []
    predicted, true = table.rows.sum(axis=0), table.rows.sum(axis=1)
    for code, label in enumerate(subject.classes):
        if subject.task is Task.BINARY and code == 0:
            continue
        if true[code] and not predicted[code]:
            out.append(
                Finding(
                    Status.FAIL,
                    f"The class '{label}' is never chosen.",
                    f"{int(true[code])} rows belong to it and every one of them is missed.",
                    "Lower the threshold, or look whether the model was trained on this class at all.",
                    Where(label=label),
                )
            )
    return out


def _table(table: ConfusionCounts, subject: Subject) -> Table:
    shown = subject.classes[:12]
    rows = tuple(
        (f"truly {label}", *(int(n) for n in table.rows[i, : len(shown)]))
        for i, label in enumerate(shown)
    )
    caption = "" if len(shown) == len(subject.classes) else "The first 12 classes."
    return Table("Decisions by true class", ("", *(f"decided {c}" for c in shown)), rows, caption)
