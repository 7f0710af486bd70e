"""What a person reads first, in one order for every form of report.

The order follows the one-page Model Facts label (Sendak et al. 2020, doi:10.1038/s41746-020-0253-3):
grade, answer, what it means, limits, problems with next steps, when not to rely on it, what could
not be checked. The grade is the worst critical answer and never an average.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from plimsoll.core.estimate import EVERYWHERE, Estimate
from plimsoll.core.finding import Status
from plimsoll.core.record import CheckEntry, FindingEntry, GateLine, Record, Verdict
from plimsoll.reports import cautions, words
from plimsoll.reports.anchors import Anchors

MOST_MEANS = 4
MOST_PROBLEMS = 3
LONGEST_TITLE = 90
LONGEST_TEXT = 240
SILENT = (Status.NOT_APPLICABLE, Status.SKIPPED)


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence and the place of the number behind it, if there is one."""

    text: str
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One limit held against one number, in words."""

    line: GateLine
    title: str
    gloss: str
    ask: str
    measured: str
    interval: str
    meaning: str
    anchor: str | None


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong or open, and the next step. ``anchor`` is the place of its check."""

    status: Status
    title: str
    meaning: str
    action: str
    code: str
    anchor: str | None


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
    limits = tuple(_limit_row(record, line, places) for line in record.gate)
    status = grade(record)
    return Front(
        name=words.shorten(record.subject.name, LONGEST_TITLE) or "Model without a name",
        when=words.day(record.created),
        status=status,
        facts=_facts(record),
        headline=headline(record),
        because=_because(record, status),
        means=tuple(_means(record, places)),
        limits=limits,
        problems=tuple(_problems(record, places)),
        cautions=tuple(cautions.cautions(record)),
        unchecked=tuple(_unchecked(record)),
        left_out=tuple(sorted(record.scan.left_out.items(), key=lambda item: -item[1])),
        suggested=tuple(_suggested(record)),
        evidence=tuple(_evidence(record)),
    )


def grade(record: Record) -> Status:
    """Return the status to show as the grade: the verdict, or SKIPPED where nothing was checked."""
    if not record.checks and not record.gate and record.verdict is Verdict.PASS:
        return Status.SKIPPED
    return words.STATUS_OF[record.verdict]


def headline(record: Record) -> str:
    """Answer in one sentence whether the model is good enough."""
    if record.summary.get("headline"):
        return words.shorten(words.sentence(str(record.summary["headline"])), LONGEST_TEXT)
    if not record.checks and not record.gate:
        return "Nothing was checked, so this report cannot say if the model is good enough."
    by_verdict = {
        Verdict.PASS: _headline_pass,
        Verdict.FAIL: _headline_fail,
        Verdict.UNSURE: _headline_unsure,
        Verdict.ERROR: _headline_error,
    }
    return by_verdict[record.verdict](record)


def _headline_pass(record: Record) -> str:
    judged = [line for line in record.gate if line.status not in SILENT]
    unsure = [line for line in judged if line.status is Status.UNSURE]
    if unsure:
        return (
            f"Passed by your own rule: {_of(len(unsure), len(judged))} could not be settled, and "
            "the settings count that as a pass."
        )
    if judged:
        return f"Yes: this model meets {_all(len(judged))}."
    return "No serious fault was found, but no limits are set yet, so this is not an approval."


def _headline_fail(record: Record) -> str:
    judged = [line for line in record.gate if line.status not in SILENT]
    failed = [line for line in judged if line.status is Status.FAIL]
    faults = [f for f in _critical(record) if f.status is Status.FAIL]
    if failed and faults:
        return (
            f"No: this model misses {_of(len(failed), len(judged))} and has "
            f"{words.count(len(faults), 'serious fault')} besides."
        )
    if failed:
        return f"No: this model misses {_of(len(failed), len(judged))}."
    if faults:
        return f"No: this model has {words.count(len(faults), 'serious fault')} to mend first."
    return "No: the data cannot settle the question, and the settings count that as a fail."


def _headline_unsure(record: Record) -> str:
    judged = [line for line in record.gate if line.status not in SILENT]
    open_ = [line for line in judged if line.status is Status.UNSURE]
    if open_:
        return f"Not sure yet: there is too little data to settle {_of(len(open_), len(judged))}."
    return "Not sure yet: there is too little data for a safe answer."


def _headline_error(record: Record) -> str:
    broken = [check for check in record.checks if check.status is Status.ERROR]
    if broken:
        n = len(broken)
        return f"No answer yet: {n} of {words.count(len(record.checks), 'check')} broke."
    return "No answer yet: a limit could not be judged."


