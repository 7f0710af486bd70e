import math

import numpy as np
import pytest
from drift_worlds import categories, numbers
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial import distance

from plimsoll.stats import two_samples as ts
from plimsoll.stats.two_samples import TwoSamples

RNG = np.random.default_rng(7)
PAIRS = [
    (RNG.normal(size=300), RNG.normal(0.3, 1.2, 200)),
    (RNG.integers(0, 9, 150), RNG.integers(2, 12, 220)),
    (RNG.standard_t(2, 80), np.exp(RNG.normal(size=95))),
    (np.zeros(30), np.array([0.0, 1.0])),
]


@pytest.mark.parametrize("one, two", PAIRS)
def test_distances_of_numbers_are_scipys(one, two):
    cells = numbers(one, two)
    found = ts.ks(cells.reference, cells.current)
    assert found == pytest.approx(stats.ks_2samp(one, two).statistic, abs=1e-15)
    moved = ts.wasserstein(cells.values, cells.reference, cells.current)
    assert moved == pytest.approx(stats.wasserstein_distance(one, two), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("k", [2, 5, 40])
def test_distances_of_categories_are_scipys(k):
    one, two = RNG.integers(0, k, 300), np.minimum(RNG.integers(0, k + 2, 250), k)
    cells = categories(one, two)
    p, q = cells.shares
    found = ts.jensen_shannon(cells.reference, cells.current)
    assert found == pytest.approx(distance.jensenshannon(p, q, base=2), rel=1e-12)
    table = np.stack([cells.reference, cells.current])
    expected = stats.chi2_contingency(table, correction=False)
    chi = ts.chi_squared(cells.reference, cells.current)
    assert (chi.statistic, chi.df, chi.p) == pytest.approx(
        (expected.statistic, expected.dof, expected.pvalue), rel=1e-10
    )
    assert ts.total_variation(cells.reference, cells.current) == np.abs(p - q).sum() / 2


def test_chi_squared_leaves_empty_cells_out_and_needs_two():
    one, two = np.array([3, 0, 9]), np.array([8, 0, 5])
    expected = stats.chi2_contingency(np.stack([one, two])[:, [0, 2]], correction=False)
    assert ts.chi_squared(one, two).p == pytest.approx(expected.pvalue)
    assert ts.chi_squared(np.array([5]), np.array([9])).p == 1.0
    assert ts.chi_squared(np.array([5, 1]), np.array([0, 0])).p == 1.0


def test_distances_are_symmetric_and_0_for_equal_shares():
    one, two = np.array([4, 0, 6, 10]), np.array([1, 5, 6, 3])
    for distance_of in (ts.ks, ts.total_variation, ts.jensen_shannon, ts.psi):
        assert distance_of(one, two) == pytest.approx(distance_of(two, one), rel=1e-12)
    assert ts.ks(one, 3 * one) == ts.total_variation(one, 3 * one) == 0.0
    assert ts.jensen_shannon(one, 3 * one) == pytest.approx(0.0, abs=1e-7)


def test_disjoint_columns_are_as_far_apart_as_can_be():
    one, two = np.array([4, 0]), np.array([0, 9])
    assert ts.ks(one, two) == ts.total_variation(one, two) == ts.jensen_shannon(one, two) == 1.0
    assert math.isfinite(ts.psi(one, two))


def test_psi_on_deciles_is_the_textbook_one_with_half_a_row_more():
    one, two = RNG.normal(size=1000), RNG.normal(0.2, 1.1, 800)
    edges = np.quantile(one, np.arange(1, 10) / 10, method="inverted_cdf")
    counts = [np.bincount(np.searchsorted(edges, x), minlength=10) + 0.5 for x in (one, two)]
    p, q = (c / c.sum() for c in counts)
    cells = numbers(one, two).in_quantiles(ts.PSI_CELLS, of_reference=True)
    found = ts.psi(cells.reference, cells.current)
    assert found == pytest.approx(float(np.sum((q - p) * np.log(q / p))), rel=1e-9)


def test_what_chance_adds_to_psi_is_what_its_docstring_says():
    found = [ts.psi(*RNG.multinomial(400, np.ones(10) / 10, size=2)) for _ in range(2000)]
    assert np.mean(found) == pytest.approx(9 * 2 / 400, rel=0.06)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 40), st.floats(0.1, 3.0))
