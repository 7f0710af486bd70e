"""Churn covers the true share at its level over both rows and fits; scatter is what was planted."""

from __future__ import annotations

import numpy as np
import pytest

from plimsoll.stats.churn import churn_between, churn_from, spread_of_measure, spread_of_scores

ONES = np.ones(300)


def test_pairs_are_counted_as_by_hand() -> None:
    decided = np.array([[0, 0, 1, 1], [0, 1, 1, 1], [0, 0, 1, 0]], dtype=float)
    found = churn_between("churn_between_fits", decided, np.ones(4))
    assert found is not None
    pairs = [np.mean(decided[i] != decided[j]) for i, j in ((0, 1), (0, 2), (1, 2))]
    assert found.value == pytest.approx(np.mean(pairs))
    weighted = churn_between("churn_between_fits", decided, np.array([1.0, 2, 1, 1]))
    assert weighted is not None
    assert weighted.value == pytest.approx((2 * 2 / 3 + 2 / 3) / 5)
    against = churn_from("churn", decided, decided[0], np.ones(4))
    assert against is not None
    assert against.value == pytest.approx((0 + 0.25 + 0.25) / 3)


def test_the_interval_covers_new_rows_and_new_fits() -> None:
    """Every row has its own chance of a yes, every fit its own lean; both are drawn anew."""
    r = np.random.default_rng(1)

    def draw(rows: int, fits: int) -> np.ndarray:  # type: ignore[type-arg]
        chance = r.beta(0.5, 0.5, rows)
        lean = r.normal(0, 0.1, (fits, 1))
        return (r.random((fits, rows)) < np.clip(chance + lean, 0, 1)).astype(float)

    big = draw(4000, 60)
    truth = np.mean([np.mean(big[i] != big[j]) for i in range(60) for j in range(i)])
    held = 0
    for _ in range(300):
        found = churn_between("churn_between_fits", draw(300, 6), ONES)
        assert found is not None
        held += found.low <= truth <= found.high
    assert held >= 279, held


def test_clusters_widen_and_stillness_is_not_certainty() -> None:
    r = np.random.default_rng(2)
    of_cluster = r.random((5, 30)) < 0.3
    decided = np.repeat(of_cluster, 10, axis=1).astype(float)
    plain = churn_between("churn_between_fits", decided, ONES)
    clustered = churn_between("churn_between_fits", decided, ONES, clusters=np.arange(300) // 10)
    assert plain is not None
    assert clustered is not None
    assert clustered.high - clustered.low > plain.high - plain.low
    still = churn_between("churn_between_fits", np.zeros((5, 300)), ONES)
    assert still is not None
    assert (still.value, still.low) == (0.0, 0.0)
    assert still.high == pytest.approx(1 - 0.025 ** (1 / 300))


def test_the_scatter_of_scores_is_the_one_planted() -> None:
    r = np.random.default_rng(3)
    held = 0
    for _ in range(200):
        scores = r.normal(0.5, 0.05, (6, 300)) * np.linspace(0.5, 1.5, 300)
        found = spread_of_scores("score_sd", scores, ONES)
        assert found is not None
        truth = 0.05 * np.sqrt(np.mean(np.linspace(0.5, 1.5, 300) ** 2))
        held += found.low <= truth <= found.high
    assert held >= 186, held


def test_the_scatter_of_the_measure_covers_at_its_level() -> None:
    r = np.random.default_rng(4)
    held = 0
    for _ in range(1000):
        found = spread_of_measure("measure_sd", r.normal(0.9, 0.01, 6))
        assert found is not None
        held += found.low <= 0.01 <= found.high
    assert 930 <= held <= 968
    assert spread_of_measure("measure_sd", [0.9, 0.8]) is None
    assert churn_from("churn", np.zeros((1, 3)), np.zeros(3), np.ones(3)) is None
    assert churn_between("churn_between_fits", np.zeros((2, 3)), np.ones(3)) is None
    assert spread_of_scores("score_sd", np.zeros((2, 3)), np.ones(3)) is None
