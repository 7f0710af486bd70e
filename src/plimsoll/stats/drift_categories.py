"""Has a column of categories changed by more than a floor? The total variation decides.

Why the test holds at every pair of tables within the floor: the total variation is the largest gap of
any set of categories, so its noise has no heavier a tail than the set that varies most (Borell 1975,
doi:10.1007/BF01425510), around the floor and what chance adds at most.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, chndtrinc, fdtrc, gammaln, ndtr, stdtr, xlogy

from plimsoll.stats.drift_effect import Effect, Worth, added_by_noise, bounded, gap_high
from plimsoll.stats.effective_rows import INDEPENDENT, DesignEffect
from plimsoll.stats.interval import FloatArray, t_quantile
from plimsoll.stats.share_gap import gap_low, gap_p
from plimsoll.stats.two_samples import TwoSamples, chi_squared, total_variation

MOST_ASKED = 4
"""Categories, the most telling ones, whose own test is computed."""


def total_variation_effect(
    two: TwoSamples,
    *,
    floor: float = 0.0,
    level: float = 0.95,
    design: DesignEffect = INDEPENDENT,
) -> Effect:
    """Return the total variation of categories with its interval and p-values. Both sides must have rows.

    Two tests, each at half the level. *Every category*: the gap of its share, times the number of
    categories large enough to exceed the floor. *The whole*: the total variation less the floor and
    what chance adds, against the normal tail of the set that varies most. They work on categories of
    which the smaller side lets expect 8 rows, the others as one: putting cells together can only hide
    a difference, so an alarm stays an alarm. The upper limit gives the hidden ones all they could be.
    "No difference" is Pearson's chi-squared (an F where rows hang together, Rao and Scott 1981,
    doi:10.1080/01621459.1981.10477633).

    The value is the plain one. With many categories and few rows it is mostly chance: see ``by_chance``.
    """
    worth, coarse = Worth.of(two, design), two.coarse
    value = total_variation(two.reference, two.current)
    kept = coarse.reference + coarse.current > 0
    if int(kept.sum()) <= 2:
        return _one_gap(two, value, worth, floor, level, design)
    gaps = _Gaps.of(coarse, worth)
    miss = (1.0 - level) / 4.0
    low = max(gaps.low_whole(miss), gaps.low_single(miss, floor))
    high = value + t_quantile(1.0 - 2.0 * miss, worth.df) * gaps.se_whole + _hidden(two)
    high = min(high, _chi_squared_high(coarse, worth, miss) + _hidden(coarse))
    return Effect(
        bounded("total_variation", value, low, high, level, two, "share gaps and sum", design),
        min(2.0 * min(gaps.p_whole(floor), gaps.p_single(floor)), 1.0),
        _p_changed(coarse, design),
        min(by_chance(two) * math.sqrt(design.factor), 1.0),
        2 * gaps.asked(floor),
    )


def _one_gap(
    two: TwoSamples, value: float, worth: Worth, floor: float, level: float, design: DesignEffect
) -> Effect:
    """Judge two categories, or one: their total variation is the gap of one share."""
    coarse = two.coarse
    p, q = (float(x[0]) if x.size else 0.0 for x in coarse.shares)
    part = (p * worth.n, worth.n, q * worth.m, worth.m)
    low = gap_low(*part, (1.0 - level) / 2.0, worth.df)
    high = max(gap_high(*part, level, worth) + _hidden(coarse), value)
    return Effect(
        bounded(
            "total_variation", value, low, high, level, two, "likelihood ratio of shares", design
        ),
        gap_p(*part, floor, worth.df),
        gap_p(*part, 0.0, worth.df),
        min(by_chance(two) * math.sqrt(design.factor), 1.0),
        1,
    )


@dataclass(frozen=True, slots=True)
class _Gaps:
    """The gaps of the shares of categories, and how much they vary.

    ``p``, ``q``, ``se`` (k,): shares and standard errors of their gaps. ``chance`` is the most that noise
    adds to the total variation on average, ``se_whole`` the standard error of the set that varies most.
    """

    p: FloatArray
    q: FloatArray
    se: FloatArray
    chance: float
    se_whole: float
    worth: Worth

    @staticmethod
    def of(two: TwoSamples, worth: Worth) -> _Gaps:
        n, m, (p, q) = worth.n, worth.m, two.shares
        rows = two.rows
        together = (rows[0] * p + rows[1] * q) / (rows[0] + rows[1])
        own = np.sqrt(p * (1.0 - p) / n + q * (1.0 - q) / m)
        alike = np.sqrt(together * (1.0 - together) * (1.0 / n + 1.0 / m))
        se = np.maximum(own, alike)
        most = _most_variance(p, rows[0]) / n + _most_variance(q, rows[1]) / m
        chance = max(float(added_by_noise(p - q, x).sum()) for x in (own, alike)) / 2.0
        return _Gaps(p, q, se, chance, math.sqrt(most), worth)

    @property
    def size(self) -> float:
        """The total variation."""
        return float(np.abs(self.p - self.q).sum()) / 2.0

    def p_whole(self, floor: float) -> float:
        z = (self.size - floor - self.chance) / self.se_whole
        return float(ndtr(-z)) if math.isinf(self.worth.df) else float(stdtr(self.worth.df, -z))

    def low_whole(self, miss: float) -> float:
        return self.size - self.chance - t_quantile(1.0 - 2 * miss, self.worth.df) * self.se_whole

    def p_single(self, floor: float) -> float:
        tests = self.asked(floor)
        return min(
            [1.0, *(tests * gap_p(*self._part(i), floor, self.worth.df) for i in self._best(floor))]
        )

    def low_single(self, miss: float, floor: float) -> float:
        """Return the lower limit that belongs to ``p_single``: above the floor where that is small."""
        best = self._best(floor)
        low = max(gap_low(*self._part(i), miss / self.asked(floor), self.worth.df) for i in best)
        if low > floor:
            return low
        every = self.p.size
        return max(gap_low(*self._part(i), miss / every, self.worth.df) for i in best)

    def asked(self, floor: float) -> int:
        """Return how many categories are large enough for their share to move by more than the floor."""
        return max(int(((self.p + self.q) >= floor).sum()), 1)

    def _best(self, floor: float) -> list[int]:
        z = (np.abs(self.p - self.q) - floor) / np.maximum(self.se, 1e-300)
        most: list[int] = np.argsort(-z, kind="stable")[:MOST_ASKED].tolist()
        return most

    def _part(self, i: int) -> tuple[float, float, float, float]:
        n, m = self.worth.n, self.worth.m
        return float(self.p[i]) * n, n, float(self.q[i]) * m, m


def _most_variance(share: FloatArray, rows: int) -> float:
    """Return the largest ``P (1 - P)`` of any set of categories: 1/4 unless one holds most rows."""
    largest = (float(share.max()) * rows + 2.0) / (rows + 4.0)
    return 0.25 if largest <= 0.5 else largest * (1.0 - largest)


def _hidden(two: TwoSamples) -> float:
    """Return how much total variation may hide in cells of several categories."""
    if two.pooled is None:
        return 0.0
    p, q = two.shares
    return min(float(p[two.pooled].sum()), float(q[two.pooled].sum()))


def _chi_squared_high(two: TwoSamples, worth: Worth, miss: float) -> float:
    """Return the upper limit by ``TV <= sqrt(chi-squared divergence) / 2``, whose noise can be taken off.

    Far smaller than the plain one with many categories (Cauchy-Schwarz; noncentral chi-squared).
    """
    found = chi_squared(two.reference, two.current)
    rows = worth.as_normal(1.0 - 2.0 * miss).both
    statistic = found.statistic * rows / (two.rows[0] * two.rows[1] / sum(two.rows))
    # Tables more alike than chance lets expect say no more than those just as alike.
    most = float(chndtrinc(max(statistic, found.df), found.df, miss))
    return math.sqrt(most / rows) / 2.0 if math.isfinite(most) and statistic < 1e4 else 1.0


def _p_changed(two: TwoSamples, design: DesignEffect) -> float:
    found = chi_squared(two.reference, two.current)
    if found.df < 1:
        return 1.0
    statistic = found.statistic / design.factor
    if math.isinf(design.df):
        return float(chdtrc(found.df, statistic))
    return float(fdtrc(found.df, design.df, statistic / found.df))


def by_chance(two: TwoSamples) -> float:
    """Return the total variation that two random halves of these rows would have on average.

    The mean absolute deviation of a binomial by de Moivre's formula, with the factor of drawing without
    putting back. 1 where every row is a category of its own.
    """
    n, m = two.rows
    both = np.asarray(two.reference + two.current, np.float64)
    counts, repeats = np.unique(both[both > 0], return_counts=True)
    share = n / (n + m)
    above = np.floor(counts * share) + 1.0
    log = gammaln(counts + 1.0) - gammaln(above + 1.0) - gammaln(counts - above + 1.0)
    log += xlogy(above, share) + xlogy(counts - above + 1.0, 1.0 - share)
    spread = 2.0 * above * np.exp(log) * np.sqrt((n + m - counts) / max(n + m - 1, 1))
    return float(repeats @ spread) * (n + m) / (2.0 * n * m)
