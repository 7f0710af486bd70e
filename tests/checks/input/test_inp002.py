"""INP002: a repeated id stops the run, or is reported where it is to be kept."""

from __future__ import annotations

import polars as pl
import pytest

from plimsoll.core.errors import DataError
from plimsoll.core.finding import Status
from plimsoll.core.record import Verdict
from worlds.judging import judge
from worlds.planted import stated


def repeated(n: int = 300) -> pl.DataFrame:
    frame = stated(n, 1).with_row_index("id")
    return pl.concat([frame, frame.head(3), frame.head(1)])


def test_unique_ids_pass() -> None:
    judged = judge(stated(300).with_row_index("id"), "INP002", target="y", score="p", id="id")
    assert judged["INP002"].status is Status.PASS


def test_repeated_ids_stop_the_run() -> None:
    with pytest.raises(DataError, match="4 rows repeat an id") as error:
        judge(repeated(), "INP002", target="y", score="p", id="id")
    assert 'duplicate_ids = "keep"' in str(error.value)


def test_repeated_ids_that_are_kept_are_critical() -> None:
    judged = judge(repeated(), "INP002", target="y", score="p", id="id", duplicate_ids="keep")
    (finding,) = judged["INP002"].findings
    assert finding.status is Status.FAIL
    assert finding.critical
    assert "4 rows repeat" in finding.meaning
    assert judged.verdict is Verdict.FAIL


def test_rows_of_a_named_group_may_share_an_id() -> None:
    judged = judge(
        repeated(), "INP002", target="y", score="p", id="id", group="id", duplicate_ids="keep"
    )
    assert not judged["INP002"].findings[0].critical
    assert judged.verdict is Verdict.PASS


@pytest.mark.parametrize("kind", [pl.Int64, pl.Int32, pl.Float64, pl.String])
def test_ids_of_any_kind_are_told_apart(kind: type[pl.DataType]) -> None:
    frame = repeated().with_columns(pl.col("id").cast(pl.Int64).cast(kind))
    judged = judge(frame, "INP002", target="y", score="p", id="id", duplicate_ids="keep")
    assert "4 rows repeat" in judged["INP002"].findings[0].meaning


def test_large_ids_that_floats_cannot_tell_apart_are_told_apart() -> None:
    frame = stated(100).with_columns(id=pl.int_range(100, dtype=pl.Int64) + 2**60)
    assert judge(frame, "INP002", target="y", score="p", id="id")["INP002"].status is Status.PASS


def test_without_an_id_it_is_skipped() -> None:
    assert judge(stated(50), "INP002", target="y", score="p")["INP002"].status is Status.SKIPPED
