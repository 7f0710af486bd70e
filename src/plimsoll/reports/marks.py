"""Small drawings made by hand: the load-line mark, the shapes of the statuses, an interval plot.

All are SVG without script, coloured by the page's variables, so that one drawing serves a light
page, a dark page and paper.
"""

from __future__ import annotations

from html import escape

from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Status
from plimsoll.reports.hull_marks import HATCH

COLOUR: dict[Status, str] = {
    Status.PASS: "pass",
    Status.FAIL: "fail",
    Status.UNSURE: "unsure",
    Status.ERROR: "error",
    Status.NOT_APPLICABLE: "none",
    Status.SKIPPED: "none",
}

LOGO = (
    '<svg class="logo" viewBox="0 0 48 32" aria-hidden="true" focusable="false">'
    '<g fill="none" stroke="currentColor" stroke-width="3.4">'
    '<circle cx="24" cy="16" r="11.5"/><path d="M1 16H47"/></g></svg>'
)

_SHAPES: dict[Status, str] = {
    Status.PASS: '<circle cx="12" cy="12" r="11"/><path class="in" d="M6.8 12.4l3.6 3.7 7-8"/>',
    Status.FAIL: '<path d="M7.4 1h9.2L23 7.4v9.2L16.6 23H7.4L1 16.6V7.4z"/>'
    '<path class="in" d="M8 8l8 8M16 8l-8 8"/>',
    Status.UNSURE: '<path class="out" d="M12 1.8L22.2 12 12 22.2 1.8 12z"/>'
    '<path d="M12 1.8V22.2L1.8 12z"/>',
    Status.ERROR: '<path d="M12 1.2L23.6 22H.4z"/><path class="in" d="M12 8.6v6.2M12 18.2v.2"/>',
    Status.NOT_APPLICABLE: '<circle class="out" cx="12" cy="12" r="9.6"/>'
    '<path class="out" d="M7.5 12h9"/>',
    Status.SKIPPED: '<path class="out" d="M5 5l7 7-7 7M12.5 5l7 7-7 7"/>',
}

# Where the water stands against the line: below it is safe, over it is overloaded.
_WATER: dict[Status, float] = {Status.PASS: 92, Status.UNSURE: 64, Status.FAIL: 38}


def symbols() -> str:
    """Return the shapes of all statuses once, to be used by :func:`shape`."""
    drawn = "".join(
        f'<symbol id="s-{status.value}" viewBox="0 0 24 24">{body}</symbol>'
        for status, body in _SHAPES.items()
    )
    return f'<svg class="defs" width="0" height="0" aria-hidden="true">{drawn}{HATCH}</svg>'


def shape(status: Status) -> str:
    """Return the shape of a status; the word beside it is the text."""
    return f'<svg class="shape" aria-hidden="true"><use href="#s-{status.value}"/></svg>'


def grade_mark(status: Status) -> str:
    """Return the load-line mark on a hull plate, with the water where the grade puts it.

    Below the line is a pass, at the line is unsure, over the line is a fail; without water there
    is no answer.
    """
    water = ""
    if status in _WATER:
        y = _WATER[status]
        back, front = _wave(y - 3, -10), _wave(y, 0)
        water = (
            f'<path d="{back}" fill="var(--sea)" opacity=".45"/>'
            f'<path d="{front}" fill="var(--sea)" opacity=".8"/>'
        )
    dash = ' stroke-dasharray="9 7"' if status not in _WATER else ""
    return (
        '<svg class="grade-mark" viewBox="0 0 128 128" aria-hidden="true" focusable="false">'
        '<clipPath id="plate"><rect width="128" height="128" rx="20"/></clipPath>'
        '<g clip-path="url(#plate)"><rect class="plate" width="128" height="128"/>'
        f"{water}"
        f'<g fill="none" stroke="#fff" stroke-width="9"{dash}>'
        '<circle cx="64" cy="64" r="30"/><path d="M10 64H118"/></g></g></svg>'
    )


def _wave(y: float, shift: float) -> str:
    """Return a band of water whose surface lies at ``y``."""
    start = shift - 32
    crests = "".join("q8 -5 16 0t16 0" for _ in range(6))
    return f"M{start:g} {y:g}{crests}V130H{start:g}z"


