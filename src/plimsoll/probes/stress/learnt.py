"""What stresses know of the data: learnt once on rows of the reference, never on the rows judged.

Every change goes back into a column through :meth:`LearntColumn.put`, so whole numbers stay whole,
types stay, missing cells stay missing, and no value outside the type is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.subject import Subject
from plimsoll.probes.stress.typed import typed

Floats = npt.NDArray[np.float64]
MOST_LEVELS = 1000
"""Categories of a column that are learnt; the rarest beyond are left to chance."""
TEXT_WORDS = 3.0
"""A text column whose cells have more words than this on average, and hardly repeat, is prose."""


class Kind(StrEnum):
    """What a column holds, as far as stresses care."""

    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CATEGORY = "category"
    TEXT = "text"
    MOMENT = "moment"
    OTHER = "other"


@dataclass(frozen=True)
class LearntColumn:
    """One input column as the reference has it.

    ``values`` are its finite numbers in rising order (numbers and whole numbers only), ``levels`` its
    values as texts, the most frequent first, with their shares in ``shares`` (categories, booleans).
    ``missing`` is the share of missing cells; ``nan_missing`` says that they are NaN and never null.
    """

    name: str
    kind: Kind
    dtype: pl.DataType
    missing: float
    values: Floats = field(compare=False, repr=False)
    levels: tuple[str, ...] = field(default=(), compare=False, repr=False)
    shares: tuple[float, ...] = field(default=(), compare=False, repr=False)
    nan_missing: bool = False

    @property
    def is_numeric(self) -> bool:
        """Whether it holds numbers."""
        return self.kind in (Kind.NUMBER, Kind.INTEGER)

    @property
    def is_constant(self) -> bool:
        """Whether the reference has one value and no more."""
        if self.is_numeric:
            return self.values.size == 0 or bool(self.values[0] == self.values[-1])
        return len(self.levels) < 2 and self.kind in (Kind.CATEGORY, Kind.BOOLEAN)

    @cached_property
    def median(self) -> float:
        """The median."""
        return float(np.median(self.values)) if self.values.size else 0.0

    @cached_property
    def sd(self) -> float:
        """The standard deviation; 0 for a constant."""
        largest = float(np.abs(self.values).max()) if self.values.size else 0.0
        return float((self.values / largest).std()) * largest if largest > 0.0 else 0.0

    @cached_property
    def iqr(self) -> float:
        """The range of the middle half."""
        low, high = self.quantile(np.array([0.25, 0.75]))
        return float(high - low)

    def quantile(self, share: Floats) -> Floats:
        """Return the values at these shares, 0 to 1, by linear interpolation."""
        if not self.values.size:
            return np.zeros_like(share)
        place = np.clip(share, 0.0, 1.0) * (self.values.size - 1)
        out: Floats = np.interp(place, np.arange(self.values.size), self.values)
        return out

    def rank(self, values: Floats) -> Floats:
        """Return where values stand among those of the reference, 0 to 1 (ties in the middle); NaN of NaN."""
        left = np.searchsorted(self.values, values, "left")
        right = np.searchsorted(self.values, values, "right")
        out: Floats = (left + right) / (2.0 * max(self.values.size, 1))
        return np.where(np.isnan(values), np.nan, out)

    def numbers(self, frame: pl.DataFrame) -> Floats:
        """Return the column of a frame as floats, NaN where missing, shape (rows,)."""
        return (
            frame.get_column(self.name)
            .cast(pl.Float64, strict=False)
            .fill_null(np.nan)
            .to_numpy()
            .copy()
        )

    def texts(self, frame: pl.DataFrame) -> pl.Series:
        """Return the column of a frame as texts, null where missing."""
        series = frame.get_column(self.name)
        if isinstance(series.dtype, pl.Duration):
            return series.dt.to_string("iso")
        return series.cast(pl.String)

    def put(self, frame: pl.DataFrame, values: Floats) -> pl.DataFrame:
        """Return the frame with these numbers in the column, in its own type; NaN becomes missing.

        Whole numbers are rounded and kept inside their type. A cell whose number is the one it had keeps
        it to the last digit, and a missing cell stays missing in the way it was (null or NaN).
        """
        series = frame.get_column(self.name)
        before = self.numbers(frame)
        gone = np.isnan(values)
        kept = (values == before) | (gone & np.isnan(before))
        out = series.zip_with(pl.Series(kept), typed(self.name, values, series.dtype))
        lost = gone & ~kept
        if lost.any():
            out = out.zip_with(pl.Series(~lost), self._gap(series.dtype, frame.height))
        return frame.with_columns(out)

    def _gap(self, dtype: pl.DataType, rows: int) -> pl.Series:
        """Return missing cells as the column says missing."""
        value = np.nan if self.nan_missing and dtype.is_float() else None
        return pl.Series(self.name, [value], dtype=dtype).new_from_index(0, rows)

    def put_texts(self, frame: pl.DataFrame, texts: pl.Series) -> pl.DataFrame:
        """Return the frame with these texts in the column, in its own type where that can hold them.

        A column of an enumeration becomes one of text, for a new word is the point of the change.
        """
        dtype = frame.schema[self.name]
        new = texts.alias(self.name)
        if isinstance(dtype, pl.Categorical):
            new = new.cast(dtype)
        return frame.with_columns(new)

    def emptied(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the frame with every cell of the column missing: null, or NaN where NaN is its missing."""
        return frame.with_columns(self._gap(frame.schema[self.name], frame.height))


