"""INP003: empty and constant columns are named, missing cells are counted."""

from __future__ import annotations

import polars as pl
import pytest

from plimsoll.core.finding import Status
from worlds.judging import judge
from worlds.planted import stated

WORLD = stated(200, 1).drop("true")


def found(frame: pl.DataFrame) -> list[str]:
    return judge(frame, "INP003", target="y", score="p").titles("INP003", Status.FAIL)


def test_columns_that_say_something_raise_nothing() -> None:
    assert found(WORLD) == []


@pytest.mark.parametrize("kind", [pl.Float64, pl.Int64, pl.String, pl.Boolean, pl.Date])
def test_an_empty_column_is_found(kind: type[pl.DataType]) -> None:
    assert found(WORLD.with_columns(gone=pl.lit(None, kind))) == ["The column 'gone' is empty."]


def test_a_column_of_nan_is_empty_too() -> None:
    frame = WORLD.with_columns(gone=pl.lit(float("nan")))
    assert found(frame) == ["The column 'gone' is empty."]


@pytest.mark.parametrize("value", [7, 0.0, "site A", True], ids=str)
def test_a_constant_column_is_found(value: object) -> None:
    frame = WORLD.with_columns(same=pl.lit(value))
    assert found(frame) == ["The column 'same' holds one value only."]


def test_a_constant_date_is_found() -> None:
    frame = WORLD.with_columns(day=pl.lit("2024-03-01").str.to_date())
    assert found(frame) == ["The column 'day' holds one value only."]


def test_an_ignored_column_is_left_alone() -> None:
    frame = WORLD.with_columns(same=pl.lit(1))
    assert judge(frame, "INP003", target="y", score="p", ignore=["same"])["INP003"].findings == ()


def test_missing_cells_are_counted() -> None:
    i = pl.int_range(200)
    frame = WORLD.with_columns(
        half=pl.when(i % 2 == 0).then("x"),
        text=pl.when(i % 4 == 0).then(pl.lit("")).otherwise(pl.lit("word")),
        odd=pl.when(i < 20).then(float("nan")).when(i < 25).then(float("inf")).otherwise("x"),
    )
    judged = judge(frame, "INP003", target="y", score="p")
    assert judged.estimate("missing_rate", column="half").value == pytest.approx(0.5)
    assert judged.estimate("missing_rate", column="odd").value == pytest.approx(25 / 200)
    rows = {row[0]: row[1:] for row in judged["INP003"].tables[0].rows}
    assert rows["half"] == ("Float64", 100, 0, 0, 0, 200)
    assert rows["odd"] == ("Float64", 0, 20, 5, 0, 200)
    assert rows["text"] == ("String", 0, 0, 0, 50, 200)
