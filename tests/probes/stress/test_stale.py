"""Stale values are older as the severity grows, held ones younger than that, and frozen ones are the last."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from plimsoll.core.subject import Roles, Subject, Task
from plimsoll.probes.stress.learnt import Learnt, learn
from plimsoll.probes.stress.stale import frozen, held, stale
from worlds.stressing import applied, learnt_of, made

ROWS = 2000
START = dt.datetime(2024, 1, 1)
FRAME = pl.DataFrame(
    {
        "at": [START + dt.timedelta(minutes=i) for i in range(ROWS)],
        "who": ["a", "b"] * (ROWS // 2),
        "level": np.arange(ROWS),
        "fixed": [10.0, 20.0] * (ROWS // 2),
        "on": np.arange(ROWS) % 6 < 3,
    }
)


def learnt(frame: pl.DataFrame = FRAME, group: str | None = "who") -> Learnt:
    features = ("level", "fixed", "on")
    roles = Roles(target="y", time="at", group=group, features=features)
    return learn(frame, Subject("made", Task.BINARY, roles, ("0", "1")))


def test_without_a_time_nothing_is_stale() -> None:
    plain = learnt_of(FRAME.drop("at"))
    for family in (stale, frozen, held):
        assert made(family, plain) == {}


def test_what_never_changes_in_a_group_cannot_be_stale() -> None:
    for family in (stale, held, frozen):
        assert list(made(family, learnt())) == [f"{family.kind}:level", f"{family.kind}:on"]


def test_a_stale_value_is_as_old_as_it_says() -> None:
    stress = made(stale, learnt())["stale:level"]
    assert stress.unit == "minutes back"
    assert stress.top == pytest.approx(96.0)  # 48 rows of a group that has one every second minute
    for minutes in (1.0, 10.0, 60.5):
        lag = FRAME["level"] - applied(stress, FRAME, minutes)["level"]
        assert lag[100:].mean() == pytest.approx(minutes, abs=0.2)
        assert lag[100:].max() - lag[100:].min() <= 2


def test_a_held_value_is_anywhere_between_two_updates() -> None:
    stress = made(held, learnt())["held:level"]
    assert stress.unit == "minutes between updates"
    lag = (FRAME["level"] - applied(stress, FRAME, 60.0)["level"])[100:]
    assert lag.mean() == pytest.approx(30.0, abs=1.0)
    assert (lag.min(), lag.max()) == (0, 60)


def test_frozen_is_the_last_of_the_group_and_of_all_for_a_new_group() -> None:
    frame = FRAME.sample(fraction=1.0, shuffle=True, seed=1)
    stress = made(frozen, learnt(frame))["frozen:level"]
    today = pl.DataFrame({"who": ["b", "a", "z", None, "a"], "level": [1, 2, 3, 4, None]})
    assert applied(stress, today)["level"].to_list() == [1999, 1998, 1999, 1999, None]
    alone = made(frozen, learnt(frame, None))["frozen:level"]
    assert applied(alone, today)["level"].to_list() == [1999, 1999, 1999, 1999, None]


def test_the_last_value_is_one_that_is_there() -> None:
    gap = FRAME.with_columns(
        level=pl.when(pl.col("level") > 1990).then(None).otherwise(pl.col("level"))
    )
    stress = made(frozen, learnt(gap))["frozen:level"]
    assert applied(stress, FRAME)["level"].unique().sort().to_list() == [1989, 1990]
