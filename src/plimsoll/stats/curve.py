"""The ROC and the precision-recall curve as points to be drawn, with a pointwise band.

A point is a threshold: scores at or above it are called positive. From many thousand cells at most
400 points are kept, spaced evenly along the curve, so that corners and steep parts keep theirs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from plimsoll.stats.interval import FloatArray, ratio, t_quantile, z_quantile
from plimsoll.stats.proportion import wilson_band
from plimsoll.stats.score_cells import ScoreCells

POINTS = 400


@dataclass(frozen=True, eq=False)
class CurvePoints:
    """Points (k,) of a curve. ``threshold`` is the score of each; ``low`` and ``high`` the band of ``y``.

    The band is pointwise: each threshold's own interval, not one for the whole curve.
    """

    x: FloatArray
    y: FloatArray
    threshold: FloatArray
    low: FloatArray
    high: FloatArray


def roc_points(
    cells: ScoreCells, *, points: int = POINTS, level: float = 0.95
) -> CurvePoints | None:
    """Return the ROC curve, x = false positive rate and y = recall; None where a class is missing.

    From (0, 0), no row called positive, to (1, 1), all of them. The band is that of the recall.
    """
    if cells.one_class:
        return None
    negative, positive = _from_top(cells.masses)
    x, y = negative / negative[-1], positive / positive[-1]
    keep = thin(x, y, points)
    top = _from_top(cells.by_group[1])[:, keep]
    bottom = np.broadcast_to(cells.by_group[1].sum(axis=1)[:, np.newaxis], top.shape)
    rows = np.full(keep.size, cells.effective[1])
    low, high = share_band(top, bottom, rows, level=level)
    return CurvePoints(x[keep], y[keep], thresholds(cells.scores)[keep], low, high)


def precision_recall_points(
    cells: ScoreCells, *, points: int = POINTS, level: float = 0.95
) -> CurvePoints | None:
    """Return the precision-recall curve, x = recall and y = precision; None if a class is missing.

    From the highest score down; the point without any row called positive, where precision has no
    value, is not among them. The band is that of the precision.
    """
    if cells.one_class:
        return None
    negative, positive = _from_top(cells.masses)
    called = negative + positive
    held = np.flatnonzero(called > 0)
    x, y = positive[held] / positive[-1], positive[held] / called[held]
    kept = thin(x, y, points)
    keep = held[kept]
    top = _from_top(cells.by_group[1])[:, keep]
    bottom = _from_top(cells.by_group.sum(axis=0))[:, keep]
    rows = called[keep] ** 2 / _from_top(cells.squared.sum(axis=0))[keep]
    low, high = share_band(top, bottom, rows, level=level)
    return CurvePoints(x[kept], y[kept], thresholds(cells.scores)[keep], low, high)


def thin(x: FloatArray, y: FloatArray, points: int = POINTS) -> npt.NDArray[np.int64]:
    """Return which points (k,) of a curve to draw: at most ``points``, first and last among them.

    Points are spaced evenly by ``|dx| + |dy|``, so no drawn line is further from the curve than one
    such step, 2/400 for a ROC curve.
    """
    if x.size <= points:
        return np.arange(x.size)
    way = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
    wanted = np.linspace(0.0, way[-1], points)
    kept: npt.NDArray[np.int64] = np.unique(np.searchsorted(way, wanted[:-1]))
    return np.unique(np.append(kept, x.size - 1))


def thresholds(scores: FloatArray) -> FloatArray:
    """Return a threshold above all scores, then every score from the highest down, (m + 1,)."""
    return np.concatenate([[np.nextafter(scores[-1], np.inf)], scores[::-1]])


def share_band(
    top: FloatArray, bottom: FloatArray, rows: FloatArray, *, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Return Wilson limits (k,) of ``top / bottom`` (G, k) at each point.

    ``rows`` (k,) are effective rows. With more than one group the rows are fewer where groups
    differ: as many as the delete-a-group jackknife variance is worth, with a t quantile.
    """
    hits, base = top.sum(axis=0), bottom.sum(axis=0)
    share = ratio(hits, base, 0.0)
    size = np.where(base > 0, rows, 0.0)
    held = bottom.sum(axis=1) > 0
    groups = int(held.sum())
    if top.shape[0] > 1 and groups > 1:
        rest = base - bottom[held]
        without = ratio(hits - top[held], rest, share)
        variance = (groups - 1) * without.var(axis=0)
        worth = ratio(share * (1.0 - share), variance, float(groups))
        fewer = (z_quantile(level) / t_quantile(level, groups - 1.0)) ** 2
        size = np.minimum(size, worth) * fewer
    return wilson_band(np.minimum(share * size, size), size, level)


def _from_top(cells: FloatArray) -> FloatArray:
    """Return sums (..., m + 1) over the cells at or above each threshold, none first."""
    total = np.cumsum(cells[..., ::-1], axis=-1)
    return np.concatenate([np.zeros((*cells.shape[:-1], 1)), total], axis=-1)
