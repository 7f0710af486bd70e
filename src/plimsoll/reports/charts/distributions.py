"""One column on both sides: the reference as a grey ground, the current rows as a line or a bar.

Numbers and moments are drawn as steps over their bins. Where bins differ in width, the height is
the share for each unit of width, so that equal areas are equal shares. Categories are paired bars;
those that do not fit are added up in one last pair.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from plimsoll.core.finding import Figure
from plimsoll.reports import palette
from plimsoll.reports.charts.frame import Spec, colour, label, unlike
from plimsoll.reports.charts.valid import bins, is_binned

MOST_LABELS = 8
MOST_BINS = 60
_LONGEST = 18
_TOTAL = 300
_HEIGHT = 92
_EVEN = 1.15
"""Bins count as of one width up to this ratio, such as months."""


def distribution(figure: Figure, key: str) -> Spec:
    """Draw one panel of ``distributions``."""
    series = figure.series[key]
    return _steps(series) if is_binned(series) else _pairs(series)


def _steps(series: dict[str, list[Any]]) -> Spec:
    moments = any(isinstance(edge, str) for edge in series["x"])
    even, rows = _outline(series)
    large = not moments and max(map(abs, (rows[0]["x"], rows[-1]["x"]))) >= 10_000
    short = {"format": "~s"} if large else {}
    kind: Spec = {"type": "temporal", "scale": {"type": "utc", "nice": False}} if moments else {
        "type": "quantitative", "scale": {"nice": False, "zero": False}}  # fmt: skip
    x = {"field": "x", **kind, "title": None, "axis": {"tickCount": 4, **short}}
    y = {"type": "quantitative", "title": None,
         "axis": {"tickCount": 3, "format": "~%", "minExtent": 34} if even else None}  # fmt: skip
    ground = {"type": "area", "interpolate": "step-after", "fill": colour("strong"),
              "fillOpacity": 0.4, "stroke": colour("muted"), "strokeWidth": 1}  # fmt: skip
    line = {"type": "line", "interpolate": "step-after", "strokeWidth": 2, "stroke": colour("c1"),
            "strokeJoin": "round"}  # fmt: skip
    return {
        "width": _TOTAL - (40 if even else 8),
        "height": _HEIGHT,
        "data": {"values": rows},
        "layer": [
            {"mark": ground, "encoding": {"x": x, "y": {**y, "field": "r"}}},
            {"mark": line, "encoding": {"x": x, "y": {**y, "field": "c"}}},
        ],
    }


def _outline(series: dict[str, list[Any]]) -> tuple[bool, list[Spec]]:
    """Return whether all bins are of one width, and the corners of both outlines."""
    widths = [x2 - x for x, x2 in bins(series)]
    even = max(widths) <= min(widths) * _EVEN
    series, filled = _fewer(series)
    edges = bins(series)
    divided = filled if even else [x2 - x for x, x2 in edges]
    heights = [
        (r / width, c / width)
        for r, c, width in zip(series["reference"], series["current"], divided, strict=True)
    ]
    corners: list[tuple[float, float, float]] = [(edges[0][0], 0.0, 0.0)]
    for (x, _), (r, c) in zip(edges, heights, strict=True):
        corners.append((x, r, c))
    for i, (one, two) in reversed(list(enumerate(pairwise(edges), 2))):
        if one[1] != two[0]:  # nothing lies between two bins that do not touch
            corners.insert(i, (one[1], 0.0, 0.0))
    corners.append((edges[-1][1], *heights[-1]))
    corners.append((edges[-1][1], 0.0, 0.0))
    return even, [{"x": x, "r": r, "c": c} for x, r, c in corners]


def _fewer(series: dict[str, list[Any]]) -> tuple[dict[str, list[Any]], list[float]]:
    """Put neighbouring bins together where they are more than a panel can show.

    Second comes how full each one is, 1 but for the last, which may be of fewer bins than the others.
    """
    n = len(series["x"])
    size = math.ceil(n / MOST_BINS)
    starts = range(0, n, size)
    sums = {side: [math.fsum(series[side][i : i + size]) for i in starts]
            for side in ("reference", "current")}  # fmt: skip
    ends = [series["x2"][min(i + size, n) - 1] for i in starts]
    filled = [(min(i + size, n) - i) / size for i in starts]
    return {"x": [series["x"][i] for i in starts], "x2": ends, **sums}, filled


def _pairs(series: dict[str, list[Any]]) -> Spec:
    labels = unlike([label(text, _LONGEST) for text in series["label"]])
    pairs = list(zip(labels, series["reference"], series["current"], strict=True))
    if len(pairs) > MOST_LABELS:
        rest = pairs[MOST_LABELS - 1 :]
        others = (f"{len(rest)} others", sum(p[1] for p in rest), sum(p[2] for p in rest))
        pairs = [*pairs[: MOST_LABELS - 1], others]
    sides = ("reference", "current")
    rows = [
        {"label": text, "side": side, "share": share}
        for text, *shares in pairs
        for side, share in zip(sides, shares, strict=True)
    ]
    longest = max(len(text) for text, *_ in pairs)
    axis = {"grid": False, "domain": False, "ticks": False, "labelLimit": 140, "labelPadding": 8,
            "labelColor": palette.LIGHT["ink"]}  # fmt: skip
    side = {"field": "side", "type": "nominal", "sort": list(sides)}
    paint = {"domain": list(sides), "range": [colour("strong"), colour("c1")]}
    return {
        "width": max(120, _TOTAL - 14 - round(6.4 * longest)),
        "height": {"step": 24, "for": "position"},
        "data": {"values": rows},
        "mark": {"type": "bar", "height": {"band": 0.9}},
        "encoding": {
            "x": {"field": "share", "type": "quantitative", "title": None,
                  "axis": {"tickCount": 3, "format": "~%"}},
            "y": {"field": "label", "type": "nominal", "title": None, "sort": None, "axis": axis},
            "yOffset": side,
            "fill": {**side, "scale": paint, "legend": None},
        },
    }  # fmt: skip
