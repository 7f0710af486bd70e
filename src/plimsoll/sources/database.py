"""Databases: the answer to one query, asked once and kept in a temporary file."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from plimsoll.core.errors import DataError, MissingExtraError, PlimsollError, did_you_mean
from plimsoll.sources.digest import FRAME_ROWS, digest_frame
from plimsoll.sources.dtypes import Described, Range, agree, conform, settle
from plimsoll.sources.in_memory import series_of, unique
from plimsoll.sources.parquet import span
from plimsoll.sources.place import Place, reason, translating
from plimsoll.sources.spool import Spool
from plimsoll.sources.streaming import stream
from plimsoll.sources.table import Table, empty
from plimsoll.sources.urls import scheme_of, secrets_of

ROWS_AT_ONCE = 50_000
_ALIASES = {"postgres": "postgresql"}
_DIALECTS = {
    "duckdb": "duckdb-engine",
    "snowflake": "snowflake-sqlalchemy",
    "clickhouse": "clickhouse-sqlalchemy",
    "redshift": "sqlalchemy-redshift",
    "bigquery": "sqlalchemy-bigquery",
    "databricks": "databricks-sqlalchemy",
    "trino": "trino",
}
"""Databases that SQLAlchemy knows only with a further package, and its name."""
_DRIVERS = {
    "psycopg": "'psycopg[binary]'",
    "psycopg2": "psycopg2-binary",
    "MySQLdb": "mysqlclient",
}
"""What to install for a driver, where its package has another name."""
DATABASES = ("sqlite", "postgresql", "postgres", "mysql", "mariadb", "mssql", "oracle", *_DIALECTS)
"""Schemes that are taken for a database even without a query."""


def open_database(place: Place, url: str, query: str) -> Table:
    """Ask a database once and return its answer as a table.

    The answer is fetched in batches and kept in temporary Arrow files, so that every pass of a run
    sees the same rows whatever happens to the database, and memory stays bounded. Its fingerprint is
    that of its content in the order of arrival: give the query an ORDER BY where it should be the
    same each time.

    Raises
    ------
    MissingExtraError
        If the extra ``sql`` is not installed.
    DataError
        If the driver is missing, the database cannot be reached, the query fails, gives no table or
        no rows, or a column mixes values of several kinds. No message holds a credential.
    """
    if importlib.util.find_spec("sqlalchemy") is None:
        raise MissingExtraError("Reading a database", "sql")
    spool = Spool()
    try:
        answers = [
            _kept(spool, place, start, frame)
            for start, frame in _numbered(_answers(place, _Link(place, url, query)))
        ]
    except BaseException:
        spool.remove()
        raise
    if not answers:
        raise empty(place)
    schema = agree(place, [Described(a.name, a.schema, a.span) for a in answers])
    frame = pl.concat([conform(a.frame, a.schema, schema) for a in answers])
    return Table(
        place=place,
        schema=schema,
        frame=frame,
        explain=partial(_unreadable, place),
        digest=lambda: digest_frame(schema, stream(frame, FRAME_ROWS)),
        rows=sum(a.rows for a in answers),
        kept=(spool,),
    )


@dataclass(frozen=True)
class _Answer:
    """One batch of the answer, kept on disk."""

    name: str
    frame: pl.LazyFrame
    schema: pl.Schema
    rows: int

    def span(self, column: str) -> Range | None:
        """Return the range of a column of whole numbers."""
        return span(self.frame, column)


def _numbered(frames: Iterator[pl.DataFrame]) -> Iterator[tuple[int, pl.DataFrame]]:
    start = 1
    for frame in frames:
        if frame.height:
            yield start, frame
        start += frame.height


def _kept(spool: Spool, place: Place, start: int, frame: pl.DataFrame) -> _Answer:
    lazy, schema = settle(frame.lazy(), frame.schema)
    name = f"rows {start} to {start + frame.height - 1}"
    with translating(partial(_unreadable, place)):
        path = spool.keep(lazy.collect())
    return _Answer(name, pl.scan_ipc(path, glob=False), schema, frame.height)


@dataclass(frozen=True)
class _Link:
    """A database and what is asked of it."""

    place: Place
    url: str
    query: str

    @property
    def family(self) -> str:
        """The kind of database: the scheme without the driver."""
        scheme = (scheme_of(self.url) or "").split("+")[0]
        return _ALIASES.get(scheme, scheme)

    @property
    def known_url(self) -> str:
        """The URL with the scheme that SQLAlchemy knows."""
        scheme, rest = self.url.split("://", 1)
        driver = scheme.lower().partition("+")[1:]
        return "".join((self.family, *driver, "://", rest))

    def explain(self, error: BaseException) -> DataError:
        """Word what a driver said, without any credential that it may have printed."""
        text = reason(getattr(error, "orig", None) or error)
        if "invalid" in text:  # what follows the last colon is the value that did not fit
            text = text.rsplit(":", 1)[0]
        for secret in secrets_of(self.url):
            text = text.replace(secret, "***")
        return DataError(
            f"{self.place} was expected to answer the query but the database says: {text}; correct "
            "the query or the URL."
        )


def _answers(place: Place, link: _Link) -> Iterator[pl.DataFrame]:
    """Yield the answer in batches."""
    import sqlalchemy
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    if link.family == "sqlite":
        _must_exist(place, link.url)
    try:
        engine = sqlalchemy.create_engine(link.known_url)
    except NoSuchModuleError as error:
        if link.family in _DIALECTS:
            raise _no_driver(place, link.family) from error
        raise DataError(
            f"{place} must be a path or a URL of a known scheme, but '{link.family}' is none; known "
            f"are {', '.join(DATABASES)}.{did_you_mean(link.family, DATABASES)}"
        ) from error
    except ImportError as error:
        raise _no_driver(place, error.name or link.family) from error
    except (ArgumentError, ValueError) as error:
        raise DataError(
            f"{place} must be a database URL such as postgresql://user@host/name, but is not one; "
            "percent-encode special signs in a password."
        ) from error
    return _through_sqlalchemy(link, engine)


def _no_driver(place: Place, name: str) -> DataError:
    return DataError(
        f"{place} needs the database driver '{name}', which is not installed; run: "
        f"pip install {_DIALECTS.get(name) or _DRIVERS.get(name, name)}"
    )


def _must_exist(place: Place, url: str) -> None:
    """SQLite would make an empty database where none is."""
    path = url.split("://", 1)[1].split("?")[0].removeprefix("/")
    if path in ("", ":memory:") or path.startswith("file:") or Path(path).exists():
        return
    folder = Path(path).parent
    names = [p.name for p in folder.iterdir()] if folder.is_dir() else []
    raise DataError(
        f"{place} was expected to be an SQLite database but the file is not there; check the path "
        f"(three slashes before a relative one, four before an absolute one)."
        f"{did_you_mean(Path(path).name, names)}"
    )


def _through_sqlalchemy(link: _Link, engine: Any) -> Iterator[pl.DataFrame]:
    options = {"stream_results": True, "max_row_buffer": ROWS_AT_ONCE, "no_parameters": True}
    try:
        with _hushed(link), engine.connect() as connection:
            result = connection.execution_options(**options).exec_driver_sql(link.query)
            if not result.returns_rows:
                raise DataError(
                    f"{link.place} must be read with a query that gives rows, but it gives none; "
                    "start it with SELECT."
                )
            names = [str(name) for name in result.keys()]  # noqa: SIM118
            unique(link.place, names)
            while rows := result.fetchmany(ROWS_AT_ONCE):
                yield _frame(link.place, names, rows)
    finally:
        engine.dispose()


def _frame(place: Place, names: Sequence[str], rows: Sequence[Any]) -> pl.DataFrame:
    columns = []
    for name, values in zip(names, zip(*rows, strict=True), strict=True):
        try:
            columns.append(series_of(name, [_plain(value) for value in values]))
        except (Exception, pl.exceptions.PanicException) as error:
            raise DataError(
                f"{place}: column '{name}' must hold values of one kind but mixes several; cast it in "
                "the query, for instance CAST(... AS TEXT)."
            ) from error
    return pl.DataFrame(columns)


def _plain(value: Any) -> Any:
    """Return a cell as it is, JSON objects and lists as their text: their shape may change by row."""
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)
    return bytes(value) if isinstance(value, memoryview) else value


@contextmanager
def _hushed(link: _Link) -> Iterator[None]:
    """Word a driver's error; keep it as the cause unless it holds a credential."""
    try:
        yield
    except (PlimsollError, MemoryError):
        raise
    except (Exception, pl.exceptions.PanicException) as error:
        leaks = any(secret in str(error) for secret in secrets_of(link.url))
        raise link.explain(error) from (None if leaks else error)


def _unreadable(place: Place, error: BaseException) -> DataError:
    return DataError(
        f"{place}: the answer could not be kept in a temporary file ({reason(error)}); check the room "
        "on the disk, or set TMPDIR to a folder with more."
    )
