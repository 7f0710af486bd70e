"""The first place where a margin is gone, on curves that fall and on curves that come back."""

from __future__ import annotations

import numpy as np
import pytest

from plimsoll.stats.first_passage import first_passage
from plimsoll.stats.load_line import Margin, crossing


def curve(values: list[float], error: float = 0.01, top: float = 1.0) -> list[Margin]:
    at = np.linspace(0.0, top, len(values))
    return [Margin(float(s), v, error) for s, v in zip(at, values, strict=True)]


def test_a_straight_fall_is_crossed_where_it_is_crossed() -> None:
    margins = curve([0.10, 0.05, 0.0, -0.05, -0.10])
    found = first_passage(margins, 1.0)
    assert found.value == pytest.approx(0.5, abs=1e-3)
    assert found.low == pytest.approx(0.5 - 1.96 * 0.01 / 0.2, abs=1e-3)
    assert found.high == pytest.approx(0.5 + 1.96 * 0.01 / 0.2, abs=1e-3)
    assert found.crosses and found.surely and not found.below


def test_on_a_falling_curve_it_is_the_load_line() -> None:
    margins = curve([0.2, 0.18, 0.13, 0.05, -0.04, -0.1], error=0.02, top=3.0)
    one, two = first_passage(margins, 3.0, df=12.0), crossing(margins, 3.0, df=12.0)
    assert (one.value, one.low, one.high) == pytest.approx((two.value, two.low, two.high), abs=1e-6)


def test_a_dip_counts_though_the_curve_comes_back() -> None:
    margins = curve([0.05, 0.02, -0.03, 0.02, 0.05, 0.08, 0.1], error=0.001)
    found = first_passage(margins, 1.0)
    assert found.crosses and found.surely
    assert found.value < 1 / 3
    assert not crossing(margins, 1.0).crosses, "which is why this is not asked there"


def test_what_never_crosses_holds_to_the_end() -> None:
    found = first_passage(curve([0.2, 0.25, 0.22]), 1.0)
    assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)
    assert not found.crosses
    doubtful = first_passage(curve([0.2, 0.1, 0.01]), 1.0)
    assert not doubtful.crosses
    assert doubtful.low < 1.0 == doubtful.value == doubtful.high


def test_what_is_below_before_it_begins_is_said() -> None:
    found = first_passage(curve([-0.1, 0.2, 0.3]), 1.0)
    assert found.below
    assert (found.value, found.low) == (0.0, 0.0)
    assert first_passage([Margin(0.0, 0.3, 0.1)], 0.0).value == 0.0


def test_the_interval_of_the_passage_holds_the_truth() -> None:
    """A margin that falls, measured with one error that all severities share."""
    held, runs = 0, 300
    at = np.linspace(0, 1, 9)
    for seed in range(runs):
        r = np.random.default_rng(seed)
        luck = 0.02 * r.normal()
        margins = [Margin(float(s), 0.1 - 0.2 * s**1.5 + luck, 0.02) for s in at]
        found = first_passage(margins, 1.0)
        held += found.low <= 0.5 ** (2 / 3) <= found.high
    assert 0.92 <= held / runs <= 0.98
