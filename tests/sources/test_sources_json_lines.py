"""JSON lines: types from every line, and the line that is no object."""

from __future__ import annotations

import datetime as dt
import gzip

import polars as pl
import pytest

from plimsoll.sources import json_lines, open_source

MANY = b'{"a":1,"b":"2020-01-01"}\n' * 5_000
"""More lines than the blocks hold in which types are learned here."""


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch) -> None:
    monkeypatch.setattr(json_lines, "_BLOCK", 1 << 14)


@pytest.mark.parametrize(
    ("lines", "dtype", "values"),
    [
        (b'{"v":1}\n{"v":2.5}\n', pl.Float64, [1.0, 2.5]),
        (b'{"v":1}\n{"v":"x"}\n', pl.String, ["1", "x"]),
        (b'{"v":true}\n{"v":"x"}\n', pl.String, ["true", "x"]),
        (b'{"v":"1"}\n{"v":"2"}\n', pl.String, ["1", "2"]),
        (b'{"v":null}\n{"w":1}\n', pl.Null, [None, None]),
        (b'{"v":"2020-01-01"}\n{"v":""}\n', pl.Date, [dt.date(2020, 1, 1), None]),
        (b'{"v":2016}\n{"v":"2016-01-01"}\n', pl.String, ["2016", "2016-01-01"]),
        (b'\n{"v":1}\r\n\n\n{"v":2}', pl.Int64, [1, 2]),
        (b'\xef\xbb\xbf{"v":1}\n', pl.Int64, [1]),
        ('{"v":"é"}\n'.encode("utf-16"), pl.String, ["é"]),
        (b'{"v":[1,2]}\n{"v":[]}\n', pl.List(pl.Int64), [[1, 2], []]),
    ],
)
def test_the_type_is_that_of_all_lines(lines, dtype, values, read, write) -> None:
    frame = read(write("t.jsonl", lines))
    assert frame.schema["v"] == dtype
    assert frame["v"].to_list() == values


@pytest.mark.parametrize(
    ("last", "schema"),
    [
        (b'{"a":1.5}\n', {"a": pl.Float64, "b": pl.Date}),
        (b'{"a":"x"}\n', {"a": pl.String, "b": pl.Date}),
        (b'{"b":"x"}\n', {"a": pl.Int64, "b": pl.String}),
        (b'{"b":5}\n', {"a": pl.Int64, "b": pl.String}),
        (b'{"a":1,"\\u00e9":2}\n', {"a": pl.Int64, "b": pl.Date, "é": pl.Int64}),
        (b'{"a" : 1, "c" : null}\n', {"a": pl.Int64, "b": pl.Date, "c": pl.Null}),
    ],
)
def test_the_last_line_counts_as_much_as_the_first(last, schema, write) -> None:
    source = open_source(write("t.jsonl", MANY + last))
    assert source.schema == schema
    assert source.rows == 5_001


def test_a_quote_within_a_text_is_no_key(read, write) -> None:
    lines = '{"a":"x\\":1,\\"c\\":2"}\n' * 3
    assert read(write("t.jsonl", lines))["a"].to_list() == ['x":1,"c":2'] * 3


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (b'{"a":1}\n{"a":\n', "line 2 is not valid JSON"),
        (b'{"a":1}\n\n[1]\n', "line 3 holds something else"),
        (b'{"a":1}\nnull\n', "line 2 holds something else"),
        (b'{"a":1}{"a":2}\n', "line 1 is not valid JSON"),
        (b'{"a":NaN}\n', "line 1 holds NaN, which is not JSON"),
        (b'{"a":1e400}\n', "line 1 holds a number too large"),
        (b'[{"a":1},\n{"a":2}]\n', "is a JSON array"),
        (b'{"a":1}\n{"a":"\xe9"}\n', "line 2 holds bytes that are not"),
        (b'{"a":true}\n{"a":1}\n', "mixes true/false and numbers"),
        (b'{"a":[1]}\n{"a":1}\n', "column 'a' must hold values of one kind"),
        (MANY + b'{"a":false}\n', "mixes numbers and true/false"),
        (MANY + b'{"a":[1]}\n', "mixes numbers and lists"),
        (MANY + b'{"a":\n', "line 5001 is not valid JSON"),
        (b"\n\n", "at least one column"),
        (b"{}\n{}\n", "at least one column"),
        (b"hello there\n", "line 1 is not valid JSON"),
    ],
)
def test_a_broken_file_is_refused_in_one_sentence(lines, words, refused, write) -> None:
    message = refused(write("t.jsonl", lines))
    assert words in message
    assert "hello" not in message


def test_a_gzip_file_cut_off_is_refused(refused, write) -> None:
    whole = gzip.compress(b'{"a":1}\n' * 100_000)
    assert "cannot be unpacked" in refused(write("t.jsonl.gz", whole[:-9]))
