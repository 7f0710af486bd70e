"""What is not there, is not what it says, or is no table, is said in a sentence."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest

from plimsoll.sources import open_source


def test_a_missing_file_offers_the_nearest_name(refused, write) -> None:
    path = write("test.csv", "a\n1\n")
    assert refused(path.parent / "tset.csv").endswith("Did you mean 'test.csv'?")
    message = refused(path.parent / "nowhere" / "test.csv")
    assert f"the folder '{path.parent / 'nowhere'}' is not there" in message


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("t.xlsx", "ends in '.xlsx', which names no kind of table"),
        ("t.json", "Rename it to .jsonl"),
        ("noending", "has no ending"),
    ],
)
def test_an_unknown_ending_lists_the_known_ones(name, words, refused, write) -> None:
    message = refused(write(name, "{}"))
    assert words in message
    assert ".parquet" in message


def test_a_folder_without_a_table_is_refused(refused, write, tmp_path) -> None:
    (tmp_path / "empty").mkdir()
    assert "a folder that holds no file" in refused(tmp_path / "empty")
    assert "no file that is a table" in refused(write("docs/readme.md", "x").parent)
    assert "matches none" in refused(tmp_path / "*.csv")


def test_two_kinds_in_a_folder_are_refused(refused, write) -> None:
    path = write("d/a.csv", "a\n1\n")
    pl.DataFrame({"a": [1]}).write_parquet(path.parent / "b.parquet")
    assert "CSV and Parquet" in refused(path.parent)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("t.parquet", b"", "zero bytes"),
        ("t.arrow", b"", "zero bytes"),
        ("t.jsonl", b"", "zero bytes"),
        ("t.parquet", b"a,b\n1,2\n", "its bytes are not Parquet"),
        ("t.arrow", b"a,b\n1,2\n", "its bytes are not Arrow"),
        ("t.arrow", b"FEA1xxxx", "Feather version 1"),
        ("t.csv.gz", b"a,b\n1,2\n", "its bytes are not gzip"),
        ("t.jsonl", b"PAR1", "its bytes are Parquet"),
        ("t.parquet", b"PAR1", "must be a whole Parquet file"),
    ],
)
def test_a_file_must_be_what_its_name_says(name, content, words, refused, write) -> None:
    assert words in refused(write(name, content))


def test_a_file_that_may_not_be_read_is_refused(refused, write, monkeypatch) -> None:
    path = write("t.csv", "a\n1\n")
    real = Path.open

    def denied(self: Path, *args: object, **kwargs: object) -> object:
        if self == path:
            raise PermissionError(13, "Permission denied")
        return real(self, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "open", denied)
    assert "cannot be opened (Permission denied)" in refused(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_no_file(refused, tmp_path) -> None:
    os.mkfifo(tmp_path / "t.csv")
    assert "device or a pipe" in refused(tmp_path / "t.csv")


@pytest.mark.parametrize(
    ("ref", "words"),
    [
        ("", "is empty"),
        ("foo://x/y", "known scheme, but 'foo' is none"),
        ("postgresq://u:p@h/d", "Did you mean 'postgresql'?"),
        ("https://host/t.csv", "download it"),
        ("sqlite:///x.db", "needs a query"),
        ("a\x00b.csv", "is not there"),
        ("x" * 5000 + ".csv", "cannot be read"),
        (3, "is of type int"),
        (None, "is of type NoneType"),
    ],
)
def test_what_is_no_table_is_refused(ref, words, refused) -> None:
    assert words in refused(ref)


def test_a_query_is_for_databases(refused, write) -> None:
    assert "takes no query" in refused(write("t.csv", "a\n1\n"), query="SELECT 1")
    assert "takes no query" in refused({"a": [1]}, query="SELECT 1")


def test_file_urls_and_home_are_paths(read, write, monkeypatch) -> None:
    path = write("my table.csv", "a,b\n1,2\n")
    monkeypatch.setenv("HOME", str(path.parent))
    assert read(path.as_uri()).rows() == [(1, 2)]
    assert read("~/my table.csv").rows() == [(1, 2)]


def test_a_linked_folder_is_followed_once(read, write, tmp_path) -> None:
    path = write("real/a.csv", "a\n1\n")
    write("top/b.csv", "a\n2\n")
    (tmp_path / "top" / "link").symlink_to(path.parent)
    (tmp_path / "top" / "loop").symlink_to(tmp_path / "top")
    assert read(tmp_path / "top", by="a")["a"].to_list() == [1, 2]


def test_the_origin_is_what_the_user_wrote(write, monkeypatch) -> None:
    path = write("t.csv", "a\n1\n")
    monkeypatch.chdir(path.parent)
    assert open_source("t.csv").origin == "t.csv"
    assert open_source("./t.csv").origin == "./t.csv"
