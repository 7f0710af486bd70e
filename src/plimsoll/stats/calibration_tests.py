"""Calibration slope and intercept, and the two-sided Spiegelhalter test.

The slope ``b`` of ``logit P(label) = a + b logit(score)`` is 1 for calibrated scores; less than 1
says the scores are too extreme (overconfident), more than 1 too timid. *The* calibration intercept
is ``a`` with the slope fixed at 1, "calibration in the large": more than 0 says the scores are too
low. The ``a`` fitted jointly with ``b`` is given apart, because it answers another question.
Sources: Cox (1958), doi:10.1093/biomet/45.3-4.562; Van Calster et al. (2019),
doi:10.1186/s12916-019-1466-7.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from plimsoll.core.estimate import Estimate
from plimsoll.stats.calibration_cells import Cells, jackknife_error
from plimsoll.stats.calibration_fit import (
    CLIP,
    Fit,
    fit_logistic,
    logit,
    pooled_features,
    refit_without_groups,
    sandwich,
)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Undetermined:
    """A number that these rows cannot determine, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class CalibrationLine:
    """Slope and intercepts on the logit scale; see the module.

    ``intercept`` has the slope fixed at 1 (calibration in the large); ``joint_intercept`` belongs
    to ``slope``.
    """

    slope: Estimate | Undetermined
    intercept: Estimate | Undetermined
    joint_intercept: Estimate | Undetermined


@dataclass(frozen=True, slots=True)
class Spiegelhalter:
    """The statistic and its two-sided p-value.

    ``p`` is a function of the data, not an unknown number of the population: its ends equal it.
    """

    z: Estimate
    p: Estimate


def calibration_line(cells: Cells, level: float = 0.95) -> CalibrationLine:
    """Fit slope and intercepts with intervals, or say why they cannot be told.

    Intervals: profile likelihood, its threshold widened by the ratio of the sandwich variance to the
    model's where that is above 1 (the true curve need not be logistic) and with the t quantile;
    where rows are clustered, delete-a-group jackknife with the t quantile. Scores are clipped to
    [1e-15, 1 - 1e-15]. With one class, one distinct score, or labels that a threshold on the score
    separates (also with ties at the threshold) the likelihood has no maximum: undetermined.
    {coverage}
    """
    x = logit(cells.scores)
    ones = np.ones_like(x)
    if cells.one_class:
        reason = "all rows have the same label"
        return CalibrationLine(*(Undetermined(name, reason) for name in _NAMES))
    intercept = _interval(cells, ones[:, None], x, 0, "calibration_intercept", level)
    reason = _separated(cells, x)
    if reason:
        slope, joint = (Undetermined(name, reason) for name in (_NAMES[0], _NAMES[2]))
        return CalibrationLine(slope, intercept, joint)
    features = np.stack([ones, x], axis=1)
    return CalibrationLine(
        _interval(cells, features, None, 1, "calibration_slope", level),
        intercept,
        _interval(cells, features, None, 0, "calibration_joint_intercept", level),
    )


def spiegelhalter(cells: Cells, level: float = 0.95) -> Spiegelhalter | Undetermined:
    """Test whether the scores are true probabilities, looking for too sure and too unsure alike.

    ``z = sum (y - p)(1 - 2 p) / sqrt(sum (1 - 2 p)^2 p (1 - p))``, standard normal if they are
    (Spiegelhalter 1986, doi:10.1002/sim.4780050506). Positive: overconfident. Where rows are
    clustered the denominator is the jackknife error of the numerator and z is compared with t.
    The interval of z is z -/+ the critical value. Size measured at 5 %: 4 to 6 % for 50 to 5,000
    rows at 50, 10 and 2 % positives.
    """
    p = np.clip(cells.scores, CLIP, 1 - CLIP)
    tilt = 1 - 2 * p
    mean = cells.mean(-p * tilt, (1 - p) * tilt)
    if cells.clustered:
        return _spiegelhalter(mean.value, mean.error, cells.df, cells.n, level)
    variance = float(cells.squared.sum(axis=0) @ (tilt**2 * p * (1 - p)))
    return spiegelhalter_from_sums(mean.value * cells.total, variance, cells.n, level)


def spiegelhalter_from_sums(
    numerator: float, variance: float, n: int, level: float = 0.95
) -> Spiegelhalter | Undetermined:
    """Return the test from exact sums over rows: ``sum (y-p)(1-2p)`` and ``sum (1-2p)^2 p(1-p)``."""
    return _spiegelhalter(numerator, float(np.sqrt(variance)), np.inf, n, level)


