"""The page for people: one file, no script, nothing loaded from elsewhere, light, dark and paper.

The front page fits two printed pages, three with load lines; what would make it longer stands in
the details, and the front says so. Figures stop at a budget of bytes so that the page stays below
one megabyte.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Figure, Status, Table
from plimsoll.core.record import CheckEntry, Record
from plimsoll.reports import (
    charts,
    digits,
    drawing,
    glossary,
    hull,
    load_lines,
    marks,
    palette,
    slices,
    whereabouts,
    words,
)
from plimsoll.reports.anchors import Anchors
from plimsoll.reports.front import front
from plimsoll.reports.limit_rows import LimitRow

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

FRONT_LIMITS = 6
FRONT_OPEN = 4
FIGURE_BUDGET = 420_000
MOST_ESTIMATES = 150
FOLD_FROM, FOLD_TO = 20, 12
MOST_OTHERS = 60
MOST_TIES = 6
MOST_TABLE_ROWS = 60
_JOINTS = re.compile(r"(?<=\w)(_(?!\d+\b)|[./](?=[^\W\d]))(?=\w)")


@dataclass(frozen=True, slots=True)
class Shown:
    """A small or large drawing with the words that belong to it."""

    svg: Markup
    title: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure on the page: the drawing, or a sentence that says why there is none."""

    figure: Figure
    pictures: tuple[Shown, ...]
    keys: tuple[Shown, ...]
    note: str

    @property
    def wide(self) -> bool:
        """Whether it has so many panels, or lanes, that it takes the whole width of the page."""
        return len(self.pictures) > 1 or self.figure.kind == load_lines.KIND

    @property
    def scrolls(self) -> bool:
        """Whether it may be wider than a narrow page, so that keys must reach it too."""
        return self.figure.kind == "heat"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a check's table of estimates."""

    estimate: Estimate
    anchor: str
    title: str
    where: str
    gloss: str
    bar: Markup | str


@dataclass(frozen=True, slots=True)
class Section:
    """One check on the page."""

    check: CheckEntry
    anchor: str
    rows: tuple[Row, ...]
    hidden: int
    figures: tuple[Drawn, ...]
    sources: tuple[tuple[str, str | None], ...]

    @property
    def open(self) -> int:
        """How many of the numbers stand open; more than a screen holds are folded."""
        return len(self.rows) if len(self.rows) <= FOLD_FROM else FOLD_TO

    @property
    def barred(self) -> bool:
        """Whether any of the numbers has ends that a bar can show."""
        return any(row.bar for row in self.rows)

    @property
    def told(self) -> bool:
        """Whether there is more to tell than its line in the list of all checks."""
        check = self.check
        return bool(self.rows or check.findings or check.figures or check.tables)


def render_html(record: Record) -> str:
    """Return the whole page as text, in UTF-8 when written.

    Nothing in it is executed or fetched, and every text of the record is escaped.
    """
    from markupsafe import Markup

    anchors = Anchors(record)
    page = front(record, anchors)
    text = (
        _environment(Markup)
        .get_template("report.html.j2")
        .render(
            record=record,
            page=page,
            sections=_sections(record, anchors, Markup),
            limits_front=page.limits[:FRONT_LIMITS],
            limits_all=page.limits,
            folded=any(row.others for row in page.limits),
            front_open=FRONT_OPEN,
            most_others=MOST_OTHERS,
            most_rows=MOST_TABLE_ROWS,
            most_ties=MOST_TIES,
            title_of=partial(whereabouts.title_of, record),
            confidence=_confidence(record),
            settings=flat(record.settings),
            load_lines=hull.on_front(record, anchors),
            fingerprints=_fingerprints(record),
            light=Markup(palette.css(palette.LIGHT)),
            dark=Markup(palette.css(palette.DARK)),
            logo=Markup(marks.LOGO),
            symbols=Markup(marks.symbols()),
            grade_mark=Markup(marks.grade_mark(page.status)),
        )
    )
    return re.sub(r"\n\s*\n+", "\n", text)


def _environment(safe: type[Markup]) -> Environment:
    """Return the templates with what they may call; they escape all but what was drawn here."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("plimsoll.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        Status=Status,
        badge=words.BADGES.__getitem__,
        cell=cell,
        clean=words.clean,
        is_number_column=is_number_column,
        plot=partial(_plot, safe),
        plural=words.count,
        range_text=words.range_text,
        sentence=words.sentence,
        soft=partial(soft, safe),
        shape=lambda status: safe(marks.shape(status)),
        tone=marks.COLOUR.__getitem__,
        value_text=words.value_text,
        where_text=whereabouts.where_text,
    )
    return environment


def soft(safe: type[Markup], text: object) -> Markup:
    """Return a text that may break after the dots and underscores of a long name, escaped."""
    return safe(_JOINTS.sub(r"\1<wbr>", str(safe.escape(words.clean(text)))))


def cell(value: Any) -> str:
    """Write one cell of a table: numbers with four significant digits, absence as a dash."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}".replace("-", "−")
    if isinstance(value, float):
        return digits.number(value)
    return slices.said(words.clean(value))


