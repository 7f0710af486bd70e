"""The load-line diagram as each reader gets it: on the page, as a picture, in a terminal, in a comment."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

import figure_worlds
import pytest
import report_worlds as worlds
from load_line_worlds import NO_LINE, TO_THE_END, lane, plain, with_load_lines
from rich.cells import cell_len
from rich.console import Console

from plimsoll.core.errors import PlimsollError
from plimsoll.reports import (
    drawing,
    form_of,
    hull,
    hull_marks,
    hull_svg,
    hull_text,
    hull_words,
    palette,
    render,
)
from plimsoll.reports.anchors import Ids
from plimsoll.reports.load_lines import MOST_LANES, of_record, read
from plimsoll.reports.terminal import render_terminal, terminal_text

NAMES = list(figure_worlds.LOAD_LINES)


def attributes(svg: str, kind: str) -> list[dict[str, str]]:
    """Return the attributes of every part of one class."""
    root = ElementTree.fromstring(f"<svg>{svg}</svg>")
    return [node.attrib for node in root.iter() if node.attrib.get("class") == kind]


# -- the bar ---------------------------------------------------------------------------------------


def test_the_parts_of_a_bar_lie_where_the_numbers_are() -> None:
    drawn = hull_marks.bar(lane())
    (safe,), (maybe,), (past,) = (
        attributes(drawn, f"ll-{kind}") for kind in ("safe", "maybe", "past")
    )
    assert (safe["x"], safe["width"]) == ("0%", "19%")
    assert (maybe["x"], maybe["width"]) == ("19%", "7%")
    assert (past["x1"], past["x2"]) == ("26%", "100%")
    measure = attributes(drawn, "ll-free")[0]
    assert (measure["x1"], measure["x2"]) == ("3%", "22%")
    assert '<svg x="22%" overflow="visible"><g class="ll-mark">' in drawn


def test_a_magnitude_is_laid_on_its_own_length() -> None:
    half = lane(
        unit="units", top=4.0, value=2.0, low=1.0, high=3.0, exposure=9.0, safe_at_exposure=False
    )
    drawn = hull_marks.bar(half)
    assert attributes(drawn, "ll-safe")[0]["width"] == "25%"
    assert attributes(drawn, "ll-free over")[0]["x2"] == "100%"


@pytest.mark.parametrize(
    ("state", "there", "missing"),
    [
        ("holds", "ll-safe", "ll-mark"),
        ("refuses", "ll-stop", "ll-safe"),
        ("below", "ll-mark", "ll-safe"),
        ("unsure", "ll-mark unsure", "ll-stop"),
        ("crosses", "ll-mark", "ll-void"),
    ],
)
def test_every_state_has_a_shape_of_its_own(state: str, there: str, missing: str) -> None:
    ends = TO_THE_END if state == "holds" else {}
    drawn = hull_marks.bar(lane(**{**ends, "state": state}))
    assert f'class="{there}"' in drawn
    assert f'class="{missing}"' not in drawn


def test_water_stands_over_the_families_that_carry_too_much() -> None:
    diagram = read(figure_worlds.many_lanes())
    rungs = (150.0, 120.0, 90.0, 60.0, 40.0, 30.0)
    assert rungs[0] > hull_marks.waterline(diagram, rungs) > rungs[1]
    calm = read(figure_worlds.LOAD_LINES["one lane"])
    assert hull_marks.waterline(calm, rungs[:1]) > rungs[0]
    sunk = read(figure_worlds.LOAD_LINES["below"])
    assert hull_marks.waterline(sunk, rungs[:2]) < rungs[1]
    assert "ll-sea" in hull_marks.plate(calm, "c")
    assert "ll-sea" not in hull_marks.plate(read(figure_worlds.LOAD_LINES["no exposure"]), "c")
    assert hull_marks.plate_words(diagram).endswith("more today than the model carries: unit.")


# -- the page --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_page_says_every_lane_in_text(name: str) -> None:
    figure = figure_worlds.LOAD_LINES[name]
    text = hull.markup(figure, Ids())
    root = ElementTree.fromstring(text)
    diagram = read(figure)
    assert len(root.findall(".//li/p[@class='lane-name']")) == len(diagram.lanes)
    read_aloud = plain(" ".join("".join(root.itertext()).split()))
    for one in diagram.lanes:
        said = hull_words.said(one, diagram.higher_is_better)
        assert plain(said.answer) in read_aloud
        assert plain(said.today) in read_aloud
    used = set(re.findall(r"var\(--([a-z0-9]+)\)", text))
    assert used <= set(palette.LIGHT) & set(palette.DARK)
    assert re.findall(r"#[0-9a-fA-F]{3,6}\b", text.replace("url(#", "")) == []


def test_the_front_shows_the_first_such_figure_above_the_problems() -> None:
    crowd = figure_worlds.crowd_of_lanes()
    page = render(with_load_lines(figure_worlds.many_lanes(), crowd), "html")
    front, _, details = page.partition('<div class="details">')
    places = [front.index(f'id="{name}"') for name in ("limits", "load-lines", "problems")]
    assert places == sorted(places)
    assert 'class="ref" href="#STR001"' in front
    assert front.count('class="load-lines"') == 1
    assert details.count('class="load-lines"') == 2
    assert details.count('class="lane-name"') == 9 + MOST_LANES
    only = render(with_load_lines(crowd), "html").partition('<div class="details">')[0]
    assert only.count('class="lane-name"') == hull.FRONT_LANES
    assert "16 more of the stresses are not shown." in only
    assert 'id="load-lines"' not in render(worlds.failing(), "html")


def test_names_are_unique_over_a_page_with_every_world() -> None:
    page = render(with_load_lines(*figure_worlds.LOAD_LINES.values()), "html")
    found = re.findall(r'\bid="([^"]+)"', page)
    assert len(found) == len(set(found))
    assert page.count('id="ll-hatch"') == 1
    assert "所得の欠損 &lt;b&gt;&amp;" in page
    assert "\x1b" not in page
    assert len(page.encode()) < 250_000


# -- the picture that stands alone -----------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_needs_nothing_beside_it(name: str) -> None:
    text = render(with_load_lines(figure_worlds.LOAD_LINES[name]), "svg")
    root = ElementTree.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert not re.search(r"<script|<image|<foreignObject|@import|@font-face|\bhref=|\bon\w+=", text)
    assert re.findall(r"url\(([^)]+)\)", text).count("#ll-hatch") >= 1
    assert "prefers-color-scheme:dark" in text
    used = set(re.findall(r"var\(--([a-z0-9]+)\)", text))
    assert used <= set(re.findall(r"--([a-z0-9]+):", text))
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    title, about = root[0].text or "", root[1].text or ""
    assert title == "How much stress it carries"
    for one in read(figure_worlds.LOAD_LINES[name]).lanes:
        assert one.label.lower() in about.lower()
    _, _, width, height = (float(part) for part in root.attrib["viewBox"].split())
    for node in root.iter("{http://www.w3.org/2000/svg}text"):
        assert 0 <= float(node.attrib["x"]) <= width
        assert 0 <= float(node.attrib["y"]) <= height


def test_a_figure_in_a_page_takes_the_palette_of_the_page() -> None:
    text = drawing.svg(figure_worlds.many_lanes(), Ids())
    root = ElementTree.fromstring(text)
    assert (root[0].tag, root[1].tag) == ("title", "desc")
    assert root[1].text == figure_worlds.many_lanes().caption
    assert "prefers-color-scheme" not in text


def test_long_names_are_broken_and_cut() -> None:
    label = "a name that is much longer than two lines of the picture can ever hold"
    assert hull_svg._lines("short", 27) == ["short"]
    broken = hull_svg._lines(label, 27)
    assert [len(part) <= 27 for part in broken] == [True, True]
    assert " ".join(broken).rstrip("…") == label[: len(" ".join(broken)) - 1]


def test_a_record_without_load_lines_says_what_to_do() -> None:
    assert of_record(worlds.failing()) is None
    with pytest.raises(PlimsollError, match="run the checks that stress the model"):
        render(worlds.failing(), "svg")
    assert form_of("docs/load-lines.svg") == "svg"


# -- terminal and comment --------------------------------------------------------------------------


def test_a_bar_of_letters() -> None:
    assert hull_text.bar(lane(), 20) == "▾━━━⊖···············"
    assert hull_text.bar(lane(), 20, hull_text.ASCII) == "v===O..............."
    assert hull_text.bar(lane(low=0.1, high=0.4), 20) == "▾━╍╍⊖╍╍╍············"
    gone = lane(state="refuses", **NO_LINE)
    assert hull_text.bar(gone, 5) == "×····"
    end = lane(**TO_THE_END, exposure=None)
    assert hull_text.bar(end, 5) == "━━━━>"
    assert hull_text.bar(lane(state="below", exposure=None), 5) == "⊖····"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [40, 80, 100, 160])
def test_no_line_of_the_terminal_is_wider_than_the_window(name: str, width: int) -> None:
    figure = figure_worlds.LOAD_LINES[name]
    text = terminal_text(with_load_lines(figure), width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert "\nLoad lines\n" in text
    assert text.index("\nLimits") < text.index("\nLoad lines") < text.index("\nProblems")
    assert "\x1b" not in text


def test_it_is_drawn_where_there_is_only_ascii() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", errors="strict")
    console = Console(file=stream, width=90, force_terminal=False)
    render_terminal(with_load_lines(*figure_worlds.LOAD_LINES.values()), console)
    stream.flush()
    text = raw.getvalue().decode("ascii")
    assert "= holds the limit   O load line" in text
    assert re.search(r"v=+O~?\.+ +holds to 22 % \(19 to 26\)", text)


def test_a_wide_terminal_has_bar_and_words_side_by_side() -> None:
    lines = terminal_text(with_load_lines(figure_worlds.many_lanes()), 100).splitlines()
    (row,) = (line for line in lines if line.startswith("missing income"))
    assert re.search(r"missing income +▾━━━━⊖·+ +holds to 22.% \(19 to 26\)", row)


def test_a_comment_holds_the_lanes_as_a_table() -> None:
    text = plain(render(with_load_lines(figure_worlds.many_lanes()), "markdown"))
    assert "| Stress | Holds to | Range | Today | Freeboard |" in text
    assert "| missing income | 22 % of rows | 19 to 26 | 3 % | 19 points |" in text
    assert "| income in thousands | 4 % of rows | 3 to 5 | 6 % | over by 2 points |" in text
    assert (
        "| noise in every number | 0.62 standard deviations | 0.55 to 0.71 | 0.1 | 0.52 |" in text
    )
    assert "| dates in another form | does not run with it |  | 0 % |  |" in text
    assert text.index("| Stress |") < text.index("<details>")


def test_the_water_is_explained_where_it_covers_a_rung() -> None:
    told = "A rung under water: today's rows hold more of that stress than the model carries."
    flooded, calm = (
        with_load_lines(figure_worlds.LOAD_LINES[name]) for name in ("many lanes", "one lane")
    )
    for form in ("html", "svg"):
        assert told in render(flooded, form).replace("&#x27;", "'")
        assert "under water:" not in render(calm, form)
