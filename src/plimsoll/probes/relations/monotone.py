"""Inputs that the owner says may move the answer one way only: more income never lowers a credit score."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from plimsoll.core.relation import Ask, Change, Holds, Relation
from plimsoll.core.stress import Draws
from plimsoll.probes.relations.family import Declared, relations
from plimsoll.probes.stress.learnt import Learnt, LearntColumn

KIND = "monotone"
STEPS = (0.1, 0.5)
"""How far a value is raised: past this share of the reference's values that lie above it."""
TOLERANCE = 1e-3
"""How far the answer may move the wrong way: of a probability, or standard deviations of the answers."""


@relations(KIND, "a higher value of an input that may move the answer one way only")
def monotone(learnt: Learnt, declared: Declared) -> Iterator[Relation]:
    """Each row's value is raised past a tenth, then past half, of the reference's values above it.

    The answers for the row as it is, after the first step and after the second must not move the wrong way
    from any of them to a later one by more than the tolerance. Rows at the top, or without a value, stay as
    they are. Inputs that hold no numbers are left out.
    """
    ways = ((declared.increasing, Holds.HIGHER), (declared.decreasing, Holds.LOWER))
    for names, rule in ways:
        for name in dict.fromkeys(names):
            column = learnt.columns.get(name)
            if column is None or not column.is_numeric or column.is_constant:
                continue
            word = "raise" if rule is Holds.HIGHER else "lower"
            yield Relation(
                KIND,
                (name,),
                title=f"a higher {name}",
                why=f"The owner says that {name} may only {word} the answer.",
                life="Someone gains a little of it, and asks why the answer moved the wrong way.",
                asks=tuple(
                    Ask(f"past {100 * step:.0f} of 100 values above", _raised(column, step))
                    for step in STEPS
                ),
                rule=rule,
                tolerance=TOLERANCE,
            )


def _raised(column: LearntColumn, step: float) -> Change:
    def change(frame: pl.DataFrame, _: Draws) -> pl.DataFrame:
        values = column.numbers(frame)
        known = np.isfinite(values)
        upto = np.searchsorted(column.values, values, "right") / column.values.size
        higher = column.quantile(upto + step * (1.0 - upto))
        return column.put(frame, np.where(known, np.fmax(values, higher), values))

    return change