@dataclass(frozen=True)
class Learnt:
    """What the reference says of the inputs.

    ``frame`` holds at most some ten thousand rows of it, ``columns`` the inputs by name in their order.
    ``on_reference`` is false where no reference was given and the rows judged had to do. ``image`` names
    the columns that are the pixels of one image, row by row, with its shape (height, width[, channels]).
    """

    frame: pl.DataFrame = field(compare=False, repr=False)
    columns: Mapping[str, LearntColumn]
    subject: Subject
    on_reference: bool = True
    image: tuple[tuple[str, ...], tuple[int, ...]] | None = None

    def of(self, *kinds: Kind) -> list[LearntColumn]:
        """Return the inputs of these kinds that are not constant and no pixels, in order."""
        pixels = set(self.image[0]) if self.image else set()
        return [
            c
            for c in self.columns.values()
            if c.kind in kinds and not c.is_constant and c.name not in pixels
        ]

    def numeric(self) -> list[LearntColumn]:
        """Return the inputs that hold numbers."""
        return self.of(Kind.NUMBER, Kind.INTEGER)

    def categorical(self) -> list[LearntColumn]:
        """Return the inputs that hold categories as texts."""
        return self.of(Kind.CATEGORY)

    def any_kind(self) -> list[LearntColumn]:
        """Return all inputs that can be changed, constant ones included."""
        pixels = set(self.image[0]) if self.image else set()
        return [
            c for c in self.columns.values() if c.kind is not Kind.OTHER and c.name not in pixels
        ]


def learn(
    frame: pl.DataFrame,
    subject: Subject,
    *,
    on_reference: bool = True,
    image: tuple[tuple[str, ...], tuple[int, ...]] | None = None,
) -> Learnt:
    """Learn the input columns of a subject from rows of the reference."""
    names = [c for c in subject.roles.features if c in frame.columns]
    columns = {name: learn_column(frame.get_column(name)) for name in names}
    return Learnt(frame, columns, subject, on_reference, image)


def learn_column(series: pl.Series) -> LearntColumn:
    """Learn one column."""
    dtype = series.dtype
    held = series.drop_nulls()
    if dtype.is_float():
        held = held.drop_nans()
    missing = 1.0 - held.len() / max(series.len(), 1)
    nan_missing = held.len() < series.len() and series.null_count() == 0
    kind = _kind(held)
    values = np.empty(0)
    levels: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    if kind in (Kind.NUMBER, Kind.INTEGER):
        values = held.cast(pl.Float64).to_numpy()
        values = np.sort(values[np.isfinite(values)])
    elif kind in (Kind.CATEGORY, Kind.BOOLEAN, Kind.TEXT):
        counts = (
            held.cast(pl.String)
            .alias("level")
            .value_counts()
            .sort(["count", "level"], descending=[True, False])
            .head(MOST_LEVELS)
        )
        levels = tuple(counts.get_column("level").to_list())
        shares = tuple(counts.get_column("count").cast(pl.Float64).to_numpy() / max(held.len(), 1))
    return LearntColumn(series.name, kind, dtype, missing, values, levels, shares, nan_missing)


def _kind(held: pl.Series) -> Kind:
    dtype = held.dtype
    if dtype == pl.Boolean:
        return Kind.BOOLEAN
    if dtype.is_integer():
        return Kind.INTEGER
    if dtype.is_float() or isinstance(dtype, pl.Decimal):
        return Kind.NUMBER
    if dtype.is_temporal():
        return Kind.MOMENT
    if dtype == pl.String or isinstance(dtype, pl.Categorical | pl.Enum):
        return Kind.TEXT if _is_prose(held.cast(pl.String)) else Kind.CATEGORY
    return Kind.OTHER


def _is_prose(held: pl.Series) -> bool:
    if held.is_empty():
        return False
    head = held.head(2000)
    words = head.str.split(" ").list.len().mean()
    assert isinstance(words, float)
    return words > TEXT_WORDS and head.n_unique() > 0.2 * head.len()


def listed(columns: Sequence[LearntColumn]) -> tuple[str, ...]:
    """Return the names of columns."""
    return tuple(column.name for column in columns)
