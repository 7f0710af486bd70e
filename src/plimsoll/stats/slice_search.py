"""In which slices is the model worse? Searched on some rows, and confirmed on others.

A search over a million slices always finds something, and the worst of 45 slices in which nothing is wrong
shows an accuracy of 0.74 where 0.80 is true. So the rows are split: on one part all slices of one to three
conditions are counted (:mod:`plimsoll.stats.slice_lattice`), ranked by their shrunken difference from the
rest (:mod:`plimsoll.stats.slice_rank`) and thinned out (:mod:`plimsoll.stats.slice_distinct`); on the other
part the ten that are left are tested (:mod:`plimsoll.stats.slice_confirm`) with Holm's correction. Every
number that is given of a slice comes from rows that did not propose it. Few rows are split twice and both
ways, each of the four trials with a quarter of the error rate: the chance that any slice is confirmed that is
not worse stays below 1 - level, and more of the real ones are found.

Up to 10,000 rows slices that are fixed beforehand are tested on all rows as well
(:mod:`plimsoll.stats.slice_coarse`), and have four fifths of the error rate.

Simulated (``benchmarks/SLICE_POWER.md``, 10 columns, right or wrong, accuracy 0.80): errors that no column
explains raise an alarm in 4.2 of 100 tables of 1,000 rows and in 4.7 of 5,000. Accuracy 0.60 in 7.7 % of
the rows, behind two conditions, is found in 99 of 100 tables of 5,000 rows, in 99 of 3,000, 90 of 2,000 and
50 of 1,000 (77 such rows, 31 of them wrong, where 15 are expected; without slices fixed beforehand 30);
0.70 in 61 of 5,000, 100 of 10,000 and 95 of 20,000.

Limits. A slice that needs four conditions, or a range that begins and ends inside a column's codes, is seen
only through larger ones. Slices are held against all other rows: two weak slices hide each other a little.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from plimsoll.core.estimate import Estimate
from plimsoll.stats.family import holm
from plimsoll.stats.interval import FloatArray, z_quantile
from plimsoll.stats.slice_coarse import ClearSlice, clear_slices, coarse_family
from plimsoll.stats.slice_confirm import (
    Apart,
    Expected,
    Rows,
    hold_against_rest,
    whole_numbers,
)
from plimsoll.stats.slice_distinct import VERY_CLEAR, Bad, Proposed, distinct
from plimsoll.stats.slice_found import FIXED, FoundSlice, SearchRules, SliceSearch, shrunken
from plimsoll.stats.slice_lattice import Mask, SliceColumn, count_slices, members
from plimsoll.stats.slice_rank import LEAST_TAU, Candidate, RankRules, rank_slices

Codes = npt.NDArray[np.integer]
GAP = 0.05
GAP_OF_LOSS = 0.2
FEW_ROWS, MANY_ROWS = 10_000, 100_000
LOOKED_AT = 500
USUAL = SearchRules()
FIXED_SHARE = 0.8
"""Part of the error rate that goes to slices fixed beforehand, where there are few rows."""


def discover_masks(keys: npt.NDArray[np.uint64]) -> Mask:
    """Return which rows are searched in each trial, shape (trials, n), from a hash of each row's key.

    The other rows confirm. Rows with the same key, such as those of one customer, always go together. Up to
    10,000 rows are split twice and both ways, up to 100,000 once both ways, more once.
    """

    def half(turn: int) -> Mask:
        x = np.asarray(keys, np.uint64) + np.uint64(turn * 0x9E3779B97F4A7C15 % 2**64)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return ((x ^ (x >> np.uint64(31))) & np.uint64(1)).astype(bool)

    one = half(1)
    if keys.size > MANY_ROWS:
        return one[np.newaxis]
    if keys.size > FEW_ROWS:
        return np.stack([one, ~one])
    two = half(2)
    return np.stack([one, ~one, two, ~two])


def find_weak_slices(
    codes: Codes,
    columns: Sequence[SliceColumn],
    loss: FloatArray,
    discover: Mask,
    *,
    weights: FloatArray | None = None,
    groups: npt.NDArray[np.integer] | None = None,
    rules: SearchRules = USUAL,
) -> SliceSearch:
    """Return the slices whose rows lose more than the rest.

    ``codes`` (n, columns) say of every row and column which code it has, ``loss`` (n,) how bad the model's
    answer is: 1 for wrong and 0 for right, or any finite number. ``discover`` (trials, n) or (n,) marks
    the rows that are searched, see :func:`discover_masks`. Rows of one of ``groups`` (n,) hang together.

    Raises
    ------
    ValueError
        If shapes do not fit, a loss is not finite, a trial leaves nothing to search or to confirm, or rows
        of one group are on both sides of it.
    """
    x = np.asarray(loss, np.float64)
    rows = Rows(x, weights, _groups(groups), binary=bool(np.isin(x, (0.0, 1.0)).all()))
    gap = (
        rules.gap
        if rules.gap is not None
        else GAP
        if rows.binary
        else GAP_OF_LOSS * _deviation(rows)
    )
    return _search(codes, columns, rows, discover, replace(rules, gap=gap), two_sided=False)


def find_miscalibrated_slices(
    codes: Codes,
    columns: Sequence[SliceColumn],
    labels: FloatArray,
    scores: FloatArray,
    discover: Mask,
    *,
    weights: FloatArray | None = None,
    groups: npt.NDArray[np.integer] | None = None,
    rules: SearchRules = USUAL,
) -> SliceSearch:
    """Return the slices in which stated probabilities are off by more than in the rest, up or down.

    ``labels`` (n,) are 0 or 1 and ``scores`` (n,) probabilities. The loss is label - score: positive where
    more happens than was said. How much it varies follows from the scores, if they are right.
    """
    y, p = np.asarray(labels, np.float64), np.asarray(scores, np.float64)
    if not bool(((p >= 0.0) & (p <= 1.0)).all()):
        raise ValueError("scores must be probabilities between 0 and 1")
    variance = p * (1.0 - p)
    expected = Expected(variance, variance * (1.0 - 2.0 * p))
    rows = Rows(y - p, weights, _groups(groups), expected)
    gap = GAP if rules.gap is None else rules.gap
    return _search(codes, columns, rows, discover, replace(rules, gap=gap), two_sided=True)


def _search(
    codes: Codes,
    columns: Sequence[SliceColumn],
    rows: Rows,
    discover: Mask,
    rules: SearchRules,
    *,
    two_sided: bool,
) -> SliceSearch:
    trials = np.atleast_2d(discover)
    _check(codes, rows, trials)
    tested: list[FoundSlice] = []
    slices, family = 0, None
    if not two_sided and rows.loss.size <= FEW_ROWS:
        family = coarse_family(codes, columns, depth=rules.depth, min_rows=rules.min_rows)
    share = 1.0 if family is None else 1.0 - FIXED_SHARE
    for trial, searched in enumerate(trials):
        candidates, looked_at = _candidates(codes, columns, rows, searched, rules, two_sided)
        slices = max(slices, looked_at)
        tested += _tested(codes, rows, ~searched, candidates, rules, trial, len(trials) / share)
    confirmed = [one for one in tested if one.confirmed]
    confirmed = _without_copies(codes, rows, confirmed, trials, rules)
    if family is not None:
        error = FIXED_SHARE * (1.0 - rules.level)
        clear = clear_slices(codes, family, rows, error=error, level=rules.level)
        confirmed += _fixed_besides(codes, rows, confirmed, clear, rules)
    confirmed.sort(key=lambda one: -abs(one.shrunken.value))
    assert rules.gap is not None
    count = 0 if family is None else len(family.pairs)
    return SliceSearch(tuple(confirmed), tuple(tested), slices, rules.gap, len(trials), count)


def _candidates(
    codes: Codes,
    columns: Sequence[SliceColumn],
    rows: Rows,
    searched: Mask,
    rules: SearchRules,
    two_sided: bool,
) -> tuple[list[Candidate], int]:
    """Return the slices of the searched rows that are put forward, and how many were looked at."""
    part, own = codes[searched], rows.take(searched)
    least = max(rules.min_rows, math.ceil(rules.min_share * part.shape[0]))
    sums = [own.loss]
    effective = 1.0
    if own.weights is not None:
        w = own.weights
        sums = [w, w * own.loss]
        effective = float(w.sum()) ** 2 / float(w @ w) / w.size
    if own.expected is not None:
        sums.append(own.expected.variance)
    deviation, gap = _deviation(own), rules.gap or 0.0
    if deviation <= 0.0:
        return [], 0
    ranking = rank_slices(
        count_slices(part, columns, sums, depth=rules.depth, min_rows=least),
        RankRules(
            deviation,
            gap,
            least,
            two_sided=two_sided,
            weighted=own.weights is not None,
            expected=own.expected is not None,
            effective=effective,
            most=LOOKED_AT,
        ),
    )
    bad = Bad(own.loss, own.weights, deviation / math.sqrt(effective), gap, least)
    found = ranking.candidates

    def proposed(i: int) -> Proposed:
        return Proposed(members(part, found[i].conditions), found[i].sign)

    kept = distinct(len(found), proposed, bad, top=rules.top)
    return [found[i] for i in kept], ranking.slices


def _tested(
    codes: Codes,
    rows: Rows,
    confirming: Mask,
    candidates: Sequence[Candidate],
    rules: SearchRules,
    trial: int,
    times: float,
) -> list[FoundSlice]:
    """Test candidates on the confirming rows: Holm's p-values within a trial, so many times."""
    part, own = codes[confirming], rows.take(confirming)
    apart = [
        hold_against_rest(members(part, one.conditions), own, one.sign, level=rules.level)
        for one in candidates
    ]
    p = np.array([1.0 if found is None else found.p for found in apart])
    adjusted = np.minimum(times * holm(p), 1.0)
    out = []
    for one, found, corrected in zip(candidates, apart, adjusted.tolist(), strict=True):
        if found is not None:
            inside = int(np.count_nonzero(members(codes, one.conditions)))
            out.append(_found(one, found, inside, corrected, rules, trial))
    return out


