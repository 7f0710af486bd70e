"""Has a number changed by more than a floor? KS decides, the largest gap of two distribution functions.

Why the test holds at every pair of tables within the floor: where they differ, the noise of ``F_n - G_m``
has the covariance of a Brownian bridge less a product ``(F - G)(F - G)'``. So Kolmogorov's law, that of
the bridge, lies above it (Anderson 1955, doi:10.1090/S0002-9939-1955-0069229-1), and ``sqrt(nm/(n+m))
(D - floor)`` may be held against it, whatever the values and their ties.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.special import kolmogi, kolmogorov

from plimsoll.stats.drift_effect import Effect, Worth, bounded, gap_high
from plimsoll.stats.effective_rows import FEW_CELLS, INDEPENDENT, DesignEffect
from plimsoll.stats.interval import t_quantile
from plimsoll.stats.share_gap import gap_low, gap_p
from plimsoll.stats.two_samples import TwoSamples, ks, ks_cell_bound

MEAN_OF_KOLMOGOROV = math.sqrt(math.pi / 2.0) * math.log(2.0)


def ks_effect(
    two: TwoSamples,
    *,
    floor: float = 0.0,
    level: float = 0.95,
    design: DesignEffect = INDEPENDENT,
) -> Effect:
    """Return the KS distance of a number with its interval and p-values. Both sides must have rows.

    With six values or more by Kolmogorov's law (Student's tail in place of the normal one for few buckets:
    ``2 (1 + 4 t^2 / df)^(-df/2)``): limits ``D - q`` and, for the gap is largest at one value, ``D +
    z / 2``, both over ``sqrt(nm / (n + m))``. With five or fewer every gap is tested as a gap of two
    shares, times their number. The upper limit reaches further by what cells with widths may hide.
    Simulated: holds the truth in 95 to 100 % (``benchmarks/FALSE_ALARMS.md``).
    """
    worth = Worth.of(two, design)
    value = ks(two.reference, two.current)
    held = two.in_pools(_held(two))
    if held.reference.size <= FEW_CELLS:
        return _few_gaps(held, value, worth, floor, level, design)
    root = math.sqrt(worth.both)
    low = value - kolmogorov_quantile((1.0 - level) / 2.0, worth.df) / root
    high = value + t_quantile(level, worth.df) / (2.0 * root)
    if two.widths is not None:
        high += ks_cell_bound(two.reference, two.current, two.widths)
    return Effect(
        bounded("ks", value, low, high, level, two, "Kolmogorov", design),
        kolmogorov_p(root * (value - floor), worth.df),
        kolmogorov_p(root * value, worth.df),
        min(MEAN_OF_KOLMOGOROV / root, 1.0),
    )


def kolmogorov_p(t: float, df: float = math.inf) -> float:
    """Return the probability that the largest gap of a Brownian bridge is ``t`` or more."""
    if t <= 0.0:
        return 1.0
    if math.isinf(df):
        return float(kolmogorov(t))
    return min(2.0 * math.pow(1.0 + 4.0 * t * t / df, -df / 2.0), 1.0)


def kolmogorov_quantile(p: float, df: float = math.inf) -> float:
    """Return the ``t`` of :func:`kolmogorov_p`: 1.36 for 0.05."""
    if math.isinf(df):
        return float(kolmogi(p))
    return math.sqrt(df / 4.0 * (math.pow(2.0 / p, 2.0 / df) - 1.0))


def _held(two: TwoSamples) -> npt.NDArray[np.intp]:
    """Return the first cell of each pool of one cell with rows and the empty ones before it."""
    there = np.flatnonzero(two.reference + two.current)
    return np.r_[0, there[:-1] + 1] if there.size else np.zeros(1, np.intp)


def _few_gaps(
    two: TwoSamples, value: float, worth: Worth, floor: float, level: float, design: DesignEffect
) -> Effect:
    n, m = two.rows
    parts = [
        (float(x) / n * worth.n, worth.n, float(y) / m * worth.m, worth.m)
        for x, y in zip(np.cumsum(two.reference)[:-1], np.cumsum(two.current)[:-1], strict=True)
    ]
    tests = max(len(parts), 1)
    miss = (1.0 - level) / 2.0
    low = max((gap_low(*part, miss / tests, worth.df) for part in parts), default=0.0)
    high = max((gap_high(*part, level, worth) for part in parts), default=0.0)
    above, changed = (
        min([1.0, *(tests * gap_p(*part, at, worth.df) for part in parts)]) for at in (floor, 0.0)
    )
    if two.widths is not None:
        high += ks_cell_bound(two.reference, two.current, two.widths)
    chance = max((_mean_gap(x + y, part_n, part_m) for x, part_n, y, part_m in parts), default=0.0)
    return Effect(
        bounded("ks", value, low, high, level, two, "likelihood ratio of shares", design),
        above,
        changed,
        chance,
        tests,
    )


def _mean_gap(hits: float, n: float, m: float) -> float:
    share = hits / (n + m)
    return math.sqrt(2.0 / math.pi * share * (1.0 - share) * (1.0 / n + 1.0 / m))
