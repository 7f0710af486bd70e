"""Intervals without a formula: leave parts of the data out, or draw the cells of a tally again.

Three tools. The *delete-a-group jackknife* leaves out one hash bucket of rows at a time, so rows
that share a cluster leave together. *Leave one row out* does the same with single rows, at the cost
of one value per distinct cell. The *bootstrap* draws cell counts, never rows, so its cost does not
depend on the number of rows.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from plimsoll.stats.interval import (
    FloatArray,
    Spread,
    Spreads,
    ratio,
    spread_of,
    spread_of_moments,
    spreads_of_moments,
)

CountArray = npt.NDArray[np.int64]


def jackknife(left_out: FloatArray, sizes: FloatArray | None = None) -> Spread | None:
    """Return the spread of a statistic from its values with one group of rows left out at a time.

    ``left_out`` (G,) holds the statistic without group g. Groups without rows (``sizes[g] == 0``, or
    without ``sizes`` those that are not finite) are passed over. None where fewer than two groups
    have rows, or one of them is all that defines the statistic: its part in the variance is unknown.

    ``V = (G - 1)/G * sum((left_out - mean)^2)``, with t quantiles. Groups of unequal size need no
    weights for a ratio statistic, whose left-out values already differ in proportion to the size
    (Wolter 2007, Introduction to Variance Estimation, ch. 4). Where few groups carry the
    variance the degrees of freedom fall below G - 1, see :func:`plimsoll.stats.interval.spread_of`.
    """
    values = left_out[np.isfinite(left_out) if sizes is None else sizes > 0]
    groups = values.size
    if groups < 2 or not np.isfinite(values).all():
        return None
    return spread_of(values.mean() - values, scale=(groups - 1) / groups)


def leave_one_out(left_out: FloatArray, counts: FloatArray) -> Spread | None:
    """Return the spread from the values with one row left out, one value per cell of equal rows.

    ``left_out`` (k,) holds the statistic without one row of cell k, of which there are ``counts``
    (k,). None where there are fewer than two rows, or one row is all that defines the statistic.
    """
    found = leave_one_out_spreads(left_out, counts)
    if not np.isfinite(found.se):
        return None
    return Spread(float(found.se), float(found.df), float(found.skew), round(float(counts.sum())))


def leave_one_out_spreads(left_out: FloatArray, counts: FloatArray) -> Spreads:
    """Return the spreads of many statistics; arrays (..., k), see :func:`leave_one_out`.

    ``se`` is NaN where :func:`leave_one_out` has none.
    """
    values = np.where(counts > 0, left_out, 0.0)
    rows = counts.sum(axis=-1)
    centre = (counts * values).sum(axis=-1) / np.maximum(rows, 1.0)
    apart = centre[..., np.newaxis] - values
    moment = counts * apart * apart
    second = moment.sum(axis=-1)
    moment *= apart
    third = moment.sum(axis=-1)
    moment *= apart
    scale = (rows - 1.0) / np.maximum(rows, 1.0)
    return spreads_of_moments(second, third, moment.sum(axis=-1), rows, scale=scale)


def influence(
    slopes: FloatArray,
    counts: FloatArray,
    weights: FloatArray | None = None,
    squares: FloatArray | None = None,
) -> Spread | None:
    """Return the spread from the slopes of a statistic in the weight of one row of each cell.

    ``slopes`` (k,) is the derivative of the statistic by the weight of cell k, ``counts`` (k,) its
    rows, ``weights`` and ``squares`` the sums of their weights and squared weights. The variance is
    ``sum(slopes^2 squares) n/(n-1)`` (infinitesimal jackknife, Efron 1982, ch. 6). The fourth powers
    that the degrees of freedom need are those of lognormal weights with the cell's mean and
    mean square: exact where the weights of a cell are equal.
    """
    held = counts > 0
    slope, count = slopes[held], counts[held].astype(np.float64)
    rows = float(count.sum())
    if rows < 2:
        return None
    mean = np.ones_like(count) if weights is None else weights[held] / count
    square = np.ones_like(count) if squares is None else squares[held] / count
    spill = np.maximum(ratio(square, mean * mean, 1.0), 1.0)
    second = count * square
    return spread_of_moments(
        float(second @ slope**2),
        float((second * mean * spill**2) @ slope**3),
        float((second * square * spill**4) @ slope**4),
        rows,
        scale=rows / (rows - 1),
    )


def pool_starts(rows: FloatArray, cells: int) -> CountArray:
    """Return the first cell of each of at most ``cells`` pools with about equally many rows."""
    upto = np.cumsum(rows)
    pool = np.minimum((cells * (upto - rows / 2) / upto[-1]).astype(np.int64), cells - 1)
    starts: CountArray = np.flatnonzero(np.r_[True, pool[1:] != pool[:-1]])
    return starts


def multinomial_draws(
    counts: FloatArray, rng: np.random.Generator, replicates: int
) -> npt.NDArray[np.int64]:
    """Return resampled cell counts (replicates, k) with the same number of rows as ``counts`` (k,).

    The bootstrap of rows, drawn as counts of cells. Flatten labels and cells into one axis to
    resample both, or draw each label by itself to keep the number of positives.
    """
    total = float(counts.sum())
    if total <= 0:
        raise ValueError("cannot resample cells without rows")
    return rng.multinomial(round(total), counts / total, size=replicates)
