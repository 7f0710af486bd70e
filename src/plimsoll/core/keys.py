"""Row keys: 64-bit hashes that follow from what a row holds and from nothing else.

Splits, samples and group buckets are made from them, so they are the same whatever the order of the
rows, the size of the batches or the file format. Whole numbers of any width hash alike, as do floats
of equal value and moments in any unit; a date hashes as the midnight it begins with. Text hashes by
its UTF-8 bytes through Polars' hash with a fixed seed, so keys of text compare within one version of
Polars.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

Keys = npt.NDArray[np.uint64]

_NULL = np.uint64(0xA0761D6478BD642F)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def mix(x: Keys) -> Keys:
    """Scramble 64-bit integers so that every output bit depends on every input bit (SplitMix64).

    Source: Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195.
    """
    x = x + _GOLDEN
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def hash_column(series: pl.Series) -> Keys:
    """Return the hash of every cell, shape (rows,); missing cells have one hash of their own."""
    dtype = series.dtype
    missing = series.is_null().to_numpy() if series.null_count() else None
    if dtype.is_float() or dtype.is_integer() or dtype == pl.Boolean:
        numbers = series.cast(pl.Float64).fill_null(0.0).to_numpy() + 0.0
        bits: Keys = np.where(np.isnan(numbers), np.nan, numbers).view(np.uint64)
        if dtype.is_integer():
            wide = pl.UInt64 if dtype == pl.UInt64 else pl.Int64
            whole = series.fill_null(0).cast(wide).to_numpy().view(np.uint64)
            bits = np.where(np.abs(numbers) > 2.0**53, whole, bits)
        hashed = mix(bits)
    else:
        if dtype == pl.Date:
            text = series.cast(pl.Datetime("us")).cast(pl.Int64)
        elif isinstance(dtype, pl.Datetime):
            text = series.dt.cast_time_unit("us").cast(pl.Int64)
        elif dtype.is_temporal():
            text = series.cast(pl.Int64)
        elif dtype.is_nested() or dtype == pl.Binary:
            text = series
        else:
            text = series.cast(pl.String)
        hashed = text.hash(seed=11).to_numpy()
    return hashed if missing is None else np.where(missing, _NULL, hashed)


def hash_rows(frame: pl.DataFrame, columns: Sequence[str]) -> Keys:
    """Return one hash a row over the named columns, in the order of their names."""
    out = np.zeros(frame.height, np.uint64)
    for column in sorted(columns):
        out = mix(out ^ hash_column(frame.get_column(column)))
    return out
