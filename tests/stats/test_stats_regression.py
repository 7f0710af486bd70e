import numpy as np
import pytest
from sklearn import metrics

from plimsoll.stats.regression import TargetSums, ValueCells, median, median_absolute_error, r2

RNG = np.random.default_rng(6)


def rows(n=300):
    y = RNG.normal(5, 2, n)
    return y, y + RNG.normal(0, 1, n), RNG.integers(0, 64, n)


def cells(x, weights=None, groups=None):
    distinct, place = np.unique(x, return_inverse=True)
    held = 1 if groups is None else int(groups.max()) + 1
    group = np.zeros_like(place) if groups is None else groups
    out = []
    for power in (0, 1, 2):
        tally = np.zeros((held, distinct.size))
        np.add.at(tally, (group, place), 1.0 if weights is None else weights**power)
        out.append(tally)
    if weights is None:
        return ValueCells(distinct, out[0])
    return ValueCells(distinct, *out)


@pytest.mark.parametrize("weighted", [False, True])
def test_r2_is_scikit_learns(weighted):
    y, said, groups = rows()
    w = RNG.lognormal(size=y.size) if weighted else None
    found = r2(TargetSums.of_rows(y, said, groups, weights=w))
    assert found.value == pytest.approx(metrics.r2_score(y, said, sample_weight=w), abs=1e-12)
    assert found.low < found.value < found.high <= 1
    assert found.n == y.size


def test_left_out_groups_are_scikit_learns_without_them():
    y, said, groups = rows()
    left_out = TargetSums.of_rows(y, said, groups).left_out()
    for group in range(64):
        rest = groups != group
        expected = metrics.r2_score(y[rest], said[rest])
        assert 1 - left_out[group] == pytest.approx(expected, abs=1e-12)


def test_a_large_offset_of_the_target_loses_no_digits():
    y, said, groups = rows()
    near = r2(TargetSums.of_rows(y, said, groups))
    far = r2(TargetSums.of_rows(y + 2.0**30, said + 2.0**30, groups))
    assert far.value == pytest.approx(near.value, abs=1e-6)
    assert far.low == pytest.approx(near.low, abs=1e-5)


def test_r2_cannot_be_told_without_variation_or_in_one_group():
    flat = TargetSums.of_rows(np.full(10, 3.0), np.arange(10.0), np.arange(10))
    assert r2(flat) is None
    y, said, _ = rows(20)
    assert r2(TargetSums.of_rows(y, said, np.zeros(20, int))) is None


def test_perfect_and_worse_than_the_mean():
    y, _, groups = rows()
    perfect = r2(TargetSums.of_rows(y, y, groups))
    assert perfect.low == perfect.value == perfect.high == 1.0
    assert r2(TargetSums.of_rows(y, -y, groups)).high < 0


def test_table_of_sums_is_the_same_as_rows():
    y, said, groups = rows()
    sums = TargetSums.of_rows(y, said, groups)
    table = np.stack(
        [sums.rows, sums.weight, sums.mean, sums.deviation, sums.squared_error], axis=1
    )
    one, two = r2(TargetSums.of_table(table)), r2(sums)
    assert (one.value, one.low) == pytest.approx((two.value, two.low), abs=1e-12)


@pytest.mark.parametrize("n", [100, 101])
@pytest.mark.parametrize("digits", [1, 8])
def test_median_is_that_of_the_rows_ties_included(n, digits):
    error = np.round(np.abs(RNG.normal(size=n)), digits)
    found = median_absolute_error(cells(error))
    assert found.value == pytest.approx(np.median(error))
    assert found.low <= found.value <= found.high


def test_weighted_median_is_scikit_learns():
    error, w = np.abs(RNG.normal(size=200)), RNG.lognormal(size=200)
    expected = metrics.median_absolute_error(np.zeros(200), error, sample_weight=w)
    assert median_absolute_error(cells(error, w)).value == pytest.approx(expected)


def test_limits_are_order_statistics():
    x = np.arange(1.0, 101.0)
    found = median("x", cells(x))
    half = 1.959964 * np.sqrt(100) / 2
    assert (found.low, found.high) == pytest.approx((50.5 - half, 50.5 + half), abs=1e-5)


def test_clustered_errors_widen_the_median():
    cluster = np.repeat(np.arange(40), 12)
    error = np.exp(RNG.normal(size=40)[cluster] + 0.2 * RNG.normal(size=480))
    together = median("x", cells(error, groups=cluster))
    apart = median("x", cells(error))
    assert together.value == pytest.approx(apart.value)
    assert together.half_width > 1.5 * apart.half_width


def test_one_row_has_no_interval():
    assert median("x", cells(np.array([1.0]))) is None
