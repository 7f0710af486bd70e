"""A relation of your own: one decorated function of rows and random numbers.

::

    @plimsoll.relation("one more child", expect="lower", life="A child is born.")
    def one_more_child(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
        return rows.with_columns(children=pl.col("children") + 1)
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import polars as pl

from plimsoll.core.errors import CheckError
from plimsoll.core.relation import Ask, Holds, Relation
from plimsoll.core.stress import Draws

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
        return _called(function, kind, frame, rng)

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


def _called(
    function: Callable[..., Any], name: str, frame: pl.DataFrame, rng: np.random.Generator
) -> pl.DataFrame:
    given: Any = frame.to_pandas() if _wants_pandas(function) else frame
    try:
        back = function(given, rng)
    except Exception as error:
        raise CheckError(
            f"The relation '{name}' was expected to return changed rows and raised "
            f"{type(error).__name__}: {error}"
        ) from error
    if not isinstance(back, pl.DataFrame):
        if type(back).__module__.split(".")[0] != "pandas":
            raise CheckError(
                f"The relation '{name}' must return a frame of rows; it returned a {type(back).__name__}."
            )
        back = pl.from_pandas(back)
    lost = [column for column in frame.columns if column not in back.columns]
    if back.height != frame.height or lost:
        what = f"without '{lost[0]}'" if lost else f"of {back.height} rows"
        raise CheckError(
            f"The relation '{name}' must return the {frame.height} rows it was handed with all their "
            f"columns; it returned a frame {what}."
        )
    changed: pl.DataFrame = back.select(frame.columns)
    return changed


def _wants_pandas(function: Callable[..., Any]) -> bool:
    parameters = list(inspect.signature(function).parameters.values())
    wanted = parameters[0].annotation if parameters else None
    text = wanted if isinstance(wanted, str) else getattr(wanted, "__module__", "")
    return str(text).split(".")[0] in ("pandas", "pd")
