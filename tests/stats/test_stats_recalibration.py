from __future__ import annotations

import numpy as np
import pytest
from calibration_worlds import World, tally
from scipy.optimize import minimize
from scipy.special import expit, logit

from plimsoll.core.errors import DataError
from plimsoll.stats.calibration_cells import Cells, Undetermined
from plimsoll.stats.recalibration import METHODS, Recalibration, recalibrate, recalibration


def _rows(scores: str, truth: str, n: int, rng: np.random.Generator, buckets: int = 5) -> Cells:
    s, labels = World(scores, truth).rows(n, rng)
    return tally(s, labels, rng.integers(0, buckets, n), clustered=False)


def _gains(cells: Cells) -> dict[str, Recalibration]:
    found = recalibration(cells)
    assert not isinstance(found, Undetermined)
    return {part.method: part for part in found}


@pytest.mark.parametrize("method", ["temperature", "platt", "beta"])
def test_logistic_maps_maximise_the_softened_likelihood(method: str) -> None:
    scores, labels = World("tenth", "overconfident").rows(1500, np.random.default_rng(0))
    ones = labels.sum()
    soft = np.where(labels == 1, (ones + 1) / (ones + 2), 1 / (1500 - ones + 2))
    columns = {
        "temperature": [logit(scores)],
        "platt": [np.ones(1500), logit(scores)],
        "beta": [np.ones(1500), np.log(scores), -np.log1p(-scores)],
    }[method]
    x = np.stack(columns, axis=1)

    def loss(theta: np.ndarray) -> float:
        return float(np.sum(np.logaddexp(0, x @ theta) - soft * (x @ theta)))

    bounds = [(None, None)] + [(0, None)] * (x.shape[1] - 1)
    tight = {"ftol": 1e-15, "gtol": 1e-9, "maxiter": 1000}
    best = minimize(loss, np.ones(x.shape[1]), method="L-BFGS-B", bounds=bounds, options=tight).x
    found = recalibrate(tally(scores, labels), method)
    np.testing.assert_allclose(found(scores), expit(x @ best), atol=1e-4)


def test_isotonic_map_is_that_of_scikit_learn_but_for_its_ends() -> None:
    from sklearn.isotonic import IsotonicRegression

    scores, labels = World("half", "timid").rows(800, np.random.default_rng(1))
    oracle = IsotonicRegression(out_of_bounds="clip").fit(scores, labels)
    new = np.linspace(0.01, 0.99, 500)
    expected, found = oracle.predict(new), recalibrate(tally(scores, labels), "isotonic")(new)
    inner = (new > oracle.X_thresholds_[oracle.y_thresholds_ > 0].min()) & (
        new < oracle.X_thresholds_[oracle.y_thresholds_ < 1].max()
    )
    np.testing.assert_allclose(found[inner], expected[inner], atol=1e-9)
    assert 0 < found.min() <= found.max() < 1
    assert (np.diff(found) >= 0).all()


def test_parameters_have_names_and_find_the_planted_truth() -> None:
    rng = np.random.default_rng(2)
    fitted = {m: recalibrate(_rows("half", "overconfident", 50_000, rng), m) for m in METHODS}
    assert dict(fitted["temperature"].parameters)["temperature"] == pytest.approx(2, rel=0.05)
    assert dict(fitted["platt"].parameters)["slope"] == pytest.approx(0.5, rel=0.05)
    assert dict(fitted["beta"].parameters)["a"] == pytest.approx(0.5, rel=0.1)
    assert dict(fitted["isotonic"].parameters)["steps"] > 10


def test_recalibration_wins_where_the_model_is_overconfident_and_not_where_it_is_calibrated() -> (
    None
):
    rng = np.random.default_rng(3)
    bold = _gains(_rows("half", "overconfident", 4000, rng))
    fine = _gains(_rows("half", "calibrated", 4000, rng))
    for method in METHODS:
        assert bold[method].brier_gain.low > 0
        assert bold[method].log_loss_gain.low > 0
        assert fine[method].brier_gain.low <= 0
        assert fine[method].log_loss_gain.low <= 0
    assert bold["platt"].brier_gain.value == pytest.approx(0.0114, abs=0.004)
    assert bold["platt"].brier_gain.where.metric == "brier_score"
    assert bold["platt"].brier_gain.where.variant == "platt"


