"""A sentinel is a value of the column's own type, in every row that is hit, and is found today."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from plimsoll.probes.stress.sentinels import other_sentinel, sentinel
from worlds.stressing import applied, learnt_of, made, table

DAYS = [dt.date(2024, 1, 1), dt.date(2024, 5, 7), None]
FRAME = pl.DataFrame(
    {
        "income": [1.5, None, 3.0],
        "age": pl.Series([20, 30, None], dtype=pl.Int8),
        "level": pl.Series([3, None, 9], dtype=pl.UInt16),
        "price": pl.Series(["1.50", "2.50", None]).cast(pl.Decimal(6, 2)),
        "job": ["clerk", None, "cook"],
        "colour": pl.Series(["red", None, "blue"], dtype=pl.Enum(["red", "blue"])),
        "note": ["he said a lot", None, "she said even more"],
        "member": [True, None, False],
        "day": DAYS,
        "at": pl.Series(DAYS).cast(pl.Datetime("us", "Europe/Berlin")),
        "hour": pl.Series([dt.time(4), None, dt.time(9)]),
        "gone": pl.Series([None] * 3, dtype=pl.Float64),
    }
)


def test_every_type_has_the_value_that_stands_for_missing_in_it() -> None:
    stresses = made(sentinel, learnt_of(FRAME))
    found = {s.columns[0]: applied(s, FRAME)[s.columns[0]] for s in stresses.values()}
    written = {name: values.to_list() for name, values in found.items()}
    assert written == {
        "income": [-999.0] * 3,
        "age": [-99] * 3,
        "level": [0] * 3,
        "price": [-999] * 3,
        "job": ["unknown"] * 3,
        "colour": ["unknown"] * 3,
        "note": [""] * 3,
        "member": [False] * 3,
        "day": [dt.date(1970, 1, 1)] * 3,
        "at": [dt.datetime(1970, 1, 1, tzinfo=dt.UTC)] * 3,
        "hour": [dt.time(0)] * 3,
    }
    for name, values in found.items():
        assert values.dtype == (pl.String if name == "colour" else FRAME.schema[name])


def test_names_say_which_value() -> None:
    names = set(made(sentinel, learnt_of(FRAME)))
    assert {"sentinel:income:-999", "sentinel:job:unknown", "sentinel:day:1970"} <= names


def test_a_word_that_is_a_category_stands_for_nothing() -> None:
    learnt = learnt_of({"job": ["unknown", "clerk", "cook"]})
    assert list(made(sentinel, learnt)) == ["sentinel:job:Unknown"]


def test_the_full_suite_has_others_and_none_twice() -> None:
    learnt = learnt_of(FRAME)
    names = set(made(other_sentinel, learnt))
    assert {
        "other_sentinel:income:0", "other_sentinel:income:9999", "other_sentinel:job:empty",
        "other_sentinel:job:nan", "other_sentinel:note:nan", "other_sentinel:day:1900",
        "other_sentinel:level:9999", "other_sentinel:age:0",
    } <= names  # fmt: skip
    assert not names & {"other_sentinel:level:0", "other_sentinel:note:empty"}
    assert not names & {"other_sentinel:age:9999", "other_sentinel:member:false"}
    stress = made(other_sentinel, learnt)["other_sentinel:day:1900"]
    assert applied(stress, FRAME)["day"].to_list() == [dt.date(1900, 1, 1)] * 3


def test_the_share_of_today_is_told_beyond_that_of_the_reference() -> None:
    reference = table({"x": [-999.0] * 5 + list(np.arange(95.0)), "job": ["a", "b"] * 50})
    stresses = made(sentinel, learnt_of(reference))
    today = table(
        {"x": [-999.0] * 20 + [3.0] * 80, "job": ["unknown"] * 30 + ["a"] * 60 + [None] * 10}
    )
    seen = stresses["sentinel:x:-999"].exposure
    assert seen is not None
    assert seen(today) == pytest.approx(0.15)
    assert seen(reference) == 0.0
    words = stresses["sentinel:job:unknown"].exposure
    assert words is not None
    assert words(today) == pytest.approx(0.3)
    assert words(today[:0]) is None


def test_moments_of_today_are_told_too() -> None:
    seen = made(sentinel, learnt_of(FRAME))["sentinel:at:1970"].exposure
    assert seen is not None
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    later = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    at = pl.Series("at", [epoch, later, later, None]).dt.convert_time_zone("Europe/Berlin")
    assert seen(at.to_frame()) == 0.25


def test_nothing_is_told_of_an_ordinary_value() -> None:
    learnt = learnt_of({"n": pl.Series([0, 1, 2, 3], dtype=pl.UInt8), "member": [True, False] * 2})
    assert made(sentinel, learnt)["sentinel:n:0"].exposure is None
    assert made(sentinel, learnt)["sentinel:member:false"].exposure is None
    above = learnt_of({"n": pl.Series([5, 6, 7], dtype=pl.UInt8)})
    assert made(sentinel, above)["sentinel:n:0"].exposure is not None
