import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import betabinom, norm

from plimsoll.stats.proportion import wilson
from plimsoll.stats.shrinkage import james_stein, steadied, steadied_shares

# Efron and Morris (1975, 1977): hits in the first 45 times at bat of 18 players in 1970, and the
# average in the rest of the season.
HITS = np.array([18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7])
REST = np.array(
    [0.346, 0.298, 0.276, 0.222, 0.273, 0.270, 0.263, 0.210, 0.269, 0.230, 0.264, 0.256, 0.303, 0.264,
     0.226, 0.286, 0.316, 0.200]
)  # fmt: skip


def squared_error(found, truth):
    return float(((found - truth) ** 2).sum())


def test_baseball_as_published():
    average = HITS / 45
    middle = average.mean()
    found = james_stein(average, np.sqrt(middle * (1 - middle) / 45))
    assert (round(found.factor, 3), round(found.centre, 3)) == (0.212, 0.265)
    assert round(found.values[0], 3) == 0.294
    gain = squared_error(average, REST) / squared_error(found.values, REST)
    assert round(gain, 1) == 3.5


def test_baseball_on_the_arcsine_scale_as_published():
    y, truth = (np.sqrt(45) * np.arcsin(2 * x - 1) for x in (HITS / 45, REST))
    found = james_stein(y, 1.0)
    assert 1 - found.factor == pytest.approx(0.791, abs=5e-4)
    assert found.centre == pytest.approx(-3.317, abs=1e-3)
    assert squared_error(found.values, truth) == pytest.approx(5.01, abs=0.01)


def test_a_given_centre_costs_one_number_less():
    x = np.array([1.0, -2.0, 3.0, 0.5])
    assert james_stein(x, 1.0, centre=0.0).factor == pytest.approx(1 - 2 / (x @ x))
    assert james_stein(x, 100.0).factor == 0.0
    assert james_stein([2.0] * 5, 0.1).values.tolist() == [2.0] * 5
    with pytest.raises(ValueError, match="more than 3"):
        james_stein([1, 2, 3], 1.0)


def by_quadrature(x, v, i, q):
    """Mean and quantile of the true value of number i, integrating over the variance with SciPy."""

    def parts(a):
        w = 1 / (v + a)
        mu = (w @ x) / w.sum()
        weight = np.exp(0.5 * np.log(w).sum() - 0.5 * np.log(w.sum()) - 0.5 * w @ (x - mu) ** 2)
        pull = v[i] * w[i]
        return weight, pull * mu + (1 - pull) * x[i], (1 - pull) * v[i] + pull**2 / w.sum()

    def mixed(what):
        # Over a / (1 + a), from 0 to 1.
        def at(t):
            weight, mean, variance = parts(t / (1 - t))
            return weight * what(mean, np.sqrt(variance)) / (1 - t) ** 2

        return quad(at, 0, 1, epsabs=0, epsrel=1e-9, limit=400)[0]

    whole = mixed(lambda mean, error: 1.0)
    middle = mixed(lambda mean, error: mean) / whole
    edge = brentq(
        lambda t: mixed(lambda mean, error: norm.cdf(t, mean, error)) / whole - q, -9, 9, xtol=1e-7
    )
    return middle, edge


def test_numbers_are_those_of_numerical_integration():
    x, error = np.array([0.3, -1.2, 2.5, 0.1, 1.0, -0.4]), np.array([0.5, 1.0, 1.5, 0.4, 0.8, 1.0])
    found = steadied(x, error)
    for i in (0, 2):
        mean, low = by_quadrature(x, error**2, i, 0.025)
        assert found.value[i] == pytest.approx(mean, abs=2e-4)
        assert found.low[i] == pytest.approx(low, abs=5e-4)


def test_shares_are_those_of_a_fine_grid_with_scipys_beta_binomial():
    hits, rows = np.array([1, 4, 9, 3, 0]), np.array([20, 10, 30, 8, 5])
    found = steadied_shares(hits, rows)
    mean, rho = (g.ravel() for g in np.meshgrid(*[np.linspace(0, 1, 402)[1:-1]] * 2, indexing="ij"))
    strength = 1 / rho - 1
    yes, no = mean * strength, (1 - mean) * strength
    logs = sum(betabinom.logpmf(k, n, yes, no) for k, n in zip(hits, rows, strict=True))
    chance = np.exp(logs - logs.max())
    chance /= chance.sum()
    for i in range(5):
        assert found.value[i] == pytest.approx(
            chance @ ((yes + hits[i]) / (strength + rows[i])), abs=1e-3
        )
        assert found.own[i] == pytest.approx(chance @ (rows[i] / (strength + rows[i])), abs=2e-3)
    assert found.centre == pytest.approx(chance @ mean, abs=1e-3)


