"""Many findings at once, corrected so that few of them are false.

Of a hundred columns in which nothing changed, five are "significant at 5 %". Holm's correction keeps the
probability of *any* false finding below the level and belongs where findings gate. Benjamini and
Hochberg's keeps the expected *share* of false ones among the findings below it and belongs where findings
inform; Benjamini and Yekutieli's does so however the findings depend on each other.

A p-value that is NaN (there was nothing to test) is no member of the family and stays NaN.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from plimsoll.core.estimate import Estimate
from plimsoll.stats.interval import FloatArray, clipped, z_quantile

Correction = Literal["holm", "benjamini_hochberg", "benjamini_yekutieli"]
ROUNDING = 1e-9
"""A sum of probabilities may end so far above 1."""


def holm(p: npt.ArrayLike) -> FloatArray:
    """Return p-values such that few families have any false one among those below a level.

    Step-down: the i-th smallest of m is multiplied by ``m - i + 1``, and none may be below a smaller
    one's. Holds however the tests depend on each other.

    Source: Holm (1979), Scand. J. Statist. 6:65-70, https://www.jstor.org/stable/4615733

    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    values, member = _members(p)
    m = int(member.sum())
    order = np.argsort(values[member], kind="stable")
    raised = np.maximum.accumulate((m - np.arange(m)) * values[member][order])
    return _put_back(values, member, order, raised)


def benjamini_hochberg(p: npt.ArrayLike) -> FloatArray:
    """Return p-values such that few of those below a level are false, on average over families.

    Step-up: the i-th smallest of m is multiplied by ``m / i``, and none may be above a larger one's. Holds
    for tests that are independent or positively dependent.

    Source: Benjamini and Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x
    """
    return _stepped_up(*_members(p), harmonic=False)


def benjamini_yekutieli(p: npt.ArrayLike) -> FloatArray:
    """Return p-values such that few of those below a level are false, whatever their dependence.

    Benjamini and Hochberg's times ``1 + 1/2 + ... + 1/m``.

    Source: Benjamini and Yekutieli (2001), doi:10.1214/aos/1013699998
    """
    return _stepped_up(*_members(p), harmonic=True)


def rejected(
    p: npt.ArrayLike, *, alpha: float = 0.05, by: Correction = "holm"
) -> npt.NDArray[np.bool_]:
    """Return which of many findings stand after the correction; one that is NaN does not.

    >>> int(rejected([0.001, 0.02, 0.03, 0.04], by="benjamini_hochberg").sum())
    4
    """
    if not 0.0 < alpha < 1.0:
        raise ValueError(f"alpha must lie between 0 and 1, got {alpha}")
    adjusted = CORRECTIONS[by](p)
    stands: npt.NDArray[np.bool_] = np.nan_to_num(adjusted, nan=1.0) <= alpha
    return stands


CORRECTIONS = {
    "holm": holm,
    "benjamini_hochberg": benjamini_hochberg,
    "benjamini_yekutieli": benjamini_yekutieli,
}


def level_for_each(level: float, statements: int) -> float:
    """Return the level at which each of many intervals holds if together they shall hold at ``level``.

    Bonferroni's: ``1 - (1 - level) / statements``.

    >>> round(level_for_each(0.95, 10), 6)
    0.995
    """
    z_quantile(level)
    return 1.0 - (1.0 - level) / max(statements, 1)


def at_level(
    estimate: Estimate, level: float, *, low: float | None = None, high: float | None = None
) -> Estimate:
    """Return the same number with an interval of another confidence, for one of a family.

    Each end moves from the value as the normal quantile does, so a skewed interval keeps its skewness. Good
    near the level that it was made for; a formula asked for the new level is better where there is one.
    Cut to the range [low, high] of the measure.

    >>> one = Estimate("accuracy", 0.8, 0.7, 0.85, 0.95, 100, "Wilson")
    >>> wider = at_level(one, 0.995, high=1.0)
    >>> round(wider.low, 3), round(wider.high, 3), wider.method
    (0.657, 0.872, 'Wilson, from its 95 % interval')
    """
    if level == estimate.level:
        return estimate
    stretch = z_quantile(level) / z_quantile(estimate.level)
    lower, upper = clipped(
        (
            estimate.value - stretch * (estimate.value - estimate.low),
            estimate.value + stretch * (estimate.high - estimate.value),
        ),
        low,
        high,
    )
    made = f"{estimate.method}, from its {100 * estimate.level:g} % interval"
    return replace(estimate, low=lower, high=upper, level=level, method=made)


def _members(p: npt.ArrayLike) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    """Return the p-values as an array (m,), and which of them are numbers."""
    values = np.asarray(p, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"p-values must be one list, got an array of shape {values.shape}")
    member = ~np.isnan(values)
    if bool(np.any((values[member] < -ROUNDING) | (values[member] > 1.0 + ROUNDING))):
        raise ValueError("p-values must lie between 0 and 1")
    return np.clip(values, 0.0, 1.0), member


def _stepped_up(values: FloatArray, member: npt.NDArray[np.bool_], *, harmonic: bool) -> FloatArray:
    m = int(member.sum())
    rank = np.arange(1, m + 1)
    order = np.argsort(values[member], kind="stable")
    spread = float((1.0 / rank).sum()) if harmonic else 1.0
    raised = spread * values[member][order] * m / rank
    return _put_back(values, member, order, np.minimum.accumulate(raised[::-1])[::-1])


def _put_back(
    values: FloatArray,
    member: npt.NDArray[np.bool_],
    order: npt.NDArray[np.intp],
    sorted_values: FloatArray,
) -> FloatArray:
    """Return adjusted p-values, given in the order of size, in the order in which they came."""
    out = np.full(values.shape, np.nan)
    inside = np.empty(order.size)
    inside[order] = np.minimum(sorted_values, 1.0)
    out[member] = inside
    return out
