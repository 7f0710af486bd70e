"""FAR004: the three tables of New York City's Local Law 144, without a pass mark."""

from __future__ import annotations

import polars as pl
import pytest

from worlds.judging import Judged, judge

COUNTS = {
    ("Male", "White"): (60, 100),
    ("Female", "White"): (45, 100),
    ("Male", "Black"): (24, 50),
    ("Female", "Black"): (20, 50),
    ("Female", "Asian"): (1, 5),
}


def people(*, unknown: int = 0) -> pl.DataFrame:
    rows = [
        (sex, race, int(i < chosen))
        for (sex, race), (chosen, of) in COUNTS.items()
        for i in range(of)
    ]
    rows += [(None, "White", 1)] * unknown  # type: ignore[list-item]
    return pl.DataFrame(rows, schema=["sex", "race", "d"], orient="row").with_columns(y="d")


def audited(frame: pl.DataFrame, **flags: object) -> Judged:
    named = {"sensitive": ["sex", "race"], "sex": "sex", "race": "race"} | flags
    return judge(frame, "FAR004", target="y", prediction="d", **named)


def test_the_three_tables_hold_the_printed_quotients() -> None:
    by_sex, by_race, both = audited(people())["FAR004"].tables
    rows = {row[0]: row for row in by_sex.rows}
    assert rows["Male"][1:5] == (150, 84, pytest.approx(84 / 150), pytest.approx(1.0))
    assert rows["Female"][4] == pytest.approx((66 / 155) / (84 / 150))
    races = {row[0]: row for row in by_race.rows}
    assert races["Black"][4] == pytest.approx((44 / 100) / (105 / 200))
    crossed = {row[0]: row for row in both.rows}
    assert crossed["Male, White"][4] == pytest.approx(1.0)
    assert crossed["Female, Black"][4] == pytest.approx(0.4 / 0.6)


def test_it_passes_no_judgement_of_its_own() -> None:
    judged = audited(people())
    assert judged["FAR004"].findings == ()
    text = " ".join(str(cell) for t in judged["FAR004"].tables for row in t.rows for cell in row)
    assert "pass" not in text.lower() and "fail" not in text.lower()


def test_small_categories_and_unknown_people_are_counted_but_not_shown() -> None:
    by_sex, by_race, both = audited(people(unknown=7))["FAR004"].tables
    assert "7 people of unknown category" in by_sex.caption
    assert "Asian" not in {row[0] for row in by_race.rows}
    assert "fewer than 20 people (5 in all)" in by_race.caption
    assert "fewer than 20 people (5 in all)" in both.caption


def test_the_order_of_the_columns_does_not_change_the_tables() -> None:
    one = audited(people())["FAR004"].tables
    other = audited(people(), sensitive=["race", "sex"])["FAR004"].tables
    assert [t.rows for t in one] == [t.rows for t in other]


def test_without_the_two_columns_it_says_what_is_missing() -> None:
    judged = judge(people(), "FAR004", target="y", prediction="d", sensitive=["sex", "race"])
    assert "--audit-sex" in str(judged["FAR004"].reason)
