"""The load lines in words: what a lane says beside its bar, and what stands in the head.

Shares are written in percent and their freeboard in points; other severities in their unit, with the
digits that the interval supports.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from plimsoll.reports import digits, words
from plimsoll.reports.load_lines import Diagram, Lane, State

GAP = "\u00a0"
FEW = 0.095
"""Below this a share is not written like an end of its interval: 6.5 % (6.2 to 6.9), and no 7 (6 to 7)."""
NEXT_TO_NOTHING = 5e-5
"""Shares below this one would be written as 0.00 %."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a lane says: the answer, the interval behind it, and how it stands today."""

    answer: str
    interval: str
    today: str

    @property
    def first(self) -> str:
        """The answer and its interval: ``holds to 22 % (19 to 26)``."""
        return f"{self.answer} ({self.interval})" if self.interval else self.answer


@dataclass(frozen=True, slots=True)
class Key:
    """One mark of the lanes, as :func:`plimsoll.reports.marks.key_mark` draws it, and its meaning."""

    shape: str
    text: str


@dataclass(frozen=True, slots=True)
class Readout:
    """One number of the head with its name above it and a remark below."""

    name: str
    value: str
    remark: str


def said(lane: Lane, higher_is_better: bool = True) -> Said:
    """Return what stands beside a lane."""
    match lane.state:
        case State.REFUSES:
            return Said("does not run with it", "", _today(lane))
        case State.BELOW:
            side = "below" if higher_is_better else "above"
            return Said(f"already {side} the limit", "", _today(lane))
        case State.HOLDS:
            sure = lane.low is None or lane.low >= lane.top
            interval = "" if sure or lane.low is None else f"{amount(lane, lane.low)} or more"
            return Said("holds to the end", interval, _today(lane))
        case State.UNSURE:
            _, low, high = (_signed(lane, text) for text in line_texts(lane))
            high = "the end" if lane.high == lane.top else high
            return Said(f"holds to {low}, perhaps to {high}", "", _today(lane))
        case State.CROSSES:
            if lane.is_share and (lane.value or 0.0) < NEXT_TO_NOTHING:
                return Said(f"holds to less than 0.01{GAP}%", "", _today(lane))
            value, low, high = line_texts(lane)
            return Said(f"holds to {_signed(lane, value)}", f"{low} to {high}", _today(lane))


def in_words(lane: Lane, higher_is_better: bool = True, between: str = ", ") -> str:
    """Say all of a lane, with how far it was tried where that is not every row.

    ``between`` stands between the answer and how it is today.

    >>> lane = Lane("missing income", "missing", "share of rows", State.CROSSES, 0.22, 0.19, 0.26, 1.0,
    ...             exposure=0.03, safe=True, loss=0.1)
    >>> in_words(lane).replace(GAP, " ")
    'holds to 22 % (19 to 26), today 3 %, freeboard 19 points'
    """
    here = said(lane, higher_is_better)
    if lane.has_line and not lane.is_share:
        here = replace(here, answer=f"{here.answer} of {end(lane)}")
    elif lane.has_line and not lane.of_rows and lane.state is not State.HOLDS:
        here = replace(here, answer=f"{here.answer} {lane.of.removeprefix('% ')}")
    return between.join(filter(None, (here.first, here.today)))


def line_texts(lane: Lane) -> tuple[str, str, str]:
    """Write the load line and the ends of its interval, without the unit.

    A lane without a line has three dashes.
    """
    if lane.value is None or lane.low is None or lane.high is None:
        return "–", "–", "–"
    if lane.is_share:
        return digits.per_hundred(lane.value, lane.low, lane.high, apart=lane.value < FEW)
    half = (lane.high - lane.low) / 2
    if half <= 0:
        return (digits.number(lane.value),) * 3
    places = min(max(-math.floor(math.log10(half)), 0), 6)
    one, two, three = (f"{x:,.{places}f}" for x in (lane.value, lane.low, lane.high))
    return one, two, three


def amount(lane: Lane, severity: float) -> str:
    """Write one severity: ``3 %``; one that is no share without its unit, which the lane's end tells."""
    return _signed(lane, short(100 * severity if lane.is_share else severity))


def end(lane: Lane) -> str:
    """Name the end of a lane: ``100 % of rows``, ``3 standard deviations``."""
    number = short(100 * lane.top if lane.is_share else lane.top)
    return f"{number}{GAP}{lane.of}".rstrip()


def freeboard(lane: Lane) -> str:
    """Say how much room is left: ``19 points``; empty where it is not known."""
    left = lane.freeboard
    if left is None:
        return ""
    number = short(abs(100 * left if lane.is_share else left))
    text = f"{number} {'point' if number == '1' else 'points'}" if lane.is_share else number
    return f"{text} or more" if lane.state is State.HOLDS else text