def _found(
    one: Candidate, apart: Apart, rows: int, adjusted: float, rules: SearchRules, trial: int
) -> FoundSlice:
    assert rules.gap is not None
    confirmed = adjusted <= 1.0 - rules.level and one.sign * apart.effect.value >= rules.gap
    return FoundSlice(
        one.conditions,
        trial,
        rows,
        apart.own,
        apart.rest,
        apart.effect,
        _shrunken(apart.effect, one.tau),
        apart.p,
        adjusted,
        confirmed,
    )


def _shrunken(effect: Estimate, tau: float) -> Estimate:
    """Shrink an effect; its standard error is read off the interval."""
    error = effect.half_width / z_quantile(effect.level)
    return shrunken(effect, tau, error=error, level=effect.level)


def _fixed(codes: Codes, one: ClearSlice, deviation: float, rules: SearchRules) -> FoundSlice:
    assert rules.gap is not None
    apart, tau = one.apart, LEAST_TAU[len(one.conditions) - 1] * deviation
    return FoundSlice(
        one.conditions,
        FIXED,
        int(np.count_nonzero(members(codes, one.conditions))),
        apart.own,
        apart.rest,
        apart.effect,
        shrunken(apart.effect, tau, error=one.error, level=rules.level),
        apart.p,
        min(one.p / FIXED_SHARE, 1.0),
        apart.effect.value >= rules.gap,
    )


