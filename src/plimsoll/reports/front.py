"""What a person reads first, in one order for every form of report.

The order follows the one-page Model Facts label (Sendak et al. 2020, doi:10.1038/s41746-020-0253-3):
grade, answer, what it means, limits, problems with next steps, when not to rely on it, what could
not be checked. The grade is the worst critical answer and never an average.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from plimsoll.core.estimate import EVERYWHERE
from plimsoll.core.finding import Status
from plimsoll.core.record import Record
from plimsoll.reports import answer, cautions, digits, words
from plimsoll.reports.anchors import Anchors
from plimsoll.reports.limit_rows import WORST_FIRST, LimitRow, limit_rows
from plimsoll.reports.problems import Problem, worst_problems

MOST_MEANS = 4


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence and the place of the number behind it, if there is one."""

    text: str
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A question that has no answer in this run, and why."""

    status: Status
    question: str
    why: str
    code: str


@dataclass(frozen=True, slots=True)
class Front:
    """All that stands on the front page."""

    name: str
    when: str
    status: Status
    facts: str
    headline: str
    because: str
    means: tuple[Said, ...]
    limits: tuple[LimitRow, ...]
    problems: tuple[Problem, ...]
    cautions: tuple[str, ...]
    unchecked: tuple[Unchecked, ...]
    left_out: tuple[tuple[str, int], ...]
    suggested: tuple[tuple[str, str, str], ...]
    evidence: tuple[str, ...]


def front(record: Record, anchors: Anchors | None = None) -> Front:
    """Return what the front page says of a record, in order."""
    places = Anchors(record) if anchors is None else anchors
    status = answer.grade(record)
    return Front(
        name=words.shorten(record.subject.name, words.LONGEST_TITLE) or "Model without a name",
        when=words.day(record.created),
        status=status,
        facts=_facts(record),
        headline=answer.headline(record),
        because=answer.because(record),
        means=tuple(_means(record, places)),
        limits=limit_rows(record, places),
        problems=tuple(worst_problems(record, places)),
        cautions=tuple(cautions.cautions(record)),
        unchecked=tuple(
            sorted(_unchecked(record), key=lambda item: WORST_FIRST.index(item.status))
        ),
        left_out=tuple(sorted(record.scan.left_out.items(), key=lambda item: -item[1])),
        suggested=tuple(_suggested(record)),
        evidence=tuple(_evidence(record)),
    )


def _facts(record: Record) -> str:
    subject = record.subject
    task = {
        "binary": "Yes-or-no model",
        "multiclass": f"Model with {len(subject.classes)} classes",
        "regression": "Model that predicts a number",
        "none": "Table without a model",
    }.get(subject.task, words.clean(subject.task))
    rows = record.scan.rows_used or record.scan.rows or subject.data.rows
    parts = [task, f"judged on {words.count(rows, 'row')}"]
    if subject.reference is not None:
        parts.append(f"compared with {words.count(subject.reference.rows, 'earlier row')}")
    return ", ".join(parts)


def _means(record: Record, places: Anchors) -> Iterator[Said]:
    """Yield up to four plain sentences: measures with a limit, then how good the answers are."""
    gated = {words.measure_of(line) for line in record.gate}
    found: list[tuple[bool, bool, int, Said]] = []
    seen: set[str] = set()
    for check, estimate in record.all_estimates():
        if estimate.where != EVERYWHERE or estimate.name in seen:
            continue
        text = words.say(words.measure_for(record, estimate.name), estimate)
        if text:
            seen.add(estimate.name)
            rank = (
                estimate.name not in gated,
                check.card.area not in ("", "performance"),
                len(found),
            )
            found.append((*rank, Said(text, places.of(estimate))))
    yield from (said for *_, said in sorted(found, key=lambda item: item[:3])[:MOST_MEANS])


def _unchecked(record: Record) -> Iterator[Unchecked]:
    for check in record.checks:
        if check.status in (Status.SKIPPED, Status.ERROR):
            why = words.shorten(
                words.sentence(check.reason or "No reason was given"), words.LONGEST_TEXT
            )
            question = words.shorten(check.card.question or check.title, words.LONGEST_TEXT)
            yield Unchecked(check.status, question, why, check.code)
    for line in record.gate:
        unmeasured = line.estimate is None and line.status is Status.UNSURE
        if unmeasured or line.status in (*words.SILENT, Status.ERROR):
            why = words.sentence(line.reason or line.meaning or "No reason was given")
            limit = f"The limit {words.shorten(line.limit, words.LONGEST_TITLE)}"
            yield Unchecked(line.status, limit, words.shorten(why, words.LONGEST_TEXT), "")


def _suggested(record: Record) -> Iterator[tuple[str, str, str]]:
    for item in record.summary.get("suggested_limits") or ():
        if isinstance(item, dict) and "limit" in item:
            value: Any = item.get("value", "")
            shown = digits.number(float(value)) if isinstance(value, int | float) else str(value)
            why = words.sentence(str(item.get("why", "")))
            yield words.clean(item["limit"]), words.clean(shown), why


def _evidence(record: Record) -> Iterator[str]:
    for key in ("joint_power", "reuse"):
        if record.summary.get(key):
            yield words.sentence(str(record.summary[key]))
    for text in record.summary.get("minimum_detectable") or ():
        yield words.sentence(str(text))
