"""Slices within slices, as an outline that opens from left to right.

Each node is one line: a circle as large as its rows are many, its text, and its number at the right,
where numbers can be compared down the column.
"""

from __future__ import annotations

import math
from typing import Any

from plimsoll.core.finding import Figure
from plimsoll.reports import digits, words
from plimsoll.reports.charts.frame import Spec, alike, colour, label
from plimsoll.reports.charts.heat import MARKS

MOST_NODES = 15
_WIDTH, _STEP, _INDENT = 350, 38, 22
_NUMBERS = 96
_LETTER = 6.3


def tree(figure: Figure) -> Spec:
    """Draw the first nodes, each below its parent; brothers stay in their order."""
    (whole,) = figure.series.values()
    series = {name: values[:MOST_NODES] for name, values in whole.items()}
    nodes = _nodes(series)
    height = _STEP * len(nodes)
    x = _pixels("x", _WIDTH)
    y = {**_pixels("y", height), "scale": {"domain": [height, 0], "nice": False, "zero": False}}
    link = {"mark": {"type": "rule", "stroke": colour("strong"), "strokeWidth": 1.2},
            "data": {"values": _links(nodes, series["parent"])},
            "encoding": {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}}}  # fmt: skip
    size = {"field": "size", "type": "quantitative", "scale": None}
    circle = {"type": "point", "shape": "circle", "filled": True, "opacity": 1, "fill": colour("c1"),
              "stroke": colour("panel"), "strokeWidth": 1.5}  # fmt: skip
    layers = [link, {"mark": circle, "encoding": {"x": x, "y": y, "size": size}}]
    for field, side, up, ink, large in (
        ("text", "left", -7, "ink", 12), ("rows", "left", 8, "muted", 11),
        ("number", "right", -7, "ink", 12), ("range", "right", 8, "muted", 11),
    ):  # fmt: skip
        at = {**x, "field": "label_x"} if side == "left" else {"value": _WIDTH}
        mark = {"type": "text", "align": side, "dy": up, "fill": colour(ink), "fontSize": large,
                "fontWeight": "bold" if field == "number" else "normal"}  # fmt: skip
        text = {"field": field, "type": "nominal"}
        layers.append({"mark": mark, "encoding": {"x": at, "y": y, "text": text}})
    return {"width": _WIDTH, "height": height, "data": {"values": nodes}, "layer": layers}


def _pixels(side: str, end: float) -> Spec:
    scale = {"domain": [0, end], "nice": False, "zero": False}
    return {"field": side, "type": "quantitative", "scale": scale, "axis": None}


def _nodes(series: dict[str, list[Any]]) -> list[Spec]:
    """Return the nodes with their places, in the order of the list."""
    order = _order(series["parent"])
    most = max(series["n"]) or 1
    depths: list[int] = []
    nodes: list[Spec] = []
    for i, parent in enumerate(series["parent"]):
        depths.append(0 if parent < 0 else depths[parent] + 1)
        x = 10 + _INDENT * depths[i]
        room = int((_WIDTH - _NUMBERS - x - 14) / _LETTER)
        radius = max(2.5, 9 * math.sqrt(series["n"][i] / most))
        nodes.append({"x": x, "label_x": x + 14, "y": _STEP * (order[i] + 0.5),
                      "size": round(math.pi * radius**2, 1),
                      "text": label(series["label"][i], max(room, 8)),
                      "rows": words.count(series["n"][i], "row")})  # fmt: skip
    for node, (number, range_) in zip(nodes, _numbers(series), strict=True):
        node |= {"number": number, "range": range_}
    return nodes


def _order(parents: list[int]) -> list[int]:
    """Return the line of each node when every node is followed by those below it."""
    children: dict[int, list[int]] = {}
    for i, parent in enumerate(parents):
        children.setdefault(parent, []).append(i)
    lines, waiting = [0] * len(parents), list(reversed(children.get(-1, [])))
    for line in range(len(parents)):
        node = waiting.pop()
        lines[node] = line
        waiting += reversed(children.get(node, []))
    return lines


def _numbers(series: dict[str, list[Any]]) -> list[tuple[str, str]]:
    """Return the number and the range of each node in words; a dash where there is none."""
    values = series["value"]
    if "low" not in series:
        written = iter(alike([v for v in values if v is not None]))
        pairs = [("–" if v is None else next(written), "") for v in values]
    else:
        pairs = []
        for value, low, high in zip(values, series["low"], series["high"], strict=True):
            half = None if low is None or high is None else (high - low) / 2
            ends = (
                "" if half is None else f"{digits.number(low, half)} to {digits.number(high, half)}"
            )
            pairs.append(("–" if value is None else digits.number(value, half), ends))
    sides = series.get("beyond") or [""] * len(pairs)
    return [(MARKS[side] + text, ends) for side, (text, ends) in zip(sides, pairs, strict=True)]


def _links(nodes: list[Spec], parents: list[int]) -> list[Spec]:
    """Return an elbow from each parent down and right to each node below it."""
    out = []
    for node, parent in zip(nodes, parents, strict=True):
        if parent >= 0:
            above = nodes[parent]
            out.append({"x": above["x"], "x2": above["x"], "y": above["y"], "y2": node["y"]})
            out.append({"x": above["x"], "x2": node["x"], "y": node["y"], "y2": node["y"]})
    return out
