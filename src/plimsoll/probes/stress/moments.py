"""Moments: dates and times in the wrong zone, by a wrong clock, from another start, or misread."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.stress import Draws, Fault, Realism, Stress
from plimsoll.probes.stress.family import family
from plimsoll.probes.stress.learnt import Kind, Learnt, LearntColumn

Whole = npt.NDArray[np.int64]
MINUTE, HOUR, DAY = 60_000_000, 3_600_000_000, 86_400_000_000
"""Microseconds."""


@family("timezone", "moments in another time zone")
def timezone(learnt: Learnt) -> Iterator[Stress]:
    """Every moment is some hours ahead, or behind; a time of the day goes round past midnight."""
    for column in _moments(learnt):
        if column.dtype == pl.Date:
            continue
        for side, sign in (("ahead", 1), ("behind", -1)):
            yield Stress(
                "timezone",
                (column.name,),
                title=f"{column.name} hours {side}",
                life="Local time is taken for universal time, or the other way round.",
                fault=_moved(column, sign),
                variant=side,
                unit="hours",
                top=12.0,
            )


@family("clock", "moments by a wrong clock")
def clock(learnt: Learnt) -> Iterator[Stress]:
    """Moments are off by up to so many minutes, dates by up to so many days, each row by its own amount.

    The amount is uniform between minus and plus the severity.
    """
    for column in _moments(learnt):
        dates = column.dtype == pl.Date
        yield Stress(
            "clock",
            (column.name,),
            title=f"wrong clocks behind {column.name}",
            life="Forms are dated a few days off from memory."
            if dates
            else "Devices are not synchronised, and every clock runs a little wrong.",
            fault=_jittered(column, DAY if dates else MINUTE),
            unit="days at most" if dates else "minutes at most",
            top=30.0 if dates else 120.0,
        )


@family("day_month", "dates read with day and month swapped")
def day_month(learnt: Learnt) -> Iterator[Stress]:
    """The day is taken for the month and the month for the day, as in 3/4 for 4/3.

    Dates after the 12th of a month cannot be misread and stay, so at a share of 1 about a third change.
    """
    for column in _moments(learnt):
        series = learnt.frame.get_column(column.name)
        if series.dtype != pl.Time and not _turned(series).equals(series):
            yield Stress(
                "day_month",
                (column.name,),
                title=f"{column.name} with day and month swapped",
                life="A file is written in one country and read in another.",
                fault=_misread(column),
            )


@family("epoch", "moments counted from another start", standard=False)
def epoch(learnt: Learnt) -> Iterator[Stress]:
    """Moments fall back to the beginning of 1970: exactly, or because milliseconds are read for seconds."""
    for column in _moments(learnt):
        if column.dtype == pl.Time:
            continue
        for variant, scale in (("start", 0), ("milliseconds", 1000)):
            yield Stress(
                "epoch",
                (column.name,),
                title=f"{column.name} in 1970",
                life="An empty moment is stored as zero."
                if not scale
                else "A count of seconds is read as one of milliseconds.",
                fault=_since_1970(column, scale),
                variant=variant,
                realism=Realism.OBSERVED,
            )


def _moments(learnt: Learnt) -> list[LearntColumn]:
    kinds = (pl.Date, pl.Time)
    return [
        c
        for c in learnt.of(Kind.MOMENT)
        if any(c.dtype == kind for kind in kinds) or isinstance(c.dtype, pl.Datetime)
    ]


def _moved(column: LearntColumn, sign: int) -> Fault:
    def fault(frame: pl.DataFrame, severity: float, _: Draws) -> pl.DataFrame:
        by = np.full(frame.height, round(sign * severity * HOUR), np.int64)
        return frame.with_columns(_later(frame.get_column(column.name), by))

    return fault


def _jittered(column: LearntColumn, unit: int) -> Fault:
    def fault(frame: pl.DataFrame, severity: float, draws: Draws) -> pl.DataFrame:
        off = (2.0 * draws.uniform("off") - 1.0) * severity
        by = (np.rint(off) if unit == DAY else off) * unit
        return frame.with_columns(
            _later(frame.get_column(column.name), np.rint(by).astype(np.int64))
        )

    return fault


def _later(series: pl.Series, by: Whole) -> pl.Series:
    """Return moments later by so many microseconds, shape (rows,), in their own type."""
    if series.dtype == pl.Time:
        ticks = series.cast(pl.Int64) + pl.Series(by) * 1000
        return (ticks % (DAY * 1000)).cast(pl.Time).alias(series.name)
    if series.dtype == pl.Date:
        return (series.cast(pl.Int64) + pl.Series(by // DAY)).cast(pl.Int32).cast(pl.Date)
    ticks = series.cast(pl.Int64)
    per_second = {"ms": 1000, "us": 1_000_000, "ns": 1_000_000_000}[_unit(series)]
    steps = np.rint(by / (1_000_000 / per_second)).astype(np.int64)
    return (ticks + pl.Series(steps)).cast(series.dtype)


def _unit(series: pl.Series) -> str:
    assert isinstance(series.dtype, pl.Datetime)
    return series.dtype.time_unit


def _misread(column: LearntColumn) -> Fault:
    def fault(frame: pl.DataFrame, _: float, __: Draws) -> pl.DataFrame:
        return frame.with_columns(_turned(frame.get_column(column.name)))

    return fault


def _turned(series: pl.Series) -> pl.Series:
    """Return dates with day and month exchanged where both can be a month."""
    zone = series.dtype.time_zone if isinstance(series.dtype, pl.Datetime) else None
    local = series.dt.replace_time_zone(None) if zone else series
    frame = pl.DataFrame({"it": local})
    day, month = pl.col("it").dt.day(), pl.col("it").dt.month()
    free = pl.when(day <= 12)
    turned = pl.col("it").dt.replace(
        month=free.then(day).otherwise(month), day=free.then(month).otherwise(day)
    )
    new = frame.select(turned.alias(series.name)).to_series()
    if not zone:
        return new
    new = new.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return pl.select(pl.coalesce(new, series).alias(series.name)).to_series()


def _since_1970(column: LearntColumn, scale: int) -> Fault:
    def fault(frame: pl.DataFrame, _: float, __: Draws) -> pl.DataFrame:
        series = frame.get_column(column.name)
        ticks = series.cast(pl.Int64)
        new = ticks // scale if scale else ticks * 0
        if series.dtype == pl.Date:
            new = new.cast(pl.Int32)
        return frame.with_columns(new.cast(series.dtype))

    return fault
