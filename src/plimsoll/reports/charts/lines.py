"""Curves, with a band where there is one, and the reliability diagram with its histogram."""

from __future__ import annotations

from plimsoll.core.finding import Figure
from plimsoll.reports import words
from plimsoll.reports.charts.frame import DASHES, HEIGHT, SERIES, WIDTH, Spec, axis, colour
from plimsoll.reports.charts.valid import is_counts

_COUNTS = ("x", "x2", "n")


def _points(figure: Figure) -> list[Spec]:
    rows: list[Spec] = []
    for key, series in figure.series.items():
        if is_counts(figure, key):
            continue
        names = series.get("name") or [key] * len(series["x"])
        columns = [c for c in ("x", "y", "low", "high") if c in series]
        for i, name in enumerate(names):
            row: Spec = {column: series[column][i] for column in columns}
            rows.append({**row, "name": words.shorten(name, 40), "order": i})
    return rows


def line(figure: Figure) -> Spec:
    """Draw curves, told apart by colour and dashes."""
    rows = _points(figure)
    names = list(dict.fromkeys(row["name"] for row in rows))
    layers = _reference_lines(figure)
    x, y = axis(figure, "x", field="x"), axis(figure, "y", field="y")
    stroke = {
        "field": "name",
        "type": "nominal",
        "title": None,
        "scale": {"domain": names, "range": [colour(SERIES[i % 4]) for i in range(len(names))]},
        "legend": {"orient": "top"} if len(names) > 1 else None,
    }
    dash = {
        "field": "name",
        "type": "nominal",
        "title": None,
        "scale": {"domain": names, "range": [DASHES[i % 4] for i in range(len(names))]},
        "legend": stroke["legend"],
    }
    if any("low" in row for row in rows):
        band = {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}
        layers.append(
            {
                "mark": {"type": "area", "opacity": 0.2},
                "transform": [{"filter": "isValid(datum.low)"}],
                "encoding": {**band, "fill": {**stroke, "legend": None}},
            }
        )
    layers.append(
        {
            "mark": {"type": "line", "strokeWidth": 2, "interpolate": "linear"},
            "encoding": {
                "x": x, "y": y, "stroke": stroke, "strokeDash": dash,
                "order": {"field": "order", "type": "quantitative"},
            },
        }
    )  # fmt: skip
    # A band without a legend of its own would else take the legend of its line away.
    apart = {"scale": {"fill": "independent"}, "legend": {"fill": "independent"}}
    frame = {"width": WIDTH, "height": HEIGHT, "data": {"values": rows}}
    return {**frame, "layer": layers, "resolve": apart}


def _reference_lines(figure: Figure) -> list[Spec]:
    mark = {"type": "rule", "strokeDash": [3, 3], "stroke": colour("strong"), "strokeWidth": 1.2}
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


def reliability(figure: Figure) -> Spec:
    """Draw a reliability diagram over the histogram of its scores."""
    ends = {"x_domain": [0, 1], "y_domain": [0, 1], **figure.about}
    whole = Figure(figure.kind, figure.title, figure.caption, figure.series, ends)
    top = line(whole)
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
        "mark": {"type": "bar", "color": colour("strong"), "binSpacing": 1},
        "encoding": {
            "x": {**axis(whole, "x", field="x"), "bin": {"binned": True}},
            "x2": {"field": "x2"},
            "y": {"field": "n", "type": "quantitative", "title": "Rows",
                  "axis": {"tickCount": 2, "format": "~s"}},
        },
    }  # fmt: skip
    return {"vconcat": [top, bars], "spacing": 8}
