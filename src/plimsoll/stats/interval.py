"""Turn a number and how much it would vary into an interval.

The measures of this room differ in how they find their variance (a formula, leaving out rows, or
leaving out groups of rows) and share what stands here: the quantile that fits the evidence behind
the variance, and the scale on which the interval is drawn. :class:`Spreads` and the functions that
take it do for many numbers at once (a measure in thousands of slices) what :class:`Spread` does for one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit

FloatArray = npt.NDArray[np.float64]
Limits = tuple[float, float]

TINY = 1e-150
"""A sum of squares below this is 0: its powers would underflow."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How much a number would vary from one set of rows to the next.

    ``se`` is its standard error and ``df`` the degrees of freedom of that standard error: few where
    a handful of rows or groups carry most of the variance, whatever their number. ``skew`` is the
    standardised third moment of the number itself (not of the rows). ``parts`` counts the
    independent parts, rows or groups of rows, that it was found from.
    """

    se: float
    df: float = math.inf
    skew: float = 0.0
    parts: int = 0

    def rests_on(self, observations: float) -> Spread:
        """Return the same spread with the degrees of freedom of at most so many observations."""
        return replace(self, df=min(self.df, max(observations - 1.0, 1.0)))


@dataclass(frozen=True, slots=True, eq=False)
class Spreads:
    """How much each of many numbers would vary; arrays of one shape, fields as in :class:`Spread`.

    ``se`` is NaN where the spread is not known.
    """

    se: FloatArray
    df: FloatArray
    skew: FloatArray

    @staticmethod
    def of(spread: Spread) -> Spreads:
        """Take the spread of one number, as arrays without axes."""
        return Spreads(np.asarray(spread.se), np.asarray(spread.df), np.asarray(spread.skew))

    def rests_on(self, observations: FloatArray) -> Spreads:
        """Return the same spreads with the degrees of freedom of at most so many observations."""
        return replace(self, df=np.minimum(self.df, np.maximum(observations - 1.0, 1.0)))


def ratio(
    top: npt.ArrayLike, bottom: npt.ArrayLike, empty: float | FloatArray = math.nan
) -> FloatArray:
    """Return ``top / bottom``, and ``empty`` (a number, or an array of the shape) if ``bottom <= 0``."""
    over, under = np.asarray(top, np.float64), np.asarray(bottom, np.float64)
    out = np.empty(np.broadcast_shapes(over.shape, under.shape))
    out[...] = empty
    np.divide(over, under, out=out, where=under > 0)
    return out


def z_quantile(level: float) -> float:
    """Return the two-sided normal quantile: 1.96 for 0.95.

    Raises
    ------
    ValueError
        If ``level`` does not lie between 0 and 1.
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
    return float(ndtri((1.0 + level) / 2.0))


def t_quantile(level: float, df: float) -> float:
    """Return the two-sided Student quantile; the normal one where ``df`` is infinite."""
    normal = z_quantile(level)
    return normal if math.isinf(df) else float(stdtrit(df, (1.0 + level) / 2.0))


def t_quantiles(level: float, df: FloatArray) -> FloatArray:
    """Return the two-sided Student quantile for each of many degrees of freedom."""
    normal = z_quantile(level)
    known = np.where(np.isinf(df), 1.0, df)
    return np.where(np.isinf(df), normal, stdtrit(known, (1.0 + level) / 2.0))


def spread_of(
    parts: FloatArray, repeats: FloatArray | None = None, *, scale: float = 1.0
) -> Spread | None:
    """Return the spread of a sum of independent parts, or None where it rests on one part.

    ``parts`` (k,) are the deviations whose squares add up to the variance (times ``scale``), each
    counted ``repeats`` (k,) times.
    """
    weight = np.ones_like(parts) if repeats is None else repeats
    squares = parts * parts
    return spread_of_moments(
        float(weight @ squares),
        float(weight @ (squares * parts)),
        float(weight @ (squares * squares)),
        float(weight.sum()),
        scale=scale,
    )


