"""The record as a pull-request comment: the answer, the limits, the problems, and folded details.

It stays below GitHub's limit for a comment, 65,536 characters (counted here in bytes, which is
never less). Details that do not fit are left out with a note that says how many.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.core.record import Record
from plimsoll.reports import hull_text, hull_words, load_lines, whereabouts, words
from plimsoll.reports.front import Front, front
from plimsoll.reports.limit_rows import LimitRow

COMMENT_BYTES = 65_536
MOST_LIMITS = 30
_CELL = 240
_LANE_CELL = 80
_SPECIAL = re.compile(r"([\\`*{}\[\]|~$#]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
_LIST_START = re.compile(r"^(\d+)([.)])(?=\s)|^([-+])(?=\s)")


@dataclass(frozen=True, slots=True)
class _Block:
    """A folded part: its title, the lines before the rows, and rows that may be left out."""

    title: str
    head: tuple[str, ...]
    rows: tuple[str, ...]


def render_markdown(record: Record, limit: int = COMMENT_BYTES) -> str:
    """Return the record as GitHub-flavoured Markdown of at most ``limit`` bytes in UTF-8."""
    page = front(record)
    top = "\n".join([*_answer(page), *_limits(page), *_load_lines(record), *_problems(page)])
    foot = f"\n<sub>{escape(_made(record, page))}</sub>\n"
    room = limit - len((top + foot).encode()) - 200
    parts = [top]
    for block in _blocks(record, page):
        text, left = _folded(block, room)
        room -= len(text.encode())
        if left < len(block.rows) or not block.rows:
            parts.append(text)
    return "\n".join([*parts, foot])


def escape(text: object, longest: int = _CELL) -> str:
    """Return a text that Markdown shows as it is: no markup, no table cell, no mention, no link.

    >>> escape("a|b <i> @me")
    'a\\\\|b &lt;i&gt; @\\u200bme'
    """
    out = words.shorten(text, longest)
    out = _SPECIAL.sub(r"\\\1", out)
    out = out.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    out = out.replace("@", "@\u200b").replace("://", ":\u200b//").replace("www.", "www\u200b.")
    out = re.sub(r"(?<=\\#)(?=\d)", "\u200b", out)
    return _LIST_START.sub(lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", out)


def _badge(status: object) -> str:
    badge = words.BADGES[status]  # type: ignore[index]
    return f"{badge.shape} {badge.word}"


def _answer(page: Front) -> Iterator[str]:
    yield f"### {_badge(page.status)} · {escape(page.name)}"
    yield ""
    because = f" {escape(page.because)}" if page.because else ""
    yield f"**{escape(page.headline)}**{because}"
    yield ""


def _limits(page: Front) -> Iterator[str]:
    if page.limits:
        yield "| Answer | Limit | Measured | Range | Meaning |"
        yield "|---|---|--:|---|---|"
        for row in page.limits[:MOST_LIMITS]:
            cells = (
                f"{row.title} {row.ask}",
                row.measured,
                row.interval,
                f"{row.meaning} {row.more}",
            )
            yield f"| {_badge(row.line.status)} | " + " | ".join(map(escape, cells)) + " |"
        if len(page.limits) > MOST_LIMITS:
            left = len(page.limits) - MOST_LIMITS
            yield f"\n{words.count(left, 'more limit is', 'more limits are')} in the record."
    elif page.suggested:
        yield "No limits are set. These are worth setting:"
        yield ""
        for limit, value, why in page.suggested[:MOST_LIMITS]:
            yield f"- {escape(limit)} = {escape(value)}: {escape(why)}"
    else:
        yield "No limits are set."
    yield ""


def _load_lines(record: Record) -> Iterator[str]:
    """Yield the first load-line diagram as a table, under the clean value that belongs to it."""
    found = load_lines.of_record(record)
    if found is None:
        return
    diagram = load_lines.read(found[1])
    yield f"**{escape(diagram.title)}.** {escape(hull_text.head(diagram), 2 * _CELL)}"
    yield ""
    yield "| Stress | Holds to | Range | Today | Freeboard |"
    yield "|---|---|---|---|---|"
    for row in hull_words.table(diagram):
        yield "| " + " | ".join(escape(cell, _LANE_CELL) for cell in row) + " |"
    if diagram.more:
        yield f"\n{escape(hull_words.more(diagram))}"
    yield ""


def _problems(page: Front) -> Iterator[str]:
    if page.problems:
        yield "**Problems and next steps**"
        yield ""
    for i, problem in enumerate(page.problems, 1):
        code = f" ({escape(problem.code)})" if problem.code else ""
        badge = words.ADVICE.word if problem.advice else _badge(problem.status)
        yield f"{i}. {badge}: **{escape(problem.title)}** {escape(problem.meaning)}"
        yield f"   *Next step:* {escape(problem.action)}{code}"
    yield ""


def _blocks(record: Record, page: Front) -> Iterator[_Block]:
    for row in page.limits:
        if row.others:
            yield _other_lines(row)
    means = tuple(f"- {escape(said.text)}" for said in page.means)
    if means:
        yield _Block("What it means for you", (), means)
    yield _Block("When not to rely on it", (), tuple(f"- {escape(text)}" for text in page.cautions))
    open_ = [
        f"- {_badge(item.status)}: {escape(item.question)} {escape(item.why)}"
        for item in page.unchecked
    ]
    open_ += [f"- {words.count(n, 'row')} left out: {escape(why)}." for why, n in page.left_out]
    if open_:
        yield _Block("What could not be checked", (), tuple(open_))
    if page.evidence:
        rows = tuple(f"- {escape(text)}" for text in page.evidence)
        yield _Block("How much this data can tell", (), rows)
    numbers = tuple(_number_rows(record))
    if numbers:
        head = ("| Check | Measure | Value | Range | n | Method |", "|---|---|--:|---|--:|---|")
        yield _Block(f"All {words.count(len(numbers), 'number')}", head, numbers)


def _other_lines(row: LimitRow) -> _Block:
    """Return the lines of one limit that are folded behind its worst."""
    head = ("| Answer | Of what | Measured | Range |", "|---|---|--:|---|")
    rows = tuple(
        f"| {_badge(other.line.status)} | "
        + " | ".join(map(escape, (other.of, other.measured, other.interval)))
        + " |"
        for other in row.others
    )
    return _Block(f"{words.shorten(row.line.limit, 80)}: {row.more}", head, rows)


def _number_rows(record: Record) -> Iterator[str]:
    for check, estimate in record.all_estimates():
        cells = (
            check.code,
            whereabouts.estimate_name(estimate),
            words.value_text(estimate),
            words.range_text(estimate),
            f"{estimate.n:,}",
            estimate.method,
        )
        yield "| " + " | ".join(escape(cell) for cell in cells) + " |"


def _folded(block: _Block, room: int) -> tuple[str, int]:
    """Return a block as far as there is room, and how many of its rows were left out."""
    opening = f"<details><summary>{escape(block.title)}</summary>\n\n"
    lines = list(block.head)
    used = len((opening + "\n".join(block.head)).encode()) + 160
    for i, row in enumerate(block.rows):
        used += len(row.encode()) + 1
        if used > room:
            left = len(block.rows) - i
            lines.append(f"\n{words.count(left, 'row')} left out here to keep this comment short; "
                         "the JSON record holds all.")  # fmt: skip
            return f"{opening}{chr(10).join(lines)}\n\n</details>\n", left
        lines.append(row)
    return f"{opening}{chr(10).join(lines)}\n\n</details>\n", 0


def _made(record: Record, page: Front) -> str:
    return f"⊖ Plimsoll {record.plimsoll}. {page.facts}. {page.when}."
