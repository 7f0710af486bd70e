"""Numbers in the type of a column: rounded where it holds whole ones, and inside what it can hold."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
_WIDTHS = (
    (pl.Int8, 8), (pl.UInt8, 8), (pl.Int16, 16), (pl.UInt16, 16), (pl.Int32, 32), (pl.UInt32, 32),
    (pl.Int128, 128),
)  # fmt: skip


def typed(name: str, values: Floats, dtype: pl.DataType) -> pl.Series:
    """Return numbers in a type, inside what it can hold; NaN becomes 0 where it has none."""
    if dtype.is_float():
        return pl.Series(name, values).cast(dtype)
    whole = np.where(np.isnan(values), 0.0, values)
    if dtype == pl.Boolean:
        return pl.Series(name, whole >= 0.5)
    low, high = span(dtype)
    if dtype.is_integer():
        whole = np.rint(whole)
    return pl.Series(name, np.clip(whole, low, high)).cast(dtype)


def span(dtype: pl.DataType) -> tuple[float, float]:
    """Return the ends of a type of numbers, inside what a float can say exactly of it."""
    if dtype == pl.Boolean:
        return 0.0, 1.0
    if isinstance(dtype, pl.Decimal):
        whole = 10.0 ** ((dtype.precision or 38) - dtype.scale)
        top = float(np.nextafter(whole, 0.0)) if whole > 2.0**53 else whole - 1.0
        return -top, top
    if dtype == pl.Float32:
        return float(np.finfo(np.float32).min), float(np.finfo(np.float32).max)
    if not dtype.is_integer():
        return float(np.finfo(np.float64).min), float(np.finfo(np.float64).max)
    width = next((w for kind, w in _WIDTHS if dtype == kind), 64)
    if dtype.is_unsigned_integer():
        return 0.0, _below(2.0**width)
    return -(2.0 ** (width - 1)), _below(2.0 ** (width - 1))


def _below(power: float) -> float:
    return power - 1.0 if power <= 2.0**53 else float(np.nextafter(power, 0.0))
