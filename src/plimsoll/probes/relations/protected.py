"""A protected column is changed and nothing else: what the answer owes to it directly.

It says nothing of what reaches the answer through other inputs that go together with the column: those stay
as they were. A model that does not read the column passes by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.relation import Ask, Change, Relation
from plimsoll.core.stress import Draws
from plimsoll.probes.relations.family import Declared, relations
from plimsoll.probes.stress.learnt import Kind, Learnt, LearntColumn

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
KIND = "protected"
MOST = 6
"""Values that are gone through; rarer ones stay as they are."""
LEVELS = (0.1, 0.5, 0.9)
"""Where a column of many numbers is set to: these shares of the reference lie below."""
TOLERANCE = 0.1
"""Where there are no decisions: standard deviations of the answers that count as a change."""


@relations(KIND, "another value of a protected column")
def protected(learnt: Learnt, declared: Declared) -> Iterator[Relation]:
    """Each row gets every other frequent value of a protected column, all else the same.

    Frequent are the six most frequent values that at least ``least`` rows of the reference have; a column
    of many numbers is set to its low, middle and high (10, 50 and 90 of 100 rows lie below). With k values
    it takes k - 1 calls: in each, every row takes the next value of the list. Rows without a value, or with
    a rare one, stay as they are.
    """
    for name in dict.fromkeys(learnt.subject.roles.sensitive):
        column = learnt.columns.get(name)
        values = None if column is None else _values(learnt, column, declared.least)
        if column is None or values is None or values.count < 2:
            continue
        yield Relation(
            KIND,
            (name,),
            title=f"another {name}",
            why=f"The owner names {name} as protected, so nothing may be decided by it alone.",
            life="Two people who differ in this and in nothing else.",
            asks=tuple(
                Ask(f"value {step} further", _shifted(values, step))
                for step in range(1, values.count)
            ),
            tolerance=TOLERANCE,
            by_decision=True,
            groups=values.names,
        )


@dataclass(frozen=True)
class _Values:
    """The values that a column is set to: ``labels`` name them, ``numbers`` hold them for numeric columns.

    ``nearest`` says that a row belongs to the value it is closest to, else to the one it has.
    """

    column: LearntColumn
    labels: tuple[str, ...]
    numbers: Floats | None = None
    nearest: bool = False

    @property
    def count(self) -> int:
        """Number of values."""
        return len(self.labels)

    @cached_property
    def _middles(self) -> Floats:
        assert self.numbers is not None
        return (self.numbers[1:] + self.numbers[:-1]) / 2

    def places(self, frame: pl.DataFrame) -> Ints:
        """Return which value each row has, -1 where it has none of them, shape (rows,)."""
        if self.numbers is None:
            known = {label: place for place, label in enumerate(self.labels)}
            texts = self.column.texts(frame)
            found = texts.replace_strict(known, default=-1, return_dtype=pl.Int64)
            return found.fill_null(-1).to_numpy()
        values = self.column.numbers(frame)
        if self.nearest:
            places = np.searchsorted(self._middles, values).astype(np.int64)
            return np.where(np.isfinite(values), places, -1)
        places = np.searchsorted(self.numbers, values).clip(0, self.count - 1).astype(np.int64)
        return np.where(self.numbers[places] == values, places, -1)

    def names(self, frame: pl.DataFrame) -> pl.Series:
        """Return the name of the value that each row has, null where it has none of them."""
        places = self.places(frame)
        labels = pl.Series("group", self.labels, dtype=pl.String)
        return labels.gather(pl.Series(places).replace(-1, None))

    def put(self, frame: pl.DataFrame, places: Ints) -> pl.DataFrame:
        """Return the frame with these values; rows of -1 stay as they are."""
        keep = places < 0
        if self.numbers is not None:
            before = self.column.numbers(frame)
            return self.column.put(frame, np.where(keep, before, self.numbers[places]))
        series = frame.get_column(self.column.name)
        if self.column.kind is Kind.BOOLEAN:
            truth = pl.Series([label == "true" for label in self.labels])
            new = truth.gather(places.clip(0)).alias(series.name)
            return frame.with_columns(series.zip_with(pl.Series(keep), new))
        new = pl.Series(series.name, self.labels).gather(places.clip(0)).cast(series.dtype)
        return frame.with_columns(series.zip_with(pl.Series(keep), new))


def _values(learnt: Learnt, column: LearntColumn, least: int) -> _Values | None:
    if column.kind in (Kind.CATEGORY, Kind.BOOLEAN, Kind.TEXT):
        held = learnt.frame.height * (1.0 - column.missing)
        frequent = [
            label
            for label, share in zip(column.levels, column.shares, strict=True)
            if round(share * held) >= least
        ]
        return _Values(column, tuple(frequent[:MOST]))
    if not column.is_numeric or not column.values.size:
        return None
    values, counts = np.unique(column.values, return_counts=True)
    if values.size <= 2 * MOST:
        often = np.flatnonzero(counts >= least)
        often = np.sort(often[np.argsort(-counts[often], kind="stable")][:MOST])
        return _numbers(column, values[often], nearest=False)
    if column.values.size < least * len(LEVELS):
        return None
    return _numbers(column, np.unique(_levels(column)), nearest=True)


def _numbers(column: LearntColumn, values: Floats, *, nearest: bool) -> _Values:
    about = "about " if nearest else ""
    return _Values(column, tuple(f"{about}{value:g}" for value in values), values, nearest)


def _levels(column: LearntColumn) -> Floats:
    levels = column.quantile(np.array(LEVELS))
    return np.rint(levels) if column.kind is Kind.INTEGER else levels


def _shifted(values: _Values, step: int) -> Change:
    def change(frame: pl.DataFrame, _: Draws) -> pl.DataFrame:
        places = values.places(frame)
        return values.put(frame, np.where(places < 0, -1, (places + step) % values.count))

    return change
