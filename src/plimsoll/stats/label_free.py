"""What the measures of rows without labels are expected to be, from their scores.

Scores are calibrated on rows with labels (isotonic regression); a row with score s then is positive with the
calibrated probability p(s), and right and wrong decisions are counted in expectation. It holds as long as
p(s) still does, whatever happened to the mix of the scores. A new relation of inputs and label cannot be
seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from plimsoll.core.estimate import Estimate
from plimsoll.stats.interval import FloatArray, ratio, z_quantile

_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False)
class Calibrated:
    """Cells of scores with the calibrated probability of each, and how sure it is.

    ``scores``, ``probability`` and ``rows`` (of today) are (m,); ``block`` numbers the stretches of equal
    probability and ``known`` (blocks,) are the rows with labels behind each.
    """

    scores: FloatArray
    probability: FloatArray
    rows: FloatArray
    block: npt.NDArray[np.int64]
    known: FloatArray


def calibrated(
    scores: FloatArray, negatives: FloatArray, positives: FloatArray, today: FloatArray
) -> Calibrated | None:
    """Return calibrated cells from rows with labels by cell, and rows of today by the same cells.

    All (m,), scores ascending. Cells without labelled rows take the probability between their neighbours'.
    None where there are no labelled rows, or none of today.
    """
    from sklearn.isotonic import isotonic_regression

    labelled = negatives + positives
    there = labelled > 0
    if not there.any() or today.sum() <= 0:
        return None
    fitted = isotonic_regression(
        positives[there] / labelled[there], sample_weight=labelled[there], y_min=0.0, y_max=1.0
    )
    at = np.cumsum(np.r_[0, np.diff(fitted) > 0])
    known = np.bincount(at, labelled[there]).astype(np.float64)
    probability = np.interp(scores, scores[there], fitted)
    nearest = np.clip(np.searchsorted(scores[there], scores), 0, at.size - 1)
    return Calibrated(scores, probability, today, at[nearest], known)


def expected_accuracy(cells: Calibrated, threshold: float, *, level: float = 0.95) -> Estimate:
    """Return the expected share of right decisions of today, for score >= threshold."""
    said = cells.scores >= threshold
    n, p = cells.rows, cells.probability
    value = float(n @ np.where(said, p, 1.0 - p)) / float(n.sum())
    return _estimate("accuracy", value, cells, np.where(said, 1.0, -1.0) / n.sum(), level, 1.0)


def expected_recall(cells: Calibrated, threshold: float, *, level: float = 0.95) -> Estimate | None:
    """Return the expected share of the positives of today that are found; None without any."""
    said = (cells.scores >= threshold).astype(np.float64)
    true = float(cells.rows @ cells.probability)
    if true <= 0:
        return None
    value = float(cells.rows @ (cells.probability * said)) / true
    return _estimate("recall", value, cells, (said - value) / true, level, 1.0)


def expected_precision(
    cells: Calibrated, threshold: float, *, level: float = 0.95
) -> Estimate | None:
    """Return the expected share of those flagged today that are positive; None without any."""
    said = (cells.scores >= threshold).astype(np.float64)
    flagged = float(cells.rows @ said)
    if flagged <= 0:
        return None
    value = float(cells.rows @ (cells.probability * said)) / flagged
    return _estimate("precision", value, cells, said / flagged, level, 1.0)


def expected_log_loss(cells: Calibrated, *, level: float = 0.95) -> Estimate:
    """Return the expected log loss of today's scores, which lie in [0, 1]."""
    s = np.clip(cells.scores, _EPS, 1.0 - _EPS)
    n, p = cells.rows, cells.probability
    value = float(n @ -(p * np.log(s) + (1.0 - p) * np.log1p(-s))) / float(n.sum())
    return _estimate("log_loss", value, cells, (np.log1p(-s) - np.log(s)) / n.sum(), level, None)


def _estimate(
    name: str,
    value: float,
    cells: Calibrated,
    slope: FloatArray,
    level: float,
    most: float | None,
) -> Estimate:
    """Return a number with the interval of what the labels of these rows will show.

    ``slope`` (m,) is its derivative by the outcome of one row of a cell. Two things vary: the outcomes of
    today's rows, and the calibration, which rests on the labelled rows of each block.
    """
    p, n = cells.probability, cells.rows
    outcome = p * (1.0 - p)
    today = float((n * slope**2) @ outcome)
    by_block = np.bincount(cells.block, n * slope, cells.known.size)
    # A block of one outcome alone says no probability of 0 or 1: half a row of the other is added.
    summed = np.bincount(cells.block, p, cells.known.size)
    share = ratio(summed, np.bincount(cells.block, minlength=cells.known.size), 0.5)
    steady = (share * cells.known + 0.5) / (cells.known + 1.0)
    of_fit = float(by_block**2 @ (steady * (1.0 - steady) / (cells.known + 1.0)))
    half = z_quantile(level) * math.sqrt(today + of_fit)
    low, high = max(value - half, 0.0), value + half
    high = high if most is None else min(high, most)
    return Estimate(
        name, value, low, high, level, int(n.sum()), "isotonic calibration on the reference"
    )
