"""Intervals without a formula: leave parts of the data out, or draw the cells of a tally again.

Three tools. The *delete-a-group jackknife* leaves out one hash bucket of rows at a time, so rows
that share a cluster leave together. *Leave one row out* does the same with single rows, at the cost
of one value per distinct cell. The *bootstrap* draws cell counts, never rows, so its cost does not
depend on the number of rows.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri, stdtrit

from plimsoll.stats.interval import (
    FloatArray,
    Limits,
    Spread,
    ratio,
    spread_of,
    spread_of_moments,
    z_quantile,
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
    held = counts > 0
    values, weight = left_out[held], counts[held].astype(np.float64)
    rows = float(weight.sum())
    if rows < 2 or not np.isfinite(values).all():
        return None
    centre = float(weight @ values) / rows
    return spread_of(centre - values, weight, scale=(rows - 1) / rows)


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


def pool_cells(
    scores: FloatArray, negatives: FloatArray, positives: FloatArray, cells: int = 2048
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return scores, negatives and positives (m,) pooled to at most ``cells`` neighbouring cells.

    Each pool holds about equally many rows, a cell is never split, and the score of a pool is the
    mean score of its rows. What is resampled then costs the same however many rows there are.

    >>> pool_cells(np.array([0.1, 0.3, 0.7]), np.array([1.0, 1, 0]), np.array([0.0, 0, 2]), 2)[0]
    array([0.2, 0.7])
    """
    if scores.size <= cells:
        return scores, negatives, positives
    rows = negatives + positives
    start = pool_starts(rows, cells)
    total = np.add.reduceat(rows, start)
    return (
        np.add.reduceat(scores * rows, start) / total,
        np.add.reduceat(negatives, start),
        np.add.reduceat(positives, start),
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


def poisson_draws(
    counts: FloatArray, rng: np.random.Generator, replicates: int
) -> npt.NDArray[np.int64]:
    """Return resampled cell counts (replicates, k), each Poisson with its own count as mean.

    The Poisson bootstrap: cells are drawn apart, so parts of a table can be resampled where they lie
    and added up. The number of rows varies a little between replicates.
    """
    return rng.poisson(counts, size=(replicates, counts.size))


def percentile(draws: FloatArray, *, level: float = 0.95) -> Limits:
    """Return the plain percentile interval of bootstrap values (replicates,). Short for few rows."""
    return _quantiles(draws, (1.0 - level) / 2.0, (1.0 + level) / 2.0)


def expanded_percentile(draws: FloatArray, rows: float, *, level: float = 0.95) -> Limits:
    """Return the percentile interval widened to what Student's t would give for ``rows`` rows.

    Source: Hesterberg (2015), doi:10.1080/00031305.2015.1089789
    """
    if rows < 2:
        raise ValueError("an expanded percentile interval needs at least 2 rows")
    point = -float(stdtrit(rows - 1.0, (1.0 + level) / 2.0)) * math.sqrt(rows / (rows - 1.0))
    tail = float(ndtr(point))
    return _quantiles(draws, tail, 1.0 - tail)


def bca(
    value: float,
    draws: FloatArray,
    left_out: FloatArray,
    counts: FloatArray | None = None,
    *,
    level: float = 0.95,
) -> Limits:
    """Return the bias-corrected and accelerated bootstrap interval.

    ``left_out`` (k,) are the values without one row of each cell, of which there are ``counts`` (k,),
    or without one group each.

    Source: Efron (1987), doi:10.1080/01621459.1987.10478410
    """
    below = float((draws < value).mean() + 0.5 * (draws == value).mean())
    edge = 1.0 / (2.0 * draws.size)
    bias = float(ndtri(min(max(below, edge), 1.0 - edge)))
    spread = leave_one_out(left_out, counts) if counts is not None else jackknife(left_out)
    # The skewness of the statistic is six times the acceleration.
    acceleration = 0.0 if spread is None else spread.skew / 6.0
    tails = []
    for side in (-1.0, 1.0):
        point = bias + side * z_quantile(level)
        tails.append(float(ndtr(bias + point / (1.0 - acceleration * point))))
    return _quantiles(draws, tails[0], tails[1])


def _quantiles(draws: FloatArray, low: float, high: float) -> Limits:
    lower, upper = np.quantile(draws, [low, high])
    return float(lower), float(upper)
