"""The grade and the one-sentence answer: the worst critical answer, never an average."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.core.finding import Status
from plimsoll.core.record import FindingEntry, GateLine, Record, Verdict
from plimsoll.reports import whereabouts, words
from plimsoll.reports.limit_rows import lines_by_limit


def grade(record: Record) -> Status:
    """Return the status to show as the grade: the verdict, or SKIPPED where nothing was checked."""
    if not record.checks and not record.gate and record.verdict is Verdict.PASS:
        return Status.SKIPPED
    return words.STATUS_OF[record.verdict]


def headline(record: Record) -> str:
    """Answer in one sentence whether the model is good enough."""
    if record.summary.get("headline"):
        return words.shorten(words.sentence(str(record.summary["headline"])), words.LONGEST_TEXT)
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
    judged = _judged(record)
    if judged:
        return f"Yes: this model meets {_all(len(judged))}."
    return "No serious fault was found, but no limits are set yet, so this is not an approval."


def _headline_fail(record: Record) -> str:
    judged = _judged(record)
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
    return "No: this model does not pass."


def _headline_unsure(record: Record) -> str:
    judged = _judged(record)
    open_ = [line for line in judged if line.status is Status.UNSURE]
    missing = [line for line in open_ if line.estimate is None]
    if open_ and len(missing) == len(open_):
        return f"Not sure yet: {_of(len(open_), len(judged))} could not be measured."
    if open_:
        return f"Not sure yet: there is too little data to settle {_of(len(open_), len(judged))}."
    return "Not sure yet: there is too little data for a safe answer."


def _headline_error(record: Record) -> str:
    broken = [check for check in record.checks if check.status is Status.ERROR]
    if broken:
        n = len(broken)
        return f"No answer yet: {n} of {words.count(len(record.checks), 'check')} broke."
    return "No answer yet: a limit could not be judged."


def _judged(record: Record) -> list[GateLine]:
    """Return the worst line of every limit that was judged: a limit holds where all its lines do."""
    worst = [lines[0] for lines in lines_by_limit(record)]
    return [line for line in worst if line.status not in words.SILENT]


def _all(n: int) -> str:
    return {1: "the one limit that is set", 2: "both limits"}.get(n, f"all {n} limits")


def _of(some: int, total: int) -> str:
    return "the one limit that is set" if total == 1 else f"{some} of the {total} limits"


def _critical(record: Record) -> Iterator[FindingEntry]:
    for check in record.checks:
        yield from (finding for finding in check.findings if finding.critical)


def because(record: Record) -> str:
    """Name what decides the grade: the worst critical answer; empty for a pass."""
    status = grade(record)
    text = _decided_by(record, status)
    counts_as = words.unsure_counts_as(record)
    if status is Status.UNSURE and counts_as != "unsure":
        text += f" The settings count an unsure answer as a {counts_as}."
    return text.strip()


def _decided_by(record: Record, status: Status) -> str:
    for line, *_ in lines_by_limit(record):
        if line.status is status and status is not Status.PASS:
            title = words.measure_for(record, words.measure_of(line)).title
            title += "" if line.estimate is None else whereabouts.of_what(line.estimate)
            title = words.shorten(title, words.LONGEST_TITLE)
            ask = words.limit_ask(line.limit, line.bound)
            return f"The worst limit decides the grade: {title}, {ask}."
    for finding in _critical(record):
        if finding.status is status and status is not Status.PASS:
            return f"The worst fault decides the grade: {words.sentence(finding.title)}"
    for check in record.checks:
        if check.status is Status.ERROR and status is Status.ERROR:
            asked = words.sentence(check.card.question or check.title)
            return f"The check that broke decides the grade: {asked}"
    return ""
