"""A stress of your own: one decorated function of rows, a severity and random numbers.

::

    @plimsoll.stress("night shift", unit="share of rows", life="Forms are filled in at night.")
    def night_shift(rows: pl.DataFrame, severity: float, rng: np.random.Generator) -> pl.DataFrame:
        return rows.with_columns(hour=pl.lit(3))
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import polars as pl

from plimsoll.core.errors import CheckError
from plimsoll.core.stress import SHARE, Draws, Realism, Rule, Stress

MARK = "__plimsoll_stress__"
Function = TypeVar("Function", bound=Callable[..., object])


@dataclass(frozen=True)
class Told:
    """What the decorator was told of a function."""

    title: str
    unit: str
    top: float
    columns: tuple[str, ...]
    life: str
    realism: Realism
    rule: Rule


def stress(
    title: str,
    *,
    unit: str = SHARE,
    top: float = 1.0,
    columns: Sequence[str] = (),
    life: str = "",
    realism: str = "plausible",
    rule: str = "invariant",
) -> Callable[[Function], Function]:
    """Mark a function ``(rows, severity, rng) -> rows`` as a stress of your own.

    ``title`` completes "how much ... does it take". With the unit ``share of rows`` the function changes
    every row it is handed and the severity is 1; with any other unit it is called with severities from 0 to
    ``top``, and 0 must change nothing. ``columns`` are the inputs it changes. It is handed a Polars frame of
    the inputs, or a pandas frame where the annotation of its first argument says so, and must return as many
    rows in the same order. Its random numbers come from ``rng``, the same at every severity.

    Raises
    ------
    ValueError
        If ``top`` is not above 0, or ``realism`` or ``rule`` is not a known word.
    """
    if not top > 0:
        raise ValueError(f"top must be above 0; got {top}")
    told = Told(title, unit, top, tuple(columns), life, Realism(realism), Rule(rule))

    def mark(function: Function) -> Function:
        setattr(function, MARK, told)
        return function

    return mark


def is_stress(function: object) -> bool:
    """Whether a function was marked by :func:`stress`."""
    return isinstance(getattr(function, MARK, None), Told)


def own_stress(function: Callable[..., Any], name: str) -> Stress:
    """Return the stress that a marked function is."""
    told: Told = getattr(function, MARK)
    kind = str(getattr(function, "__name__", name))

    def fault(frame: pl.DataFrame, severity: float, draws: Draws) -> pl.DataFrame:
        rng = np.random.default_rng([draws.seed, *kind.encode()])
        return _called(function, kind, frame, severity, rng)

    return Stress(
        kind,
        told.columns,
        told.title,
        told.life or "A stress of the owner's own.",
        fault,
        unit=told.unit,
        top=told.top,
        rule=told.rule,
        realism=told.realism,
    )


def _called(
    function: Callable[..., Any],
    name: str,
    frame: pl.DataFrame,
    severity: float,
    rng: np.random.Generator,
) -> pl.DataFrame:
    given: Any = frame.to_pandas() if _wants_pandas(function) else frame
    try:
        back = function(given, severity, rng)
    except Exception as error:
        raise CheckError(
            f"The stress '{name}' was expected to return changed rows and raised "
            f"{type(error).__name__}: {error}"
        ) from error
    if not isinstance(back, pl.DataFrame):
        if type(back).__module__.split(".")[0] != "pandas":
            raise CheckError(
                f"The stress '{name}' must return a frame of rows; it returned a {type(back).__name__}."
            )
        back = pl.from_pandas(back)
    lost = [column for column in frame.columns if column not in back.columns]
    if back.height != frame.height or lost:
        what = f"without '{lost[0]}'" if lost else f"of {back.height} rows"
        raise CheckError(
            f"The stress '{name}' must return the {frame.height} rows it was handed with all their "
            f"columns; it returned a frame {what}."
        )
    changed: pl.DataFrame = back.select(frame.columns)
    return changed


def _wants_pandas(function: Callable[..., Any]) -> bool:
    parameters = list(inspect.signature(function).parameters.values())
    wanted = parameters[0].annotation if parameters else None
    text = wanted if isinstance(wanted, str) else getattr(wanted, "__module__", "")
    return str(text).split(".")[0] in ("pandas", "pd")
