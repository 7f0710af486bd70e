"""Two inputs that are one quantity in two units, such as kilometres and miles, and come apart."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.relation import Ask, Change, Holds, Relation
from plimsoll.core.stress import Draws
from plimsoll.probes.relations.family import Declared, relations
from plimsoll.probes.stress.learnt import Learnt, LearntColumn

Floats = npt.NDArray[np.float64]
KIND = "two_units"
UNEXPLAINED = 1e-8
"""The share of variance that a line through both may leave: conversions that were rounded are not found."""
DIFFERENT = 5
"""Different values from which a line through two columns says something."""
MOST = 4
"""Pairs that are asked about."""
TOLERANCE = 0.1
"""Where there are no decisions: standard deviations of the answers beyond the two ends."""


@relations(KIND, "one quantity in two units that disagree")
def two_units(learnt: Learnt, declared: Declared) -> Iterator[Relation]:
    """Both inputs take the value of another row, then only the first does, then only the second.

    With both changed the row says one thing again, as it did before. With one changed the truth is one of
    the two, so the decision must be one of the two decisions (a predicted number must lie between both).
    A model that weighs the two inputs against each other goes astray there. Pairs are numeric inputs on an
    exact line in the reference; the first four are asked about.
    """
    for one, two in _pairs(learnt)[:MOST]:
        both = (one.name, two.name)
        yield Relation(
            KIND,
            both,
            title=f"{one.name} and {two.name} that disagree",
            why=f"{one.name} and {two.name} are one quantity in two units; the truth is one of the two.",
            life="One of two sources is updated late, or converted with another factor.",
            asks=(
                Ask("both of another row", _of_another(both)),
                Ask(f"only {one.name}", _of_another((one.name,))),
                Ask(f"only {two.name}", _of_another((two.name,))),
            ),
            rule=Holds.BETWEEN,
            tolerance=TOLERANCE,
            by_decision=True,
            variant=f"{one.name} and {two.name}",
        )


def _pairs(learnt: Learnt) -> list[tuple[LearntColumn, LearntColumn]]:
    columns = learnt.numeric()
    values = {c.name: c.numbers(learnt.frame) for c in columns}
    return [
        (one, two)
        for one, two in combinations(columns, 2)
        if _on_a_line(values[one.name], values[two.name])
    ]


def _on_a_line(one: Floats, two: Floats) -> bool:
    known = np.isfinite(one) & np.isfinite(two)
    x, y = one[known], two[known]
    if x.size < DIFFERENT or np.unique(x[:1000]).size < DIFFERENT:
        return False
    x, y = _standard(x), _standard(y)
    return bool(1.0 - abs(float(x @ y)) ** 2 <= UNEXPLAINED)


def _standard(values: Floats) -> Floats:
    largest = float(np.abs(values).max()) or 1.0
    scaled = values / largest
    centred: Floats = scaled - scaled.mean()
    length = float(np.sqrt(centred @ centred))
    return centred / (length or 1.0)


def _of_another(names: tuple[str, ...]) -> Change:
    def change(frame: pl.DataFrame, draws: Draws) -> pl.DataFrame:
        order = draws.order("rows")
        donor = np.empty_like(order)
        donor[order] = np.roll(order, 1)
        return frame.with_columns(frame.get_column(name).gather(donor) for name in names)

    return change
