"""The load lines as values: put in order, said in words, and refused where they hold nonsense."""

from __future__ import annotations

import re
from dataclasses import replace

import figure_worlds
import pytest
from figure_worlds import SDS, SHARE
from load_line_worlds import INCOME, NO_LINE, TO_THE_END, lane, plain, with_load_lines

from plimsoll.reports import charts, hull_words, render
from plimsoll.reports.charts import lanes as valid
from plimsoll.reports.load_lines import MOST_LANES, State, of_record, read

NAMES = list(figure_worlds.LOAD_LINES)


# -- order -----------------------------------------------------------------------------------------


def test_the_least_freeboard_leads_then_what_refuses_then_what_holds() -> None:
    diagram = read(figure_worlds.many_lanes())
    assert [one.label for one in diagram.lanes] == [
        "income in thousands",  # 0.04 - 0.06
        "typing errors in names",  # 0.31 - 0.20
        "missing income",  # 0.22 - 0.03
        "noise in every number",  # (0.62 - 0.1) of 2
        "new values of occupation",  # 0.48 - 0.12
        "ages that drift upwards",  # (1.8 - 0.4) of 3
        "dates in another form",
        "missing age",  # 1 - 0.01, under
        "rows sent twice",  # holds to its end of 0.5, nothing known of today
    ]
    assert diagram.families == ("unit", "typos", "missing", "noise", "new values", "shift")
    assert diagram.flooded == 1


def test_what_is_broken_without_stress_leads_and_the_greater_loss_breaks_a_tie() -> None:
    below = ("late", "b", SHARE, 1.0, "below", None, None, None, None, None, None)
    even = (*INCOME[:-1], 0.4)
    diagram = read(figure_worlds.load_lines(INCOME, ("more", *even[1:]), below))
    assert [one.label for one in diagram.lanes] == ["late", "more", "missing income"]


def test_at_most_sixteen_are_shown_and_the_others_are_counted() -> None:
    diagram = read(figure_worlds.crowd_of_lanes(22))
    assert (len(diagram.lanes), diagram.more) == (MOST_LANES, 4 + 6)
    assert len(diagram.families) == 6
    assert diagram.first(5).more == 4 + 17
    assert hull_words.more(diagram) == "10 more of the stresses are not shown."
    assert hull_words.more(read(figure_worlds.many_lanes())) == ""


# -- words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({}, "holds to 22 % (19 to 26), today 3 %, freeboard 19 points"),
        ({"exposure": None}, "holds to 22 % (19 to 26)"),
        ({"exposure": 0.0}, "holds to 22 % (19 to 26), today 0 %, freeboard 22 points"),
        ({"exposure": 0.21, "safe_at_exposure": False},
         "holds to 22 % (19 to 26), today 21 %, freeboard 1 point, not certain"),
        ({"exposure": 0.24, "safe_at_exposure": False},
         "holds to 22 % (19 to 26), today 24 %, over the line by 2 points, not certain"),
        ({"exposure": 0.3, "safe_at_exposure": False},
         "holds to 22 % (19 to 26), today 30 %, over the line by 8 points"),
        ({"state": "unsure", "high": 0.8},
         "holds to 19 %, perhaps to 80 %, today 3 %, freeboard 19 points"),
        ({"state": "unsure", "value": 1.0, "high": 1.0, "exposure": None},
         "holds to 19 %, perhaps to the end"),
        ({**TO_THE_END, "low": 0.9},
         "holds to the end (90 % or more), today 3 %, freeboard 97 points or more"),
        ({**TO_THE_END, "exposure": None},
         "holds to the end"),
        ({"state": "refuses", **NO_LINE},
         "does not run with it, today 3 %"),
        ({"state": "below", **NO_LINE},
         "already below the limit, today 3 %"),
    ],
)  # fmt: skip
def test_what_stands_beside_a_lane(changed: dict[str, object], text: str) -> None:
    assert plain(hull_words.in_words(lane(**changed))) == text


