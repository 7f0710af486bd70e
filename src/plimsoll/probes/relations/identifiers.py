"""Columns that name a row and say nothing of it: the answer must not hang on them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.relation import Ask, Change, Relation
from plimsoll.core.stress import Draws
from plimsoll.probes.relations.family import Declared, relations
from plimsoll.probes.stress.learnt import Kind, Learnt, LearntColumn

KIND = "identifier"
TOLERANCE = 1e-6
UNIQUE = 0.95
"""The share of different values from which a column is nearly unique."""
ENOUGH = 50
"""Rows of the reference from which that is told."""
MANY = 500
"""Rows from which numbers spread evenly over their range are taken for serial numbers."""
EVEN = 1.628
"""Kolmogorov's bound at 1 of 100, times the square root of the rows."""
_NAMED = re.compile(
    r"(?i:(?<![a-z])(ids?|uuid|guid|key|pk|serial|ssn|iban|number|no|nr)(?![a-z]))|[a-z](Id|ID)$"
)


@relations(KIND, "the identifier of another row")
def identifier(learnt: Learnt, declared: Declared) -> Iterator[Relation]:
    """Each row gets the identifier of another row.

    Taken for identifiers are the id column where the model reads it; texts that hardly repeat (95 of 100
    differ) and are no prose; and whole numbers that hardly repeat and are called one (``customer_id``), are
    consecutive, or are spread evenly over their range in 500 rows or more, as serial numbers are and amounts
    are not.
    """
    for column in learnt.columns.values():
        if column.name == learnt.subject.roles.id or _is_identifier(learnt, column):
            yield Relation(
                KIND,
                (column.name,),
                title=f"the {column.name} of another row",
                why=f"{column.name} names a row and says nothing of it.",
                life="Keys are given anew after a migration, and new rows get keys never seen.",
                asks=(Ask("of another row", _permuted(column.name)),),
                tolerance=TOLERANCE,
            )


def _is_identifier(learnt: Learnt, column: LearntColumn) -> bool:
    held = learnt.frame.get_column(column.name).drop_nulls()
    if held.len() < ENOUGH or column.kind not in (Kind.INTEGER, Kind.CATEGORY):
        return False
    if held.n_unique() < UNIQUE * held.len():
        return False
    return column.kind is Kind.CATEGORY or _is_serial(column)


def _is_serial(column: LearntColumn) -> bool:
    if _NAMED.search(column.name):
        return True
    values: npt.NDArray[np.float64] = column.values
    span = float(values[-1] - values[0])
    if span < 2.0 * values.size:
        return True
    place = (values - values[0]) / span
    expected = np.arange(values.size) / (values.size - 1.0)
    distance = float(np.abs(place - expected).max())
    return values.size >= MANY and distance * np.sqrt(values.size) < EVEN


def _permuted(name: str) -> Change:
    def change(frame: pl.DataFrame, draws: Draws) -> pl.DataFrame:
        order = draws.order("rows")
        donor = np.empty_like(order)
        donor[order] = np.roll(order, 1)  # a ring through all rows: none keeps its own
        return frame.with_columns(frame.get_column(name).gather(donor))

    return change
