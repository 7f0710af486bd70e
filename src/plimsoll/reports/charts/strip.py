"""A number over windows of time, one strip a column, with a floor and the windows that alarm."""

from __future__ import annotations

from typing import Any

from plimsoll.core.finding import Figure
from plimsoll.reports import words
from plimsoll.reports.charts.frame import Spec, colour, moment, rule, unlike

_WIDTH, _HEIGHT = 280, 96
_MOST_SINGLE = 36
"""Up to so many windows each shows its own interval; more are drawn as a band."""


def strip(figure: Figure, key: str) -> Spec:
    """Draw one panel of ``strip``; a window without a value leaves a gap."""
    series = figure.series[key]
    places, kind = _places(series["x"])
    rows = _rows(series, places)
    x = {"field": "x", **kind, "title": None}
    ends = figure.about.get("y_domain") or _reach(figure)
    scale = {"domain": ends, "nice": False, "zero": False}
    y = {"field": "value", "type": "quantitative", "title": None, "scale": scale,
         "axis": {"tickCount": 3, "minExtent": 34}}  # fmt: skip
    floor = figure.about.get("floor")
    layers = [] if floor is None else [rule(floor, y, "y", [4, 3])]
    single = len(rows) <= _MOST_SINGLE
    ends_of = {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}
    range_: Spec = {"mark": {"type": "rule", "stroke": colour("c1"), "strokeWidth": 2},
                    "encoding": ends_of}  # fmt: skip
    apart = {"detail": {"field": "part", "type": "nominal"}}
    if not single:
        area = {"type": "area", "fill": colour("c1"), "fillOpacity": 0.2}
        range_ = {"mark": area, "encoding": {**ends_of, **apart}}
    line = {"type": "line", "stroke": colour("c1"), "strokeWidth": 1 if single else 1.6}
    layers += [range_, {"mark": line, "encoding": {"x": x, "y": y, **apart}}]
    layers += [_points(x, y, alarm) for alarm in ((False, True) if single else (True,))]
    return {"width": _WIDTH, "height": _HEIGHT, "data": {"values": rows}, "layer": layers}


def _points(x: Spec, y: Spec, alarm: bool) -> Spec:
    """Return the windows that alarm as diamonds, or those that do not as small circles."""
    mark: Spec = {"type": "point", "filled": True, "opacity": 1, "size": 26, "fill": colour("c1")}
    if alarm:
        mark |= {"shape": "diamond", "size": 110, "fill": colour("c2")}
    kept = [{"filter": f"datum.alarm == {str(alarm).lower()}"}]
    return {"mark": mark, "transform": kept, "encoding": {"x": x, "y": y}}


def _rows(series: dict[str, list[Any]], places: list[Any]) -> list[Spec]:
    """Return the windows that have a value, each with the stretch without gaps it belongs to."""
    alarms = series.get("alarm") or [False] * len(series["x"])
    rows, part = [], 0
    for i, value in enumerate(series["value"]):
        if value is None:
            part += 1
            continue
        ends = {"low": series["low"][i], "high": series["high"][i]}
        mine = {"alarm": bool(alarms[i]), "part": part}
        rows.append({"x": places[i], "value": value, **ends, **mine})
    return rows


def _places(windows: list[Any]) -> tuple[list[Any], Spec]:
    """Return where each window stands and on which scale: numbers, moments, or names in their order."""
    if not isinstance(windows[0], str):
        ends = {"zero": False, "nice": False}
        return windows, {"type": "quantitative", "scale": ends, "axis": {"tickCount": 4}}
    moments = [moment(text) for text in windows]
    if None not in moments:
        utc = {"type": "utc", "nice": False}
        return moments, {"type": "temporal", "scale": utc, "axis": {"tickCount": 4}}
    days = [text.partition("T")[0] if moment(text) is not None else text for text in windows]
    short = days if len(set(days)) == len(days) else windows
    names = unlike([words.shorten(text, 20) for text in short])
    axis = {"labelAngle": 0, "labelOverlap": "greedy"}
    return names, {"type": "ordinal", "scale": {"domain": names, "type": "point"}, "axis": axis}


def _reach(figure: Figure) -> list[float]:
    """Return the ends of all windows of all strips and of the floor, with a margin."""
    ends = [
        end
        for series in figure.series.values()
        for column in ("value", "low", "high")
        for end in series[column]
        if end is not None
    ]
    floor = figure.about.get("floor")
    ends += [] if floor is None else [floor]
    margin = 0.06 * (max(ends) - min(ends)) or 0.1 * abs(ends[0]) or 1.0
    start = 0.0 if 0 <= min(ends) <= margin else min(ends) - margin
    return [start, max(ends) + margin]
