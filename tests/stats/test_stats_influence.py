"""Values and influences of every measure, against scikit-learn, DeLong and brute force."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from plimsoll.stats.influence import Graded, Value, standard_error
from plimsoll.stats.row_measures import MEASURES, main_measure, measure

ROWS = 300


def binary(seed: int = 0, strength: float = 0.3) -> Graded:
    rng = np.random.default_rng(seed)
    y = (np.random.default_rng(7).random(ROWS) < 0.4).astype(float)
    score = np.clip(y * strength + rng.random(ROWS) * 0.7, 0.01, 0.99).round(2)  # with ties
    return Graded(y, score, (score >= 0.5) * 1.0, 2)


def multiclass(seed: int = 0, strength: float = 0.4) -> Graded:
    rng = np.random.default_rng(seed)
    y = np.random.default_rng(7).integers(0, 4, ROWS).astype(float)
    scores = rng.dirichlet(np.ones(4), ROWS) * (1 - strength)
    scores[np.arange(ROWS), y.astype(int)] += strength
    return Graded(y, scores, scores.argmax(axis=1) * 1.0, 4)


def numbers(seed: int = 0, noise: float = 1.0) -> Graded:
    y = np.random.default_rng(7).normal(5.0, 3.0, ROWS)
    return Graded(y, None, y + noise * np.random.default_rng(seed).normal(size=ROWS), 0)


WORLDS = {"binary": (binary(), binary(1, 0.1)), "multi": (multiclass(), multiclass(1, 0.2)),
          "numbers": (numbers(), numbers(1, 2.0))}  # fmt: skip
CASES = [
    (world, name)
    for world, (clean, _) in WORLDS.items()
    for name, m in MEASURES.items()
    if m.fits(clean, probabilities=True)
]


def value(name: str, first: Graded, second: Graded, share, weights=None) -> Value:
    held = np.ones(first.rows) if weights is None else weights
    return MEASURES[name].mix(first, second, held).at(share)


def sklearn_value(name: str, g: Graded) -> float:
    y, p, d = g.target, g.scores, g.decided
    average = {"average": "binary" if g.classes == 2 else "macro"}
    if name in ("precision", "recall", "f1"):
        return getattr(metrics, f"{name}_score")(y, d, **average)
    if name in ("accuracy", "balanced_accuracy"):
        return getattr(metrics, f"{name}_score")(y, d)
    if name == "roc_auc":
        extra = {} if g.classes == 2 else {"multi_class": "ovr"}
        return metrics.roc_auc_score(y, p, **extra)
    if name == "log_loss":
        return metrics.log_loss(y, p)
    if name == "brier_score":
        if g.classes == 2:
            return metrics.brier_score_loss(y, p)
        return float(np.mean(((p - np.eye(4)[y.astype(int)]) ** 2).sum(axis=1)))
    if name in ("false_positive_rate", "specificity"):
        rate = float(d[y == 0].mean())
        return rate if name == "false_positive_rate" else 1 - rate
    if name == "false_negative_rate":
        return 1 - float(d[y == 1].mean())
    known = {
        "matthews_corrcoef": metrics.matthews_corrcoef,
        "mean_absolute_error": metrics.mean_absolute_error,
        "root_mean_squared_error": metrics.root_mean_squared_error,
        "r2": metrics.r2_score,
    }
    if name == "average_precision":
        return metrics.average_precision_score(y, p)
    return known[name](y, d)


@pytest.mark.parametrize(("world", "name"), CASES)
def test_values_are_those_of_scikit_learn(world: str, name: str) -> None:
    clean, other = WORLDS[world]
    assert value(name, clean, other, 0.0).value == pytest.approx(sklearn_value(name, clean))
    assert value(name, clean, other, 1.0).value == pytest.approx(sklearn_value(name, other))


@pytest.mark.parametrize(("world", "name"), CASES)
def test_a_whole_share_is_the_measure_of_rows_that_were_hit(world: str, name: str) -> None:
    """With shares of 0 and 1 row by row, a mix is the measure of the rows put together so."""
    clean, other = WORLDS[world]
    hit = np.random.default_rng(3).random(ROWS) < 0.3

    def mixed(a, b):
        return None if a is None else np.where(hit if a.ndim == 1 else hit[:, None], b, a)

    together = Graded(
        clean.target, mixed(clean.scores, other.scores), mixed(clean.decided, other.decided), clean.classes
    )  # fmt: skip
    assert value(name, clean, other, hit * 1.0).value == pytest.approx(
        sklearn_value(name, together)
    )


@pytest.mark.parametrize(("world", "name"), CASES)
def test_influence_is_the_derivative_by_the_weight_of_a_row(world: str, name: str) -> None:
    clean, other = WORLDS[world]
    share = np.random.default_rng(5).random(ROWS)
    found = value(name, clean, other, share)
    assert found.influence.mean() == pytest.approx(0.0, abs=1e-9)
    for row in range(0, ROWS, 37):
        heavier = np.ones(ROWS)
        heavier[row] += 1e-5
        slope = (value(name, clean, other, share, heavier).value - found.value) / 1e-5 * ROWS
        assert slope == pytest.approx(found.influence[row], abs=2e-4, rel=1e-4)


def test_the_standard_error_of_the_area_is_delongs() -> None:
    """DeLong's variance from its structural components, doi:10.2307/2531595."""
    clean, _ = WORLDS["binary"]
    ours = standard_error(value("roc_auc", clean, clean, 0.0).influence)
    up, down = clean.scores[clean.target == 1], clean.scores[clean.target == 0]
    beats = (up[:, None] > down) + 0.5 * (up[:, None] == down)
    theirs = beats.mean(axis=1).var(ddof=1) / up.size + beats.mean(axis=0).var(ddof=1) / down.size
    assert ours == pytest.approx(np.sqrt(theirs), rel=0.01)


