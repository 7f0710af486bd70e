"""What a column holds at a glance: missing cells, NaN, infinities, smallest and largest value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from plimsoll.core.batch import Batch
from plimsoll.core.tally import Tally, state

Bound = float | str | None


@dataclass(frozen=True)
class ColumnProfile(Tally):
    """Counts and bounds of one raw column.

    ``low`` and ``high`` are numbers for numeric, boolean and temporal columns (temporal ones in
    their physical unit) and texts for text; None while no cell holds a value. NaN and infinities are
    counted and stay out of the bounds.
    """

    column: str
    dtype: str = state("")
    rows: int = state(0)
    missing: int = state(0)
    nans: int = state(0)
    infinities: int = state(0)
    empty_texts: int = state(0)
    low: Bound = state()
    high: Bound = state()

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that are read."""
        return (self.column,)

    def of(self, batch: Batch) -> ColumnProfile:
        """Profile one batch."""
        series = batch.frame.get_column(self.column)
        nans = infinities = empty = 0
        values = series.drop_nulls()
        if series.dtype.is_float():
            nans, infinities = int(values.is_nan().sum()), int(values.is_infinite().sum())
            if nans or infinities:
                values = values.filter(values.is_finite())
        elif series.dtype == pl.String:
            empty = int((values == "").sum())
        return replace(
            self,
            dtype=str(series.dtype),
            rows=series.len(),
            missing=series.null_count(),
            nans=nans,
            infinities=infinities,
            empty_texts=empty,
            low=_bound(values, "min"),
            high=_bound(values, "max"),
        )

    def merge(self, other: ColumnProfile) -> ColumnProfile:
        """Return the profile of both."""
        return replace(
            self,
            dtype=self.dtype or other.dtype,
            rows=self.rows + other.rows,
            missing=self.missing + other.missing,
            nans=self.nans + other.nans,
            infinities=self.infinities + other.infinities,
            empty_texts=self.empty_texts + other.empty_texts,
            low=_either(min, self.low, other.low),
            high=_either(max, self.high, other.high),
        )

    def anonymous(self) -> ColumnProfile:
        """Return the same counts without the first and last text."""
        low, high = (None if isinstance(x, str) else x for x in (self.low, self.high))
        return replace(self, low=low, high=high)

    @property
    def is_empty(self) -> bool:
        """Whether no cell holds a value."""
        return self.rows > 0 and self.missing + self.nans + self.infinities == self.rows

    @property
    def is_constant(self) -> bool:
        """Whether all cells that hold a value hold the same one."""
        return self.low is not None and self.low == self.high


def _bound(values: pl.Series, which: str) -> Bound:
    dtype = values.dtype
    if dtype.is_temporal():
        values = values.to_physical()
    elif isinstance(dtype, pl.Categorical | pl.Enum):
        values = values.cast(pl.String)
    elif not (dtype.is_numeric() or dtype in (pl.Boolean, pl.String)):
        return None
    value: Any = values.min() if which == "min" else values.max()
    return value if value is None or isinstance(value, str) else float(value)


def _either(choose: Any, one: Bound, two: Bound) -> Bound:
    if one is None or two is None:
        return two if one is None else one
    result: Bound = choose(one, two)
    return result
