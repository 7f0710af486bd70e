import numpy as np
import pytest
from scipy.stats import binom, fisher_exact, t

from plimsoll.stats.share_gap import gap_low, gap_p

TRUTHS = (0.0, 0.01, 0.03, 0.08, 0.2, 0.475, 0.8, 0.94)


@pytest.mark.parametrize("n, m", [(20, 20), (40, 25), (15, 90)])
@pytest.mark.parametrize("floor", [0.0, 0.05])
def test_p_is_right_at_its_worst_truth(n, m, floor):
    # Every table there is, at truths that are just the floor apart.
    p = np.array([[gap_p(x, n, y, m, floor) for y in range(m + 1)] for x in range(n + 1)])
    for truth in TRUTHS:
        chance = np.outer(
            binom.pmf(np.arange(n + 1), n, truth + floor), binom.pmf(np.arange(m + 1), m, truth)
        )
        for level in (0.05, 0.01, 1e-3, 1e-5):
            assert chance[p <= level].sum() <= 1.2 * level


def test_it_is_close_to_fishers_exact_test():
    for first, second in ((12, 3), (9, 1), (30, 12)):
        exact = fisher_exact([[first, 60 - first], [second, 60 - second]]).pvalue
        assert 0.4 * exact < gap_p(first, 60, second, 60) < 1.2 * exact


def test_sides_and_labels_are_alike():
    one = gap_p(12, 50, 30, 80, 0.05)
    assert gap_p(30, 80, 12, 50, 0.05) == pytest.approx(one)
    assert gap_p(38, 50, 50, 80, 0.05) == pytest.approx(one)


def test_within_the_floor_nothing_is_shown():
    assert gap_p(50, 100, 52, 100, 0.05) > 0.5
    assert gap_p(0, 100, 0, 100, 0.0) == 1.0
    assert gap_p(100, 100, 0, 100, 0.05) < 1e-20


def test_low_is_where_p_crosses():
    low = gap_low(60, 200, 120, 250, 0.01)
    assert gap_p(60, 200, 120, 250, low) == pytest.approx(0.01, rel=1e-5)
    assert gap_low(60, 200, 80, 250, 0.01) == 0.0


def test_few_degrees_of_freedom_raise_p():
    plain, few = gap_p(30, 100, 55, 100, 0.05), gap_p(30, 100, 55, 100, 0.05, df=6)
    assert few > 3 * plain
    assert gap_p(30, 100, 55, 100, 0.05, df=1e7) == pytest.approx(plain, rel=1e-3)
    assert few < t.sf(1.0, 6)


def test_rows_need_not_be_whole():
    between = gap_p(20.5, 60.7, 40.1, 70.3, 0.02)
    assert gap_p(20, 60, 41, 70, 0.02) < between < gap_p(21, 60, 39, 70, 0.02)
