"""The record as JUnit XML, for build servers: one suite a run, a case for every limit and check.

The form is valid against both schemas in common use, the one of Apache Ant's task (as published by
Windy Road, https://github.com/windyroad/JUnit-Schema) and junit-10 of the Jenkins xUnit plugin
(https://github.com/jenkinsci/xunit-plugin). A check fails its case only where it decides the
verdict; what merely informs stands in the output of the suite.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree

from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Status
from plimsoll.core.record import CheckEntry, GateLine, Record
from plimsoll.reports import whereabouts, words
from plimsoll.reports.answer import headline


@dataclass(frozen=True, slots=True)
class _Case:
    name: str
    group: str
    seconds: float
    status: Status
    message: str
    text: str


def render_junit(record: Record) -> str:
    """Return the record as one JUnit XML document."""
    unsure_passes = words.unsure_counts_as(record) == "pass"
    cases = [*map(_of_line, record.gate), *map(_of_check, record.checks)]
    tags = [_tag(case.status, unsure_passes) for case in cases]
    root = ElementTree.Element("testsuites")
    suite = ElementTree.SubElement(root, "testsuite", _suite(record, tags))
    properties = ElementTree.SubElement(suite, "properties")
    for name, value in _properties(record):
        ElementTree.SubElement(
            properties, "property", name=words.clean(name), value=words.clean(value)
        )
    for case, tag in zip(cases, tags, strict=True):
        _add(suite, case, tag)
    out = ElementTree.SubElement(suite, "system-out")
    out.text = "\n".join(map(words.clean, _output(record)))
    ElementTree.SubElement(suite, "system-err")
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _tag(status: Status, unsure_passes: bool) -> str | None:
    if status is Status.UNSURE:
        return None if unsure_passes else "failure"
    return {
        Status.FAIL: "failure",
        Status.ERROR: "error",
        Status.NOT_APPLICABLE: "skipped",
        Status.SKIPPED: "skipped",
    }.get(status)


def _suite(record: Record, tags: list[str | None]) -> dict[str, str]:
    seconds = record.scan.seconds + sum(check.seconds for check in record.checks)
    timestamp = _timestamp(record.created)
    return {
        "name": words.shorten(record.subject.name, 200) or "model",
        "package": "plimsoll",
        "id": "0",
        "hostname": "localhost",
        **({"timestamp": timestamp} if timestamp else {}),
        "tests": str(len(tags)),
        "failures": str(tags.count("failure")),
        "errors": str(tags.count("error")),
        "skipped": str(tags.count("skipped")),
        "time": f"{seconds:.3f}",
    }


def _timestamp(created: str) -> str | None:
    """Return the moment as the schemas ask for it: UTC, whole seconds, no zone; None if unreadable."""
    try:
        moment = datetime.fromisoformat(created.replace("Z", "+00:00"))
    except ValueError:
        return None
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def _properties(record: Record) -> Iterator[tuple[str, str]]:
    yield "verdict", record.verdict.value
    yield "plimsoll", record.plimsoll
    yield "rows", str(record.scan.rows_used or record.scan.rows)
    for check, estimate in record.all_estimates():
        yield f"{check.code}.{whereabouts.estimate_name(estimate)}", _exact(estimate)


def _exact(estimate: Estimate) -> str:
    unit = f" {estimate.unit}" if estimate.unit else ""
    return (
        f"{estimate.value:.12g}{unit} [{estimate.low:.12g}, {estimate.high:.12g}] "
        f"level={estimate.level:g} n={estimate.n} {estimate.method}"
    )


def _of_line(line: GateLine) -> _Case:
    text = words.line_alone(line)
    if line.estimate is not None:
        text += f"\n{_exact(line.estimate)}"
    if line.rows_needed and "settle" not in text:
        text += f"\nAbout {words.rows_about(line.rows_needed)} would settle it."
    message = line.meaning or line.reason or ""
    if line.status in (*words.SILENT, Status.ERROR):
        message = line.reason or line.meaning
    return _Case(whereabouts.line_name(line), "plimsoll.gate", 0.0, line.status, message, text)


def _of_check(check: CheckEntry) -> _Case:
    status = words.deciding(check)
    deciding = [f for f in check.findings if f.critical and f.status is status]
    message = check.reason or (deciding[0].title if deciding else check.card.question)
    text = "\n".join(
        f"{words.sentence(f.title)} {words.sentence(f.meaning)} Next step: {words.sentence(f.action)}"
        for f in deciding
    )
    name = f"{check.code} {words.clean(check.title)}"
    return _Case(name, "plimsoll.checks", check.seconds, status, message, text)


def _add(suite: ElementTree.Element, case: _Case, tag: str | None) -> None:
    attributes = {"name": case.name, "classname": case.group, "time": f"{case.seconds:.3f}"}
    element = ElementTree.SubElement(suite, "testcase", attributes)
    if tag is None:
        return
    result = ElementTree.SubElement(element, tag, message=words.clean(case.message))
    if tag != "skipped":
        result.set("type", case.status.value.lower())
        result.text = "\n".join(map(words.clean, case.text.split("\n")))


def _output(record: Record) -> Iterator[str]:
    yield headline(record)
    for check in record.checks:
        for finding in check.findings:
            if not finding.critical and finding.status in (Status.FAIL, Status.UNSURE):
                word = words.BADGES[finding.status].word
                said = f"{words.sentence(finding.title)} {words.sentence(finding.meaning)}"
                yield f"{check.code} informs, {word}: {said}"