def short(value: float) -> str:
    """Write a number for a picture: whole from 10 on, else two significant digits.

    >>> short(22.4), short(3.04), short(0.3), short(0), short(1000)
    ('22', '3', '0.3', '0', '1,000')
    """
    if value == 0:
        return "0"
    places = max(0, 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{min(places, 6)}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def readouts(diagram: Diagram) -> tuple[Readout, ...]:
    """Return the numbers of the head: the clean value, the limit, and what comes nearest to its line.

    The clean value stands there because a model that knows nothing carries any stress.
    """
    half = (diagram.clean_high - diagram.clean_low) / 2
    value, low, high = (
        digits.number(x, half or None)
        for x in (diagram.clean, diagram.clean_low, diagram.clean_high)
    )
    clean = f"likely {low} to {high}"
    if diagram.chance is not None:
        clean += f"; a constant reaches {digits.number(diagram.chance)}"
    side = "at least" if diagram.higher_is_better else "at most"
    source = "from the policy" if diagram.limit_from == "policy" else "a default, not from a policy"
    return (
        Readout(f"{diagram.metric} without stress", value, clean),
        Readout("The limit", f"{side} {digits.number(diagram.limit)}", source),
        _tightest(diagram),
    )


def _tightest(diagram: Diagram) -> Readout:
    """Return what comes nearest to its line: broken already, the least freeboard, or the lowest line."""
    below = [lane for lane in diagram.lanes if lane.state is State.BELOW]
    if below:
        return Readout("Freeboard", "none", said(below[0], diagram.higher_is_better).answer)
    lane = diagram.nearest
    if lane is not None and lane.freeboard is not None:
        if lane.freeboard < 0:
            return Readout("Over the line", f"by {freeboard(lane)}", _named(lane))
        return Readout("Least freeboard", freeboard(lane), _named(lane))
    lane = diagram.lowest
    if lane is not None:
        value = _signed(lane, line_texts(lane)[0])
        return Readout("Lowest load line", value, _named(lane))
    holding = sum(one.state is State.HOLDS for one in diagram.lanes)
    if holding:
        return Readout(
            "Load lines", "none", f"{words.count(holding, 'stress', 'stresses')} to the end"
        )
    return Readout("Load lines", "none", "it runs with none of the stresses")


def water(diagram: Diagram) -> str:
    """Say what the water on the ship's side covers; empty where it covers nothing."""
    if not diagram.flooded:
        return ""
    return "A rung under water: today's rows hold more of that stress than the model carries."


def keys(diagram: Diagram) -> tuple[Key, ...]:
    """Return what the marks on the lanes mean, of those that are there."""
    states = {lane.state for lane in diagram.lanes}
    held = states & {State.CROSSES, State.HOLDS, State.UNSURE}
    crossed = states & {State.CROSSES, State.UNSURE}
    between = any(lane.has_line and lane.low != lane.high for lane in diagram.lanes)
    today = any(lane.exposure is not None for lane in diagram.lanes)
    told = (
        (held, Key("safe", "holds the limit")),
        (crossed, Key("mark", "load line")),
        (between, Key("maybe", "where that line may lie")),
        (crossed or State.BELOW in states, Key("past", "past the limit")),
        (today, Key("today", "today, and the freeboard to the line")),
    )
    return tuple(key for there, key in told if there)


def table(diagram: Diagram) -> tuple[tuple[str, ...], ...]:
    """Return the lanes as rows of a table: stress, holds to, interval, today, freeboard."""
    return tuple(_table_row(lane, diagram.higher_is_better) for lane in diagram.lanes)


def _table_row(lane: Lane, higher_is_better: bool) -> tuple[str, ...]:
    value, low, high = line_texts(lane)
    holds = said(lane, higher_is_better).answer.removeprefix("holds to ")
    if lane.state is State.HOLDS:
        holds = f"{holds}, {end(lane)}"
    elif lane.state is State.CROSSES:
        holds = f"{value}{GAP}{lane.of}".rstrip()
    interval = f"{low} to {high}" if lane.has_line else ""
    today = "" if lane.exposure is None else amount(lane, lane.exposure)
    left = freeboard(lane)
    if lane.freeboard is not None and lane.freeboard < 0:
        left = f"over by {left}"
    return lane.label, holds, interval, today, left


def more(diagram: Diagram) -> str:
    """Say how many stresses are not shown; empty where all are."""
    if not diagram.more:
        return ""
    return f"{words.more(diagram.more).replace(' more', ' more of the stresses', 1)} not shown."


def _today(lane: Lane) -> str:
    if lane.exposure is None:
        return ""
    text = f"today {amount(lane, lane.exposure)}"
    if lane.untried:
        return f"{text}, more than was tried"
    left = lane.freeboard
    if left is None:
        return text
    side = "over the line by" if left < 0 else "freeboard"
    return f"{text}, {side} {freeboard(lane)}{'' if lane.settled else ', not certain'}"


def _signed(lane: Lane, number: str) -> str:
    return f"{number}{GAP}%" if lane.is_share else number


def _named(lane: Lane) -> str:
    """Return the stress, behind the unit of its number where the number does not show it."""
    return lane.label if lane.is_share or not lane.unit else f"{lane.unit}, {lane.label}"
