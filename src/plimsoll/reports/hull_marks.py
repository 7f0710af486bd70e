"""The pieces that the load-line diagram is drawn of: the ship's side with mark and ladder, and a bar.

All are SVG without script, coloured by classes that ``templates/load_lines.css`` gives the palette's
variables. A bar has no width of its own: its places are percentages, so it is as wide as its frame.
"""

from __future__ import annotations

from html import escape

from plimsoll.reports import words
from plimsoll.reports.load_lines import Diagram, Lane, State

PLATE_WIDTH, PLATE_HEIGHT = 300.0, 190.0
BAR_HEIGHT = 34.0
_MIDDLE = 20.0
_DISC_X, _DISC_Y, _DISC_R = 78.0, 90.0, 33.0
_STAFF_X, _RUNG = 160.0, 26.0
_LONGEST_RUNG = 13
HATCH = (
    '<pattern id="ll-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><path class="ll-hatch" d="M1.5 0V6"/></pattern>'
)


def plate(diagram: Diagram, clip: str) -> str:
    """Return the inside of the ship's side, 300 by 190, for an SVG that clips it with ``clip``.

    The ladder's rungs are the families of stresses, the one with the least room at the bottom. Water
    stands over the rungs of families of which today's rows hold more than the model carries.
    """
    width, height = PLATE_WIDTH, PLATE_HEIGHT
    rungs = _rungs(len(diagram.families))
    parts = [
        f'<clipPath id="{clip}"><rect width="{width:g}" height="{height:g}" rx="14"/></clipPath>',
        f'<g clip-path="url(#{clip})">',
        f'<rect class="ll-plate" width="{width:g}" height="{height:g}"/>',
    ]
    if diagram.exposed:
        y = waterline(diagram, rungs)
        parts.append(f'<path class="ll-sea" opacity=".5" d="{_waves(y - 4, -14)}"/>')
        parts.append(f'<path class="ll-sea" opacity=".85" d="{_waves(y, 0)}"/>')
    parts.append(
        f'<g class="ll-paint"><path d="M{_DISC_X - 22:g} 28H{_DISC_X + 22:g}" stroke-width="5"/>'
        f'<circle cx="{_DISC_X:g}" cy="{_DISC_Y:g}" r="{_DISC_R:g}"/>'
        f'<path d="M{_DISC_X - 60:g} {_DISC_Y:g}H{_DISC_X + 60:g}"/></g>'
    )
    parts.append(_ladder(diagram.families, rungs))
    return "".join([*parts, "</g>"])


def plate_words(diagram: Diagram) -> str:
    """Describe the ship's side to a person who does not see it."""
    if not diagram.families:
        return "The load-line mark of a ship, without a rung on its ladder."
    names = ", ".join(diagram.families)
    text = f"The load-line mark of a ship. The rungs of its ladder, the lowest first: {names}."
    if diagram.flooded:
        over = ", ".join(diagram.families[: diagram.flooded])
        text += f" Under water, with more today than the model carries: {over}."
    return text


def waterline(diagram: Diagram, rungs: tuple[float, ...]) -> float:
    """Return the height of the water: under the first rung, over those that are overloaded."""
    over = diagram.flooded
    if over == 0 or not rungs:
        return max(rungs[0] + 18, _DISC_Y + _DISC_R + 16) if rungs else _DISC_Y + _DISC_R + 16
    if over == len(rungs):
        return rungs[-1] - 16
    return (rungs[over - 1] + rungs[over]) / 2


def _rungs(count: int) -> tuple[float, ...]:
    """Return the heights of the rungs from the bottom, about the line of the disc."""
    if count == 0:
        return ()
    step = min(30.0, 124.0 / count)
    lowest = _DISC_Y + step * (count - 1) / 2
    return tuple(round(lowest - step * i, 1) for i in range(count))