def spread_of_moments(
    second: float, third: float, fourth: float, parts: float, *, scale: float = 1.0
) -> Spread | None:
    """Return the spread from the sums of second, third and fourth powers of independent parts.

    The variance is ``second * scale``. Its degrees of freedom are those of a scaled chi-squared
    with the same variance as the estimated variance, ``2 V^2 / Var(V)`` with the fourth powers
    (Satterthwaite 1946, doi:10.2307/3002019), from 1 to the parts less one: where two of sixty
    groups carry all the errors, the interval must know. None for fewer than two parts.
    """
    if parts < 2:
        return None
    found = spreads_of_moments(
        *(np.asarray(x) for x in (second, third, fourth, parts)), scale=np.asarray(scale)
    )
    return Spread(float(found.se), float(found.df), float(found.skew), int(parts))


def spreads_of_moments(
    second: FloatArray,
    third: FloatArray,
    fourth: FloatArray,
    parts: FloatArray,
    *,
    scale: FloatArray,
) -> Spreads:
    """Return the spreads of many numbers; arrays of one shape, see :func:`spread_of_moments`."""
    still = second <= TINY
    safe = np.where(still, 1.0, second)
    excess = fourth - safe * safe / np.maximum(parts, 1.0)
    df = ratio(2.0 * safe * safe, excess, math.inf)
    return Spreads(
        se=np.where(
            parts < 2, math.nan, np.where(still, 0.0, np.sqrt(safe * np.maximum(scale, 0.0)))
        ),
        df=np.where(still, parts - 1.0, np.minimum(np.maximum(df, 1.0), parts - 1.0)),
        skew=np.where(still, 0.0, third / safe**1.5),
    )


def symmetric(value: float, spread: Spread, *, level: float = 0.95) -> Limits:
    """Return ``value`` plus and minus the quantile times the standard error."""
    half = t_quantile(level, spread.df) * spread.se
    return value - half, value + half


def skew_corrected(value: float, spread: Spread, *, level: float = 0.95) -> Limits:
    """Return the interval of a mean whose rows are skewed (a log loss, a squared error).

    Hall's cubic transformation of the studentised mean, inverted: a mean that rests on few large
    losses is more likely too low than too high, so the interval reaches further up. Equal to
    :func:`symmetric` where the skewness is zero.

    Source: Hall (1992), J. R. Statist. Soc. B 54:221-228, doi:10.1111/j.2517-6161.1992.tb01876.x
    """
    low, high = skew_corrected_band(np.asarray(value), Spreads.of(spread), level=level)
    return float(low), float(high)


def skew_corrected_band(
    value: FloatArray, spread: Spreads, *, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Return the intervals of many skewed means; see :func:`skew_corrected`."""
    quantile = t_quantiles(level, spread.df)
    low = value - spread.se * _hall_inverse(quantile, spread.skew)
    high = value - spread.se * _hall_inverse(-quantile, spread.skew)
    return low, high


def hall(t: FloatArray, skew: FloatArray) -> FloatArray:
    """Return what a studentised mean ``t`` would be without the skewness of its rows.

    ``t + skew t^2 / 3 + skew^2 t^3 / 27 + skew / 6``; Hall (1992), see :func:`skew_corrected`.
    """
    out: FloatArray = t + skew * t * t / 3.0 + skew * skew * t**3 / 27.0 + skew / 6.0
    return out


def _hall_inverse(target: FloatArray, skew: FloatArray) -> FloatArray:
    """Solve ``hall(t, skew) = target`` for ``t``."""
    flat = np.abs(skew) < 1e-6
    safe = np.where(flat, 1.0, skew)
    bent = 3.0 / safe * (np.cbrt(1.0 + safe * (target - safe / 6.0)) - 1.0)
    return np.where(flat, target, bent)


def on_log(value: float, spread: Spread, *, level: float = 0.95) -> Limits:
    """Return the interval of a positive number, symmetric on the log scale (delta method)."""
    half = t_quantile(level, spread.df) * spread.se / value
    return value * math.exp(-half), value * math.exp(half)


def clipped(limits: Limits, low: float | None = None, high: float | None = None) -> Limits:
    """Return the limits cut to the range that the number can take."""
    lower, upper = limits
    if low is not None:
        lower, upper = max(lower, low), max(upper, low)
    if high is not None:
        lower, upper = min(lower, high), min(upper, high)
    return lower, upper