def test_little_evidence_is_pulled_far_and_much_hardly():
    near = np.linspace(-0.4, 0.4, 12)
    found = steadied([*near, 1.0, 1.0], [0.1] * 13 + [1.0])
    assert found.own[12] > 0.8 > 0.3 > found.own[13]
    assert found.value[12] > 0.8 and found.value[13] < 0.5
    assert found.order[0] == 12
    shares = steadied_shares([5, 3, 300, 40], [10, 30, 1000, 400])
    assert shares.own[0] < shares.own[1] < shares.own[3] < shares.own[2]


def test_scale_and_order_of_the_numbers_do_not_matter():
    rng = np.random.default_rng(1)
    x, error = rng.normal(size=9), rng.uniform(0.3, 1, 9)
    one, turn = steadied(x, error), rng.permutation(9)
    two = steadied(7 + 100 * x[turn], 100 * error[turn])
    assert two.value == pytest.approx(7 + 100 * one.value[turn], rel=1e-6)
    assert two.high == pytest.approx(7 + 100 * one.high[turn], rel=1e-6)
    assert two.spread == pytest.approx(100 * one.spread)
    fixed = steadied(x, error, centre=0.0)
    assert steadied(-x, error, centre=0.0).low == pytest.approx(-fixed.high, abs=1e-9)
    hits, rows = np.array([3, 10, 0, 8, 3]), np.array([9, 30, 4, 16, 9])
    shares, turned = steadied_shares(hits, rows), steadied_shares(rows - hits, rows)
    assert turned.low == pytest.approx(1 - shares.high, abs=1e-6)
    assert shares.value[0] == shares.value[4]


def test_too_few_to_learn_from_stay_as_they_are():
    few = steadied([1.0, 2.0, 5.0], [0.1, 0.2, 0.3])
    assert few.value.tolist() == [1.0, 2.0, 5.0] and few.own.tolist() == [1, 1, 1]
    assert few.high[2] == pytest.approx(5 + 1.96 * 0.3, abs=1e-3)
    assert "not shrunken" in few.method
    assert steadied([1.0, 2.0, 5.0], [1, 1, 1], centre=0.0).value[2] < 5
    shares = steadied_shares([0, 9], [20, 10])
    assert (shares.low[0], shares.high[0]) == wilson(0, 20)
    assert steadied([], []).value.shape == (0,)
    known = steadied([1.0, 2.0, 3.0, 9.0], [0.0, 0.0, 0.0, 0.0])
    assert known.low.tolist() == known.value.tolist() == [1, 2, 3, 9]


def test_estimates_say_how_they_were_made():
    found = steadied_shares([5, 3, 300, 40], [10, 30, 1000, 400]).estimate(0, "recall", 10)
    assert (found.name, found.n, found.level) == ("recall", 10, 0.95)
    assert "empirical Bayes" in found.method
    assert found.low < found.value < found.high


@pytest.mark.parametrize("apart", [0.0, 0.7, 3.0])
def test_numbers_cover_on_average_and_err_less(apart):
    rng = np.random.default_rng(5)
    covered, error, plain = [], [], []
    for _ in range(150):
        se = rng.choice([0.5, 1.0, 2.0], 12)
        truth = rng.normal(3, apart, 12)
        x = rng.normal(truth, se)
        found = steadied(x, se)
        covered.append((found.low <= truth) & (truth <= found.high))
        error.append((found.value - truth) ** 2 / se**2)
        plain.append((x - truth) ** 2 / se**2)
    assert np.mean(covered) > 0.93
    assert np.mean(error) < np.mean(plain)


@pytest.mark.parametrize("strength", [5.0, 100.0, 1e9])
def test_shares_cover_on_average_and_err_less(strength):
    rng = np.random.default_rng(6)
    covered, error, plain = [], [], []
    for _ in range(150):
        rows = rng.choice([5, 20, 80, 400], 10)
        truth = rng.beta(0.3 * strength, 0.7 * strength, 10)
        hits = rng.binomial(rows, truth)
        found = steadied_shares(hits, rows)
        covered.append((found.low <= truth) & (truth <= found.high))
        error.append(rows * (found.value - truth) ** 2)
        plain.append(rows * (hits / rows - truth) ** 2)
    assert np.mean(covered) > 0.93
    assert np.mean(error) < np.mean(plain)


def test_bad_input_is_said():
    with pytest.raises(ValueError, match="same length"):
        steadied([1, 2], [1])
    with pytest.raises(ValueError, match="finite"):
        steadied([1, np.nan, 2, 3], [1, 1, 1, 1])
    with pytest.raises(ValueError, match="between 0 and its rows"):
        steadied_shares([5, 1], [4, 4])
    with pytest.raises(ValueError, match="same length"):
        steadied_shares([5, 1], [9])
