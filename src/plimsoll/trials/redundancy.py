"""How well one input can be told from the others: why masking and retraining may disagree about it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.probes.features import Column, learn

Floats = npt.NDArray[np.float64]
MOST_ROWS = 3000
LEAF = 10
"""Rows a leaf of the tree that tells one input from the others."""


def told_by_others(
    frame: pl.DataFrame, column: str, others: Sequence[str]
) -> tuple[float, str] | None:
    """Return how much of a column the others tell, 0 to 1, and the one that tells most of it alone.

    Two-fold cross-fitted trees: the share of the variance of its ranks for numbers, of the errors of the
    most frequent value for categories. None where it is constant, or there is nothing to tell it from.
    """
    rows = frame.head(MOST_ROWS)
    asked = learn(rows, [column])
    known = learn(rows, [c for c in others if c != column])
    if not asked or not known or rows.height < 4 * LEAF:
        return None
    target = _target(asked[0], rows)
    inputs = np.stack([_filled(c, rows) for c in known], axis=1)
    whole = _share(inputs, target, numeric=asked[0].numeric)
    alone = [_share(inputs[:, [i]], target, numeric=asked[0].numeric) for i in range(len(known))]
    return whole, known[int(np.argmax(alone))].name


def _target(column: Column, rows: pl.DataFrame) -> Floats:
    values = _filled(column, rows)
    if not column.numeric:
        return values
    order: Floats = np.argsort(np.argsort(values, kind="stable"), kind="stable").astype(np.float64)
    _, place = np.unique(values, return_inverse=True)
    sums, counts = np.bincount(place, order), np.bincount(place)
    ranks: Floats = (sums / counts)[place]
    return ranks


def _filled(column: Column, rows: pl.DataFrame) -> Floats:
    values = column.numbers(rows)
    return np.where(np.isnan(values), column.middle, values)


def _share(inputs: Floats, target: Floats, *, numeric: bool) -> float:
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    half = np.arange(target.size) % 2 == 0
    lost = left = 0.0
    for train in (half, ~half):
        made = (DecisionTreeRegressor if numeric else DecisionTreeClassifier)(
            min_samples_leaf=LEAF, random_state=0
        )
        guess = made.fit(inputs[train], target[train]).predict(inputs[~train])
        truth = target[~train]
        if numeric:
            lost += float(np.square(truth - truth.mean()).sum())
            left += float(np.square(truth - guess).sum())
        else:
            values, counts = np.unique(target[train], return_counts=True)
            lost += float((truth != values[counts.argmax()]).sum())
            left += float((truth != guess).sum())
    return max(0.0, 1.0 - left / lost) if lost > 0 else 0.0
