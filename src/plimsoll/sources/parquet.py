"""Parquet: one file, a folder, a glob, partitioned or not."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import polars as pl

from plimsoll.core.errors import DataError
from plimsoll.sources.dtypes import Range, conform, settle
from plimsoll.sources.parts import Part
from plimsoll.sources.paths import DataFile
from plimsoll.sources.place import Place, reason, translating
from plimsoll.sources.streaming import stream

_ROWS = 1 << 16
_Key = tuple[tuple[tuple[str, pl.DataType], ...], tuple[tuple[str, str | None], ...]]


def open_parquet(place: Place, files: Sequence[DataFile]) -> list[Part]:
    """Return Parquet files as parts of a table; files of the same columns make one part.

    Reads the footers only. Raises DataError at a file whose footer is missing or broken (as it is
    where writing was cut off), or that has a column name twice.
    """
    groups: dict[_Key, list[DataFile]] = {}
    for file in files:
        with translating(partial(broken, place.within(file.shown))):
            schema = _scan([file]).collect_schema()
        key = (tuple(schema.items()), file.partitions)
        groups.setdefault(key, []).append(file)
    return [_part(place, group, pl.Schema(key[0])) for key, group in groups.items()]


def _scan(files: Sequence[DataFile]) -> pl.LazyFrame:
    return pl.scan_parquet([file.path for file in files], hive_partitioning=False, glob=False)


def _part(place: Place, files: Sequence[DataFile], have: pl.Schema) -> Part:
    frame, schema = settle(_scan(files), have)

    def explain(error: BaseException) -> DataError:
        for file in files:
            try:
                for _ in stream(_scan([file]), _ROWS):
                    pass
            except (Exception, pl.exceptions.PanicException) as own:
                return broken(place.within(file.shown), own)
        return broken(place, error)

    with translating(explain):
        rows = frame.select(pl.len()).collect().item()
    return Part(
        files=tuple(files),
        schema=schema,
        read=lambda want: conform(frame, schema, want),
        rows=rows,
        explain=explain,
        span=lambda name: span(frame, name),
    )


def span(frame: pl.LazyFrame, name: str) -> Range | None:
    """Return the smallest and the largest value of a column of whole numbers, or None."""
    column = pl.col(name)
    found = frame.select(column.min().alias("low"), column.max().alias("high"))
    low, high = found.collect(engine="streaming").row(0)
    return None if low is None else (low, high)


def broken(place: Place, error: BaseException) -> DataError:
    """Return the error for a Parquet file that cannot be read."""
    if isinstance(error, pl.exceptions.DuplicateError):
        return DataError(
            f"{place}: every column needs its own name, but one stands twice; rename the columns."
        )
    return DataError(
        f"{place} must be a whole Parquet file but cannot be read ({reason(error)}); it is damaged "
        "or was cut off while it was written: fetch or write it again."
    )
