"""A figure as data becomes a Vega-Lite specification.

The specification is a plain mapping, fit for a page that draws it live and for
:mod:`plimsoll.reports.drawing`, which makes a still picture of it. Names that ``about`` may hold:
``x_title``, ``y_title``; ``x_domain``, ``y_domain`` (two numbers); ``x_rules``, ``y_rules`` (lists
of numbers, drawn as dashed lines); ``diagonal`` (true or false); ``bound`` (of intervals).
"""

from __future__ import annotations

import math
from typing import Any

from plimsoll.core.finding import Figure
from plimsoll.reports import palette, words

Spec = dict[str, Any]

WIDTH, HEIGHT = 330, 230
MOST_ROWS = 40
_SERIES = ("c1", "c2", "c3", "c4")
_DASHES = ([1, 0], [6, 3], [2, 2], [8, 2, 2, 2])
_NEEDED = {
    "line": ("x", "y"),
    "reliability": ("x", "y"),
    "interval": ("label", "value", "low", "high"),
    "bar": ("label", "value"),
}
_COUNTS = ("x", "x2", "n")


def why_not(figure: Figure) -> str | None:
    """Return a sentence that says why a figure cannot be drawn, or None if it can."""
    needed = _NEEDED.get(figure.kind)
    if needed is None:
        return f"This version does not know how to draw a figure of kind “{figure.kind}”."
    for name, series in figure.series.items():
        columns = _COUNTS if _is_counts(figure, name) else needed
        missing = [column for column in columns if column not in series]
        if missing:
            return f"The series “{name}” lacks {', '.join(missing)}."
        if len({len(values) for values in series.values()}) > 1:
            return f"The lists of the series “{name}” differ in length."
        if not all(_finite(v) for values in series.values() for v in values):
            return f"The series “{name}” holds a number that is not finite."
    if not any(len(v) for series in figure.series.values() for v in series.values()):
        return "The figure holds no points."
    return None


def vega_lite(figure: Figure) -> Spec:
    """Return the Vega-Lite specification of a figure that :func:`why_not` lets through."""
    draw = {"line": _line, "reliability": _reliability, "interval": _interval, "bar": _bar}
    spec = draw[figure.kind](figure)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "description": words.clean(figure.title),
        "background": None,
        "padding": 2,
        "config": _CONFIG,
        **spec,
    }


def shown_of(figure: Figure) -> tuple[int, int]:
    """Return how many rows of a labelled figure are drawn, and how many there are."""
    rows = max((len(s["label"]) for s in figure.series.values() if "label" in s), default=0)
    return min(rows, MOST_ROWS), rows


def _is_counts(figure: Figure, name: str) -> bool:
    return figure.kind == "reliability" and name == "counts"


def _finite(value: Any) -> bool:
    return isinstance(value, str) or (value is not None and math.isfinite(value))


def _colour(name: str) -> str:
    return palette.LIGHT[name]


def _scale(domain: Any, zero: bool) -> Spec:
    return {"domain": list(domain), "nice": False} if domain else {"zero": zero, "nice": True}


def _axis(figure: Figure, side: str, **more: Any) -> Spec:
    """Return the encoding of one axis with its title and its ends as the figure asks."""
    title = figure.about.get(f"{side}_title")
    scale = _scale(figure.about.get(f"{side}_domain"), zero=False)
    text = words.shorten(title, 60) if title else None
    return {"type": "quantitative", "scale": scale, "title": text, **more}


def _points(figure: Figure) -> list[Spec]:
    rows: list[Spec] = []
    for key, series in figure.series.items():
        if _is_counts(figure, key):
            continue
        names = series.get("name") or [key] * len(series["x"])
        columns = [c for c in ("x", "y", "low", "high") if c in series]
        for i, name in enumerate(names):
            row: Spec = {column: series[column][i] for column in columns}
            rows.append({**row, "name": words.shorten(name, 40), "order": i})
    return rows


