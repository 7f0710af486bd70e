"""Outliers, extremes, and cells that belong to another row.

A cell is wrong by itself, the rest of the row is right. Missing cells are left missing, except where a cell
is taken from another row whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.stress import Draws, Exposure, Fault, Realism, Stress
from plimsoll.probes.stress.family import family
from plimsoll.probes.stress.learnt import Learnt, LearntColumn
from plimsoll.probes.stress.typed import span
from plimsoll.probes.stress.writing import becomes, fits, more_than_usual

Floats = npt.NDArray[np.float64]
RARE = 0.01
"""The share of the reference beyond the value that an outlier takes."""
FAR = 10.0
"""Ranges of the middle half that an extreme lies from the median."""


@family("outlier", "outliers")
def outlier(learnt: Learnt) -> Iterator[Stress]:
    """A number becomes the 99th percentile of the reference (*high*) or the 1st (*low*).

    The cell holds a value that occurs, in a row that it does not belong to. Where the percentile is also the
    median, there is no such stress: a value that half of the rows have is no outlier. What today's rows show
    of it already is the share of them beyond the percentile, less that of the reference.
    """
    for column in learnt.numeric():
        for end, value in (
            ("high", _nearest(column, 1.0 - RARE)),
            ("low", _nearest(column, RARE)),
        ):
            if value != column.median:
                yield Stress(
                    "outlier",
                    (column.name,),
                    title=f"outliers of {column.name} ({end})",
                    life=f"The cell holds a {end} value that hardly anybody has: mistyped, or misread.",
                    fault=becomes(column, value),
                    variant=end,
                    exposure=_beyond(column, value, end),
                )


@family("extreme", "values far outside of what was seen", standard=False)
def extreme(learnt: Learnt) -> Iterator[Stress]:
    """A number becomes one far outside of the reference.

    *high* and *low*: the median plus or minus ten times the range of the middle half (the standard deviation
    where the middle half is one value); *type_max*: the largest number that the type of the column holds;
    *inf* and *nan* for floats only, the latter where missing is not NaN anyway. A value that the type of the
    column cannot hold is left out, for it could only be cut off there, and that is another fault.
    """
    for column in learnt.numeric():
        for found in _extremes(column):
            yield Stress(
                "extreme",
                (column.name,),
                title=f"{column.name} {found.words}",
                life=found.life,
                fault=becomes(column, found.value),
                variant=found.variant,
                realism=Realism.PLAUSIBLE,
            )


@family("shuffled", "cells of other rows")
def shuffled(learnt: Learnt) -> Iterator[Stress]:
    """A cell is that of another row of the reference, drawn at random, missing ones included.

    The column looks as it always did, but says nothing of the row any more: whatever the model draws from it
    is lost (permutation importance; Breiman 2001, doi:10.1023/A:1010933404324), and rows come up that cannot
    be. No comparison of single columns with the reference sees it.
    """
    for column in learnt.any_kind():
        if _varies(learnt, column.name):
            yield Stress(
                "shuffled",
                (column.name,),
                title=f"{column.name} of other rows",
                life="A join on the wrong key, or rows out of step: the cell belongs to somebody else.",
                fault=_from_elsewhere(learnt, (column.name,)),
                realism=Realism.PLAUSIBLE,
            )


@family("shuffled_all", "all cells of other rows", control=True)
def shuffled_all(learnt: Learnt) -> Iterator[Stress]:
    """Every input of a row is that of another row of the reference, each of a different one.

    A control, no fault of life: at a share of 1 the inputs say nothing of the row, and a model that still
    beats chance was told the answer in some other way.
    """
    if learnt.frame.height and learnt.columns:
        yield Stress(
            "shuffled_all",
            tuple(learnt.columns),
            title="rows put together from cells of other rows",
            life="Nothing in the row belongs to it any more; a control that must take any model to chance.",
            fault=_from_elsewhere(learnt, tuple(learnt.columns)),
            realism=Realism.PLAUSIBLE,
            destroys=True,
        )


@dataclass(frozen=True)
class _Extreme:
    """One value far outside, with what is said of it."""

    variant: str
    value: float
    words: str
    life: str


def _extremes(column: LearntColumn) -> Iterator[_Extreme]:
    far = FAR * (column.iqr or column.sd)
    typed_wrong = "A digit or a decimal point too many, or a fault of the device."
    for variant, value in (("high", column.median + far), ("low", column.median - far)):
        if fits(column, value, value):
            yield _Extreme(variant, value, f"far outside ({variant})", typed_wrong)
    overflown = "A counter has run over, or the largest number stands for none."
    if column.dtype.is_integer() or column.dtype.is_float():
        largest = span(column.dtype)[1]
        if largest > column.values[-1]:
            yield _Extreme("type_max", largest, "at the largest number of its type", overflown)
    if column.dtype.is_float():
        yield _Extreme("inf", np.inf, "infinite", "A ratio was divided by zero.")
        if not column.nan_missing:
            yield _Extreme("nan", np.nan, "not a number", "Zero was divided by zero.")


def _nearest(column: LearntColumn, share: float) -> float:
    """Return the value of the reference that stands at a share, one that occurs."""
    return float(column.values[round(share * (column.values.size - 1))])


def _beyond(column: LearntColumn, value: float, end: str) -> Exposure:
    if end == "high":
        return more_than_usual(column, lambda values: values > value)
    return more_than_usual(column, lambda values: values < value)


def _varies(learnt: Learnt, name: str) -> bool:
    return learnt.frame.height > 0 and learnt.frame.get_column(name).n_unique() > 1


def _from_elsewhere(learnt: Learnt, names: tuple[str, ...]) -> Fault:
    """Return the fault that takes each named cell from a random row of the reference, one by one."""

    def fault(frame: pl.DataFrame, _: float, draws: Draws) -> pl.DataFrame:
        taken = []
        for name in names:
            held = learnt.frame.get_column(name)
            cells = held.gather(pl.Series(draws.whole(held.len(), name)))
            dtype = frame.schema[name]
            taken.append(cells if cells.dtype == dtype else cells.cast(dtype, strict=False))
        return frame.with_columns(taken)

    return fault
