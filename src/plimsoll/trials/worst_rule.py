"""A rule of up to three conditions on the inputs that says where a loss is large.

Found by a shallow tree on one half of the rows and measured on the other, so that the loss it names is not
the luck of the search. Ranges end at round numbers between large parts of the rows, and a category is named
only if it has enough of them: no value of a single row is shown.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from plimsoll.core.estimate import Estimate, Where
from plimsoll.probes.stress.learnt import Kind, LearntColumn, learn
from plimsoll.stats.conditional_value_at_risk import tail_interval
from plimsoll.stats.influence import Value
from plimsoll.stats.tree_bins import quantile_edges
from plimsoll.trials.directions import inputs_of
from plimsoll.trials.rows import TrialRows

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
DEPTH = 3
BINS = 10
LEVELS = 12
MOST_COLUMNS = 100
PART = 0.05
"""Smallest share of a half that a rule may pick."""


@dataclass(frozen=True)
class Rule:
    """Where the loss is large, in words, and what it is there and elsewhere on rows that did not choose it.

    ``conditions`` pairs columns with what they are (``below 30``, ``= none``). ``apart`` is the loss there
    less the loss elsewhere.
    """

    conditions: tuple[tuple[str, str], ...]
    share: float
    rows: int
    loss: Estimate
    elsewhere: float
    apart: Estimate

    @property
    def words(self) -> str:
        """The rule as one phrase: ``age below 30 and job = none``."""
        return " and ".join(f"{column} {what}" for column, what in self.conditions)


@dataclass(frozen=True, eq=False)
class _Condition:
    """One cut: rows for which it holds. ``edge`` is None for a category, ``level`` for a number."""

    column: str
    holds: Mask
    edge: float | None = None
    level: str | None = None
    gaps: bool = False


def worst_rule(
    rows: TrialRows, losses: Floats, fold: npt.NDArray[np.int64], min_rows: int, level: float
) -> Rule | None:
    """Return the rule that picks the rows which lose most; None where none is surely worse than the rest.

    Rows of fold 0 choose it, rows of fold 1 measure it.
    """
    conditions = list(_conditions(rows, min_rows))
    first, second = fold == 0, fold == 1
    if not conditions or int(first.sum()) < 4 * min_rows:
        return None
    table = np.stack([c.holds for c in conditions], axis=1).astype(np.float32)
    path = _worst_leaf(table[first], losses[first], rows.weights[first], min_rows)
    if not path:
        return None
    picked = np.all([conditions[i].holds == wanted for i, wanted in path], axis=0)
    inside, outside = second & picked, second & ~picked
    if int(inside.sum()) < min_rows or int(outside.sum()) < min_rows:
        return None
    found = _measured(rows, losses, (inside, outside), level)
    if found is None:
        return None
    loss, apart, elsewhere = found
    said = tuple(_said(conditions, path))
    where = Where(slice=said, metric=loss.where.metric)
    weights = rows.weights[second]
    share = float(rows.weights[inside].sum() / weights.sum())
    return Rule(said, share, int(inside.sum()), loss.at(where), elsewhere, apart.at(where))


def _conditions(rows: TrialRows, min_rows: int) -> Iterator[_Condition]:
    learnt = learn(rows.frame, rows.subject, on_reference=False)
    least = max(min_rows, round(0.01 * rows.rows))
    inputs = set(inputs_of(rows.subject))
    kinds = (Kind.NUMBER, Kind.INTEGER, Kind.CATEGORY, Kind.BOOLEAN)
    for column in [c for c in learnt.of(*kinds) if c.name in inputs][:MOST_COLUMNS]:
        found = _of_number if column.is_numeric else _of_category
        yield from found(column, rows, least)


def _of_number(column: LearntColumn, rows: TrialRows, least: int) -> Iterator[_Condition]:
    x = column.numbers(rows.frame)
    x = np.where(np.isfinite(x), x, np.nan)
    values, counts = np.unique(x[~np.isnan(x)], return_counts=True)
    gaps = bool(np.isnan(x).any())
    for edge in quantile_edges(values, counts, BINS) if values.size > 1 else ():
        holds = np.nan_to_num(x, nan=-np.inf) >= edge
        if least <= int(holds.sum()) <= rows.rows - least:
            yield _Condition(column.name, holds, edge=float(edge), gaps=gaps)


def _of_category(column: LearntColumn, rows: TrialRows, least: int) -> Iterator[_Condition]:
    texts = column.texts(rows.frame)
    for level in column.levels[:LEVELS]:
        holds = (texts == level).fill_null(value=False).to_numpy()
        if least <= int(holds.sum()) <= rows.rows - least:
            yield _Condition(column.name, holds, level=level)
    missing = texts.is_null().to_numpy()
    if least <= int(missing.sum()) <= rows.rows - least:
        yield _Condition(column.name, missing)


def _worst_leaf(
    table: Floats | npt.NDArray[np.float32], losses: Floats, weights: Floats, min_rows: int
) -> list[tuple[int, bool]]:
    """Return the conditions on the way to the leaf of a shallow tree with the largest loss."""
    from sklearn.tree import DecisionTreeRegressor

    scale = float(np.abs(losses).max())
    if not scale > 0 or not math.isfinite(scale):
        return []
    tree = DecisionTreeRegressor(
        max_depth=DEPTH,
        min_samples_leaf=max(min_rows, round(PART * losses.size)),
        random_state=0,
    )
    tree.fit(table, losses / scale, sample_weight=weights)
    inner = tree.tree_
    leaves = np.flatnonzero(inner.children_left < 0)
    node = int(leaves[np.argmax(inner.value[leaves, 0, 0])])
    path: list[tuple[int, bool]] = []
    while node:
        left = np.flatnonzero(inner.children_left == node)
        parent = int(left[0] if left.size else np.flatnonzero(inner.children_right == node)[0])
        path.append((int(inner.feature[parent]), not left.size))
        node = parent
    return path[::-1]


def _measured(
    rows: TrialRows, losses: Floats, parts: tuple[Mask, Mask], level: float
) -> tuple[Estimate, Estimate, float] | None:
    """Return the loss inside, how much more it is than outside, and the loss outside."""
    second = parts[0] | parts[1]
    values = []
    for part in parts:
        mass = np.where(part, rows.weights, 0.0)[second]
        if not mass.sum() > 0:
            return None
        mean = float(mass @ losses[second] / mass.sum())
        values.append(Value(mean, mass * (losses[second] - mean) * (mass.size / mass.sum())))
    apart = Value(values[0].value - values[1].value, values[0].influence - values[1].influence)
    clusters = rows.clusters
    codes = None if clusters is None else np.unique(clusters[second], return_inverse=True)[1]
    made = []
    for name, found in (("loss", values[0]), ("difference", apart)):
        limits = tail_interval(found, codes, level=level)
        if limits is None:
            return None
        low, high = min(limits[0], found.value), max(limits[1], found.value)
        n = int(parts[0].sum())
        made.append(Estimate(name, found.value, low, high, level, n, "mean, skew corrected"))
    return None if made[1].low <= 0 else (made[0], made[1], values[1].value)


def _said(
    conditions: Sequence[_Condition], path: Sequence[tuple[int, bool]]
) -> Iterator[tuple[str, str]]:
    """Say the conditions, those on one number as one range."""
    by_column: dict[str, list[tuple[_Condition, bool]]] = {}
    for i, wanted in path:
        by_column.setdefault(conditions[i].column, []).append((conditions[i], wanted))
    for column, found in by_column.items():
        edges = [(c, wanted) for c, wanted in found if c.edge is not None]
        if edges:
            yield column, _range(edges)
            continue
        words = []
        for c, wanted in found:
            what = "missing" if c.level is None else c.level
            words.append(f"= {what}" if wanted else f"not {what}")
        yield column, " and ".join(w for w in words if w.startswith("=")) or " and ".join(words)


def _range(edges: Sequence[tuple[_Condition, bool]]) -> str:
    lows = [c.edge for c, wanted in edges if wanted and c.edge is not None]
    highs = [c.edge for c, wanted in edges if not wanted and c.edge is not None]
    gaps = " or missing" if not lows and edges[0][0].gaps else ""
    if lows and highs:
        return f"{max(lows):g} to below {min(highs):g}"
    return f"{max(lows):g} or more" if lows else f"below {min(highs):g}{gaps}"
