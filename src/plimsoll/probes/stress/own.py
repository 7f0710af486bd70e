"""A stress of your own: one decorated function of rows, a severity and random numbers.

::

    @plimsoll.stress("night shift", unit="share of rows", life="Forms are filled in at night.")
    def night_shift(rows: pl.DataFrame, severity: float, rng: np.random.Generator) -> pl.DataFrame:
        return rows.with_columns(hour=pl.lit(3))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import polars as pl

from plimsoll.core.stress import SHARE, Draws, Realism, Stress, Truth
from plimsoll.probes.own_rows import changed_by

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
    truth: Truth | None


def stress(
    title: str,
    *,
    unit: str = SHARE,
    top: float = 1.0,
    columns: Sequence[str] = (),
    life: str = "",
    realism: str = "plausible",
    truth: Truth | None = None,
) -> Callable[[Function], Function]:
    """Mark a function ``(rows, severity, rng) -> rows`` as a stress of your own.

    ``title`` completes "how much ... does it take". With the unit ``share of rows`` the function changes
    every row it is handed and the severity is 1; with any other unit it is called with severities from 0 to
    ``top``, and 0 must change nothing. ``columns`` are the inputs it changes. It is handed a Polars frame of
    the inputs, or a pandas frame where the annotation of its first argument says so, and must return as many
    rows in the same order. Its random numbers come from ``rng``, the same at every severity. Where the change
    alters what is true of a row, ``truth`` is a function of the changed rows and their targets (class codes
    or numbers) to the targets that hold afterwards; without it the truth stays.

    Raises
    ------
    ValueError
        If ``top`` is not above 0, or ``realism`` is not a known word.
    """
    if not top > 0:
        raise ValueError(f"top must be above 0; got {top}")
    told = Told(title, unit, top, tuple(columns), life, Realism(realism), truth)

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
        return changed_by(function, "stress", kind, frame, severity, rng)

    return Stress(
        kind,
        told.columns,
        told.title,
        told.life or "A stress of the owner's own.",
        fault,
        unit=told.unit,
        top=told.top,
        realism=told.realism,
        truth=told.truth,
    )
