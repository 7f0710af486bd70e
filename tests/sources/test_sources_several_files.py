"""Folders, globs and partitions: one table only where the files agree."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from plimsoll.sources import open_source

Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return a function that writes frames as the Parquet files of one folder."""

    def put(*frames: pl.DataFrame) -> Path:
        for i, frame in enumerate(frames):
            frame.write_parquet(tmp_path / f"f{i}.parquet")
        return tmp_path

    return put


def _of(values: list[object], dtype: pl.DataType | type[pl.DataType]) -> pl.DataFrame:
    return pl.DataFrame({"a": pl.Series(values, dtype=dtype)})


@pytest.mark.parametrize(
    ("one", "other", "dtype"),
    [
        (_of([1], pl.Int32), _of([2], pl.Int32), pl.Int32),
        (_of([1], pl.Int32), _of([2], pl.Int64), pl.Int64),
        (_of([1], pl.UInt8), _of([-2], pl.Int8), pl.Int64),
        (_of([2**64 - 1], pl.UInt64), _of([2], pl.Int64), pl.UInt64),
        (_of([1], pl.Int64), _of([2.5], pl.Float64), pl.Float64),
        (_of([1.5], pl.Float32), _of([2.5], pl.Float64), pl.Float64),
        (_of([None], pl.Null), _of([2], pl.Int64), pl.Int64),
        (_of(["x"], pl.Categorical), _of(["y"], pl.String), pl.String),
        (_of([1], pl.Int64), _of([], pl.Int64), pl.Int64),
        (
            _of([dt.datetime(2020, 1, 1)], pl.Datetime("ms")),
            _of([dt.datetime(2020, 1, 1)], pl.Datetime("us")),
            pl.Datetime("us"),
        ),
    ],
)
def test_types_widen_where_nothing_is_lost(one, other, dtype, folder, read) -> None:
    frame = read(folder(one, other))
    assert frame.schema["a"] == dtype
    wanted = one["a"].cast(dtype).to_list() + other["a"].cast(dtype).to_list()
    assert sorted(map(str, frame["a"])) == sorted(map(str, wanted))


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (_of([1], pl.Int64), _of(["2"], pl.String), ("whole numbers (Int64)", "text (String)")),
        (_of([True], pl.Boolean), _of([2], pl.Int64), ("true/false", "whole numbers")),
        (_of([dt.date(2020, 1, 1)], pl.Date), _of(["x"], pl.String), ("dates", "text")),
        (_of([2**60], pl.Int64), _of([2.5], pl.Float64), ("too large", "f0.parquet")),
        (_of([2**64 - 1], pl.UInt64), _of([-2], pl.Int64), ("too large", "f0.parquet")),
    ],
)
def test_types_that_do_not_agree_are_refused_by_name(one, other, words, folder, refused) -> None:
    message = refused(folder(one, other))
    assert "column 'a' must have one type in all files" in message
    assert all(word in message for word in words)
    if "too large" not in message:
        assert "f0.parquet" in message
        assert "f1.parquet" in message


def test_a_column_missing_in_one_file_is_refused(folder, refused) -> None:
    one, other = pl.DataFrame({"a": [1], "income": [2]}), pl.DataFrame({"a": [1], "incme": [2]})
    message = refused(folder(one, other))
    assert "column 'income'" in message
    assert message.endswith("Did you mean 'incme'?")
    assert "missing in" in refused(folder(one, one.drop("income")))
    assert "missing in" in refused(folder(one.drop("income"), one))


def test_the_order_of_columns_does_not_matter(folder, read) -> None:
    frame = pl.DataFrame({"a": [1], "b": ["x"]})
    assert read(folder(frame, frame.select("b", "a"))).rows() == [(1, "x"), (1, "x")]


def test_csv_files_may_differ_in_their_dialect(read, write) -> None:
    write("d/one.csv", "a;b\n1;x\n")
    write("d/two.csv", "b,a\ny,2.5\n")
    path = write("d/three.csv", 'a,b\n"",z\n')
    frame = read(path.parent, by="b")
    assert frame.rows() == [(1.0, "x"), (2.5, "y"), (None, "z")]


