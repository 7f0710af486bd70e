"""INP001: every row is counted, with the reason why it was left out."""

from __future__ import annotations

import polars as pl
import pytest

from plimsoll.core.errors import DataError
from plimsoll.core.finding import Status
from worlds.judging import judge
from worlds.planted import stated


def gaps(labels: int, answers: int, n: int = 200) -> pl.DataFrame:
    """The first rows lack a label, the last an answer."""
    i = pl.int_range(n)
    return stated(n, 1).with_columns(
        y=pl.when(i >= labels).then("y"), p=pl.when(i < n - answers).then("p")
    )


def test_whole_tables_raise_nothing() -> None:
    judged = judge(gaps(0, 0), "INP001", target="y", score="p")
    assert judged["INP001"].status is Status.PASS
    assert not judged["INP001"].findings
    assert judged.estimate("left_out_rate").value == 0


def test_rows_without_a_label_are_counted_and_left_out() -> None:
    judged = judge(gaps(6, 0), "INP001", target="y", score="p")
    assert judged["INP001"].status is Status.PASS
    assert (
        "6 of 200 rows were left out (6 with label missing)" in judged["INP001"].findings[0].meaning
    )
    assert (judged.scan.rows, judged.scan.rows_used) == (200, 194)
    assert judged.scan.left_out == {"label missing": 6}


def test_many_rows_left_out_make_it_unsure() -> None:
    judged = judge(gaps(30, 10), "INP001", target="y", score="p", missing_scores="leave_out")
    assert judged["INP001"].status is Status.UNSURE
    assert judged.estimate("left_out_rate").value == pytest.approx(0.2)
    rows = dict(judged["INP001"].tables[0].rows)
    assert rows == {
        "rows read": 200,
        "rows judged": 160,
        "left out: label missing": 30,
        "left out: score or prediction missing": 10,
    }


def test_a_row_without_both_counts_once_by_its_label() -> None:
    frame = stated(50, 2).with_columns(
        y=pl.when(pl.int_range(50) >= 5).then("y"), p=pl.when(pl.int_range(50) >= 8).then("p")
    )
    judged = judge(frame, "INP001", target="y", score="p", missing_scores="leave_out")
    assert judged.scan.left_out == {"label missing": 5, "score or prediction missing": 3}


def test_a_missing_answer_is_an_error_unless_it_is_meant() -> None:
    with pytest.raises(DataError, match=r"10 rows are empty.*leave_out"):
        judge(gaps(0, 10), "INP001", target="y", score="p")
