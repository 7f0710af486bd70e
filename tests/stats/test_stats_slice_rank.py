import numpy as np
import pytest

from plimsoll.stats.slice_lattice import Condition, SliceColumn, count_slices, members
from plimsoll.stats.slice_rank import LEAST_TAU, RankRules, rank_slices

COLUMNS = (SliceColumn(4), SliceColumn(6, ordered=True), SliceColumn(5), SliceColumn(3))


def world(n, seed=0, planted=0.4):
    rng = np.random.default_rng(seed)
    codes = np.stack([rng.integers(0, column.size, n) for column in COLUMNS], axis=1)
    bad = (codes[:, 0] == 1) & (codes[:, 1] >= 3)
    loss = (rng.random(n) < np.where(bad, planted, 0.1)).astype(float)
    return codes, loss, bad


def ranked(codes, sums, rules, depth=3):
    return rank_slices(count_slices(codes, COLUMNS, sums, depth=depth), rules)


def test_the_planted_slice_comes_first_and_needless_conditions_do_not_come():
    codes, loss, bad = world(200_000)
    found = ranked(codes, [loss], RankRules(loss.std(), 0.05))
    first = found.candidates[0]
    assert first.conditions == (Condition(0, 1, 1), Condition(1, 3, 5))
    assert (members(codes, first.conditions) == bad).all()
    assert first.sign == 1.0
    # A third condition would have to make it worse by half the gap.
    assert not any(set(first.conditions) < set(one.conditions) for one in found.candidates)
    ranks = [one.rank for one in found.candidates]
    assert ranks == sorted(ranks, reverse=True)


def test_the_rank_is_the_lower_end_of_the_shrunken_difference():
    codes, loss, _ = world(3000)
    found = ranked(codes, [loss], RankRules(loss.std(), 0.05))
    one = next(c for c in found.candidates if len(c.conditions) == 2)
    inside = members(codes, one.conditions)
    effect = loss[inside].mean() - loss[~inside].mean()
    error = loss.var() * (1 / inside.sum() + 1 / (~inside).sum())
    kept = one.tau**2 / (one.tau**2 + error)
    assert one.rank == pytest.approx(kept * effect - np.sqrt(kept * error))


def test_the_prior_is_that_of_the_slices_and_never_less_than_its_floor():
    rng = np.random.default_rng(1)
    column = [SliceColumn(200)]
    codes = rng.integers(0, 200, (100_000, 1))
    truth = rng.normal(0.0, 2.0, 200)
    loss = truth[codes[:, 0]] + rng.normal(size=100_000)
    rules = RankRules(loss.std(), 0.05)
    found = rank_slices(count_slices(codes, column, [loss], depth=1), rules)
    assert found.candidates[0].tau == pytest.approx(truth.std(), rel=0.03)
    quiet = rank_slices(
        count_slices(codes, column, [rng.normal(size=100_000)], depth=1), RankRules(1.0, 0.0)
    )
    assert {one.tau for one in quiet.candidates} == {LEAST_TAU[0]}


def test_small_slices_do_not_lead_by_chance():
    codes, loss, _ = world(3000, planted=0.1)
    found = ranked(codes, [loss], RankRules(loss.std(), 0.0, min_rows=2))
    rates = []
    for one in found.candidates[:5]:
        inside = members(codes, one.conditions)
        rates.append(loss[inside].mean())
        assert inside.sum() > 10
    assert max(rates) < 0.5


def test_only_slices_with_enough_rows_and_a_gap_are_put_forward():
    codes, loss, _ = world(2000)
    found = ranked(codes, [loss], RankRules(loss.std(), 0.15, min_rows=100))
    assert found.candidates
    for one in found.candidates:
        inside = members(codes, one.conditions)
        assert inside.sum() >= 100
        assert loss[inside].mean() - loss[~inside].mean() >= 0.15
    singles = ranked(codes, [loss], RankRules(loss.std(), 0.15, min_rows=100), depth=1)
    assert singles.slices == sum(len(c.ranges) for c in COLUMNS)


def test_weights_change_whose_loss_counts():
    codes, loss, _ = world(20_000, planted=0.1)
    heavy = (codes[:, 2] == 4) & (codes[:, 3] == 0)
    weights = np.where(heavy & (loss > 0), 8.0, 1.0)
    plain = RankRules(loss.std(), 0.0)
    weighted = RankRules(loss.std(), 0.0, weighted=True)
    first = ranked(codes, [weights, weights * loss], weighted).candidates[0]
    assert {c.column for c in first.conditions} >= {2, 3}
    ones = np.ones(20_000)
    same = ranked(codes, [ones, loss], weighted)
    assert same.candidates[0].rank == pytest.approx(ranked(codes, [loss], plain).candidates[0].rank)


def test_two_sided_finds_what_is_too_low_as_well():
    codes, _, bad = world(20_000)
    rng = np.random.default_rng(3)
    residual = rng.normal(np.where(bad, -0.4, 0.0), 1.0)
    variance = np.ones(20_000)
    rules = RankRules(1.0, 0.05, two_sided=True, expected=True)
    first = ranked(codes, [residual, variance], rules).candidates[0]
    assert first.sign == -1.0
    assert bad[members(codes, first.conditions)].all()
    one_sided = RankRules(1.0, 0.05, expected=True)
    upward = ranked(codes, [residual, variance], one_sided).candidates
    assert all(one.sign == 1.0 for one in upward)


def test_of_thousands_only_the_best_are_kept():
    codes, loss, _ = world(3000)
    every = ranked(codes, [loss], RankRules(loss.std(), 0.0, most=100_000))
    few = ranked(codes, [loss], RankRules(loss.std(), 0.0, most=7))
    assert len(few.candidates) == 7 < len(every.candidates)
    assert few.candidates == every.candidates[:7]
    assert few.slices == every.slices
