"""Numbers that differ by less than anybody wrote down: float noise, and digits beyond those shown."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.relation import Ask, Change, Relation
from plimsoll.core.stress import Draws
from plimsoll.probes.relations.family import Declared, relations
from plimsoll.probes.stress.learnt import Kind, Learnt, LearntColumn

Floats = npt.NDArray[np.float64]
KIND = "rounding"
NOISE = 1e-9
"""How far a number is moved, as a share of itself."""
SHOWN = 0.99
"""The share of the reference's values that a number of decimals must write in full."""
MOST_DECIMALS = 8
TOLERANCE = 1e-3
"""Where there are no decisions: standard deviations of the answers that count as a change."""


@relations(KIND, "numbers moved by less than is written down")
def rounding(learnt: Learnt, declared: Declared) -> Iterator[Relation]:
    """All numbers are moved down and up by a billionth of themselves, then rounded as the reference is.

    A column that the reference writes with two decimals is rounded to two; one whose reference needs more
    than eight is left alone by the rounding, and whole numbers by both. A threshold that sits on a value
    that rows really have is found this way. Kept is what a float of the column can tell.
    """
    columns = learnt.of(Kind.NUMBER)
    columns = [c for c in columns if c.dtype.is_float()]
    if not columns:
        return
    names = tuple(column.name for column in columns)
    yield Relation(
        KIND,
        names,
        title="float noise in its numbers",
        why="Nobody measured the ninth digit; another library or another machine gives another one.",
        life="A sum taken in another order, a round trip through a CSV file or another database.",
        asks=(
            Ask("a billionth less", _moved(columns, -NOISE)),
            Ask("a billionth more", _moved(columns, NOISE)),
        ),
        tolerance=TOLERANCE,
        by_decision=True,
        variant="noise",
    )
    shown = [(column, d) for column in columns if (d := decimals(column.values)) is not None]
    if shown:
        yield Relation(
            KIND,
            tuple(column.name for column, _ in shown),
            title="numbers rounded as in the reference",
            why="The reference was written with these decimals and no more.",
            life="A source that rounds before it sends, as the training data were.",
            asks=(Ask("rounded", _rounded(shown)),),
            tolerance=TOLERANCE,
            by_decision=True,
            variant="decimals",
        )


def decimals(values: Floats) -> int | None:
    """Return the decimals with which nearly all values are written in full, or None beyond eight.

    >>> decimals(np.array([0.25, 1.5, 3.0]))
    2
    """
    for places in range(MOST_DECIMALS + 1):
        off = np.abs(np.round(values, places) - values)
        if np.mean(off <= 1e-12 * np.maximum(np.abs(values), 1.0)) >= SHOWN:
            return places
    return None


def _moved(columns: list[LearntColumn], share: float) -> Change:
    def change(frame: pl.DataFrame, _: Draws) -> pl.DataFrame:
        for column in columns:
            frame = column.put(frame, column.numbers(frame) * (1.0 + share))
        return frame

    return change


def _rounded(shown: list[tuple[LearntColumn, int]]) -> Change:
    def change(frame: pl.DataFrame, _: Draws) -> pl.DataFrame:
        for column, places in shown:
            frame = column.put(frame, np.round(column.numbers(frame), places))
        return frame

    return change