def test_csv_files_of_different_types_are_refused(refused, write) -> None:
    write("d/one.csv", "a\n1\n")
    path = write("d/two.csv", "a\nx\n")
    message = refused(path.parent)
    assert "one.csv" in message
    assert "two.csv" in message
    assert "text (String)" in message


def test_folders_state_columns(read, write, tmp_path) -> None:
    for part, region, x in (("01", "EU%20West", 1), ("02", "__HIVE_DEFAULT_PARTITION__", 2)):
        where = tmp_path / f"part={part}" / f"region={region}"
        where.mkdir(parents=True)
        pl.DataFrame({"x": [x]}).write_parquet(where / "f.parquet")
    write("_SUCCESS", b"")
    write("part=01/.f.crc", b"1")
    frame = read(tmp_path, by="x")
    assert frame.to_dict(as_series=False) == {
        "x": [1, 2],
        "part": [1, 2],
        "region": ["EU West", None],
    }
    for pattern in ("part=*/region=*/*.parquet", "**/*.parquet", "part=*"):
        assert read(tmp_path / pattern, by="x").rows() == frame.rows()
    source = open_source(tmp_path)
    assert sum(batch.height for batch in source.batches(["part"], 10)) == 2
    assert open_source(tmp_path / "part=01").schema.names() == ["x", "region"]


def test_a_stray_file_beside_partitions_is_refused(refused, tmp_path) -> None:
    (tmp_path / "part=1").mkdir()
    pl.DataFrame({"x": [1]}).write_parquet(tmp_path / "part=1" / "f.parquet")
    pl.DataFrame({"x": [1]}).write_parquet(tmp_path / "g.parquet")
    assert "folders that state the same columns" in refused(tmp_path)


def test_globs_take_every_kind_and_signs_of_a_glob_may_stand_in_a_name(read, tmp_path) -> None:
    where = tmp_path / "a[1]*"
    where.mkdir()
    frame = pl.DataFrame({"x": [1, 2]})
    frame.write_parquet(where / "t[0].parquet")
    frame.write_csv(where / "t[0].csv")
    frame.write_ipc(where / "t[0].arrow")
    frame.write_ndjson(where / "t[0].jsonl")
    for end in ("parquet", "csv", "arrow", "jsonl"):
        assert read(where / f"t[0].{end}", by="x")["x"].to_list() == [1, 2]
        assert read(tmp_path / f"a*/*.{end}", by="x")["x"].to_list() == [1, 2]


@pytest.mark.parametrize("end", [0.5, 0.99])
def test_a_parquet_file_cut_off_names_itself(end, folder, refused) -> None:
    path = folder(*(pl.DataFrame({"x": range(1000)}) for _ in range(3))) / "f1.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * end)])
    message = refused(path.parent)
    assert "f1.parquet' must be a whole Parquet file" in message


def test_a_parquet_page_that_is_broken_names_its_file_while_rows_are_read(folder, refused) -> None:
    frame = pl.DataFrame({"x": [f"some text {i % 300}" for i in range(20_000)]})
    path = folder(frame, frame, frame)
    frame.write_parquet(path / "f1.parquet", compression="snappy")
    content = bytearray((path / "f1.parquet").read_bytes())
    content[100:1500] = bytes(1400)
    (path / "f1.parquet").write_bytes(content)
    source = open_source(path)  # the footer is whole
    assert source.rows == 60_000
    assert "f1.parquet' must be a whole Parquet file" in refused(lambda: source)


@pytest.mark.parametrize("end", ["arrow", "feather"])
def test_an_arrow_file_cut_off_is_refused(end, refused, tmp_path) -> None:
    frame = pl.DataFrame({"x": range(1000)})
    path = tmp_path / f"t.{end}"
    for writer in (frame.write_ipc, frame.write_ipc_stream):
        writer(path)
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        assert "cut off" in refused(path)
        path.write_bytes(whole[:-8])
        assert "cut off" in refused(path)


def test_all_files_empty_is_an_empty_table(folder, refused) -> None:
    assert "has none" in refused(folder(_of([], pl.Int64), _of([], pl.Int64)))
