"""PRF005  Which threshold costs least?

## What it measures
The expected cost per 1,000 rows at every threshold, the threshold where it is lowest, and the range
of thresholds that are not distinguishably worse.

## Why it matters
0.5 is a habit, not a decision. Where a missed case costs ten times a false alarm, the best
threshold is far below it, and the same model becomes a better product without a new fit.

## How
Each kind of error is counted at every threshold from the histogram of score and label and weighed
by its cost (`--cost-false-positive`, `--cost-false-negative`). The lowest cost on these rows is
flattered by the choice; the cost given is that of each row at the threshold which the other rows
choose. Without costs the two kinds of error count alike, and the check says so.

## When it cannot tell
Without scores or without both classes. The plateau is wide where rows are few: then take the
threshold that is easiest to defend.

## What to do
Set the costs, even roughly; set `threshold` under `[subject]`; judge again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Figure, Finding, Judgement, Status, Table, not_applicable
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Tallies
from plimsoll.stats.interval import FloatArray
from plimsoll.stats.mean import LossSums, mean
from plimsoll.stats.score_cells import ScoreCells
from plimsoll.stats.threshold import (
    PER_ROWS,
    BestThreshold,
    best_threshold,
    confusion_at,
    decisions,
)
from plimsoll.tallies.confusion import Confusion
from plimsoll.tallies.histogram import Histogram
from plimsoll.tallies.shared import bucketed_score_cells, clustered, confusion, score_cells

CARD = Card(
    "PRF005",
    title="Decision threshold",
    question="Which threshold costs least?",
    area="performance",
    needs="scores of a binary task",
    measures=(
        Measure(
            "cost",
            "cost per 1,000 rows",
            "lower",
            high=None,
            plain="At the best threshold 1,000 rows cost about {value} (likely {low} to {high}).",
        ),
    ),
    evidence=("performance.decisions",),
)
POINTS = 200


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """The histogram of score and label, and the decisions as they are made."""
    if not (subject.has_scores and subject.task is Task.BINARY):
        return {}
    out = {"cells": Need(score_cells(subject))}
    if clustered(subject):
        out["by group"] = Need(bucketed_score_cells(subject))
    if subject.has_prediction:
        out["made"] = Need(confusion(subject))
    return out


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Weigh the two kinds of error at every threshold."""
    if "cells" not in tallies:
        return not_applicable("there are no scores of a binary task")
    costs = context.options.costs or (1.0, 1.0)
    if sum(costs) <= 0:
        return not_applicable("both kinds of error cost nothing")
    level = context.options.confidence
    fine = ScoreCells(*tallies.take("cells", Histogram).by_label())
    spread = fine
    if "by group" in tallies:
        spread = ScoreCells(*tallies.take("by group", Histogram).by_label())
    best = best_threshold(
        spread,
        false_positive=costs[0],
        false_negative=costs[1],
        rng=context.options.rng(CARD.code),
        level=level,
    )
    if best is None:
        return not_applicable("one of the classes has no rows")
    estimates = [replace(best.cost, where=Where(variant="best threshold"))]
    now = _cost_now(tallies, costs, level)
    if now is not None:
        estimates.append(now)
    findings = _finding(context, best, now)
    return Judgement(
        tuple(estimates),
        findings,
        (_figure(fine, costs, best),),
        (_table(fine, best, context, costs),),
    )


def _cost_now(tallies: Tallies, costs: tuple[float, float], level: float) -> Estimate | None:
    """Return the cost of the decisions as they are made, per 1,000 rows."""
    if "made" not in tallies:
        return None
    rows, weights, squares = tallies.take("made", Confusion).parts()
    price = np.array([[0.0, costs[0]], [costs[1], 0.0]])
    w = rows.astype(np.float64) if weights is None else weights
    w2 = rows.astype(np.float64) if squares is None else squares

    def total(x: FloatArray, power: int) -> FloatArray:
        summed: FloatArray = (x * price**power).sum(axis=(1, 2))
        return summed

    moments = [total(w, 1), total(w, 2), total(w, 3), total(w2, 1), total(w2, 2)]
    ones = [x.sum(axis=(1, 2)) for x in (rows.astype(np.float64), w, w2)]
    sums = LossSums(*(ones + moments))
    found = mean("cost", sums, level=level, low=0.0)
    if found is None:
        return None
    return replace(
        found,
        value=PER_ROWS * found.value,
        low=PER_ROWS * found.low,
        high=PER_ROWS * found.high,
        unit="per 1,000 rows",
    )


def _finding(context: Context, best: BestThreshold, now: Estimate | None) -> tuple[Finding, ...]:
    threshold = context.subject.threshold
    if now is None or threshold is None or context.options.costs is None:
        return ()
    if best.plateau_low <= threshold <= best.plateau_high or now.value <= best.cost.value:
        return ()
    return (
        Finding(
            Status.FAIL,
            "Another threshold would cost less.",
            f"At {threshold:.3g} 1,000 rows cost about {now.value:.4g}; at {best.threshold:.3g} about "
            f"{best.cost.value:.4g}.",
            f"Move the threshold into the range {best.plateau_low:.3g} to {best.plateau_high:.3g}.",
            estimates=(now, replace(best.cost, where=Where(variant="best threshold"))),
        ),
    )


def _table(
    cells: ScoreCells, best: BestThreshold, context: Context, costs: tuple[float, float]
) -> Table:
    rows = [("best", best.threshold)]
    if context.subject.threshold is not None:
        rows.append(("in use", context.subject.threshold))
    rows += [("lowest as good", best.plateau_low), ("highest as good", best.plateau_high)]
    out = []
    for name, threshold in rows:
        table = confusion_at(cells, threshold).ungrouped().matrix
        false_positive, false_negative = float(table[0, 1]), float(table[1, 0])
        cost = (costs[0] * false_positive + costs[1] * false_negative) / float(table.sum())
        out.append((name, _short(threshold), false_positive, false_negative, PER_ROWS * cost))
    said = "" if context.options.costs else " No costs were given: both kinds of error count 1."
    return Table(
        "Thresholds",
        ("threshold", "value", "false alarms", "missed", "cost per 1,000 rows"),
        tuple(out),
        caption=f"A false alarm costs {costs[0]:g}, a missed case {costs[1]:g}.{said}",
    )


def _short(threshold: float) -> float:
    return float(f"{threshold:.6g}")


def _figure(cells: ScoreCells, costs: tuple[float, float], best: BestThreshold) -> Figure:
    every = decisions(cells)
    cost = costs[0] * every.false_positives + costs[1] * every.false_negatives
    cost = PER_ROWS * cost / float(cells.masses.sum())
    low, high = float(cells.scores[0]), float(cells.scores[-1])
    order = np.argsort(every.threshold)
    at = np.linspace(low, high, POINTS)
    place = np.clip(np.searchsorted(every.threshold[order], at, side="left"), 0, order.size - 1)
    return Figure(
        "line",
        "Cost by threshold",
        "Cost per 1,000 rows if a score at or above the threshold counts as positive. The upright line is "
        "the cheapest threshold.",
        {"cost": {"x": at.tolist(), "y": cost[order][place].tolist()}},
        {
            "x_title": "Threshold",
            "y_title": "Cost per 1,000 rows",
            "x_rules": [float(min(best.threshold, high))],
        },
    )
