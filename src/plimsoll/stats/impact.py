"""Is a group selected less than four fifths as often as the most selected one: yes, no, or too few people?

The rule (Uniform Guidelines on Employee Selection Procedures 1978, 29 CFR 1607.4 D) divides the selection
rate of each group by the highest. By itself it is noise where groups are small: with *equal* true rates of
0.2, the lower of a group of 20 and one of 200 is below 0.8 of the higher in 62 of 100 tables. So a group
fails only if

- the score interval of its ratio lies below the bound, corrected over all pairs of groups (Holm), because the
  data pick the group that is held against it, and
- Fisher's exact test, corrected over all pairs too, says that the rates differ, and
- one person selected differently would neither bring it to the bound nor turn the result into its opposite
  (see :func:`one_person`).

It passes if the whole interval lies at or above the bound, and is unsure otherwise.

Simulated (``benchmarks/GROUPS.md``, 2,000 tables each). With equal true rates some group fails in 1.1 of 100
tables (20 and 200 people, rate 0.2), 0.1 (100 and 1,000), 0.9 (20 and 20, rate 0.5), 0.4 (15, 25, 60, 150 and
400) and 0.1 (ten groups of 50). At exactly four fifths two groups of 300 fail in 2.9 and pass in 2.3; half
the rate fails in 51 of 100 with 40 and 80 people, 82 with 100 and 100. The intervals hold the true ratio in
97 to 98 of 100.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Status
from plimsoll.stats.family import holm, level_for_each
from plimsoll.stats.interval import FloatArray, z_quantile
from plimsoll.stats.power import MOST_ROWS
from plimsoll.stats.share_ratio import METHOD, GroupShares, fisher_p, score_of_ratio

FOUR_FIFTHS = 0.8
NAME = "selection_rate_ratio"
POWER = 0.8


@dataclass(frozen=True, slots=True)
class OnePerson:
    """What becomes of a group if one person were selected differently.

    The person changes places with one of group ``other``. ``ratio`` is the rate over the highest then.
    ``mends``: that is at or above the bound. ``reverses``: the group is then selected more often than the
    other one, as the guidelines put it.
    """

    other: int
    ratio: float
    mends: bool
    reverses: bool


@dataclass(frozen=True, slots=True)
class GroupImpact:
    """One group held against the most selected one.

    ``ratio`` is its rate over the highest. ``fisher_p`` is that of these two groups by itself,
    ``corrected_p`` that of the pair in which this group is most clearly behind, after all corrections: it
    fails only if that is below ``1 - level``. ``clearest`` is the other group of that pair.
    ``one_person`` is None for the most selected group. ``people_needed`` is the size of a table with the same
    shares of groups that would settle the matter in 80 of 100 cases if the truth stood where the estimates
    do; None where it is settled or no number would do.
    """

    ratio: Estimate
    status: Status
    fisher_p: float
    corrected_p: float
    clearest: int
    one_person: OnePerson | None
    people_needed: int | None


@dataclass(frozen=True, slots=True)
class Impact:
    """All groups held against the one with the highest rate, whose position is ``highest``."""

    groups: tuple[GroupImpact, ...]
    highest: int
    bound: float

    @property
    def status(self) -> Status:
        """FAIL if some group fails, PASS if all pass, else UNSURE."""
        seen = {group.status for group in self.groups}
        if Status.FAIL in seen:
            return Status.FAIL
        return Status.PASS if seen == {Status.PASS} else Status.UNSURE


def impact_ratios(
    shares: GroupShares, *, level: float = 0.95, name: str = NAME
) -> tuple[Estimate, ...] | None:
    """Return the rate of each group over the highest rate, with intervals; None if nobody was selected.

    The true highest rate need not belong to the group with the highest rate seen. The ratio to it is the
    smallest of the ratios to all groups. So its lower limit is the smallest lower limit, which needs no
    correction; its upper limit is the smallest upper limit, each at the level that makes ``G - 1`` of them
    hold together, and at most 1. With two groups it is the score interval of their ratio.
    """
    rate = shares.share
    top = float(rate.max(initial=0.0))
    groups = rate.size
    if groups < 2 or top <= 0.0:
        return None
    low, high = shares.ratios(level, level_for_each(level, groups - 1))
    np.fill_diagonal(low, 1.0)
    np.fill_diagonal(high, 1.0)
    whole = int(shares.people.sum())
    words = METHOD if groups == 2 else f"{METHOD}, over {groups} groups"
    found = []
    for x, under, over in zip(
        (rate / top).tolist(), low.min(axis=1).tolist(), high.min(axis=1).tolist(), strict=True
    ):
        ends = min(under, x), max(min(over, 1.0), x)
        found.append(Estimate(name, x, *ends, level, whole, words))
    return tuple(found)


def impact(
    shares: GroupShares, *, bound: float = FOUR_FIFTHS, level: float = 0.95, name: str = NAME
) -> Impact | None:
    """Hold every group against the one with the highest rate, or return None if nobody was selected.

    ``shares`` are how often each group was *favoured*: hired, admitted, granted. See the module for the rule.
    """
    if not 0.0 < bound < 1.0:
        raise ValueError(f"the bound of an impact ratio must lie between 0 and 1, got {bound}")
    ratios = impact_ratios(shares, level=level, name=name)
    if ratios is None:
        return None
    highest = int(np.argmax(shares.share))
    alone, clear = _pair_tests(shares, bound)
    groups = []
    for g, ratio in enumerate(ratios):
        clearest = int(np.argmin(clear[g]))
        behind = bool(clear[g, clearest] < 1.0 - level and ratio.high < bound)
        other = clearest if behind else highest
        flip = None if g == highest else one_person(shares, g, other, bound)
        status = Status.PASS if ratio.low >= bound else Status.UNSURE
        if behind and flip is not None and not (flip.mends or flip.reverses):
            status = Status.FAIL
        needed = people_needed(shares, g, bound, level) if status is Status.UNSURE else None
        p = float(alone[g, highest])
        groups.append(
            GroupImpact(ratio, status, p, float(clear[g, clearest]), clearest, flip, needed)
        )
    return Impact(tuple(groups), highest, bound)


def one_person(
    shares: GroupShares, group: int, other: int, bound: float = FOUR_FIFTHS
) -> OnePerson:
    """Return what would be if one person of a group had been selected in place of one of another.

    The number of people selected stays the same: the group has one more, the other one less. The guidelines
    think it inappropriate to act where "the selection of one different person for one job" would turn the
    result into its opposite (Questions and Answers 21, 44 FR 11996, 1979): that is ``reverses``. ``mends``,
    that the ratio would reach the bound, happens more often in large groups. Either keeps a group from
    failing.
    """
    rate = shares.share.copy()
    rate[group] = min(rate[group] + 1.0 / shares.people[group], 1.0)
    rate[other] = max(rate[other] - 1.0 / shares.people[other], 0.0)
    top = float(rate.max())
    ratio = float(rate[group]) / top if top > 0.0 else 1.0
    return OnePerson(other, ratio, ratio >= bound, bool(rate[group] > rate[other]))


def people_needed(
    shares: GroupShares, group: int, bound: float = FOUR_FIFTHS, level: float = 0.95
) -> int | None:
    """Return how many people would settle one group in 80 of 100 tables, if the estimates are the truth.

    The score statistics of a table grow with the root of its size. Below the bound the group must fall
    clearly behind the highest in every test of :func:`impact`; above, no ratio to any group may reach below
    the bound. None where the ratio is at the bound or a million million people would be too few.
    """
    rate, highest = shares.share, int(np.argmax(shares.share))
    others = np.flatnonzero(np.arange(rate.size) != group)
    below = rate[group] < bound * rate[highest]
    if below:
        level = level_for_each(level, rate.size * (rate.size - 1) // 2)
        tests = [(highest, bound), (highest, 1.0)]
        gap = bound * rate[highest] - rate[group]
        factor = (1.0 / shares.people[group] + bound / shares.people[highest]) / gap
    else:
        tests = [(int(h), bound) for h in others if rate[h] > 0.0]
        factor = 0.0
    for other, at in tests:
        factor = max(factor, _growth(shares, group, other, at, level))
    people = int(shares.people.sum())
    needed = people * float(factor)
    return max(math.ceil(needed), people + 1) if needed < MOST_ROWS else None


def _growth(shares: GroupShares, group: int, other: int, at: float, level: float) -> float:
    """Return how many times as large a table must be for one score test to reject in 80 of 100."""
    k, n, rate = shares.hits, shares.rows, shares.share
    one, two = np.s_[group : group + 1], np.s_[other : other + 1]
    gap = abs(float(rate[group] - at * rate[other]))
    if gap < 1e-12:
        return math.inf
    score = abs(float(score_of_ratio(k[one], n[one], k[two], n[two], at)[0]))
    expected = gap / score
    parts = rate * (1.0 - rate) / n
    actual = math.sqrt(float(parts[group] + at * at * parts[other]))
    return ((z_quantile(level) + float(ndtri(POWER)) * actual / expected) / score) ** 2


def _pair_tests(shares: GroupShares, bound: float) -> tuple[FloatArray, FloatArray]:
    """Return Fisher's p of each pair, (G, G), and by how much a row is clearly behind a column, (G, G).

    The second is the larger of the corrected p-values of Fisher's test and of the score test at the bound;
    1 where the row is not behind.
    """
    rate = shares.share
    groups = rate.size
    first, second = np.triu_indices(groups, 1)
    behind = np.where(rate[first] <= rate[second], first, second)
    ahead = np.where(rate[first] <= rate[second], second, first)
    score = shares.ratio_scores(bound)[behind, ahead]
    at_bound = np.where(score < 0.0, 2.0 * ndtr(-np.abs(score)), 1.0)
    fisher = np.array([_fisher(shares, int(a), int(b)) for a, b in zip(behind, ahead, strict=True)])
    alone = np.ones((groups, groups))
    alone[behind, ahead] = alone[ahead, behind] = fisher
    clear = np.ones((groups, groups))
    clear[behind, ahead] = np.maximum(holm(at_bound), holm(fisher))
    return alone, clear


def _fisher(shares: GroupShares, one: int, two: int) -> float:
    k, n = shares.hits, shares.rows
    return fisher_p(float(k[one]), float(n[one]), float(k[two]), float(n[two]))
