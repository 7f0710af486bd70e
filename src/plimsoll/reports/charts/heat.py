"""A number in every crossing of two columns, written in its cell on a ground that shades it.

The shade runs from one side of a given middle to the other, or from low to high without one; it has
few steps, for the number is there to be read. A triangle stands before a number whose whole range
lies beyond the bound. A crossing without a number is an empty frame with a dash.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from plimsoll.core.finding import Figure
from plimsoll.reports import words
from plimsoll.reports.charts.frame import Spec, alike, colour, label

MOST_ROWS, MOST_COLUMNS = 20, 12
MARKS = {"": "", "below": "▼ ", "above": "▲ "}
WORSE, BETTER = ("w1", "w2", "w3"), ("k1", "k2", "k3")
_LONGEST_ROW, _LONGEST_LINE = 22, 11
_PAPER = "h0"


def heat(figure: Figure) -> Spec:
    """Draw the crossings, rows and columns in the order in which they first come."""
    (series,) = figure.series.values()
    rows, columns = _sides(series)
    cells = _cells(figure, series, rows, columns)
    counted = "n" in series
    heads = [_lines(text) for text in columns]
    step = max(46, 10 + round(6.2 * max(len(line) for lines in heads for line in lines)))
    x, y = _band("column", columns), _band("row", rows)
    y["axis"] = _labels([label(text, _LONGEST_ROW) for text in rows])
    tile: Spec = {"type": "rect", "stroke": colour("strong")}
    number: Spec = {"type": "text", "fontSize": 12, "fill": colour("ink")}
    shaded = {"field": "shade", "type": "nominal", "scale": None, "legend": None}
    layers: list[Spec] = [
        {"mark": {**tile, "strokeWidth": 0}, "transform": [{"filter": "datum.shade"}],
         "encoding": {"x": x, "y": y, "fill": shaded}},
        {"mark": {**tile, "filled": False, "strokeDash": [2, 3]},
         "transform": [{"filter": "!datum.shade"}], "encoding": {"x": x, "y": y}},
        {"mark": {**number, "dy": -6 if counted else 0}, "encoding": _text(x, y, "text")},
        *_heads(figure, x, heads),
    ]  # fmt: skip
    if counted:
        small = {**number, "fontSize": 10, "dy": 9}
        layers.append({"mark": small, "encoding": _text(x, y, "rows")})
    frame = {"width": {"step": step}, "height": {"step": 36 if counted else 28}}
    return {**frame, "data": {"values": cells}, "layer": layers}


def _heads(figure: Figure, x: Spec, heads: list[list[str]]) -> list[Spec]:
    """Return the names of the columns above them, in one or two lines, and what both sides are."""
    text = {"type": "text", "fontSize": 12, "fill": colour("ink")}
    most = max(map(len, heads))
    layers: list[Spec] = []
    for line in range(most):
        rows = [
            {"column": str(i), "head": lines[len(lines) - 1 - line]}
            for i, lines in enumerate(heads)
            if line < len(lines)
        ]
        encoding = _text(x, {"value": -12 - 15 * line}, "head")
        layers.append({"data": {"values": rows}, "mark": text, "encoding": encoding})
    titles = [(figure.about.get(f"{side}_title"), side) for side in ("x", "y")]
    for title, side in titles:
        if title:
            place = {"x": {"value": -6 if side == "y" else 0},
                     "y": {"value": -12 - (0 if side == "y" else 15 * most)}}  # fmt: skip
            mark = {**text, "align": "right" if side == "y" else "left", "fill": colour("muted")}
            written = {"value": words.shorten(title, 30)}
            layers.append({"data": {"values": [{}]}, "mark": mark,
                           "encoding": {**place, "text": written}})  # fmt: skip
    return layers


def cells_of(figure: Figure) -> tuple[int, int]:
    """Return how many cells are drawn and how many there are."""
    (series,) = figure.series.values()
    rows, columns = _sides(series)
    cells = list(zip(map(str, series["row"]), map(str, series["column"]), strict=True))
    return sum(row in rows and column in columns for row, column in cells), len(cells)


def _sides(series: dict[str, list[Any]]) -> tuple[list[str], list[str]]:
    """Return the names of rows and columns, each once, as far as they are drawn."""
    rows = list(dict.fromkeys(str(name) for name in series["row"]))
    columns = list(dict.fromkeys(str(name) for name in series["column"]))
    return rows[:MOST_ROWS], columns[:MOST_COLUMNS]


def _text(x: Spec, y: Spec, field: str) -> Spec:
    return {"x": x, "y": y, "text": {"field": field, "type": "nominal"}}


def _lines(text: str) -> list[str]:
    """Break the head of a column into two lines where words meet, so that columns stay narrow."""
    whole = label(text, 2 * _LONGEST_LINE)
    places = [found.end() for found in re.finditer(r"[ _./-]+(?=.)", whole)]
    if len(whole) <= _LONGEST_LINE or not places:
        return [label(whole, _LONGEST_LINE + 4)]
    at = min(places, key=lambda place: abs(place - len(whole) / 2))
    return [whole[:at].rstrip(), whole[at:]]


def _band(side: str, names: list[str]) -> Spec:
    """Return a side of the table; places are numbers, so that names of any text can stand at them."""
    scale = {"domain": [str(i) for i in range(len(names))], "paddingInner": 0.06}
    return {"field": side, "type": "nominal", "title": None, "scale": scale, "axis": None}


def _labels(labels: list[str]) -> Spec:
    picked = ",".join(f"'{i}':{_js(text)}" for i, text in enumerate(labels))
    return {"grid": False, "domain": False, "ticks": False, "labelColor": colour("ink"),
            "labelLimit": 160, "labelPadding": 6, "labelOverlap": False,
            "labelExpr": f"{{{picked}}}[datum.label]"}  # fmt: skip


def _js(value: Any) -> str:
    """Return words as a literal of Vega's expressions."""
    return json.dumps(value, ensure_ascii=False)


