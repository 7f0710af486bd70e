"""CSV: types from every cell, dialects found and said, and the line that is wrong."""

from __future__ import annotations

import datetime as dt
import gzip
import math

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from plimsoll.sources import open_source

LATE = 70_000
"""More rows than any batch in which types are learned."""


@pytest.mark.parametrize(
    ("cells", "dtype", "values"),
    [
        ("1\n-2\n+3\n", pl.Int64, [1, -2, 3]),
        ("1\n2.5\n", pl.Float64, [1.0, 2.5]),
        ("1e5\n2\n", pl.Float64, [1e5, 2.0]),
        ("0.5\n,\n", pl.Float64, [0.5, None]),
        ("0.5\ninf\n", pl.Float64, [0.5, math.inf]),
        ("1\nx\n", pl.String, ["1", "x"]),
        ("1_000\n", pl.String, ["1_000"]),
        ("NA\n1\n", pl.Int64, [None, 1]),
        ("NA\nNorway\n", pl.String, ["NA", "Norway"]),
        ("NA\nNA\n", pl.String, ["NA", "NA"]),
        ('""\n"1"\n', pl.Int64, [None, 1]),
        ('""\nx\n', pl.String, ["", "x"]),
        (",\n,\n", pl.Null, [None, None]),
        (" 1\n2 \n", pl.Int64, [1, 2]),
        ("True\nFALSE\nNA\n", pl.Boolean, [True, False, None]),
        ("true\n1\n", pl.String, ["true", "1"]),
        ("2016-07-01\nNA\n", pl.Date, [dt.date(2016, 7, 1), None]),
        ("16-07-01\n", pl.String, ["16-07-01"]),
        ("2016-02-30\n", pl.String, ["2016-02-30"]),
        ("2016-07-01 10:00\n", pl.Datetime("us"), [dt.datetime(2016, 7, 1, 10)]),
        (
            "2016-07-01T10:00:00.5\n",
            pl.Datetime("us"),
            [dt.datetime(2016, 7, 1, 10, 0, 0, 500_000)],
        ),
        (
            "2016-07-01T10:00:00+02:00\n",
            pl.Datetime("us", "UTC"),
            [dt.datetime(2016, 7, 1, 8, tzinfo=dt.UTC)],
        ),
        ("18446744073709551615\n1\n", pl.UInt64, [2**64 - 1, 1]),
        ("18446744073709551615\n-1\n", pl.String, ["18446744073709551615", "-1"]),
        ("184467440737095516150\n1\n", pl.String, ["184467440737095516150", "1"]),
        ("184467440737095516150\n1.5\n", pl.Float64, [184467440737095516150.0, 1.5]),
    ],
)
def test_the_type_is_that_of_all_cells(cells, dtype, values, read, write) -> None:
    lines = cells.splitlines()
    table = "k,v\n" + "".join(
        f"{i},{'' if cell == ',' else cell}\n" for i, cell in enumerate(lines)
    )
    frame = read(write("t.csv", table), by="k")
    assert frame.schema["v"] == dtype
    assert frame["v"].to_list() == values


def test_nan_in_a_column_of_numbers_is_nan_and_an_empty_cell_is_missing(read, write) -> None:
    frame = read(write("t.csv", "k,v\n0,1.5\n1,NaN\n2,\n"), by="k")
    assert_frame_equal(frame, pl.DataFrame({"k": [0, 1, 2], "v": pl.Series([1.5, math.nan, None])}))


@pytest.mark.parametrize(
    ("last", "dtype"),
    [("1.5", pl.Float64), ("x", pl.String), ("NaN", pl.Float64), ("NA", pl.Int64), ("", pl.Int64)],
)
def test_the_last_cell_counts_as_much_as_the_first(last, dtype, read, write) -> None:
    path = write("t.csv", "a,b\n" + "7,0\n" * LATE + f"{last},0\n")
    frame = read(path, rows=50_000)
    assert frame.schema["a"] == dtype
    assert frame.height == LATE + 1


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("a;b\n1,5;x\n2,25;y\n", ("semicolons", "decimal comma")),
        ("a\tb\n1\tx\n", ("tabs",)),
        ("a|b\n1|x\n", ("bars",)),
        ("0,1\n0.1,0.9\n", ("only numbers",)),
        ("a,b\n007,x\n", ("leading zeros",)),
        ("a,b\nNA,x\n1,y\n", ("read as missing, in 1 of",)),
        ("a,b\n1,x\n", ()),
    ],
)
def test_what_was_taken_for_granted_is_said(header, said, write) -> None:
    source = open_source(write("t.csv", header))
    assert len(source.said) == len(said)
    assert all(word in sentence for word, sentence in zip(said, source.said, strict=True))
    assert len(source.schema) == 2


def test_a_comma_that_may_mean_thousands_is_no_decimal_comma(read, write) -> None:
    frame = read(write("t.csv", "a;b\n1,500;x\n2,250;y\n"))
    assert frame.schema["a"] == pl.String
    mixed = read(write("u.csv", "a;b\n1.5;x\n2,25;y\n"))
    assert mixed.schema["a"] == pl.String


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_an_encoding_that_the_file_states_is_read(encoding, read, write) -> None:
    frame = read(write("t.csv", "größe,名前\n1,é\n".encode(encoding)))
    assert frame.to_dict(as_series=False) == {"größe": [1], "名前": ["é"]}


