"""How the values of one raw column are spread, whatever its type: what drift and slices start from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.batch import BUCKET, BUCKETS, Batch
from plimsoll.core.tally import Tally, state
from plimsoll.tallies.histogram import Histogram
from plimsoll.tallies.words import COUNT, HASH, VALUE, Words

Ints = npt.NDArray[np.int64]

EXACT_VALUES, CELLS = 32_768, 8_192
MOST_TEXTS = 20_000
LENGTHS = 512
RARE = 20
"""Rows from which on a text may stand in a profile by itself."""
COARSE = 256
"""Cells, or pools of texts, that are kept for each hash bucket."""
_BUFFER = 1 << 17
"""Texts that wait at most, to be counted together."""
_ODD = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f�]"


class Kind(StrEnum):
    """What a column holds."""

    NUMBER = "number"
    MOMENT = "moment"
    """Dates and times, as seconds since 1970, or since midnight, or of a duration."""
    TEXT = "text"
    BOOLEAN = "boolean"
    NOTHING = "no value"
    OTHER = "other"
    MIXED = "mixed"
    """Parts of the table hold different kinds."""


@dataclass(frozen=True)
class Distribution(Tally):
    """Counts of the values of a column.

    Numbers and moments fall into the cells of a histogram: each different value by itself up to 32,768 of
    them, else 8,192 cells at most. Texts, categories and truth values are counted by themselves up to
    20,000 different ones, see ``tallies/words.py``. With ``bucketed`` coarser counts are kept for each of the
    64 hash buckets besides, for rows that hang together.

    State: ``rows``; ``missing``, ``nans``, ``infinities`` and ``empty_texts``; ``numbers`` and ``spread``,
    histograms; ``words``; ``text_spread`` (64, 256); ``lengths`` (512,), texts by their length in
    characters, the last cell holds the longer ones; ``non_ascii`` and ``odd``, texts with a character beyond
    ASCII and with a control or replacement character; ``waiting``, texts not counted yet.
    """

    column: str
    bucketed: bool = False
    dtype: str = state("")
    kind: Kind = state(Kind.NOTHING)
    rows: int = state(0)
    missing: int = state(0)
    nans: int = state(0)
    infinities: int = state(0)
    empty_texts: int = state(0)
    numbers: Histogram | None = state()
    spread: Histogram | None = state()
    words: Words | None = state()
    text_spread: Ints | None = state()
    lengths: Ints | None = state()
    non_ascii: int = state(0)
    odd: int = state(0)
    waiting: pl.DataFrame | None = state()

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that are read."""
        return (self.column, *([BUCKET] * self.bucketed))

    @property
    def held(self) -> int:
        """Rows with a value: not missing, NaN or infinite."""
        return self.rows - self.missing - self.nans - self.infinities

    @property
    def absent(self) -> int:
        """Rows without a value: missing or NaN."""
        return self.missing + self.nans

    def of(self, batch: Batch) -> Distribution:
        """Count one batch."""
        series = batch.frame.get_column(self.column)
        kind = kind_of(series.dtype)
        empty = series.null_count() == series.len()
        found = replace(
            self,
            dtype=str(series.dtype),
            kind=Kind.NOTHING if empty else kind,
            rows=series.len(),
            missing=series.null_count(),
        )
        if empty:
            return found
        if kind in (Kind.NUMBER, Kind.MOMENT):
            return found._with_numbers(_plain(series), batch)
        if kind in (Kind.TEXT, Kind.BOOLEAN):
            return found._with_texts(series.cast(pl.String), batch)
        return found

    def merge(self, other: Distribution) -> Distribution:
        """Return the counts of both."""
        merged = replace(
            self,
            dtype=max(_said(self), _said(other)) or max(self.dtype, other.dtype),
            kind=_both(self.kind, other.kind),
            rows=self.rows + other.rows,
            missing=self.missing + other.missing,
            nans=self.nans + other.nans,
            infinities=self.infinities + other.infinities,
            empty_texts=self.empty_texts + other.empty_texts,
            numbers=_merged(self.numbers, other.numbers),
            spread=_merged(self.spread, other.spread),
            words=_merged(self.words, other.words),
            text_spread=_added(self.text_spread, other.text_spread),
            lengths=_added(self.lengths, other.lengths),
            non_ascii=self.non_ascii + other.non_ascii,
            odd=self.odd + other.odd,
            waiting=_stacked(self.waiting, other.waiting),
        )
        waits = 0 if merged.waiting is None else merged.waiting.height
        return merged._with_waiting() if waits > _BUFFER else merged

    def settle(self) -> Distribution:
        """Count what still waits and sort."""
        done = self._with_waiting()
        return replace(
            done,
            numbers=None if done.numbers is None else done.numbers.settle(),
            spread=None if done.spread is None else done.spread.settle(),
            words=None if done.words is None else done.words.settle(),
        )

    def anonymous(self) -> Distribution:
        """Return the same counts with texts of fewer than 20 rows pooled and numbers in 1,024 cells."""
        words = self.words
        if words is not None and words.frame is not None:
            words = words.only(words.frame.filter(pl.col(COUNT) >= RARE)[VALUE])
        numbers = None if self.numbers is None else self.numbers.anonymous()
        return replace(self, numbers=numbers, words=words)

    def _with_numbers(self, series: pl.Series, batch: Batch) -> Distribution:
        parts, nans, infinities = [], 0, 0
        for chunk in _held(series).get_chunks():  # each lies in one piece and is not copied
            values = chunk.to_numpy()
            finite = np.isfinite(values)
            if not finite.all():
                lost = int(np.isnan(values).sum())
                nans += lost
                infinities += values.size - int(finite.sum()) - lost
                values = values[finite]
            parts.append(values)
        cells = Histogram(series.name, means=False, cells=CELLS, exact_cells=EXACT_VALUES)
        found = replace(self, nans=nans, infinities=infinities, numbers=cells.of_values(*parts))
        if not self.bucketed:
            return found
        coarse = Histogram(
            series.name, bucketed=True, means=False, cells=COARSE, exact_cells=COARSE
        )
        view = Batch(pl.DataFrame([series, batch.frame.get_column(BUCKET)]), batch.subject)
        return replace(found, spread=coarse.of(view))

    def _with_texts(self, series: pl.Series, batch: Batch) -> Distribution:
        held = _held(series)
        found = replace(self, text_spread=_text_spread(series, batch)) if self.bucketed else self
        if self.kind is Kind.BOOLEAN:
            return replace(found, words=Words.of(held, MOST_TEXTS))
        return replace(found, waiting=held.rename(VALUE).to_frame())

    def _with_waiting(self) -> Distribution:
        """Count the texts that wait, beside those counted before."""
        if self.waiting is None:
            return self
        words, counted = (self.words or Words(MOST_TEXTS)).plus(self.waiting[VALUE])
        texts = pl.col(VALUE).str
        looks = counted.select(
            length=texts.len_chars(), size=texts.len_bytes(), odd=texts.contains(_ODD)
        )
        counts, length = counted[COUNT].to_numpy(), looks["length"].to_numpy()
        beyond = length != looks["size"].to_numpy()
        lengths = np.bincount(np.minimum(length, LENGTHS - 1), counts, LENGTHS).astype(np.int64)
        return replace(
            self,
            waiting=None,
            words=words,
            empty_texts=self.empty_texts + int(lengths[0]),
            lengths=_added(self.lengths, lengths),
            non_ascii=self.non_ascii + int(counts[beyond].sum()),
            odd=self.odd + int(counts[looks["odd"].to_numpy()].sum()),
        )


