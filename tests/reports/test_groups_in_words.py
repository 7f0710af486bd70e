"""How slices are said, and how the many lines of one limit become one row."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import report_worlds as worlds

from plimsoll.core.estimate import Where
from plimsoll.core.finding import Status
from plimsoll.core.record import GateLine, Record
from plimsoll.reports import whereabouts, words
from plimsoll.reports.anchors import Anchors
from plimsoll.reports.cautions import cautions
from plimsoll.reports.front import front
from plimsoll.reports.github import github_annotations
from plimsoll.reports.html import cell, render_html
from plimsoll.reports.limit_rows import limit_rows
from plimsoll.reports.markdown import render_markdown
from plimsoll.reports.notebook import render_notebook
from plimsoll.reports.slices import said
from plimsoll.reports.terminal import terminal_text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("[30, 45)", "30 to 45"),
        ("(30, 45]", "30 to 45"),
        ("[60, inf)", "60 or more"),
        ("(60, ∞)", "more than 60"),
        ("(-inf, 0.5]", "0.5 or less"),
        ("(-inf, -3)", "below −3"),
        ("(-inf, inf)", "any number"),
        ("[1e+06, 2e+06)", "1,000,000 to 2,000,000"),
        ("[1990, 2000)", "1990 to 2000"),
        ("[2024-01-01, 2024-02-01)", "2024-01-01 to 2024-02-01"),
        (">= 60", "60 or more"),
        ("< 12000", "below 12,000"),
        ("north", "north"),
        ("(1, 2)", "(1, 2)"),
        ("a > b", "a > b"),
        ("[x, y)", "[x, y)"),
        ("", ""),
    ],
)
def test_a_range_is_said_as_people_say_it(value: str, expected: str) -> None:
    assert said(value) == expected


PAIR = (("region", "north"), ("age", "[30, 45)"))


@pytest.mark.parametrize(
    ("name", "where", "expected"),
    [
        ("recall", Where(slice=PAIR), "region: north, age: 30 to 45"),
        ("difference", Where(slice=PAIR[:1], metric="recall", variant="rest"),
         "region: north, metric recall, against the rest"),
        ("difference", Where(metric="recall", variant="whole"), "metric recall, against the whole"),
        ("selection_rate_ratio", Where(slice=PAIR[:1], variant="reference"),
         "region: north, against the reference"),
        ("recall", Where(variant="reference"), "on the reference"),
        ("recall", Where(slice=PAIR[:1], variant="rest"), "region: north, the rest"),
        ("ece", Where(variant="top label"), "top label"),
        ("quantile_coverage", Where(variant="0.9"), "variant 0.9"),
        ("ks", Where(column="age", window=("2025-01-01", "2025-02-01")),
         "2025-01-01 to 2025-02-01, column age"),
        ("recall", Where(), ""),
    ],
)  # fmt: skip
def test_of_what_a_number_is(name: str, where: Where, expected: str) -> None:
    estimate = worlds.est(name, 0.5, 0.1, where=where)
    assert whereabouts.estimate_name(estimate) == name + (f" ({expected})" if expected else "")


def test_a_difference_is_named_by_what_it_is_a_difference_in() -> None:
    record = worlds.passing()

    def title(metric: str) -> str:
        estimate = worlds.est("difference", 0.1, 0.1, where=Where(metric=metric, variant="rest"))
        assert whereabouts.rest_of(estimate) == "against the rest"
        return whereabouts.title_of(record, estimate)

    assert [title(metric) for metric in ("recall", "roc_auc", "r2", "ece")] == [
        "Difference in recall",
        "Difference in ROC AUC",
        "Difference in R²",
        "Difference in expected calibration error",
    ]


def test_a_cell_of_a_table_says_ranges_in_words_too() -> None:
    assert cell("[30, 45)") == "30 to 45"
    assert cell("age: [60, inf)") == "age: 60 or more"


def test_one_of_a_kind_is_said_in_the_singular() -> None:
    assert words.rows_about(1) == "1 row"
    assert words.rows_about(40_934) == "41,000 rows"
    assert (words.more(1), words.more(1_200)) == ("1 more is", "1,200 more are")
    record = worlds.unsure()
    line = replace(record.gate[0], rows_needed=1)
    problem = front(replace(record, gate=(line,))).problems[0]
    assert problem.action == "Collect about 1 row with labels in all, then check again."
    for world in worlds.WORLDS.values():
        text = render_html(world()) + terminal_text(world()) + render_markdown(world())
        assert not re.search(r"(?<![\d,.])1 (rows|columns|numbers|limits|more are)\b", text)


def test_the_lines_of_one_limit_are_one_row_and_the_worst_speaks() -> None:
    record = worlds.sliced()
    rows = limit_rows(record, Anchors(record))
    assert [(row.line.limit, len(row.others)) for row in rows] == [
        ("slices.recall.max_drop", 39),
        ("roc_auc.min", 0),
    ]
    worst = rows[0]
    assert worst.line.estimate is not None
    assert worst.line.estimate.value == max(e.value for e in _estimates(record))
    assert worst.title == "Recall (region: region 0, age: 18 to 30, against the whole)"
    assert worst.more == "And 39 more: 1 fails, 14 are unsure, 24 pass."
    order = [row.line.status for row in worst.others]
    assert order == sorted(order, key=[Status.FAIL, Status.UNSURE, Status.PASS].index)
    assert worst.others[0].of == "region: region 1, age: 30 to 45, against the whole"


def _estimates(record: Record) -> list:
    return [line.estimate for line in record.gate if "slices" in line.limit]


def test_where_more_is_better_the_lowest_is_the_worst() -> None:
    places = [Where(slice=(("a", str(i)),)) for i in range(3)]
    lines = tuple(
        GateLine("slices.recall.min", 0.6, Status.PASS, worlds.est("recall", v, 0.01, where=w), "")
        for v, w in zip((0.9, 0.7, 0.8), places, strict=True)
    )
    record = worlds.record("pass", worlds.passing().checks, lines)
    (row,) = limit_rows(record, Anchors(record))
    assert row.measured == "0.700"
    assert [other.measured for other in row.others] == ["0.800", "0.900"]
    assert row.more == "And 2 more: 2 pass."


def test_every_report_counts_limits_and_not_their_lines() -> None:
    record = worlds.sliced()
    page = front(record)
    assert page.headline == "No: this model misses 1 of the 2 limits."
    assert "region 0" in page.because
    more = "And 39 more: 1 fails, 14 are unsure, 24 pass."
    for text in (render_html(record), render_notebook(record), render_markdown(record)):
        assert more in text
    assert more in re.sub(r"\s+", " ", terminal_text(record, 400))
    marks = github_annotations(record)
    assert more in marks
    assert marks.count("slices.recall.max_drop") == 1


def test_the_others_can_be_opened_and_lead_to_their_numbers() -> None:
    record = worlds.crowded()
    text = render_html(record)
    assert len(re.findall(r"<summary>And 13 more: ", text)) == text.count('class="more"')
    front_, all_ = text.split('id="all-limits"')
    assert 'class="more"' in front_
    assert 'class="more"' in all_
    assert text.count('<ul class="others">') == 2
    (first, _) = re.findall(r'<ul class="others">(.*?)</ul>', text, re.DOTALL)
    assert first.count("<li>") == 13
    assert 'href="#PRF001-recall-region-region-12"' in first


def test_long_names_may_break_where_their_parts_meet() -> None:
    text = render_html(worlds.sliced())
    assert "customer_<wbr>profile.<wbr>employment_<wbr>status_<wbr>code" in text
    assert "_<wbr>application_0" in text  # a number at the end stays with its word
    assert not re.search(r"\d\.<wbr>\d", text)
    assert "roc_<wbr>auc.<wbr>min" in render_html(worlds.no_policy())


def test_long_lists_of_numbers_are_folded() -> None:
    text = render_html(worlds.sliced())
    assert "<summary>28 more numbers</summary>" in text
    assert "more numbers</summary>" not in render_html(worlds.passing())


def test_panels_stand_in_one_wide_figure_with_what_the_marks_mean() -> None:
    text = render_html(worlds.sliced())
    figures = re.findall(r"<figure.*?</figure>", text, re.DOTALL)
    sizes = [figure.count('class="panel"') for figure in figures]
    assert sizes == [0, 0, 12, 1, 0, 0, 4, 4, 1, 2, 0]
    assert ['class="wide"' in figure for figure in figures] == [n > 1 for n in sizes]
    assert '<ul class="keys"><li><svg class="key-mark"' in figures[2]
    assert 'role="region" tabindex="0"' in figures[4]
    assert len(text.encode()) < 250_000


def test_reports_without_pictures_pass_over_figures_of_groups() -> None:
    record = worlds.sliced()
    bare = replace(record, checks=tuple(replace(check, figures=()) for check in record.checks))
    assert render_markdown(record) == render_markdown(bare)
    assert terminal_text(record) == terminal_text(bare)
    assert render_notebook(record) == render_notebook(bare)


ALONE = "For one group alone: only the whole was judged, and a group can fare worse."


def test_the_caution_about_groups_follows_from_the_numbers_not_from_the_settings() -> None:
    named = worlds.subject(columns={"slice_by": ["region"], "sensitive": ["sex"]})
    assert ALONE in cautions(worlds.passing())
    assert ALONE in cautions(replace(worlds.passing(), subject=named))  # asked for, not measured
    told = cautions(worlds.sliced())
    assert ALONE not in told
    assert "For groups of another kind: only those by region and age were judged." in told
    one = worlds.est("recall", 0.5, 0.1, where=Where(slice=(("sex", "f"),)))
    check = replace(worlds.performance_check(), estimates=(one,))
    told = cautions(replace(worlds.passing(), checks=(check,)))
    assert "For groups of another kind: only those by sex were judged." in told
    many = tuple(one.at(Where(slice=((f"c{i}", "f"),))) for i in range(9))
    told = cautions(replace(worlds.passing(), checks=(replace(check, estimates=many),)))
    assert not [text for text in told if "group" in text and "row" not in text]


def test_a_finding_names_the_numbers_it_rests_on_even_where_they_are_not_listed() -> None:
    record = worlds.sliced()
    check = record.checks[1]
    many = check.estimates * 5
    finding = replace(check.findings[0], estimates=(0, 199, *range(1, 9)))
    entry = replace(check, estimates=many, findings=(finding,))
    text = render_html(replace(record, checks=(entry,), gate=()))
    (tied,) = re.findall(r"Rests on (.*?)</p>", text)
    assert tied.startswith('<a href="#SLC001-difference')
    assert "</a> (0.050 to 0.130), Difference in recall −0.144 (−0.184 to −0.104), <a" in tied
    assert tied.endswith("and 4 more.")
