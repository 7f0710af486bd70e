"""The permutation p-value is uniform under the null; blind scores are those of label-blind answers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest, kstest
from sklearn.metrics import average_precision_score, f1_score, log_loss

from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Status
from plimsoll.stats.scrambling import (
    Blind,
    blind_score,
    canary,
    mean_of_runs,
    permutation_estimate,
    permutation_p,
)


def test_the_p_value_is_uniform_where_labels_tell_nothing() -> None:
    r = np.random.default_rng(1)
    drawn = r.normal(size=(2000, 20))
    found = np.array([permutation_p(row[0], row[1:]) for row in drawn])
    spread = found - r.random(2000) / 20  # discrete in twentieths
    assert kstest(spread, "uniform").pvalue > 0.01
    assert (found <= 0.05).mean() == pytest.approx(0.05, abs=0.015)


def test_lower_may_be_better() -> None:
    assert permutation_p(0.1, [0.5, 0.6, 0.4], higher_is_better=False) == 0.25
    assert permutation_p(0.9, [0.5, 0.6, 0.4], higher_is_better=False) == 1.0


@pytest.mark.parametrize("reached", [0, 3, 20])
def test_the_interval_of_the_p_value_is_scipys(reached: int) -> None:
    others = np.concatenate([np.ones(reached), np.zeros(20 - reached)])
    found = permutation_estimate("scrambling_p", 0.5, others)
    assert found is not None
    theirs = binomtest(reached, 20).proportion_ci(0.95, method="exact")
    assert found.low == pytest.approx(min(theirs.low, found.value))
    assert found.high == pytest.approx(max(theirs.high, found.value))
    assert permutation_estimate("scrambling_p", 0.5, []) is None


def test_blind_scores_are_those_of_answers_that_see_nothing() -> None:
    y = (np.arange(1000) < 300).astype(float)

    def blind(name: str) -> float:
        found = blind_score(name, y, 2, 0.9)
        assert found is not None
        return found.score

    assert blind("accuracy") == 0.7
    assert blind("f1") == pytest.approx(f1_score(y, np.ones(1000)))
    assert blind("log_loss") == pytest.approx(log_loss(y, np.full(1000, 0.3)))
    assert blind("neg_log_loss") == pytest.approx(-log_loss(y, np.full(1000, 0.3)))
    assert blind("average_precision") == pytest.approx(average_precision_score(y, np.ones(1000)))
    assert blind("balanced_accuracy") == 0.5
    assert blind_score("recall", y, 2, 0.9) is None, "saying yes to all has it whole"
    numbers = np.random.default_rng(1).normal(3, 2, 500)
    found = blind_score("root_mean_squared_error", numbers, 0, 1.0)
    assert found is not None
    assert found.score == pytest.approx(numbers.std())
    assert not found.higher_is_better


def test_what_is_not_stated_is_taken_from_the_score_on_true_labels() -> None:
    y = (np.arange(1000) < 300).astype(float)
    right, wrong = blind_score(None, y, 2, 0.95), blind_score(None, y, 2, 0.02)
    assert right is not None
    assert wrong is not None
    assert (right.score, right.higher_is_better, right.assumed) == (0.7, True, True)
    assert (wrong.score, wrong.higher_is_better) == (pytest.approx(0.3), False)
    assert blind_score(None, y, 2, -4.0) is None
    number = blind_score(None, y, 0, 0.4)
    assert number is not None
    assert number.score == 0.0


def mean(value: float, half: float, n: int = 20) -> Estimate:
    return Estimate("canary_score", value, value - half, value + half, 0.95, n, "t, over runs")


def test_the_alarm_needs_a_sure_and_a_real_difference() -> None:
    blind = Blind(0.5, True, "accuracy")
    assert canary(mean(0.98, 0.01), blind) is Status.FAIL
    assert canary(mean(0.5, 0.008), blind) is Status.PASS
    assert canary(mean(0.505, 0.001), blind) is Status.PASS, "above, but by nothing that matters"
    assert canary(mean(0.53, 0.05), blind) is Status.UNSURE
    assert canary(mean(0.98, 0.01, n=3), blind) is Status.UNSURE
    assert canary(mean(0.01, 0.01), Blind(0.5, False, "error")) is Status.FAIL
    assert canary(mean(0.2, 0.01), blind) is Status.PASS, "worse than blind is no leak"


def test_the_mean_of_runs_covers_at_its_level() -> None:
    r = np.random.default_rng(2)
    held = 0
    for _ in range(400):
        found = mean_of_runs("scrambled", r.normal(0.5, 0.1, 6))
        assert found is not None
        held += found.low <= 0.5 <= found.high
    assert 366 <= held <= 394
    assert mean_of_runs("scrambled", [0.5]) is None