def test_cells_with_widths_lie_within_their_bounds(seed, cells, spread):
    rng = np.random.default_rng(seed)
    one, two = rng.normal(size=120), rng.normal(0.3, spread, 90)
    ends = min(one.min(), two.min()), max(one.max(), two.max())
    edges = np.linspace(*ends, cells + 1)
    counts = [np.histogram(x, edges)[0] for x in (one, two)]
    assert [c.sum() for c in counts] == [120, 90]
    widths = np.diff(edges)
    exact = stats.ks_2samp(one, two).statistic
    coarse = ts.ks(*counts)
    assert coarse <= exact + 1e-12
    assert exact <= coarse + ts.ks_cell_bound(*counts, widths) + 1e-12
    moved = ts.wasserstein((edges[1:] + edges[:-1]) / 2, *counts)
    slack = ts.wasserstein_cell_bound(*counts, widths)
    assert abs(moved - stats.wasserstein_distance(one, two)) <= slack + 1e-12


def test_exact_cells_have_no_bound():
    one, two = np.array([3, 1, 2]), np.array([1, 4, 1])
    assert ts.ks_cell_bound(one, two, np.zeros(3)) == 0.0
    assert ts.wasserstein_cell_bound(one, two, np.zeros(3)) == 0.0


def test_pools_keep_rows_order_and_mean_values():
    two = numbers(RNG.normal(size=5000), RNG.normal(size=4000))
    pools = two.coarse
    assert pools.reference.size == ts.RESAMPLED_CELLS
    assert pools.rows == two.rows
    assert (pools.middle > 0.8 / ts.RESAMPLED_CELLS).all()
    mean = [float((x.middle * x.values).sum()) for x in (two, pools)]
    assert mean[0] == pytest.approx(mean[1])
    assert (pools.widths > 0).all()
    assert pools.values[0] - pools.widths[0] <= two.values[0]


def test_a_value_that_most_rows_share_is_one_pool():
    two = numbers(np.r_[np.zeros(90), np.arange(1, 11)], np.r_[np.zeros(80), np.arange(1, 21)])
    cells = two.in_quantiles(10)
    assert cells.reference[0] == 90
    assert cells.rows == two.rows


def test_quantile_cells_hold_five_rows_of_the_smaller_side():
    two = numbers(RNG.normal(size=1000), RNG.normal(size=30))
    assert two.in_quantiles(20).reference.size == 6
    assert numbers([1.0, 2, 3], [4.0]).in_quantiles(20).reference.size == 2


def test_categories_with_few_rows_are_put_in_one():
    two = TwoSamples(np.array([50, 3, 2, 40]), np.array([45, 1, 4, 50]))
    coarse = two.coarse
    assert coarse.reference.tolist() == [50, 40, 5]
    assert coarse.current.tolist() == [45, 50, 5]
    assert coarse.pooled.tolist() == [False, False, True]
    assert coarse.lumped == pytest.approx((5 / 95 + 5 / 100) / 2)
    assert ts.total_variation(coarse.reference, coarse.current) <= ts.total_variation(
        two.reference, two.current
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"current": np.array([1, 2])},
        {"current": np.array([1, -2, 3])},
        {"values": np.array([0.0, 2.0, 2.0])},
        {"by_bucket": np.ones((2, 3))},
    ],
)
def test_a_wrong_tally_is_refused(wrong):
    right = {"reference": np.array([1, 2, 3]), "current": np.array([3, 2, 1])}
    with pytest.raises(ValueError, match="must"):
        TwoSamples(**{**right, **wrong})
