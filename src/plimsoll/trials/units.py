"""What comes and goes together in an ablation: single inputs, groups that were declared, or neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

MOST_UNITS = 40
"""Inputs beyond so many are taken in groups of neighbours, unless groups are declared."""


@dataclass(frozen=True)
class Unit:
    """Inputs that are left out together, under one name."""

    name: str
    columns: tuple[str, ...]


def units_of(
    features: tuple[str, ...], groups: tuple[tuple[str, tuple[str, ...]], ...]
) -> tuple[Unit, ...]:
    """Return the units of an ablation in the order of the columns.

    >>> [u.name for u in units_of(("a", "b", "c"), (("ends", ("a", "c")),))]
    ['ends', 'b']
    """
    declared = {
        column: name for name, members in groups for column in members if column in features
    }
    members: dict[str, list[str]] = {}
    for column in features:
        members.setdefault(declared.get(column, column), []).append(column)
    found = tuple(Unit(name, tuple(columns)) for name, columns in members.items())
    return found if len(found) <= MOST_UNITS else _neighbours(found)


def _neighbours(units: tuple[Unit, ...]) -> tuple[Unit, ...]:
    out = []
    for part in np.array_split(np.arange(len(units)), MOST_UNITS):
        held = [units[i] for i in part]
        columns = tuple(column for unit in held for column in unit.columns)
        name = held[0].name if len(held) == 1 else f"{held[0].name} to {held[-1].name}"
        out.append(Unit(name, columns))
    return tuple(out)


def columns_of(units: Iterable[Unit], names: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of the named units."""
    wanted = set(names)
    return tuple(column for unit in units if unit.name in wanted for column in unit.columns)


def typical(frame: pl.DataFrame, columns: Iterable[str]) -> dict[str, pl.Series]:
    """Return for every column one cell that says nothing of a row: its middle value, or its most frequent.

    A cell that was there, in the type of the column; missing where all are.
    """
    out = {}
    for name in columns:
        series = frame.get_column(name)
        held = series.drop_nulls()
        if held.dtype.is_float():
            held = held.drop_nans()
        if held.is_empty():
            out[name] = series.head(1)
        elif held.dtype.is_numeric() or held.dtype.is_temporal():
            out[name] = held.sort().slice(held.len() // 2, 1)
        elif held.dtype.is_nested() or held.dtype == pl.Binary:
            out[name] = held.head(1)
        else:
            counts = (
                held.alias("cell").value_counts().with_columns(text=pl.col("cell").cast(pl.String))
            )
            best = counts.sort(["count", "text"], descending=[True, False])
            out[name] = best.get_column("cell").head(1).alias(name)
    return out


def held_at(frame: pl.DataFrame, cells: Mapping[str, pl.Series]) -> pl.DataFrame:
    """Return the frame with each of these columns at one cell, in its own type, in every row."""
    if not cells or not frame.height:
        return frame
    return frame.with_columns(
        cell.cast(frame.schema[name], strict=False).new_from_index(0, frame.height).alias(name)
        for name, cell in cells.items()
    )
