from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise

import pytest
import report_worlds as worlds

from plimsoll.core.finding import Figure, Status, Table
from plimsoll.reports import palette
from plimsoll.reports.html import FIGURE_BUDGET, cell, flat, render_html

VOID = {"meta", "br", "wbr", "use", "path", "circle", "rect", "line"}
NAMES = list(worlds.WORLDS)


class Page(HTMLParser):
    """Collects tags with their attributes, the text, and whether tags nest as they should."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.inside = False  # a word that may break goes on behind the place
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside = tag == "wbr"
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data) -> None:
        if self.open and self.open[-1] == "style":
            return
        if self.inside:
            self.words[-1] += data
        else:
            self.words.append(data)
        self.inside = False

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


@cache
def html(name: str) -> str:
    return render_html(worlds.WORLDS[name]())


@cache
def page(name: str) -> Page:
    return Page(html(name))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_runs_and_nothing_is_fetched(name: str) -> None:
    for tag, attributes in page(name).tags:
        assert tag not in {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
        assert not [key for key in attributes if key.startswith("on") or key in ("src", "srcset")]
        href = attributes.get("href")
        if href is not None:
            assert href.startswith("#") or (tag == "a" and href.startswith("https://")), href
    style = re.search(r"<style>(.*?)</style>", html(name), re.DOTALL)
    assert style is not None
    assert not re.search(r"@import|@font-face|url\((?!#)|expression\(", style[1])
    assert "default-src 'none'" in html(name)


@pytest.mark.parametrize("name", NAMES)
def test_tags_nest_and_names_are_unique_and_all_links_land(name: str) -> None:
    assert page(name).open == []
    found = [a["id"] for _, a in page(name).tags if "id" in a]
    assert len(found) == len(set(found))
    for _, attributes in page(name).tags:
        href = attributes.get("href") or ""
        targets = [href[1:]] if href.startswith("#") else []
        targets += (attributes.get("aria-labelledby") or "").split()
        assert set(targets) <= set(found)


@pytest.mark.parametrize("name", NAMES)
def test_headings_landmarks_and_tables_carry_the_structure(name: str) -> None:
    seen = page(name)
    assert [len(seen.all(tag)) for tag in ("h1", "main", "footer", "title")][:3] == [1, 1, 1]
    levels = [int(tag[1]) for tag, _ in seen.tags if re.fullmatch("h[1-6]", tag)]
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert len(seen.all("caption")) == len(seen.all("table"))
    assert all(a.get("scope") in ("col", "row") for a in seen.all("th"))
    assert seen.all("html")[0]["lang"] == "en"


@pytest.mark.parametrize("name", NAMES)
def test_the_page_is_small(name: str) -> None:
    assert len(html(name).encode()) < 250_000


def test_hostile_names_are_text() -> None:
    assert worlds.EVIL not in html("hostile")
    assert worlds.EVIL in page("hostile").text
    assert "javascript:" not in [a.get("href", "")[:11] for a in page("hostile").all("a")]
    assert "\x1b" not in html("hostile")
    assert "\u202e" not in html("hostile")


def test_the_front_comes_in_its_order() -> None:
    text = page("fail").text
    order = (
        "credit-risk", "23 November 2026", "Fail", "No: this model misses", "What it means for you",
        "The limits", "The top three problems", "Next step", "When not to rely on it",
        "What could not be checked", "All checks", "How this was made",
    )  # fmt: skip
    text = text[text.index("Model report") :]
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_every_number_of_the_record_has_its_place_and_its_interval() -> None:
    ids = {a["id"] for _, a in page("fail").tags if "id" in a}
    text = page("fail").text
    assert {"PRF001-roc_auc", "CAL001-mcb", "PRF001", "BAS001"} <= ids
    assert "0.9271" in text
    assert "0.9230 to 0.9312" in text
    assert html("fail").count('href="#PRF001-recall"') >= 2


def test_every_status_is_a_shape_and_a_word() -> None:
    text = html("fail")
    for status in (Status.PASS, Status.FAIL, Status.UNSURE, Status.NOT_APPLICABLE):
        assert f'<symbol id="s-{status.value}"' in text
    chips = re.findall(
        r'<span class="chip \w+"><svg class="shape".*?</svg><span>([^<]+)</span>', text
    )
    assert len(chips) == text.count('class="chip ')
    assert {"Pass", "Fail", "Unsure", "Skipped"} <= set(chips)


def test_light_dark_and_paper_share_one_set_of_names() -> None:
    text = html("fail")
    assert "@media screen and (prefers-color-scheme:dark)" in text
    assert palette.css(palette.DARK) in text
    used = set(re.findall(r"var\(--([a-z0-9]+)\)", text)) - {"tone", "wash"}
    assert used <= set(palette.LIGHT)
    for part in ("@page", "@media print", "break-before:page", "max-width:52rem"):
        assert part in text


def test_an_interval_plot_marks_the_bound_and_says_it_in_words() -> None:
    plots = re.findall(r'<svg class="plot (\w+)".*?</svg>', html("fail"))
    assert plots == ["fail", "unsure", "pass", "pass"]
    assert "Measured 0.564, likely 0.549 to 0.579; the limit is at least 0.6." in html("fail")
    assert html("fail").count('class="bound"') == 4


def test_the_front_stays_short_and_says_what_it_left_for_later() -> None:
    text = page("busy").text
    assert "These are the 6 worst of 9 limits." in text
    assert "And 6 more, listed under" in text
    assert "0.08 in recall" in text
    assert text.count("All limits") == 1


def test_no_policy_says_which_limits_are_worth_setting() -> None:
    assert "These are worth setting" in page("no_policy").text
    assert "roc_auc.min" in page("no_policy").text
    assert "No limits are set" in page("empty").text


def test_figures_stop_at_the_budget_and_say_so(monkeypatch) -> None:
    assert 'class="chart"' in html("crowded")
    assert FIGURE_BUDGET < 900_000
    monkeypatch.setattr("plimsoll.reports.html.FIGURE_BUDGET", 12_000)
    text = render_html(worlds.crowded())
    assert text.count('class="chart"') == 3
    assert text.count("to keep this page small") == 7


def test_a_big_record_stays_below_a_megabyte_and_says_what_is_not_shown() -> None:
    record = worlds.crowded()
    check = replace(record.checks[0], estimates=record.checks[0].estimates * 20)
    table = Table("Many", ("a", "b"), tuple((i, f"row {i}") for i in range(500)))
    text = render_html(replace(record, checks=(replace(check, tables=(table,)),)))
    assert len(text.encode()) < 1_000_000
    assert "1,050 more numbers are in the JSON record." in text
    assert "The first 60 of 500 rows" in text


def test_a_figure_that_cannot_be_drawn_leaves_a_sentence() -> None:
    check = replace(worlds.input_check(), figures=(Figure("pie", "Shares", "", {"a": {"x": [1]}}),))
    text = render_html(replace(worlds.passing(), checks=(check,), gate=()))
    assert "does not know how to draw" in text


def test_the_same_record_gives_the_same_page() -> None:
    assert render_html(worlds.failing()) == html("fail")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (True, "yes"),
        (1234567, "1,234,567"),
        (-3, "−3"),
        (0.12345, "0.1235"),
        ("a", "a"),
    ],
)
def test_cells(value, text: str) -> None:
    assert cell(value) == text


def test_a_check_with_nothing_to_tell_is_a_line_in_the_list() -> None:
    text = html("pass")
    assert '<tr id="CAL004">' in text
    assert 'id="CAL004-head"' not in text
    assert 'href="#CAL004"' not in text
    assert "No interval columns were named." in text[text.index('<tr id="CAL004">') :]


def test_settings_are_flattened_without_what_was_not_set() -> None:
    settings = {"run": {"seed": 0, "only": [], "jobs": None}, "columns": {"score": ["a", "b"]}}
    assert flat(settings) == [("run.seed", "0"), ("columns.score", "a, b")]
