"""The load-line diagram as values: its lanes in the order of reading, and what stands in its head.

Every form of report draws from here, so that the page, the terminal, a comment and the picture for a
README say the same of the same stress.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from plimsoll.core.finding import Figure
from plimsoll.core.record import Record
from plimsoll.reports import words
from plimsoll.reports.charts.valid import why_not

KIND = "load_lines"
MOST_LANES = 16
MOST_RUNGS = 6
_SHARE = "share of "


class State(StrEnum):
    """What became of the metric as the stress grew."""

    CROSSES = "crosses"
    """It crosses the limit at the load line."""
    HOLDS = "holds"
    """It keeps the limit up to the greatest severity tried."""
    REFUSES = "refuses"
    """The model raises or answers nothing under this stress."""
    UNSURE = "unsure"
    """The data cannot tell where it crosses."""
    BELOW = "below"
    """It breaks the limit without any stress."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One stress: how much of it the model carries, and how much of it there is today.

    ``value`` with ``low`` and ``high`` is the load line in the unit of the lane, None where there is
    none; ``top`` the greatest severity tried; ``exposure`` what today's rows hold, None if unknown.
    """

    label: str
    kind: str
    unit: str
    state: State
    value: float | None
    low: float | None
    high: float | None
    top: float
    exposure: float | None
    safe: bool | None
    loss: float | None

    @property
    def is_share(self) -> bool:
        """Whether a severity is a share, to be written in percent."""
        return self.unit.startswith(_SHARE)

    @property
    def of_rows(self) -> bool:
        """Whether a severity is a share of the rows, which goes without saying."""
        return self.unit == f"{_SHARE}rows"

    @property
    def of(self) -> str:
        """The unit as it follows a number: ``% of rows``, ``standard deviations``."""
        return f"% of {self.unit.removeprefix(_SHARE)}" if self.is_share else self.unit

    @property
    def family(self) -> str:
        """The kind of stress where the label does not name it, else nothing."""
        return "" if self.kind.lower() in self.label.lower() else self.kind

    @property
    def has_line(self) -> bool:
        """Whether there is a load line on the lane, and not only a word."""
        return self.state in (State.CROSSES, State.UNSURE, State.HOLDS)

    @property
    def freeboard(self) -> float | None:
        """Load line minus exposure, in the unit of the lane.

        None where one of both is missing, or where today holds more than was tried.
        """
        if self.value is None or self.exposure is None or not self.has_line or self.untried:
            return None
        return self.value - self.exposure

    @property
    def untried(self) -> bool:
        """Whether it holds to the end, but today's rows hold more of the stress than that."""
        return self.state is State.HOLDS and (self.exposure or 0.0) > self.top

    @property
    def overloaded(self) -> bool:
        """Whether today's rows hold more than the model carries, the whole interval considered."""
        if self.state is State.BELOW:
            return True
        if self.freeboard is None or self.high is None or self.exposure is None or self.safe:
            return False
        return self.exposure > self.high

    @property
    def settled(self) -> bool:
        """Whether the interval lies wholly on one side of today's exposure."""
        return bool(self.safe) or self.overloaded or not self._astride

    @property
    def _astride(self) -> bool:
        """Whether today's exposure lies within the interval, or is said not to be safe."""
        if self.exposure is None or self.low is None:
            return False
        return self.safe is False or self.exposure > self.low

    def at(self, severity: float) -> float:
        """Return where a severity lies on the lane, 0 at no stress and 1 at the greatest tried."""
        return min(max(severity / self.top, 0.0), 1.0)

    @property
    def places(self) -> tuple[float, float, float]:
        """Where the interval begins, the line lies and the interval ends, 0 to 1; zeros without a line."""
        if not self.has_line or self.low is None or self.value is None or self.high is None:
            return 0.0, 0.0, 0.0
        return self.at(self.low), self.at(self.value), self.at(self.high)

    @property
    def room(self) -> tuple[int, float, float]:
        """The key by which lanes are sorted: the least room first, then the greatest loss.

        What is broken without stress leads; what refuses to run has no line and stands behind those
        that have one, before those that hold to the end.
        """
        place = (State.BELOW, State.CROSSES, State.REFUSES, State.HOLDS)
        state = State.CROSSES if self.state is State.UNSURE else self.state
        left = 0.0 if self.value is None else self.value - (self.exposure or 0.0)
        return place.index(state), left / self.top, -(self.loss or 0.0)


