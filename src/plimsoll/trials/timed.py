"""Rows in order of time: times as numbers, windows, and parts of the rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.subject import Subject
from plimsoll.core.tally import Tallies
from plimsoll.stats.trend import FEWEST
from plimsoll.tallies.distribution import numbers_of
from plimsoll.tallies.sample import Sample
from plimsoll.trials.rows import CURRENT, TrialRows

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
MONTH = 30.4375 * 86_400.0
MONTHS, WHOLE = "months", "times as long"
"""Units of time: calendar months, or the whole time looked at where the column holds plain numbers."""
MOST_WINDOWS = 40
WINDOW_ROWS = 200
PARSED = 0.9
"""Share of the texts of a column that must be dates for it to hold times."""


@dataclass(frozen=True, eq=False)
class Timed:
    """The rows that have a time; ``seconds`` (rows,) are their times, ``raw`` the target as it was read."""

    rows: TrialRows
    seconds: Floats
    dated: bool
    raw: pl.Series

    @staticmethod
    def take(tallies: Tallies, subject: Subject) -> Timed | str:
        """Read the rows, or say why they have no time."""
        rows = TrialRows.take(tallies, subject)
        frame = tallies.take(CURRENT, Sample).frame
        time, target = subject.roles.time, subject.roles.target
        assert frame is not None
        assert time is not None
        assert target is not None
        read = moments(rows.frame.get_column(time))
        if read is None:
            return f"the time column '{time}' holds no times and no numbers"
        held = np.flatnonzero(np.isfinite(read[0]) & (rows.weights > 0))
        raw = frame.get_column(target)[held]
        return Timed(part(rows, held), read[0][held], read[1], raw)

    @property
    def unit(self) -> str:
        """The unit of time."""
        return MONTHS if self.dated else WHOLE

    @property
    def scale(self) -> float:
        """Seconds, or whatever the column holds, in one unit."""
        return MONTH if self.dated else float(self.seconds.max() - self.seconds.min())

    @property
    def at(self) -> Floats:
        """Times in units since the first."""
        out: Floats = (self.seconds - self.seconds.min()) / self.scale
        return out

    @property
    def span(self) -> float:
        """The time from the first row to the last, in units."""
        return float(self.at.max())

    def said(self, inside: Mask) -> tuple[str, str]:
        """Write the first and the last time of some of the rows."""
        times, span = self.seconds[inside], float(self.seconds.max() - self.seconds.min())
        first, last = float(times.min()), float(times.max())
        return said(first, self.dated, span), said(last, self.dated, span)


def moments(series: pl.Series) -> tuple[Floats, bool] | None:
    """Return times as numbers, NaN where there is none, and whether they are dates; None for other columns.

    Texts count where nine tenths of them can be read as dates.
    """
    dtype = series.dtype
    if dtype == pl.String:
        try:
            read = series.str.to_datetime(strict=False)
        except pl.exceptions.PolarsError:
            return None
        there = series.len() - series.null_count()
        if not there or read.len() - read.null_count() < PARSED * there:
            return None
        series, dtype = read, read.dtype
    if not (dtype.is_temporal() or dtype.is_numeric()):
        return None
    values = numbers_of(series).fill_null(np.nan).to_numpy().astype(np.float64)
    values = np.where(np.isfinite(values), values, np.nan)
    dated = dtype == pl.Date or isinstance(dtype, pl.Datetime)
    return values, dated


def part(rows: TrialRows, index: Ints) -> TrialRows:
    """Return the rows at these places."""
    scores, decided = rows.clean.scores, rows.clean.decided
    return replace(
        rows,
        frame=rows.frame[index],
        keys=rows.keys[index],
        target=rows.target[index],
        weights=rows.weights[index],
        clean=replace(
            rows.clean,
            scores=None if scores is None else scores[index],
            decided=None if decided is None else decided[index],
        ),
    )


def windows_of(seconds: Floats, least: int) -> Ints:
    """Return the window of each row: from 6 to 40 of about as many rows, rows of one time together."""
    wanted = min(MOST_WINDOWS, max(FEWEST, seconds.size // max(WINDOW_ROWS, least)))
    return codes_of(seconds, wanted)


def codes_of(seconds: Floats, many: int) -> Ints:
    """Return codes from 0 on of stretches of time with about as many rows each."""
    ordered = np.sort(seconds)
    edges = np.unique(ordered[(np.arange(1, many) * seconds.size) // many])
    codes = np.searchsorted(edges, seconds, side="right")
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)


def said(value: float, dated: bool, span: float) -> str:
    """Write a time: a day, or a moment where all lie within a hundred days; ``span`` in seconds."""
    if not dated:
        return f"{value:.10g}"
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=float(value))
    return moment.strftime("%Y-%m-%d" if span > 100 * 86_400.0 else "%Y-%m-%d %H:%M:%S")
