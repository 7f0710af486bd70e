"""Crossings of margins with zero: known places, intervals that cover, and few calls."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from plimsoll.stats.load_line import Margin, crossing, search

SHAPES = {
    "exponential": (lambda s: 0.3 * (np.exp(-s) - 0.6), -np.log(0.6), 3.0),
    "probit": (lambda s: norm.cdf(1.5 * (1 - s)) - 0.5, 1.0, 4.0),
    "line": (lambda s: 0.22 - s, 0.22, 1.0),
    "steep": (lambda s: 0.1 * np.tanh(8 * (0.6 - s)), 0.6, 2.0),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_without_noise_the_crossing_is_found(shape: str) -> None:
    curve, truth, top = SHAPES[shape]
    found = search(Margin(0.0, curve(0.0), 1e-4), lambda s: Margin(s, float(curve(s)), 1e-4), top)
    assert found.found.value == pytest.approx(truth, abs=0.004 * top)
    assert found.settled
    assert len(found.margins) - 1 <= 8


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("error", [0.003, 0.02])
def test_the_interval_holds_the_truth(shape: str, error: float) -> None:
    """Of 300 noisy curves whose errors hang together over severities, at least 93 of 100 are covered."""
    curve, truth, top = SHAPES[shape]
    rng = np.random.default_rng(5)
    held = calls = 0
    for _ in range(300):
        early, late = rng.normal(size=2)

        def margin(s: float, early: float = early, late: float = late) -> Margin:
            t = s / top
            luck = np.sqrt(t) * (early * np.sqrt(1 - t) + late * np.sqrt(t))
            return Margin(s, float(curve(s)) + error * luck, error * np.sqrt(t))

        done = search(Margin(0.0, float(curve(0.0)), 1e-9), margin, top)
        held += done.found.low <= truth <= done.found.high
        calls += len(done.margins) - 1
    assert held / 300 >= 0.92  # 0.93 less two standard errors of the simulation
    assert calls / 300 < 7


def test_what_holds_to_the_end_costs_two_calls() -> None:
    asked: list[float] = []

    def margin(s: float) -> Margin:
        asked.append(s)
        return Margin(s, 0.2 - 0.05 * s, 0.01)

    done = search(Margin(0.0, 0.2, 0.01), margin, 2.0)
    assert asked == [2.0, 1.0]
    assert (done.found.value, done.found.low, done.found.high) == (2.0, 2.0, 2.0)
    assert not done.found.crosses


def test_a_limit_broken_when_clean_costs_no_call() -> None:
    def never(severity: float) -> Margin:
        raise AssertionError("nothing is to be asked")

    done = search(Margin(0.0, -0.1, 0.01), never, 1.0)
    assert done.found.below
    assert (done.found.value, done.found.low, done.found.high) == (0.0, 0.0, 0.0)


def test_a_limit_not_surely_kept_when_clean_has_no_safe_load() -> None:
    found = crossing([Margin(0.0, 0.01, 0.02), Margin(1.0, -0.2, 0.02)], 1.0)
    assert found.below
    assert found.low == 0.0
    assert 0.0 < found.value < found.high < 0.5


def test_the_end_may_be_out_of_sight() -> None:
    """The limit is kept at the top as measured, but not surely."""
    found = crossing([Margin(0.0, 0.1, 0.001), Margin(1.0, 0.01, 0.02)], 1.0)
    assert not found.crosses
    assert found.value == found.high == 1.0
    assert 0.5 < found.low < 1.0


def test_it_stops_when_it_may_not_go_on() -> None:
    done = search(Margin(0.0, 0.2, 0.01), lambda s: None, 1.0)
    assert not done.settled
    calls = iter([Margin(1.0, -0.5, 0.01), None])
    done = search(Margin(0.0, 0.2, 0.01), lambda s: next(calls), 1.0)
    assert not done.settled
    assert done.found.crosses


def test_fewer_clusters_make_wider_intervals() -> None:
    margins = [Margin(0.0, 0.2, 0.02), Margin(0.5, 0.0, 0.02), Margin(1.0, -0.2, 0.02)]
    many, few = crossing(margins, 1.0), crossing(margins, 1.0, df=4)
    assert few.low < many.low < many.high < few.high


def test_the_first_crossing_counts_though_the_curve_rises_again() -> None:
    """Every row a thousand times too large orders them as before; half of them does not."""
    margins = [Margin(0.0, 0.03, 0.01), Margin(0.1, -0.05, 0.01), Margin(0.5, -0.13, 0.01),
               Margin(1.0, 0.03, 1e-6)]  # fmt: skip
    found = crossing(margins, 1.0)
    assert found.crosses
    assert found.value < 0.1


def evenly(values: list[float], error: float = 0.01, top: float = 1.0) -> list[Margin]:
    at = np.linspace(0.0, top, len(values))
    return [Margin(float(s), v, error) for s, v in zip(at, values, strict=True)]


def test_a_straight_fall_is_crossed_where_it_is_crossed() -> None:
    margins = evenly([0.10, 0.05, 0.0, -0.05, -0.10])
    found = crossing(margins, 1.0)
    assert found.value == pytest.approx(0.5, abs=1e-3)
    assert found.low == pytest.approx(0.5 - 1.96 * 0.01 / 0.2, abs=1e-3)
    assert found.high == pytest.approx(0.5 + 1.96 * 0.01 / 0.2, abs=1e-3)
    assert found.crosses and found.surely and not found.below


def test_a_dip_counts_though_the_curve_comes_back() -> None:
    margins = evenly([0.05, 0.02, -0.03, 0.02, 0.05, 0.08, 0.1], error=0.001)
    found = crossing(margins, 1.0)
    assert found.crosses and found.surely
    assert found.value < 1 / 3


def test_what_never_crosses_holds_to_the_end() -> None:
    found = crossing(evenly([0.2, 0.25, 0.22]), 1.0)
    assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)
    assert not found.crosses
    doubtful = crossing(evenly([0.2, 0.1, 0.01]), 1.0)
    assert not doubtful.crosses
    assert doubtful.low < 1.0 == doubtful.value == doubtful.high


def test_what_is_below_before_it_begins_is_said() -> None:
    found = crossing(evenly([-0.1, 0.2, 0.3]), 1.0)
    assert found.below
    assert (found.value, found.low) == (0.0, 0.0)
    assert crossing([Margin(0.0, 0.3, 0.1)], 0.0).value == 0.0


def test_the_interval_of_a_crossing_holds_the_truth() -> None:
    """A margin that falls, measured with one error that all severities share."""
    held, runs = 0, 300
    at = np.linspace(0, 1, 9)
    for seed in range(runs):
        r = np.random.default_rng(seed)
        luck = 0.02 * r.normal()
        margins = [Margin(float(s), 0.1 - 0.2 * s**1.5 + luck, 0.02) for s in at]
        found = crossing(margins, 1.0)
        held += found.low <= 0.5 ** (2 / 3) <= found.high
    assert 0.92 <= held / runs <= 0.98


def test_a_curve_that_comes_back_at_the_top_is_caught_in_the_middle() -> None:
    """A clock that is six hours wrong is worse than one that is twelve."""

    def margin(s: float) -> Margin:
        return Margin(s, 0.1 - 0.2 * np.sin(np.pi * s / 12.0), 0.002)

    done = search(Margin(0.0, 0.1, 0.002), margin, 12.0)
    assert done.found.crosses
    assert done.found.value == pytest.approx(2.0, abs=0.1)


def test_a_crossing_near_0_is_found_as_well_as_one_in_the_middle() -> None:
    """A wrong unit breaks a model a thousandth of the way: the search goes on until it is there."""

    def margin(s: float) -> Margin:
        return Margin(s, 0.08 - 90.0 * s / (1.0 + 60.0 * s), 1e-5)

    truth = 0.08 / (90.0 - 0.08 * 60.0)
    done = search(Margin(0.0, 0.08, 1e-6), margin, 1.0)
    assert done.found.value == pytest.approx(truth, rel=0.03)
    assert done.found.low <= truth <= done.found.high


def test_a_jump_lies_anywhere_between_what_was_asked_before_and_after_it() -> None:
    """Pixels of 17 values: the curve stands still, and then it falls at once."""

    def margin(s: float) -> Margin:
        return Margin(s, 0.05 if s < 3.11 else -0.1, 0.001)

    done = search(Margin(0.0, 0.08, 0.001), margin, 5.0)
    assert done.found.low < 3.11 < done.found.high
    asked = sorted(m.severity for m in done.margins)
    assert {done.found.low, done.found.high} <= set(asked)
    narrow = crossing(done.margins, 5.0)
    assert done.found.low <= narrow.low < narrow.high <= done.found.high
