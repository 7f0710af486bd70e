import numpy as np
import pytest
from scipy import stats

from plimsoll.stats.difference import difference_of_independent
from plimsoll.stats.proportion import proportion
from plimsoll.stats.slice_confirm import (
    Expected,
    Rows,
    hold_against_rest,
    hypergeometric_tail,
)

LEVEL = 0.95


def held(inside, rows, sign=1.0):
    return hold_against_rest(inside, rows, sign, level=LEVEL)


def test_the_tail_is_scipys():
    rng = np.random.default_rng(0)
    for _ in range(200):
        whole = int(rng.integers(2, 500))
        rows, hits = (int(rng.integers(1, whole + 1)) for _ in range(2))
        x = int(rng.integers(max(0, rows + hits - whole), min(rows, hits) + 1))
        expected = stats.hypergeom.sf(x - 1, whole, hits, rows)
        found = hypergeometric_tail(float(x), float(rows), float(hits), float(whole))
        assert found == pytest.approx(expected, rel=1e-8, abs=1e-12)
    far = hypergeometric_tail(60_000.0, 200_000.0, 250_000.0, 1_000_000.0)
    assert far == pytest.approx(stats.hypergeom.sf(59_999, 1_000_000, 250_000, 200_000), rel=1e-4)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_right_or_wrong_is_asked_with_fishers_test(sign):
    rng = np.random.default_rng(1)
    inside = np.arange(400) < 50
    loss = (rng.random(400) < np.where(inside, 0.35, 0.2)).astype(float)
    found = held(inside, Rows(loss, binary=True), sign)
    table = [
        [loss[inside].sum(), (1 - loss[inside]).sum()],
        [loss[50:].sum(), (1 - loss[50:]).sum()],
    ]
    side = "greater" if sign > 0 else "less"
    assert found.p == pytest.approx(stats.fisher_exact(table, alternative=side).pvalue)
    own, rest = proportion("loss", loss[:50].sum(), 50), proportion("loss", loss[50:].sum(), 350)
    assert (found.own, found.rest) == (own, rest)
    assert found.effect == difference_of_independent(own, rest)


@pytest.mark.parametrize("binary", [True, False])
def test_rows_of_weight_one_or_in_a_group_each_give_nearly_the_same(binary):
    rng = np.random.default_rng(2)
    n = 1200
    inside = np.arange(n) < 300
    loss = rng.exponential(np.where(inside, 1.3, 1.0))
    if binary:
        loss = (rng.random(n) < np.where(inside, 0.27, 0.2)).astype(float)
    alone = held(inside, Rows(loss, binary=binary))
    for other in (
        Rows(loss, weights=np.ones(n), binary=binary),
        Rows(loss, groups=rng.permutation(n), binary=binary),
    ):
        found = held(inside, other)
        assert found.effect.value == pytest.approx(alone.effect.value)
        assert found.effect.half_width == pytest.approx(alone.effect.half_width, rel=0.06)
        assert np.log(found.p) == pytest.approx(np.log(alone.p), rel=0.25)


def test_rows_that_err_together_are_no_evidence_of_many():
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(100), 20)
    wrong = rng.random(100) < np.where(np.arange(100) < 20, 0.45, 0.2)
    loss = wrong[group].astype(float)
    inside = group < 20
    alone = held(inside, Rows(loss, binary=True))
    together = held(inside, Rows(loss, groups=group, binary=True))
    assert together.effect.half_width > 3 * alone.effect.half_width
    assert together.p > 1000 * alone.p


def test_clustered_tests_reject_a_true_hypothesis_no_more_often_than_they_say():
    rng = np.random.default_rng(4)
    group = np.repeat(np.arange(40), 10)
    p = []
    for _ in range(600):
        shared = rng.normal(size=40)[group]
        loss = (shared + rng.normal(size=400) > 1.2).astype(float)
        inside = (group % 4 == 0) | (rng.random(400) < 0.05)
        found = held(inside, Rows(loss, groups=group, binary=True))
        p.append(found.p)
    p = np.array(p)
    assert np.mean(p <= 0.05) < 0.05 + 3 * np.sqrt(0.05 / 600)
    assert np.mean(p <= 0.01) < 0.01 + 3 * np.sqrt(0.01 / 600)
    # And they are no stone either.
    assert np.mean(p <= 0.05) > 0.01


def test_what_scores_promise_bounds_the_p_value_of_their_residuals():
    # Ten rows, each said to happen in 2 of 100: one that did is no news.
    scores = np.concatenate([np.full(10, 0.02), np.full(990, 0.5)])
    labels = np.concatenate([[1.0], np.zeros(9), np.arange(990) % 2])
    variance = scores * (1 - scores)
    expected = Expected(variance, variance * (1 - 2 * scores))
    inside = np.arange(1000) < 10
    found = held(inside, Rows(labels - scores, expected=expected))
    exact = stats.binom.sf(0, 10, 0.02)
    assert found.p >= 0.8 * exact
    assert found.effect.value == pytest.approx(0.08 - 0.0, abs=1e-9)


def test_where_all_losses_are_alike_nothing_is_certain():
    loss = np.concatenate([np.ones(6), np.tile([0.0, 1.0], 47)])
    inside = np.arange(100) < 6
    weighted = held(inside, Rows(loss, weights=np.ones(100), binary=True))
    assert weighted.p > 0.005
    assert weighted.effect.low < weighted.effect.value < weighted.effect.high


def test_one_row_is_no_slice():
    inside = np.arange(10) < 1
    assert held(inside, Rows(np.zeros(10), binary=True)) is None
    assert held(np.zeros(10, bool), Rows(np.zeros(10), binary=True)) is None
    groups = np.arange(10) // 5
    assert held(groups == 0, Rows(np.arange(10.0), groups=groups)) is None
