import numpy as np
import pytest
from scipy import stats

from plimsoll.stats import slice_difference
from plimsoll.stats.difference import difference_of_independent, from_whole
from plimsoll.stats.proportion import newcombe_difference, proportion
from plimsoll.stats.slice_difference import (
    mean_differences,
    mean_tails,
    share_differences,
    share_p,
)

RNG = np.random.default_rng(7)


def test_newcombes_own_example():
    # Newcombe (1998), example (a): 56 of 70 against 48 of 80.
    found = share_differences("recall", [56], [70], 104, 150)
    band = found.from_rest
    assert band.value[0] == pytest.approx(0.2)
    assert (band.low[0], band.high[0]) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert (band.low[0], band.high[0]) == pytest.approx(newcombe_difference(56, 70, 48, 80))
    assert band.estimate(0).where.metric == "recall"


def test_shares_are_those_of_the_difference_of_single_estimates():
    rows = RNG.integers(1, 300, 40)
    hits = RNG.binomial(rows, 0.2)
    found = share_differences("accuracy", hits, rows, 400, 2000)
    for i, (k, n) in enumerate(zip(hits, rows, strict=True)):
        own, rest = proportion("accuracy", k, n), proportion("accuracy", 400 - k, 2000 - n)
        for band, alone in (
            (found.from_rest, difference_of_independent(own, rest)),
            (found.from_whole, from_whole(own, rest, 0.2)),
        ):
            got = band.estimate(i)
            assert (got.value, got.low, got.high) == pytest.approx(
                (alone.value, alone.low, alone.high), abs=1e-12
            )
            assert (got.name, got.n, got.method) == (alone.name, alone.n, alone.method)


def test_p_of_shares_is_fishers_exact_or_in_its_mid_p_form():
    fisher = middle = 0
    for _ in range(300):
        whole = int(RNG.integers(4, 400))
        n, k = int(RNG.integers(1, whole)), int(RNG.integers(0, whole + 1))
        x = int(RNG.hypergeometric(k, whole - k, n))
        found = share_p(*(np.array([float(v)]) for v in (x, n, k, whole)))[0]
        expected = min(n, whole - n) * min(k, whole - k) / whole
        if expected < 1.0:
            fisher += 1
            table = np.array([[x, n - x], [k - x, whole - n - k + x]])
            assert found == pytest.approx(stats.fisher_exact(table).pvalue, abs=1e-9)
        else:
            middle += 1
            draw = stats.hypergeom(whole, k, n)
            tails = draw.sf(x) + draw.pmf(x) / 2, draw.cdf(x) - draw.pmf(x) / 2
            near = 0.1 if min(tails) > 0.05 else 0.03
            assert found == pytest.approx(2 * min(tails), abs=near)
    assert fisher > 20 and middle > 20


@pytest.mark.parametrize("x", [30, 40, 50, 70])
def test_far_out_the_three_moments_are_still_near_the_exact_tail(x):
    # 20 are expected among 200 of 10,000 rows with 1,000 hits.
    found = share_p(*(np.array([float(v)]) for v in (x, 200, 1000, 10_000)))[0]
    exact = 2 * stats.hypergeom.sf(x - 1, 10_000, 1000, 200)
    assert np.log(found) == pytest.approx(np.log(exact), rel=0.1)
    square = stats.chi2_contingency([[x, 200 - x], [1000 - x, 8800 + x]], correction=False).pvalue
    assert square < found


def test_far_beyond_what_is_expected_p_is_nearly_0():
    # 0.9 expected, 300 seen.
    x, n, k, whole = (np.array([v]) for v in (300.0, 1000.0, 900.0, 1e6))
    assert share_p(x, n, k, whole)[0] < 1e-100


def sums(v):
    return np.stack([v.sum(-1), (v**2).sum(-1), (v**3).sum(-1)], axis=-1)


