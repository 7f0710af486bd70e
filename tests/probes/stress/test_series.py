"""From a moment on: the newest rows are hit, and by what is stated."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from plimsoll.core.subject import Roles, Subject, Task
from plimsoll.probes.stress.learnt import Learnt, learn
from plimsoll.probes.stress.series import level_shift, outage
from worlds.stressing import applied, learnt_of, made

DAYS = np.random.default_rng(0).permutation(100)
FRAME = pl.DataFrame(
    {
        "day": [dt.date(2024, 1, 1) + dt.timedelta(days=int(d)) for d in DAYS],
        "x": DAYS * 1.0,
        "n": DAYS,
    }
)


def learnt() -> Learnt:
    roles = Roles(target="y", time="day", features=("x", "n"))
    return learn(FRAME, Subject("made", Task.BINARY, roles, ("0", "1")))


@pytest.mark.parametrize("family", [level_shift, outage])
def test_the_newest_rows_are_hit(family) -> None:  # type: ignore[no-untyped-def]
    for stress in made(family, learnt()).values():
        assert stress.hit is not None
        hit = stress.hit(FRAME, 0.2)
        assert set(DAYS[hit == 1.0]) == set(range(80, 100))
        assert hit.sum() == 20.0


def test_rows_of_one_moment_share_what_is_left() -> None:
    stress = made(outage, learnt())["outage:x"]
    assert stress.hit is not None
    days = [dt.date(2024, 1, d) for d in (1, 2, 2, 2, 3)]
    hit = stress.hit(pl.DataFrame({"day": [*days, None]}), 0.5)
    assert hit == pytest.approx([0.0, 2 / 3, 2 / 3, 2 / 3, 1.0, 0.0])


def test_a_level_shifts_by_one_standard_deviation() -> None:
    stresses = made(level_shift, learnt())
    assert len(stresses) == 4
    up, down = (applied(stresses[f"level_shift:x:{s}"], FRAME)["x"] for s in ("up", "down"))
    assert (up - FRAME["x"]).to_numpy() == pytest.approx(np.full(100, DAYS.std()))
    assert (FRAME["x"] - down).to_numpy() == pytest.approx(np.full(100, DAYS.std()))
    whole = applied(stresses["level_shift:n:up"], FRAME)["n"]
    assert whole.dtype == pl.Int64
    assert set(whole - FRAME["n"]) == {29}


def test_an_outage_leaves_nothing() -> None:
    assert applied(made(outage, learnt())["outage:n"], FRAME)["n"].null_count() == 100


def test_without_a_time_there_is_no_series() -> None:
    assert made(level_shift, learnt_of(FRAME.drop("day"))) == {}
