"""Schema: the table is not laid out as the model was told.

Columns of another type are not stressed here: a table whose types differ is a finding of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.stress import Draws, Fault, Realism, Stress
from plimsoll.probes.stress.family import family
from plimsoll.probes.stress.learnt import Kind, Learnt, LearntColumn

Floats = npt.NDArray[np.float64]


@family("swapped", "two columns that change places")
def swapped(learnt: Learnt) -> Iterator[Stress]:
    """Two columns of one type exchange what they hold, so that no type and no name gives it away.

    Each numeric column goes with the one whose ranks go most with its own (Spearman), a categorical or
    yes-or-no column with the one that shares the largest part of its levels; those that share none would be
    unseen categories, which is another stress.
    """
    for one, other in _pairs(learnt):
        yield Stress(
            "swapped",
            (one.name, other.name),
            title=f"{one.name} and {other.name} in each other's place",
            life="Two fields that look alike are mixed up in a form, a mapping or a file without headers.",
            fault=_exchanged(one, other),
            variant=f"{one.name}/{other.name}",
            realism=Realism.PLAUSIBLE,
        )


def _pairs(learnt: Learnt) -> Iterator[tuple[LearntColumn, LearntColumn]]:
    """Yield each pair once, in the order of the columns."""
    done: set[frozenset[str]] = set()
    for columns, likeness in _alike(learnt):
        for place, column in enumerate(columns):
            if len(columns) < 2:
                continue
            other = columns[int(np.argmax(likeness[place]))]
            pair = frozenset((column.name, other.name))
            if likeness[place].max() > 0.0 and pair not in done:
                done.add(pair)
                yield column, other


def _alike(learnt: Learnt) -> Iterator[tuple[list[LearntColumn], Floats]]:
    """Yield columns of one type with how alike they are, shape (columns, columns); 0 on the diagonal."""
    groups: dict[pl.DataType, list[LearntColumn]] = {}
    for column in learnt.of(Kind.NUMBER, Kind.INTEGER, Kind.CATEGORY, Kind.BOOLEAN):
        groups.setdefault(column.dtype, []).append(column)
    for columns in groups.values():
        numeric = columns[0].is_numeric
        alike = _correlations(learnt, columns) if numeric else _shared_levels(columns)
        np.fill_diagonal(alike, 0.0)
        yield columns, alike


def _correlations(learnt: Learnt, columns: list[LearntColumn]) -> Floats:
    """Return the size of the rank correlations; missing cells stand in the middle."""
    ranks = np.stack([c.rank(c.numbers(learnt.frame)) for c in columns], axis=1)
    for column, values in zip(columns, ranks.T, strict=True):
        values[np.isnan(column.numbers(learnt.frame))] = 0.5
    spread = ranks.std(axis=0)
    ranks = (ranks - ranks.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    out: Floats = np.abs(ranks.T @ ranks) / max(len(ranks), 1)
    return out


def _shared_levels(columns: list[LearntColumn]) -> Floats:
    """Return how much of the levels of two columns are the same: shared levels by all levels (Jaccard)."""
    levels = [set(c.levels) for c in columns]
    return np.array([[len(a & b) / max(len(a | b), 1) for b in levels] for a in levels])


def _exchanged(one: LearntColumn, other: LearntColumn) -> Fault:
    def fault(frame: pl.DataFrame, _: float, __: Draws) -> pl.DataFrame:
        here, there = pl.col(one.name), pl.col(other.name)
        return frame.with_columns(
            there.cast(frame.schema[one.name], strict=False).alias(one.name),
            here.cast(frame.schema[other.name], strict=False).alias(other.name),
        )

    return fault
