"""The same table gives the same rows through every format, in any order and any batches."""

from __future__ import annotations

import datetime as dt
import gzip
import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from plimsoll.core.errors import DataError
from plimsoll.sources import open_source

TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8),
    st.sampled_from(
        ['say "x", y', "two\nlines", "NA", "null", " padded ", "größe", "1;2", ",", '"']
    ),
)
FLOATS = st.floats(width=64, allow_nan=False, allow_infinity=False)
DAYS = st.dates(dt.date(1700, 1, 1), dt.date(2200, 1, 1))
MOMENTS = st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1))

TYPES = {
    "whole": pl.Int64(),
    "decimal": pl.Float64(),
    "text": pl.String(),
    "flag": pl.Boolean(),
    "day": pl.Date(),
    "moment": pl.Datetime("us"),
}


@st.composite
def tables(draw: st.DrawFn) -> pl.DataFrame:
    """Draw a table with a column of each type; the first row has no holes, so types can be told."""
    rows = draw(st.integers(0, 12))

    def column(first: st.SearchStrategy, one: st.SearchStrategy) -> list[object]:
        return [draw(first), *draw(st.lists(st.none() | one, min_size=rows, max_size=rows))]

    whole = st.integers(-(2**63), 2**63 - 1)
    # a number with a fraction in the first row: 1.0 is written as 1 by some
    fraction = FLOATS.filter(lambda x: not x.is_integer())
    word = TEXTS.map(lambda t: f"q{t}")
    return pl.DataFrame(
        {
            "id": range(rows + 1),
            "whole": column(whole, whole),
            "decimal": column(fraction, FLOATS),
            "text": column(word, TEXTS),
            "flag": column(st.booleans(), st.booleans()),
            "day": column(DAYS, DAYS),
            "moment": column(MOMENTS, MOMENTS),
        },
        schema={"id": pl.Int64(), **TYPES},
    )


def _csv(frame: pl.DataFrame, path: Path) -> Path:
    frame.write_csv(path.with_suffix(".csv"))
    return path.with_suffix(".csv")


def _crlf(frame: pl.DataFrame, path: Path) -> Path:
    path = path.with_suffix(".csv")
    frame.write_csv(path, line_terminator="\r\n", include_bom=True, quote_style="non_numeric")
    return path


def _tsv_gz(frame: pl.DataFrame, path: Path) -> Path:
    path = path.with_suffix(".tsv.gz")
    path.write_bytes(gzip.compress(frame.write_csv(separator="\t").encode()))
    return path


def _zst(frame: pl.DataFrame, path: Path) -> Path:
    zstandard = pytest.importorskip("zstandard")
    path = path.with_suffix(".csv.zst")
    path.write_bytes(zstandard.compress(frame.write_csv(separator=";").encode()))
    return path


def _utf16(frame: pl.DataFrame, path: Path) -> Path:
    path = path.with_suffix(".csv")
    path.write_bytes(frame.write_csv(separator="|").encode("utf-16"))
    return path


def _parquet(frame: pl.DataFrame, path: Path) -> Path:
    frame.write_parquet(path.with_suffix(".parquet"), row_group_size=3)
    return path.with_suffix(".parquet")


def _feather(frame: pl.DataFrame, path: Path) -> Path:
    frame.write_ipc(path.with_suffix(".feather"), compression="lz4")
    return path.with_suffix(".feather")


def _arrow_stream(frame: pl.DataFrame, path: Path) -> Path:
    frame.write_ipc_stream(path.with_suffix(".arrow"))
    return path.with_suffix(".arrow")


def _jsonl(frame: pl.DataFrame, path: Path) -> Path:
    frame.write_ndjson(path.with_suffix(".jsonl"))
    return path.with_suffix(".jsonl")


def _ndjson_gz(frame: pl.DataFrame, path: Path) -> Path:
    path = path.with_suffix(".ndjson.gz")
    path.write_bytes(gzip.compress(frame.write_ndjson().encode()))
    return path


def _folder(frame: pl.DataFrame, path: Path) -> Path:
    path.mkdir(exist_ok=True)
    half = frame.height // 2
    frame.head(half).write_parquet(path / "part-0.parquet")
    frame.tail(frame.height - half).write_parquet(path / "part-1.parquet")
    return path


def _pandas(frame: pl.DataFrame, path: Path) -> object:
    pytest.importorskip("pandas")
    return frame.to_pandas(use_pyarrow_extension_array=True)


def _pyarrow(frame: pl.DataFrame, path: Path) -> object:
    pytest.importorskip("pyarrow")
    return frame.to_arrow()


def _dict(frame: pl.DataFrame, path: Path) -> object:
    return frame.to_dict(as_series=False)


def _lazy(frame: pl.DataFrame, path: Path) -> object:
    return frame.lazy()


def _delta(frame: pl.DataFrame, path: Path) -> Path:
    pytest.importorskip("deltalake")
    frame.write_delta(path / "table", mode="overwrite")
    return path / "table"


