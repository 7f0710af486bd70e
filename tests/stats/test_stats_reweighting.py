from __future__ import annotations

import numpy as np
import pytest

from plimsoll.stats.reweighting import BinSums, explained_share, reweighted

BINS = 8
RATE = np.linspace(0.95, 0.55, BINS)
"""Accuracy in each bin."""
BASE = np.linspace(0.1, 0.7, BINS)
THEN = np.full(BINS, 1 / BINS)
NOW = np.linspace(0.5, 1.5, BINS) / BINS


def world(n: int, m: int, seed: int) -> tuple[BinSums, BinSums, np.ndarray]:
    r = np.random.default_rng(seed)
    bins = r.choice(BINS, n, p=THEN)
    y = r.random(n) < BASE[bins]
    right = r.random(n) < RATE[bins]
    count = lambda mask: np.bincount(bins, mask, BINS)  # noqa: E731
    rows = count(np.ones(n))
    accuracy = BinSums.of_share(rows, count(right), rows)
    recall = BinSums.of_share(rows, count(right & y), count(y))
    return accuracy, recall, np.bincount(r.choice(BINS, m, p=NOW), minlength=BINS).astype(float)


TRUE_ACCURACY = float((NOW - THEN) @ RATE)
TRUE_RECALL = float(NOW @ (RATE * BASE) / (NOW @ BASE) - THEN @ (RATE * BASE) / (THEN @ BASE))


def test_the_change_is_that_of_the_shares() -> None:
    rows = np.array([100.0, 100.0])
    sums = BinSums.of_share(rows, np.array([90.0, 50.0]), rows)
    found = reweighted(sums, np.array([25.0, 75.0]))
    assert found is not None
    assert found.before == pytest.approx(0.7)
    assert found.value == pytest.approx(0.25 * 0.9 + 0.75 * 0.5 - 0.7)
    assert found.effective == pytest.approx(200**2 / (100 * 0.25 + 100 * 2.25))
    assert found.unseen == 0.0


def test_the_same_mix_changes_nothing() -> None:
    rows = np.array([40.0, 60.0, 100.0])
    found = reweighted(BinSums.of_share(rows, rows / 2, rows), rows * 7)
    assert found is not None and found.value == pytest.approx(0.0, abs=1e-12)
    assert found.effective == pytest.approx(200.0)


def test_what_the_reference_hardly_had_is_said_and_not_guessed() -> None:
    rows = np.array([100.0, 2.0])
    found = reweighted(BinSums.of_share(rows, np.array([80.0, 0.0]), rows), np.array([50.0, 50.0]))
    assert found is not None
    assert found.unseen == 0.5
    assert found.value == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("n,m", [(2000, 500), (500, 2000)])
def test_the_interval_holds_the_truth(n: int, m: int) -> None:
    held = [0, 0]
    for seed in range(300):
        accuracy, recall, now = world(n, m, seed)
        for i, (sums, truth) in enumerate(((accuracy, TRUE_ACCURACY), (recall, TRUE_RECALL))):
            found = reweighted(sums, now)
            assert found is not None
            held[i] += found.low <= truth <= found.high
    assert min(held) >= 0.92 * 300
    assert max(held) <= 0.98 * 300


def test_rows_of_groups_have_the_wider_interval_of_the_jackknife() -> None:
    r = np.random.default_rng(1)
    group_of = r.integers(0, 64, 3000)
    effect = r.normal(0, 0.2, 64)
    bins = r.choice(BINS, 3000, p=THEN)
    right = r.random(3000) < np.clip(RATE[bins] + effect[group_of], 0, 1)
    table = np.zeros((2, BINS, 64))
    np.add.at(table[0], (bins, group_of), 1)
    np.add.at(table[1], (bins, group_of), right)
    now = np.zeros((BINS, 64))
    np.add.at(now, (r.choice(BINS, 3000, p=NOW), r.integers(0, 64, 3000)), 1)
    grouped = reweighted(BinSums.of_share(table[0], table[1], table[0]), now)
    alone = reweighted(
        BinSums.of_share(table[0].sum(1), table[1].sum(1), table[0].sum(1)), now.sum(axis=1)
    )
    assert grouped is not None and alone is not None
    assert grouped.value == pytest.approx(alone.value)
    assert grouped.high - grouped.low > 0.8 * (alone.high - alone.low)


def test_a_mean_is_reweighted_as_a_share_is() -> None:
    r = np.random.default_rng(2)
    bins, x = r.integers(0, 3, 900), r.exponential(1, 900)
    rows = np.bincount(bins).astype(float)
    sums = BinSums.of_mean(rows, np.bincount(bins, x), np.bincount(bins, x * x))
    found = reweighted(sums, np.array([1.0, 1.0, 8.0]))
    means = np.bincount(bins, x) / rows
    assert found is not None
    assert found.value == pytest.approx(0.1 * means[0] + 0.1 * means[1] + 0.8 * means[2] - x.mean())


def test_bins_that_say_all_or_nothing_explain_as_much() -> None:
    rows = np.array([50.0, 50.0])
    assert explained_share(rows, np.array([0.0, 50.0]), np.array([0.0, 50.0])) == pytest.approx(1.0)
    assert explained_share(rows, np.array([25.0, 25.0]), np.array([25.0, 25.0])) == 0.0
    r = np.random.default_rng(3)
    shares = []
    for _ in range(200):
        bins, x = r.integers(0, 10, 300), r.normal(size=300)
        parts = [np.bincount(bins, w, 10) for w in (np.ones(300), x, x * x)]
        shares.append(explained_share(*parts))
    assert np.mean(shares) < 0.02
