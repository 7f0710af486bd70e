import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from plimsoll.stats import average_precision as ap
from plimsoll.stats.score_cells import cells_of

RNG = np.random.default_rng(5)


def rows(n=150, digits=1):
    y = RNG.random(n) < 0.3
    return np.round(RNG.normal(y, 1.0), digits), y


def test_value_is_scikit_learns_with_ties_and_weights():
    scores, y = rows()
    w = RNG.lognormal(0, 1, y.size)
    plain = ap.average_precision(cells_of(scores, y))
    weighted = ap.average_precision(cells_of(scores, y, weights=w))
    assert plain.value == pytest.approx(average_precision_score(y, scores), abs=1e-13)
    assert weighted.value == pytest.approx(
        average_precision_score(y, scores, sample_weight=w), abs=1e-13
    )
    assert plain.low < plain.value < plain.high


def test_values_without_a_row_are_scikit_learns():
    scores, y = rows(80)
    cells = cells_of(scores, y)
    negative, positive = cells.masses[:, ::-1]
    without = ap.without_row(negative, positive)
    descending = cells.scores[::-1]
    for i in range(y.size):
        rest = np.arange(y.size) != i
        cell = int(np.flatnonzero(descending == scores[i])[0])
        expected = average_precision_score(y[rest], scores[rest])
        assert without[int(y[i]), cell] == pytest.approx(expected, abs=1e-12)


def test_slopes_are_derivatives():
    scores, y = rows(80)
    masses = cells_of(scores, y).masses[:, ::-1].copy()
    slopes = ap.slopes(*masses)
    for label in (0, 1):
        for cell in range(0, masses.shape[1], 4):
            step = np.zeros_like(masses)
            step[label, cell] = 1e-5
            found = (
                ap.precision_area(*(masses + step)) - ap.precision_area(*(masses - step))
            ) / 2e-5
            assert slopes[label, cell] == pytest.approx(float(found), abs=1e-8)


def test_left_out_groups_are_scikit_learns_without_them():
    scores, y = rows()
    groups = RNG.integers(0, 9, y.size)
    by_group = cells_of(scores, y, groups=groups).by_group[:, :, ::-1]
    for group, value in enumerate(ap.left_out(by_group)):
        rest = groups != group
        assert value == pytest.approx(average_precision_score(y[rest], scores[rest]), abs=1e-12)


def test_perfect_ranking_and_one_positive_are_not_certain():
    scores = np.arange(100.0)
    perfect = ap.average_precision(cells_of(scores, scores >= 90))
    assert perfect.value == perfect.high == 1.0
    assert perfect.low < 0.8
    single = ap.average_precision(cells_of(scores, scores == 99))
    assert single.low < 0.3


def test_one_class_has_none_and_neither_has_one_group_of_positives():
    assert ap.average_precision(cells_of([0.1, 0.2], [0, 0])) is None
    scores, groups = np.arange(40.0), np.arange(40) // 10
    assert ap.average_precision(cells_of(scores, scores >= 30, groups=groups)) is None