def test_gain_is_the_loss_difference_on_held_out_rows() -> None:
    rng = np.random.default_rng(4)
    scores, labels = World("half", "too low").rows(600, rng)
    fold = rng.integers(0, 5, 600)
    total = 0.0
    for f in range(5):
        mine = fold == f
        mapped = recalibrate(tally(scores[~mine], labels[~mine]), "platt")(scores[mine])
        total += float(np.sum((scores[mine] - labels[mine]) ** 2 - (mapped - labels[mine]) ** 2))
    found = _gains(tally(scores, labels, fold, clustered=False))["platt"].brier_gain
    assert found.value == pytest.approx(total / 600, abs=1e-12)


def test_separated_and_reversed_labels_stay_finite() -> None:
    scores = np.linspace(0.05, 0.95, 60)
    for labels in ((scores > 0.5).astype(np.int64), (scores < 0.5).astype(np.int64)):
        found = _gains(tally(scores, labels, np.arange(60) % 5, clustered=False))
        for part in found.values():
            assert np.isfinite([part.log_loss_gain.value, part.log_loss_gain.high]).all()
            assert ((part.fitted(scores) >= 0) & (part.fitted(scores) <= 1)).all()
    assert dict(found["temperature"].fitted.parameters)["slope"] < 0
    assert dict(found["beta"].fitted.parameters)["a"] == 0


def test_too_few_rows_of_a_label_are_undetermined() -> None:
    counts = np.ones((5, 3))
    found = recalibration(Cells.of([0.1, 0.2, 0.3], counts, np.eye(5, 3), clustered=False))
    assert isinstance(found, Undetermined)
    assert "5 rows of each label" in found.reason


def test_groups_must_be_there_and_methods_known() -> None:
    cells = Cells.of([0.1, 0.9], [5, 5], [5, 5])
    with pytest.raises(ValueError, match="group axis"):
        recalibration(cells)
    with pytest.raises(DataError, match="Did you mean 'isotonic'"):
        recalibrate(cells, "isotnic")


def test_clusters_widen_the_interval() -> None:
    rng = np.random.default_rng(5)
    scores, labels = World("half", "overconfident").rows(320, rng)
    group = np.repeat(np.arange(320) % 64, 5)
    again = np.repeat(scores, 5), np.repeat(labels, 5), group
    alone = _gains(tally(*again, clustered=False))["temperature"].brier_gain
    together = _gains(tally(*again, clustered=True))["temperature"].brier_gain
    assert together.value == pytest.approx(alone.value)
    assert together.half_width > 1.5 * alone.half_width


@pytest.mark.parametrize(
    ("scores", "truth"),
    [("half", "calibrated"), ("half", "overconfident"), ("tenth", "too low")],
)
def test_interval_covers_the_gain_of_the_fitted_maps(scores: str, truth: str) -> None:
    rng = np.random.default_rng(6)
    world = World(scores, truth)
    new = world.draw(4000, rng)
    p = world.probability(new)
    held: dict[str, list[bool]] = {m: [] for m in ("platt", "isotonic")}
    for _ in range(50):
        s, labels = world.rows(500, rng)
        fold = rng.integers(0, 5, 500)
        cells = tally(s, labels, fold, clustered=False)
        found = recalibration(cells, methods=("platt", "isotonic"))
        assert not isinstance(found, Undetermined)
        for part in found:
            true = []
            for f in range(5):
                kept = fold != f
                q = recalibrate(tally(s[kept], labels[kept]), part.method)(new)
                true.append(np.mean((new - p) ** 2 - (q - p) ** 2))
            gain = part.brier_gain
            held[part.method].append(bool(gain.low <= np.mean(true) <= gain.high))
    for method, hits in held.items():
        assert np.mean(hits) >= 0.85, method
