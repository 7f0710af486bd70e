"""Column types: the few that leave this room, and the one that several files agree on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from plimsoll.core.errors import DataError, did_you_mean
from plimsoll.sources.place import Place

Range = tuple[int, int]
EXACT = 2**53
"""Whole numbers up to this size, and no larger ones, are all exact as Float64."""


@dataclass(frozen=True)
class Described:
    """The columns of one file of a table: its name, its schema, and the range of its integers.

    ``span`` returns the smallest and largest value of a column of whole numbers, or None where it
    holds none. It may read the column, so it is asked only where the answer decides something.
    """

    name: str
    schema: pl.Schema
    span: Callable[[str], Range | None]


def settled(dtype: pl.DataType) -> pl.DataType:
    """Return the type in which a column leaves this room.

    Categories become text, so that no answer hangs on the order in which words were first seen;
    decimals become Float64 where they have digits after the point, half-precision numbers Float32,
    and an extension type what it is stored as.
    """
    if _is_extension(dtype):
        return settled(dtype.ext_storage())  # type: ignore[attr-defined]
    if dtype == getattr(pl, "Float16", None):
        return pl.Float32()
    if isinstance(dtype, pl.Categorical | pl.Enum):
        return pl.String()
    if isinstance(dtype, pl.Decimal) and dtype.scale:
        return pl.Float64()
    return dtype


def settle(frame: pl.LazyFrame, schema: pl.Schema) -> tuple[pl.LazyFrame, pl.Schema]:
    """Return a query and its schema with every column in the type in which it leaves the room."""
    want = pl.Schema({name: settled(dtype) for name, dtype in schema.items()})
    return conform(frame, schema, want), want


def _is_extension(dtype: pl.DataType) -> bool:
    kind = getattr(pl, "BaseExtension", None)  # Polars 1.35 has no extension types
    return kind is not None and isinstance(dtype, kind)


def conform(frame: pl.LazyFrame, have: pl.Schema, want: pl.Schema) -> pl.LazyFrame:
    """Return a query with the columns, order and types of ``want``; a value that does not fit raises."""
    if list(have.items()) == list(want.items()):
        return frame
    return frame.select(_cast(name, have[name], dtype) for name, dtype in want.items())


def _cast(name: str, have: pl.DataType, want: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if _is_extension(have):
        column = column.ext.storage()
    return column if have == want else column.cast(want)


def agree(place: Place, files: Sequence[Described]) -> pl.Schema:
    """Return the one schema that all files of a table share.

    The columns are those of the first file, in its order. A column without any value fits every
    type. Whole numbers of different width become Int64 (UInt64 where they need it), whole numbers
    beside decimal ones become Float64 as long as none is beyond 2^53.

    Raises
    ------
    DataError
        If a column is missing in a file or its types do not agree; names the column and the files.
    """
    first = files[0]
    for other in files[1:]:
        _same_columns(place, first, other)
    return pl.Schema({name: _agreed(place, name, files) for name in first.schema})


def _same_columns(place: Place, one: Described, other: Described) -> None:
    for has, lacks in ((one, other), (other, one)):
        missing = [name for name in has.schema if name not in lacks.schema]
        if missing:
            raise DataError(
                f"{place}: all files must have the same columns, but column '{missing[0]}' of "
                f"'{has.name}' is missing in '{lacks.name}'; write it again with that column, or "
                f"leave the file out.{did_you_mean(missing[0], lacks.schema)}"
            )


def _agreed(place: Place, column: str, files: Sequence[Described]) -> pl.DataType:
    holder = files[0]
    dtype = holder.schema[column]
    for other in files[1:]:
        new = other.schema[column]
        wide = _wider(dtype, new)
        if wide is None:
            raise DataError(
                f"{place}: column '{column}' must have one type in all files, but holds "
                f"{said(holder.schema[column])} in '{holder.name}' and {said(new)} in "
                f"'{other.name}'; write one of them again with the type of the other."
            )
        if wide != dtype:
            dtype, holder = wide, other
    return _exact(place, column, dtype, files)


def _wider(one: pl.DataType, other: pl.DataType) -> pl.DataType | None:
    """Return the type that holds both, or None; whether the values fit is asked later."""
    if one == other or other == pl.Null:
        return one
    if one == pl.Null:
        return other
    if one.is_integer() and other.is_integer():
        return pl.Int64()
    if one.is_numeric() and other.is_numeric():
        return pl.Float64()
    if isinstance(one, pl.Datetime) and isinstance(other, pl.Datetime):
        if one.time_zone != other.time_zone:
            return None
        unit = min((one.time_unit, other.time_unit), key=("ns", "us", "ms").index)
        return pl.Datetime(unit, one.time_zone)
    return None


def _exact(
    place: Place, column: str, dtype: pl.DataType, files: Sequence[Described]
) -> pl.DataType:
    """Return ``dtype``, or UInt64 where the values need it; raise where digits would be lost."""
    risky = [f for f in files if f.schema[column] != dtype and f.schema[column] in _LONG]
    low, high = _hull(risky, column)
    bound = EXACT if dtype.is_float() else 2**63 - 1
    if -bound <= low and high <= bound:
        return dtype
    low, high = _hull(files, column) if dtype.is_integer() else (low, high)
    if dtype.is_integer() and low >= 0 and high < 2**64:
        return pl.UInt64()
    raise DataError(
        f"{place}: column '{column}' must have one type in all files, but the whole numbers in "
        f"'{risky[0].name}' are too large to stay exact as {said(dtype)}, which other files need; "
        "write the column as text in all files if it is an id."
    )


_LONG = (pl.Int64, pl.UInt64, pl.Int128)


def _hull(files: Sequence[Described], column: str) -> Range:
    spans = [span for file in files if (span := file.span(column)) is not None]
    return min((s[0] for s in spans), default=0), max((s[1] for s in spans), default=0)


def said(dtype: pl.DataType) -> str:
    """Return a type in plain words with its name.

    >>> said(pl.Int64()), said(pl.String())
    ('whole numbers (Int64)', 'text (String)')
    """
    words = {
        "Boolean": "true/false",
        "String": "text",
        "Date": "dates",
        "Datetime": "times",
        "Null": "empty",
    }
    name = type(dtype).__name__
    if dtype.is_integer():
        word = "whole numbers"
    elif dtype.is_numeric():
        word = "decimal numbers"
    else:
        word = words.get(name, "values")
    full = str(dtype) if isinstance(dtype, pl.Datetime) else name
    return f"{word} ({full})"
