"""Faults of sensors are off by what they say, in every row alike."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from plimsoll.probes.stress.sensors import gain, offset, quantised, reads_zero, saturated, stuck
from worlds.stressing import applied, learnt_of, made, numbers, table

RNG = np.random.default_rng(4)
VALUES = RNG.normal(10.0, 4.0, 4001)


def test_gain_multiplies() -> None:
    stress = made(gain, learnt_of({"x": VALUES}))["gain:x"]
    assert stress.top == 1.0
    after = numbers(applied(stress, table({"x": [10.0, -2.0, 0.0]}), 0.25), "x")
    assert after.tolist() == [12.5, -2.5, 0.0]


def test_the_top_of_a_gain_is_where_the_type_is_full() -> None:
    learnt = learnt_of(
        {
            "some": pl.Series(np.arange(1, 201), dtype=pl.UInt8),
            "full": pl.Series(np.arange(50, 250), dtype=pl.UInt8),
            "below": pl.Series(np.arange(-100, 100), dtype=pl.Int8),
        }
    )
    stresses = made(gain, learnt)
    assert list(stresses) == ["gain:some", "gain:below"]
    assert stresses["gain:some"].top == pytest.approx(255 / 200 - 1)
    assert stresses["gain:below"].top == pytest.approx(128 / 100 - 1)
    at_top = applied(stresses["gain:some"], learnt.frame, stresses["gain:some"].top)["some"]
    assert at_top.max() == 255 and (at_top == 255).sum() == 1


def test_rounding_is_to_a_grid_over_the_range() -> None:
    learnt = learnt_of({"x": np.linspace(20.0, 120.0, 1001)})
    stress = made(quantised, learnt)["quantised:x"]
    after = numbers(applied(stress, learnt.frame, 0.25), "x")
    assert sorted(set(after)) == [20.0, 45.0, 70.0, 95.0, 120.0]
    assert np.abs(after - numbers(learnt.frame, "x")).max() == pytest.approx(12.5)
    assert len(set(numbers(applied(stress, learnt.frame, stress.top), "x"))) == 3


def test_an_offset_is_in_standard_deviations_and_stops_at_an_edge() -> None:
    learnt = learnt_of({"x": VALUES - 30.0, "count": np.floor(RNG.exponential(3.0, 4001))})
    stresses = made(offset, learnt)
    up = numbers(applied(stresses["offset:x:up"], learnt.frame, 2.0), "x")
    np.testing.assert_allclose(up - (VALUES - 30.0), 2.0 * VALUES.std())
    down = numbers(applied(stresses["offset:x:down"], learnt.frame, 0.5), "x")
    np.testing.assert_allclose(down - (VALUES - 30.0), -0.5 * VALUES.std())
    assert numbers(applied(stresses["offset:count:down"], learnt.frame, 3.0), "count").min() == 0.0


def test_saturation_cuts_off_the_stated_share() -> None:
    learnt = learnt_of({"x": VALUES})
    stress = made(saturated, learnt)["saturated:x"]
    for share in (0.1, 0.5):
        after = numbers(applied(stress, learnt.frame, share), "x")
        assert (after != VALUES).mean() == pytest.approx(share, abs=0.002)
        assert (after == after.max()).mean() == pytest.approx(share / 2, abs=0.002)
        assert (after == after.min()).mean() == pytest.approx(share / 2, abs=0.002)
    assert set(numbers(applied(stress, learnt.frame, 1.0), "x")) == {np.median(VALUES)}


def test_a_stuck_figure_is_one_of_the_reference_and_leaves_gaps() -> None:
    learnt = learnt_of({"n": [1, 2, 8, 9]})
    stress = made(stuck, learnt)["stuck:n"]
    assert applied(stress, table({"n": [5, None, 7]}))["n"].to_list() == [8, None, 8]
    assert stress.exposure is None  # a quarter of the reference has it anyway


def test_rows_stuck_today_are_told() -> None:
    stress = made(stuck, learnt_of({"x": VALUES}))["stuck:x"]
    assert stress.exposure is not None
    today = np.where(np.arange(4001) % 5 == 0, np.median(VALUES), VALUES + 0.001)
    assert stress.exposure(table({"x": today})) == pytest.approx(0.2, abs=0.001)


def test_reading_zero_is_told_only_where_zero_is_rare() -> None:
    mostly_zero = np.where(np.arange(100) < 60, 0.0, 3.0)
    learnt = learnt_of({"x": VALUES})
    stress = made(reads_zero, learnt)["reads_zero:x"]
    assert stress.exposure is not None
    assert stress.exposure(table({"x": [0.0, 1.0, 2.0, 0.0]})) == 0.5
    assert applied(stress, table({"x": [4.0, None]}))["x"].to_list() == [0.0, None]
    assert made(reads_zero, learnt_of({"zeros": mostly_zero})) == {}
    some = made(reads_zero, learnt_of({"some": np.where(np.arange(100) < 20, 0, 7)}))
    assert some["reads_zero:some"].exposure is None


def test_a_flag_has_no_calibration() -> None:
    learnt = learnt_of({"flag": [0, 1, 1] * 50})
    for family in (gain, quantised, offset, saturated):
        assert made(family, learnt) == {}
    assert list(made(reads_zero, learnt)) == ["reads_zero:flag"]