def test_a_magnitude_is_said_in_its_unit_and_a_loss_lies_above_its_limit() -> None:
    noise = lane(unit=SDS, top=2.0, value=0.62, low=0.55, high=0.71, exposure=0.1)
    text = "holds to 0.62 of 2 standard deviations (0.55 to 0.71), today 0.1, freeboard 0.52"
    assert plain(hull_words.in_words(noise)) == text
    below = lane(state="below")
    assert hull_words.said(below, higher_is_better=False).answer == "already above the limit"


def test_more_today_than_was_tried_is_no_freeboard() -> None:
    half = {"state": "holds", "top": 0.5, "value": 0.5, "low": 0.5, "high": 0.5}
    beyond = lane(**half, exposure=0.6, safe_at_exposure=False)
    said = hull_words.said(beyond)
    assert plain(said.today) == "today 60 %, more than was tried"
    assert (beyond.freeboard, beyond.overloaded) == (None, False)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("many lanes", ("Over the line", "by 2 points", "income in thousands")),
        ("one lane", ("Least freeboard", "19 points", "missing income")),
        ("none crosses", ("Least freeboard", "97 points or more", "missing income")),
        ("below", ("Freeboard", "none", "already above the limit")),
        ("only refusals", ("Load lines", "none", "it runs with none of the stresses")),
        ("no exposure", ("Lowest load line", "2.5 %", "missing column 6")),
    ],
)
def test_the_head_names_what_comes_nearest(name: str, told: tuple[str, str, str]) -> None:
    found = hull_words.readouts(read(figure_worlds.LOAD_LINES[name]))[-1]
    assert (found.name, plain(found.value), found.remark) == told


@pytest.mark.parametrize("name", NAMES)
def test_the_clean_value_stands_beside_its_interval_in_every_form(name: str) -> None:
    """A constant carries any stress, so a load line never stands without what it is worth."""
    record = with_load_lines(figure_worlds.LOAD_LINES[name])
    clean = hull_words.readouts(read(figure_worlds.LOAD_LINES[name]))[0]
    assert clean.name.endswith("without stress")
    interval = clean.remark.partition(";")[0]
    for form in ("html", "svg", "markdown", "terminal"):
        text = re.sub(r"\s+", " ", render(record, form))
        assert clean.value in text
        assert interval in text


# -- what cannot be drawn --------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_world_can_be_drawn(name: str) -> None:
    assert charts.why_not(figure_worlds.LOAD_LINES[name]) is None


@pytest.mark.parametrize(
    ("column", "cells", "reason"),
    [
        ("state", ["sinks"], "a state that is none of"),
        ("top", [0.0], "not above 0"),
        ("value", [None], "without a value"),
        ("value", [0.5], "outside its interval"),
        ("high", [1.5], "outside its interval"),
        ("low", [-0.1], "outside its interval"),
        ("exposure", [-1.0], "below 0"),
        ("exposure", ["much"], "words in exposure"),
        ("value", [float("nan")], "not finite"),
        ("unit", [], "differ in length"),
    ],
)
def test_lanes_that_cannot_be_drawn_say_why(column: str, cells: list[object], reason: str) -> None:
    figure = figure_worlds.load_lines(INCOME)
    series = {**figure.series["lanes"], column: cells}
    broken = replace(figure, series={"lanes": series})
    assert reason in (charts.why_not(broken) or "")
    assert of_record(with_load_lines(broken)) is None
    assert charts.why_not(broken) in render(with_load_lines(broken), "html")


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ({"clean": None}, "lacks clean"),
        ({"metric": None, "limit": None}, "lacks metric, limit"),
        ({"chance": float("inf")}, "must be finite"),
        ({"clean_low": "low"}, "must be finite"),
    ],
)
def test_a_head_that_cannot_be_drawn_says_why(about: dict[str, object], reason: str) -> None:
    assert reason in (charts.why_not(figure_worlds.load_lines(INCOME, **about)) or "")


def test_the_two_lists_of_states_are_one() -> None:
    assert set(valid.STATES) == {state.value for state in State}
    assert lane().is_share
    assert not replace(lane(), unit="days").is_share