def _all(n: int) -> str:
    return "the one limit that is set" if n == 1 else f"all {n} limits"


def _of(some: int, total: int) -> str:
    return "the one limit that is set" if total == 1 else f"{some} of the {total} limits"


def _critical(record: Record) -> Iterator[FindingEntry]:
    for check in record.checks:
        yield from (finding for finding in check.findings if finding.critical)


def _because(record: Record, status: Status) -> str:
    """Name what decides the grade: the worst critical answer."""
    for line in record.gate:
        if line.status is status and status is not Status.PASS:
            title = words.measure_for(record, _measure_name(line)).title
            ask = words.limit_ask(line.limit, line.bound)
            return f"The worst limit decides the grade: {title}, {ask}."
    for finding in _critical(record):
        if finding.status is status and status is not Status.PASS:
            return f"The worst fault decides the grade: {words.sentence(finding.title)}"
    for check in record.checks:
        if check.status is Status.ERROR and status is Status.ERROR:
            return f"The check that broke decides the grade: {words.sentence(check.title)}"
    return ""


def _facts(record: Record) -> str:
    subject = record.subject
    task = {
        "binary": "Yes-or-no model",
        "multiclass": f"Model with {len(subject.classes)} classes",
        "regression": "Model that predicts a number",
    }.get(subject.task, words.clean(subject.task))
    rows = record.scan.rows_used or record.scan.rows or subject.data.rows
    parts = [task, f"judged on {words.count(rows, 'row')}"]
    if subject.reference is not None:
        parts.append(f"compared with {words.count(subject.reference.rows, 'earlier row')}")
    return ", ".join(parts)


def _measure_name(line: GateLine) -> str:
    if line.estimate is None:
        parts = line.limit.split(".")
        return parts[-2] if len(parts) > 1 else line.limit
    return line.estimate.where.metric or line.estimate.name


def _limit_row(record: Record, line: GateLine, places: Anchors) -> LimitRow:
    name = _measure_name(line)
    measure = words.measure_for(record, name)
    estimate = line.estimate
    title = measure.title[:1].upper() + measure.title[1:]
    if estimate is not None:
        title += _of_what(estimate)
    meaning = words.sentence(line.meaning)
    if line.reason:
        meaning = f"{meaning} {words.sentence(line.reason)}".strip()
    return LimitRow(
        line=line,
        title=words.shorten(title, LONGEST_TITLE),
        gloss=words.gloss(name),
        ask=words.limit_ask(line.limit, line.bound),
        measured="not measured" if estimate is None else words.value_text(estimate),
        interval="" if estimate is None else words.range_text(estimate),
        meaning=words.shorten(meaning, LONGEST_TEXT),
        anchor=places.of(estimate),
    )


def _of_what(estimate: Estimate) -> str:
    """Say behind a measure's title what the estimate is of, where it is not of the whole."""
    where = estimate.where
    text = words.where_text(replace(where, metric=None, model=None))
    against = f", against {words.clean(where.model)}" if where.model and where.metric else ""
    return against + (f" ({text})" if text else "")


def _means(record: Record, places: Anchors) -> Iterator[Said]:
    """Yield up to four plain sentences: measures that have a limit first, then in card order."""
    gated = {_measure_name(line) for line in record.gate}
    found: list[tuple[bool, int, Said]] = []
    seen: set[str] = set()
    for _, estimate in record.all_estimates():
        if estimate.where != EVERYWHERE or estimate.name in seen:
            continue
        text = words.say(words.measure_for(record, estimate.name), estimate)
        if text:
            seen.add(estimate.name)
            place = places.of(estimate)
            found.append((estimate.name not in gated, len(found), Said(text, place)))
    yield from (said for _, _, said in sorted(found, key=lambda item: item[:2])[:MOST_MEANS])


def _problems(record: Record, places: Anchors) -> list[Problem]:
    """Return the three worst: broken checks, then faults, missed limits, open questions."""
    ranked: list[tuple[int, Problem]] = []
    # A critical finding says the same as a limit on its number; it is said once.
    covered: set[Estimate] = set()
    for check, place in zip(record.checks, places.checks, strict=True):
        if check.status is Status.ERROR:
            ranked.append((0, _broken(check, place)))
        for finding in check.findings:
            rank = {Status.FAIL: (3, 1), Status.UNSURE: (5, 4)}.get(finding.status)
            if rank is None:
                continue
            covered.update(check.estimates[i] for i in finding.estimates if finding.critical)
            ranked.append((rank[finding.critical], _from_finding(check, finding, place)))
    for lines in _alike(record.gate, covered):
        rank_line = {Status.ERROR: 0, Status.FAIL: 2}.get(lines[0].status, 4)
        ranked.append((rank_line, _from_lines(record, lines, places)))
    ranked.sort(key=lambda item: item[0])
    return [problem for _, problem in ranked[:MOST_PROBLEMS]]


