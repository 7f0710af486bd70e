"""BAS001  Is it better than always giving the same answer?

## What it measures
How far the model is above a constant: the area under the ROC curve above 0.5 where there are
scores, balanced accuracy above one in the number of classes where there are only decisions, R2
above 0 for a regression.

## Why it matters
A model that is no better than a constant costs money and wins nothing, however well it does on
accuracy where one class is rare. This needs no limit from anybody, so it decides the verdict.

## How
The measures and intervals are those of PRF001, PRF002 and PRF004; what a constant reaches is known
exactly. PASS if the whole interval lies above it. FAIL if it does not and the upper end is below a
margin of 0.05 (0.05 of the way for balanced accuracy): such a model, if it helps at all, helps too
little to see. Otherwise UNSURE, with the rows that would settle it.

## When it cannot tell
A weak but real effect needs many rows: 0.52 needs about 10,000. A model that is better than a
constant can still be worse than the one best input (BAS002).

## What to do
If it fails: check that score and label belong together (a join, the positive class, the order of
classes) before blaming the model. If it is unsure: more labelled rows, as many as it says.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Finding, Judgement, Status, not_applicable
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Tallies
from plimsoll.stats.adjust import rounded_up
from plimsoll.stats.auc import macro_roc_auc, roc_auc
from plimsoll.stats.class_average import balanced_accuracy
from plimsoll.stats.confusion import ConfusionCounts
from plimsoll.stats.power import rows_to_settle
from plimsoll.stats.regression import TargetSums, r2
from plimsoll.stats.score_cells import ScoreCells
from plimsoll.tallies.confusion import Confusion
from plimsoll.tallies.histogram import Histogram
from plimsoll.tallies.shared import (
    bucketed_score_cells,
    clustered,
    confusion,
    score_cells,
    weighted,
)
from plimsoll.tallies.spread import Spread

CARD = Card(
    "BAS001",
    title="Better than a constant",
    question="Is it better than always giving the same answer?",
    area="baselines",
    needs="scores, decisions or predicted numbers",
    measures=(Measure("difference", "difference", "neither", None, None, None),),
    evidence=("performance.baseline",),
)
MARGIN = 0.05
MOST_CLASSES = 50
"""Beyond, decisions are judged and not scores: a histogram for every class would cost too much."""


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """What the measure of the task is made of."""
    if subject.task is Task.REGRESSION:
        return {"spread": Need(Spread(weighted=weighted(subject)))}
    if subject.has_scores and subject.task is Task.BINARY:
        make = bucketed_score_cells if clustered(subject) else score_cells
        return {"scores": Need(make(subject))}
    if subject.has_scores and len(subject.classes) <= MOST_CLASSES:
        codes = range(len(subject.classes))
        return {f"scores {code}": Need(bucketed_score_cells(subject, code)) for code in codes}
    return {"decisions": Need(confusion(subject))} if subject.has_prediction else {}


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Hold the measure against what a constant reaches."""
    level = context.options.confidence
    found = _measure(tallies, context.subject, level)
    if found is None and not tallies:
        return not_applicable("there are neither scores nor decisions")
    if found is None:
        return Judgement(findings=(_UNTOLD,))
    estimate, constant = found
    difference = replace(
        estimate,
        name="difference",
        value=estimate.value - constant,
        low=estimate.low - constant,
        high=estimate.high - constant,
        where=Where(metric=estimate.name, model="constant"),
    )
    margin = MARGIN * 2 * (1 - constant) if context.subject.is_classification else MARGIN
    return Judgement((difference,), (_finding(difference, margin, context.rows),))


def _measure(tallies: Tallies, subject: Subject, level: float) -> tuple[Estimate, float] | None:
    """Return the estimate and what a constant reaches, or None where it cannot be told."""
    if subject.task is Task.REGRESSION:
        estimate = r2(TargetSums.of_table(tallies.take("spread", Spread).parts), level=level)
        return None if estimate is None else (estimate, 0.0)
    if "scores" in tallies:
        cells = ScoreCells(*tallies.take("scores", Histogram).by_label())
        estimate = roc_auc(cells, level=level)
        return None if estimate is None else (estimate, 0.5)
    if "decisions" in tallies:
        table = ConfusionCounts(*tallies.take("decisions", Confusion).parts())
        estimate = balanced_accuracy(table, level=level)
        present = np.count_nonzero(table.rows.sum(axis=1))
        return None if estimate is None else (estimate, 1 / present)
    if not tallies:
        return None
    classes = [ScoreCells(*tallies.take(name, Histogram).by_label()) for name in tallies]
    estimate = macro_roc_auc(classes, level=level)
    return None if estimate is None else (estimate, 0.5)


_UNTOLD = Finding(
    Status.UNSURE,
    "These rows cannot show whether the model is better than a constant.",
    "They hold one class only, one group of rows only, or one and the same target, so nothing can be "
    "measured against it.",
    "Judge it on rows that differ in their target and, where a group column is named, in their group.",
    critical=True,
)


def _finding(difference: Estimate, margin: float, rows: int) -> Finding:
    metric = difference.where.metric
    likely = f"{difference.value:+.3f} in {metric}, likely {difference.low:+.3f} to {difference.high:+.3f}"
    if difference.low > 0:
        return Finding(
            Status.PASS,
            "The model is better than a constant.",
            f"It is {likely}, above always giving the same answer.",
            "Nothing.",
            estimates=(difference,),
            critical=True,
        )
    if difference.high < margin:
        return Finding(
            Status.FAIL,
            "The model is no better than a constant.",
            f"It is {likely}, against always giving the same answer.",
            "Check first that scores and labels belong together and that the positive class is right; "
            "if they are, do not use this model.",
            estimates=(difference,),
            critical=True,
        )
    needed = rows_to_settle(difference, 0.0, power=0.8)
    more = "No number of rows like these would settle it."
    if needed is not None and difference.value > 0:
        total = rounded_up(math.ceil(needed * rows / max(difference.n, 1)))
        more = f"About {total:,} labelled rows would settle it."
    return Finding(
        Status.UNSURE,
        "These rows do not show that the model is better than a constant.",
        f"It is {likely}, against always giving the same answer. {more}",
        "Judge it on more labelled rows.",
        estimates=(difference,),
        critical=True,
    )
