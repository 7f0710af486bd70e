from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace

import pytest
import report_worlds as worlds

from plimsoll.core.errors import UsageError
from plimsoll.reports import FORMS, form_of, render
from plimsoll.reports.github import MOST_OF_A_KIND, github_annotations, github_summary

# The page is rendered for every world in its own test file; the picture is in test_hull.py, for it is of
# load lines alone and none of these worlds has any.
FOR_ALL = [form for form in FORMS if form != "svg"]


@pytest.mark.parametrize("form", [form for form in FOR_ALL if form != "html"])
@pytest.mark.parametrize("name", worlds.WORLDS)
def test_every_form_renders_every_world_and_can_be_written(name: str, form: str) -> None:
    text = render(worlds.WORLDS[name](), form)
    assert text.strip()
    assert text.encode("utf-8")
    assert "\x00" not in text


def test_forms_have_no_state() -> None:
    record = worlds.failing()
    for form in FOR_ALL:
        assert render(record, form) == render(record, form)


def test_an_unknown_form_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"'markdwn' was asked for\. Did you mean 'markdown'"):
        render(worlds.passing(), "markdwn")


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("a/report.html", "html"),
        ("x.SARIF", "sarif"),
        ("x.sarif.json", "sarif"),
        ("record.v2.json", "json"),
        ("junit.xml", "junit"),
        ("c.md", "markdown"),
        ("c.txt", "terminal"),
        ("lines.svg", "svg"),
    ],
)
def test_the_ending_says_the_form(path: str, form: str) -> None:
    assert form_of(path) == form


@pytest.mark.parametrize("path", ["report", "report.pdf", ".html/report"])
def test_an_ending_that_says_nothing_is_refused(path: str) -> None:
    with pytest.raises(UsageError, match="says its form"):
        form_of(path)


def test_json_is_the_record_and_refuses_what_is_not_finite() -> None:
    record = worlds.failing()
    assert json.loads(render(record, "json")) == record.to_json()
    assert "漢字" in render(worlds.hostile(), "json")
    bad = replace(record, summary={"x": float("nan")})
    with pytest.raises(ValueError, match="not JSON compliant"):
        render(bad, "json")


def test_importing_the_reports_loads_nothing_heavy() -> None:
    code = (
        "import sys, plimsoll.reports.html, plimsoll.reports.terminal, plimsoll.reports.drawing\n"
        "assert not {'rich', 'jinja2', 'vl_convert', 'markupsafe'} & set(sys.modules), sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_notebook_gets_a_fragment_without_script_or_names() -> None:
    text = render(worlds.failing(), "notebook")
    assert text.startswith('<div class="plimsoll-record">')
    assert not re.search(r"<script|\bid=|<html|\bsrc=", text)
    assert "0.549 to 0.579" in text
    assert worlds.EVIL not in render(worlds.hostile(), "notebook")
    outside = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert outside is not None
    selectors = re.findall(r"(?:^|[}{])\s*([^{}@]+)\{", outside[1])
    assert all(s.strip().startswith(".plimsoll-record") for s in selectors)


COMMAND = re.compile(r"^::(error|warning|notice) title=([^:,\r\n]*)::([^\r\n]+)$")


@pytest.mark.parametrize("name", worlds.WORLDS)
def test_annotations_are_commands_one_a_line(name: str) -> None:
    lines = github_annotations(worlds.WORLDS[name]()).splitlines()
    assert all(COMMAND.match(line) for line in lines)
    for level in ("error", "warning", "notice"):
        assert sum(line.startswith(f"::{level}") for line in lines) <= MOST_OF_A_KIND


def test_annotations_say_the_verdict_first_and_what_informs_as_a_notice() -> None:
    lines = github_annotations(worlds.failing()).splitlines()
    assert lines[0] == "::error title=Plimsoll%3A Fail::No: this model misses 1 of the 4 limits."
    levels = [line.split(" ")[0] for line in lines]
    assert levels == ["::error", "::error", "::warning", "::notice", "::notice"]
    assert github_annotations(worlds.passing()).startswith("::notice title=Plimsoll%3A Pass::Yes")


def test_annotations_escape_what_would_end_a_command() -> None:
    text = github_annotations(worlds.hostile())
    assert "%250A" in text
    assert "%0A::error" not in text.replace("%250A", "")


def test_annotations_beyond_githubs_ten_are_counted() -> None:
    finding = worlds.constant().checks[0].findings[0]
    check = replace(worlds.constant().checks[0], findings=(finding,) * 25)
    lines = github_annotations(replace(worlds.constant(), checks=(check,))).splitlines()
    assert len(lines) == MOST_OF_A_KIND + 1
    assert lines[-1] == "::notice title=Plimsoll::16 more are in the summary of this step."


@pytest.mark.parametrize(("word", "level"), [("pass", "notice"), ("fail", "error")])
def test_unsure_is_as_loud_as_the_settings_make_it(word: str, level: str) -> None:
    record = replace(worlds.unsure(), settings={"run": {"unsure": word}})
    assert all(line.startswith(f"::{level}") for line in github_annotations(record).splitlines())


def test_the_step_summary_is_markdown_with_room_for_all_numbers() -> None:
    record = worlds.crowded()
    check = replace(record.checks[0], estimates=record.checks[0].estimates * 60)
    text = github_summary(replace(record, checks=(check,)))
    assert text.startswith("### ✖ Fail")
    assert text.count("\n| PRF001 |") == 3600
    assert len(text.encode()) < 1_048_576