def _cells(
    figure: Figure, series: dict[str, list[Any]], rows: list[str], columns: list[str]
) -> list[Spec]:
    shade = _shades(figure, [v for v in series["value"] if v is not None])
    written = iter(alike([v for v in series["value"] if v is not None]))
    found: dict[tuple[str, str], Spec] = {}
    for i, value in enumerate(series["value"]):
        place = (str(series["row"][i]), str(series["column"][i]))
        text = "–" if value is None else MARKS[_at(series, "beyond", i, "")] + next(written)
        n = _at(series, "n", i, None)
        found[place] = {"text": text, "rows": "" if n is None else f"{n:,}",
                        "shade": None if value is None else shade(value)}  # fmt: skip
    empty = {"text": "–", "rows": "", "shade": None}
    return [
        {"row": str(i), "column": str(j), **found.get((row, column), empty)}
        for i, row in enumerate(rows)
        for j, column in enumerate(columns)
    ]


def _at(series: dict[str, list[Any]], column: str, i: int, default: Any) -> Any:
    return series[column][i] if column in series else default


def _shades(figure: Figure, values: list[float]) -> Any:
    """Return the function from a value to its shade: of three steps on each side of the middle."""
    middle = figure.about.get("middle")
    if middle is None:
        low, span = min(values), max(values) - min(values)
        steps = (_PAPER, *BETTER)
        return lambda v: colour(steps[min(3, int(4 * (v - low) / span)) if span else 0])
    reach = figure.about.get("reach") or max(abs(v - middle) for v in values)
    sides = (BETTER, WORSE) if figure.about.get("better") == "lower" else (WORSE, BETTER)

    def shade(value: float) -> str:
        far = min(3, math.floor(3.5 * abs(value - middle) / reach)) if reach else 0
        return colour(_PAPER if far == 0 else sides[value > middle][far - 1])

    return shade
