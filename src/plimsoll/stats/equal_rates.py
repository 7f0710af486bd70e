"""How far apart a rate is in the groups where it is highest and lowest, and how surely.

The gap of recall between groups, of the false positive rate (together they are equalised odds, each asked by
itself), of the selection rate (demographic parity): the largest less the smallest, or the smallest over the
largest, with the point values of Fairlearn's ``MetricFrame.difference()`` and ``ratio()``.

The groups with the largest and the smallest rate are picked by the data, and the gap seen is larger than the
true one on average: of five groups of 100 with the same rate of 0.3, the largest and the smallest are 10.8
points apart on average. :func:`rate_gap` says so (``by_chance``), and its interval allows for it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from plimsoll.core.estimate import Estimate
from plimsoll.stats.family import level_for_each
from plimsoll.stats.interval import FloatArray, z_quantile
from plimsoll.stats.power import MOST_ROWS
from plimsoll.stats.proportion import wilson_band
from plimsoll.stats.share_ratio import METHOD, GroupShares

POWER = 0.8
STEPS = 40
ROUNDING = 1e-12
POINTS = 2001
WIDEST = 9.0
"""Standard errors up to which the range of groups is added up."""


@dataclass(frozen=True, slots=True)
class RateGap:
    """The gap of one rate over all groups.

    ``difference`` is the largest less the smallest, ``ratio`` the smallest over the largest (None where the
    largest is 0). ``largest`` and ``smallest`` are the positions of these groups. ``by_chance`` is the gap
    that groups of these sizes would show on average if all had the same rate.
    """

    difference: Estimate
    ratio: Estimate | None
    largest: int
    smallest: int
    by_chance: float


def rate_gap(name: str, shares: GroupShares, *, level: float = 0.95) -> RateGap | None:
    """Return the gap of a rate between groups, or None for fewer than two groups.

    The true gap is the largest of the true differences of all pairs. So its upper limit is the largest
    upper limit of a pair, at the level asked for: the pair that is truly widest is one of them. Its lower
    limit is the largest lower limit, each at the level that makes those of all ``G (G - 1) / 2`` pairs hold
    together (Bonferroni), and at least 0. Limits of pairs are Newcombe's (square-and-add of Wilson's) for
    the difference, score limits for the ratio, where largest and smallest change places.

    Simulated coverage at nominal 95 % (``benchmarks/GROUPS.md``): 94.3 to 97.5 % for both, whether rates are
    all equal or apart, and 99.8 % where many small groups could be the outermost.
    """
    rate = shares.share
    if rate.size < 2:
        return None
    largest, smallest = int(np.argmax(rate)), int(np.argmin(rate))
    pairs = rate.size * (rate.size - 1) // 2
    whole = int(shares.people.sum())
    over = "" if pairs == 1 else f", over {pairs} pairs"
    low = max(float(differences(shares, level_for_each(level, pairs))[0].max()), 0.0)
    high = float(differences(shares, level)[1].max())
    value = float(rate[largest] - rate[smallest])
    low, high = min(low, value), min(max(high, value), 1.0)
    apart = Estimate(f"{name}_difference", value, low, high, level, whole, f"Newcombe{over}")
    return RateGap(
        apart, _ratio(name, shares, level, pairs, over), largest, smallest, gap_by_chance(shares)
    )


def differences(shares: GroupShares, level: float) -> tuple[FloatArray, FloatArray]:
    """Return Newcombe's limits of the rate of each group less that of each other, two arrays (G, G)."""
    rate = shares.share
    under, above = wilson_band(shares.hits, shares.rows, level)
    below, beyond = rate - under, above - rate
    apart = rate[:, np.newaxis] - rate
    low = apart - np.hypot(below[:, np.newaxis], beyond)
    high = apart + np.hypot(beyond[:, np.newaxis], below)
    for limit in (low, high):
        np.fill_diagonal(limit, 0.0)
    return low, high


def gap_by_chance(shares: GroupShares) -> float:
    """Return the gap to be expected of groups of these sizes if all have the rate of all together.

    The mean range of independent normal numbers: ``integral 1 - prod F_g - prod (1 - F_g)``.

    >>> round(gap_by_chance(GroupShares.of_counts([30] * 5, [100] * 5)), 3)
    0.107
    """
    pooled = float(shares.hits.sum() / shares.rows.sum())
    errors = np.sqrt(pooled * (1.0 - pooled) / shares.rows)
    if float(errors.max()) == 0.0:
        return 0.0
    at = np.linspace(-WIDEST, WIDEST, POINTS) * float(errors.max())
    below = ndtr(at / errors[:, np.newaxis])
    inside = 1.0 - np.prod(below, axis=0) - np.prod(1.0 - below, axis=0)
    return min(float(np.trapezoid(inside, at)), 1.0)


def people_needed(shares: GroupShares, bound: float, *, level: float = 0.95) -> int | None:
    """Return how many people would settle whether the gap is within a bound, in about 80 of 100 tables.

    If the truth stands where the estimates do, with the same shares of groups. The table is enlarged until
    the interval, with arms as much longer as a power of 0.8 asks, leaves out the bound. None where the gap
    is at the bound or a million million people would be too few.
    """
    rate = shares.share
    gap, people = float(np.ptp(rate)), int(shares.people.sum())
    pairs = rate.size * (rate.size - 1) // 2
    within = gap < bound
    quantile = z_quantile(level if within else level_for_each(level, pairs)) + float(ndtri(POWER))
    stretched = float(2.0 * ndtr(quantile) - 1.0)

    def settled(log_times: float) -> bool:
        times = math.exp(log_times)
        larger = GroupShares(times * shares.hits, times * shares.rows, shares.people)
        low, high = differences(larger, stretched)
        return bool(high.max() <= bound if within else low.max() > bound)

    near, far = 0.0, math.log(MOST_ROWS / people)
    if abs(gap - bound) < ROUNDING or not settled(far):
        return None
    for _ in range(STEPS):
        middle = (near + far) / 2.0
        near, far = (near, middle) if settled(middle) else (middle, far)
    return max(math.ceil(people * math.exp(far)), people + 1)


def _ratio(name: str, shares: GroupShares, level: float, pairs: int, over: str) -> Estimate | None:
    rate = shares.share
    top = float(rate.max())
    if top <= 0.0:
        return None
    low, high = shares.ratios(level, level_for_each(level, pairs))
    np.fill_diagonal(low, 1.0)
    np.fill_diagonal(high, 1.0)
    value = float(rate.min()) / top
    least, most = min(float(low.min()), value), max(float(high.min()), value)
    whole = int(shares.people.sum())
    return Estimate(f"{name}_ratio", value, least, most, level, whole, f"{METHOD}{over}")
