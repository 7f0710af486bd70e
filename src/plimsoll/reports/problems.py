"""The worst problems of a run, each with its next step."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Status
from plimsoll.core.record import CheckEntry, FindingEntry, GateLine, Record
from plimsoll.reports import whereabouts, words
from plimsoll.reports.anchors import Anchors
from plimsoll.reports.limit_rows import lines_by_limit

MOST_PROBLEMS = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong or open, and the next step. ``anchor`` is the place of its check.

    ``advice`` is true where it did not change the grade: no limit and no critical fault.
    """

    status: Status
    title: str
    meaning: str
    action: str
    code: str
    anchor: str | None
    advice: bool = False


def worst_problems(record: Record, places: Anchors) -> list[Problem]:
    """Return the three worst: broken checks, faults and missed limits, open questions, then advice.

    Of equally bad ones every check has its first before any has its second.
    """
    ranked: list[tuple[int, int, Problem]] = []
    # A critical finding says the same as a limit on its number; it is said once.
    covered: set[Estimate] = set()
    for check, place in zip(record.checks, places.checks, strict=True):
        if check.status is Status.ERROR:
            ranked.append((0, 0, _broken(check, place)))
        said: Counter[int] = Counter()
        for finding in check.findings:
            rank = {Status.FAIL: (4, 1), Status.UNSURE: (5, 3)}.get(finding.status)
            if rank is None:
                continue
            covered.update(check.estimates[i] for i in finding.estimates if finding.critical)
            bad = rank[finding.critical]
            ranked.append((bad, said[bad], _from_finding(check, finding, place)))
            said[bad] += 1
    for lines in _alike(record, covered):
        rank_line = {Status.ERROR: 0, Status.FAIL: 2}.get(lines[0].status, 3)
        ranked.append((rank_line, 0, _from_lines(record, lines, places)))
    ranked.sort(key=lambda item: item[:2])
    return [problem for _, _, problem in ranked[:MOST_PROBLEMS]]


def _alike(record: Record, covered: set[Estimate]) -> list[list[GateLine]]:
    """Group the lines of one limit that have one trouble, the furthest beyond the bound first."""
    groups: dict[tuple[str, float, Status], list[GateLine]] = {}
    for lines in lines_by_limit(record):
        for line in lines:
            known = line.estimate is not None and line.estimate in covered
            if line.status in (Status.ERROR, Status.FAIL, Status.UNSURE) and not known:
                groups.setdefault((line.limit, line.bound, line.status), []).append(line)
    return list(groups.values())


def _broken(check: CheckEntry, place: str) -> Problem:
    return Problem(
        Status.ERROR,
        words.sentence(f"The check “{words.shorten(check.title, words.LONGEST_TITLE)}” broke"),
        words.shorten(words.sentence(check.reason or "It gave no reason"), words.LONGEST_TEXT),
        "Run it again; if it breaks again, report it with the code of the check.",
        check.code,
        place,
    )


def _from_finding(check: CheckEntry, finding: FindingEntry, place: str) -> Problem:
    where = whereabouts.where_text(finding.where)
    title = words.clean(finding.title).rstrip(".")
    return Problem(
        finding.status,
        words.shorten(words.sentence(f"{title} ({where})" if where else title), words.LONGEST_TEXT),
        words.shorten(words.sentence(finding.meaning), words.LONGEST_TEXT),
        words.shorten(words.sentence(finding.action), words.LONGEST_TEXT),
        check.code,
        place,
        advice=not finding.critical,
    )


def _from_lines(record: Record, lines: list[GateLine], places: Anchors) -> Problem:
    line = lines[0]
    title = words.measure_for(record, words.measure_of(line)).title
    title += "" if line.estimate is None else whereabouts.of_what(line.estimate)
    title = words.shorten(title, words.LONGEST_TITLE)
    ask = words.limit_ask(line.limit, line.bound)
    left = len(lines) - 1
    so, nor = ("so does", "nor is") if left == 1 else ("so do", "nor are")
    others = f"; {so} {left} more" if left else ""
    place = places.of(line.estimate)
    said = {
        Status.FAIL: f"{title} misses its limit: {ask}{others}",
        Status.UNSURE: f"{title} is not settled: {ask}{others.replace(so, nor)}",
    }.get(line.status, f"{title} could not be judged")
    if line.estimate is None:
        said = f"{title} could not be measured"
    return Problem(
        line.status,
        words.sentence(said),
        words.shorten(_meaning(record, line), words.LONGEST_TEXT),
        _next_step(line),
        "" if place is None else place.split("-", 1)[0],
        place,
    )


def _meaning(record: Record, line: GateLine) -> str:
    """Say a missed or open limit in counts of people where its measure has such a sentence."""
    estimate = line.estimate
    if estimate is None:
        return words.line_alone(line)
    plain = ""
    if not (estimate.where.metric or estimate.where.label):
        plain = words.say(words.measure_for(record, estimate.name), estimate)
    if not plain:
        value, interval = words.value_text(estimate), words.range_text(estimate)
        plain = f"Measured {value}, likely {interval}."
    return f"{plain} {words.line_beside(line)}".strip()


def _next_step(line: GateLine) -> str:
    if line.status is Status.FAIL:
        return "Improve the model and check again, or ask the owner of the limit if it is right."
    if line.status is Status.ERROR:
        return "See why it could not be judged, mend that, and check again."
    if line.estimate is None:
        return "Give what is missing, or take this limit out."
    if line.rows_needed:
        rows = words.rows_about(line.rows_needed)
        return f"Collect about {rows} with labels in all, then check again."
    return "Collect more rows with labels, or ask the owner if a wider limit would do."
