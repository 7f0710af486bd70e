"""What a measure would become if the mix of the rows changed and nothing else did.

The reference is cut into bins of one column. Within a bin the rows are taken to be as they were; only the
shares of the bins become those of today. That is the change of the measure that the shift of this column
explains.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from plimsoll.stats.interval import FloatArray, Spread, ratio, t_quantile, z_quantile
from plimsoll.stats.resample import jackknife

Ints = npt.NDArray[np.int64]
FEW = 5.0
"""Rows of the reference in a bin below which nothing can be said of it."""
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class BinSums:
    """Sums over the rows of the reference by bin, of a measure that is a ratio ``sum(top) / sum(bottom)``.

    All (bins,), or (bins, G) where rows of a group belong together: ``rows``; sums of ``top`` and
    ``bottom``; of their squares and their product. For a share of some rows both are 0 or 1 and the squares
    are the sums; for the mean of a loss ``bottom`` is 1 for every row.
    """

    rows: FloatArray
    top: FloatArray
    bottom: FloatArray
    top_squared: FloatArray
    product: FloatArray
    bottom_squared: FloatArray

    @staticmethod
    def of_share(rows: FloatArray, hits: FloatArray, of: FloatArray) -> BinSums:
        """Take a share: ``hits`` of the rows in ``of``."""
        return BinSums(rows, hits, of, hits, hits, of)

    @staticmethod
    def of_mean(rows: FloatArray, x: FloatArray, x2: FloatArray) -> BinSums:
        """Take the mean of a loss from its sums and sums of squares."""
        return BinSums(rows, x, rows, x2, x, rows)


@dataclass(frozen=True, slots=True)
class Reweighted:
    """The change of a measure under the mix of today.

    ``value`` with its ends ``low`` and ``high``; ``effective`` rows that the reweighted reference is worth
    (Kish); ``unseen``, the share of the rows of today in bins that the reference hardly has.
    """

    before: float
    value: float
    low: float
    high: float
    effective: float
    unseen: float


def reweighted(sums: BinSums, current: FloatArray, *, level: float = 0.95) -> Reweighted | None:
    """Return the change of a measure when the shares of the bins become those of ``current``.

    ``current`` (bins,) or (bins, G) are rows of today by bin. Bins in which the reference has fewer than 5
    rows keep their share, for nothing is known there. The interval is the delta method's over rows of both
    sides, or a delete-a-group jackknife's where sums are given by group. None where the measure is not
    defined. Simulated coverage at nominal 95 % (2,000 and 500 rows, 8 bins, accuracy and recall): 94 to 96 %.

    Source of the split: Kitagawa (1955), doi:10.1080/01621459.1955.10501299.
    """
    rows = _whole(sums.rows)
    today = _whole(current)
    if rows.sum() <= 0 or today.sum() <= 0:
        return None
    seen = rows >= FEW
    before = _ratio(_whole(sums.top).sum(), _whole(sums.bottom).sum())
    after = _after(_whole(sums.top), _whole(sums.bottom), rows, today, seen)
    if before is None or after is None:
        return None
    weights = _weights(rows, today, seen)
    effective = float((weights @ rows) ** 2 / (weights**2 @ rows))
    unseen = float(today[~seen].sum() / today.sum())
    half = (
        _jackknifed(sums, current, seen, level)
        if sums.rows.ndim == 2 and sums.rows.shape[1] > 1
        else z_quantile(level) * math.sqrt(_variance(sums, today, rows, weights, before, after))
    )
    if half is None:
        return None
    value = after - before
    if abs(value) < ROUNDING * max(abs(before), 1.0):
        value = 0.0
    if half < ROUNDING:
        half = 0.0
    return Reweighted(before, value, value - half, value + half, effective, unseen)


def _whole(x: FloatArray) -> FloatArray:
    total: FloatArray = x.sum(axis=1) if x.ndim == 2 else x
    return total


def _ratio(top: float, bottom: float) -> float | None:
    return float(top / bottom) if bottom > 0 else None


def _weights(rows: FloatArray, today: FloatArray, seen: npt.NDArray[np.bool_]) -> FloatArray:
    """Return the weight of a reference row of each bin: the share now over the share then."""
    here, there = today[seen].sum(), rows[seen].sum()
    if here <= 0 or there <= 0:
        return np.ones_like(rows)
    share = ratio(today, rows, 1.0) * (there / here)
    return np.where(seen, share, 1.0)


def _after(
    top: FloatArray,
    bottom: FloatArray,
    rows: FloatArray,
    today: FloatArray,
    seen: npt.NDArray[np.bool_],
) -> float | None:
    weights = _weights(rows, today, seen)
    return _ratio(float(weights @ top), float(weights @ bottom))


def _variance(
    sums: BinSums,
    today: FloatArray,
    rows: FloatArray,
    weights: FloatArray,
    before: float,
    after: float,
) -> float:
    """Return the variance of the change: that of the reference's rows and that of today's shares."""
    top, bottom = _whole(sums.top), _whole(sums.bottom)
    n, m = rows.sum(), today.sum()
    mean_now = float(weights @ bottom) / n
    mean_then = float(bottom.sum()) / n
    # The influence of one row of the reference is a (top - b bottom) - c, by bin.
    a = weights / mean_now - 1.0 / mean_then
    b = weights * after / mean_now - before / mean_then
    centre = weights * ratio(top - after * bottom, rows, 0.0) / mean_now
    square = (
        a**2 * _whole(sums.top_squared)
        - 2 * a * b * _whole(sums.product)
        + b**2 * _whole(sums.bottom_squared)
        - 2 * centre * (a * top - b * bottom)
        + centre**2 * rows
    )
    of_reference = float(square.sum()) / n**2
    score = ratio(top - after * bottom, rows, 0.0) / mean_now
    share = today / m
    of_today = (float(share @ score**2) - float(share @ score) ** 2) / m
    return float(max(of_reference, 0.0) + max(of_today, 0.0))


def _jackknifed(
    sums: BinSums, current: FloatArray, seen: npt.NDArray[np.bool_], level: float
) -> float | None:
    groups = sums.rows.shape[1]
    rows, top, bottom, today = (x.sum(axis=1) for x in (sums.rows, sums.top, sums.bottom, current))

    def change(r: FloatArray, t: FloatArray, b: FloatArray, now: FloatArray) -> float:
        before, after = _ratio(t.sum(), b.sum()), _after(t, b, r, now, seen)
        return math.nan if before is None or after is None else after - before

    left = [
        change(rows - sums.rows[:, g], top - sums.top[:, g], bottom - sums.bottom[:, g], today)
        for g in range(groups)
    ]
    right = [change(rows, top, bottom, today - current[:, g]) for g in range(current.shape[1])]
    spreads = [
        jackknife(np.array(left), sums.rows.sum(axis=0)),
        jackknife(np.array(right), current.sum(axis=0)),
    ]
    known = [spread for spread in spreads if spread is not None]
    if len(known) < 2:
        return None
    total = Spread(math.hypot(*(s.se for s in known)), min(s.df for s in known))
    return t_quantile(level, total.df) * total.se


def explained_share(rows: FloatArray, x: FloatArray, x2: FloatArray) -> float:
    """Return the share of the variance of a number that the bins explain (the correlation ratio).

    ``rows``, sums ``x`` and sums of squares ``x2`` by bin, (bins,). Less what bins of noise would explain
    (epsilon squared, Kelley 1935, doi:10.1073/pnas.21.9.554), and never below 0.
    """
    n = float(rows.sum())
    if n < 2:
        return 0.0
    mean = x.sum() / n
    total = float(x2.sum()) - n * mean * mean
    held = rows > 0
    within = float(x2.sum() - (x[held] ** 2 / rows[held]).sum())
    k = int(held.sum())
    if total <= 1e-12 * max(float(x2.sum()), 1e-300) or n <= k:
        return 0.0
    return float(min(max(1.0 - within / total * (n - 1) / (n - k), 0.0), 1.0))
