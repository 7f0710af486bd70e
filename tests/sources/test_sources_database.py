"""Databases: asked once, read many times, and no credential in any message."""

from __future__ import annotations

import builtins
import sqlite3
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from plimsoll.core.errors import DataError
from plimsoll.sources import database, open_source
from plimsoll.sources.urls import masked, secrets_of

pytest.importorskip("sqlalchemy")

Make = Callable[..., str]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return a function that stores rows in a new SQLite table ``t`` and returns the URL."""

    def put(columns: str, rows: list[tuple[object, ...]]) -> str:
        with sqlite3.connect(tmp_path / "t.db") as connection:
            connection.execute(f"CREATE TABLE t ({columns})")
            marks = ", ".join("?" * (columns.count(",") + 1))
            connection.executemany(f"INSERT INTO t VALUES ({marks})", rows)
        return f"sqlite:///{tmp_path / 't.db'}"

    return put


def test_the_answer_is_fetched_in_batches_and_kept(make, read, monkeypatch) -> None:
    monkeypatch.setattr(database, "ROWS_AT_ONCE", 100)
    rows = [(i, None if i < 150 else f"n{i}", i if i != 777 else 0.5) for i in range(1000)]
    url = make("a, b, c", rows)
    source = open_source(url, query="SELECT * FROM t")
    assert source.rows == 1000
    assert source.schema == {"a": pl.Int64(), "b": pl.String(), "c": pl.Float64()}
    Path(url.removeprefix("sqlite:///")).unlink()  # every pass sees the same rows
    first, second = read(source, by="a"), read(source, by="a", rows=7)
    assert first.equals(second)
    assert first["b"].null_count() == 150
    assert first.row(777) == (777, "n777", 0.5)


def test_the_fingerprint_is_that_of_the_content(make) -> None:
    url = make("a, b", [(2, "x"), (1, "y")])
    ordered = open_source(url, query="SELECT a, b FROM t ORDER BY a").fingerprint()
    frame = pl.DataFrame({"a": [1, 2], "b": ["y", "x"]})
    assert ordered == open_source(frame).fingerprint()
    assert ordered != open_source(url, query="SELECT b FROM t").fingerprint()


def test_signs_that_drivers_read_as_parameters_are_text(make, read) -> None:
    url = make("a, b", [(1, "50%"), (2, ":x")])
    query = "SELECT a FROM t WHERE b LIKE '5%' OR b = ':x' ORDER BY a"
    assert read(url, query=query, by="a")["a"].to_list() == [1, 2]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELEC 1", "syntax error"),
        ("SELECT zz FROM t", "no such column: zz"),
        ("SELECT a, a FROM t", "'a' stands 2 times"),
        ("SELECT a FROM t WHERE a > 9", "at least one row"),
        ("DELETE FROM t", "gives none; start it with SELECT"),
        ("SELECT b FROM t", "column 'b' must hold values of one kind"),
    ],
)
def test_a_query_that_gives_no_table_is_refused(query, words, make, refused) -> None:
    url = make("a, b", [(1, 1), (2, "Ann")])
    message = refused(url, query=query)
    assert words in message
    assert "Ann" not in message
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        assert connection.execute("SELECT COUNT(*) FROM t").fetchone() == (2,)


def test_kinds_that_differ_between_batches_are_refused(make, refused, monkeypatch) -> None:
    monkeypatch.setattr(database, "ROWS_AT_ONCE", 10)
    url = make("a", [(i,) for i in range(10)] + [("x",)])
    message = refused(url, query="SELECT a FROM t")
    assert "'rows 1 to 10'" in message
    assert "'rows 11 to 11'" in message


def test_a_missing_sqlite_file_is_not_made(refused, make, tmp_path) -> None:
    make("a", [(1,)])
    message = refused(f"sqlite:///{tmp_path / 'tt.db'}", query="SELECT 1")
    assert message.endswith("Did you mean 't.db'?")
    assert not (tmp_path / "tt.db").exists()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://ann:s3cret@h:port/d", "must be a database URL"),
        ("nosuch://ann:s3cret@h/d", "'nosuch' is none"),
        ("sqlit://ann:s3cret@h/d", "Did you mean 'sqlite'?"),
        ("duckdb:///x", "pip install duckdb-engine"),
    ],
)
def test_a_url_that_leads_nowhere_is_refused(url, words, refused) -> None:
    if "duckdb" in url and _installed("duckdb_engine"):
        pytest.skip("the dialect is installed")
    message = refused(url, query="SELECT 1")
    assert words in message
    assert "s3cret" not in message


@pytest.mark.parametrize("scheme", ["postgresql+psycopg", "postgres+psycopg"])
def test_a_missing_driver_says_what_to_install(scheme, refused, monkeypatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: object, **kwargs: object) -> object:
        if name.split(".")[0] == "psycopg":
            raise ModuleNotFoundError("No module named 'psycopg'", name="psycopg")
        return real(name, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    message = refused(f"{scheme}://ann:s3cret@127.0.0.1:1/d", query="SELECT 1")
    assert "run: pip install 'psycopg[binary]'" in message
    assert "s3cret" not in message


def test_a_driver_that_prints_the_password_is_hushed(make, monkeypatch) -> None:
    import sqlalchemy

    class Engine:
        def connect(self) -> object:
            raise RuntimeError("no route to ann:p%40ss@host (p@ss)")

        def dispose(self) -> None:
            pass

    monkeypatch.setattr(sqlalchemy, "create_engine", lambda url: Engine())
    with pytest.raises(DataError) as caught:
        open_source("postgresql://ann:p%40ss@host/d", query="SELECT 1")
    assert "no route to ***@host (***)" in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ann:s3cret@db:5432/prod", "postgresql://***@db:5432/prod"),
        ("postgresql://ann:s3/cr@t@db/prod", "postgresql://***@db/prod"),
        ("mysql://db/x?user=ann&password=s3cret", "mysql://db/x?user=ann&password=***"),
        ("s3://b/k?AWS_SECRET_ACCESS_KEY=s3cret&x=1", "s3://b/k?AWS_SECRET_ACCESS_KEY=***&x=1"),
        ("sqlite:////home/ann@work/t.db", "sqlite:////home/ann@work/t.db"),
        ("data/test.csv", "data/test.csv"),
    ],
)
def test_credentials_are_masked(url, shown) -> None:
    assert masked(url) == shown
    assert all(secret not in shown for secret in secrets_of(url))


def _installed(name: str) -> bool:
    import importlib.util

    return importlib.util.find_spec(name) is not None
