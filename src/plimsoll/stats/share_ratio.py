"""How many times as often something happens in one group as in another: the ratio of two shares.

The interval is the score interval: the ratios that a score test does not reject (Koopman 1984,
doi:10.2307/2531405), with the small-sample factor ``N / (N - 1)`` of Miettinen and Nurminen (1985,
doi:10.1002/sim.4780040211). Unlike an interval on the log scale it has an answer where nobody of a group was
selected. Where the second share is 0 the ratio itself is not defined and is no number (None).

Exact coverage at nominal 95 %, all tables added up, for second shares from .05 to .95 and ratios from .25 to
1: 94.9 to 96.1 % with 200 rows in each group, 93.8 to 96.8 % with 20 and 200, 94.8 to 96.3 % with 200 and 20.
With 20 and 20 it is 95.6 % on average and 91.0 to 98.8 % at single truths, for counts are whole. The log
interval (Katz) covers as little as 64 % with 20 and 200, and often does not exist.

Shares with weights or clusters enter with as many independent rows as their own interval is worth; see
:func:`independent_rows`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from plimsoll.core.estimate import Estimate
from plimsoll.stats.interval import FloatArray, Limits, ratio, z_quantile

METHOD = "score interval of a ratio (Koopman, Miettinen-Nurminen)"
FARTHEST = 30.0
"""Ratios are searched between exp(-30) and exp(30)."""
STEPS = 40
"""Halvings of that range: the limits are right to ten digits."""
LEAST_ROWS = 1e-3
"""A share of which nothing is known counts as so many rows."""


@dataclass(frozen=True, eq=False)
class GroupShares:
    """One share of each of G groups of separate people: how often a group was selected, say.

    ``hits`` of ``rows`` (G,) are counts of independent rows. They need not be whole: with weights or
    clusters they are what the group is worth (:meth:`of_estimates`). ``people`` (G,) are the rows themselves.
    """

    hits: FloatArray
    rows: FloatArray
    people: npt.NDArray[np.int64]

    def __post_init__(self) -> None:
        if not self.hits.shape == self.rows.shape == self.people.shape or self.hits.ndim != 1:
            raise ValueError(
                "hits, rows and people must be lists of the same length, one entry a group; got "
                f"shapes {self.hits.shape}, {self.rows.shape} and {self.people.shape}"
            )
        if bool(np.any(self.rows <= 0)):
            raise ValueError("every group needs at least one row; leave out groups without any")
        if bool(np.any((self.hits < 0) | (self.hits > self.rows))):
            raise ValueError("hits must lie between 0 and the rows of the group")

    @staticmethod
    def of_counts(hits: npt.ArrayLike, rows: npt.ArrayLike) -> GroupShares:
        """Take counts of independent rows, ``hits`` of ``rows`` (G,)."""
        n = np.asarray(rows)
        return GroupShares(
            np.asarray(hits, np.float64), n.astype(np.float64), np.rint(n).astype(np.int64)
        )

    @staticmethod
    def of_estimates(shares: Sequence[Estimate]) -> GroupShares:
        """Take shares with their intervals, as :func:`plimsoll.stats.proportion.proportion` makes them.

        Groups are taken as independent. Where clusters hold rows of several groups (shops with customers of
        both sexes), groups rise and fall together, and comparing them is more certain than is said here.
        """
        rows = np.array([independent_rows(share) for share in shares])
        value = np.clip(np.array([share.value for share in shares], np.float64), 0.0, 1.0)
        return GroupShares(value * rows, rows, np.array([share.n for share in shares], np.int64))

    @property
    def share(self) -> FloatArray:
        """The share of each group, (G,)."""
        return self.hits / self.rows

    def ratios(
        self, level: float, level_above: float | None = None
    ) -> tuple[FloatArray, FloatArray]:
        """Return score limits of the share of each group over that of each other, two arrays (G, G).

        ``level_above`` is the level of the upper limits where it is another.
        """
        return score_ratio_band(*self._pairs(), level, level_above=level_above)

    def ratio_scores(self, at: float) -> FloatArray:
        """Return the score statistics (G, G) of every pair, if the ratio were ``at``."""
        return score_of_ratio(*self._pairs(), at)

    def _pairs(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        down, across = np.s_[:, np.newaxis], np.s_[np.newaxis, :]
        return self.hits[down], self.rows[down], self.hits[across], self.rows[across]


def independent_rows(share: Estimate) -> float:
    """Return the number of independent rows whose Wilson interval is as wide as that of a share.

    Without weights and clusters that is the number of rows; with them fewer, or more. Solves Wilson's
    formula for n; the share may lie at 0 or 1.

    >>> from plimsoll.stats.proportion import proportion
    >>> round(independent_rows(proportion("recall", 30, 100)), 6)
    100.0
    """
    square = z_quantile(share.level) ** 2
    half = min(max(share.half_width, 0.0), 0.5)
    if half == 0.0:
        return float(max(share.n, 1))
    value = min(max(share.value, 0.0), 1.0)
    bend = square * square * (half * half - 0.25)
    slope = square * (2.0 * half * half - value * (1.0 - value))
    if bend >= 0.0:
        return LEAST_ROWS
    root = math.sqrt(slope * slope - 4.0 * bend * half * half)
    return max(-2.0 * bend / (slope + root), LEAST_ROWS)


def score_of_ratio(
    k1: FloatArray,
    n1: FloatArray,
    k2: FloatArray,
    n2: FloatArray,
    at: FloatArray | float,
    *,
    small_sample: bool = True,
) -> FloatArray:
    """Return the score statistic of ``k1/n1 = at * k2/n2``: standard normal if that is the truth.

    Positive where the first share is larger than the second suggests. The variance is that of the shares
    most likely under the hypothesis (a quadratic equation); ``small_sample`` multiplies it by
    ``N / (N - 1)``. Arrays of any shapes that fit; hypotheses above 0.
    """
    whole = n1 + n2
    slope = n1 * at + k1 + n2 + k2 * at
    root = np.sqrt(np.maximum(slope * slope - 4.0 * whole * at * (k1 + k2), 0.0))
    second = np.minimum(2.0 * (k1 + k2) / (slope + root), 1.0)
    first = np.minimum(at * second, 1.0)
    variance = first * (1.0 - first) / n1 + at * at * second * (1.0 - second) / n2
    if small_sample:
        counted = np.maximum(whole, 2.0)
        variance = variance * counted / (counted - 1.0)
    gap = k1 / n1 - at * k2 / n2
    certain = np.where(np.abs(gap) < 1e-12, 0.0, np.copysign(math.inf, gap))
    return ratio(gap, np.sqrt(variance), np.asarray(certain, np.float64))


def score_ratio_band(
    k1: FloatArray,
    n1: FloatArray,
    k2: FloatArray,
    n2: FloatArray,
    level: float = 0.95,
    *,
    level_above: float | None = None,
    small_sample: bool = True,
) -> tuple[FloatArray, FloatArray]:
    """Return score limits of many ratios ``(k1/n1) / (k2/n2)``; the upper one is infinite if k2 is 0.

    ``level_above`` is the level of the upper limits where it is another.
    """
    quantiles = [z_quantile(level), -z_quantile(level if level_above is None else level_above)]
    first, second, one, two = np.broadcast_arrays(k1, k2, n1, n2)

    # Both ends at once: on the way from 0 the score falls below +q at the lower, below -q at the upper.
    beyond = np.array(quantiles).reshape(2, *(1,) * first.ndim)
    near = np.full((2, *first.shape), -FARTHEST)
    far = -near
    for _ in range(STEPS):
        middle = (near + far) / 2.0
        score = score_of_ratio(k1, n1, k2, n2, np.exp(middle), small_sample=small_sample)
        near, far = np.where(score > beyond, middle, near), np.where(score > beyond, far, middle)
    ends = np.exp((near + far) / 2.0)
    value = ratio(first / one, second / two, math.inf)
    low = np.where(first > 0, np.minimum(ends[0], value), 0.0)
    high = np.where(second > 0, np.maximum(ends[1], value), math.inf)
    return low, high


def score_ratio(k1: float, n1: float, k2: float, n2: float, level: float = 0.95) -> Limits:
    """Return the score limits of ``(k1/n1) / (k2/n2)``; the upper one is infinite if k2 is 0.

    >>> [round(x, 3) for x in score_ratio(12, 40, 48, 80)]
    [0.293, 0.795]
    """
    return _limits(k1, n1, k2, n2, level, small_sample=True)


def koopman(k1: float, n1: float, k2: float, n2: float, level: float = 0.95) -> Limits:
    """Return Koopman's limits as published, without the small-sample factor.

    >>> [round(x, 2) for x in koopman(36, 40, 16, 80)]
    [2.94, 7.15]
    """
    return _limits(k1, n1, k2, n2, level, small_sample=False)


def katz(k1: float, n1: float, k2: float, n2: float, level: float = 0.95) -> Limits | None:
    """Return the log limits of a ratio that textbooks print, for comparison; None if a count is 0.

    Source: Katz, Baptista, Azen and Pike (1978), doi:10.2307/2530610

    >>> [round(x, 3) for x in katz(12, 40, 48, 80)]
    [0.301, 0.829]
    """
    if min(k1, k2) <= 0:
        return None
    half = z_quantile(level) * math.sqrt(1.0 / k1 - 1.0 / n1 + 1.0 / k2 - 1.0 / n2)
    value = (k1 / n1) / (k2 / n2)
    return value * math.exp(-half), value * math.exp(half)


def fisher_p(k1: float, n1: float, k2: float, n2: float) -> float:
    """Return Fisher's exact two-sided p-value that two groups have the same share.

    Effective counts are rounded to whole rows.

    Source: Fisher (1934), Statistical Methods for Research Workers, 21.02

    >>> round(fisher_p(12, 40, 48, 80), 4)
    0.0034
    """
    from scipy.stats import fisher_exact  # a second to import, and not every run needs it

    hits, rows = np.array([k1, k2], np.float64), np.array([n1, n2], np.float64)
    whole = np.maximum(np.rint(rows), 1.0).astype(np.int64)
    share = np.clip(np.rint(hits / rows * whole).astype(np.int64), 0, whole)
    return float(fisher_exact(np.stack([share, whole - share])).pvalue)


def _limits(
    k1: float, n1: float, k2: float, n2: float, level: float, *, small_sample: bool
) -> Limits:
    two = GroupShares.of_counts([k1, k2], [n1, n2])
    first, second = np.s_[:1], np.s_[1:]
    low, high = score_ratio_band(
        two.hits[first],
        two.rows[first],
        two.hits[second],
        two.rows[second],
        level,
        small_sample=small_sample,
    )
    return float(low[0]), float(high[0])
