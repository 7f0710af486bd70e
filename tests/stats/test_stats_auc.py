import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from plimsoll.stats import auc
from plimsoll.stats.published import asah
from plimsoll.stats.score_cells import ScoreCells, cells_of

RNG = np.random.default_rng(3)


def rows(n=400, base=0.3, digits=1):
    y = RNG.random(n) < base
    return np.round(RNG.normal(y, 1.0), digits), y


def test_ndka_as_proc_prints_it():
    data = asah()
    found = auc.roc_auc(cells_of(data.ndka, data.poor))
    assert found.method == "DeLong"
    assert found.value == pytest.approx(0.611957994579946, abs=1e-13)
    assert found.low == pytest.approx(0.501244999271703, abs=1e-13)
    assert found.high == pytest.approx(0.722670989888189, abs=1e-13)


def test_all_three_scores_get_plain_delong():
    data = asah()
    for score in (data.ndka, data.wfns, data.s100b):
        found = auc.roc_auc(cells_of(score, data.poor))
        assert found.method == "DeLong"
        assert found.high - found.value == pytest.approx(found.value - found.low)


def test_value_is_scikit_learns_with_ties_and_weights():
    scores, y = rows()
    w = RNG.lognormal(0, 1, y.size)
    assert auc.roc_auc(cells_of(scores, y)).value == pytest.approx(roc_auc_score(y, scores))
    weighted = auc.roc_auc(cells_of(scores, y, weights=w))
    assert weighted.value == pytest.approx(roc_auc_score(y, scores, sample_weight=w))


def test_equal_weights_change_nothing():
    scores, y = rows()
    plain = auc.roc_auc(cells_of(scores, y))
    weighted = auc.roc_auc(cells_of(scores, y, weights=np.full(y.size, 3.0)))
    assert (weighted.low, weighted.high) == pytest.approx((plain.low, plain.high), abs=1e-12)


def test_left_out_groups_are_scikit_learns_without_them():
    scores, y = rows()
    groups = RNG.integers(0, 12, y.size)
    left_out = auc.left_out(cells_of(scores, y, groups=groups))
    for group in range(12):
        rest = groups != group
        assert left_out[group] == pytest.approx(roc_auc_score(y[rest], scores[rest]), abs=1e-12)


@pytest.mark.parametrize("n0, n1", [(45, 5), (490, 10), (25, 25)])
def test_perfect_ranking_is_not_certain(n0, n1):
    scores = np.arange(n0 + n1, dtype=float)
    found = auc.roc_auc(cells_of(scores, scores >= n0))
    assert found.value == found.high == 1.0
    assert 0.5 < found.low < 0.97
    assert found.method == "DeLong, small-sample score"
    turned = auc.roc_auc(cells_of(-scores, scores >= n0))
    assert (turned.value, turned.low) == (0.0, 0.0)
    assert 0 < turned.high < 0.5


def test_one_positive_is_known_to_be_next_to_nothing():
    scores = np.arange(50.0)
    found = auc.roc_auc(cells_of(scores, scores == 40))
    assert found.low < 0.5 < found.high


def test_one_class_has_no_auc():
    assert auc.roc_auc(cells_of([0.1, 0.2], [1, 1])) is None
    assert auc.delong(cells_of([0.1, 0.2], [0, 0])) is None


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=12),
    st.floats(0.5, 0.99),
)
def test_interval_holds_its_value_in_0_to_1(cells, level):
    negatives, positives = np.array(cells).T
    tally = ScoreCells(np.arange(len(cells), dtype=float), negatives, positives)
    found = auc.roc_auc(tally, level=level)
    if negatives.sum() and positives.sum():
        assert 0 <= found.low <= found.value <= found.high <= 1
    else:
        assert found is None


def test_higher_level_is_wider_everywhere():
    for scores, y in (rows(400), rows(60, 0.1)):
        tally = cells_of(scores, y)
        narrow, wide = auc.roc_auc(tally, level=0.8), auc.roc_auc(tally, level=0.99)
        assert wide.low < narrow.low < narrow.high < wide.high


def test_binning_error_bounds_what_binning_does():
    y = RNG.random(3000) < 0.2
    scores = RNG.normal(y, 1.0)
    exact = cells_of(scores, y)
    for cells in (10, 50, 500):
        pooled = exact.pooled(cells)
        assert pooled.scores.size <= cells
        slack = auc.binning_error(pooled)
        assert abs(auc.delong(pooled).value - auc.delong(exact).value) <= slack
    assert auc.binning_error(exact, np.ones(exact.scores.size, bool)) == 0.0


def test_macro_auc_is_the_mean_of_the_classes():
    y = RNG.integers(0, 3, 600)
    scores = RNG.normal(size=(3, 600))
    scores[y, np.arange(600)] += 1.0
    groups = RNG.integers(0, 64, 600)
    expected = np.mean([roc_auc_score(y == c, scores[c]) for c in range(3)])
    plain = auc.macro_roc_auc([cells_of(scores[c], y == c) for c in range(3)])
    grouped = auc.macro_roc_auc([cells_of(scores[c], y == c, groups=groups) for c in range(3)])
    assert plain.value == pytest.approx(expected)
    assert grouped.value == pytest.approx(expected)
    # Rows are independent here, so the bound is the wider one.
    assert grouped.half_width < plain.half_width < 2 * grouped.half_width
    assert auc.macro_roc_auc([cells_of([1.0, 2.0], [1, 1])]) is None


def test_clustered_rows_widen_the_interval():
    cluster = np.repeat(np.arange(40), 12)
    shared = RNG.normal(size=40)[cluster]
    y = (np.sqrt(0.5) * RNG.normal(size=40)[cluster] + RNG.normal(size=480)) > 0
    scores = y + shared + 0.3 * RNG.normal(size=480)
    apart = auc.roc_auc(cells_of(scores, y))
    together = auc.roc_auc(cells_of(scores, y, groups=cluster))
    assert together.value == pytest.approx(apart.value)
    assert together.half_width > 1.3 * apart.half_width
