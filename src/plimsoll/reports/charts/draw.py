"""The one way from a figure to its specification, whole or panel by panel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from plimsoll.core.finding import Figure
from plimsoll.reports import words
from plimsoll.reports.charts.distributions import distribution
from plimsoll.reports.charts.frame import CONFIG, Spec, colour
from plimsoll.reports.charts.heat import cells_of, heat
from plimsoll.reports.charts.lines import line, reliability
from plimsoll.reports.charts.rows import MOST_PANEL_ROWS, MOST_ROWS, bar, interval, intervals_of
from plimsoll.reports.charts.strip import strip
from plimsoll.reports.charts.tree import MOST_NODES, tree

MOST_PANELS = 12
_WHOLE: Mapping[str, Callable[[Figure], Spec]] = MappingProxyType(
    {
        "line": line,
        "reliability": reliability,
        "interval": interval,
        "bar": bar,
        "heat": heat,
        "tree": tree,
    }
)
_PANELLED: Mapping[str, Callable[[Figure, str], Spec]] = MappingProxyType(
    {"distributions": distribution, "multiples": intervals_of, "strip": strip}
)


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture of a figure; title and note are empty where the figure is one picture."""

    title: str
    note: str
    spec: Spec


def vega_lite(figure: Figure) -> Spec:
    """Return the specification of a figure that :func:`why_not` lets through, all panels in one."""
    if figure.kind in _WHOLE:
        return _framed(figure.title, _WHOLE[figure.kind](figure))
    drawn = [{**spec, "title": _head(title, note)} for title, note, spec in _panels(figure)]
    return _framed(figure.title, {"concat": drawn, "columns": 2, "spacing": 28})


def panels(figure: Figure) -> tuple[Panel, ...]:
    """Return the pictures of a figure one by one, so that a page can set them as it has room."""
    if figure.kind in _WHOLE:
        return (Panel("", "", vega_lite(figure)),)
    return tuple(Panel(title, note, _framed(title, spec)) for title, note, spec in _panels(figure))


def shown_of(figure: Figure) -> tuple[int, int]:
    """Return how many parts of a figure are drawn, and how many there are.

    Parts are the panels, the nodes or the cells of the kinds that have them, else the rows.
    """
    if figure.kind in _PANELLED:
        return min(len(figure.series), MOST_PANELS), len(figure.series)
    if figure.kind == "heat":
        return cells_of(figure)
    if figure.kind == "load_lines":  # it says itself what it leaves out
        return 0, 0
    lengths = [len(s["label"]) for s in figure.series.values() if "label" in s]
    rows = max(lengths, default=0)
    return min(rows, MOST_NODES if figure.kind == "tree" else MOST_ROWS), rows


def _panels(figure: Figure) -> list[tuple[str, str, Spec]]:
    """Return title, note and drawing of each panel, in the order of the series."""
    draw = _PANELLED[figure.kind]
    titles, notes = (figure.about.get(name) or {} for name in ("titles", "notes"))
    out = []
    for key in list(figure.series)[:MOST_PANELS]:
        note = " ".join(filter(None, (words.clean(notes.get(key, "")), _cut(figure, key))))
        out.append((words.clean(titles.get(key, key)), note, draw(figure, key)))
    return out


def _cut(figure: Figure, key: str) -> str:
    """Say how many rows of a panel are not drawn, where some are not."""
    rows = len(figure.series[key].get("label", ()))
    if figure.kind == "multiples" and rows > MOST_PANEL_ROWS:
        return f"(the first {MOST_PANEL_ROWS} of {rows})"
    return ""


def _head(title: str, note: str) -> Spec:
    return {"text": words.shorten(title, 40), "subtitle": words.shorten(note, 60), "offset": 8,
            "anchor": "start", "frame": "bounds", "fontSize": 13, "subtitleFontSize": 12,
            "color": colour("ink"), "subtitleColor": colour("muted")}  # fmt: skip


def _framed(title: str, spec: Spec) -> Spec:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "description": words.clean(title),
        "background": None,
        "padding": 2,
        "config": CONFIG,
        **spec,
    }