def is_number_column(table: Table, column: int) -> bool:
    """Whether a column of a table holds numbers and nothing else but gaps."""
    values = [row[column] for row in table.rows if column < len(row) and row[column] is not None]
    numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    return bool(values) and len(numbers) == len(values)


def flat(settings: dict[str, Any], before: str = "") -> list[tuple[str, str]]:
    """Return nested settings as pairs of dotted name and text, without what was not set."""
    rows: list[tuple[str, str]] = []
    for key, value in settings.items():
        name = f"{before}{words.clean(key)}"
        if isinstance(value, dict):
            rows += flat(value, f"{name}.")
        elif value is not None and value != [] and value != "":
            text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            rows.append((name, words.clean(text)))
    return rows


def _plot(safe: type[Markup], row: LimitRow) -> Markup | str:
    line = row.line
    if line.estimate is None:
        return ""
    title = f"Measured {row.measured}, likely {row.interval}; the limit is {row.ask}."
    plot = marks.interval_plot(line.estimate, row.bound, line.status, row.safe_side, title)
    return safe(plot)


def _sections(record: Record, anchors: Anchors, safe: type[Markup]) -> list[Section]:
    sections: list[Section] = []
    budget = FIGURE_BUDGET
    for i, check in enumerate(record.checks):
        drawn: list[Drawn] = []
        for figure in check.figures:
            one, size = _draw(figure, anchors, safe, budget)
            budget -= size
            drawn.append(one)
        shown = check.estimates[:MOST_ESTIMATES]
        rows = tuple(_row(record, e, anchors.at(i, j), safe) for j, e in enumerate(shown))
        sections.append(
            Section(
                check,
                anchors.checks[i],
                rows,
                len(check.estimates) - len(shown),
                tuple(drawn),
                tuple((words.clean(s), _address(s)) for s in check.card.sources),
            )
        )
    return sections


def _draw(figure: Figure, anchors: Anchors, safe: type[Markup], budget: int) -> tuple[Drawn, int]:
    reason = charts.why_not(figure)
    if reason is None and budget <= 0:
        reason = "Not drawn, to keep this page small; the JSON record holds it."
    if reason is not None:
        return Drawn(figure, (), (), reason), 0
    drawn = drawing.pictures(figure, anchors.ids)
    pictures = tuple(Shown(safe(one.svg), one.title, one.note) for one in drawn)
    keys = tuple(Shown(safe(marks.key_mark(key.shape)), key.text) for key in charts.keys(figure))
    shown, rows = charts.shown_of(figure)
    note = f"The first {shown} of {rows} are drawn." if shown < rows else ""
    return Drawn(figure, pictures, keys, note), sum(len(one.svg) for one in drawn)


def _row(record: Record, estimate: Estimate, anchor: str, safe: type[Markup]) -> Row:
    measure = words.measure_for(record, estimate.name)
    bounded = measure.low == 0.0 and measure.high == 1.0
    bar = safe(marks.range_bar(estimate, 0.0, 1.0)) if bounded else ""
    where = whereabouts.rest_of(estimate)
    gloss = glossary.gloss(estimate.name)
    title = whereabouts.title_of(record, estimate)
    return Row(estimate, anchor, title, where, gloss, bar)


def _address(source: str) -> str | None:
    """Return a web address for a source, or None; anything but DOI and http is only text."""
    text = source.strip()
    if re.fullmatch(r"doi:10\.\d{4,9}/\S+", text):
        return f"https://doi.org/{text[4:]}"
    return text if re.fullmatch(r"https?://[^\s\"'<>]+", text) else None


def _confidence(record: Record) -> int:
    estimates = record.all_estimates()
    level = estimates[0][1].level if estimates else 0.95
    return round(100 * level)


def _fingerprints(record: Record) -> list[tuple[str, str, str]]:
    """Return what was judged: name, facts and SHA-256, one row each."""
    subject = record.subject
    model = " ".join(part for part in (subject.model.kind, subject.model.output) if part)
    rows = [("Model", f"{model}, {subject.model.origin}".strip(", "), subject.model.sha256)]
    for name, data in (("Data", subject.data), ("Reference", subject.reference)):
        if data is not None:
            facts = f"{words.count(data.rows, 'row')}, {words.count(data.columns, 'column')}"
            rows.append((name, f"{data.origin}, {facts}".strip(", "), data.sha256))
    return [(name, words.clean(facts), sha or "not taken") for name, facts, sha in rows]
