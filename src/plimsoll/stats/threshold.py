"""Which threshold costs least, how sure that is, and what every threshold would decide.

A score at or above the threshold is called positive.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from plimsoll.core.estimate import Estimate
from plimsoll.stats.confusion import ConfusionCounts
from plimsoll.stats.curve import thresholds
from plimsoll.stats.interval import (
    FloatArray,
    Spread,
    clipped,
    ratio,
    skew_corrected,
    t_quantile,
    z_quantile,
)
from plimsoll.stats.mean import LossSums, spread_of_mean
from plimsoll.stats.resample import jackknife, multinomial_draws
from plimsoll.stats.score_cells import ScoreCells

PER_ROWS = 1000
POOLED = 512


@dataclass(frozen=True, eq=False)
class Decisions:
    """Rows, or sums of weights, decided each way at every threshold (m + 1,), from "none" down."""

    threshold: FloatArray
    true_positives: FloatArray
    false_positives: FloatArray
    false_negatives: FloatArray
    true_negatives: FloatArray


def decisions(cells: ScoreCells) -> Decisions:
    """Return what each threshold decides. The first lies above all scores: no row is positive."""
    false, true = called(cells.masses)
    return Decisions(thresholds(cells.scores), true, false, true[-1] - true, false[-1] - false)


def called(masses: FloatArray) -> FloatArray:
    """Return the masses (..., m + 1) called positive at each threshold from masses (..., m)."""
    out = np.zeros((*masses.shape[:-1], masses.shape[-1] + 1))
    np.cumsum(masses[..., ::-1], axis=-1, out=out[..., 1:])
    return out


def confusion_at(cells: ScoreCells, threshold: float) -> ConfusionCounts:
    """Return the confusion counts at a threshold, for every measure of decisions.

    Groups and weights are kept. Exact where cells hold one score each; a bin lies on the side of its
    mean score.
    """
    positive = cells.scores >= threshold

    def table(by_label: FloatArray) -> FloatArray:
        yes = by_label[..., positive].sum(axis=-1)
        no = by_label[..., ~positive].sum(axis=-1)
        # (label, [group]) for each decision -> ([group], label, decision)
        return np.moveaxis(np.stack([no, yes], axis=-1), 0, -2)

    counts = table(np.stack([cells.negatives, cells.positives]).astype(np.float64))
    weights = None if cells.weights is None else table(cells.weights)
    squares = None if cells.squares is None else table(cells.squares)
    return ConfusionCounts(np.rint(counts).astype(np.int64), weights, squares)


@dataclass(frozen=True, slots=True)
class BestThreshold:
    """The threshold with the lowest cost, and the thresholds that may be as good.

    ``cost`` is per 1,000 rows and what new rows would bear; ``cost_here``, the lowest cost on these
    rows, is flattered by having been chosen. All thresholds that cannot be told from the best on
    these rows lie between ``plateau_low`` and ``plateau_high``.
    """

    threshold: float
    cost: Estimate
    cost_here: float
    plateau_low: float
    plateau_high: float


def best_threshold(
    cells: ScoreCells,
    *,
    false_positive: float,
    false_negative: float,
    rng: np.random.Generator,
    level: float = 0.95,
    replicates: int = 200,
) -> BestThreshold | None:
    """Return the threshold with the lowest expected cost, or None where a class is missing.

    ``false_positive`` and ``false_negative`` are the costs of one wrong decision of each kind, in any
    one unit. Ties go to the middle of the cheapest run of thresholds.

    The cost adds to the lowest one what choosing gained: the mean over bootstrap samples (of cells
    pooled to 512, or of groups) of what the sample's best threshold costs more on these rows than
    on the sample (Efron 1983, doi:10.1080/01621459.1983.10477973). Its standard error is that of
    the mean cost at a fixed threshold, with half of that gain added in quadrature. Simulated at
    nominal 95 %, the interval covers the true cost of the threshold in 93 to 99 % at 500 rows and
    more (91 % at 50, 82 % where one positive is among them), and
    the plateau the truly best threshold in 87 to 99 % (least with 5 to 10
    positives). Below 5 positives neither holds.

    Raises
    ------
    ValueError
        If a cost is negative or both are 0.
    """
    if min(false_positive, false_negative) < 0 or false_positive + false_negative <= 0:
        raise ValueError("costs must not be negative, and one of them must be positive")
    if cells.one_class:
        return None
    prices = np.array([false_positive, false_negative])
    curve = cost_curve(cells.masses, prices)
    at = cheapest(curve)
    spread, method = _spread_at(cells, prices, at)
    if spread is None:
        return None
    total = float(cells.masses.sum())
    here = float(curve[at]) / total
    gain = _gain_of_choosing(cells, prices, rng, replicates)
    value = min(here + gain, float(prices.max()))
    wider = replace(spread, se=math.hypot(spread.se, gain / 2.0))
    low, high = clipped(skew_corrected(value, wider, level=level), 0.0, float(prices.max()))
    estimate = Estimate(
        "cost",
        PER_ROWS * value,
        PER_ROWS * min(low, value),
        PER_ROWS * max(high, value),
        level,
        cells.rows,
        f"bootstrap optimism, {method}",
        "per 1,000 rows",
    )
    first, last = _plateau(cells, prices, curve, at, level)
    every = thresholds(cells.scores)
    return BestThreshold(
        float(every[at]), estimate, PER_ROWS * here, float(every[last]), float(every[first])
    )


def cost_curve(masses: FloatArray, prices: FloatArray) -> FloatArray:
    """Return the cost (..., m + 1) at each threshold from masses (2, ..., m), negatives first."""
    found = called(masses)
    cost: FloatArray = prices[0] * found[0] + prices[1] * (found[1][..., -1:] - found[1])
    return cost


def cheapest(curve: FloatArray) -> int:
    """Return where a cost curve is lowest: the middle of the first run of equal minima."""
    least = float(curve.min())
    first = int(np.argmin(curve))
    same = curve[first:] <= least + 1e-9 * max(abs(least), 1.0)
    run = same.size if same.all() else int(np.argmin(same))
    return first + (run - 1) // 2


def _spread_at(cells: ScoreCells, prices: FloatArray, at: int) -> tuple[Spread | None, str]:
    """Return the spread of the mean cost at one fixed threshold."""
    cut = cells.scores.size - at
    if cells.grouped:
        negatives, positives = cells.by_group
        own = prices[0] * negatives[:, cut:].sum(axis=1) + prices[1] * positives[:, :cut].sum(
            axis=1
        )
        sizes = cells.by_group.sum(axis=(0, 2))
        rest = sizes.sum() - sizes
        return jackknife(
            ratio(own.sum() - own, rest), sizes
        ), "delete-a-group jackknife, t, skewness-corrected"
    if cells.rows < 2:
        return None, ""
    positive = np.arange(cells.scores.size) >= cut
    loss = prices[:, np.newaxis] * np.stack([positive, ~positive])
    w, w2 = cells.masses, cells.squared
    terms = (cells.counts, w, w2, w * loss, w * loss**2, w * loss**3, w2 * loss, w2 * loss**2)
    sums = LossSums(*(np.array([float(term.sum())]) for term in terms))
    return spread_of_mean(sums), "t, skewness-corrected"


def _gain_of_choosing(
    cells: ScoreCells, prices: FloatArray, rng: np.random.Generator, replicates: int
) -> float:
    """Return by how much, per row, the cheapest threshold looks cheaper than it is."""
    pooled = cells.pooled(POOLED)
    if cells.grouped:
        groups = pooled.by_group[:, pooled.by_group.sum(axis=(0, 2)) > 0]
        size = groups.shape[1]
        times = rng.multinomial(size, np.full(size, 1.0 / size), size=replicates)
        drawn = np.einsum("bg,lgm->lbm", times.astype(np.float64), groups)
    else:
        times = multinomial_draws(pooled.counts.ravel(), rng, replicates)
        weight = pooled.masses / np.maximum(pooled.counts, 1.0)
        drawn = np.moveaxis(times.reshape(replicates, 2, -1) * weight, 0, 1)
    here = cost_curve(pooled.masses, prices) / float(pooled.masses.sum())
    there = cost_curve(drawn, prices) / drawn.sum(axis=(0, 2))[:, np.newaxis]
    chosen = there.argmin(axis=1)
    return max(float((here[chosen] - there[np.arange(replicates), chosen]).mean()), 0.0)


def _plateau(
    cells: ScoreCells, prices: FloatArray, curve: FloatArray, at: int, level: float
) -> tuple[int, int]:
    """Return the first and the last threshold that no paired test tells from the one ``at``.

    Two thresholds differ on the rows between them only, so the variance of the difference is the sum
    over those rows of their squared costs, less the squared mean.
    """
    total = float(cells.masses.sum())
    difference = (curve - curve[at]) / total
    if cells.grouped:
        sizes = cells.by_group.sum(axis=(0, 2)) / total
        apart = cost_curve(cells.by_group, prices / total)
        apart -= apart[:, at, np.newaxis] + np.outer(sizes, difference)
        held = max(int((sizes > 0).sum()), 2)
        variance = np.einsum("gm,gm->m", apart, apart) * held / (held - 1)
        quantile = t_quantile(level, held - 1.0)
    else:
        squares = called(prices[:, np.newaxis] ** 2 * cells.squared).sum(axis=0)
        second = np.abs(squares - squares[at]) / (total * total)
        variance = np.maximum(second - difference**2 / cells.rows, 0.0)
        quantile = z_quantile(level)
    as_good = difference <= quantile * np.sqrt(variance) + 1e-12 * prices.max()
    like = np.flatnonzero(as_good)
    return int(like[0]), int(like[-1])