def _line(figure: Figure) -> Spec:
    rows = _points(figure)
    names = list(dict.fromkeys(row["name"] for row in rows))
    layers = _reference_lines(figure)
    x, y = _axis(figure, "x", field="x"), _axis(figure, "y", field="y")
    colour = {
        "field": "name",
        "type": "nominal",
        "title": None,
        "scale": {"domain": names, "range": [_colour(_SERIES[i % 4]) for i in range(len(names))]},
        "legend": {"orient": "top"} if len(names) > 1 else None,
    }
    dash = {
        "field": "name",
        "type": "nominal",
        "title": None,
        "scale": {"domain": names, "range": [_DASHES[i % 4] for i in range(len(names))]},
        "legend": colour["legend"],
    }
    if any("low" in row for row in rows):
        band = {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}
        layers.append(
            {
                "mark": {"type": "area", "opacity": 0.2},
                "transform": [{"filter": "isValid(datum.low)"}],
                "encoding": {**band, "fill": {**colour, "legend": None}},
            }
        )
    layers.append(
        {
            "mark": {"type": "line", "strokeWidth": 2, "interpolate": "linear"},
            "encoding": {
                "x": x, "y": y, "stroke": colour, "strokeDash": dash,
                "order": {"field": "order", "type": "quantitative"},
            },
        }
    )  # fmt: skip
    # A band without a legend of its own would else take the legend of its line away.
    apart = {"scale": {"fill": "independent"}, "legend": {"fill": "independent"}}
    frame = {"width": WIDTH, "height": HEIGHT, "data": {"values": rows}}
    return {**frame, "layer": layers, "resolve": apart}


def _reference_lines(figure: Figure) -> list[Spec]:
    mark = {"type": "rule", "strokeDash": [3, 3], "stroke": _colour("strong"), "strokeWidth": 1.2}
    layers: list[Spec] = []
    for side in ("x", "y"):
        values = figure.about.get(f"{side}_rules") or []
        if values:
            at = {"field": "at", "type": "quantitative"}
            rows = [{"at": value} for value in values]
            layers.append({"data": {"values": rows}, "mark": mark, "encoding": {side: at}})
    if figure.about.get("diagonal", figure.kind == "reliability"):
        ends = figure.about.get("x_domain") or _span(figure)
        rows = [{"at": end} for end in ends]
        both = {side: {"field": "at", "type": "quantitative"} for side in ("x", "y")}
        layers.append(
            {"data": {"values": rows}, "mark": {**mark, "type": "line"}, "encoding": both}
        )
    return layers


def _span(figure: Figure) -> tuple[float, float]:
    if figure.kind == "reliability":
        return 0.0, 1.0
    values = [x for series in figure.series.values() for x in series["x"]]
    return min(values), max(values)


def _reliability(figure: Figure) -> Spec:
    ends = {"x_domain": [0, 1], "y_domain": [0, 1], **figure.about}
    whole = Figure(figure.kind, figure.title, figure.caption, figure.series, ends)
    top = _line(whole)
    counts = figure.series.get("counts")
    if counts is None:
        return {**top, "height": WIDTH * 0.8}
    top["height"] = HEIGHT
    for layer in top["layer"]:
        layer["encoding"]["x"] = {
            **layer["encoding"]["x"],
            "axis": {"labels": False},
            "title": None,
        }
    columns = {name: counts[name] for name in _COUNTS}
    rows = [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]
    bars = {
        "width": WIDTH,
        "height": 54,
        "data": {"values": rows},
        "mark": {"type": "bar", "color": _colour("strong"), "binSpacing": 1},
        "encoding": {
            "x": {**_axis(whole, "x", field="x"), "bin": {"binned": True}},
            "x2": {"field": "x2"},
            "y": {"field": "n", "type": "quantitative", "title": "Rows",
                  "axis": {"tickCount": 2, "format": "~s"}},
        },
    }  # fmt: skip
    return {"vconcat": [top, bars], "spacing": 8}