def _ladder(families: tuple[str, ...], rungs: tuple[float, ...]) -> str:
    if not rungs:
        return ""
    x, end = _STAFF_X, _STAFF_X + _RUNG
    half = 2.5 if len(rungs) > 1 else 22.0
    staff = f"M{x:g} {rungs[-1] - half:g}V{rungs[0] + half:g}"
    lines = "".join(f"M{x:g} {y:g}H{end:g}" for y in rungs)
    names = "".join(
        f'<text x="{end + 9:g}" y="{y + 4.6:g}">'
        f"{escape(words.shorten(family, _LONGEST_RUNG))}</text>"
        for family, y in zip(families, rungs, strict=True)
    )
    return f'<path class="ll-rung" d="{staff}{lines}"/><g class="ll-family">{names}</g>'


def _waves(y: float, shift: float) -> str:
    """Return a band of water whose surface lies at ``y``, as wide as the ship's side."""
    crests = "".join("q10 -5 20 0t20 0" for _ in range(9))
    return f"M{shift - 20:g} {y:g}{crests}V{PLATE_HEIGHT:g}H{shift - 20:g}z"


def bar(lane: Lane, top: float = 0.0) -> str:
    """Return the inside of a lane's bar, for an SVG of any width that is 34 high.

    From the left: solid as far as it surely holds, hatched where the load line may lie, a broken line
    beyond; the load line is the ship's mark; a pennant marks today, a measure the freeboard.
    """
    y = top + _MIDDLE
    if lane.state is State.REFUSES:
        stop = f'<path class="ll-stop" d="M-5 {y - 5:g}l10 10m0 -10l-10 10"/>'
        return _dots("ll-void", 0.03, 1.0, y) + _at(0.0, stop)
    low, value, high = lane.places
    parts = [_dots("ll-past", high, 1.0, y)] if high < 1 else []
    if low > 0:
        parts.append(_block("ll-safe", 0.0, low, y))
    if high > low:
        parts.append(_block("ll-maybe", low, high, y))
    parts.append(_today(lane, y))
    if lane.state is State.HOLDS:
        parts.append(_at(1.0, f'<path class="ll-safe" d="M4 {y - 8:g}l13 8l-13 8z"/>'))
    else:
        parts.append(_at(value, _mark(y, lane.state is State.UNSURE)))
    return "".join(parts)


def _mark(y: float, unsure: bool) -> str:
    kind = "ll-mark unsure" if unsure else "ll-mark"
    return (
        f'<g class="{kind}"><path class="ll-halo" d="M-14 {y:g}H14"/>'
        f'<circle cy="{y:g}" r="7.2"/><path d="M-14 {y:g}H14"/></g>'
    )


def _today(lane: Lane, y: float) -> str:
    """Draw today's exposure, and the measure from there to the line."""
    if lane.exposure is None:
        return ""
    here, parts = lane.at(lane.exposure), []
    if lane.freeboard is not None and lane.value is not None:
        line, height = lane.at(lane.value), y - 15
        kind = "ll-free over" if lane.freeboard < 0 else "ll-free"
        start, stop = sorted((here, line))
        parts.append(
            f'<line class="{kind}" x1="{_percent(start)}" x2="{_percent(stop)}" '
            f'y1="{height:g}" y2="{height:g}"/>'
        )
        parts.append(_at(line, f'<path class="{kind}" d="M0 {height - 3.5:g}v7"/>'))
    pennant = f"M0 {y + 5:g}V{y - 7:g}l-4.5 -8h9l-4.5 8"
    parts.append(_at(here, f'<path class="ll-today" d="{pennant}"/>'))
    return "".join(parts)


def _block(kind: str, start: float, stop: float, y: float) -> str:
    return (
        f'<rect class="{kind}" x="{_percent(start)}" y="{y - 5:g}" '
        f'width="{_percent(stop - start)}" height="10"/>'
    )


def _dots(kind: str, start: float, stop: float, y: float) -> str:
    return (
        f'<line class="{kind}" x1="{_percent(start)}" x2="{_percent(stop)}" y1="{y:g}" y2="{y:g}"/>'
    )


def _at(place: float, inside: str) -> str:
    """Set a piece at a place of the bar, without being stretched."""
    return f'<svg x="{_percent(place)}" overflow="visible">{inside}</svg>'


def _percent(share: float) -> str:
    return f"{round(100 * share, 2):g}%"
