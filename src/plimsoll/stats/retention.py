"""How much of what a model gains over chance is left under stress, at one severity and over all of them.

A fall of the area under the ROC curve from 0.90 to 0.85 takes an eighth of what the model was worth; one
from 0.60 to 0.55 takes half. *Retention* says it on one scale for every measure: 1 is as good as clean, 0
is no better than chance, below 0 is worse. Clean and stressed answers are of the same rows, so the
influences are subtracted row by row and the interval is paired by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from plimsoll.stats.influence import Value

Floats = npt.NDArray[np.float64]


def retention(stressed: Value, clean: Value, chance: float, *, higher: bool = True) -> Value | None:
    """Return the share of the gain over chance that is left, with the influence of every row.

    ``(stressed - chance) / (clean - chance)``, for measures where ``higher`` is better and for losses alike.
    ``chance`` is taken as known. None where the clean answers gain nothing over chance: then there is nothing
    to be kept.
    """
    gain = clean.value - chance
    if (gain if higher else -gain) <= 0 or not np.isfinite(gain):
        return None
    kept = (stressed.value - chance) / gain
    return Value(kept, (stressed.influence - kept * clean.influence) / gain)


def mean_retention(
    severities: Sequence[float],
    values: Sequence[Value],
    clean: Value,
    chance: float,
    *,
    higher: bool = True,
) -> Value | None:
    """Return the mean retention over the severities: the area under the severity curve.

    ``values`` go with ``severities``, two or more that rise, the clean rows first where they count. Between
    them the curve is taken to be straight (trapezoids), and its area is divided by the span, so that curves
    over different units compare. None where the clean answers gain nothing over chance.

    Raises
    ------
    ValueError
        If there are fewer than two severities, or they do not rise.
    """
    at = np.asarray(severities, dtype=np.float64)
    gaps = np.diff(at)
    if at.size < 2 or at.size != len(values) or not (gaps > 0).all():
        raise ValueError(f"severities must be two or more that rise, one a value; got {severities}")
    weights = _trapezoids(gaps)
    mean = float(weights @ np.array([v.value for v in values]))
    influence: Floats = weights @ np.stack([v.influence for v in values])
    return retention(Value(mean, influence), clean, chance, higher=higher)


def _trapezoids(gaps: Floats) -> Floats:
    """Return the weight of each point in the mean of a curve of straight pieces; they add up to 1."""
    halves = gaps / (2.0 * gaps.sum())
    weights: Floats = np.concatenate([halves, [0.0]]) + np.concatenate([[0.0], halves])
    return weights
