import math

import numpy as np
import pytest
from drift_worlds import categories, numbers
from scipy import stats
from scipy.spatial import distance
from scipy.special import ndtr

from plimsoll.stats import drift_distances as dd
from plimsoll.stats import two_samples as ts
from plimsoll.stats.drift import column_drift
from plimsoll.stats.effective_rows import DesignEffect
from plimsoll.stats.two_samples import TwoSamples

RNG = np.random.default_rng(31)


def test_wasserstein_is_scipys_in_sigmas_of_the_reference():
    one, two = RNG.normal(5, 3, 400), RNG.normal(6, 4, 300)
    found = dd.wasserstein_sigma(numbers(one, two))
    assert found.value == pytest.approx(stats.wasserstein_distance(one, two) / np.std(one))


def test_units_do_not_matter():
    one, two = RNG.normal(size=200), RNG.normal(0.3, size=300)
    plain = dd.wasserstein_sigma(numbers(one, two))
    for scale, start in ((1e-9, 0.0), (86_400.0, 1.7e9)):
        other = dd.wasserstein_sigma(numbers(start + scale * one, start + scale * two))
        assert (other.value, other.low, other.high) == pytest.approx(
            (plain.value, plain.low, plain.high), rel=1e-4
        )


def test_the_largest_numbers_there_are_do_no_harm():
    one = np.r_[RNG.normal(size=200), 1.7e308]
    two = np.r_[RNG.normal(size=200), -1.7e308]
    found = column_drift(numbers(one, two))
    assert all(math.isfinite(x.value) for x in found.estimates)
    tiny = dd.wasserstein_sigma(numbers([0.0, 5e-324, 5e-324], [0.0, 0.0, 5e-324]))
    assert tiny.value == pytest.approx((1 / 3) / math.sqrt(2 / 9))


def test_jensen_shannon_of_categories_is_scipys():
    one, two = RNG.integers(0, 12, 500), RNG.integers(2, 14, 400)
    two_sides = categories(one, two)
    found = dd.jensen_shannon_distance(two_sides)
    assert found.value == pytest.approx(distance.jensenshannon(*two_sides.shares, base=2))


def test_jensen_shannon_of_numbers_is_that_of_twenty_quantile_cells():
    two = numbers(RNG.normal(size=800), RNG.normal(0.4, size=800))
    edges = np.quantile(two.values, np.arange(1, 20) / 20)
    cell = np.searchsorted(edges, two.values)
    p, q = (np.bincount(cell, x) for x in two.shares)
    found = dd.jensen_shannon_distance(two)
    assert found.value == pytest.approx(distance.jensenshannon(p, q, base=2), rel=0.02)


def test_nothing_to_compare_is_no_estimate():
    for measure in (dd.wasserstein_sigma, dd.jensen_shannon_distance, dd.population_stability):
        assert measure(TwoSamples(np.array([1, 2]), np.array([0, 0]), np.arange(2.0))) is None
    assert dd.wasserstein_sigma(numbers(np.ones(30), RNG.normal(size=30))) is None
    assert dd.wasserstein_sigma(categories([1, 2], [2, 3])) is None
    assert dd.population_stability(categories(np.arange(40), np.arange(40, 80))) is None


def test_categories_too_rare_to_compare_may_hide_anything():
    found = dd.jensen_shannon_distance(categories(np.arange(50), np.arange(30, 80)))
    assert (found.low, found.high) == (0.0, 1.0)


WORLDS = {
    "no change": (0.0, 1.0),
    "0.3 sigma": (0.3, 1.0),
    "1.5 times as wide": (0.0, 1.5),
}


