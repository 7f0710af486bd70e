"""A table of any kind, opened: its columns, its rows in batches, its fingerprint."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from plimsoll.core.errors import DataError, did_you_mean
from plimsoll.sources.place import Explain, Place, translating
from plimsoll.sources.spool import Spool
from plimsoll.sources.streaming import stream


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Rows whose id stands on one side of a join only (or that have no id)."""

    left: int
    right: int


@dataclass(frozen=True, eq=False)
class Table:
    """Rows of named columns, wherever they lie; what :func:`open_source` returns.

    Beside what every Source has: ``rows`` is the number of rows where opening found it out, else
    None; ``said`` are sentences on what was taken for granted (a separator, an encoding, words read
    as missing), to be shown to the user; ``unmatched`` counts what a join left without a partner.

    ``frame`` answers with all columns of ``schema``; ``explain`` words an error of the library that
    reads it; ``digest`` computes the fingerprint; ``kept`` are the temporary files it reads.
    """

    place: Place
    schema: pl.Schema
    frame: pl.LazyFrame = field(repr=False)
    explain: Explain = field(repr=False)
    digest: Callable[[], str | None] = field(repr=False)
    rows: int | None = None
    said: tuple[str, ...] = ()
    unmatched: Unmatched | None = None
    kept: tuple[Spool, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if not self.schema:
            raise DataError(f"{self.place} must have at least one column but has none.")
        if self.rows == 0:
            raise empty(self.place)

    @property
    def origin(self) -> str:
        """Where the rows come from, as the user wrote it; credentials in a URL are masked."""
        return self.place.origin

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pl.DataFrame]:
        """Yield every row once with these columns, ``rows`` at a time; the last batch is smaller.

        Several iterators may run at once. The rows come in the order of the table, files by name;
        only a join may change it. A name given twice counts once.

        Raises
        ------
        DataError
            If a column is not there, bytes cannot be read, the table turns out to have no rows, or
            the rows are not as many as when it was opened: the file changed meanwhile.
        ValueError
            If no column is asked for or ``rows`` is below 1.
        """
        wanted = list(dict.fromkeys(columns))
        if not wanted or rows < 1:
            raise ValueError(f"batches of {rows} rows of {len(wanted)} columns cannot be made")
        for name in wanted:
            if name not in self.schema:
                raise self.no_column(name)
        return self._batches(wanted, rows)

    def _batches(self, columns: list[str], rows: int) -> Iterator[pl.DataFrame]:
        source = stream(self.frame.select(columns), rows)
        seen = 0
        while True:
            with translating(self.explain):
                batch = next(source, None)
            if batch is None:
                break
            seen += batch.height
            if batch.height:
                yield batch
        if not seen:
            raise empty(self.place)
        if self.rows is not None and seen != self.rows:
            raise DataError(
                f"{self.place} had {self.rows} rows when it was opened but {seen} were read; "
                "it changed meanwhile: run again when nothing writes to it."
            )

    def fingerprint(self) -> str | None:
        """Return 64 hexadecimal digits: SHA-256 of the bytes read (files) or of the content."""
        with translating(self.explain):
            return self.digest()

    def no_column(self, name: str) -> DataError:
        """Return the error for a column that is not there, with the nearest name."""
        return DataError(
            f"{self.place} must have the column '{name}', which is not among its "
            f"{len(self.schema)} columns; correct the name."
            f"{did_you_mean(name, self.schema)}"
        )


def empty(place: Place) -> DataError:
    """Return the error for a table without rows."""
    return DataError(f"{place} must have at least one row but has none; check how it was made.")
