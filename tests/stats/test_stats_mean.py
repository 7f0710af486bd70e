import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from plimsoll.stats import mean as m
from plimsoll.stats.interval import t_quantile
from plimsoll.stats.mean import LossSums

RNG = np.random.default_rng(4)


@pytest.mark.parametrize("weighted", [False, True])
def test_values_are_scikit_learns(weighted):
    y = RNG.random(200) < 0.3
    p = np.clip(RNG.beta(2, 4, 200), 0.01, 0.99)
    w = RNG.lognormal(size=200) if weighted else None

    def sums(x):
        return LossSums.of_rows(x, weights=w)

    losses = -np.log(np.where(y, p, 1 - p))
    assert m.log_loss(sums(losses)).value == pytest.approx(
        metrics.log_loss(y, p, sample_weight=w), abs=1e-12
    )
    assert m.brier_score(sums((y - p) ** 2)).value == pytest.approx(
        metrics.brier_score_loss(y, p, sample_weight=w), abs=1e-12
    )
    truth, said = RNG.normal(10, 2, 200), RNG.normal(10, 2, 200)
    error = said - truth
    for measure, x, oracle in (
        (m.mean_absolute_error, np.abs(error), metrics.mean_absolute_error),
        (
            m.mean_absolute_percentage_error,
            np.abs(error / truth),
            metrics.mean_absolute_percentage_error,
        ),
        (m.root_mean_squared_error, error**2, metrics.root_mean_squared_error),
    ):
        found = measure(sums(x))
        assert found.value == pytest.approx(oracle(truth, said, sample_weight=w), abs=1e-12)
        assert found.name == measure.__name__
        assert 0 <= found.low < found.value < found.high
    assert m.mean_error(sums(error)).value == pytest.approx(np.average(error, weights=w))


def test_a_symmetric_loss_has_students_interval():
    x = np.concatenate([np.arange(1.0, 21), -np.arange(1.0, 21)])
    found = m.mean("mean_error", LossSums.of_rows(x))
    half = t_quantile(0.95, 39) * x.std(ddof=1) / np.sqrt(40)
    assert (found.low, found.high) == pytest.approx((-half, half))


def test_a_skewed_loss_reaches_further_up_and_never_below_its_bound():
    x = np.append(np.full(48, 0.01), [3.0, 5.0])
    found = m.log_loss(LossSums.of_rows(x))
    assert found.high - found.value > 2 * (found.value - found.low)
    assert found.low >= 0
    assert m.brier_score(LossSums.of_rows(np.append(np.zeros(5), 1.0))).high <= 1


def test_sums_given_three_ways_are_the_same():
    x = RNG.exponential(size=50)
    rows = LossSums.of_rows(x)
    powers = LossSums.unweighted(50, x.sum(), (x**2).sum(), (x**3).sum())
    columns = np.array([getattr(rows, name)[0] for name in m.POWERS])
    for other in (powers, LossSums.of_table(columns), LossSums.of_rows(x, weights=np.ones(50))):
        one, two = m.mean("x", rows), m.mean("x", other)
        assert (one.value, one.low, one.high) == pytest.approx((two.value, two.low, two.high))


def test_scaling_weights_or_losses_scales_nothing_else():
    x, w = RNG.exponential(size=80), RNG.lognormal(size=80)
    one = m.mean("x", LossSums.of_rows(x, weights=w))
    two = m.mean("x", LossSums.of_rows(100 * x, weights=7 * w))
    assert (two.low, two.high) == pytest.approx((100 * one.low, 100 * one.high))


def test_groups_that_err_together_widen_and_split_sums_merge():
    cluster = np.repeat(np.arange(40), 12)
    x = np.exp(RNG.normal(size=40)[cluster] + 0.2 * RNG.normal(size=480))
    together, apart = LossSums.of_rows(x, groups=cluster), LossSums.of_rows(x)
    one, two = m.mean("x", together), m.mean("x", apart)
    assert one.value == pytest.approx(two.value)
    assert one.half_width > 2 * two.half_width
    loose = m.mean("x", together.ungrouped())
    assert (loose.low, loose.high) == pytest.approx((two.low, two.high))


def test_no_spread_is_no_width_and_too_few_rows_no_number():
    same = m.mean("x", LossSums.of_rows(np.full(10, 0.1)))
    assert same.low == same.value == same.high
    assert m.mean("x", LossSums.of_rows([0.3])) is None
    alone = LossSums.of_rows([0.3, 0.4], groups=[1, 1])
    assert m.mean("x", alone) is None


@given(
    st.lists(st.floats(0, 1e6), min_size=2, max_size=60),
    st.floats(0.5, 0.999),
)
def test_any_losses_give_a_finite_interval_around_the_mean(x, level):
    found = m.mean("x", LossSums.of_rows(x), level=level, low=0.0)
    assert 0 <= found.low <= found.value <= found.high < np.inf


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0.01, 100)), min_size=2, max_size=40))
def test_any_weights_give_a_finite_interval(rows):
    x, w = np.array(rows).T
    found = m.mean("x", LossSums.of_rows(x, weights=w), low=0.0)
    assert found.low <= found.value <= found.high < np.inf
