from __future__ import annotations

import re
from dataclasses import replace

import pytest
import report_worlds as worlds

from plimsoll.reports.markdown import COMMENT_BYTES, escape, render_markdown


@pytest.mark.parametrize("name", worlds.WORLDS)
def test_a_comment_fits_and_every_fold_is_closed(name: str) -> None:
    text = render_markdown(worlds.WORLDS[name]())
    assert len(text.encode()) <= COMMENT_BYTES
    assert text.count("<details>") == text.count("</details>")
    assert set(re.findall(r"</?(\w+)", text)) <= {"details", "summary", "sub"}


@pytest.mark.parametrize("name", worlds.WORLDS)
def test_every_row_of_a_table_has_its_columns(name: str) -> None:
    width = 0
    for line in render_markdown(worlds.WORLDS[name]()).splitlines():
        if not line.startswith("|"):
            width = 0
            continue
        bars = len(re.findall(r"(?<!\\)\|", line))
        assert bars == (width or bars)
        width = bars


def test_verdict_limits_and_problems_stand_before_the_folds() -> None:
    text = render_markdown(worlds.failing())
    top = text[: text.index("<details>")]
    assert top.startswith("### ✖ Fail · credit-risk\n")
    assert "| ✖ Fail | Recall at least 0.6 | 0.564 | 0.549 to 0.579 |" in top
    assert "*Next step:* Collect about 61,000 rows" in top
    assert len(top) < 3000


def test_too_many_numbers_are_cut_with_a_note() -> None:
    record = worlds.crowded()
    check = replace(record.checks[0], estimates=record.checks[0].estimates * 60)
    text = render_markdown(replace(record, checks=(check,)))
    assert COMMENT_BYTES * 0.9 < len(text.encode()) <= COMMENT_BYTES
    left = re.search(r"\n([\d,]+) rows left out here", text)
    assert left is not None
    rows = text.count("\n| PRF001 |")
    assert rows + int(left[1].replace(",", "")) == 3600


def test_even_a_tiny_limit_keeps_the_answer() -> None:
    text = render_markdown(worlds.failing(), limit=2500)
    assert "No: this model misses" in text
    assert text.count("<details>") == text.count("</details>")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", r"a\|b"),
        ("<b>", "&lt;b&gt;"),
        ("@user", "@\u200buser"),
        ("see #12", "see \\#\u200b12"),
        ("`x` *y* [z](u)", r"\`x\` \*y\* \[z\](u)"),
        ("roc_auc _x_", r"roc_auc \_x\_"),
        ("1. one", r"1\. one"),
        ("- one", r"\- one"),
        ("0.92", "0.92"),
        ("https://x.y", "https:\u200b//x.y"),
        ("a\nb", "a b"),
    ],
)
def test_escapes(text: str, shown: str) -> None:
    assert escape(text) == shown
