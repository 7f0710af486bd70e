"""Slices fixed beforehand: which they are, and that all rows are asked about them fairly."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from plimsoll.stats import slice_maxima
from plimsoll.stats.slice_coarse import Family, clear_slices, coarse_family
from plimsoll.stats.slice_confirm import Rows
from plimsoll.stats.slice_lattice import Condition, SliceColumn, members
from plimsoll.stats.slice_maxima import maxima
from plimsoll.stats.slice_search import discover_masks, find_weak_slices

CATEGORIES = (4, 3, 6)
COLUMNS = (*(SliceColumn(k) for k in CATEGORIES), *(SliceColumn(10, ordered=True),) * 3)


def table(rng, n):
    codes = [rng.integers(0, k, n) for k in CATEGORIES] + [rng.integers(0, 10, n) for _ in range(3)]
    return np.stack(codes, axis=1)


def world(n, seed, bad=0.4):
    """Accuracy of 0.80, and `1 - bad` in 7.5 % of the rows."""
    rng = np.random.default_rng(seed)
    codes = table(rng, n)
    planted = (codes[:, 0] == 0) & (codes[:, 4] >= 7)
    loss = (rng.random(n) < np.where(planted, bad, 0.2)).astype(float)
    return codes, loss, planted, rng


def jaccard(one, two):
    return (one & two).sum() / (one | two).sum()


def slow_family(codes, least):
    """Every slice of the family by its rows, one after the other."""
    n = len(codes)
    kinds = []
    for i, column in enumerate(COLUMNS):
        if not column.ordered:
            kinds += [(i, k, k, "category") for k in range(column.levels)]
            continue
        share = [np.mean(codes[:, i] <= k) for k in range(9)]
        near = {
            parts: sorted(
                {int(np.argmin(np.abs(np.array(share) - j / parts))) for j in range(1, parts)}
            )
            for parts in (3, 10)
        }
        starts = [0, *(k + 1 for k in near[3])]
        kinds += [(i, low, high, "third") for low, high in zip(starts, [*near[3], 9], strict=True)]
        for parts, name in ((3, "edge"), (10, "line")):
            kinds += [(i, 0, k, name) for k in near[parts]]
            kinds += [(i, k + 1, 9, name) for k in near[parts]]
    fits = {
        frozenset({"category"}), frozenset({"third"}), frozenset({"edge"}),
        frozenset({"category", "third"}), frozenset({"category", "edge"}),
        frozenset({"category", "line"}),
    }  # fmt: skip
    slices = {(one[:3],) for one in kinds}
    for one, two in combinations(kinds, 2):
        if one[0] != two[0] and frozenset({one[3], two[3]}) in fits:
            slices.add(tuple(sorted((one[:3], two[:3]))))
    out = {}
    for conditions in slices:
        rows = np.ones(n, bool)
        for i, low, high in conditions:
            rows &= (codes[:, i] >= low) & (codes[:, i] <= high)
        if least <= rows.sum() <= n / 2:
            out[conditions] = rows
    return out


def test_the_family_is_what_is_said_and_no_loss_is_asked():
    codes, _, _, _ = world(1000, 1)
    family = coarse_family(codes, COLUMNS)
    wanted = slow_family(codes, 50)
    rows = family.rows(codes)
    told = {}
    for i in range(len(family.pairs)):
        conditions = family.at(i)
        assert (rows[i] == members(codes, conditions)).all()
        told[tuple(sorted((c.column, c.low, c.high) for c in conditions))] = rows[i]
    assert told.keys() == wanted.keys()
    assert family.parts.any(axis=0).all()
    single = coarse_family(codes, COLUMNS, depth=1)
    assert {len(single.at(i)) for i in range(len(single.pairs))} == {1}


def test_a_missing_cell_is_a_slice_and_too_few_rows_are_none():
    rng = np.random.default_rng(2)
    codes = np.where(rng.random((1000, 2)) < 0.3, 5, rng.integers(0, 5, (1000, 2)))
    columns = [SliceColumn(5, ordered=True, missing=True)] * 2
    family = coarse_family(codes, columns)
    told = {family.at(i) for i in range(len(family.pairs))}
    assert (Condition(0, 5, 5),) in told and (Condition(0, 5, 5), Condition(1, 5, 5)) in told
    assert all(c.high < 5 or c.low == 5 for one in told for c in one)
    assert coarse_family(codes[:90], columns) is None
    assert coarse_family(np.zeros((1000, 1), int), [SliceColumn(1)]) is None


def one_slice(inside):
    return inside[np.newaxis], np.ones((1, 1), bool)


@pytest.mark.parametrize("kind", ["right or wrong", "exponential"])
def test_one_slice_has_the_p_value_of_the_permutation_test(kind):
    rng = np.random.default_rng(3)
    inside = np.arange(300) < 60
    loss = {
        "right or wrong": (rng.random(300) < np.where(inside, 0.28, 0.2)).astype(float),
        "exponential": rng.exponential(np.where(inside, 1.2, 1.0)),
    }[kind]
    found = maxima(*one_slice(inside), Rows(loss, binary=kind == "right or wrong"), error=1.0)

    def apart(x, y, axis=-1):
        return x.mean(axis=axis) - y.mean(axis=axis)

    exact = stats.permutation_test(
        (loss[inside], loss[~inside]), apart, vectorized=True, n_resamples=9999,
        alternative="greater", rng=rng,
    ).pvalue  # fmt: skip
    assert found.p[0] == pytest.approx(exact, abs=0.04)


def test_maxima_are_those_of_a_slow_loop():
    rng = np.random.default_rng(4)
    inside = rng.random((7, 200)) < np.linspace(0.2, 0.5, 7)[:, np.newaxis]
    parts = np.array([[1, 1, 1, 1, 1, 0, 0], [0, 0, 0, 1, 1, 1, 1]], bool)
    loss = rng.gamma(2.0, size=200)
    found = maxima(inside, parts, Rows(loss), error=1.0)
    x = (loss - loss.mean()) / loss.std()

    def z_of(rows, x):
        n, m = x.size, rows.sum()
        sums = x[rows].sum()
        z = sums / np.sqrt(m * (n - m) / (n - 1))
        skew = stats.skew(x) * (n - 2 * m) / (n - 2) * np.sqrt((n - 1) / (m * (n - m)))
        shape = 4.0 / skew**2
        pooled = stats.norm.isf(stats.gamma.sf(shape + np.sign(skew) * z * 2 / abs(skew), shape))
        if skew < 0:
            pooled = stats.norm.isf(stats.gamma.cdf(shape - z * 2 / abs(skew), shape))
        t = stats.ttest_ind(x[rows], x[~rows], equal_var=False).statistic
        return min(pooled, stats.norm.isf(stats.t.sf(t, m - 1)))

    slow = [z_of(rows, x) for rows in inside]
    assert found.z == pytest.approx(slow, abs=0.02)
    assert found.worst.shape == (2, 1000)
    assert found.worst[:, 0] == pytest.approx([max(found.z[part]) for part in parts])
    ranks = np.array([[np.mean(part >= one - 1e-4) for one in part] for part in found.worst])
    best = ranks.min(axis=0)
    top = int(np.argmin([min(ranks[p, 0] for p in range(2) if parts[p, i] and
                             found.z[i] == found.worst[p, 0]) if any(
        parts[p, i] and found.z[i] == found.worst[p, 0] for p in range(2)) else 2
        for i in range(7)]))  # fmt: skip
    assert found.p.min() == pytest.approx(np.mean(best <= best[0] + 1e-9))
    assert found.p[top] == found.p.min()
    clear = found.least_z(top, 0.05)
    assert (found.z[top] >= clear) == (found.p[top] <= 0.05)


def test_the_planted_slice_is_found_in_1000_rows_more_often_than_held_back_rows_could():
    hits = fixed = 0
    for seed in range(40):
        codes, loss, planted, rng = world(1000, seed)
        keys = rng.integers(0, 2**63, 1000).astype(np.uint64)
        found = find_weak_slices(codes, COLUMNS, loss, discover_masks(keys))
        near = [jaccard(members(codes, one.conditions), planted) >= 0.5 for one in found.confirmed]
        hits += any(near)
        fixed += any(ok and one.fixed for ok, one in zip(near, found.confirmed, strict=True))
    assert hits >= 18 and fixed >= 8


@pytest.mark.parametrize("kind", ["plain", "weights", "groups", "unequal", "groups, mostly wrong"])
def test_noise_alarms_no_more_often_than_said(kind):
    alarms, tables, n = 0, 60, 600
    for seed in range(tables):
        rng = np.random.default_rng([seed, 7])
        codes = table(rng, n)
        loss = (rng.random(n) < 0.2).astype(float)
        weights = groups = None
        if kind == "weights":
            weights = rng.lognormal(0.0, 0.8, n) * (1.0 + loss)
        if kind == "unequal":
            loss = 5.0 + rng.normal(size=n) * np.where(codes[:, 0] == 0, 4.0, 1.0)
        if kind.startswith("groups"):
            groups = np.sort(rng.integers(0, 150, n))
            groups = np.unique(groups, return_inverse=True)[1]
            codes[:, ::2] = codes[groups, ::2]
            shared = rng.random(n)[groups]
            middle = 0.8 if "wrong" in kind else 0.2
            loss = (0.7 * rng.random(n) + 0.3 * shared < middle).astype(float)
        rows = Rows(loss, weights, groups, binary=kind != "unequal")
        alarms += bool(clear_slices(codes, coarse_family(codes, COLUMNS), rows, error=0.04))
    assert alarms <= 7, "4 of 100 or less; above 7 of 60 lies 1 in 100 of such runs"


def test_intervals_are_wide_enough_for_all_slices_and_keep_to_the_test():
    codes, loss, planted, _ = world(1000, 0, bad=0.5)
    family = coarse_family(codes, COLUMNS)
    told = clear_slices(codes, family, Rows(loss, binary=True), error=0.04)
    one = told[0]
    inside = members(codes, one.conditions)
    assert jaccard(inside, planted) > 0.6
    assert one.apart.own.value == pytest.approx(loss[inside].mean())
    assert one.apart.effect.value == pytest.approx(loss[inside].mean() - loss[~inside].mean())
    assert 0.0 <= one.apart.effect.low < 0.3 < one.apart.effect.high
    assert one.apart.effect.level == 0.95 and "all slices at once" in one.apart.effect.method
    alone = stats.norm.isf(0.025) * one.error
    assert one.apart.effect.high - one.apart.effect.value > 1.5 * alone
    assert one.p <= 0.04 and one.least_z > 3.0


def test_weights_and_groups_are_heard():
    codes, loss, planted, rng = world(2000, 5, bad=0.55)
    family = coarse_family(codes, COLUMNS)
    for rows in (
        Rows(loss, rng.lognormal(0.0, 0.4, 2000), None, binary=True),
        Rows(loss, None, np.arange(2000) // 3, binary=True),
        Rows(loss, rng.lognormal(0.0, 0.4, 2000), np.arange(2000) // 3, binary=True),
    ):
        told = clear_slices(codes, family, rows, error=0.04)
        assert jaccard(members(codes, told[0].conditions), planted) > 0.5
    muted = np.where(planted, 1e-9, 1.0)
    assert not clear_slices(codes, family, Rows(loss, muted, None, binary=True), error=0.04)
    pair = np.zeros(2000, np.int64)
    pair[1000:] = 1
    assert not clear_slices(codes, family, Rows(loss, None, pair, binary=True), error=0.04)


def test_the_order_of_the_rows_does_not_matter():
    codes, _, planted, rng = world(1200, 6)
    loss = rng.exponential(np.where(planted, 2.5, 1.0)).round(2)
    weights = rng.integers(1, 4, 1200).astype(float)
    order = rng.permutation(1200)
    one, two = (
        clear_slices(c, coarse_family(c, COLUMNS), Rows(x, w), error=0.04)
        for c, x, w in ((codes, loss, weights), (codes[order], loss[order], weights[order]))
    )
    assert one and one == two


@pytest.mark.parametrize("same", [0.0, 1.0, 0.3])
def test_losses_that_are_all_the_same_tell_nothing(same):
    codes, _, _, _ = world(600, 8)
    family = coarse_family(codes, COLUMNS)
    rows = Rows(np.full(600, same), binary=same in (0.0, 1.0))
    assert clear_slices(codes, family, rows, error=0.04) == []


def test_one_part_without_slices_changes_nothing(monkeypatch):
    monkeypatch.setattr(slice_maxima, "DEALS", 199)
    codes, loss, _, _ = world(1000, 0, bad=0.6)
    family = coarse_family(codes, COLUMNS)
    alone = Family(family.conditions, family.pairs, np.ones((1, len(family.pairs)), bool))
    empty = np.vstack([alone.parts, np.zeros_like(alone.parts)])
    rows = Rows(loss, binary=True)
    one = maxima(family.rows(codes), alone.parts, rows, error=0.04)
    two = maxima(family.rows(codes), empty, rows, error=0.04)
    assert one.worst.shape == (1, 200)
    assert (one.p == two.p).all() and one.least_z(0, 0.04) == two.least_z(0, 0.04)
