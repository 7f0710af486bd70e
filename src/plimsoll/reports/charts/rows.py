"""Labelled rows: intervals and bars, and panels of interval rows on one scale."""

from __future__ import annotations

from typing import Any

from plimsoll.core.finding import Figure
from plimsoll.reports import digits, palette, words
from plimsoll.reports.charts.frame import (
    SERIES,
    WIDTH,
    Spec,
    axis,
    colour,
    label,
    rows_of,
    rule,
    scale,
    unlike,
)

MOST_ROWS = 40
MOST_PANEL_ROWS = 20
_LONGEST, _LONGEST_IN_PANEL = 30, 22
_SHAPES = {"": "circle", "below": "triangle-down", "above": "triangle-up"}
_TOTAL = 350

_ROWS_AXIS: Spec = {
    "field": "label", "type": "nominal", "title": None, "sort": None,
    "axis": {"grid": False, "domain": False, "ticks": False, "labelLimit": 200, "labelPadding": 8,
             "labelColor": palette.LIGHT["ink"]},
}  # fmt: skip


def interval(figure: Figure) -> Spec:
    """Draw one interval a row, against a bound where there is one."""
    rows = _labelled(figure, ("value", "low", "high"))
    apart = _by_name(rows)
    bound = figure.about.get("bound")
    x = axis(figure, "x", field="value")
    layers = [] if bound is None else [rule(bound, x, "x", [4, 3])]
    ink = {} if apart else {"color": colour("c1")}
    point = {"type": "point", "filled": True, "opacity": 1, "size": 64, **ink}
    layers += [
        _ranges(axis(figure, "x", field="value"), apart, ink),
        {"mark": point, "encoding": {"x": axis(figure, "x", field="value"), "y": _ROWS_AXIS, **apart}},
    ]  # fmt: skip
    return {**_rows_frame(rows, apart), "layer": layers}


def bar(figure: Figure) -> Spec:
    """Draw one bar a row, from zero."""
    rows = _labelled(figure, ("value",))
    x, apart = axis(figure, "x", field="value"), _by_name(rows)
    if not figure.about.get("x_domain"):
        x["scale"] = scale(None, zero=True)
    mark = {"type": "bar", "height": {"band": 0.6}, **({} if apart else {"color": colour("c1")})}
    return {
        **_rows_frame(rows, apart),
        "mark": mark,
        "encoding": {"x": x, "y": _ROWS_AXIS, **apart},
    }


def intervals_of(figure: Figure, key: str) -> Spec:
    """Draw one panel of ``multiples``: interval rows with their numbers, on the scale of all panels.

    The shape of a point says where its whole range lies: a triangle up or down from what it is held
    against, a circle where its range holds that.
    """
    series = {name: values[:MOST_PANEL_ROWS] for name, values in figure.series[key].items()}
    rows = rows_of(series, ("value", "low", "high"))
    labels = unlike([label(text, _LONGEST_IN_PANEL) for text in series["label"]])
    for i, (row, text) in enumerate(zip(rows, labels, strict=True)):
        written = digits.number(row["value"], (row["high"] - row["low"]) / 2)
        side = series["beyond"][i] if "beyond" in series else ""
        row |= {"label": text, "beyond": side, "text": written}
    names = round(6.4 * _longest(figure)) + 8
    width = max(110, _TOTAL - 48 - names)
    y = {**_ROWS_AXIS, "axis": {**_ROWS_AXIS["axis"], "minExtent": names, "maxExtent": names}}
    x = {"field": "value", "type": "quantitative", "title": None, "axis": {"tickCount": 4},
         "scale": {"domain": figure.about.get("x_domain") or _reach(figure), "nice": False}}  # fmt: skip
    layers = [
        rule(figure.about[name], x, "x", dash)
        for name, dash in (("rule", [1, 0]), ("bound", [4, 3]))
        if figure.about.get(name) is not None
    ]
    shapes, plain = list(_SHAPES), colour("c1")
    of: Spec = {"field": "beyond", "type": "nominal", "legend": None}
    ink = {**of, "scale": {"domain": shapes, "range": [plain, colour("c2"), colour("c2")]}}
    shape = {**of, "scale": {"domain": shapes, "range": list(_SHAPES.values())}}
    mark = {"type": "point", "filled": True, "opacity": 1, "size": 80}
    number = {"type": "text", "align": "left", "fontSize": 12, "fill": colour("ink")}
    beside = {"x": {"value": width + 10}, "y": y, "text": {"field": "text"}}
    layers += [
        _ranges(x, {"color": ink, "y": y}, {}),
        {"mark": mark, "encoding": {"x": x, "y": y, "shape": shape, "color": ink}},
        {"mark": number, "encoding": beside},
    ]
    return {"width": width, "height": {"step": 24}, "data": {"values": rows}, "layer": layers}


def _longest(figure: Figure) -> int:
    """Return the length of the longest label of all panels, so that their scales lie in line."""
    labels = (text for s in figure.series.values() for text in s["label"][:MOST_PANEL_ROWS])
    return max((len(label(text, _LONGEST_IN_PANEL)) for text in labels), default=0)


def _reach(figure: Figure) -> list[float]:
    """Return the ends of all intervals and of what they are held against, with a margin."""
    ends = [end for s in figure.series.values() for end in (*s["low"], *s["high"], *s["value"])]
    ends += [figure.about[n] for n in ("rule", "bound") if figure.about.get(n) is not None]
    margin = 0.04 * (max(ends) - min(ends)) or 0.1 * abs(ends[0]) or 1.0
    return [min(ends) - margin, max(ends) + margin]


def _ranges(x: Spec, apart: Spec, ink: Spec) -> Spec:
    ends = {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": _ROWS_AXIS}
    return {"mark": {"type": "rule", "strokeWidth": 2.5, **ink}, "encoding": {**ends, **apart}}


def _labelled(figure: Figure, columns: tuple[str, ...]) -> list[Spec]:
    """Return the rows to draw; a label that comes twice in one series gets a number."""
    rows: list[Spec] = []
    for key, series in figure.series.items():
        cut: dict[str, list[Any]] = {name: values[:MOST_ROWS] for name, values in series.items()}
        labels = unlike([label(text, _LONGEST) for text in cut["label"]])
        name = words.shorten(key, 40)
        for row, text in zip(rows_of(cut, columns), labels, strict=True):
            rows.append({**row, "label": text, "name": name})
    return rows


def _by_name(rows: list[Spec]) -> Spec:
    """Return the encodings that tell several series apart, by place, colour and shape."""
    names = list(dict.fromkeys(row["name"] for row in rows))
    if len(names) < 2:
        return {}
    field = {"field": "name", "type": "nominal", "title": None, "sort": names}
    colours = [colour(SERIES[i % 4]) for i in range(len(names))]
    return {
        "yOffset": field,
        "color": {
            **field,
            "scale": {"domain": names, "range": colours},
            "legend": {"orient": "top"},
        },
    }


def _rows_frame(rows: list[Spec], apart: Spec) -> Spec:
    names = len({row["name"] for row in rows}) if apart else 1
    step = {"step": max(26, 14 * names), "for": "position"}
    longest = max(len(row["label"]) for row in rows)
    width = max(160, WIDTH + 30 - 7 * longest)
    return {"width": width, "height": step, "data": {"values": rows}}
