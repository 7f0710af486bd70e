"""Intervals of the distances that describe a change and do not decide: Wasserstein, Jensen-Shannon, PSI.

Formulas in place of a bootstrap: a bootstrap of a distance starts from tables that already differ by
chance, and so adds chance twice.

Simulated at nominal 95 % (``benchmarks/FALSE_ALARMS.md``): 94 to 100 %, and near 100 % where nothing
has changed, for 0 is an end of the range.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import chndtrinc

from plimsoll.core.estimate import Estimate
from plimsoll.stats.drift_effect import Worth, added_by_noise, said
from plimsoll.stats.effective_rows import INDEPENDENT, DesignEffect
from plimsoll.stats.interval import FloatArray, Limits, t_quantile, z_quantile
from plimsoll.stats.two_samples import (
    JENSEN_SHANNON_CELLS,
    PSI_CELLS,
    TwoSamples,
    jensen_shannon,
    psi,
    smoothed,
    wasserstein,
    wasserstein_cell_bound,
)

FAR = 1e4
"""A noncentral chi-squared beyond it is taken as normal."""


def wasserstein_sigma(
    two: TwoSamples, *, level: float = 0.95, design: DesignEffect = INDEPENDENT
) -> Estimate | None:
    """Return how far rows moved on average, in standard deviations of the reference.

    None where the reference does not vary or a side has no rows. With ``F - G`` the gap of the
    distribution functions, ``s(x)`` its standard error and ``S`` that of the difference of the means,

        low = W - integral of what noise adds to |F - G| - z S        high = W + z S

    No set of rows moves further by chance than the means do (``S`` is the largest standard error of any
    1-Lipschitz function), so both hold for every shape of the change (Borell 1975,
    doi:10.1007/BF01425510). The sampling error of the reference's standard deviation is put in (delta
    method), and so is what cells with widths may hide.
    """
    if two.values is None or min(two.rows) == 0:
        return None
    two = two.scaled()
    assert two.values is not None
    p, q = two.shares
    scale, kurtosis = _scale(two.values, p)
    if scale <= 0.0:
        return None
    worth = Worth.of(two, design)
    value = wasserstein(two.values, two.reference, two.current) / scale
    other = _scale(two.values, q)[0] / scale
    se = math.sqrt(1.0 / worth.n + other * other / worth.m)
    se = math.hypot(se, value * math.sqrt(max(kurtosis - 1.0, 0.0) / (4.0 * worth.n)))
    reach = t_quantile(level, worth.df) * se
    slack = 0.0
    if two.widths is not None:
        slack = wasserstein_cell_bound(two.reference, two.current, two.widths) / scale
    low = value - _noise(two.coarse, worth) / scale - reach - slack
    method = said("normal, less what noise adds", design)
    return _above_zero("wasserstein_sigma", value, (low, value + reach + slack), two, level, method)


def _scale(values: FloatArray, share: FloatArray) -> tuple[float, float]:
    """Return the standard deviation and the kurtosis (3 for a normal one)."""
    off = values - float((share * values).sum())
    square = off * off
    variance = float((share * square).sum())
    if variance <= 0.0 or not math.isfinite(variance):
        return 0.0, 0.0
    return math.sqrt(variance), float((share * (square / variance) ** 2).sum())


def _noise(two: TwoSamples, worth: Worth) -> float:
    """Return how much noise adds to the area between two distribution functions, on average."""
    assert two.values is not None
    one, other = (np.minimum(np.cumsum(x)[:-1], 1.0) for x in two.shares)
    se = np.sqrt(one * (1.0 - one) / worth.n + other * (1.0 - other) / worth.m)
    return float((added_by_noise(one - other, se) * np.diff(two.values)).sum())


def jensen_shannon_distance(
    two: TwoSamples, *, level: float = 0.95, design: DesignEffect = INDEPENDENT
) -> Estimate | None:
    """Return the Jensen-Shannon distance (base 2) with its interval, or None where a side has no rows.

    Numbers stand in up to 20 cells, of about equal mass of the two sides together; categories in
    their own. The limits of a divergence by :func:`_divergence_limits`. They are found without the
    categories too rare to lean on, which may hold up to all of their share more.
    """
    if min(two.rows) == 0:
        return None
    cells = two.in_quantiles(JENSEN_SHANNON_CELLS)
    value = jensen_shannon(cells.reference, cells.current)
    coarse = cells if two.ordered else cells.coarse
    divergence = jensen_shannon(coarse.reference, coarse.current) ** 2
    p, q = smoothed(coarse.reference), smoothed(coarse.current)
    slopes = [np.log2(2.0 * x / (p + q)) / 2.0 for x in (p, q)]
    variance = _variance(p, q, slopes, Worth.of(two, design))
    curvature = 1.0 / (8.0 * math.log(2.0))
    low, high = _divergence_limits(divergence, coarse, curvature, variance, level, design)
    limits = math.sqrt(low), math.sqrt(min(high + coarse.lumped, 1.0))
    method = said("noncentral chi-squared", design)
    return _above_zero("jensen_shannon", value, limits, two, level, method)


def population_stability(
    two: TwoSamples, *, level: float = 0.95, design: DesignEffect = INDEPENDENT
) -> Estimate | None:
    """Return the population stability index with its interval, or None where a side has no rows.

    Numbers stand in the deciles of the reference, fewer where there are fewer than 50 rows; categories
    too rare to lean on are one; None where all of them are. See :func:`plimsoll.stats.two_samples.psi` for
    empty cells.
    """
    if min(two.rows) == 0:
        return None
    cells = two.in_quantiles(PSI_CELLS, of_reference=True) if two.ordered else two.coarse
    if cells.reference.size == 1 < two.reference.size and not two.ordered:
        return None
    value = psi(cells.reference, cells.current)
    p, q = smoothed(cells.reference), smoothed(cells.current)
    slopes = [np.log(p / q) - q / p, np.log(q / p) - p / q]
    variance = _variance(p, q, slopes, Worth.of(two, design))
    limits = _divergence_limits(value, cells, 1.0, variance, level, design)
    return _above_zero("psi", value, limits, two, level, said("noncentral chi-squared", design))


def _variance(p: FloatArray, q: FloatArray, slopes: list[FloatArray], worth: Worth) -> float:
    """Return the variance by the delta method, from the slopes in the shares of either side."""
    total = 0.0
    for share, slope, rows in zip((p, q), slopes, (worth.n, worth.m), strict=True):
        off = slope - float((share * slope).sum())
        total += float((share * off * off).sum()) / rows
    return total


def _divergence_limits(
    value: float,
    two: TwoSamples,
    curvature: float,
    variance: float,
    level: float,
    design: DesignEffect,
) -> Limits:
    """Return the limits of a divergence that is ``curvature * sum (p - q)^2 / p`` near 0.

    Near 0, ``nm/(n+m) / curvature`` times the divergence is a noncentral chi-squared, whose noncentrality
    is that of the populations, so what chance adds is taken off; far from 0 it is normal (delta
    method). Each limit is the further one of the two.
    """
    cells = int((two.reference + two.current > 0).sum())
    if cells < 2:
        return 0.0, 0.0
    worth = Worth.of(two, design)
    rows = worth.as_normal(level).both
    bias = curvature * (cells - 1) / worth.both
    half = t_quantile(level, worth.df) * math.sqrt(variance)
    low, high = value - bias - half, value - bias + half
    statistic = value * rows / curvature
    if statistic < FAR:
        miss = (1.0 - level) / 2.0
        # Tables more alike than chance lets expect say no more than those just as alike.
        seen = (statistic, 1.0 - miss), (max(statistic, cells - 1.0), miss)
        near = [float(chndtrinc(x, cells - 1, p)) for x, p in seen]
        if all(math.isfinite(x) for x in near):
            low = min(low, near[0] * curvature / rows)
            high = max(high, near[1] * curvature / rows)
    else:
        half = z_quantile(level) * 2.0 * math.sqrt(curvature * value / rows)
        low, high = min(low, value - bias - half), max(high, value + half)
    return max(low, 0.0), max(high, 0.0)


def _above_zero(
    name: str, value: float, limits: Limits, two: TwoSamples, level: float, method: str
) -> Estimate:
    low, high = min(max(limits[0], 0.0), value), max(limits[1], value)
    return Estimate(name, value, low, high, level, two.rows[1], method)
