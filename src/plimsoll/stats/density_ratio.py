"""How much oftener each reference row comes now: weights that make it look like the current rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from plimsoll.stats.interval import FloatArray

BoolArray = npt.NDArray[np.bool_]
LARGEST_WEIGHT = 100.0


def density_ratio(scores: FloatArray, current: BoolArray) -> FloatArray:
    """Return how much oftener each reference row comes now, (rows of the reference,), 1 on average.

    ``scores`` (n,) are out-of-fold log odds. They are stretched first so that they are calibrated
    (logistic regression on the score), for a classifier that learnt noise is surer than it may be: where
    nothing has changed the weights come out as 1. At most 100 times the usual one.

    Source: Bickel, Brueckner and Scheffer (2009), J. Mach. Learn. Res. 10:2137-2155.
    """
    start, slope = _logistic_line(scores, current)
    slope = max(slope, 0.0)
    log = start + slope * scores[~current]
    weights = np.minimum(np.exp(np.minimum(log - log.mean(), 50.0)), LARGEST_WEIGHT)
    return np.asarray(weights / weights.mean(), np.float64)


def kish(weights: FloatArray) -> float:
    """Return how many rows of equal weight these are worth, ``(sum w)^2 / sum w^2`` (Kish 1965)."""
    return float(weights.sum()) ** 2 / float((weights * weights).sum())


def _logistic_line(x: FloatArray, label: BoolArray) -> tuple[float, float]:
    """Return intercept and slope of a logistic regression, with a trace of ridge."""
    design = np.column_stack([np.ones_like(x), x])
    line = np.zeros(2)
    for _ in range(30):
        p = expit(design @ line)
        information = (design * (p * (1.0 - p))[:, None]).T @ design + 1e-6 * np.eye(2)
        step = np.linalg.solve(information, design.T @ (label - p) - 1e-6 * line)
        line = line + np.clip(step, -2.0, 2.0)
        if float(np.abs(step).max()) < 1e-9:
            break
    return float(line[0]), float(line[1])
