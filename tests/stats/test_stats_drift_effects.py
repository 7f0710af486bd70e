"""KS and the total variation: values, intervals, tests at the floor."""

import math

import numpy as np
import pytest
from drift_worlds import bucketed, categories, numbers
from scipy import stats

from plimsoll.stats.drift_categories import by_chance, total_variation_effect
from plimsoll.stats.drift_numbers import kolmogorov_p, kolmogorov_quantile, ks_effect
from plimsoll.stats.effective_rows import DesignEffect
from plimsoll.stats.two_samples import TwoSamples, total_variation

RNG = np.random.default_rng(21)
FLOOR = 0.05


def chance(rate, runs, errors=4):
    """Return a rate and so many errors of its simulation."""
    return rate + errors * math.sqrt(rate * (1 - rate) / runs)


def test_the_plain_test_is_the_two_sample_one():
    one, two = RNG.normal(size=400), RNG.normal(0.1, size=500)
    found = ks_effect(numbers(one, two))
    expected = stats.ks_2samp(one, two, method="asymp")
    assert found.estimate.value == pytest.approx(expected.statistic)
    assert found.p_changed == pytest.approx(
        stats.kstwobign.sf(math.sqrt(400 * 500 / 900) * expected.statistic), rel=1e-9
    )
    assert found.p_above_floor == found.p_changed  # The floor is 0 here.


def test_kolmogorovs_law_with_few_degrees_of_freedom():
    assert kolmogorov_quantile(0.05) == pytest.approx(1.3581, abs=1e-4)
    assert kolmogorov_p(kolmogorov_quantile(0.01, 9.0), 9.0) == pytest.approx(0.01)
    assert kolmogorov_p(1.5, 1e7) == pytest.approx(kolmogorov_p(1.5), rel=1e-3)
    assert kolmogorov_p(1.5, 10) > 2 * kolmogorov_p(1.5)
    assert kolmogorov_p(0.0) == kolmogorov_p(-1.0, 5) == 1.0


@pytest.mark.parametrize("make", [numbers, categories])
def test_equal_tables_are_0_apart_and_certain_of_little(make):
    rows = RNG.integers(0, 12, 500)
    effect = ks_effect if make is numbers else total_variation_effect
    found = effect(make(rows, rows), floor=FLOOR)
    assert found.estimate.value == found.estimate.low == 0.0
    assert 0.03 < found.estimate.high < 0.12
    assert found.p_above_floor == found.p_changed == 1.0


def test_truth_values_are_judged_alike_as_numbers_and_as_categories():
    one, two = RNG.integers(0, 2, 300), (RNG.random(200) < 0.7).astype(int)
    number, category = ks_effect(numbers(one, two)), total_variation_effect(categories(one, two))
    for name in ("value", "low", "high"):
        assert getattr(number.estimate, name) == pytest.approx(getattr(category.estimate, name))
    assert number.p_changed == pytest.approx(category.p_changed)
    assert number.by_chance == pytest.approx(category.by_chance, rel=0.02)


def test_the_interval_leaves_the_floor_out_when_the_test_rejects():
    for _ in range(60):
        n = int(RNG.integers(100, 2000))
        shift = RNG.uniform(0, 0.5)
        two = numbers(RNG.normal(size=n), RNG.normal(shift, size=n))
        found = ks_effect(two, floor=FLOOR)
        assert (found.estimate.low > FLOOR) == (found.p_above_floor < 0.025)
        k = int(RNG.integers(2, 9))
        tilt = np.r_[1 + shift, np.ones(k - 1)]
        pair = categories(RNG.integers(0, k, n), RNG.choice(k, n, p=tilt / tilt.sum()))
        found = total_variation_effect(pair, floor=FLOOR)
        assert (found.estimate.low > FLOOR) == (found.p_above_floor < 0.025)


def moved(x):
    """Move the lowest 5 % of a uniform to the top: the gap is 0.05 at every value between."""
    return np.where(x < FLOOR, 2.0 - x, x)


def at_floor_numbers(n, m):
    return ks_effect(numbers(RNG.random(n), moved(RNG.random(m))), floor=FLOOR)


def at_floor_categories(n, m, k=12):
    win = np.r_[1 / k + FLOOR, np.full(k - 1, 1 / k - FLOOR / (k - 1))]
    return total_variation_effect(
        categories(RNG.integers(0, k, n), RNG.choice(k, m, p=win)), floor=FLOOR
    )


def at_floor_yes_or_no(n, m):
    return total_variation_effect(
        categories(RNG.random(n) < 0.5, RNG.random(m) < 0.5 + FLOOR), floor=FLOOR
    )


@pytest.mark.parametrize("world", [at_floor_numbers, at_floor_categories, at_floor_yes_or_no])
@pytest.mark.parametrize("n, m", [(60, 60), (1000, 1000), (2000, 100)])
def test_an_effect_at_the_floor_is_rarely_taken_to_be_above(world, n, m):
    runs = 400
    p = np.array([world(n, m).p_above_floor for _ in range(runs)])
    assert np.mean(p <= 0.05) <= chance(0.05, runs)
    assert np.mean(p <= 0.005) <= chance(0.005, runs)


