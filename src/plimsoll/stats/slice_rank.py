"""Which of all counted slices look worst, once chance is taken off: the candidates of a search.

Of a million slices of 40 rows many look terrible by chance. So every difference from the rest is shrunken
towards 0 (empirical Bayes): by how much follows from the rows behind it and from how much slices with as
many conditions differ at all, ``tau``. The rank is the lower end of what is left, its mean less its
standard deviation. ``tau`` is estimated by moments from the slices of a depth that overlap least, those
of single codes (DerSimonian and Laird 1986, doi:10.1016/0197-2456(86)90046-2, about 0), and is at least
3/8, 1/4 and 1/8 of a standard deviation of the loss for one, two and three conditions: a few weak slices
among thousands hardly move the moments, and the deeper, the more slices there are to be fooled by. In
simulations with 1,000 rows (``benchmarks/SLICE_POWER.md``) this found a planted slice in 27 of 100 tables,
one ``tau`` for all depths in 19, z in 19 and the raw difference in 16.

A slice is a candidate only if it ranks above all slices with one condition less that hold it, and is worse
than each of them by half the gap: a condition must be worth its words.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from plimsoll.stats.interval import FloatArray, ratio
from plimsoll.stats.slice_lattice import Columns, Condition, Lattice

LEAST_TAU = (3 / 8, 1 / 4, 1 / 8)
"""Least prior deviation of one, two and three conditions, in standard deviations of the loss."""
FEWEST = 5
"""Rows of a cell that has a say in the prior."""
Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A slice that the search puts forward: its conditions, and by which sign of the loss it is bad.

    ``rank`` is the lower end of its shrunken difference; ``tau`` the prior deviation it was shrunken with.
    """

    conditions: tuple[Condition, ...]
    sign: float
    rank: float
    tau: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best candidates, best first, out of ``slices`` slices that had enough rows."""

    candidates: tuple[Candidate, ...]
    slices: int


@dataclass(frozen=True, eq=False)
class _Against:
    """Slices held against the rest: the differences ``effect`` (slices,) and their variances ``error``."""

    effect: FloatArray
    error: FloatArray


@dataclass(frozen=True, eq=False)
class _Looks:
    """How bad slices look: their ``rank``, and the ``size`` of their difference as it stands."""

    rank: FloatArray
    size: FloatArray

    def spread_out(self, at: Places, shape: tuple[int, ...]) -> _Looks:
        """Put slices at flat positions of an array of this shape; others are no worse than anything."""
        both = np.full((2, math.prod(shape)), -math.inf)
        both[:, at] = self.rank, self.size
        return _Looks(*both.reshape(2, *shape))


@dataclass(frozen=True, slots=True)
class RankRules:
    """How slices are ranked.

    ``weighted`` and ``expected`` say which sums the lattice holds, see :func:`rank_slices`. ``deviation``
    is the standard deviation of the loss and ``effective`` what a row is worth (less than 1 where weights
    differ). ``gap`` is the least difference of a candidate, ``most`` how many are kept.
    """

    deviation: float
    gap: float
    min_rows: int = 20
    two_sided: bool = False
    weighted: bool = False
    expected: bool = False
    effective: float = 1.0
    most: int = 500


@dataclass(frozen=True, eq=False)
class _Chosen:
    """Slices of one set that may be candidates: flat positions, ranks and signs, and their depth's tau."""

    columns: Columns
    at: Places
    rank: FloatArray
    sign: FloatArray
    tau: float


def rank_slices(lattice: Lattice, rules: RankRules) -> Ranking:
    """Return the slices that look worst.

    ``lattice`` holds the rows, then the sum of weights if the rows are ``weighted``, the sum of the
    (weighted) loss, and, if it is ``expected``, the sum of the variance that each row's loss should have.
    """
    chosen: list[_Chosen] = []
    seen: dict[Columns, _Looks] = {}
    slices, bar = 0, 0.0
    for depth in (1, 2, 3):
        sets = list(lattice.sets(depth))
        tau = _prior(lattice, sets, rules, LEAST_TAU[depth - 1])
        for columns in sets:
            sums = lattice.slices(columns)
            held = _held(sums[0], float(lattice.totals[0]), rules.min_rows)
            slices += held.size
            # Of the many slices of three conditions only those that are bad enough are looked at.
            bad = _bad(sums, lattice.totals, held, rules) if depth == 3 else held
            against = _against(sums.reshape(len(sums), -1)[:, bad], lattice.totals, rules)
            looks = _Looks(_rank(against, tau, rules), _size(against, rules))
            good = (looks.rank > bar) & (looks.size >= rules.gap)
            at = np.unravel_index(bad, sums.shape[1:])
            good &= _stands_out(looks, columns, at, seen, rules.gap / 2.0)
            if depth < 3:
                seen[columns] = looks.spread_out(bad, sums.shape[1:])
            if good.any():
                sign = np.sign(against.effect[good])
                chosen.append(_Chosen(columns, bad[good], looks.rank[good], sign, tau))
            if len(chosen) >= 64:
                chosen, bar = _best(chosen, rules.most)
    chosen, _ = _best(chosen, rules.most)
    found = [candidate for one in chosen for candidate in _candidates(lattice, one)]
    found.sort(key=lambda candidate: -candidate.rank)
    return Ranking(tuple(found), slices)


