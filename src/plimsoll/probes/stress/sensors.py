"""Faults of what measures: it reads too much, too coarsely, too little, or always the same.

Unlike noise these are no accident of a row: every row is off in the same way, so that nothing averages out.
Missing cells are left missing. A sensor that is silent is under ``missing``, one that reports -999 under
``sentinel``. A column of two numbers is a flag; it is stuck or reads zero, but has no calibration.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from plimsoll.core.stress import Draws, Exposure, Stress
from plimsoll.probes.stress.family import family
from plimsoll.probes.stress.learnt import Learnt, LearntColumn
from plimsoll.probes.stress.typed import span
from plimsoll.probes.stress.writing import (
    Change,
    becomes,
    changed,
    inside,
    measures,
    more_than_usual,
)

Floats = npt.NDArray[np.float64]
RANGE = "share of its range"
LEAST_GAIN = 0.05
"""A type that is full before the gain has grown by this leaves no room for the stress."""


@family("gain", "calibration that has drifted")
def gain(learnt: Learnt) -> Iterator[Stress]:
    """A number is multiplied by 1 + s in every row.

    The top is a doubling, or less where the type of the column cannot hold that: beyond its end the value
    would be cut off, which is ``saturated``.
    """
    for column in measures(learnt):
        top = min(1.0, _room(column))
        if top >= LEAST_GAIN:
            yield Stress(
                "gain",
                (column.name,),
                title=f"gain in {column.name}",
                life="The device, or the index that it is valued by, reads more and more too much.",
                fault=changed(column, lambda values, severity, _: values * (1.0 + severity)),
                unit="share of its value",
                top=top,
            )


@family("quantised", "numbers rounded too coarsely")
def quantised(learnt: Learnt) -> Iterator[Stress]:
    """A number is rounded to a grid that is s times as wide as the range of the reference.

    The grid begins at the smallest value of the reference; at 0.5 three values are left, both ends and the
    middle.
    """
    for column in measures(learnt):
        yield Stress(
            "quantised",
            (column.name,),
            title=f"rounding of {column.name}",
            life="A source rounds, answers come in brackets, or a device reports fewer digits.",
            fault=changed(column, _rounded(column)),
            unit=RANGE,
            top=0.5,
        )


@family("offset", "zero points that have moved", standard=False)
def offset(learnt: Learnt) -> Iterator[Stress]:
    """A number is raised (*up*) or lowered (*down*) by s standard deviations of the reference in every row.

    It is held at an edge of the column as in ``noise``.
    """
    for column in measures(learnt):
        for way, sign in (("up", 1.0), ("down", -1.0)):
            yield Stress(
                "offset",
                (column.name,),
                title=f"offset of {column.name} ({way})",
                life="The zero point of the device has moved, or a flat amount was added to everybody.",
                fault=changed(column, _shifted(column, sign)),
                variant=way,
                unit="standard deviations",
                top=3.0,
            )


@family("saturated", "ends of the range cut off", standard=False)
def saturated(learnt: Learnt) -> Iterator[Stress]:
    """A number beyond what can be measured is reported as the end of it.

    The ends are the quantiles s/2 and 1 - s/2 of the reference, so that a share s of its rows is cut off; at
    1 all that is left is the median.
    """
    for column in measures(learnt):
        yield Stress(
            "saturated",
            (column.name,),
            title=f"cut-off ends of {column.name}",
            life="The device does not reach the largest and smallest values, or they are capped by rule.",
            fault=changed(column, _clamped(column)),
            unit="share of its range, by rank",
        )


@family("stuck", "figures that never change", standard=False)
def stuck(learnt: Learnt) -> Iterator[Stress]:
    """A number is the median of the reference, whatever the row.

    What today's rows show of it is told where fewer than 1 % of the reference have exactly that value: the
    share that has it, beyond that of the reference.
    """
    for column in learnt.numeric():
        value = float(column.values[column.values.size // 2])
        yield Stress(
            "stuck",
            (column.name,),
            title=f"{column.name} stuck at one value",
            life="The device hangs, or a default is filled in for whoever does not answer.",
            fault=becomes(column, value),
            exposure=_more_of(column, value),
        )


@family("reads_zero", "figures that read zero", standard=False)
def reads_zero(learnt: Learnt) -> Iterator[Stress]:
    """A number is 0, whatever the row.

    Left out where the median is 0 already. What today's rows show of it is told where fewer than 1 % of the
    reference are 0.
    """
    for column in learnt.numeric():
        if column.median != 0.0:
            yield Stress(
                "reads_zero",
                (column.name,),
                title=f"{column.name} reading 0",
                life="The device is off, or a counter was reset, and 0 is reported as if it were measured.",
                fault=becomes(column, 0.0),
                exposure=_more_of(column, 0.0),
            )


def _room(column: LearntColumn) -> float:
    """Return by what share the reference can grow before its type is full; at least 0."""
    low, high = span(column.dtype)
    first, last = float(column.values[0]), float(column.values[-1])
    above = high / last - 1.0 if last > 0.0 else np.inf
    below = low / first - 1.0 if first < 0.0 else np.inf
    return max(min(above, below), 0.0)


def _rounded(column: LearntColumn) -> Change:
    first = float(column.values[0])
    width = float(column.values[-1]) - first

    def change(values: Floats, severity: float, _: Draws) -> Floats:
        step = severity * width
        out: Floats = first + np.rint((values - first) / step) * step
        return out

    return change


def _shifted(column: LearntColumn, sign: float) -> Change:
    def change(values: Floats, severity: float, _: Draws) -> Floats:
        return inside(column, values, values + sign * severity * column.sd)

    return change


def _clamped(column: LearntColumn) -> Change:
    def change(values: Floats, severity: float, _: Draws) -> Floats:
        low, high = column.quantile(np.array([severity / 2.0, 1.0 - severity / 2.0]))
        return np.clip(values, low, high)

    return change


def _more_of(column: LearntColumn, value: float) -> Exposure | None:
    if float((column.values == value).mean()) >= 0.01:
        return None
    return more_than_usual(column, lambda values: values == value)