@pytest.mark.parametrize("shift, scale", WORLDS.values(), ids=WORLDS)
@pytest.mark.parametrize("n, m", [(100, 100), (1500, 400)])
def test_intervals_of_numbers_hold_the_truth(shift, scale, n, m):
    grid = np.linspace(-9, 9, 4001)
    area = np.trapezoid(np.abs(ndtr(grid) - ndtr((grid - shift) / scale)), grid)
    held = {"wasserstein_sigma": [], "jensen_shannon": [], "psi": []}
    for _ in range(200):
        two = numbers(RNG.normal(size=n), RNG.normal(shift, scale, m))
        found = dd.wasserstein_sigma(two)
        held[found.name].append(found.low <= area <= found.high)
        for measure, name, cells, own in (
            (dd.jensen_shannon_distance, "jensen_shannon", 20, False),
            (dd.population_stability, "psi", 10, True),
        ):
            truth = true_of_cells(two, cells, own, shift, scale)
            found = measure(two)
            held[name].append(found.low - 1e-12 <= truth[name] <= found.high)
    for name, hits in held.items():
        assert np.mean(hits) >= 0.94 - 3 * math.sqrt(0.06 * 0.94 / 200), name


def true_of_cells(two, cells, of_reference, shift, scale):
    """Return the true distances on the cells that were cut on these two samples."""
    pools = two.in_quantiles(cells, of_reference=of_reference)
    rows = np.cumsum(pools.reference + pools.current)[:-1]
    edges = two.values[rows]  # Every value is one row here.
    p = np.diff(np.r_[0.0, ndtr(edges), 1.0])
    q = np.diff(np.r_[0.0, ndtr((edges - shift) / scale), 1.0])
    return {
        "jensen_shannon": ts.jensen_shannon(p, q),
        "psi": float((q - p) @ np.log(q / p)),
    }


@pytest.mark.parametrize("tilt", [0.0, 0.5])
def test_intervals_of_categories_hold_the_truth(tilt):
    p = np.r_[np.full(5, 0.1), np.full(10, 0.05)]
    q = p * np.r_[np.full(5, 1 + tilt), np.full(10, 1 - tilt)]
    q /= q.sum()
    truth = {"jensen_shannon": ts.jensen_shannon(p, q), "psi": float((q - p) @ np.log(q / p))}
    for measure in (dd.jensen_shannon_distance, dd.population_stability):
        hits = []
        for _ in range(300):
            two = TwoSamples(RNG.multinomial(600, p), RNG.multinomial(900, q))
            found = measure(two)
            hits.append(found.low - 1e-9 <= truth[found.name] <= found.high)
        assert np.mean(hits) >= 0.94 - 3 * math.sqrt(0.06 * 0.94 / 300)


def test_no_change_is_not_shown_to_be_one():
    zeros = {"wasserstein_sigma": 0, "jensen_shannon": 0, "psi": 0}
    for _ in range(200):
        two = numbers(RNG.standard_t(3, 500), RNG.standard_t(3, 500))
        for measure in (dd.wasserstein_sigma, dd.jensen_shannon_distance, dd.population_stability):
            found = measure(two)
            zeros[found.name] += found.low > 0
    assert max(zeros.values()) <= 200 * 0.025 + 4 * math.sqrt(200 * 0.025)


def test_more_rows_narrow_and_effective_rows_widen():
    share = np.array([[0.5, 0.3, 0.2], [0.4, 0.35, 0.25]])
    for measure in (dd.wasserstein_sigma, dd.jensen_shannon_distance, dd.population_stability):
        few, many = (
            measure(TwoSamples(*(k * share).astype(int), np.arange(3.0))) for k in (1000, 100_000)
        )
        assert few.value == pytest.approx(many.value, rel=0.02)
        assert few.half_width > 5 * many.half_width
        assert many.low > 0
        spread = measure(
            TwoSamples(*(1000 * share).astype(int), np.arange(3.0)), design=DesignEffect(4.0, 10.0)
        )
        assert spread.half_width > 1.3 * few.half_width
        assert "effective rows" in spread.method


def test_a_million_rows_far_apart_are_finite():
    two = TwoSamples(np.array([900_000, 100_000]), np.array([100_000, 900_000]), np.arange(2.0))
    for measure in (dd.wasserstein_sigma, dd.jensen_shannon_distance, dd.population_stability):
        found = measure(two)
        assert 0.97 * found.value < found.low < found.value < found.high < 1.03 * found.value
