"""Retention: its ends, its area, and its paired interval by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from plimsoll.stats.influence import Graded, Value, standard_error
from plimsoll.stats.retention import mean_retention, retention
from plimsoll.stats.row_measures import MEASURES


def value(number: float) -> Value:
    return Value(number, np.zeros(4))


def test_one_is_clean_and_nothing_is_chance() -> None:
    clean = value(0.9)
    kept = [retention(value(v), clean, 0.5) for v in (0.9, 0.85, 0.5, 0.3)]
    assert [k.value for k in kept if k] == pytest.approx([1.0, 0.875, 0.0, -0.5])


def test_losses_are_read_the_same_way() -> None:
    found = retention(value(0.5), value(0.3), 0.7, higher=False)
    assert found is not None
    assert found.value == pytest.approx(0.5)


@pytest.mark.parametrize("clean,higher", [(0.5, True), (0.4, True), (0.8, False)])
def test_without_a_gain_nothing_can_be_kept(clean: float, higher: bool) -> None:
    assert retention(value(0.45), value(clean), 0.5, higher=higher) is None
    assert mean_retention([0, 1], [value(0.4)] * 2, value(clean), 0.5, higher=higher) is None


def test_the_area_of_a_straight_line_is_its_middle() -> None:
    at = [0.0, 0.1, 0.5, 2.0]
    values = [value(0.9 - 0.1 * s) for s in at]
    found = mean_retention(at, values, values[0], 0.5)
    assert found is not None
    assert found.value == pytest.approx((0.8 - 0.5) / 0.4)


def test_the_area_is_numpys() -> None:
    r = np.random.default_rng(0)
    at = np.sort(r.random(6))
    y = r.random(6)
    found = mean_retention(list(at), [value(v) for v in y], value(0.9), 0.2)
    assert found is not None
    area = np.trapezoid(y, at) / (at[-1] - at[0])
    assert found.value == pytest.approx((area - 0.2) / 0.7)


@pytest.mark.parametrize("at", [[0.0], [0.0, 0.0], [0.0, 1.0, 0.5], []])
def test_severities_must_rise(at: list[float]) -> None:
    with pytest.raises(ValueError, match="severities must be two or more that rise"):
        mean_retention(at, [value(0.5)] * len(at), value(0.9), 0.5)


def test_no_change_keeps_all_without_doubt() -> None:
    clean = Value(0.8, np.random.default_rng(1).normal(size=50))
    found = mean_retention([0.0, 1.0], [clean, clean], clean, 0.5)
    assert found is not None
    assert found.value == pytest.approx(1.0)
    assert standard_error(found.influence) == pytest.approx(0.0, abs=1e-12)


def test_the_interval_holds_the_truth_and_pairing_makes_it_narrow() -> None:
    """Accuracy 0.9 clean; a fault takes it to 0.7, so half of the gain over 0.5 is left."""
    accuracy = MEASURES["accuracy"]
    held, runs, n = 0, 400, 500
    paired = unpaired = 0.0
    for seed in range(runs):
        r = np.random.default_rng(seed)
        y = r.integers(0, 2, n).astype(float)
        right = r.random(n) < 0.9
        still = right & (r.random(n) < 7 / 9)
        clean, hurt = (Graded(y, None, np.where(ok, y, 1 - y), 2) for ok in (right, still))
        one, two = (
            accuracy.mix(clean, g, np.ones(n)).at(share) for g, share in ((clean, 0.0), (hurt, 1.0))
        )
        found = retention(two, one, 0.5)
        assert found is not None
        error = standard_error(found.influence)
        held += abs(found.value - 0.5) <= 1.96 * error
        paired += error
        unpaired += (
            np.hypot(standard_error(one.influence) * 0.5, standard_error(two.influence)) / 0.4
        )
    assert 0.92 <= held / runs <= 0.98
    assert paired < unpaired