def _held(series: pl.Series) -> pl.Series:
    return series.drop_nulls() if series.null_count() else series


def kind_of(dtype: pl.DataType) -> Kind:
    """Return what a column of this type holds."""
    if dtype == pl.Boolean:
        return Kind.BOOLEAN
    if dtype.is_numeric():
        return Kind.NUMBER
    if dtype.is_temporal():
        return Kind.MOMENT
    if dtype == pl.String or isinstance(dtype, pl.Categorical | pl.Enum):
        return Kind.TEXT
    return Kind.NOTHING if dtype == pl.Null else Kind.OTHER


def seconds(series: pl.Series) -> pl.Series:
    """Return dates and times as seconds (float64): since 1970, since midnight, or of a duration."""
    dtype = series.dtype
    if dtype == pl.Date:
        return series.cast(pl.Int32).cast(pl.Float64) * 86_400.0
    unit = getattr(dtype, "time_unit", None) or "ns"
    return series.to_physical().cast(pl.Float64) / {"ms": 1e3, "us": 1e6, "ns": 1e9}[unit]


def numbers_of(series: pl.Series) -> pl.Series:
    """Return a column of numbers or moments as the float64 values that a distribution counts."""
    return _plain(series)


def _plain(series: pl.Series) -> pl.Series:
    if series.dtype.is_temporal():
        return seconds(series).alias(series.name)
    return series.cast(pl.Float64)


def _text_spread(series: pl.Series, batch: Batch) -> Ints:
    there = series.is_not_null().to_numpy()
    pool = (series.hash(seed=11).to_numpy()[there] & np.uint64(COARSE - 1)).astype(np.int64)
    place = batch.codes(BUCKET)[there] * COARSE + pool
    return np.bincount(place, minlength=BUCKETS * COARSE).reshape(BUCKETS, COARSE)


def _said(part: Distribution) -> str:
    """Return the type of a part that holds a value; a part without one may have been read as anything."""
    return "" if part.kind is Kind.NOTHING else part.dtype


def _both(one: Kind, two: Kind) -> Kind:
    if one is two or two is Kind.NOTHING:
        return one
    return two if one is Kind.NOTHING else Kind.MIXED


Part = TypeVar("Part", Histogram, Words)


def _merged(one: Part | None, two: Part | None) -> Part | None:
    if one is None or two is None:
        return two if one is None else one
    return one.merge(two)


def _stacked(one: pl.DataFrame | None, two: pl.DataFrame | None) -> pl.DataFrame | None:
    if one is None or two is None:
        return two if one is None else one
    return one.vstack(two)


def _added(one: Ints | None, two: Ints | None) -> Ints | None:
    if one is None or two is None:
        return two if one is None else one
    total: Ints = one + two
    return total


__all__ = ["HASH", "Distribution", "Kind", "kind_of", "numbers_of", "seconds"]