def test_the_interval_of_a_paired_difference_covers() -> None:
    """Of 400 worlds, the interval of the change of accuracy holds the truth in about 95 of 100."""
    rng = np.random.default_rng(11)
    held = 0
    for _ in range(400):
        y = (rng.random(400) < 0.5).astype(float)
        right = rng.random(400) < 0.85
        still = right & (rng.random(400) < 0.9)  # the truth: 0.85 to 0.765
        answers = [Graded(y, None, np.where(ok, y, 1 - y), 2) for ok in (right, still)]
        before = value("accuracy", answers[0], answers[0], 0.0)
        after = value("accuracy", answers[1], answers[1], 0.0)
        error = standard_error(after.influence - before.influence)
        held += abs(after.value - before.value + 0.085) <= 1.96 * error
    assert 0.92 <= held / 400 <= 0.98


def test_clusters_widen_the_standard_error_as_they_should() -> None:
    """Each row five times over is worth no more than once."""
    clean, _ = WORLDS["binary"]
    once = value("accuracy", clean, clean, 0.0).influence
    five = np.repeat(once, 5)
    codes = np.repeat(np.arange(ROWS), 5)
    assert standard_error(five, codes) == pytest.approx(standard_error(once))
    assert standard_error(five) == pytest.approx(standard_error(once) / np.sqrt(5), rel=0.01)


def test_a_share_of_nothing_is_zero_without_influence() -> None:
    nobody = Graded(np.array([0.0, 1.0, 1.0]), None, np.zeros(3), 2)
    found = value("precision", nobody, nobody, 0.0)
    assert found.value == 0.0
    assert not found.influence.any()


def test_chance_is_what_a_constant_reaches() -> None:
    clean = WORLDS["binary"][0]
    ones = np.ones(ROWS)
    base = clean.target.mean()
    assert MEASURES["roc_auc"].chance(clean, ones) == 0.5
    assert MEASURES["accuracy"].chance(clean, ones) == pytest.approx(max(base, 1 - base))
    assert MEASURES["average_precision"].chance(clean, ones) == pytest.approx(base)
    constant = np.full(ROWS, base)
    assert MEASURES["log_loss"].chance(clean, ones) == pytest.approx(
        metrics.log_loss(clean.target, constant)
    )
    assert MEASURES["brier_score"].chance(clean, ones) == pytest.approx(base * (1 - base))
    number = WORLDS["numbers"][0]
    assert MEASURES["r2"].chance(number, ones) == 0.0
    assert MEASURES["mean_absolute_error"].chance(number, ones) == pytest.approx(
        np.abs(number.target - np.median(number.target)).mean(), rel=1e-3
    )


def test_measures_that_do_not_fit_are_not_offered() -> None:
    assert measure("speed") is None
    assert not MEASURES["roc_auc"].fits(WORLDS["numbers"][0], probabilities=True)
    assert not MEASURES["log_loss"].fits(WORLDS["binary"][0], probabilities=False)
    assert [main_measure(w[0]) for w in WORLDS.values()] == ["roc_auc", "accuracy", "r2"]
