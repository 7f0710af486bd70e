from __future__ import annotations

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import figure_worlds
import pytest
import report_worlds as worlds

from plimsoll.core.finding import Figure
from plimsoll.reports import charts, drawing, palette
from plimsoll.reports.anchors import Ids

FIGURES = {
    **figure_worlds.FIGURES,
    "line": worlds.roc_figure(),
    "rules": worlds.precision_recall_figure(),
    "reliability": worlds.reliability_figure(),
    "reliability without counts": replace(
        worlds.reliability_figure(),
        series={"model": worlds.reliability_figure().series["model"]},
    ),
    "interval": worlds.interval_figure(),
    "bar": worlds.bar_figure(),
    "diagonal": replace(worlds.precision_recall_figure(), about={"diagonal": True}),
    "named": Figure(
        "line", "t", "c", {"all": {"x": [0, 1, 0, 1], "y": [0, 1, 1, 0], "name": list("aabb")}}
    ),
    "two": Figure(
        "interval", "t", "c",
        {
            name: {"label": ["p", "q"], "value": [v, 2], "low": [0, 1], "high": [3, 4]}
            for name, v in (("first", 1), ("second", 2))
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FIGURES)
def test_every_kind_is_drawn_without_a_complaint(name: str, capfd) -> None:
    figure = FIGURES[name]
    assert charts.why_not(figure) is None
    text = drawing.svg(figure, Ids())
    assert capfd.readouterr().err == ""
    root = ElementTree.fromstring(text)
    title, about = root[0], root[1]
    assert (title.tag, title.text) == ("title", figure.title)
    assert (about.tag, about.text) == ("desc", figure.caption)
    assert root.attrib["aria-labelledby"].split() == [title.attrib["id"], about.attrib["id"]]
    assert root.attrib["role"] == "img"
    assert "viewBox" in root.attrib
    assert "height" not in root.attrib


@pytest.mark.parametrize("name", FIGURES)
def test_colours_are_variables_of_both_palettes(name: str) -> None:
    text = drawing.svg(FIGURES[name], Ids())
    assert re.findall(r"#[0-9a-fA-F]{3,6}\b", text.replace("url(#", "")) == []
    used = set(re.findall(r"var\(--([a-z0-9]+)\)", text))
    assert used
    assert used <= set(palette.LIGHT) & set(palette.DARK)


def test_several_lines_are_told_apart_by_dashes_and_by_a_legend() -> None:
    text = drawing.svg(worlds.roc_figure(), Ids())
    assert ">model</text>" in text
    assert ">chance</text>" in text
    assert "stroke-dasharray" in text


def test_names_are_unique_over_a_page() -> None:
    ids = Ids()
    text = "".join(drawing.svg(figure, ids) for figure in FIGURES.values())
    found = re.findall(r'\bid="([^"]+)"', text)
    assert len(found) == len(set(found))


def test_hostile_text_stays_text() -> None:
    text = drawing.svg(worlds.hostile().checks[0].figures[0], Ids())
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    ElementTree.fromstring(text)


def test_the_specification_is_plain_and_holds_the_numbers() -> None:
    spec = charts.vega_lite(worlds.interval_figure())
    assert json.loads(json.dumps(spec, allow_nan=False)) == spec
    assert [row["value"] for row in spec["data"]["values"]] == [0.41, 0.21, 0.028, 0.004]
    ends = charts.vega_lite(worlds.precision_recall_figure())["layer"][-1]["encoding"]["y"]
    assert ends["scale"]["domain"] == [0, 1]


def test_equal_labels_keep_their_rows() -> None:
    series = {"d": {"label": ["a", "a"], "value": [1, 2], "low": [0, 1], "high": [2, 3]}}
    spec = charts.vega_lite(replace(worlds.interval_figure(), series=series))
    assert [row["label"] for row in spec["data"]["values"]] == ["a", "a (2)"]


def test_a_long_list_is_cut_and_says_so() -> None:
    figure = worlds.interval_figure(100)
    assert charts.shown_of(figure) == (charts.MOST_ROWS, 100)
    assert len(charts.vega_lite(figure)["data"]["values"]) == charts.MOST_ROWS


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kind": "pie"}, "does not know how to draw"),
        ({"series": {"a": {"x": [1.0]}}}, "lacks y"),
        ({"series": {"a": {"x": [1.0], "y": [1.0, 2.0]}}}, "differ in length"),
        ({"series": {"a": {"x": [1.0], "y": [float("nan")]}}}, "not finite"),
        ({"series": {"a": {"x": [1.0], "y": [None]}}}, "not finite"),
        ({"series": {}}, "no points"),
    ],
)
def test_what_cannot_be_drawn_says_why(change, reason: str) -> None:
    assert reason in (charts.why_not(replace(worlds.roc_figure(), **change)) or "")
