"""Which slices a run looks at: from names in the settings to cuts of columns and their crossings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

import polars as pl

from plimsoll.core.errors import SettingsError, did_you_mean
from plimsoll.core.limit import Limit
from plimsoll.core.settings import Settings, SliceSettings
from plimsoll.core.slicing import Cut, SliceSet
from plimsoll.probes.coding import condition_columns

OWN_VALUES = 50
"""Values of a text column that are slices by themselves."""
CROSSED_VALUES = 12
"""Values of a text column that are told apart where it is crossed with another."""
MOST_CROSSED = 3
FEW_COLUMNS = 6
"""Columns up to which, where all are crossed, each has as many values by itself as it would alone."""


def slice_sets(
    settings: Settings, schema: pl.Schema, limits: Sequence[Limit]
) -> tuple[SliceSet, ...]:
    """Return the ways of cutting the rows that the settings and the limits ask for, each once.

    Raises
    ------
    SettingsError
        Where a name is neither a column, nor a crossing of columns, nor a named condition.
    """
    asked = list(settings.columns.slice_by)
    asked += list(settings.slices.named)
    single = [name for name in dict.fromkeys(asked) if "*" not in name or name in schema]
    crossed = settings.slices.cross > 1 and len(single) > FEW_COLUMNS
    most = CROSSED_VALUES if crossed else OWN_VALUES
    found = [_set(name, settings.slices, schema, "slice_by", most) for name in dict.fromkeys(asked)]
    for size in range(2, settings.slices.cross + 1):
        found += [
            _crossing(names, settings.slices, schema, "slice_by")
            for names in combinations(single, size)
        ]
    return _once([*found, *_of_limits("slices", limits, settings, schema)])


def sensitive_sets(
    settings: Settings, schema: pl.Schema, limits: Sequence[Limit]
) -> tuple[SliceSet, ...]:
    """Return the protected columns, their crossings by two, and what fairness limits name."""
    columns = list(dict.fromkeys(settings.columns.sensitive))
    found = [_set(name, settings.slices, schema, "sensitive") for name in columns]
    found += [
        _crossing(names, settings.slices, schema, "sensitive") for names in combinations(columns, 2)
    ]
    return _once([*found, *_of_limits("fairness", limits, settings, schema)])


def _of_limits(
    area: str, limits: Sequence[Limit], settings: Settings, schema: pl.Schema
) -> list[SliceSet]:
    """Return what the limits of an area name by themselves."""
    return [
        _set(name, settings.slices, schema, f"limit '{limit.name}'")
        for limit in limits
        if limit.area == area
        for name in limit.by
    ]


def audit_columns(settings: Settings) -> tuple[str, str] | None:
    """Return the columns of sex and of race, which must be named as sensitive, too; None without them.

    Raises
    ------
    SettingsError
        Where one of the two is missing, or is not among the protected columns.
    """
    sex, race = settings.fairness.sex, settings.fairness.race
    if sex is None and race is None:
        return None
    if sex is None or race is None:
        raise SettingsError(
            "An impact table is by sex and by race or ethnicity; give both columns under [fairness]."
        )
    sensitive = settings.columns.sensitive
    for column in (sex, race):
        if column not in sensitive:
            raise SettingsError(
                f"The column '{column}' is named under [fairness] and is not among the sensitive columns; "
                f"add it to sensitive.{did_you_mean(column, sensitive)}"
            )
    return sex, race


def check_conditions(settings: SliceSettings, schema: pl.Schema) -> None:
    """Refuse a named slice whose condition cannot be asked of one row of this table."""
    for name, condition in settings.named.items():
        try:
            columns = condition_columns(condition)
        except ValueError as error:
            raise SettingsError(
                f"The slice '{name}' needs a condition on one row, such as age > 60; '{condition}' is "
                f"none: {error}."
            ) from None
        for column in columns:
            if column not in schema:
                raise SettingsError(
                    f"The slice '{name}' asks for the column '{column}', which the data does not have."
                    f"{did_you_mean(column, schema)}"
                )
    for column in settings.edges:
        if column not in schema:
            raise SettingsError(
                f"Edges are given for the column '{column}', which the data does not have."
                f"{did_you_mean(column, schema)}"
            )
        if sorted(set(settings.edges[column])) != list(settings.edges[column]):
            raise SettingsError(
                f"The edges of '{column}' must rise, such as [30, 60]; got {settings.edges[column]}."
            )


def columns_of(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the parts of a crossing as it is written: ``region*age``; a column's own name wins.

    >>> columns_of("region * age", ["region", "age"])
    ('region', 'age')
    """
    if name in known:
        return (name,)
    return tuple(part.strip() for part in name.split("*"))


def _set(
    name: str, settings: SliceSettings, schema: pl.Schema, role: str, most: int = OWN_VALUES
) -> SliceSet:
    parts = columns_of(name, [*schema, *settings.named])
    if len(parts) > 1:
        return _crossing(parts, settings, schema, role)
    return SliceSet(name, (_cut(name, settings, schema, role, most=most),))


def _crossing(
    parts: Sequence[str], settings: SliceSettings, schema: pl.Schema, role: str
) -> SliceSet:
    if len(parts) > MOST_CROSSED or len(set(parts)) < len(parts):
        raise SettingsError(
            f"A crossing joins two or three different columns, such as region*age; got '{'*'.join(parts)}'."
        )
    cuts = tuple(_cut(part, settings, schema, role, most=CROSSED_VALUES) for part in parts)
    return SliceSet("*".join(parts), cuts)


def _cut(
    name: str, settings: SliceSettings, schema: pl.Schema, role: str, most: int = OWN_VALUES
) -> Cut:
    if name in settings.named:
        return Cut(name, condition=settings.named[name])
    if name not in schema:
        known = [*schema, *settings.named]
        raise SettingsError(
            f"The role '{role}' names '{name}', which is neither a column of the data nor a named slice."
            f"{did_you_mean(name, known)}"
        )
    dtype = schema[name]
    if dtype.is_nested() or dtype in (pl.Binary, pl.Object):
        raise SettingsError(
            f"Slices need a column of numbers, texts, dates or truth values; '{name}' holds {dtype}."
        )
    return Cut(
        name,
        edges=tuple(settings.edges.get(name, ())),
        bins=settings.bins,
        binning=settings.binning if dtype.is_numeric() else "quantile",
        most=most,
        min_rows=settings.min_rows,
    )


def _once(sets: Iterable[SliceSet]) -> tuple[SliceSet, ...]:
    return tuple({frozenset(one.cuts): one for one in reversed(list(sets))}.values())[::-1]
