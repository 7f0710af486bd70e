"""Raw columns to numbers, learnt on the reference: what a simple baseline needs of its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
MOST_CATEGORIES = 30


@dataclass(frozen=True)
class Column:
    """How one column becomes numbers.

    A numeric column keeps its values; ``middle`` and ``scale`` are its median and spread. Any other
    becomes the code of one of its most frequent ``categories``, or one more for the rest; missing is
    a category of its own.
    """

    name: str
    numeric: bool
    middle: float = 0.0
    scale: float = 1.0
    categories: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()

    def numbers(self, frame: pl.DataFrame) -> Floats:
        """Return values (NaN where missing) or category codes, shape (rows,).

        A table in which the column holds lists or bytes has no value that is known here.
        """
        series = frame.get_column(self.name)
        if not _is_plain(series.dtype):
            series = pl.Series(self.name, [None], pl.String).new_from_index(0, frame.height)
        if self.numeric:
            values = series.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
            finite: Floats = np.where(np.isfinite(values), values, np.nan)
            return finite
        rest = len(self.categories)
        codes = series.cast(pl.String).replace_strict(
            list(self.categories), list(range(rest)), default=rest, return_dtype=pl.Int32
        )
        missing = series.is_null()
        values = codes.cast(pl.Float64).fill_null(float(rest)).to_numpy().copy()
        values[missing.to_numpy()] = rest + 1
        return values

    def bins(self, frame: pl.DataFrame) -> npt.NDArray[np.int64]:
        """Return the bin of each row: a quantile bin or a category; missing is the last."""
        values = self.numbers(frame)
        if not self.numeric:
            return values.astype(np.int64)
        bins = np.searchsorted(np.asarray(self.edges), values, side="right")
        return np.where(np.isnan(values), len(self.edges) + 1, bins)

    @property
    def bin_count(self) -> int:
        """Number of bins."""
        return len(self.edges) + 2 if self.numeric else len(self.categories) + 2

    def design(self, frame: pl.DataFrame) -> Floats:
        """Return the columns of a linear model: standardised and a missing flag, or one-hot."""
        values = self.numbers(frame)
        if self.numeric:
            gone = np.isnan(values)
            standard = np.where(gone, 0.0, (values - self.middle) / self.scale)
            return np.stack([np.clip(standard, -10, 10), gone.astype(np.float64)], axis=1)
        one_hot: Floats = (values[:, None] == np.arange(len(self.categories) + 2)).astype(
            np.float64
        )
        return one_hot


def learn(frame: pl.DataFrame, names: Sequence[str]) -> list[Column]:
    """Learn the columns that can serve as inputs; dates, lists and constant columns are left out."""
    out = []
    for name in names:
        series = frame.get_column(name)
        dtype = series.dtype
        if dtype.is_temporal() or dtype == pl.Null or not _is_plain(dtype):
            continue
        column = _numeric(name, series) if _is_numeric(dtype) else _categorical(name, series)
        if column is not None:
            out.append(column)
    return out


def _is_plain(dtype: pl.DataType) -> bool:
    return not (dtype.is_nested() or dtype in (pl.Binary, pl.Object))


def _is_numeric(dtype: pl.DataType) -> bool:
    return dtype.is_numeric() or dtype == pl.Boolean


def _numeric(name: str, series: pl.Series) -> Column | None:
    values = series.cast(pl.Float64, strict=False).drop_nulls().to_numpy()
    values = values[np.isfinite(values)]
    if values.size == 0 or values.min() == values.max():
        return None
    middle, spread = float(np.median(values)), float(values.std())
    edges = np.unique(np.quantile(values, np.linspace(0, 1, 17)[1:-1]))
    return Column(name, True, middle, spread or 1.0, edges=tuple(float(e) for e in edges))


def _categorical(name: str, series: pl.Series) -> Column | None:
    counts = (
        series.cast(pl.String)
        .drop_nulls()
        .value_counts()
        .sort(["count", series.name], descending=[True, False])
    )
    if counts.height < 2:
        return None
    return Column(name, False, categories=tuple(counts[series.name].head(MOST_CATEGORIES)))
