import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.stats.tree_bins import quantile_edges, roundest, tree_edges


def rows_in(edges, values, counts):
    """Count the rows of each bin; a bin holds its lower edge."""
    code = np.searchsorted(edges, values, side="right")
    return np.bincount(code, counts, minlength=len(edges) + 1)


def test_ages_are_cut_at_round_numbers_into_about_equal_bins():
    ages = np.random.default_rng(0).gamma(9.0, 5.0, 20_000)
    values, counts = np.unique(ages, return_counts=True)
    for k in (2, 4, 10):
        edges = quantile_edges(values, counts, k)
        assert len(edges) == k - 1
        assert all(edge == round(edge, 1) for edge in edges)
        share = rows_in(edges, values, counts) * k / ages.size
        assert share.min() > 0.75 and share.max() < 1.25
    assert all(edge == int(edge) for edge in quantile_edges(values, counts, 4))


def test_few_values_have_a_bin_each():
    values = np.array([1.0, 2.0, 3.0, 7.0])
    assert rows_in(quantile_edges(values, np.ones(4), 4), values, np.ones(4)).tolist() == [1] * 4
    assert len(quantile_edges(values, np.array([1, 1, 1, 97]), 4)) >= 1
    assert quantile_edges(np.array([5.0]), np.array([10]), 4) == []
    assert quantile_edges(np.array([]), np.array([]), 4) == []
    assert quantile_edges(values, np.ones(4), 1) == []
    assert quantile_edges(values, np.array([0, 5, 0, 5]), 4) == [5.0]


def test_a_pile_of_zeros_has_a_bin_and_the_rest_is_shared():
    rng = np.random.default_rng(1)
    x = np.concatenate([np.zeros(6000), rng.exponential(100.0, 4000)])
    values, counts = np.unique(x, return_counts=True)
    edges = quantile_edges(values, counts, 5)
    share = rows_in(edges, values, counts) / x.size
    assert share[0] == pytest.approx(0.6, abs=0.01)
    assert share[1:] == pytest.approx(np.full(4, 0.1), abs=0.02)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-1e12, 1e12), st.integers(1, 1000)),
        min_size=1,
        max_size=40,
        unique_by=lambda pair: pair[0],
    ),
    st.integers(1, 12),
)
def test_no_bin_is_ever_empty_and_edges_ascend(pairs, k):
    values, counts = (np.array(x) for x in zip(*sorted(pairs), strict=True))
    sums = counts * np.sin(values)
    for edges in (quantile_edges(values, counts, k), tree_edges(values, counts, sums, k)):
        assert len(edges) <= k - 1
        assert edges == sorted(set(edges))
        assert rows_in(edges, values, counts).min() > 0


def test_the_same_with_infinities_and_numbers_that_differ_in_the_last_digit():
    values = np.array([-np.inf, 1.0, 1.0 + 2**-52, 3.0, np.inf])
    edges = quantile_edges(values, np.ones(5), 5)
    assert rows_in(edges, values, np.ones(5)).tolist() == [1] * 5


def test_times_are_cut_at_whole_days():
    seconds = np.sort(1.7e9 + np.random.default_rng(2).random(5000) * 3e7)
    for edge in quantile_edges(seconds, np.ones(5000), 4, unit=86_400.0):
        assert edge % 86_400 == 0


def test_a_tree_finds_where_the_loss_jumps():
    x = np.linspace(0.0, 100.0, 2000) + 1e9  # Single precision would see no difference.
    loss = np.where(x < 1e9 + 30, 0.1, np.where(x < 1e9 + 80, 0.5, 0.2))
    edges = tree_edges(x, np.ones(2000), loss, 3)
    assert edges == pytest.approx([1e9 + 30, 1e9 + 80], abs=1.5)
    assert tree_edges(x, np.ones(2000), np.full(2000, 0.3), 4) == []


def test_bins_of_a_tree_are_not_tiny():
    x = np.arange(1000.0)
    loss = np.where(x < 5, 9.0, 0.0)
    edges = tree_edges(x, np.ones(1000), loss, 4)
    assert rows_in(edges, x, np.ones(1000)).min() >= 10


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e6))
def test_the_roundest_number_lies_inside(over, width):
    upto = over + width
    found = roundest(over, upto)
    assert over < found <= upto or over == upto


def test_wrong_calls_are_refused():
    with pytest.raises(ValueError, match="one length"):
        quantile_edges(np.ones(3), np.ones(2), 4)
    with pytest.raises(ValueError, match="at least one bin"):
        quantile_edges(np.ones(3), np.ones(3), 0)
