"""INP004: columns that came, went, changed type or lost cells since the reference are named."""

from __future__ import annotations

import polars as pl
import pytest

from plimsoll.core.finding import Status
from plimsoll.core.record import Verdict
from worlds.judging import Judged, judge
from worlds.planted import stated

THEN = stated(400, 1).with_columns(
    age=pl.int_range(400) % 60, day=pl.lit("2024-03-01").str.to_date()
)
NOW = stated(400, 2).with_columns(
    age=pl.int_range(400) % 60, day=pl.lit("2024-05-01").str.to_date()
)


def held(now: pl.DataFrame, then: pl.DataFrame = THEN) -> Judged:
    return judge(now, "INP004", target="y", score="p", reference=then)


def test_the_same_table_raises_nothing() -> None:
    assert held(NOW)["INP004"].status is Status.PASS
    assert not held(NOW)["INP004"].findings


def test_a_column_that_came_and_one_that_went_are_named() -> None:
    judged = held(NOW.rename({"age": "years"}))
    assert judged.titles("INP004", Status.FAIL) == [
        "The column 'years' is not in the reference.",
        "The column 'age' of the reference is gone.",
    ]


def test_a_number_that_arrives_as_text_is_critical() -> None:
    judged = held(NOW.with_columns(pl.col("age").cast(pl.String)))
    (finding,) = judged["INP004"].findings
    assert finding.title == "The column 'age' changed its type."
    assert "number in the reference and holds text now" in finding.meaning
    assert finding.critical
    assert judged.verdict is Verdict.FAIL


@pytest.mark.parametrize("kind", [pl.Int16, pl.Float32, pl.UInt8])
def test_a_number_of_another_width_is_still_a_number(kind: type[pl.DataType]) -> None:
    assert not held(NOW.with_columns(pl.col("age").cast(kind)))["INP004"].findings


def test_lost_cells_are_found_beyond_chance_only() -> None:
    i = pl.int_range(400)
    many = held(NOW.with_columns(age=pl.when(i % 3 > 0).then("age")))
    assert many.titles("INP004") == [
        "The column 'age' has many more missing cells than in the reference."
    ]
    change = many.estimate("missing_rate_change", column="age")
    assert change.value == pytest.approx(134 / 400)
    few = held(NOW.with_columns(age=pl.when(i % 20 > 0).then("age")))
    assert not few["INP004"].findings
    healed = held(NOW, THEN.with_columns(age=pl.when(i % 3 == 0).then("age")))
    assert not healed["INP004"].findings, "fewer gaps than before are no fault"


def test_an_empty_column_changed_its_type_and_lost_its_cells() -> None:
    titles = held(NOW.with_columns(age=pl.lit(None))).titles("INP004", Status.FAIL)
    assert "The column 'age' changed its type." in titles


def test_without_a_reference_it_is_skipped() -> None:
    assert judge(NOW, "INP004", target="y", score="p")["INP004"].status is Status.SKIPPED
