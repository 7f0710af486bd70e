"""Moments move by what is stated, in their own type."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from plimsoll.probes.stress.moments import clock, day_month, epoch, timezone
from worlds.stressing import applied, learnt_of, made

START = dt.datetime(2024, 2, 28, 22, 30)
MOMENTS = [START + dt.timedelta(hours=13 * i) for i in range(400)]
FRAME = pl.DataFrame(
    {
        "us": pl.Series(MOMENTS, dtype=pl.Datetime("us")),
        "ms": pl.Series(MOMENTS, dtype=pl.Datetime("ms")),
        "zoned": pl.Series(MOMENTS, dtype=pl.Datetime("us")).dt.replace_time_zone("UTC"),
        "day": pl.Series([m.date() for m in MOMENTS]),
        "hour": pl.Series([m.time() for m in MOMENTS]),
    }
)
LEARNT = learnt_of(FRAME)


@pytest.mark.parametrize("name", ["us", "ms", "zoned"])
def test_another_time_zone_is_hours_away(name: str) -> None:
    stresses = made(timezone, LEARNT)
    ahead = applied(stresses[f"timezone:{name}:ahead"], FRAME, 5.5)[name]
    behind = applied(stresses[f"timezone:{name}:behind"], FRAME, 2.0)[name]
    assert set(ahead - FRAME[name]) == {dt.timedelta(hours=5.5)}
    assert set(FRAME[name] - behind) == {dt.timedelta(hours=2)}
    assert ahead.dtype == FRAME[name].dtype


def test_a_time_of_the_day_goes_round_past_midnight() -> None:
    stress = made(timezone, LEARNT)["timezone:hour:ahead"]
    assert applied(stress, FRAME, 3.0)["hour"][0] == dt.time(1, 30)
    assert not [name for name in made(timezone, LEARNT) if ":day" in name]


def test_clocks_are_off_by_up_to_the_severity_both_ways() -> None:
    stresses = made(clock, LEARNT)
    for name in ("us", "ms", "zoned"):
        off = (
            applied(stresses[f"clock:{name}"], FRAME, 30.0)[name] - FRAME[name]
        ).dt.total_seconds()
        minutes = off.to_numpy() / 60.0
        assert np.abs(minutes).max() <= 30.0
        assert minutes.min() < -25.0 and minutes.max() > 25.0
    days = (applied(stresses["clock:day"], FRAME, 3.0)["day"] - FRAME["day"]).dt.total_days()
    assert set(days) == set(range(-3, 4))
    assert (stresses["clock:us"].unit, stresses["clock:day"].unit) == (
        "minutes at most",
        "days at most",
    )


@pytest.mark.parametrize("name", ["us", "ms", "zoned", "day"])
def test_day_and_month_change_places_where_both_can_be_a_month(name: str) -> None:
    after = applied(made(day_month, LEARNT)[f"day_month:{name}"], FRAME)[name]
    assert after.dtype == FRAME[name].dtype
    for old, new in zip(FRAME[name], after, strict=True):
        if old.day <= 12:
            assert new == old.replace(day=old.month, month=old.day)
        else:
            assert new == old


def test_a_moment_that_does_not_exist_after_the_swap_stays() -> None:
    # 10 March 2024 2:30 was skipped in New York, and is 3 October with day and month swapped.
    moment = pl.Series("at", [dt.datetime(2024, 10, 3, 2, 30), dt.datetime(2024, 4, 3, 2, 30)])
    frame = pl.DataFrame(moment.dt.replace_time_zone("America/New_York"))
    after = applied(made(day_month, learnt_of(frame))["day_month:at"], frame)["at"]
    assert after.dt.month().to_list() == [10, 3]


def test_dates_that_cannot_be_misread_are_left_alone() -> None:
    late = pl.DataFrame({"day": [dt.date(2024, 5, 13), dt.date(2024, 5, 5), dt.date(2023, 6, 30)]})
    assert made(day_month, learnt_of(late)) == {}


def test_another_start_of_counting_is_1970() -> None:
    stresses = made(epoch, LEARNT)
    for name in ("us", "ms", "zoned", "day"):
        start = applied(stresses[f"epoch:{name}:start"], FRAME)[name]
        assert start.cast(pl.Int64).unique().to_list() == [0]
        short = applied(stresses[f"epoch:{name}:milliseconds"], FRAME)[name]
        assert set(short.dt.year()) == {1970}
    short = applied(stresses["epoch:us:milliseconds"], FRAME)["us"]
    assert short.dt.epoch("ms").to_list() == FRAME["us"].dt.epoch("s").to_list()
