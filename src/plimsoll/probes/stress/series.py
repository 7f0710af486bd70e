"""Series: a number that is fine up to a moment and wrong from there on, so the newest rows are hit.

Values that lag are in ``stale``, jitter and spikes among the numeric stresses. Bending the axis of time
makes sense for whole curves as inputs, not for rows, and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.stress import Draws, Fault, Hit, Stress
from plimsoll.probes.stress.family import family
from plimsoll.probes.stress.learnt import Learnt, LearntColumn
from plimsoll.probes.stress.past import order_of, seconds_of

Floats = npt.NDArray[np.float64]
SHIFT = 1.0
"""How far a level shifts, in standard deviations of the reference."""


@family("level_shift", "a level that shifts at a moment")
def level_shift(learnt: Learnt) -> Iterator[Stress]:
    """From a moment on a number is higher, or lower, by one standard deviation of the reference.

    A share of 0.2 hits the newest fifth of the rows.
    """
    for column, hit in _series(learnt):
        for side, sign in (("up", SHIFT), ("down", -SHIFT)):
            word = "higher" if side == "up" else "lower"
            yield Stress(
                "level_shift",
                (column.name,),
                title=f"{column.name} {word} from a moment on",
                life="A sensor is replaced, a definition or a price list changes, and the level with it.",
                fault=_shifted(column, sign * column.sd),
                variant=side,
                hit=hit,
            )


@family("outage", "a source that falls silent at a moment", standard=False)
def outage(learnt: Learnt) -> Iterator[Stress]:
    """From a moment on a number is missing: as missing values, but in the newest rows."""
    for column, hit in _series(learnt):
        yield Stress(
            "outage",
            (column.name,),
            title=f"{column.name} missing from a moment on",
            life="The source of the field is switched off, and nobody notices for a while.",
            fault=_emptied(column),
            hit=hit,
        )


def _series(learnt: Learnt) -> Iterator[tuple[LearntColumn, Hit]]:
    """Yield the numbers that rows in the order of time hold; none where nothing says their time."""
    time = learnt.subject.roles.time
    if time is not None and order_of(learnt) is not None:
        for column in learnt.numeric():
            yield column, _newest(time)


def _newest(time: str) -> Hit:
    """Return the newest share of the rows; those of one moment at its edge are hit by chance."""

    def hit(frame: pl.DataFrame, share: float) -> Floats:
        seconds = seconds_of(frame.get_column(time))
        assert seconds is not None
        seconds = np.where(np.isnan(seconds), -np.inf, seconds)
        if share <= 0.0 or not seconds.size:
            return np.zeros(seconds.size)
        wanted = share * seconds.size
        edge = np.sort(seconds)[::-1][min(max(int(np.ceil(wanted)) - 1, 0), seconds.size - 1)]
        newer, tied = seconds > edge, seconds == edge
        rest = (wanted - newer.sum()) / max(int(tied.sum()), 1)
        out: Floats = newer + tied * np.clip(rest, 0.0, 1.0)
        return out

    return hit


def _shifted(column: LearntColumn, by: float) -> Fault:
    def fault(frame: pl.DataFrame, _: float, __: Draws) -> pl.DataFrame:
        return column.put(frame, column.numbers(frame) + by)

    return fault


def _emptied(column: LearntColumn) -> Fault:
    def fault(frame: pl.DataFrame, _: float, __: Draws) -> pl.DataFrame:
        return column.emptied(frame)

    return fault
