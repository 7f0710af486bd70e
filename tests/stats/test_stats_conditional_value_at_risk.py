"""The loss of the worst rows: closed forms, what it bounds, the bootstrap, and intervals by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from plimsoll.stats.conditional_value_at_risk import (
    SHARES,
    conditional_value_at_risk,
    mean_of_worst,
    tail_interval,
)
from plimsoll.stats.influence import standard_error


def normal_truth(share: float, mean: float = 0.0, sd: float = 1.0) -> float:
    """The closed form for a normal loss: mean + sd * pdf(quantile) / share."""
    return mean + sd * float(norm.pdf(norm.ppf(share))) / share


@pytest.mark.parametrize("share", SHARES)
def test_a_normal_loss_has_its_closed_form(share: float) -> None:
    losses = norm.ppf((np.arange(400_000) + 0.5) / 400_000, loc=3.0, scale=2.0)
    found = conditional_value_at_risk(losses, share)
    assert found.value == pytest.approx(normal_truth(share, 3.0, 2.0), abs=1e-4)


@pytest.mark.parametrize("share", SHARES)
def test_an_exponential_loss_has_its_closed_form(share: float) -> None:
    losses = -np.log1p(-(np.arange(400_000) + 0.5) / 400_000)
    found = conditional_value_at_risk(losses, share)
    assert found.value == pytest.approx(1.0 - np.log(share), abs=1e-3)


def test_the_whole_is_the_mean_and_a_part_of_a_row_counts_in_part() -> None:
    losses = np.array([4.0, 1.0, 3.0, 2.0])
    assert conditional_value_at_risk(losses, 1.0).value == pytest.approx(2.5)
    assert conditional_value_at_risk(losses, 0.25).value == pytest.approx(4.0)
    assert conditional_value_at_risk(losses, 0.375).value == pytest.approx((4 + 0.5 * 3) / 1.5)


def test_no_subpopulation_of_that_size_loses_more() -> None:
    r = np.random.default_rng(0)
    losses = r.exponential(size=200)
    bound = conditional_value_at_risk(losses, 0.2).value
    for _ in range(200):
        assert losses[r.choice(200, 40, replace=False)].mean() <= bound + 1e-12
    assert np.sort(losses)[-40:].mean() == pytest.approx(bound)


def test_weights_are_rows_that_stand_more_than_once() -> None:
    r = np.random.default_rng(1)
    losses, times = r.exponential(size=60), r.integers(0, 4, 60)
    one = conditional_value_at_risk(losses, 0.3, times.astype(float))
    two = conditional_value_at_risk(np.repeat(losses, times), 0.3)
    assert one.value == pytest.approx(two.value)


def test_right_or_wrong_saturates() -> None:
    wrong = (np.arange(100) < 12).astype(float)
    assert conditional_value_at_risk(wrong, 0.1).value == 1.0
    assert conditional_value_at_risk(wrong, 0.05).value == 1.0


@pytest.mark.parametrize("share", [0.0, -0.1, 1.5])
def test_a_share_must_be_one(share: float) -> None:
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        conditional_value_at_risk(np.ones(3), share)
    with pytest.raises(ValueError, match="one row or more"):
        conditional_value_at_risk(np.array([]), 0.5)


@pytest.mark.parametrize("share", SHARES)
def test_the_bootstrap_agrees(share: float) -> None:
    r = np.random.default_rng(2)
    losses = r.exponential(size=2000)
    found = conditional_value_at_risk(losses, share)
    again = [
        conditional_value_at_risk(losses[r.integers(0, 2000, 2000)], share).value
        for _ in range(400)
    ]
    assert float(np.std(again)) == pytest.approx(standard_error(found.influence), rel=0.12)
    limits = tail_interval(found)
    assert limits is not None
    low, high = np.quantile(again, [0.025, 0.975])
    assert limits == pytest.approx((low, high), abs=0.6 * (high - low) / 2)


@pytest.mark.parametrize("share", [0.2, 0.05])
def test_the_interval_holds_the_truth(share: float) -> None:
    held, runs = 0, 300
    for seed in range(runs):
        losses = np.random.default_rng(seed).exponential(size=1000)
        limits = tail_interval(conditional_value_at_risk(losses, share))
        assert limits is not None
        held += limits[0] <= 1.0 - np.log(share) <= limits[1]
    assert 0.92 <= held / runs <= 0.985


def test_clusters_widen_the_interval() -> None:
    groups = np.repeat(np.arange(50), 20)
    losses = np.random.default_rng(3).exponential(size=50)[groups]
    found = conditional_value_at_risk(losses, 0.2)
    by_row, by_group = tail_interval(found), tail_interval(found, groups)
    assert by_row is not None and by_group is not None
    assert by_group[1] - by_group[0] > 3 * (by_row[1] - by_row[0])
    assert tail_interval(found, np.zeros(1000, dtype=np.int64)) is None
    assert tail_interval(conditional_value_at_risk(np.array([1.0]), 1.0)) is None


def test_what_can_be_seen_beforehand_is_picked_and_no_more_than_the_bound() -> None:
    r = np.random.default_rng(4)
    x = r.random(20_000)
    losses = r.exponential(size=20_000) * (0.5 + x)
    picked = mean_of_worst(losses, x, 0.1)
    assert picked.value == pytest.approx(0.5 + 0.95, abs=0.08)
    assert picked.value < conditional_value_at_risk(losses, 0.1).value
    blind = mean_of_worst(losses, r.random(20_000), 0.1)
    assert blind.value == pytest.approx(1.0, abs=0.08)
    assert mean_of_worst(losses, np.zeros(20_000), 0.1).value == pytest.approx(losses.mean())


def test_each_half_gives_its_own_worst() -> None:
    losses = np.array([1.0, 2.0, 3.0, 4.0])
    predicted = np.array([0.1, 0.2, 9.1, 9.2])
    fold = np.array([0, 0, 1, 1])
    assert mean_of_worst(losses, predicted, 0.5, fold).value == pytest.approx((2 + 4) / 2)
    assert mean_of_worst(losses, predicted, 0.5).value == pytest.approx((3 + 4) / 2)
    with pytest.raises(ValueError, match="no row has a weight"):
        mean_of_worst(losses, predicted, 0.5, weights=np.zeros(4))


def test_the_interval_of_the_picked_rows_holds_their_loss() -> None:
    held, runs = 0, 300
    for seed in range(runs):
        r = np.random.default_rng(seed)
        x = r.random(800)
        losses = r.exponential(size=800) * (0.5 + x)
        limits = tail_interval(mean_of_worst(losses, x, 0.1, np.arange(800) % 2))
        assert limits is not None
        held += limits[0] <= 1.45 <= limits[1]
    assert 0.92 <= held / runs <= 0.985
