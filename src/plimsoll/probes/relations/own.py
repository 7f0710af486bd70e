"""A relation of your own: one decorated function of rows and random numbers.

::

    @plimsoll.relation("one more child", expect="lower", life="A child is born.")
    def one_more_child(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
        return rows.with_columns(children=pl.col("children") + 1)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import polars as pl

from plimsoll.core.relation import Ask, Holds, Relation
from plimsoll.core.stress import Draws
from plimsoll.probes.own_rows import changed_by

MARK = "__plimsoll_relation__"
EXPECTED = (Holds.SAME, Holds.HIGHER, Holds.LOWER)
Function = TypeVar("Function", bound=Callable[..., object])


@dataclass(frozen=True)
class Told:
    """What the decorator was told of a function."""

    title: str
    expect: Holds
    tolerance: float
    columns: tuple[str, ...]
    why: str
    life: str


def relation(
    title: str,
    *,
    expect: str = "same",
    tolerance: float = 1e-6,
    columns: Sequence[str] = (),
    why: str = "",
    life: str = "",
) -> Callable[[Function], Function]:
    """Mark a function ``(rows, rng) -> rows`` as a relation of your own.

    ``title`` completes "the answer for a row and for one with ...". The answer for the changed row must be
    the ``same``, or only ``higher`` (never lower) or ``lower`` (never higher), up to ``tolerance`` in the
    unit of the answer: the score of the positive class, or the predicted number. ``columns`` are the inputs
    it changes. It is handed a Polars frame of the inputs, or a pandas frame where the annotation of its first
    argument says so, and must return as many rows in the same order; rows it leaves alone are not counted.

    Raises
    ------
    ValueError
        If ``expect`` is not one of these words, or the tolerance is below 0.
    """
    if expect not in EXPECTED:
        raise ValueError(f"expect must be one of {', '.join(EXPECTED)}; got '{expect}'")
    if not (tolerance >= 0.0 and math.isfinite(tolerance)):
        raise ValueError(f"tolerance must be 0 or more; got {tolerance}")
    told = Told(title, Holds(expect), tolerance, tuple(columns), why, life)

    def mark(function: Function) -> Function:
        setattr(function, MARK, told)
        return function

    return mark


def is_relation(function: object) -> bool:
    """Whether a function was marked by :func:`relation`."""
    return isinstance(getattr(function, MARK, None), Told)


def own_relation(function: Callable[..., Any], name: str) -> Relation:
    """Return the relation that a marked function is."""
    told: Told = getattr(function, MARK)
    kind = str(getattr(function, "__name__", name))

    def change(frame: pl.DataFrame, draws: Draws) -> pl.DataFrame:
        rng = np.random.default_rng([draws.seed, *kind.encode()])
        return changed_by(function, "relation", kind, frame, rng)

    return Relation(
        kind,
        told.columns,
        told.title,
        told.why or "The owner says so.",
        told.life or "A change of the owner's own.",
        (Ask(told.title, change),),
        rule=told.expect,
        tolerance=told.tolerance,
        in_units=True,
    )