def _best(chosen: list[_Chosen], most: int) -> tuple[list[_Chosen], float]:
    """Keep the ``most`` best of all, and return the rank that a slice must have to be among them."""
    every = np.concatenate([one.rank for one in chosen]) if chosen else np.zeros(0)
    if every.size <= most:
        return chosen, 0.0
    bar = float(np.partition(every, every.size - most)[every.size - most])
    kept = []
    for one in chosen:
        good = one.rank >= bar
        if good.any():
            kept.append(replace(one, at=one.at[good], rank=one.rank[good], sign=one.sign[good]))
    return kept, bar


def _candidates(lattice: Lattice, one: _Chosen) -> Iterator[Candidate]:
    ranges = [lattice.columns[column].ranges for column in one.columns]
    places = np.unravel_index(one.at, tuple(len(r) for r in ranges))
    for i, (rank, sign) in enumerate(zip(one.rank.tolist(), one.sign.tolist(), strict=True)):
        conditions = tuple(
            Condition(column, *of[place[i]].tolist())
            for column, of, place in zip(one.columns, ranges, places, strict=True)
        )
        yield Candidate(conditions, sign, rank, one.tau)


def _held(rows: FloatArray, every: float, least: int) -> Places:
    """Return the flat positions of slices with enough rows inside and outside."""
    return np.flatnonzero((rows >= least) & (rows <= every - least))


def _bad(sums: FloatArray, totals: FloatArray, held: Places, rules: RankRules) -> Places:
    """Return those of some slices that differ from the rest by the gap."""
    first = 1 if rules.weighted else 0
    loss, weight = sums[first + 1].ravel()[held], sums[first].ravel()[held]
    every, all_loss = float(totals[first]), float(totals[first + 1])
    apart = loss * every - weight * all_loss
    if rules.two_sided:
        apart = np.abs(apart)
    places: Places = held[apart >= rules.gap * weight * (every - weight)]
    return places


def _against(sums: FloatArray, totals: FloatArray, rules: RankRules) -> _Against:
    """Hold slices (1 + sums, slices) against the rest."""
    first = 1 if rules.weighted else 0
    rows, every = sums[0], float(totals[0])
    weight, all_weight = sums[first], float(totals[first])
    apart = ratio(sums[first + 1], weight, 0.0) - float(totals[first + 1]) / all_weight
    effect = apart * ratio(np.full_like(weight, all_weight), all_weight - weight, 0.0)
    others = every - rows
    if rules.expected:
        variance, all_variance = sums[-1], float(totals[-1])
        error = variance / (rows * rows) + (all_variance - variance) / (others * others)
    else:
        error = (rules.deviation**2 * every) / (rows * others)
    return _Against(effect, np.maximum(error / rules.effective, 1e-300))


def _prior(lattice: Lattice, sets: list[Columns], rules: RankRules, least: float) -> float:
    """Return the prior deviation of a depth by moments, at least ``least`` deviations of the loss."""
    excess = information = 0.0
    for columns in sets:
        cells = lattice.cells[columns]
        held = _held(cells[0], float(lattice.totals[0]), FEWEST)
        one = _against(cells.reshape(len(cells), -1)[:, held], lattice.totals, rules)
        excess += float((one.effect**2 / one.error).sum()) - held.size
        information += float((1.0 / one.error).sum())
    seen = math.sqrt(max(excess, 0.0) / information) if information else 0.0
    return max(seen, least * rules.deviation)


def _size(one: _Against, rules: RankRules) -> FloatArray:
    return np.abs(one.effect) if rules.two_sided else one.effect


def _rank(one: _Against, tau: float, rules: RankRules) -> FloatArray:
    kept = tau * tau / (tau * tau + one.error)
    rank: FloatArray = _size(one, rules) * kept - np.sqrt(kept * one.error)
    return rank


def _stands_out(
    looks: _Looks,
    columns: Columns,
    at: tuple[Places, ...],
    seen: dict[Columns, _Looks],
    margin: float,
) -> Mask:
    """Return which slices look worse than all that hold them and have one condition less."""
    out = np.ones(looks.rank.shape, bool)
    if len(columns) > 1:
        for axis in range(len(columns)):
            parent = seen[columns[:axis] + columns[axis + 1 :]]
            place = at[:axis] + at[axis + 1 :]
            out &= looks.rank > parent.rank[place]
            out &= looks.size >= parent.size[place] + margin
    return out