def test_no_difference_is_rarely_taken_for_one_with_many_categories():
    runs, p = 400, []
    for _ in range(runs):
        share = RNG.dirichlet(np.full(200, 0.3))
        counts = RNG.multinomial(300, share, size=2)
        p.append(total_variation_effect(TwoSamples(*counts)))
    for name in ("p_changed", "p_above_floor"):
        assert np.mean([getattr(x, name) <= 0.05 for x in p]) <= chance(0.05, runs)


def test_one_category_among_many_is_found():
    win = np.r_[0.15, np.full(19, 0.85 / 19)]
    found = [
        total_variation_effect(
            categories(RNG.integers(0, 20, 3000), RNG.choice(20, 3000, p=win)), floor=FLOOR
        )
        for _ in range(50)
    ]
    assert np.mean([x.p_above_floor < 0.002 for x in found]) > 0.9


def test_a_shift_of_all_of_500_categories_is_found_where_none_shows_alone():
    share = np.r_[np.full(250, 0.75), np.full(250, 1.25)] / 500
    counts = [RNG.multinomial(40_000, s) for s in (np.ones(500) / 500, share)]
    found = total_variation_effect(TwoSamples(*counts), floor=FLOOR)
    assert found.p_above_floor < 1e-6
    assert FLOOR < found.estimate.low < 0.125 < found.estimate.high


def test_by_chance_is_the_mean_of_random_halves():
    counts = np.array([60, 25, 10, 4, 1, 1, 1])
    rows = np.repeat(np.arange(7), counts)
    found = []
    for _ in range(500):
        RNG.shuffle(rows)
        half = (np.bincount(part, minlength=7) for part in (rows[:60], rows[60:]))
        found.append(total_variation(*half))
    halves = categories(rows[:60], rows[60:])
    assert by_chance(halves) == pytest.approx(np.mean(found), rel=0.05)


def test_rows_that_are_all_different_are_as_far_apart_as_by_chance():
    found = total_variation_effect(categories(np.arange(100), np.arange(100, 180)), floor=FLOOR)
    assert (found.estimate.low, found.estimate.high) == (0.0, 1.0)
    assert found.by_chance == pytest.approx(1.0)
    assert found.p_changed == found.p_above_floor == 1.0


def test_what_hides_in_pools_reaches_the_upper_limit():
    one, two = np.array([400, 300, 300]), np.array([420, 290, 290])
    plain = total_variation_effect(TwoSamples(one, two)).estimate
    marked = np.array([False, False, True])
    pooled = total_variation_effect(TwoSamples(one, two, pooled=marked)).estimate
    assert (pooled.value, pooled.low) == (plain.value, plain.low)
    assert pooled.high == pytest.approx(plain.high + 0.29, abs=0.02)


def test_what_wide_cells_hide_reaches_the_upper_limit():
    one, two = RNG.normal(size=4000), RNG.normal(0.2, size=4000)
    edges = np.linspace(-6, 6, 13)
    counts = [np.histogram(x, edges)[0] for x in (one, two)]
    middles, widths = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    exact = ks_effect(numbers(one, two)).estimate
    wide = ks_effect(TwoSamples(*counts, middles, widths)).estimate
    assert wide.low <= exact.low
    assert wide.high > exact.value
    assert wide.high > ks_effect(TwoSamples(*counts, middles)).estimate.high + 0.05


def test_effective_rows_do_what_fewer_rows_do():
    one, two = RNG.multinomial(400, np.ones(8) / 8, size=2)
    values = np.arange(8.0)
    fewer = ks_effect(TwoSamples(one, two, values), floor=FLOOR, design=DesignEffect(4.0))
    plain = ks_effect(TwoSamples(one, two, values), floor=FLOOR)
    assert fewer.estimate.value == plain.estimate.value
    assert fewer.estimate.high - fewer.estimate.value == pytest.approx(
        2 * (plain.estimate.high - plain.estimate.value)
    )
    assert "effective rows" in fewer.estimate.method
    assert "effective rows" not in plain.estimate.method


def test_a_constant_column_has_not_changed():
    found = ks_effect(numbers(np.ones(50), np.ones(70)), floor=FLOOR)
    assert (found.estimate.value, found.p_changed) == (0.0, 1.0)
    found = total_variation_effect(categories(np.ones(50), np.ones(70)), floor=FLOOR)
    assert (found.estimate.value, found.p_changed) == (0.0, 1.0)


def test_a_constant_that_became_another_is_all_the_rows():
    found = ks_effect(numbers(np.zeros(50), np.ones(70)), floor=FLOOR)
    assert found.estimate.value == found.estimate.high == 1.0
    assert found.estimate.low > 0.85
    assert found.p_above_floor < 1e-15


def test_buckets_of_either_kind_are_taken():
    rows = RNG.integers(0, 30, 600)
    two = bucketed(rows[:300].astype(float), rows[300:].astype(float), (rows[:300], rows[300:]))
    assert ks_effect(two, design=DesignEffect(10.0, 5.0)).p_changed > 0.5