def interval_plot(
    estimate: Estimate, bound: float, status: Status, allowed: str | None, title: str
) -> str:
    """Return a small plot of one interval against one bound.

    The safe side of the bound, ``"above"`` or ``"below"``, is tinted; the point's shape follows the
    status. The scale is the row's own: it holds interval and bound with a margin.
    """
    width, height, middle = 176.0, 34.0, 17.0
    low, high = min(estimate.low, bound), max(estimate.high, bound)
    margin = 0.22 * (high - low) or max(abs(bound), 1.0) * 0.1
    start, span = low - margin, high - low + 2 * margin

    def x(value: float) -> float:
        return round((value - start) / span * width, 1)

    edge, left, right, point = x(bound), x(estimate.low), x(estimate.high), x(estimate.value)
    right = max(right, left + 1.5)
    zone = ""
    if allowed:
        begin, end = (edge, width) if allowed == "above" else (0.0, edge)
        zone = f'<rect class="safe" x="{begin:g}" y="5" width="{end - begin:g}" height="24"/>'
    return (
        f'<svg class="plot {COLOUR[status]}" viewBox="0 0 {width:g} {height:g}" role="img">'
        f"<title>{escape(title)}</title>{zone}"
        f'<path class="track" d="M0 {middle:g}H{width:g}"/>'
        f'<path class="bound" d="M{edge:g} 2V32"/>'
        f'<path class="flag" d="M{edge - 4:g} 0h8l-4 6z"/>'
        f'<path class="bar" d="M{left:g} {middle:g}H{right:g}M{left:g} 12v10M{right:g} 12v10"/>'
        f"{_point(point, middle, status)}</svg>"
    )


def _point(x: float, y: float, status: Status) -> str:
    if status is Status.FAIL:
        return f'<rect class="point" x="{x - 4.5:g}" y="{y - 4.5:g}" width="9" height="9"/>'
    if status is Status.UNSURE:
        return f'<path class="point" d="M{x:g} {y - 6:g}l6 6-6 6-6-6z"/>'
    return f'<circle class="point" cx="{x:g}" cy="{y:g}" r="5"/>'


def range_bar(estimate: Estimate, low: float, high: float) -> str:
    """Return a thin bar that shows where an interval lies between the ends of its measure."""
    span = high - low
    left = max(0.0, min(1.0, (estimate.low - low) / span)) * 100
    right = max(0.0, min(1.0, (estimate.high - low) / span)) * 100
    middle = max(0.0, min(1.0, (estimate.value - low) / span)) * 100
    return (
        '<svg class="range" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true">'
        '<path class="track" d="M0 6H100"/>'
        f'<path class="bar" d="M{left:.1f} 6H{max(right, left + 0.8):.1f}"/>'
        f'<path class="tick" d="M{middle:.1f} 1V11"/></svg>'
    )


_KEYS: dict[str, str] = {
    "ground": '<path class="ground" d="M1 12V6h6V3h6v3h6v3h4v3z"/>',
    "step": '<path class="line" d="M1 12V8h6V4h7v4h9v4"/>',
    "bar": '<path class="solid" d="M1 4h22v8H1z"/>',
    "rule": '<path class="rule" d="M12 0v16"/>',
    "bound": '<path class="rule" stroke-dasharray="4 3" d="M1 8h22"/>',
    "cool": '<path fill="var(--k1)" d="M0 2h8v12H0z"/><path fill="var(--k2)" d="M8 2h8v12H8z"/>'
    '<path fill="var(--k3)" d="M16 2h8v12h-8z"/>',
    "warm": '<path fill="var(--w1)" d="M0 2h8v12H0z"/><path fill="var(--w2)" d="M8 2h8v12H8z"/>'
    '<path fill="var(--w3)" d="M16 2h8v12h-8z"/>',
    "gap": '<path class="gap" d="M1 2h22v12H1z"/><path class="rule" d="M9 8h6"/>',
    "below": '<path class="ink" d="M6 3h12l-6 10z"/>',
    "above": '<path class="ink" d="M6 13h12L12 3z"/>',
    "alarm": '<path class="alarm" d="M12 2l6 6-6 6-6-6z"/>',
    "safe": '<path class="ll-safe" d="M1 4h22v8H1z"/>',
    "maybe": '<path class="ll-maybe" d="M1 4h22v8H1z"/>',
    "past": '<path class="ll-past" d="M1 8h22"/>',
    "mark": '<g class="ll-mark"><circle cx="12" cy="8" r="5.6"/><path d="M0 8h24"/></g>',
    "today": '<path class="ll-today" d="M4 15V8l-3.5-6h7L4 8"/>'
    '<path class="ll-free" d="M4 3h18M22 0v6"/>',
    "sizes": '<circle class="solid" cx="4" cy="8" r="2.5"/>'
    '<circle class="solid" cx="16" cy="8" r="6"/>',
}


def key_mark(shape: str) -> str:
    """Return a small picture of one mark of a figure; the words beside it say what it means."""
    return (
        '<svg class="key-mark" viewBox="0 0 24 16" aria-hidden="true" focusable="false">'
        f"{_KEYS[shape]}</svg>"
    )
