"""How a change is written into a column of numbers, and how one value in place of others is counted.

What a family says in one line (*multiply by 1 + s*) becomes a change to rows here: nothing at a magnitude
of 0, missing cells stay missing, other columns stay as they are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.stress import Draws, Exposure, Fault
from plimsoll.probes.stress.learnt import Learnt, LearntColumn
from plimsoll.probes.stress.typed import span, typed

Floats = npt.NDArray[np.float64]
Change = Callable[[Floats, float, Draws], Floats]
"""Numbers of a column (NaN where missing), severity and random numbers to the numbers after."""
Value = float | str | dt.date
Test = Callable[[Floats], npt.NDArray[np.bool_]]
PILE = 0.01
"""An end of a column at which this share of the reference stands is an edge of what can be recorded."""
PILE_ROWS = 5
"""... and at least as many rows: in a short table every value has a large share."""


def changed(column: LearntColumn, change: Change) -> Fault:
    """Return the fault that changes the numbers of one column; a magnitude of 0 is no change."""

    def fault(frame: pl.DataFrame, severity: float, draws: Draws) -> pl.DataFrame:
        if severity == 0.0:
            return frame
        return column.put(frame, change(column.numbers(frame), severity, draws))

    return fault


def becomes(column: LearntColumn, value: Value, *, always: bool = False) -> Fault:
    """Return the fault that writes one value into every cell, missing ones left alone unless ``always``.

    A number is written in the type of the column, a text among its words; of moments, the number 0 is the
    one they are counted from (1970-01-01, midnight, no time at all).
    """

    def fault(frame: pl.DataFrame, _: float, __: Draws) -> pl.DataFrame:
        series = frame.get_column(column.name)
        filled = one_cell(column.name, value, series.dtype).new_from_index(0, frame.height)
        if not always:
            held = series.is_not_null()
            if series.dtype.is_float():
                held &= series.is_not_nan()
            filled = filled.zip_with(held, series)
        if isinstance(value, str):
            return column.put_texts(frame, filled)
        return frame.with_columns(filled)

    return fault


def one_cell(name: str, value: Value, dtype: pl.DataType) -> pl.Series:
    """Return one cell that holds a value in a type (a text as a text)."""
    if isinstance(value, str):
        return pl.Series(name, [value], dtype=pl.String)
    if isinstance(value, dt.date):
        return pl.Series(name, [value]).cast(dtype)
    if dtype.is_temporal():
        return pl.Series(name, [int(value)]).cast(dtype)
    return typed(name, np.array([value]), dtype)


def measures(learnt: Learnt) -> list[LearntColumn]:
    """Return the columns of numbers that measure something: those with more than two values."""
    ends = [(column, column.values[0], column.values[-1]) for column in learnt.numeric()]
    return [c for c, low, high in ends if ((c.values != low) & (c.values != high)).any()]


def edges(column: LearntColumn) -> tuple[float, float]:
    """Return where the numbers of a column end of themselves, infinite where they do not.

    An edge is an end of the reference at which at least 1 % of its values stand, and five rows (a counter
    at 0, a score cut off at 100). Besides, a column without negative values does not go below 0, and one
    between 0 and 1 does not go above 1. Any other end is only the farthest value seen so far.
    """
    if not column.values.size:
        return -np.inf, np.inf
    first, last = float(column.values[0]), float(column.values[-1])
    low = 0.0 if first >= 0.0 else -np.inf
    high = 1.0 if first >= 0.0 and last <= 1.0 else np.inf
    pile = max(PILE * column.values.size, PILE_ROWS)
    if np.count_nonzero(column.values == first) >= pile:
        low = first
    if np.count_nonzero(column.values == last) >= pile:
        high = last
    return low, high


def inside(column: LearntColumn, before: Floats, after: Floats) -> Floats:
    """Return the numbers after a change, held at the edges of the column; who was beyond one may stay."""
    low, high = edges(column)
    out: Floats = np.clip(after, np.minimum(low, before), np.maximum(high, before))
    return out


def fits(column: LearntColumn, low: float, high: float) -> bool:
    """Return whether the type of a column can hold everything from ``low`` to ``high``."""
    bottom, top = span(column.dtype)
    return bool(bottom <= low and high <= top)


def more_than_usual(column: LearntColumn, test: Test) -> Exposure:
    """Return by how much the share of rows that pass a test exceeds that of the reference, never below 0."""
    usual = float(test(column.values).mean()) if column.values.size else 0.0
    usual *= 1.0 - column.missing

    def exposure(frame: pl.DataFrame) -> float | None:
        if not frame.height:
            return None
        return max(float(test(column.numbers(frame)).mean()) - usual, 0.0)

    return exposure