def test_welchs_test_where_nothing_is_skewed_and_the_slice_varies_more():
    x = np.concatenate([np.arange(1.0, 16), -np.arange(1.0, 16)]) * 3
    y = np.concatenate([np.arange(1.0, 31), -np.arange(1.0, 31)]) + 5
    every = np.concatenate([x, y])
    found = mean_differences("mean_error", [x.size], sums(x)[None], every.size, sums(every))
    expected = stats.ttest_ind(x, y, equal_var=False)
    assert found.p[0] == pytest.approx(expected.pvalue, rel=1e-9)
    assert found.from_rest.value[0] == pytest.approx(-5.0)
    assert found.from_whole.value[0] == pytest.approx(x.mean() - every.mean())
    shrink = y.size / every.size
    assert found.from_whole.low[0] == pytest.approx(shrink * found.from_rest.low[0])


def test_the_draw_of_rows_is_that_of_a_permutation_test():
    rng = np.random.default_rng(3)
    x = rng.exponential(size=60)
    draws = np.array([rng.permutation(x)[:12].sum() for _ in range(40_000)])
    for k in (0, 20, 48):
        own = np.sort(x)[k : k + 12] if k else x[:12]
        rest = x.sum() - own.sum(), (x**2).sum() - (own**2).sum(), (x**3).sum() - (own**3).sum()
        arrays = np.array([12.0]), sums(own)[None], np.array([48.0]), np.array([rest])
        upper, lower = slice_difference._draw_tails(*arrays)
        assert upper[0] == pytest.approx(np.mean(draws >= own.sum()), abs=0.012)
        assert lower[0] == pytest.approx(np.mean(draws <= own.sum()), abs=0.012)


def test_a_slice_whose_losses_are_all_alike_borrows_its_variance():
    still, wild = np.full(5, 0.2), RNG.exponential(size=200)

    every = np.concatenate([still, wild])
    found = mean_differences("log_loss", [5], sums(still)[None], 205, sums(every), low=0.0)
    # Five rows at 0.2 where the mean is 1 are no marvel.
    assert 0.01 < found.p[0] < 0.5


@pytest.mark.parametrize("rate", [0.03, 0.2, 0.6])
def test_p_values_of_shares_do_not_cry_wolf_far_out_either(rate):
    rng = np.random.default_rng(11)
    n, whole, worlds = 60, 1000, 100_000
    hits = rng.binomial(n, rate, worlds).astype(float)
    every = hits + rng.binomial(whole - n, rate, worlds)
    p = share_p(hits, np.full(worlds, float(n)), every, np.full(worlds, float(whole)))
    for alpha in (0.05, 0.01, 0.001):
        assert np.mean(p <= alpha) < 1.05 * alpha + 3 * np.sqrt(alpha / worlds)


@pytest.mark.parametrize("world", ["normal", "exponential", "rare", "wide"])
def test_p_values_of_means_cry_wolf_in_neither_direction(world):
    rng = np.random.default_rng(12)
    worlds, n, whole = 5000, 25, 400
    x = rng.normal(size=(worlds, whole))
    if world == "exponential":
        x = rng.exponential(size=(worlds, whole))
    if world == "rare":
        chance = rng.beta(1, 9, (worlds, whole))
        x = -np.log(np.where(rng.random((worlds, whole)) < chance, chance, 1 - chance))
    if world == "wide":
        x[:, :n] *= 3
    sizes = np.full(worlds, float(n)), np.full(worlds, float(whole - n))
    for tail in mean_tails(sizes[0], sums(x[:, :n]), sizes[1], sums(x[:, n:])):
        for alpha in (0.025, 0.005):
            assert np.mean(tail <= alpha) < alpha + 3 * np.sqrt(alpha / worlds)


def test_what_has_no_rest_or_no_rows_has_no_difference():
    found = share_differences("recall", [0, 5, 2], [0, 10, 4], 5, 10)
    assert np.isnan(found.p[:2]).all()
    assert np.isnan(found.from_rest.value[:2]).all() and found.from_rest.estimate(0) is None
    assert np.isfinite(found.p[2])
    with pytest.raises(ValueError, match="more rows than there are"):
        share_differences("recall", [1], [20], 5, 10)
