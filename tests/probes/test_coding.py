"""What a cut is on given rows: values, ranges, conditions, the rare and the missing."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from plimsoll.core.batch import LOSS, Batch
from plimsoll.core.slicing import Cut
from plimsoll.core.subject import Roles, Subject, Task
from plimsoll.probes.coding import Coded, Coding, coding, condition_columns, ranges
from plimsoll.tallies.distribution import Distribution
from plimsoll.tallies.histogram import Histogram

SUBJECT = Subject("made", Task.BINARY, Roles(), ("0", "1"))


def learn(cut: Cut, series: pl.Series) -> Coding:
    batch = Batch(series.alias("x").to_frame(), SUBJECT)
    return coding(cut, Distribution("x").of(batch).settle())


def said(cut: Cut, series: pl.Series) -> list[str]:
    found = learn(cut, series)
    return [found.labels[code] for code in found.codes(series.alias("x").to_frame())]


def test_frequent_texts_are_slices_and_the_others_one() -> None:
    series = pl.Series(["a"] * 5 + ["b"] * 3 + ["c"] + [None])
    assert said(Cut("x", min_rows=2), series) == ["a"] * 5 + ["b"] * 3 + ["other values", "missing"]
    assert said(Cut("x", most=1, min_rows=1), series)[5:9] == ["other values"] * 4


def test_a_text_that_was_never_seen_is_among_the_others() -> None:
    found = learn(Cut("x", min_rows=1), pl.Series(["a", "b"]))
    assert [found.labels[c] for c in found.codes(pl.DataFrame({"x": ["b", "z", None]}))] == [
        "b", "other values", "missing",
    ]  # fmt: skip


def test_few_numbers_are_values_and_many_are_ranges() -> None:
    assert said(Cut("x"), pl.Series([1, 2, 2, None])) == ["1", "2", "2", "missing"]
    many = said(Cut("x", bins=2), pl.Series(np.arange(100.0)))
    assert sorted(set(many)) == ["50 or more", "below 50"]
    assert many.count("below 50") == 50


def test_given_edges_win_and_a_bin_holds_its_lower_edge() -> None:
    assert said(Cut("x", edges=(30.0, 60.0)), pl.Series([29.9, 30.0, 59.0, 60.0, float("nan")])) == [
        "below 30", "30 to below 60", "30 to below 60", "60 or more", "missing",
    ]  # fmt: skip


def test_dates_are_cut_and_named_as_dates() -> None:
    days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 4, 9), eager=True)
    names = set(said(Cut("x", bins=2), days))
    assert len(names) == 2
    assert any("2024-02" in name for name in names)


def test_truth_values_and_a_column_without_values() -> None:
    assert said(Cut("x", min_rows=1), pl.Series([True, False, None])) == [
        "true",
        "false",
        "missing",
    ]
    empty = pl.Series([None, None], dtype=pl.Float64)
    assert set(said(Cut("x"), empty)) <= {"missing", "other values"}


def test_a_condition_holds_or_not_and_a_missing_cell_does_not() -> None:
    cut = Cut("old", condition="age > 60 and town = 'a'")
    frame = pl.DataFrame({"age": [70, 70, 50, None], "town": ["a", "b", "a", "a"]})
    assert coding(cut, None).codes(frame).tolist() == [1, 0, 0, 0]
    assert condition_columns(cut.condition) == ("age", "town")


def test_bins_by_tree_part_where_the_loss_changes() -> None:
    x = np.arange(1000.0)
    loss = (x > 700).astype(float)
    batch = Batch(pl.DataFrame({"x": x, LOSS: loss}), SUBJECT)
    cells = Histogram("x", sums=(LOSS,), cells=4096, exact_cells=4096).of(batch).settle()
    found = coding(Cut("x", bins=2, binning="tree"), Distribution("x").of(batch).settle(), cells)
    assert len(found.edges) == 1
    assert found.edges[0] == pytest.approx(700, abs=2)


def test_every_cut_has_a_column_of_its_own() -> None:
    cuts = (Cut("x"), Cut("x", bins=3), Cut("y"))
    assert len({cut.key for cut in cuts}) == 3
    assert set(Coded(cuts).needs()) == {"values of x", "values of y"}
    assert Coded(cuts).reads() == ("x", "y")


def test_ranges_are_said_in_words() -> None:
    assert ranges(()) == ("any",)
    assert ranges((0.5,)) == ("below 0.5", "0.5 or more")


def test_bins_of_many_days_begin_at_midnight() -> None:
    hours = pl.datetime_range(
        pl.datetime(2025, 1, 1), pl.datetime(2025, 12, 31), "7h13m", eager=True
    )
    labels = set(said(Cut("x", bins=4), hours))
    assert len(labels) == 4
    assert not any("T" in label for label in labels), labels
