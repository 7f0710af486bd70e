"""Open a table of any kind by what the user wrote."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from plimsoll.core.errors import DataError, did_you_mean
from plimsoll.sources.arrow import open_arrow
from plimsoll.sources.csv_file import open_csv
from plimsoll.sources.database import DATABASES, open_database
from plimsoll.sources.delta import LOG, open_delta
from plimsoll.sources.in_memory import open_frame
from plimsoll.sources.json_lines import open_json_lines
from plimsoll.sources.parquet import open_parquet
from plimsoll.sources.parts import Part, unite
from plimsoll.sources.paths import Found, Kind, find
from plimsoll.sources.place import Place, reason, translating
from plimsoll.sources.spool import Spool
from plimsoll.sources.table import Table
from plimsoll.sources.urls import STORES, masked, scheme_of


def open_source(ref: object, *, query: str | None = None, role: str = "data") -> Table:
    """Open the rows that a path, a URL or a table in memory stands for.

    ``ref`` is a path, a glob or a folder of CSV (``.csv .tsv``, also ``.gz .zst``), Parquet, Arrow
    or Feather, or JSON lines (also ``.gz``); a Delta table (folder or URL); a database URL together
    with a ``query``; or a table in memory (Polars, pandas, PyArrow, NumPy, a dict of columns). A table that
    was opened before is returned as it is.
    ``role`` (``data``, ``reference``, ``labels``, ``predictions``) only words the messages.

    Text formats do not say what their columns hold, so CSV and JSON lines are read once from end to
    end when they are opened; the other files are opened by their footers.

    Raises
    ------
    DataError
        If there is no table, it has no rows, or it cannot be read; one sentence or two that say what
        was expected, what came and what to do. Files that differ in columns or types are refused.
    MissingExtraError
        If an optional part is needed that is not installed.

    >>> table = open_source({"score": [0.1, 0.9], "label": [0, 1]})
    >>> [batch.height for batch in table.batches(["score"], rows=1)]
    [1, 1]
    """
    if isinstance(ref, Table):
        return ref
    if not isinstance(ref, str | os.PathLike):
        table = open_frame(ref, role)
        if table is None:
            raise DataError(
                f"The {role} must be a path, a URL, a data frame or a dict of columns, but is "
                f"of type {type(ref).__name__}; convert it to one of these."
            )
        _no_query(table.place, query)
        return table
    text = os.fspath(ref) if not isinstance(ref, str) else ref
    place = Place(role, masked(text))
    with translating(lambda error: _unreadable(place, error)):
        return _open_text(place, text, query)


def _open_text(place: Place, ref: str, query: str | None) -> Table:
    scheme = scheme_of(ref)
    if scheme == "file":
        scheme, ref = None, unquote(urlsplit(ref).path)
    if scheme in STORES:
        _no_query(place, query)
        return open_delta(place, ref)
    if scheme is not None:
        return _open_url(place, ref, scheme, query)
    _no_query(place, query)
    if not ref.strip():
        raise DataError(f"{place} must be a path or a URL but is empty; name a file.")
    path = Path(ref).expanduser()
    if (path / LOG).is_dir():
        return open_delta(place, str(path))
    return _open_files(place, find(place, path))


def _open_url(place: Place, ref: str, scheme: str, query: str | None) -> Table:
    if query is not None and query.strip():
        return open_database(place, ref, query)
    family = scheme.split("+")[0]
    if family in DATABASES:
        raise DataError(
            f"{place} is a database and needs a query that says which rows to read; give one, for "
            "instance SELECT * FROM scores."
        )
    if family in ("http", "https", "ftp"):
        raise DataError(
            f"{place} lies on the web, which is not read from; download it and give the path."
        )
    raise DataError(
        f"{place} must be a path or a URL of a known scheme, but '{scheme}' is none; known are "
        f"file, {', '.join(STORES)} and those of databases."
        f"{did_you_mean(family, ('file', *STORES, *DATABASES))}"
    )


def _open_files(place: Place, found: Found) -> Table:
    spools: list[Spool] = []

    def spool() -> Spool:
        if not spools:
            spools.append(Spool())
        return spools[0]

    try:
        return unite(place, found, _parts(place, found, spool), tuple(spools))
    except BaseException:
        for used in spools:
            used.remove()
        raise


def _parts(place: Place, found: Found, spool: Callable[[], Spool]) -> list[Part]:
    if found.kind == Kind.PARQUET:
        return open_parquet(place, found.files)
    if found.kind == Kind.ARROW:
        return [open_arrow(place.within(file.shown), file) for file in found.files]
    if found.kind == Kind.JSON_LINES:
        return [open_json_lines(place.within(f.shown), f, spool) for f in found.files]
    return [open_csv(place.within(file.shown), file, spool) for file in found.files]


def _no_query(place: Place, query: str | None) -> None:
    if query is not None and query.strip():
        raise DataError(
            f"{place} is no database, so it takes no query; leave the query out or give a database "
            "URL."
        )


def _unreadable(place: Place, error: BaseException) -> DataError:
    return DataError(
        f"{place} cannot be read ({type(error).__name__}: {reason(error)}); check that it exists and "
        "that you may read it."
    )