def _labelled(figure: Figure, columns: tuple[str, ...]) -> list[Spec]:
    """Return the rows to draw; a label that comes twice in one series gets a number."""
    rows: list[Spec] = []
    for key, series in figure.series.items():
        seen: dict[str, int] = {}
        for i, label in enumerate(series["label"][:MOST_ROWS]):
            text = words.shorten(label, 30)
            seen[text] = seen.get(text, 0) + 1
            again = f" ({seen[text]})" if seen[text] > 1 else ""
            row = {column: series[column][i] for column in columns}
            rows.append({**row, "label": text + again, "name": words.shorten(key, 40)})
    return rows


def _by_name(rows: list[Spec]) -> Spec:
    """Return the encodings that tell several series apart, by place, colour and shape."""
    names = list(dict.fromkeys(row["name"] for row in rows))
    if len(names) < 2:
        return {}
    field = {"field": "name", "type": "nominal", "title": None, "sort": names}
    colours = [_colour(_SERIES[i % 4]) for i in range(len(names))]
    return {
        "yOffset": field,
        "color": {
            **field,
            "scale": {"domain": names, "range": colours},
            "legend": {"orient": "top"},
        },
    }


_ROWS_AXIS: Spec = {
    "field": "label", "type": "nominal", "title": None, "sort": None,
    "axis": {"grid": False, "domain": False, "ticks": False, "labelLimit": 200, "labelPadding": 8,
             "labelColor": palette.LIGHT["ink"]},
}  # fmt: skip


def _interval(figure: Figure) -> Spec:
    rows = _labelled(figure, ("value", "low", "high"))
    x, apart = _axis(figure, "x", field="value"), _by_name(rows)
    layers: list[Spec] = []
    bound = figure.about.get("bound")
    if bound is not None:
        rule = {"type": "rule", "stroke": _colour("ink"), "strokeDash": [4, 3], "strokeWidth": 1.2}
        at = {"x": {"field": "at", "type": "quantitative"}}
        layers.append({"data": {"values": [{"at": bound}]}, "mark": rule, "encoding": at})
    ink = {} if apart else {"color": _colour("c1")}
    layers += [
        {
            "mark": {"type": "rule", "strokeWidth": 2.5, **ink},
            "encoding": {
                "x": {**x, "field": "low"},
                "x2": {"field": "high"},
                "y": _ROWS_AXIS,
                **apart,
            },
        },
        {
            "mark": {"type": "point", "filled": True, "opacity": 1, "size": 64, **ink},
            "encoding": {"x": x, "y": _ROWS_AXIS, **apart},
        },
    ]
    return {**_rows_frame(rows, apart), "layer": layers}


def _bar(figure: Figure) -> Spec:
    rows = _labelled(figure, ("value",))
    x, apart = _axis(figure, "x", field="value"), _by_name(rows)
    if not figure.about.get("x_domain"):
        x["scale"] = _scale(None, zero=True)
    mark = {"type": "bar", "height": {"band": 0.6}, **({} if apart else {"color": _colour("c1")})}
    return {
        **_rows_frame(rows, apart),
        "mark": mark,
        "encoding": {"x": x, "y": _ROWS_AXIS, **apart},
    }


def _rows_frame(rows: list[Spec], apart: Spec) -> Spec:
    names = len({row["name"] for row in rows}) if apart else 1
    step = {"step": max(26, 14 * names), "for": "position"}
    longest = max(len(row["label"]) for row in rows)
    width = max(160, WIDTH + 30 - 7 * longest)
    return {"width": width, "height": step, "data": {"values": rows}}


_CONFIG: Spec = {
    "aria": False,
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": palette.LIGHT["muted"], "titleColor": palette.LIGHT["muted"],
        "gridColor": palette.LIGHT["line"], "domainColor": palette.LIGHT["strong"],
        "tickColor": palette.LIGHT["strong"], "labelFontSize": 12, "titleFontSize": 12,
        "titleFontWeight": "normal", "titlePadding": 10, "labelPadding": 5, "tickSize": 4,
        "labelOverlap": True,
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
