"""From names in the settings to cuts of columns: each way once, and nothing guessed."""

from __future__ import annotations

import polars as pl
import pytest

from plimsoll.core.errors import DataError, SettingsError
from plimsoll.core.limit import Limit
from plimsoll.core.settings import parse_settings
from plimsoll.engine.slicing import check_conditions, sensitive_sets, slice_sets
from worlds.judging import judge

SCHEMA = pl.Schema(
    {"region": pl.String, "age": pl.Int64, "a*b": pl.String, "tags": pl.List(pl.String)}
)


def sets(**columns: object) -> list[str]:
    settings = parse_settings({"columns": {"slice_by": columns.pop("by", [])}, "slices": columns})
    return [one.name for one in slice_sets(settings, SCHEMA, ())]


def test_columns_crossings_and_conditions_are_sets() -> None:
    found = sets(by=["region", "region * age"], named={"old": "age > 60"})
    assert found == ["region", "region*age", "old"]


def test_all_columns_are_crossed_where_that_is_asked_for() -> None:
    assert sets(by=["region", "age", "a*b"], cross=2) == [
        "region", "age", "a*b", "region*age", "region*a*b", "age*a*b",
    ]  # fmt: skip


def test_a_crossing_is_the_same_in_any_order_and_stands_once() -> None:
    assert sets(by=["region*age", "age*region"]) == ["region*age"]


def test_limits_bring_their_own_slices() -> None:
    settings = parse_settings({})
    limits = [Limit("recall", "min", 0.5, "slices", by=("region",))]
    assert [one.name for one in slice_sets(settings, SCHEMA, limits)] == ["region"]
    limits = [Limit("selection_rate_ratio", "min", 0.8, "fairness", by=("region*age",))]
    assert [one.name for one in sensitive_sets(settings, SCHEMA, limits)] == ["region*age"]


def test_protected_columns_are_crossed_by_two() -> None:
    settings = parse_settings({"columns": {"sensitive": ["region", "age"]}})
    assert [one.name for one in sensitive_sets(settings, SCHEMA, ())] == [
        "region",
        "age",
        "region*age",
    ]


@pytest.mark.parametrize(
    ("by", "said"),
    [
        (["regoin"], "Did you mean 'region'"),
        (["region*region"], "two or three different columns"),
        (["region*age*a*b"], "neither a column|two or three"),
        (["tags"], "holds List"),
    ],
)
def test_a_name_that_is_nothing_is_refused(by: list[str], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        sets(by=by)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("age >", "is none"),
        ("agee > 3", "Did you mean 'age'"),
        ("age > avg(age)", "looks at other rows"),
        ("1 = 1", "names no column"),
        ("select * from x", "is none"),
    ],
)
def test_a_condition_that_is_not_of_one_row_is_refused(condition: str, said: str) -> None:
    settings = parse_settings({"slices": {"named": {"old": condition}}})
    with pytest.raises(SettingsError, match=said):
        check_conditions(settings.slices, SCHEMA)


def test_edges_must_rise_and_be_of_a_column() -> None:
    for edges, said in (({"age": [60, 30]}, "must rise"), ({"ago": [1]}, "Did you mean 'age'")):
        settings = parse_settings({"slices": {"edges": edges}})
        with pytest.raises(SettingsError, match=said):
            check_conditions(settings.slices, SCHEMA)


def test_a_condition_that_compares_a_text_with_a_number_ends_in_one_sentence() -> None:
    frame = pl.DataFrame({"y": [0, 1] * 20, "p": [0.2, 0.8] * 20, "town": ["a", "b"] * 20})
    with pytest.raises((SettingsError, DataError), match="condition"):
        judge(frame, "SLC001", target="y", score="p", named={"far": "town + 1"})
