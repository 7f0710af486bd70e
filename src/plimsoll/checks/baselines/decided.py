"""Differences between the decisions of two models on the same rows.

Not a check: what ``rivals`` asks for measures of decisions. Shares of the same rows (accuracy,
recall, specificity, selection rate) take Tango's interval; the others the variance that leaving out
one row, or one group of rows, shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.subject import Subject, Task
from plimsoll.stats import class_average
from plimsoll.stats.interval import FloatArray, symmetric
from plimsoll.stats.paired import accuracy_difference, jackknife_difference
from plimsoll.stats.resample import influence, leave_one_out
from plimsoll.tallies.confusion import Confusion
from plimsoll.tallies.paired_decisions import PairedDecisions

Statistic = Callable[[FloatArray], FloatArray]
MOST_CLASSES = 10
"""Classes up to which pairs of decisions are counted; beyond, each model's by hash bucket."""
_STEP = 1e-3


def decision_measures(subject: Subject) -> Mapping[str, Statistic]:
    """Return what can be told from confusion matrices (..., K, K), by name; NaN where undefined."""
    found: dict[str, Statistic] = {
        "accuracy": lambda m: np.trace(m, axis1=-2, axis2=-1) / m.sum(axis=(-2, -1)),
        "balanced_accuracy": lambda m: class_average.recalls(m).mean(axis=-1),
        "matthews_corrcoef": class_average.matthews,
    }
    if subject.task is Task.BINARY:
        found |= {
            "precision": lambda m: class_average.precisions(m)[..., 1],
            "recall": lambda m: class_average.recalls(m)[..., 1],
            "specificity": lambda m: class_average.recalls(m)[..., 0],
            "f1": lambda m: class_average.f1s(m)[..., 1],
            "selection_rate": lambda m: m[..., 1].sum(axis=-1) / m.sum(axis=(-2, -1)),
        }
    else:
        found |= {
            "precision": lambda m: class_average.precisions(m).mean(axis=-1),
            "recall": lambda m: class_average.recalls(m).mean(axis=-1),
            "f1": lambda m: class_average.f1s(m).mean(axis=-1),
        }
    return found


def of_pairs(pairs: PairedDecisions, subject: Subject, level: float) -> list[Estimate | None]:
    """Return the difference of every measure, from counts of pairs of decisions."""
    shares = _shares(pairs, subject, level)
    out: list[Estimate | None] = []
    with np.errstate(invalid="ignore", divide="ignore"):
        for metric, measure in decision_measures(subject).items():
            found = shares[metric] if metric in shares else _apart(metric, measure, pairs, level)
            out.append(found)
    return out


def of_matrices(
    own: Confusion, their: Confusion, subject: Subject, level: float
) -> list[Estimate | None]:
    """Return the difference of every measure, from each model's counts by hash bucket."""
    tables = []
    for tally in (own, their):
        counts, weights, _ = tally.parts()
        tables.append(counts.astype(np.float64) if weights is None else weights)
    sizes = own.parts()[0].sum(axis=(1, 2)).astype(np.float64)
    out = []
    with np.errstate(invalid="ignore", divide="ignore"):
        for metric, measure in decision_measures(subject).items():
            out.append(_jackknifed(metric, measure, tables[0], tables[1], sizes, level))
    return out


def _jackknifed(
    metric: str,
    measure: Statistic,
    own: FloatArray,
    their: FloatArray,
    sizes: FloatArray,
    level: float,
) -> Estimate | None:
    values = [float(measure(table.sum(axis=0))) for table in (own, their)]
    if not np.isfinite(values).all():
        return None
    left = [measure(table.sum(axis=0) - table) for table in (own, their)]
    both, without = (values[0], values[1]), (left[0], left[1])
    rows = int(sizes.sum())
    return jackknife_difference(metric, both, without, sizes, rows=rows, level=level)


def _apart(
    metric: str, measure: Statistic, pairs: PairedDecisions, level: float
) -> Estimate | None:
    weights = pairs.weights
    settled = pairs.settle()
    assert settled.counts is not None
    if pairs.bucketed:
        own, their = weights.sum(axis=3), weights.sum(axis=2)
        sizes = settled.counts.sum(axis=(1, 2, 3)).astype(np.float64)
        return _jackknifed(metric, measure, own, their, sizes, level)
    counts, weight = settled.counts[0], weights[0]
    own, their = weight.sum(axis=2), weight.sum(axis=1)
    value = float(measure(own) - measure(their))
    if not np.isfinite(value):
        return None
    held = np.flatnonzero(weight.ravel() > 0)
    each = counts.ravel()[held].astype(np.float64)
    true, mine, theirs = np.unravel_index(held, counts.shape)
    step = 1.0 if not pairs.weighted else -_STEP * weight.ravel()[held] / each
    moved = []
    for matrix, decided in ((own, mine), (their, theirs)):
        many = np.repeat(matrix[None], held.size, axis=0)
        many[np.arange(held.size), true, decided] -= step
        moved.append(measure(many))
    without = moved[0] - moved[1]
    if pairs.weighted:
        squares = pairs.squares[0].ravel()[held]
        slopes = (without - value) / -step
        spread = influence(slopes, each, weight.ravel()[held], squares)
    else:
        spread = leave_one_out(without, each)
    if spread is None:
        return None
    low, high = symmetric(value, spread, level=level)
    method = "leave-one-out variance, paired"
    rows = int(counts.sum())
    return Estimate("difference", value, low, high, level, rows, method, where=Where(metric=metric))


def _shares(pairs: PairedDecisions, subject: Subject, level: float) -> dict[str, Estimate | None]:
    """Return the differences that are of one share of the same rows."""
    w, w2, k = pairs.weights, pairs.squares, pairs.classes
    counts = pairs.settle().counts
    assert counts is not None
    right, wrong = np.eye(k, dtype=bool), ~np.eye(k, dtype=bool)
    only_mine = (right[:, :, None] & wrong[:, None, :])[None]
    only_theirs = (wrong[:, :, None] & right[:, None, :])[None]
    everywhere = np.ones((1, k, k, k), dtype=bool)
    asked = {"accuracy": (only_mine, only_theirs, everywhere)}
    if subject.task is Task.BINARY:
        for name, code in (("recall", 1), ("specificity", 0)):
            here = np.zeros((1, k, k, k), dtype=bool)
            here[:, code] = True
            asked[name] = (only_mine & here, only_theirs & here, here)
        mine, theirs = np.zeros((2, 1, k, k, k), dtype=bool)
        mine[:, :, 1, 0] = True
        theirs[:, :, 0, 1] = True
        asked["selection_rate"] = (mine, theirs, everywhere)
    out: dict[str, Estimate | None] = {}
    for name, (more, less, of) in asked.items():
        b, c, n = (np.where(mask, w, 0.0).sum(axis=(1, 2, 3)) for mask in (more, less, of))
        squared = float(np.where(of, w2, 0.0).sum())
        effective = float(n.sum()) ** 2 / squared if pairs.weighted and squared > 0 else None
        found = accuracy_difference(b, c, n, level=level, metric=name, effective_rows=effective)
        rows = int(np.where(of, counts, 0).sum())
        out[name] = None if found is None else replace(found, n=rows)
    return out