@dataclass(frozen=True)
class Diagram:
    """The whole diagram; ``more`` counts the lanes that are not shown."""

    title: str
    caption: str
    lanes: tuple[Lane, ...]
    more: int
    metric: str
    limit: float
    limit_from: str
    limit_words: str
    clean: float
    clean_low: float
    clean_high: float
    chance: float | None
    higher_is_better: bool
    rows: int
    subject: str

    @cached_property
    def families(self) -> tuple[str, ...]:
        """The kinds of stress that have a line, the one with the least room first."""
        ranked = sorted(
            (lane for lane in self.lanes if lane.state is not State.REFUSES),
            key=lambda lane: (not lane.overloaded, lane.room),
        )
        return tuple(dict.fromkeys(lane.kind for lane in ranked))[:MOST_RUNGS]

    @property
    def flooded(self) -> int:
        """How many of the families carry more today than they can, counted from the first."""
        over = {lane.kind for lane in self.lanes if lane.overloaded}
        return sum(kind in over for kind in self.families)

    @property
    def exposed(self) -> bool:
        """Whether today's exposure is known of any lane, so that there is a waterline to draw."""
        return any(lane.exposure is not None or lane.overloaded for lane in self.lanes)

    @property
    def nearest(self) -> Lane | None:
        """The lane with the least freeboard, as a share of what was tried; None without any."""
        known = [lane for lane in self.lanes if lane.freeboard is not None]
        return min(known, key=lambda lane: lane.room[1], default=None)

    @property
    def lowest(self) -> Lane | None:
        """The lane whose line lies lowest, as a share of what was tried; None without any."""
        crossing = [lane for lane in self.lanes if lane.has_line and lane.state is not State.HOLDS]
        return min(crossing, key=lambda lane: lane.at(lane.value or 0.0), default=None)

    def first(self, lanes: int) -> Diagram:
        """Return the same diagram with the first few of its lanes, the others counted."""
        left = max(0, len(self.lanes) - lanes)
        return replace(self, lanes=self.lanes[:lanes], more=self.more + left)


def read(figure: Figure) -> Diagram:
    """Return a figure that :func:`plimsoll.reports.charts.why_not` lets through as a diagram."""
    (series,) = figure.series.values()
    about = figure.about
    lanes = sorted(_lanes(series), key=lambda lane: lane.room)
    return Diagram(
        title=words.clean(figure.title),
        caption=words.clean(figure.caption),
        lanes=tuple(lanes[:MOST_LANES]),
        more=int(about.get("more") or 0) + max(0, len(lanes) - MOST_LANES),
        metric=words.clean(about.get("metric_title") or str(about["metric"]).replace("_", " ")),
        limit=float(about["limit"]),
        limit_from=str(about.get("limit_from") or "policy"),
        limit_words=words.sentence(str(about.get("limit_words") or "")),
        clean=float(about["clean"]),
        clean_low=float(about["clean_low"]),
        clean_high=float(about["clean_high"]),
        chance=_number(about.get("chance")),
        higher_is_better=bool(about.get("higher_is_better", True)),
        rows=int(about.get("rows") or 0),
        subject=words.clean(about.get("subject") or ""),
    )


def of_record(record: Record) -> tuple[int, Figure] | None:
    """Return the first load-line figure that can be drawn, with the position of its check."""
    for i, check in enumerate(record.checks):
        for figure in check.figures:
            if figure.kind == KIND and why_not(figure) is None:
                return i, figure
    return None


def _lanes(series: dict[str, list[Any]]) -> Iterator[Lane]:
    empty = [None] * len(series["label"])
    columns = (
        series["label"], series["kind"], series["unit"], series["state"], series["value"],
        series["low"], series["high"], series["top"], series.get("exposure", empty),
        series.get("safe_at_exposure", empty), series.get("loss", empty),
    )  # fmt: skip
    for label, kind, unit, state, value, low, high, top, exposure, safe, loss in zip(
        *columns, strict=True
    ):
        yield Lane(
            label=words.clean(label),
            kind=words.clean(kind).replace("_", " "),
            unit=words.clean(unit),
            state=State(state),
            value=_number(value),
            low=_number(low),
            high=_number(high),
            top=float(top),
            exposure=_number(exposure),
            safe=None if safe is None else bool(safe),
            loss=_number(loss),
        )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