def _alike(gate: Iterable[GateLine], covered: set[Estimate]) -> list[list[GateLine]]:
    """Group the lines of one limit that have one trouble, the furthest from the bound first."""
    groups: dict[tuple[str, Status], list[GateLine]] = {}
    for line in gate:
        if line.status in (Status.ERROR, Status.FAIL, Status.UNSURE):
            if line.estimate is None or line.estimate not in covered:
                groups.setdefault((line.limit, line.status), []).append(line)
    return [sorted(lines, key=_distance, reverse=True) for lines in groups.values()]


def _distance(line: GateLine) -> float:
    return 0.0 if line.estimate is None else abs(line.estimate.value - line.bound)


def _broken(check: CheckEntry, place: str) -> Problem:
    return Problem(
        Status.ERROR,
        words.sentence(f"The check “{words.shorten(check.title, LONGEST_TITLE)}” broke"),
        words.shorten(words.sentence(check.reason or "It gave no reason"), LONGEST_TEXT),
        "Run it again; if it breaks again, report it with the code of the check.",
        check.code,
        place,
    )


def _from_finding(check: CheckEntry, finding: FindingEntry, place: str) -> Problem:
    where = words.where_text(finding.where)
    title = words.clean(finding.title).rstrip(".")
    return Problem(
        finding.status,
        words.shorten(words.sentence(f"{title} ({where})" if where else title), LONGEST_TEXT),
        words.shorten(words.sentence(finding.meaning), LONGEST_TEXT),
        words.shorten(words.sentence(finding.action), LONGEST_TEXT),
        check.code,
        place,
    )


def _from_lines(record: Record, lines: list[GateLine], places: Anchors) -> Problem:
    line = lines[0]
    title = words.measure_for(record, _measure_name(line)).title
    title += "" if line.estimate is None else _of_what(line.estimate)
    title = words.shorten(title, LONGEST_TITLE)
    ask = words.limit_ask(line.limit, line.bound)
    others = f"; so do {len(lines) - 1} more" if len(lines) > 1 else ""
    place = places.of(line.estimate)
    said = {
        Status.FAIL: f"{title} misses its limit: {ask}{others}",
        Status.UNSURE: f"{title} is not settled: {ask}{others.replace('so do', 'nor are')}",
    }.get(line.status, f"{title} could not be judged")
    return Problem(
        line.status,
        words.sentence(said),
        words.shorten(words.sentence(line.meaning or line.reason or ""), LONGEST_TEXT),
        _next_step(line),
        "" if place is None else place.split("-", 1)[0],
        place,
    )


def _next_step(line: GateLine) -> str:
    if line.status is Status.FAIL:
        return "Improve the model and check again, or ask the owner of the limit if it is right."
    if line.status is Status.ERROR:
        return "See why it could not be judged, mend that, and check again."
    if line.rows_needed:
        return f"Collect about {line.rows_needed:,} rows with labels in all, then check again."
    return "Collect more rows with labels, or ask the owner if a wider limit would do."


def _unchecked(record: Record) -> Iterator[Unchecked]:
    for check in record.checks:
        if check.status in (*SILENT, Status.ERROR):
            why = words.shorten(words.sentence(check.reason or "No reason was given"), LONGEST_TEXT)
            question = words.shorten(check.card.question or check.title, LONGEST_TEXT)
            yield Unchecked(check.status, question, why, check.code)
    for line in record.gate:
        if line.status in (*SILENT, Status.ERROR):
            why = words.sentence(line.reason or line.meaning or "No reason was given")
            limit = f"The limit {words.shorten(line.limit, LONGEST_TITLE)}"
            yield Unchecked(line.status, limit, words.shorten(why, LONGEST_TEXT), "")


def _suggested(record: Record) -> Iterator[tuple[str, str, str]]:
    for item in record.summary.get("suggested_limits") or ():
        if isinstance(item, dict) and "limit" in item:
            value: Any = item.get("value", "")
            shown = words.number(float(value)) if isinstance(value, int | float) else str(value)
            why = words.sentence(str(item.get("why", "")))
            yield words.clean(item["limit"]), words.clean(shown), why


def _evidence(record: Record) -> Iterator[str]:
    for key in ("joint_power", "reuse"):
        if record.summary.get(key):
            yield words.sentence(str(record.summary[key]))
    for text in record.summary.get("minimum_detectable") or ():
        yield words.sentence(str(text))
