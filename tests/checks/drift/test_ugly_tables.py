"""Drift of ugly tables: a clear finding or a clear error, never a broken check and never silence."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import plimsoll
from plimsoll.core.errors import DataError, PlimsollError, RecordError
from plimsoll.core.finding import Status
from plimsoll.records.codec import seal
from worlds.judging import Judged, judge
from worlds.planted import stated

DRIFT = ("INP003", "INP004", "DRF001", "DRF002", "DRF003", "DRF004", "DRF005")
LOST = "Some columns cannot be compared with the reference."
START = pl.lit("2024-01-01").str.to_datetime()
ROW = pl.int_range(pl.len())


def world(n: int, seed: int) -> pl.DataFrame:
    r = np.random.default_rng(seed)
    return (
        stated(n, seed)
        .drop("true")
        .with_columns(
            age=pl.Series(r.integers(18, 80, n)),
            city=pl.Series(r.choice(["ulm", "bonn", "kiel"], n)),
            income=pl.Series(r.normal(size=n)),
            when=START + pl.duration(hours=pl.int_range(n)),
        )
    )


THEN, NOW = world(400, 1), world(300, 2)


def held(now: pl.DataFrame, then: Any = THEN, *only: str, **flags: Any) -> Judged:
    """Judge by all checks unless some are named; none may break."""
    flags = {"target": "y", "score": "p", "time": "when"} | flags
    judged = judge(now, *only, reference=then, resamples=20, **flags)
    broken = {c: e.reason for c, e in judged.entries.items() if e.status is Status.ERROR}
    assert not broken
    return judged


def said(judged: Judged, code: str) -> str:
    """Return all that a check says in words."""
    entry = judged[code]
    parts = [entry.reason or ""]
    for f in entry.findings:
        parts.append(f"{f.status.value}: {f.title} [{f.where.column}] {f.meaning}")
    return "\n".join(parts)


def test_a_column_on_one_side_only_is_named() -> None:
    judged = held(NOW.rename({"age": "years"}))
    words = said(judged, "INP004")
    assert "'years' is not in the reference" in words
    assert "'age' of the reference is gone" in words
    assert not judged.has("ks", column="years")
    assert judged.has("ks", column="income"), "the others are compared all the same"


TYPES = {
    "number to text": (pl.col("age").cast(pl.String), "age (number, now text)"),
    "text to number": (ROW.mod(3).alias("city"), "city (text, now number)"),
    "number to boolean": ((pl.col("age") > 50), "age (number, now boolean)"),
    "number to moment": (pl.col("when").alias("age"), "age (number, now moment)"),
    "text to moment": (pl.col("when").alias("city"), "city (text, now moment)"),
    "text to list": (pl.concat_list("x").alias("city"), "city (text, now other)"),
    "text to bytes": (pl.col("city").cast(pl.Binary), "city (text, now other)"),
}


@pytest.mark.parametrize("case", TYPES)
def test_a_changed_type_is_named_and_breaks_no_check(case: str) -> None:
    column, words = TYPES[case]
    judged = held(NOW.with_columns(column))
    assert "changed its type" in said(judged, "INP004")
    assert words in said(judged, "DRF001")


@pytest.mark.parametrize("case", ["text to number", "number to text", "text to list"])
def test_a_type_that_changed_the_other_way_is_named(case: str) -> None:
    column, _ = TYPES[case]
    judged = held(NOW, THEN.with_columns(column), *DRIFT)
    assert "changed its type" in said(judged, "INP004")


def test_harm_of_a_changed_type_is_not_known_and_that_is_said() -> None:
    judged = held(NOW.with_columns(TYPES["text to number"][0]), THEN, "DRF004", "DRF005")
    assert "cannot be told from the reference. [None] city" in said(judged, "DRF004")
    assert "[city]" in said(judged, "DRF005")


def test_whole_numbers_that_come_as_fractions_are_the_same_numbers() -> None:
    judged = held(NOW.with_columns(pl.col("age").cast(pl.Float64)), THEN, *DRIFT)
    assert "age" not in said(judged, "INP004") + said(judged, "DRF001")
    plain = held(NOW, THEN, "DRF001")
    assert judged.estimate("ks", column="age") == plain.estimate("ks", column="age")


@pytest.mark.parametrize("dtype", [pl.Int64, pl.Null], ids=str)
@pytest.mark.parametrize("side", ["now", "then"])
def test_a_column_without_any_value_is_named(side: str, dtype: Any) -> None:
    gone = pl.lit(None, dtype).alias("age")
    if side == "now":
        judged = held(NOW.with_columns(gone), THEN, *(DRIFT if dtype == pl.Int64 else ()))
        assert "'age' is empty" in said(judged, "INP003")
        assert "age (number, now no value)" in said(judged, "DRF001")
    else:
        judged = held(NOW, THEN.with_columns(gone), *DRIFT)
        assert "age (no value, now number)" in said(judged, "DRF001")
    assert "age: more than 5 of 100 rows" in said(judged, "DRF004")


def test_a_column_that_lost_many_cells_is_named() -> None:
    judged = held(NOW.with_columns(city=pl.when(ROW % 3 > 0).then("city")), THEN, *DRIFT)
    assert "'city' has many more missing cells" in said(judged, "INP004")


@pytest.mark.parametrize("side", ["now", "then", "both"])
def test_a_constant_column_is_compared(side: str) -> None:
    now = NOW if side == "then" else NOW.with_columns(age=pl.lit(41))
    then = THEN if side == "now" else THEN.with_columns(age=pl.lit(40))
    judged = held(now, then, *(() if side == "both" else ("DRF001", "DRF004", "DRF005")))
    assert "FAIL: This column has changed since the reference. [age]" in said(judged, "DRF001")
    assert judged.has("wasserstein_sigma", column="age") is (side == "now"), "no sigma, no number"


def test_the_same_constant_on_both_sides_has_not_changed() -> None:
    same = pl.lit(40).alias("age")
    judged = held(NOW.with_columns(same), THEN.with_columns(same), *DRIFT)
    assert "'age' holds one value only" in said(judged, "INP003")
    assert "age" not in said(judged, "DRF001") + said(judged, "DRF004")
    assert judged.estimate("ks", column="age").value == 0


def test_unique_ids_are_not_taken_for_drift_and_it_is_said_that_nothing_is_known() -> None:
    judged = held(
        NOW.with_columns(uid=pl.format("u{}", ROW + 5000)),
        THEN.with_columns(uid=pl.format("u{}", ROW + 1000)),
    )
    assert "[uid]" not in said(judged, "DRF001")
    assert (
        "UNSURE: There are too few rows to say whether these columns changed. [None] uid"
        in said(judged, "DRF001")
    )


def test_two_hundred_thousand_categories_are_counted_in_pools() -> None:
    def many(seed: int, shift: int) -> pl.DataFrame:
        r = np.random.default_rng(seed)
        key = pl.Series(r.permutation(400_000)[:200_000] + shift)
        return pl.DataFrame(
            {"x": r.normal(size=200_000), "y": r.integers(0, 2, 200_000), "p": r.random(200_000)}
        ).with_columns(key=pl.format("k{}", key))

    judged = held(many(1, 0), many(2, 0), *DRIFT, time=None)
    assert "too few rows to say whether these columns changed. [None] key" in said(judged, "DRF001")
    assert not judged.findings("DRF001", Status.FAIL)
    longer = held(many(1, 10**9), many(2, 0), "DRF001", time=None)
    assert "another length than in the reference. [key]" in said(longer, "DRF001")


def test_infinities_are_told_and_do_not_reach_a_distance() -> None:
    some = pl.when(ROW % 5 == 0).then(float("inf")).otherwise("income").alias("income")
    judged = held(NOW.with_columns(some))
    assert "infinite values in this column has changed. [income]" in said(judged, "DRF001")
    assert judged.estimate("infinite_change", column="income").value == pytest.approx(0.2)
    finite = held(NOW.filter(ROW % 5 > 0), THEN, "DRF001").estimate("ks", column="income")
    assert judged.estimate("ks", column="income").value == pytest.approx(finite.value)
    healed = held(NOW, THEN.with_columns(some), "DRF001")
    assert healed.estimate("infinite_change", column="income").high < 0
    assert "-20 of 100 rows" in said(healed, "DRF001")


def test_a_column_of_infinities_alone_cannot_be_compared_and_that_is_said() -> None:
    judged = held(NOW.with_columns(income=pl.lit(float("inf"))))
    assert "income (number, now no finite number)" in said(judged, "DRF001")
    assert "'income' is empty" in said(judged, "INP003")


def test_an_empty_text_is_a_value_and_a_missing_cell_is_none() -> None:
    i = ROW % 3 == 0
    judged = held(
        NOW.with_columns(city=pl.when(i).then(pl.lit("")).otherwise("city")),
        THEN.with_columns(city=pl.when(~i).then("city")),
    )
    words = said(judged, "DRF001")
    assert "values that the reference never had. [city]" in words
    assert "Among them ''" in words
    back = held(
        NOW.with_columns(city=pl.when(~i).then("city")),
        THEN.with_columns(city=pl.when(i).then(pl.lit("")).otherwise("city")),
        *DRIFT,
    )
    assert "'city' has many more missing cells" in said(back, "INP004")
    assert "changed since the reference. [city]" in said(back, "DRF001")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_a_changed_time_zone_is_named(zone: str) -> None:
    day = (START + pl.duration(hours=ROW % 24)).alias("day")
    now = NOW.with_columns(day).with_columns(pl.col("day").dt.replace_time_zone(zone))
    then = THEN.with_columns(day)
    judged = held(now, then)
    assert f"day (no zone, now {zone})" in said(judged, "DRF001")
    utc = then.with_columns(pl.col("day").dt.replace_time_zone("UTC"))
    assert f"day (UTC, now {zone})" in said(held(now, utc, "DRF001"), "DRF001")
    kept = plimsoll.profile(then, target="y", score="p", time="when")
    assert f"day (no zone, now {zone})" in said(held(now, kept, "DRF001"), "DRF001")
    same = held(now, now, "DRF001")
    assert "zone" not in said(same, "DRF001")


def test_the_same_moments_in_another_zone_have_not_moved() -> None:
    day = (START + pl.duration(hours=ROW % 24)).dt.replace_time_zone("UTC").alias("day")
    now = NOW.with_columns(day).with_columns(pl.col("day").dt.convert_time_zone("Asia/Tokyo"))
    judged = held(now, NOW.with_columns(day), "DRF001")
    assert judged.estimate("ks", column="day").value == 0
    assert "day (UTC, now Asia/Tokyo)" in said(judged, "DRF001")


@pytest.mark.parametrize("side", ["now", "then"])
def test_a_time_column_that_is_text_on_one_side_breaks_nothing(side: str) -> None:
    text = pl.col("when").cast(pl.String)
    now = NOW.with_columns(text) if side == "now" else NOW
    then = THEN.with_columns(text) if side == "then" else THEN
    judged = held(now, then, *DRIFT)
    assert "'when' changed its type" in said(judged, "INP004")
    assert judged.has("ks", column="income")
    if side == "now":
        assert "time column holds fewer than two" in said(judged, "DRF005")


@pytest.mark.parametrize("side", ["now", "then"])
def test_times_that_are_all_infinite_or_missing_break_nothing(side: str) -> None:
    day = (ROW % 50).alias("when")
    for nothing in (pl.lit(float("inf")), pl.lit(None, pl.Float64)):
        gone = nothing.alias("when")
        judged = held(
            NOW.with_columns(gone if side == "now" else day),
            THEN.with_columns(gone if side == "then" else day),
            *DRIFT,
        )
        assert judged.has("ks", column="income")
        if side == "now":
            assert "'when' is empty" in said(judged, "INP003")
            assert "time column holds fewer than two" in said(judged, "DRF005")


def test_a_reference_whose_labels_are_all_missing_is_no_silent_pass() -> None:
    judged = held(NOW, THEN.with_columns(y=pl.lit(None, pl.Int64)))
    assert "UNSURE: The labels cannot be compared" in said(judged, "DRF002")
    assert judged["DRF004"].status is Status.NOT_APPLICABLE
    assert "no row of the reference has both a label and an answer" in said(judged, "DRF004")


def test_a_window_of_three_rows_says_how_little_it_tells() -> None:
    judged = held(NOW.head(3))
    assert "too few rows to say whether these columns changed" in said(judged, "DRF001")
    assert "too few rows to say whether the scores changed" in said(judged, "DRF002")
    assert "needs 50 rows" in said(judged, "DRF003")
    for code in ("DRF001", "DRF002", "DRF004", "DRF005"):
        assert not judged.findings(code, Status.FAIL)


@pytest.mark.parametrize("side", ["now", "then"])
def test_a_table_without_rows_is_a_clear_error(side: str) -> None:
    now, then = (NOW.head(0), THEN) if side == "now" else (NOW, THEN.head(0))
    with pytest.raises(DataError, match="at least one row but has none"):
        held(now, then)


@pytest.mark.parametrize(("version", "word"), [(2, "newer"), (0, "older")])
def test_a_profile_of_another_format_is_a_clear_error(
    tmp_path: Path, version: int, word: str
) -> None:
    path = plimsoll.profile(THEN, target="y", score="p").write(tmp_path / "ref.plimsoll")
    data = path.read_bytes()
    head = data[:4] + struct.pack("<H", version) + data[6:14]
    path.write_bytes(seal(head, data[14 + 32 :]))
    with pytest.raises(RecordError, match=f"{word} than the format 1"):
        held(NOW, path)


def test_a_damaged_profile_is_a_clear_error(tmp_path: Path) -> None:
    path = plimsoll.profile(THEN, target="y", score="p").write(tmp_path / "ref.plimsoll")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(PlimsollError, match="damaged or cut short"):
        held(NOW, path)


def test_a_profile_without_a_target_still_tells_drift_of_columns() -> None:
    kept = plimsoll.profile(THEN.drop("y", "p"))
    judged = held(NOW.with_columns(pl.col("income") + 2), kept)
    assert "changed since the reference. [income]" in said(judged, "DRF001")
    assert "neither labels nor answers" in said(judged, "DRF002")
    assert "no labels and answers" in said(judged, "DRF004")


def test_a_profile_of_other_columns_is_named_column_by_column() -> None:
    other = THEN.select(pl.all().name.suffix("_old"))
    kept = plimsoll.profile(other, target="y_old", score="p_old", time="when_old")
    judged = held(NOW, kept)
    assert "'income' is not in the reference" in said(judged, "INP004")
    assert "'income_old' of the reference is gone" in said(judged, "INP004")
    assert "no input column is in both" in said(judged, "DRF001")


@pytest.mark.parametrize("case", ["text to number", "text to list", "three rows", "no value"])
def test_ugly_tables_against_a_profile_break_nothing(case: str) -> None:
    kept = plimsoll.profile(THEN, target="y", score="p", time="when")
    if case == "three rows":
        assert "too few rows" in said(held(NOW.head(3), kept), "DRF001")
        return
    column = pl.lit(None, pl.Int64).alias("age") if case == "no value" else TYPES[case][0]
    assert LOST in said(held(NOW.with_columns(column), kept), "DRF001")


@pytest.mark.parametrize("rows", [300, 3])
def test_rows_without_labels_and_of_another_type_break_nothing(rows: int) -> None:
    now = NOW.drop("y").head(rows).with_columns(TYPES["text to number"][0])
    assert "city (text, now number)" in said(held(now), "DRF001")
