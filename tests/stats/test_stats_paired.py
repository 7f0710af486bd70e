import numpy as np
import pytest

from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Status
from plimsoll.stats import auc, paired
from plimsoll.stats.mean import LossSums
from plimsoll.stats.proportion import tango_difference
from plimsoll.stats.published import asah
from plimsoll.stats.score_cells import cells_of

RNG = np.random.default_rng(9)


def scored(n=400, base=0.3):
    y = RNG.random(n) < base
    first = RNG.normal(y, 1.0)
    return y, first, first + RNG.normal(size=n)


def test_wfns_against_s100b_as_proc_prints_it():
    data = asah()
    found = paired.auc_difference(data.poor, data.wfns, data.s100b)
    assert found.z == pytest.approx(2.20898359144091, abs=1e-12)
    assert found.p == pytest.approx(0.0271757822291882, abs=1e-13)
    assert found.difference.low == pytest.approx(0.0104061769564846, abs=1e-13)
    assert found.difference.high == pytest.approx(0.174214419249478, abs=1e-13)
    assert found.difference.where.metric == "roc_auc"


def test_the_other_two_pairs_as_proc_prints_them():
    data = asah()
    one = paired.auc_difference(data.poor, data.wfns, data.ndka)
    two = paired.auc_difference(data.poor, data.ndka, data.s100b)
    assert one.z == pytest.approx(2.79777591868904, abs=1e-12)
    assert two.z == pytest.approx(-1.39077002573558, abs=1e-12)


def test_variance_of_one_is_that_of_the_cells_and_weights_may_repeat():
    y, first, second = scored()
    w = RNG.lognormal(size=y.size)
    for weights in (None, w):
        found = paired.auc_covariance(y, np.stack([first, second]), weights)
        alone = auc.delong(cells_of(first, y, weights=weights))
        assert found.values[0] == pytest.approx(alone.value)
        assert found.covariance[0, 0] == pytest.approx(alone.variance, rel=1e-10)


def test_swapping_models_turns_the_sign():
    y, first, second = scored()
    one = paired.auc_difference(y, first, second)
    two = paired.auc_difference(y, second, first)
    assert one.z == pytest.approx(-two.z)
    assert one.p == pytest.approx(two.p)
    assert one.difference.low == pytest.approx(-two.difference.high)


def test_a_model_against_itself_differs_by_nothing():
    y, first, _ = scored()
    found = paired.auc_difference(y, first, 3 * first + 1)
    assert found.z is None
    assert found.p is None
    assert found.difference.low == found.difference.value == found.difference.high == 0.0


def test_two_perfect_models_may_still_differ():
    y = np.arange(40) >= 20
    first, second = np.arange(40.0), np.arange(40.0) ** 2
    found = paired.auc_difference(y, first, second)
    assert found.difference.low < 0 < found.difference.high


def test_few_positives_get_a_wider_interval_and_one_none():
    y, first, second = scored(300, 0.03)
    found = paired.auc_difference(y, first, second)
    assert found.difference.method == "DeLong, paired, small-sample t"
    contrast = np.array([1.0, -1.0])
    assert found.difference.half_width > 1.96 * np.sqrt(contrast @ found.covariance @ contrast)
    assert paired.auc_difference([1, 0, 0], [3.0, 1, 2], [1.0, 2, 3]) is None


def test_accuracy_difference_is_tangos():
    found = paired.accuracy_difference(12, 5, 200)
    assert found.value == pytest.approx(7 / 200)
    assert (found.low, found.high) == pytest.approx(tango_difference(12, 5, 200))
    assert (found.name, found.where.metric, found.n) == ("difference", "accuracy", 200)
    assert paired.accuracy_difference(0, 0, 0) is None


def test_clustered_accuracy_difference_is_worth_fewer_rows():
    more, less = np.array([9, 0] * 10), np.array([0, 8] * 10)
    rows = np.full(20, 30)
    together = paired.accuracy_difference(more, less, rows)
    apart = paired.accuracy_difference(more.sum(), less.sum(), rows.sum())
    assert together.value == pytest.approx(apart.value)
    assert together.half_width > 2 * apart.half_width
    none = paired.accuracy_difference(np.zeros(20), np.zeros(20), rows)
    assert none.high == pytest.approx(tango_difference(0, 0, 20)[1])


def test_loss_difference_comes_from_the_sums_of_differences():
    one, two = RNG.exponential(size=300), RNG.exponential(size=300)
    found = paired.loss_difference("log_loss", LossSums.of_rows(one - two))
    assert found.value == pytest.approx(one.mean() - two.mean())
    assert found.where.metric == "log_loss"
    assert found.low < found.value < found.high


def test_jackknife_difference_agrees_with_delong_on_independent_rows():
    y, first, second = scored(4000)
    groups = RNG.integers(0, 64, y.size)
    cells = [cells_of(s, y, groups=groups) for s in (first, second)]
    values = tuple(auc.delong(c).value for c in cells)
    left_out = tuple(auc.left_out(c) for c in cells)
    sizes = np.bincount(groups)
    found = paired.jackknife_difference("roc_auc", values, left_out, sizes, rows=y.size)
    delong = paired.auc_difference(y, first, second).difference
    assert found.value == pytest.approx(delong.value)
    assert found.half_width == pytest.approx(delong.half_width, rel=0.35)
    few = paired.jackknife_difference(
        "roc_auc", values, left_out, sizes, rows=y.size, observations=4
    )
    assert few.half_width > 1.5 * found.half_width
    assert paired.jackknife_difference("x", values, left_out, np.eye(64)[0], rows=9) is None


@pytest.mark.parametrize(
    "low, high, better, status",
    [
        (-0.005, 0.02, "higher", Status.PASS),
        (-0.03, -0.011, "higher", Status.FAIL),
        (-0.03, 0.01, "higher", Status.UNSURE),
        (-0.01, 0.01, "higher", Status.UNSURE),
        (-0.02, 0.005, "lower", Status.PASS),
        (0.011, 0.03, "lower", Status.FAIL),
        (-0.01, 0.03, "lower", Status.UNSURE),
    ],
)
def test_non_inferiority_takes_the_whole_interval(low, high, better, status):
    difference = Estimate("difference", (low + high) / 2, low, high, 0.95, 500, "t")
    assert paired.non_inferiority(difference, 0.01, better) is status


def test_margins_must_make_sense():
    difference = Estimate("difference", 0.0, -0.1, 0.1, 0.95, 500, "t")
    with pytest.raises(ValueError, match="margin"):
        paired.non_inferiority(difference, -0.01)
    with pytest.raises(ValueError, match="better"):
        paired.non_inferiority(difference, 0.01, "up")
