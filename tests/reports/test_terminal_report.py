from __future__ import annotations

import io

import pytest
import report_worlds as worlds
from rich.cells import cell_len
from rich.console import Console

from plimsoll.reports.terminal import render_terminal, terminal_text


@pytest.mark.parametrize("name", worlds.WORLDS)
@pytest.mark.parametrize("width", [40, 80, 100, 160])
def test_no_line_is_wider_than_the_window(name: str, width: int) -> None:
    text = terminal_text(worlds.WORLDS[name](), width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert "\x1b" not in text


@pytest.mark.parametrize("name", worlds.WORLDS)
def test_it_works_where_there_is_only_ascii(name: str) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", errors="strict")
    render_terminal(worlds.WORLDS[name](), Console(file=stream, width=90, force_terminal=True))
    stream.flush()
    text = raw.getvalue().decode("ascii")
    assert "Plimsoll" in text
    assert "[" in text


def test_statuses_have_shape_and_word_without_colour(monkeypatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    out = io.StringIO()
    render_terminal(worlds.failing(), Console(file=out, width=100, force_terminal=True))
    text = out.getvalue()
    for part in ("✖ Fail", "✔ Pass", "◆ Unsure", "» Skipped"):
        assert part in text
    assert "\x1b[31m" not in text
    assert "\x1b[32m" not in text


def test_colour_is_used_where_there_is_some() -> None:
    out = io.StringIO()
    console = Console(
        file=out, width=100, force_terminal=True, color_system="standard", no_color=False
    )
    render_terminal(worlds.failing(), console)
    assert "\x1b[31m" in out.getvalue()


def test_it_says_verdict_limits_problems_numbers_and_what_is_missing() -> None:
    text = terminal_text(worlds.failing())
    parts = (
        "No: this model misses 1 of the 4 limits.", "Limits", "Recall at least 0.6",
        "0.549 to 0.579", "Problems and next steps", "Next step:", "Numbers", "brier_score",
        "What could not be checked", "CAL004", "31 rows left out: no label.",
    )  # fmt: skip
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_long_lists_say_how_many_are_left() -> None:
    text = terminal_text(worlds.crowded())
    assert "38 more are in the JSON record and the HTML page." in text


def test_markup_in_names_is_text() -> None:
    record = worlds.passing()
    record = worlds.record(
        record.verdict, record.checks, (), subject=worlds.subject("[red]x[/red]")
    )
    assert "[red]x[/red]" in terminal_text(record)