def test_line_ends_quotes_and_blank_lines_are_no_rows(read, write) -> None:
    content = b'\r\na,b\r\n"x\r\n\r\ny",1\r\n\r\n"q""q",\r\n\r\n\r\n'
    frame = read(write("t.csv", content), by="b")
    assert frame.rows() == [("x\r\n\r\ny", 1), ('q"q', None)]
    packed = read(write("t.csv.gz", gzip.compress(content)), by="b")
    assert_frame_equal(packed, frame)


@pytest.mark.parametrize("rows", ['"x, y",1,\n', "x,1,\n", '"say ""hi"", y",1,\n', 'a "b" c,1,\n'])
def test_an_empty_last_cell_is_a_missing_one(rows, read, write) -> None:
    frame = read(write("t.csv", "t,k,last\n" + rows * 3 + "z,2,5\n"))
    assert frame["last"].to_list() == [None, None, None, 5]
    assert frame["t"].n_unique() == 2


def test_a_blank_line_of_a_table_of_one_column_is_a_missing_cell(read, write) -> None:
    assert read(write("t.csv", "a\n1\n\n3\n"))["a"].to_list() == [1, None, 3]


def test_columns_without_a_name_go_by_their_position(read, write) -> None:
    assert read(write("t.csv", ",b,\n1,2,3\n")).columns == ["column_1", "b", "column_3"]


def test_a_cell_of_a_million_signs_is_read(read, write) -> None:
    frame = read(write("t.csv", "a,b\n" + "x" * 1_000_000 + ",1\ny,\n"), by="b")
    assert frame["a"].str.len_chars().to_list() == [1_000_000, 1]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "zero bytes"),
        (b"\n \n", "holds no text"),
        (b"a,b\n", "has none"),
        (b"a,b", "has none"),
        (b"a,a,b\n1,2,3\n", "'a' stands 2 times"),
        (b",column_1\n1,2\n", "'column_1' stands 2 times"),
        (b"sep=;\na;b\n1;2\n", "remove that line"),
        (b'a,b\n"x,y",1\n"x,y\n', "line 3 opens a quote"),
        (b'a,b,c\n"x,y",1,\n"x,y",1\n', "line 3 has 2 fields where the header has 3"),
        (b"a,b\n1,2\n3,4,5\n6,7\n", "line 3 has 3 fields where the header has 2"),
        (b"a,b,c\n1,2,3\n4,5\n6,7,8\n", "line 3 has 2 fields where the header has 3"),
        (b'a,b\n"x\ny",1\n\n2\n', "line 5 has 1 field where the header has 2"),
        (b'a,b\n"1,2\n3,4\n', "line 2 opens a quote that is never closed"),
        (b'a,b\n"x"y,2\n', "line 2 goes on after a closing quote"),
        (b'a,b\n1,2\n5" pipe,2\n6 pipe,3\n', "line 3 holds a lone quote"),
        (b"a,b\r1,2\r", "with CR alone"),
        (b"a,b\n1,caf\xe9\n", "line 2 holds bytes that are not; save it as UTF-8"),
        (b"a,b\n" + b"1,2\n" * 300_000 + b"1,\xe9\n", "line 300002 holds bytes"),
        ("a,b\n1,2\n".encode("utf-16-le"), "UTF-16 without a byte order mark"),
        ("a,b\n1,2\n".encode("utf-16")[:-1], "in UTF-16 as its first bytes say"),
        (b"PAR1xxxxPAR1", "its bytes are Parquet"),
        (b"\x1f\x8bxxxx", "its bytes are gzip"),
        (b"PK\x03\x04xxxx", "an Excel workbook"),
    ],
)
def test_a_broken_file_is_refused_in_one_sentence(content, expected, refused, write) -> None:
    message = refused(write("t.csv", content))
    assert expected in message
    assert "pipe" not in message  # no cell stands in a message
    assert message.startswith("Data '")


@pytest.mark.parametrize("cut", [-1, -9, 30, 6])
def test_a_gzip_file_that_is_cut_off_is_refused(cut, refused, write) -> None:
    whole = gzip.compress(b"a,b\n" + b"1,2\n" * 100_000)
    assert "cannot be unpacked to its end" in refused(write("t.csv.gz", whole[:cut]))


def test_a_zstandard_file_that_is_damaged_is_refused(refused, write) -> None:
    zstandard = pytest.importorskip("zstandard")
    packer = zstandard.ZstdCompressor(write_checksum=True)
    whole = packer.compress(b"a,b\n" + b"1,2\n" * 100_000)
    assert "cannot be unpacked" in refused(write("t.csv.zst", whole[:-3]))
    assert "cannot be unpacked" in refused(write("u.csv.zst", whole[:20] + b"??" + whole[22:]))
    assert "its bytes are not zstd" in refused(write("v.csv.zst", b"a,b\n1,2\n"))
    ragged = zstandard.compress(b"a,b\n1,2\n1,2,3\n")
    assert "line 3 has 3 fields" in refused(write("w.csv.zst", ragged))


def test_joined_gzip_members_are_read_to_the_last(read, write) -> None:
    content = gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"3,4\n")
    assert read(write("t.csv.gz", content), by="a")["a"].to_list() == [1, 3]


def test_the_role_words_the_message(refused, write) -> None:
    path = write("t.csv", b"")
    assert refused(path, role="reference").startswith("Reference data '")
    assert refused(path, role="labels").startswith("Labels '")
