"""The drawings of slices, drift and fairness: what they show, what they refuse, how large they are."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import figure_worlds as worlds
import pytest

from plimsoll.core.finding import Figure
from plimsoll.reports import charts, drawing, palette
from plimsoll.reports.anchors import Ids
from plimsoll.reports.charts.frame import alike, moment
from plimsoll.reports.charts.heat import MOST_COLUMNS

NAMES = list(worlds.FIGURES)


def texts(svg: str) -> list[str]:
    return [re.sub("<[^>]+>", "", text) for text in re.findall(r"<text[^>]*>(.*?)</text>", svg)]


def drawn(figure: Figure) -> str:
    assert charts.why_not(figure) is None
    return drawing.svg(figure, Ids())


def rows(spec: Any) -> list[dict[str, Any]]:
    return spec["data"]["values"]


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_stays_small_and_its_specification_is_plain(name: str) -> None:
    figure = worlds.FIGURES[name]
    spec = charts.vega_lite(figure)
    assert json.loads(json.dumps(spec, allow_nan=False)) == spec
    parts = drawing.pictures(figure, Ids())
    assert sum(len(part.svg) for part in parts) < 40_000
    assert all(float(w) <= 1000 for part in parts for w in re.findall(r"max-width:(\d+)", part.svg))


@pytest.mark.parametrize("name", NAMES)
def test_it_can_be_shrunk_to_a_phone_or_says_that_it_scrolls(name: str) -> None:
    figure = worlds.FIGURES[name]
    least = [int(re.search(r"min-width:(\d+)", p.svg)[1]) for p in drawing.pictures(figure, Ids())]
    assert figure.kind == "heat" or max(least) <= 323  # a page of 360 pixels less its margins


def test_panels_come_in_the_order_given_with_their_notes() -> None:
    figure = worlds.distributions()
    parts = charts.panels(figure)
    assert [part.title for part in parts] == list(figure.series)
    assert parts[0].note == "costs 3 points of recall (1.9 to 4.2)"
    named = replace(figure, about={"titles": {"age": "Age in years"}})
    assert charts.panels(named)[0].title == "Age in years"
    more = replace(figure, series={f"c{i}": figure.series["age"] for i in range(20)})
    assert len(charts.panels(more)) == 12
    assert charts.shown_of(more) == (12, 20)


def outline(figure: Figure, side: str) -> list[tuple[float, float]]:
    (panel,) = charts.panels(figure)
    return [(row["x"], row[side]) for row in rows(panel.spec)]


def of_bins(x: list[Any], x2: list[Any], then: list[float], now: list[float]) -> Figure:
    series = {"a": {"x": x, "x2": x2, "reference": then, "current": now}}
    return Figure("distributions", "t", "c", series)


def area(corners: list[tuple[float, float]]) -> float:
    return math.fsum(
        (b[0] - a[0]) * a[1] for a, b in pairwise(corners)
    )  # a step holds the height of its start


def test_the_outline_runs_over_the_bins_and_ends_at_nothing() -> None:
    figure = of_bins([0, 1], [1, 2], [0.25, 0.75], [1.0, 0.0])
    assert outline(figure, "r") == [(0, 0), (0, 0.25), (1, 0.75), (2, 0.75), (2, 0)]
    assert outline(figure, "c") == [(0, 0), (0, 1.0), (1, 0.0), (2, 0.0), (2, 0)]


def test_bins_of_unlike_width_are_drawn_by_area_and_gaps_are_empty() -> None:
    uneven = of_bins([0, 1, 3], [1, 3, 7], [0.2, 0.4, 0.4], [0.5, 0.5, 0.0])
    for side in ("r", "c"):
        assert area(outline(uneven, side)) == pytest.approx(1.0)
    gap = of_bins([0, 5], [1, 6], [0.5, 0.5], [0.5, 0.5])
    assert (1, 0.0) in outline(gap, "r")
    assert area(outline(gap, "r")) == pytest.approx(1.0)


def test_more_bins_than_a_panel_shows_are_put_together_without_losing_rows() -> None:
    n = 400
    figure = of_bins(list(range(n)), list(range(1, n + 1)), [1 / n] * n, [1 / n] * n)
    corners = outline(figure, "r")
    assert len(corners) < 70
    assert area(corners) == pytest.approx(7.0)  # of seven bins each, the last of one alone
    assert {round(height, 9) for _, height in corners[1:-1]} == {7 / n}
    (panel,) = charts.panels(figure)
    assert panel.spec["layer"][0]["encoding"]["y"]["axis"] is not None


def test_categories_beyond_eight_are_added_up() -> None:
    series = {"c": worlds.distributions().series[worlds.LONG_COLUMN]}
    (panel,) = charts.panels(Figure("distributions", "t", "c", series))
    last = [row for row in rows(panel.spec) if row["label"] == "3 others"]
    assert [row["share"] for row in last] == pytest.approx([0.06, 0.07])
    for side in ("reference", "current"):
        shares = [row["share"] for row in rows(panel.spec) if row["side"] == side]
        assert math.fsum(shares) == pytest.approx(1.0)


def test_moments_are_read_in_utc_whatever_the_zone_of_the_machine() -> None:
    assert moment("1970-01-01") == 0.0
    assert moment("1970-01-01T01:00:00+01:00") == 0.0
    assert moment("spring") is None
    figure = of_bins(["1970-01-01"], ["1970-01-02"], [1.0], [1.0])
    assert outline(figure, "r")[0] == (0.0, 0.0)


def test_a_cell_says_its_number_its_rows_and_where_its_range_lies() -> None:
    figure = worlds.heat()
    seen = texts(drawn(figure))
    (cells,) = figure.series.values()
    for value, n, side in zip(cells["value"], cells["n"], cells["beyond"], strict=True):
        if value is not None:
            assert ("▼ " if side else "") + f"{value:.2f}" in seen
        assert f"{n:,}" in seen
    gaps = cells["value"].count(None) + 1  # one crossing is not listed
    assert seen.count("–") == gaps
    assert {"18 to 30", "60 or more", "overseas", "territories", "region", "age"} <= set(seen)


@pytest.mark.parametrize(
    ("better", "low", "high"), [("higher", "w", "k"), ("neither", "w", "k"), ("lower", "k", "w")]
)
def test_the_shade_parts_at_the_middle_towards_better_and_worse(better, low, high) -> None:
    value = [0.2, 0.5, 0.8, 0.51]
    cells = {"row": ["a"] * 4, "column": list("pqrs"), "value": value}
    figure = Figure("heat", "t", "c", {"c": cells}, {"middle": 0.5, "better": better})
    names = {colour: name for name, colour in palette.LIGHT.items()}
    shades = [names[row["shade"]] for row in rows(charts.vega_lite(figure))]
    assert shades == [f"{low}3", "h0", f"{high}3", "h0"]


def test_letters_on_every_shade_can_be_read_in_light_and_dark() -> None:
    shades = ("w3", "w2", "w1", "h0", "k1", "k2", "k3")
    for colours in (palette.LIGHT, palette.DARK):
        assert all(palette.contrast(colours["ink"], colours[shade]) >= 4.5 for shade in shades)


def test_a_large_table_is_cut_and_says_so() -> None:
    cells = {"row": ["a"] * 30, "column": [f"c{i}" for i in range(30)], "value": [0.1] * 30}
    figure = Figure("heat", "t", "c", {"c": cells})
    assert charts.shown_of(figure) == (MOST_COLUMNS, 30)
    assert len(rows(charts.vega_lite(figure))) == MOST_COLUMNS


def test_interval_rows_share_one_scale_and_the_shape_says_where_the_range_lies() -> None:
    figure = worlds.multiples()
    parts = charts.panels(figure)
    scales = {json.dumps(p.spec["layer"][-1 - 1]["encoding"]["x"]["scale"]) for p in parts}
    assert len(scales) == 1
    ends = json.loads(scales.pop())["domain"]
    lows = [low for s in figure.series.values() for low in s["low"]]
    assert ends[0] < min(lows)
    assert len({part.spec["width"] for part in parts}) == 1
    shapes = parts[0].spec["layer"][-2]["encoding"]["shape"]["scale"]
    assert dict(zip(shapes["domain"], shapes["range"], strict=True)) == {
        "": "circle", "below": "triangle-down", "above": "triangle-up",
    }  # fmt: skip
    assert rows(parts[1].spec)[0]["label"] == "18 to 30"
    long = {"a": {k: v[:1] * 50 for k, v in figure.series["age"].items()}}
    (panel,) = charts.panels(replace(figure, series=long, about={}))
    assert len(rows(panel.spec)) == 20
    assert panel.note == "(the first 20 of 50)"


def test_a_strip_leaves_gaps_and_marks_alarms_by_shape() -> None:
    figure = worlds.strip()
    parts = charts.panels(figure)
    assert len({json.dumps(p.spec["layer"][1]["encoding"]["y"]["scale"]) for p in parts}) == 1
    kept = rows(parts[3].spec)
    assert len(kept) == 23
    assert {row["part"] for row in kept} == {0, 1}
    alarms = sum(figure.series["region"]["alarm"])
    assert sum(row["alarm"] for row in kept) == alarms > 0
    assert parts[3].spec["layer"][-1]["mark"]["shape"] == "diamond"
    (floor,) = rows(parts[0].spec["layer"][0])
    assert floor == {"at": 0.1}


@pytest.mark.parametrize(
    ("kind", "scale"), [("date", "temporal"), ("number", "quantitative"), ("name", "ordinal")]
)
def test_windows_are_moments_numbers_or_names(kind: str, scale: str) -> None:
    (panel,) = charts.panels(worlds.strip(6, 1, kind))
    assert panel.spec["layer"][-1]["encoding"]["x"]["type"] == scale


def test_moments_among_names_are_written_as_days() -> None:
    mixed = _with(STRIP, x=["the beginning", "2025-02-01T17:46:40"])
    (panel,) = charts.panels(mixed)
    assert [row["x"] for row in rows(panel.spec)] == ["the beginning", "2025-02-01"]


def test_a_tree_puts_every_node_below_its_parent_and_writes_its_number() -> None:
    figure = worlds.tree()
    seen = texts(drawn(figure))
    assert {"age: 60 or more", "income: below 12,000", "1 row", "312 rows", "▼ 0.510"} <= set(seen)
    assert "0.482 to 0.538" in seen
    assert "–" in seen
    nodes = rows(charts.vega_lite(figure))
    parents = figure.series["recall"]["parent"]
    for node, parent in zip(nodes, parents, strict=True):
        if parent >= 0:
            assert node["x"] > nodes[parent]["x"]
            assert node["y"] > nodes[parent]["y"]
    assert len({node["y"] for node in nodes}) == len(nodes)
    sizes = [node["size"] for node in nodes]
    assert sizes[0] / sizes[5] == pytest.approx(16281 / 6210, rel=1e-3)


def test_children_that_come_late_still_stand_with_their_parent() -> None:
    nodes = {"label": list("rabx"), "n": [9, 5, 4, 2], "value": [1.0] * 4, "parent": [-1, 0, 0, 1]}
    figure = Figure("tree", "t", "c", {"n": nodes})
    order = sorted(rows(charts.vega_lite(figure)), key=lambda node: node["y"])
    assert [node["text"] for node in order] == ["r", "a", "x", "b"]
    many = {"label": ["a"] * 30, "n": [1] * 30, "value": [0.5] * 30, "parent": [-1, *range(29)]}
    assert charts.shown_of(replace(figure, series={"n": many})) == (15, 30)


def test_numbers_side_by_side_have_the_same_decimals() -> None:
    assert alike([0.7, 0.6125, 1.0]) == ["0.70", "0.61", "1.00"]
    assert alike([12_300.0, 45_000.0]) == ["12,000", "45,000"]
    assert alike([]) == []


KEYS = {
    "distributions": ["reference (32,561 rows)", "current (16,281 rows)"],
    "heat": ["worse than the whole (0.72)", "better than the whole (0.72)",
             "whole range below the limit (0.7)", "too few rows"],
    "multiples": ["the whole (0.72)", "the limit (0.6)"],
    "strip": ["practical floor (0.1)", "alarm"],
    "tree": ["the larger, the more rows", "whole range below the whole (0.74)"],
}  # fmt: skip


@pytest.mark.parametrize("name", KEYS)
def test_what_the_marks_mean_is_said_in_words(name: str) -> None:
    said = [key.text for key in charts.keys(worlds.FIGURES[name])]
    assert said[: len(KEYS[name])] == KEYS[name]
    assert charts.keys(Figure("line", "t", "c", {"a": {"x": [1], "y": [1]}})) == ()


def _with(figure: Figure, **lists: list[Any]) -> Figure:
    name, series = next(iter(figure.series.items()))
    return replace(figure, series={name: {**series, **lists}})


ONE = of_bins([0], [1], [1.0], [1.0])
STRIP = Figure(
    "strip", "t", "c", {"a": {"x": [1, 2], "value": [1, 2], "low": [0, 1], "high": [2, 3]}}
)
HEAT = Figure("heat", "t", "c", {"a": {"row": ["a"], "column": ["b"], "value": [0.5]}})
TREE = Figure("tree", "t", "c", {"a": {"label": ["a", "b"], "n": [2, 1], "value": [1, 1],
                                      "parent": [-1, 0]}})  # fmt: skip


@pytest.mark.parametrize(
    ("figure", "reason"),
    [
        (_with(ONE, reference=[-0.1]), "a share below 0"),
        (_with(ONE, x2=[0]), "empty, overlap or are not in order"),
        (of_bins([1, 0], [2, 1], [0.5] * 2, [0.5] * 2), "not in order"),
        (_with(ONE, x=["1970-01-01"]), "mixes numbers and moments"),
        (of_bins(["a"], ["b"], [1.0], [1.0]), "neither a number nor a moment"),
        (replace(ONE, series={"a": {"reference": [1.0], "current": [1.0]}}), "lacks x, x2"),
        (of_bins([0] * 401, [1] * 401, [0.0] * 401, [0.0] * 401), "more than 400 points"),
        (_with(ONE, current=["1"]), "words in current, where numbers belong"),
        (_with(ONE, current=[float("inf")]), "not finite in current"),
        (_with(HEAT, value=[None]), "no cell with a value"),
        (_with(HEAT, row=["a"] * 2, column=["b"] * 2, value=[1, 2]), "one cell twice"),
        (_with(HEAT, beyond=["under"]), "beyond"),
        (replace(HEAT, series={**HEAT.series, "b": HEAT.series["a"]}), "has one series"),
        (_with(STRIP, x=[1, "a"]), "mixes numbers and words"),
        (_with(STRIP, low=[None, 1]), "a value but no interval"),
        (_with(STRIP, value=[None] * 2, low=[None] * 2, high=[None] * 2), "no window with a value"),
        (_with(TREE, parent=[1, -1]), "before its parent"),
        (_with(TREE, parent=[-1, 5]), "not in the list"),
        (_with(TREE, n=[2, -1]), "fewer than 0 rows"),
        (_with(TREE, low=[0, 0]), "one end of its intervals"),
        (replace(TREE, kind="multiples"), "lacks low, high"),
    ],
)
def test_what_cannot_be_drawn_says_why(figure: Figure, reason: str) -> None:
    assert reason in (charts.why_not(figure) or "")


@pytest.mark.parametrize("figure", [ONE, STRIP, HEAT, TREE, worlds.multiples()])
def test_the_smallest_of_a_kind_is_drawn(figure: Figure) -> None:
    assert drawn(figure).startswith("<svg")


def test_equal_values_and_no_extent_are_no_trouble() -> None:
    flat = _with(STRIP, value=[0, 0], low=[0, 0], high=[0, 0])
    assert drawn(flat)
    same = {"label": ["a", "a"], "value": [0.5] * 2, "low": [0.5] * 2, "high": [0.5] * 2}
    (panel,) = charts.panels(Figure("multiples", "t", "c", {"p": same}))
    assert [row["label"] for row in rows(panel.spec)] == ["a", "a (2)"]
    assert drawn(_with(HEAT, row=["a", "b"], column=["c", "c"], value=[0.5, 0.5]))
    assert drawn(_with(TREE, n=[0, 0], value=[None, None]))