def _fixed_besides(
    codes: Codes,
    rows: Rows,
    confirmed: Sequence[FoundSlice],
    clear: Sequence[ClearSlice],
    rules: SearchRules,
) -> list[FoundSlice]:
    """Return the slices of the family that are worse even without the rows of all those told before."""
    told = np.zeros(rows.loss.size, bool)
    for one in confirmed:
        told |= members(codes, one.conditions)
    deviation, out = _deviation(rows), list[FoundSlice]()
    for clearly in clear:
        found, inside = _fixed(codes, clearly, deviation, rules), members(codes, clearly.conditions)
        bad = Bad(
            rows.loss, rows.weights, deviation, rules.gap or 0.0, rules.min_rows, clearly.least_z
        )
        new = not told.any() or bad.clearly(inside & ~told, ~inside & ~told, 1.0)
        if found.confirmed and new and len(out) < rules.top:
            out.append(found)
            told |= inside
    return out


def _without_copies(
    codes: Codes, rows: Rows, confirmed: list[FoundSlice], trials: Mask, rules: SearchRules
) -> list[FoundSlice]:
    """Return confirmed slices of several trials, those that are one and the same but once.

    In the order of the trials and not of the evidence, so that the numbers are not chosen for their size.
    """
    deviation, gap = _deviation(rows), rules.gap or 0.0
    bad = Bad(rows.loss, rows.weights, deviation, gap, rules.min_rows, clear=VERY_CLEAR)

    def proposed(i: int) -> Proposed:
        one = confirmed[i]
        sign = 1.0 if one.effect.value > 0 else -1.0
        return Proposed(members(codes, one.conditions), sign, ~trials[one.trial])

    return [confirmed[i] for i in distinct(len(confirmed), proposed, bad, top=rules.top)]


def _deviation(rows: Rows) -> float:
    """Return the standard deviation of the loss; 0 where only rounding tells losses apart."""
    w = np.ones(rows.loss.size) if rows.weights is None else rows.weights
    mass = max(float(w.sum()), 1e-300)
    centre = float(w @ rows.loss) / mass
    found = math.sqrt(max(float(w @ (rows.loss - centre) ** 2) / mass, 0.0))
    return found if found > 1e-12 * abs(centre) else 0.0


def _groups(groups: npt.NDArray[np.integer] | None) -> npt.NDArray[np.int64] | None:
    return None if groups is None else whole_numbers(groups)


def _check(codes: Codes, rows: Rows, trials: Mask) -> None:
    n = rows.loss.size
    others = [x for x in (rows.weights, rows.groups) if x is not None]
    if codes.shape[:1] != (n,) or trials.shape[1:] != (n,) or any(x.shape != (n,) for x in others):
        raise ValueError(
            f"codes, losses, weights, groups and the rows to search must be of one length; there are "
            f"{n} losses and {codes.shape[0]} rows of codes"
        )
    if not bool(np.isfinite(rows.loss).all()):
        raise ValueError("a loss is not finite; leave out the rows that have none")
    if bool((trials.all(axis=1) | ~trials.any(axis=1)).any()):
        raise ValueError("every trial needs rows to search and other rows to confirm")
    if rows.groups is None:
        return
    size = np.bincount(rows.groups)
    for searched in trials:
        inside = np.bincount(rows.groups, searched)
        if bool(((inside > 0) & (inside < size)).any()):
            raise ValueError("rows of one group must all be searched or all confirm")