_NAMES = ("calibration_slope", "calibration_intercept", "calibration_joint_intercept")


def _spiegelhalter(
    numerator: float, error: float, df: float, n: int, level: float
) -> Spiegelhalter | Undetermined:
    if not error > 0:
        reason = "every score is 0.5, or rows do not vary, so the statistic has no variance"
        return Undetermined("spiegelhalter_z", reason)
    z = numerator / error
    normal = np.isinf(df)
    p = 2 * float(special.ndtr(-abs(z)) if normal else special.stdtr(df, -abs(z)))
    reach = float(
        special.ndtri(0.5 + level / 2) if normal else special.stdtrit(df, 0.5 + level / 2)
    )
    method = "two-sided normal" if normal else f"two-sided t, {df:.0f} degrees of freedom"
    return Spiegelhalter(
        Estimate("spiegelhalter_z", z, z - reach, z + reach, level, n, method),
        Estimate("spiegelhalter_p", p, p, p, level, n, method),
    )


def _separated(cells: Cells, x: Floats) -> str | None:
    if x[0] == x[-1]:
        return "all scores are equal"
    negative, positive = x[cells.negatives > 0], x[cells.positives > 0]
    if negative[-1] <= positive[0] or positive[-1] <= negative[0]:
        return "a threshold on the score separates the labels, so the slope has no finite value"
    return None


def _interval(
    cells: Cells, features: Floats, offset: Floats | None, at: int, name: str, level: float
) -> Estimate | Undetermined:
    stacked = features if offset is None else np.column_stack([features, offset])
    few, pooled = pooled_features(cells, stacked)
    base = None
    if offset is not None:
        few, base = few[:, :-1], np.ascontiguousarray(few[:, -1])
    rough = fit_logistic(few, pooled.negatives, pooled.positives, offset=base)
    fit = rough
    if pooled is not cells:
        fit = fit_logistic(
            features,
            cells.negatives,
            cells.positives,
            offset=offset,
            start=rough.coefficients,
        )
    if not (fit.converged and rough.converged):
        return Undetermined(name, "the likelihood has no clear maximum on these rows")
    value = float(fit.coefficients[at])
    if cells.clustered:
        without = refit_without_groups(few, pooled, rough, offset=base)[:, at]
        reach = cells.critical(level) * jackknife_error(without)
        low, high, method = value - reach, value + reach, cells.basis
    else:
        ends = _profile(few, pooled, base, rough, at, level)
        shift = value - float(rough.coefficients[at])
        low, high = ends[0] + shift, ends[1] + shift
        method = "profile likelihood, sandwich-widened"
    if not np.isfinite([low, high]).all():
        return Undetermined(name, "the likelihood is too flat on these rows for an interval")
    return Estimate(name, value, min(low, value), max(high, value), level, cells.n, method)


def _profile(
    features: Floats, cells: Cells, offset: Floats | None, fit: Fit, at: int, level: float
) -> tuple[float, float]:
    """Return the two values of one coefficient at which the likelihood has dropped enough."""
    scale = cells.size / cells.total
    model = float(fit.covariance[at, at]) / scale
    robust = float(sandwich(features, cells, fit, offset=offset)[at, at])
    bound = cells.critical(level) * max(1.0, float(np.sqrt(robust / model)))
    base = np.zeros(features.shape[0]) if offset is None else offset
    others = np.delete(features, at, axis=1)
    rest = np.delete(fit.coefficients, at)
    best = float(fit.coefficients[at])

    def drop(value: float) -> float:
        moved = base + features[:, at] * value
        if others.shape[1]:
            loss = fit_logistic(
                others, cells.negatives, cells.positives, offset=moved, start=rest
            ).loss
        else:
            eta = moved
            softplus = np.maximum(eta, 0) + np.log1p(np.exp(-np.abs(eta)))
            loss = float(cells.weights @ softplus - cells.positives @ eta)
        return float(np.sqrt(max(0.0, 2 * scale * (loss - fit.loss)))) - bound

    step = bound * float(np.sqrt(model))
    return _cross(drop, best, -step), _cross(drop, best, step)


def _cross(drop: Callable[[float], float], best: float, step: float) -> float:
    """Return where ``drop`` turns positive, away from ``best`` in the direction of ``step``."""
    inside, far = best, best + step
    for _ in range(60):
        if drop(far) >= 0:
            return float(optimize.brentq(drop, inside, far, xtol=1e-9 + 1e-6 * abs(step)))
        inside, far = far, best + 2 * (far - best)
    return float(np.copysign(np.inf, step))
