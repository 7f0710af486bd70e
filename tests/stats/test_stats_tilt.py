"""Other mixes of the rows: closed forms of the tilt, and intervals that hold the measure of the new mix."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import norm
from sklearn.decomposition import PCA
from sklearn.metrics import accuracy_score, average_precision_score, log_loss, roc_auc_score

from plimsoll.stats.influence import CellsMix, Graded, standard_error
from plimsoll.stats.row_measures import MEASURES
from plimsoll.stats.tilt import (
    FARTHEST,
    Axis,
    effective_rows,
    first_component,
    tail_error,
    with_weights,
)

N = 20_000
X = np.random.default_rng(0).normal(size=N)
ONE = np.ones(N)


def world(n: int, seed: int, mean: float = 0.0) -> tuple[np.ndarray, Graded]:
    """A model that is less and less right as x grows."""
    r = np.random.default_rng(seed)
    x = mean + r.normal(size=n)
    y = (r.random(n) < expit(2 * x - 0.5)).astype(float)
    p = expit(1.2 * x + 0.3 * x**2 - 0.2 + 0.5 * r.normal(size=n))
    return x, Graded(y, p, (p > 0.5).astype(float), 2)


@pytest.mark.parametrize("t", [-1.0, -0.5, 0.3, 1.0])
def test_a_normal_column_moves_by_t_and_keeps_its_closed_number_of_rows(t: float) -> None:
    found = Axis(X, ONE).at(t)
    assert found.mean == pytest.approx(t, abs=0.05)
    assert found.effective == pytest.approx(N * np.exp(-t * t), rel=0.05)
    assert found.divergence == pytest.approx(t * t / 2, abs=0.05), "of two normals t apart"
    assert found.weights.mean() == pytest.approx(1.0)
    spread = np.sqrt(found.weights @ np.square(X - found.mean) / N)
    assert spread == pytest.approx(1.0, abs=0.05), "a tilted normal is as wide as before"


def test_the_farthest_tilt_leaves_a_hundred_rows() -> None:
    axis = Axis(X, ONE)
    t = axis.farthest(1.0)
    assert axis.at(t).effective == pytest.approx(100, rel=1e-3)
    assert axis.at(t).mean == pytest.approx(np.sqrt(np.log(N / 100)), abs=0.3)
    assert axis.farthest(-1.0) < 0
    assert Axis(X[:99], ONE[:99]).farthest(1.0) == 0.0
    assert Axis((X > 0).astype(float), ONE).farthest(1.0) == FARTHEST, "half of the rows are there"


def test_the_tilt_for_a_mean_is_found() -> None:
    axis = Axis(X, ONE)
    assert axis.at(axis.tilt_for(0.8)).mean == pytest.approx(0.8)


def test_sample_weights_count_as_so_many_rows() -> None:
    base = np.random.default_rng(1).integers(0, 4, 500).astype(float)
    x = X[:500]
    one, two = Axis(x, base).at(0.7), Axis(np.repeat(x, base.astype(int)), ONE[: int(base.sum())])
    assert one.mean == pytest.approx(two.at(0.7).mean)
    assert one.divergence == pytest.approx(two.at(0.7).divergence)


def test_rows_without_a_value_keep_their_share() -> None:
    x = np.where(np.arange(1000) < 300, np.nan, X[:1000])
    axis = Axis(x, ONE[:1000])
    found = axis.at(1.2)
    assert found.weights[:300] == pytest.approx(np.ones(300))
    assert found.weights[300:].mean() == pytest.approx(1.0)
    _, g = world(1000, 5)
    value = MEASURES["accuracy"].mix(g, g, found.weights).at(0.0)
    assert axis.held(value, found).influence.mean() == pytest.approx(0.0, abs=1e-2)
    today = axis.at(0.0)
    clean = MEASURES["accuracy"].mix(g, g, today.weights).at(0.0)
    assert standard_error(axis.held(clean, today).influence) <= 1.01 * standard_error(
        clean.influence
    )


def test_standardised_columns() -> None:
    axis = Axis.standardised(1e12 + 5e3 * X, ONE)
    assert axis is not None
    assert np.std(axis.z) == pytest.approx(1.0, rel=1e-3)
    assert axis.mean == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize(
    "x",
    [np.ones(5), np.zeros(5), np.full(5, np.nan), np.array([1.0, np.nan, np.inf]), np.array([])],
    ids=["constant", "zeros", "missing", "one value", "no rows"],
)
def test_a_column_that_does_not_vary_has_no_direction(x: np.ndarray) -> None:
    assert Axis.standardised(x, np.ones(x.size)) is None


def test_huge_and_infinite_values_do_no_harm() -> None:
    x = np.array([1e300, -1e300, np.inf, 0.0] * 50)
    axis = Axis.standardised(x, np.ones(200))
    assert axis is not None
    assert int(axis.there.sum()) == 150
    assert np.isfinite(axis.at(FARTHEST).weights).all()


@pytest.mark.parametrize("name", ["accuracy", "log_loss", "roc_auc", "average_precision"])
def test_weighted_measures_are_scikit_learns(name: str) -> None:
    x, g = world(1500, 3)
    weights = Axis(x, np.ones(1500)).at(0.8).weights
    mix = with_weights(MEASURES[name].mix(g, g, np.ones(1500)), weights)
    truth = {
        "accuracy": lambda: accuracy_score(g.target, g.decided, sample_weight=weights),
        "log_loss": lambda: log_loss(g.target, g.scores, sample_weight=weights),
        "roc_auc": lambda: roc_auc_score(g.target, g.scores, sample_weight=weights),
        "average_precision": lambda: average_precision_score(
            g.target, g.scores, sample_weight=weights
        ),
    }[name]()
    assert mix.at(0.0).value == pytest.approx(truth)


def test_weights_reach_every_class_and_a_mix_without_them_is_refused() -> None:
    r = np.random.default_rng(2)
    y = r.integers(0, 3, 300).astype(float)
    scores = r.dirichlet(np.ones(3), 300) + np.eye(3)[y.astype(int)]
    g = Graded(y, scores / scores.sum(axis=1, keepdims=True), y, 3)
    weights = r.random(300)
    measure = MEASURES["roc_auc"]
    again = with_weights(measure.mix(g, g, np.ones(300)), weights).at(0.0).value
    assert again == pytest.approx(measure.mix(g, g, weights).at(0.0).value)

    class Bare(CellsMix):
        pass

    assert isinstance(with_weights(MEASURES["accuracy"].mix(g, g, weights), weights), CellsMix)


def test_effective_rows() -> None:
    assert effective_rows(np.ones(7)) == pytest.approx(7.0)
    assert effective_rows(np.zeros(3)) == 0.0
    assert effective_rows(np.array([])) == 0.0
    assert effective_rows(np.array([1e300, 1e300])) == pytest.approx(2.0)


def test_few_heavy_rows_make_the_error_larger() -> None:
    r = np.random.default_rng(4)
    even = r.normal(size=2000)
    assert tail_error(even) == pytest.approx(standard_error(even), rel=0.02)
    heavy = np.where(np.arange(2000) < 4, 50.0 * even, even)
    assert tail_error(heavy) > 1.2 * standard_error(heavy)
    groups = np.repeat(np.arange(20), 100)
    by_group = tail_error(even, groups, df=19.0)
    assert by_group >= standard_error(even, groups) - 1e-12
    assert tail_error(np.array([1.0])) == np.inf
    assert tail_error(np.zeros(5)) == 0.0


def test_the_first_component_is_scikit_learns() -> None:
    r = np.random.default_rng(6)
    shared = r.normal(size=(400, 1))
    columns = shared * np.array([1.0, -0.8, 0.2]) + 0.5 * r.normal(size=(400, 3))
    columns = (columns - columns.mean(axis=0)) / columns.std(axis=0)
    scores, loadings = first_component(columns)
    truth = PCA(1).fit(columns).components_[0]
    assert np.abs(loadings @ truth) == pytest.approx(1.0)
    assert loadings.max() == pytest.approx(np.abs(loadings).max())
    assert scores == pytest.approx(columns @ loadings)


@pytest.mark.parametrize("name", ["accuracy", "log_loss", "recall"])
def test_the_interval_holds_the_measure_of_the_shifted_population(name: str) -> None:
    mean, n, runs = 1.0, 1500, 120
    _, far = world(400_000, 99, mean)
    measure = MEASURES[name]
    truth = measure.mix(far, far, np.ones(far.rows)).at(0.0).value
    held = naive = 0
    for seed in range(runs):
        x, g = world(n, seed)
        axis = Axis(x, np.ones(n))
        mixed = axis.at(axis.tilt_for(mean))
        mix = measure.mix(g, g, axis.base)
        found = with_weights(mix, mixed.weights).at(0.0)
        known = axis.held(found, mixed)
        error = max(tail_error(found.influence), tail_error(known.influence))
        held += abs(found.value - truth) <= norm.ppf(0.975) * error
        clean = mix.at(0.0)
        naive += abs(clean.value - truth) <= norm.ppf(0.975) * standard_error(clean.influence)
    assert held / runs >= 0.90
    assert naive / runs < 0.5, "today's measure is another one"
