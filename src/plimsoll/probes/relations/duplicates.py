"""The same row twice in one call."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from plimsoll.core.relation import Ask, Holds, Relation
from plimsoll.core.stress import Draws
from plimsoll.probes.relations.family import Declared, relations
from plimsoll.probes.stress.learnt import Learnt

KIND = "duplicate"
TOLERANCE = 1e-6


@relations(KIND, "the same row twice in one call")
def duplicate(learnt: Learnt, declared: Declared) -> Iterator[Relation]:
    """All rows are asked twice in one call, the second time in reversed order; both answers must agree.

    A model that draws random numbers, counts its calls, or ranks the rows of a call against each other
    answers differently. Asked again, in another order and in small parts: see the controls.
    """
    if not learnt.columns:
        return
    yield Relation(
        KIND,
        (),
        title="the same row twice in one call",
        why="Nothing about the row has changed.",
        life="A form sent twice, a join that doubles rows, a retry after a timeout.",
        asks=(Ask("twice", _twice),),
        rule=Holds.TWICE,
        tolerance=TOLERANCE,
    )


def _twice(frame: pl.DataFrame, _: Draws) -> pl.DataFrame:
    return pl.concat([frame, frame.reverse()])
