"""Where to cut a number into ranges that a person can read: '30 to below 45', not '29.87 to below 44.6'.

A bin holds its lower edge and not its upper one. No bin is empty.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from plimsoll.stats.interval import FloatArray

Values = npt.NDArray[np.float64] | npt.NDArray[np.int64]
NEAR = 0.1
"""An edge may miss its place by so large a part of a bin's rows if it is rounder there."""
TREE_NEAR = 0.01
"""An edge of a tree may miss its place by this share of all rows."""
FEWEST = 0.02
"""Smallest share of the rows in a bin of a tree."""


def quantile_edges(values: Values, counts: Values, k: int, *, unit: float = 1.0) -> list[float]:
    """Return at most k - 1 inner edges between bins of about as many rows each, at round numbers.

    ``values`` (m,) ascend strictly and occur ``counts`` (m,) times. A value that fills more than a bin by
    itself keeps a bin for itself, and the other rows are shared by the bins that are left; where there are
    no more than k values, each has a bin. Edges are round multiples of ``unit``: 86,400 for times in seconds
    gives whole days.

    >>> quantile_edges(np.arange(100) + 0.37, np.ones(100), 4)
    [25.0, 50.0, 75.0]
    >>> quantile_edges(np.array([0.0, 1.0, 2.0, 3.0]), np.array([70, 10, 10, 10]), 4)
    [1.0, 2.0, 3.0]
    """
    x, rows = _checked(values, counts, k)
    below = _share_below(rows)
    edges: list[float] = []
    start, done = 0, 0.0
    for left in range(k, 1, -1):
        share = (1.0 - done) / left
        cuts = _near(below, done + share, NEAR * share, start + 1)
        if cuts is None:
            break
        edge, start = _readable(x, cuts, unit)
        done = float(below[start])
        edges.append(edge)
    return edges


def tree_edges(
    values: Values, counts: Values, sums: FloatArray, k: int, *, unit: float = 1.0
) -> list[float]:
    """Return at most k - 1 inner edges between bins whose mean loss differs most, at round numbers.

    ``sums`` (m,) add up the loss of the rows with each value. The bins are the leaves of a regression tree
    (Breiman et al. 1984), each with at least 2 % of the rows. Rows that chose the edges make the bins
    look more different than they are: judge them on others, or correct for the search.
    """
    from sklearn.tree import DecisionTreeRegressor

    x, rows = _checked(values, counts, k)
    below = _share_below(rows)
    if x.size < 2 or k < 2:
        return []
    loss = np.asarray(sums, np.float64)[np.asarray(counts) > 0] / rows
    mean = float(rows @ loss) / float(rows.sum())
    spread = float(rows @ (loss - mean) ** 2) / float(rows.sum())
    if spread <= 1e-24 * mean * mean + 1e-300:  # The loss is the same everywhere.
        return []
    tree = DecisionTreeRegressor(
        max_leaf_nodes=k,
        min_weight_fraction_leaf=FEWEST,
        min_impurity_decrease=1e-9 * spread,
    )
    # Trees hold their inputs in single precision, which whole numbers survive.
    place = np.arange(x.size, dtype=np.float64)
    tree.fit(place[:, np.newaxis], loss, sample_weight=rows)
    cuts = np.ceil(tree.tree_.threshold[tree.tree_.feature >= 0]).astype(np.int64)
    edges: list[float] = []
    start = 0
    for cut in sorted(cuts.tolist()):
        near = _near(below, float(below[cut]), TREE_NEAR, start + 1)
        if near is not None:
            edge, start = _readable(x, near, unit)
            edges.append(edge)
    return edges


def _checked(values: Values, counts: Values, k: int) -> tuple[FloatArray, FloatArray]:
    """Return the values that occur, and how often."""
    x, rows = np.asarray(values, np.float64), np.asarray(counts, np.float64)
    if x.shape != rows.shape or x.ndim != 1:
        raise ValueError(f"values and counts must be of one length, got {x.shape} and {rows.shape}")
    if k < 1:
        raise ValueError(f"a number is cut into at least one bin, got {k}")
    return x[rows > 0], rows[rows > 0]


def _share_below(rows: FloatArray) -> FloatArray:
    """Return the share of the rows below each value."""
    return (np.cumsum(rows) - rows) / max(float(rows.sum()), 1.0)


def _near(below: FloatArray, share: float, within: float, first: int) -> tuple[int, int] | None:
    """Return the first and last cut near this share of the rows, or the nearest; None if none is left.

    Cut i lies between value i - 1 and value i; there are cuts from ``first`` on.
    """
    if first >= below.size:
        return None
    low = int(np.searchsorted(below, share - within, side="left"))
    high = int(np.searchsorted(below, share + within, side="right")) - 1
    low = max(low, first)
    if low <= high:
        return low, high
    after = min(max(int(np.searchsorted(below, share)), first), below.size - 1)
    before = max(after - 1, first)
    nearest = before if share - below[before] <= below[after] - share else after
    return nearest, nearest


def _readable(x: FloatArray, cuts: tuple[int, int], unit: float) -> tuple[float, int]:
    """Return the roundest edge among these cuts, and the cut that it makes."""
    over, upto = float(x[cuts[0] - 1]), float(x[cuts[1]])
    edge = roundest(over / unit, upto / unit) * unit
    if not over < edge <= upto:
        edge = upto
    return edge, int(np.searchsorted(x, edge, side="left"))


def roundest(over: float, upto: float) -> float:
    """Return the number above ``over`` and no larger than ``upto`` with the fewest digits.

    Of equally round ones the one nearest to the middle.

    >>> roundest(36.2, 41.8), roundest(0.0123, 0.0139), roundest(-3.0, 8.0)
    (40.0, 0.013, 0.0)
    """
    if over < 0.0 <= upto:
        return 0.0
    if not (math.isfinite(over) and math.isfinite(upto)):
        return upto
    middle = (over + upto) / 2.0
    top = math.floor(math.log10(max(abs(over), abs(upto)))) + 1
    for power in range(top, top - 17, -1):
        for step in (f"1e{power}", f"5e{power - 1}", f"2e{power - 1}"):
            size = float(step)
            nearest = round(middle / size)
            for times in (nearest, nearest + 1, nearest - 1):
                found = float(f"{times * size:.15g}")
                if over < found <= upto:
                    return found
    return upto
