"""The record on a terminal: verdict, limits, problems with next steps, numbers, what is missing.

It follows the width of the window, says every status as shape and word, and needs neither colour
nor anything but ASCII.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Status
from plimsoll.core.record import CheckEntry, Record
from plimsoll.reports import hull_text, hull_words, load_lines, whereabouts, words
from plimsoll.reports.front import Front, front
from plimsoll.reports.limit_rows import LimitRow

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

MOST_ESTIMATES = 40
MOST_OPEN = 8
MOST_UNDER_STRESS = 6
LONGEST_VALUE = 26
NARROW = 84
WIDE = 108
LEAST_BAR = 72

_STYLES = {
    Status.PASS: "green",
    Status.FAIL: "red",
    Status.UNSURE: "yellow",
    Status.ERROR: "magenta",
    Status.NOT_APPLICABLE: "dim",
    Status.SKIPPED: "dim",
}


def render_terminal(record: Record, console: Console) -> None:
    """Print a record on a Rich console, in its width, its colours and its encoding."""
    page = front(record)
    pen = _Pen(console)
    if page.evidence:  # what the data can tell comes before what it tells
        console.print(pen.text("How much this data can tell", "bold"))
        for text in page.evidence:
            console.print(pen.bullet(text))
        console.print()
    console.print(_verdict(page, pen))
    for head, parts in (
        ("What it means for you", [pen.bullet(said.text) for said in page.means]),
        ("Limits", _limits(page, pen)),
        ("Load lines", _load_lines(record, pen)),
        ("Problems and next steps", _problems(page, pen)),
        ("Numbers", _estimates(record, pen)),
        ("When not to rely on it", [pen.bullet(text) for text in page.cautions]),
        ("What could not be checked", _open(page, pen)),
    ):
        if parts:
            console.print()
            console.print(pen.text(head, "bold"))
            for part in parts:
                console.print(part)


def terminal_text(record: Record, width: int = 100) -> str:
    """Return what :func:`render_terminal` prints, without colour."""
    from io import StringIO

    from rich.console import Console

    out = StringIO()
    console = Console(file=out, width=width, color_system=None, force_terminal=False)
    render_terminal(record, console)
    return out.getvalue()


class _Pen:
    """Makes text that the console can show: never markup, ASCII where there is nothing else."""

    def __init__(self, console: Console) -> None:
        self.ascii = console.options.ascii_only
        self.width = console.width

    def plain(self, text: str) -> str:
        return words.ascii_only(text) if self.ascii else text

    def text(self, text: str, style: str = "") -> Text:
        from rich.text import Text

        return Text(self.plain(text), style=style, overflow="fold")

    def status(self, status: Status) -> Text:
        badge = words.BADGES[status]
        mark = badge.ascii if self.ascii else badge.shape
        return self.text(f"{mark} {badge.word}", _STYLES[status])

    def advice(self) -> Text:
        return self.text(
            f"{words.ADVICE.ascii if self.ascii else words.ADVICE.shape} {words.ADVICE.word}", "dim"
        )

    def bullet(self, *parts: str | Text, mark: str | Text = "•") -> RenderableType:
        """Return a line whose wrapped part hangs under its text."""
        from rich.table import Table

        grid = Table.grid(padding=(0, 1))
        grid.add_column(no_wrap=True)
        grid.add_column(ratio=1, overflow="fold")
        whole = self.text("")
        for part in parts:
            whole.append_text(self.text(part) if isinstance(part, str) else part)
        grid.add_row(self.text(mark) if isinstance(mark, str) else mark, whole)
        return grid

    def table(self, *heads: tuple[str, str]) -> Table:
        """Return a table with heads and the side to which each column leans."""
        from rich import box
        from rich.table import Table

        kind = box.ASCII2 if self.ascii else box.SIMPLE_HEAD
        table = Table(box=kind, pad_edge=False, show_edge=False, header_style="dim")
        for head, side in heads:
            no_wrap = side == "right" or head == "Answer"
            table.add_column(head, justify="right" if side == "right" else "left",
                             overflow="fold", no_wrap=no_wrap)  # fmt: skip
        return table


def _verdict(page: Front, pen: _Pen) -> RenderableType:
    from rich import box
    from rich.console import Group
    from rich.panel import Panel

    lines = [pen.status(page.status), pen.text(page.headline, "bold")]
    lines[0].stylize("bold")
    if page.because:
        lines.append(pen.text(page.because))
    lines.append(pen.text(f"{page.facts}. {page.when}.", "dim"))
    return Panel(
        Group(*lines),
        title=pen.text(f"⊖ Plimsoll · {words.shorten(page.name, 60)}"),
        title_align="left",
        border_style=_STYLES[page.status],
        box=box.ASCII if pen.ascii else box.ROUNDED,
        padding=(0, 1),
    )


def _limits(page: Front, pen: _Pen) -> list[RenderableType]:
    if not page.limits:
        rows = [f"{limit} = {value}: {why}" for limit, value, why in page.suggested]
        said = "No limits are set" + (" yet; these are worth setting:" if rows else ".")
        return [pen.text(said), *(pen.bullet(row) for row in rows)]
    if pen.width < NARROW:
        return [_narrow(row, pen) for row in page.limits]
    table = pen.table(("Answer", ""), ("Limit", ""), ("Measured", "right"), ("Range", ""),
                      ("Meaning", ""))  # fmt: skip
    for row in page.limits:
        table.add_row(
            pen.status(row.line.status),
            pen.text(f"{row.title} {row.ask}"),
            pen.text(row.measured, "bold"),
            pen.text(row.interval),
            pen.text(f"{row.meaning} {row.more}".strip()),
        )
    return [table]


def _narrow(row: LimitRow, pen: _Pen) -> RenderableType:
    measured = f"{row.measured} ({row.interval})" if row.interval else row.measured
    said = f"{row.title} {row.ask}: {measured}. {row.meaning} {row.more}".rstrip()
    return pen.bullet(pen.status(row.line.status), " ", said)


def _load_lines(record: Record, pen: _Pen) -> list[RenderableType]:
    """Return the first load-line diagram: a line a stress where there is room for its bar beside it."""
    found = load_lines.of_record(record)
    if found is None:
        return []
    diagram = load_lines.read(found[1])
    letters = hull_text.ASCII if pen.ascii else hull_text.LINES
    parts: list[RenderableType] = [pen.text(hull_text.head(diagram))]
    parts += _lanes(diagram, letters, pen)
    parts.append(pen.text(hull_text.key(diagram, letters), "dim"))
    left = hull_words.more(diagram)
    return [*parts, pen.text(left, "dim")] if left else parts


def _lanes(
    diagram: load_lines.Diagram, letters: hull_text.Letters, pen: _Pen
) -> list[RenderableType]:
    from rich.table import Table

    wide = pen.width >= LEAST_BAR
    room = pen.width // 4 if wide else pen.width - 2
    grid = Table.grid(padding=(0, 2))
    grid.add_column(width=min(30, pen.width * 3 // 10) if wide else None, overflow="fold")
    parts: list[RenderableType] = [grid]
    for lane in diagram.lanes:
        style = _STYLES[Status.FAIL] if lane.overloaded else ""
        name = words.shorten(lane.label, words.LONGEST_TITLE)
        bar = pen.text(hull_text.bar(lane, room, letters))
        said = pen.text(hull_words.in_words(lane, diagram.higher_is_better, "\n"), style)
        if wide:
            grid.add_row(pen.text(name, "bold"), bar, said)
        else:
            for part in (pen.text(name, "bold"), bar, said):
                grid.add_row(part)
    return parts


def _problems(page: Front, pen: _Pen) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for i, problem in enumerate(page.problems, 1):
        code = f" [{problem.code}]" if problem.code else ""
        parts.append(
            pen.bullet(
                pen.advice() if problem.advice else pen.status(problem.status),
                " ",
                pen.text(problem.title, "bold"),
                code,
                mark=f"{i}.",
            )
        )
        parts.append(pen.bullet(problem.meaning, mark="  "))
        parts.append(pen.bullet(pen.text("Next step: ", "bold"), problem.action, mark="  "))
    return parts


def _shown(
    found: Sequence[tuple[CheckEntry, Estimate]],
) -> list[tuple[CheckEntry, Estimate]]:
    """Return the numbers that are listed: of a check under stress the first few, for the lines are drawn."""
    under_stress: Counter[str] = Counter()
    out = []
    for check, estimate in found:
        if estimate.where.stress is not None:
            under_stress[check.code] += 1
            if under_stress[check.code] > MOST_UNDER_STRESS:
                continue
        out.append((check, estimate))
    return out[:MOST_ESTIMATES]


def _estimates(record: Record, pen: _Pen) -> list[RenderableType]:
    found = record.all_estimates()
    if not found:
        return []
    heads = [("Check", ""), ("Measure", ""), ("Value", "right"), ("Range", "")]
    heads += [("n", "right")] if pen.width >= NARROW else []
    heads += [("Method", "")] if pen.width >= WIDE else []
    table = pen.table(*heads)
    if pen.width >= NARROW:
        table.columns[1].min_width = 22
        table.columns[2].no_wrap, table.columns[2].max_width = False, LONGEST_VALUE
        table.columns[3].no_wrap = True
        table.columns[4].min_width = max(len(f"{e.n:,}") for _, e in found)
    shown = _shown(found)
    for check, estimate in shown:
        cells = [
            check.code,
            words.shorten(whereabouts.estimate_name(estimate), 60),
            words.value_text(estimate),
            words.range_text(estimate),
        ]
        cells += [f"{estimate.n:,}", words.shorten(estimate.method, 26)]
        table.add_row(*(pen.text(cell) for cell in cells[: len(heads)]))
    parts: list[RenderableType] = [table]
    if len(found) > len(shown):
        more = len(found) - len(shown)
        parts.append(pen.text(f"{words.more(more)} in the JSON record and the HTML page.", "dim"))
    return parts


def _open(page: Front, pen: _Pen) -> list[RenderableType]:
    parts = [
        pen.bullet(pen.status(item.status), f" {item.question} {item.why}", _code(item.code))
        for item in page.unchecked[:MOST_OPEN]
    ]
    if len(page.unchecked) > MOST_OPEN:
        parts.append(pen.bullet(f"And {len(page.unchecked) - MOST_OPEN} more."))
    parts += _left_out(page.left_out, pen)
    return parts


def _code(code: str) -> str:
    return f" [{code}]" if code else ""


def _left_out(rows: Iterable[tuple[str, int]], pen: _Pen) -> list[RenderableType]:
    said = (f"{words.count(n, 'row')} left out: {words.clean(why)}." for why, n in rows)
    return [pen.bullet(text) for text in said]
