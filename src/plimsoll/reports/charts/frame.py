"""What all drawings share: sizes, colours, axes and the look of the letters."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from plimsoll.core.finding import Figure
from plimsoll.reports import digits, palette, slices, words

Spec = dict[str, Any]

WIDTH, HEIGHT = 330, 230
SERIES = ("c1", "c2", "c3", "c4")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 2, 2, 2])


def colour(name: str) -> str:
    """Return a colour of the palette; the drawing on a page makes a variable of it again."""
    return palette.LIGHT[name]


def scale(domain: Any, zero: bool) -> Spec:
    """Return a scale with the ends that were asked for, or one that fits the numbers."""
    return {"domain": list(domain), "nice": False} if domain else {"zero": zero, "nice": True}


def axis(figure: Figure, side: str, **more: Any) -> Spec:
    """Return the encoding of one axis with its title and its ends as the figure asks."""
    title = figure.about.get(f"{side}_title")
    ends = scale(figure.about.get(f"{side}_domain"), zero=False)
    text = words.shorten(title, 60) if title else None
    return {"type": "quantitative", "scale": ends, "title": text, **more}


def rule(at: float, place: Spec, side: str, dash: list[int]) -> Spec:
    """Return a layer with one line across the drawing, on the scale of the axis it stands on."""
    mark = {"type": "rule", "stroke": colour("ink"), "strokeDash": dash, "strokeWidth": 1.2}
    return {"data": {"values": [{"at": at}]}, "mark": mark,
            "encoding": {side: {**place, "field": "at"}}}  # fmt: skip


def label(text: object, limit: int) -> str:
    """Write a label: clean, ranges in words, cut to a limit."""
    return words.shorten(slices.said(words.clean(text)), limit)


def unlike(labels: list[str]) -> list[str]:
    """Return labels of which one that comes again gets a number, so that no row takes another's place.

    >>> unlike(["a", "b", "a"])
    ['a', 'b', 'a (2)']
    """
    seen: dict[str, int] = {}
    out = []
    for text in labels:
        seen[text] = seen.get(text, 0) + 1
        out.append(f"{text} ({seen[text]})" if seen[text] > 1 else text)
    return out


def rows_of(series: dict[str, list[Any]], columns: tuple[str, ...]) -> list[Spec]:
    """Return lists of equal length as rows."""
    lists = [series[column] for column in columns]
    return [dict(zip(columns, row, strict=True)) for row in zip(*lists, strict=True)]


def alike(values: list[float]) -> list[str]:
    """Write numbers that stand together with the same decimals: two digits of what sets them apart.

    >>> alike([0.7, 0.6125, 1.0]), alike([0.5, 0.5])
    (['0.70', '0.61', '1.00'], ['0.5', '0.5'])
    """
    spread = max(values) - min(values) if values else 0.0
    return [digits.number(value, spread if spread > 0 else None) for value in values]


def moment(text: str) -> float | None:
    """Return a date or a moment as milliseconds since 1970 in UTC, or None for another text.

    >>> moment("1970-01-02"), moment("1970-01-01T01:00:00+01:00"), moment("spring")
    (86400000.0, 0.0, None)
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    zoned = found.replace(tzinfo=UTC) if found.tzinfo is None else found
    return zoned.timestamp() * 1000


CONFIG: Spec = {
    "aria": False,
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": palette.LIGHT["muted"], "titleColor": palette.LIGHT["muted"],
        "gridColor": palette.LIGHT["line"], "domainColor": palette.LIGHT["strong"],
        "tickColor": palette.LIGHT["strong"], "labelFontSize": 12, "titleFontSize": 12,
        "titleFontWeight": "normal", "titlePadding": 10, "labelPadding": 5, "tickSize": 4,
        "labelOverlap": True, "labelSeparation": 6,
    },
    "axisX": {"grid": False, "tickCount": 5, "labelFlush": False},
    "axisY": {
        "domain": False, "ticks": False, "tickCount": 5, "titleAngle": 0, "titleAlign": "left",
        "titleAnchor": "end", "titleBaseline": "bottom", "titleX": -26, "titleY": -10,
    },
    "legend": {
        "labelColor": palette.LIGHT["ink"], "labelFontSize": 12, "symbolStrokeWidth": 2.5,
        "symbolSize": 260, "symbolType": "stroke", "offset": 26, "columnPadding": 18,
    },
}  # fmt: skip
