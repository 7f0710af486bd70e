"""Is a distance of two tables larger than a floor, and between which limits does it lie?

KS for numbers and the total variation for categories: the two that decide, for both say in how many of
100 rows the tables differ. Their tests take nothing for granted but the floor: the p-value is that of
``distance <= floor``, the worst case over all pairs of tables within it, with heavy tails, ties and
many categories. Here stands what the two share.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from plimsoll.core.estimate import Estimate
from plimsoll.stats.effective_rows import INDEPENDENT, DesignEffect
from plimsoll.stats.interval import FloatArray, t_quantile, z_quantile
from plimsoll.stats.proportion import newcombe_difference
from plimsoll.stats.two_samples import TwoSamples

SURELY_APART = 2.0
"""Standard errors that are taken off a gap before noise is said to have added less to it."""


@dataclass(frozen=True, slots=True)
class Effect:
    """The distance that decides.

    ``p_above_floor`` is the p-value of "no larger than the floor", ``p_changed`` that of no difference at
    all. ``by_chance`` is about what the distance would be, on average, without any difference.
    ``tests`` gaps of shares were tested one by one, 0 for Kolmogorov's law.
    """

    estimate: Estimate
    p_above_floor: float
    p_changed: float
    by_chance: float
    tests: int = 0


@dataclass(frozen=True, slots=True)
class Worth:
    """Effective rows of the two sides, ``n`` and ``m``, and the degrees of freedom behind them."""

    n: float
    m: float
    df: float

    @staticmethod
    def of(two: TwoSamples, design: DesignEffect) -> Worth:
        """Divide the rows by the design effect."""
        n, m = two.rows
        return Worth(n / design.factor, m / design.factor, design.df)

    @property
    def both(self) -> float:
        """``n m / (n + m)``: the rows of one sample that varies as much as the difference."""
        return self.n * self.m / (self.n + self.m)

    def as_normal(self, level: float) -> Worth:
        """Return so many fewer rows that a normal quantile does what Student's would."""
        shrink = (z_quantile(level) / t_quantile(level, self.df)) ** 2
        return Worth(self.n * shrink, self.m * shrink, math.inf)


def added_by_noise(gap: FloatArray, se: FloatArray) -> FloatArray:
    """Return by how much noise makes absolute gaps larger on average, given what was seen of them.

    ``E|d + e| - |d|`` of a normal ``e``: 0.8 standard errors where ``d`` is 0, hardly any where it is large.
    Two standard errors are taken off the gap that was seen, for noise was in it.
    """
    ratio = np.abs(gap) / np.maximum(se, 1e-300)
    far = np.clip(ratio - SURELY_APART, 0.0, 40.0)  # Beyond, nothing is added.
    bump = np.exp(-far * far / 2.0) * math.sqrt(2.0 / math.pi)
    return np.asarray(se * (bump - 2.0 * far * ndtr(-far)), np.float64)


def gap_high(x: float, n: float, y: float, m: float, level: float, worth: Worth) -> float:
    """Return the upper limit of a gap in absolute value."""
    fewer = worth.as_normal(level).n / worth.n
    x, n, y, m = (part * fewer for part in (x, n, y, m))
    low, high = newcombe_difference(x, n, y, m, level)
    return high if x / n >= y / m else -low


def bounded(
    name: str,
    value: float,
    low: float,
    high: float,
    level: float,
    two: TwoSamples,
    method: str,
    design: DesignEffect,
) -> Estimate:
    """Return the estimate of a distance from 0 to 1, its interval cut to that and holding the value."""
    low, high = min(max(low, 0.0), value), min(max(high, value), 1.0)
    return Estimate(name, value, low, max(high, value), level, two.rows[1], said(method, design))


def said(method: str, design: DesignEffect) -> str:
    """Return the word for a method, with that for effective rows where rows hang together."""
    return method if design == INDEPENDENT else f"{method}, effective rows of the buckets"