FORMATS: dict[str, Callable[[pl.DataFrame, Path], object]] = {
    f.__name__.strip("_"): f
    for f in (
        *(
            _csv,
            _crlf,
            _tsv_gz,
            _zst,
            _utf16,
            _parquet,
            _feather,
            _arrow_stream,
            _jsonl,
            _ndjson_gz,
        ),
        *(_folder, _pandas, _pyarrow, _dict, _lazy),
    )
}


@pytest.mark.parametrize("form", FORMATS)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(frame=tables())
def test_a_table_is_the_same_through_every_format(form, frame, read, tmp_path) -> None:
    ref = FORMATS[form](frame, tmp_path / "table")
    assert_frame_equal(read(ref, by="id", rows=5), frame)


def test_a_delta_table_holds_what_was_written(read, tmp_path) -> None:
    frame = pl.DataFrame({"id": [1, 2, 3], "text": ["a", None, ""], "decimal": [0.5, None, 2.0]})
    assert_frame_equal(read(_delta(frame, tmp_path), by="id"), frame)


def test_a_database_answers_what_was_stored(read, tmp_path) -> None:
    pytest.importorskip("sqlalchemy")
    frame = pl.DataFrame({"id": [1, 2, 3], "text": ["a", None, ""], "decimal": [0.5, None, 2.0]})
    with sqlite3.connect(tmp_path / "t.db") as connection:
        connection.execute("CREATE TABLE t (id INTEGER, text TEXT, decimal REAL)")
        connection.executemany("INSERT INTO t VALUES (?, ?, ?)", frame.rows())
    url = f"sqlite:///{tmp_path / 't.db'}"
    assert_frame_equal(read(url, query="SELECT * FROM t", by="id"), frame)


def test_numpy_and_pandas_hold_the_same_numbers(read) -> None:
    pandas = pytest.importorskip("pandas")
    columns = {"id": np.arange(4), "x": np.array([0.5, 1.5, 2.5, 3.5]), "t": np.array(list("abcd"))}
    record = np.rec.fromarrays(list(columns.values()), names=list(columns))
    expected = read(columns)
    assert expected.schema == {"id": pl.Int64(), "x": pl.Float64(), "t": pl.String()}
    assert_frame_equal(read(record), expected)
    assert_frame_equal(read(pandas.DataFrame(columns)), expected)


@pytest.mark.parametrize("form", ["csv", "parquet", "feather", "jsonl", "lazy"])
@pytest.mark.parametrize("rows", [1, 7, 100, 10_000])
def test_every_row_comes_once_whatever_the_batch(form, rows, tmp_path) -> None:
    frame = pl.DataFrame({"id": range(1003), "x": [i / 7 for i in range(1003)]})
    source = open_source(FORMATS[form](frame, tmp_path / "table"))
    batches = list(source.batches(["id"], rows))
    assert all(0 < batch.height <= rows for batch in batches)
    assert all(batch.columns == ["id"] for batch in batches)
    assert sorted(pl.concat(batches)["id"].to_list()) == list(range(1003))


def test_shuffled_rows_have_the_same_types_and_values(read, tmp_path) -> None:
    lines = [
        f"{i},{i if i != 400 else 0.5},{'x' if i == 700 else i},{i % 2 == 0}" for i in range(1000)
    ]
    frames = []
    for seed in range(3):
        random.Random(seed).shuffle(lines)
        path = tmp_path / f"{seed}.csv"
        path.write_text("id,late_point,late_word,flag\n" + "\n".join(lines))
        frames.append(read(path, by="id"))
    assert frames[0].dtypes == [pl.Int64(), pl.Float64(), pl.String(), pl.Boolean()]
    assert_frame_equal(frames[0], frames[1])
    assert_frame_equal(frames[0], frames[2])


def test_several_iterators_run_side_by_side() -> None:
    source = open_source({"x": range(100)})
    pairs = zip(source.batches(["x"], 10), source.batches(["x"], 10), strict=True)
    assert sum(a.height + b.height for a, b in pairs) == 200


def test_batches_names_the_nearest_column() -> None:
    source = open_source({"income": [1], "age": [2]})
    with pytest.raises(DataError, match=r"'incme'.*Did you mean 'income'\?"):
        source.batches(["incme"], 10)
    with pytest.raises(ValueError, match="0 columns"):
        source.batches([], 10)
    with pytest.raises(ValueError, match="0 rows"):
        source.batches(["age"], 0)


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n3,4\n")
    source = open_source(path)
    path.write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="had 2 rows when it was opened but 1 were read"):
        list(source.batches(["a"], 10))
    path.write_text("a,b\n1,x\n3,4\n")
    with pytest.raises(DataError, match="changed meanwhile"):
        list(source.batches(["b"], 10))


def test_the_shipped_table_reads_alike_as_csv_and_parquet(read, tmp_path) -> None:
    path = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "adult_test.csv"
    if not path.exists():
        pytest.skip("the shared data are not here")
    frame = read(path)
    assert frame.height == 16_281
    assert frame.schema["age"] == pl.Int64
    assert frame.schema["workclass"] == pl.String
    frame.write_parquet(tmp_path / "adult.parquet")
    assert_frame_equal(read(tmp_path / "adult.parquet"), frame, check_row_order=False)
