"""Sentinels: a value that stands for a missing one, and is taken for a value.

The source has nothing to say and writes -999, "unknown" or 1970-01-01. A model that learnt to handle what is
missing does not know that this is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from plimsoll.core.stress import Exposure, Stress
from plimsoll.probes.stress.family import family
from plimsoll.probes.stress.learnt import Kind, Learnt, LearntColumn
from plimsoll.probes.stress.writing import Value, becomes, fits, one_cell

NUMBERS = (-999.0, -99.0, 0.0)
"""Numbers that stand for nothing, in the order of preference; the first that the type holds is taken."""
WORDS = ("unknown", "Unknown", "n/a")
CENTURY = dt.date(1900, 1, 1)


@dataclass(frozen=True)
class _Sentinel:
    """A value that stands for a missing one, as it is written and as it is said."""

    variant: str
    value: Value
    said: str


@family("sentinel", "values that stand for missing ones")
def sentinel(learnt: Learnt) -> Iterator[Stress]:
    """A missing value arrives as one that stands for it, one such value a column.

    Numbers: -999, or -99 where the type is too narrow, or 0 where it has no negative numbers. Categories:
    *unknown*, or another such word where the reference has that one as a category. Longer texts: empty.
    True and false: false. Dates and times: 1970-01-01, the zero of clocks.

    What today's rows show of it already is the share of the value beyond that in the reference; nothing is
    said where it is an ordinary value of the column (a 0 among numbers around 0, false).
    """
    for column in _fillable(learnt):
        found = _first(column)
        if found is not None:
            yield _stress("sentinel", learnt, column, found)


@family("other_sentinel", "other values that stand for missing ones", standard=False)
def other_sentinel(learnt: Learnt) -> Iterator[Stress]:
    """A missing value arrives as another value that is known to stand for one.

    Numbers: 0 and 9999, where the type holds them. Categories and longer texts: the empty text and the text
    *nan*, which is what a missing number becomes when it is written without care. Dates: 1900-01-01, the
    zero of spreadsheets.
    """
    for column in _fillable(learnt):
        first = _first(column)
        for found in _others(column):
            if first is None or found.value != first.value:
                yield _stress("other_sentinel", learnt, column, found)


def _stress(kind: str, learnt: Learnt, column: LearntColumn, found: _Sentinel) -> Stress:
    return Stress(
        kind,
        (column.name,),
        title=f"{found.said} in place of {column.name}",
        life=f"The source writes {found.said} where it has no value, and nobody turns it back.",
        fault=becomes(column, found.value, always=True),
        variant=found.variant,
        exposure=_exposure(learnt, column, found.value),
    )


def _fillable(learnt: Learnt) -> list[LearntColumn]:
    """Return the inputs that are not missing throughout."""
    return [column for column in learnt.any_kind() if column.missing < 1.0]


def _first(column: LearntColumn) -> _Sentinel | None:
    """Return the sentinel that is likeliest in a column; None where nothing is known of its type."""
    if column.is_numeric:
        value = next(value for value in NUMBERS if fits(column, value, value))
        return _Sentinel(f"{value:g}", value, f"{value:g}")
    if column.kind is Kind.BOOLEAN:
        return _Sentinel("false", 0.0, "false")
    if column.kind is Kind.CATEGORY:
        word = next((word for word in WORDS if word not in column.levels), None)
        return None if word is None else _Sentinel(word, word, f'"{word}"')
    if column.kind is Kind.TEXT:
        return _Sentinel("empty", "", "an empty text")
    if column.dtype == pl.Date or isinstance(column.dtype, pl.Datetime):
        return _Sentinel("1970", 0.0, "1970-01-01")
    return _Sentinel("zero", 0.0, "zero") if column.kind is Kind.MOMENT else None


def _others(column: LearntColumn) -> Iterator[_Sentinel]:
    if column.is_numeric:
        for value in (0.0, 9999.0):
            if fits(column, value, value):
                yield _Sentinel(f"{value:g}", value, f"{value:g}")
    elif column.kind in (Kind.CATEGORY, Kind.TEXT):
        yield _Sentinel("empty", "", "an empty text")
        yield _Sentinel("nan", "nan", '"nan"')
    elif column.dtype == pl.Date or isinstance(column.dtype, pl.Datetime):
        yield _Sentinel("1900", CENTURY, "1900-01-01")


def _exposure(learnt: Learnt, column: LearntColumn, value: Value) -> Exposure | None:
    """Return what tells the share of a sentinel today; None where it may be an ordinary value."""
    held = column.values
    if column.kind is Kind.BOOLEAN or (held.size and value == 0.0 and held[0] <= 0.0 <= held[-1]):
        return None
    usual = _share(learnt.frame, column.name, value)

    def exposure(frame: pl.DataFrame) -> float | None:
        return max(_share(frame, column.name, value) - usual, 0.0) if frame.height else None

    return exposure


def _share(frame: pl.DataFrame, name: str, value: Value) -> float:
    """Return the share of rows whose cell is this value."""
    series = frame.get_column(name)
    if isinstance(value, str):
        series = series.cast(pl.String)
    same = series == one_cell(name, value, series.dtype).new_from_index(0, frame.height)
    return int(same.sum()) / max(frame.height, 1)
