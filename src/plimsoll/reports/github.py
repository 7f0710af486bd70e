"""The record inside a GitHub job: the step summary and the annotations on its run.

Annotations are workflow commands on standard output; their escapes are those of the runner
(https://docs.github.com/actions/reference/workflow-commands-for-github-actions). GitHub shows ten
errors, ten warnings and ten notices of one step, so the worst come first and the rest are counted.
"""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.core.finding import Status
from plimsoll.core.record import Record
from plimsoll.reports import whereabouts, words
from plimsoll.reports.anchors import Anchors
from plimsoll.reports.front import front
from plimsoll.reports.limit_rows import limit_rows
from plimsoll.reports.markdown import render_markdown

SUMMARY_BYTES = 1_000_000
MOST_OF_A_KIND = 10


def github_summary(record: Record) -> str:
    """Return the text for the file that ``$GITHUB_STEP_SUMMARY`` names (at most one megabyte)."""
    return render_markdown(record, limit=SUMMARY_BYTES)


def github_annotations(record: Record) -> str:
    """Return ``::error``, ``::warning`` and ``::notice`` lines, the verdict first."""
    page = front(record)
    level = _level(page.status, record)
    lines = [_command(level, f"Plimsoll: {words.BADGES[page.status].word}", page.headline)]
    shown = {"error": 0, "warning": 0, "notice": 0}
    shown[level] = 1
    left = 0
    for status, title, message in _said(record):
        level = _level(status, record)
        # One notice is kept free for the count of those that are left out.
        if shown[level] >= MOST_OF_A_KIND - (level == "notice"):
            left += 1
            continue
        shown[level] += 1
        lines.append(_command(level, title, message))
    if left:
        lines.append(
            _command("notice", "Plimsoll", f"{words.more(left)} in the summary of this step.")
        )
    return "\n".join(lines) + "\n"


def render_github(record: Record) -> str:
    """Return annotations and summary together, as one text for standard output."""
    return f"{github_annotations(record)}\n{github_summary(record)}"


def _said(record: Record) -> Iterator[tuple[Status, str, str]]:
    for row in limit_rows(record, Anchors(record)):
        line = row.line
        if line.status in (Status.FAIL, Status.UNSURE, Status.ERROR):
            said = f"{words.line_alone(line)} {row.more}".strip()
            yield line.status, whereabouts.line_name(line), said
    for check in record.checks:
        if check.status is Status.ERROR:
            reason = words.sentence(check.reason or "It gave no reason")
            yield Status.ERROR, f"{check.code} {check.title}", f"This check broke. {reason}"
        for finding in check.findings:
            if finding.status in (Status.FAIL, Status.UNSURE):
                said = f"{words.sentence(finding.title)} {words.sentence(finding.meaning)} "
                said += f"Next step: {words.sentence(finding.action)}"
                status = finding.status if finding.critical else Status.NOT_APPLICABLE
                yield status, f"{check.code} {check.title}", said


def _level(status: Status, record: Record) -> str:
    """Return the level of an annotation; what only informs is a notice."""
    unsure = {"fail": "error", "pass": "notice"}.get(words.unsure_counts_as(record), "warning")
    levels = {Status.FAIL: "error", Status.ERROR: "error", Status.UNSURE: unsure}
    return levels.get(status, "notice")


def _command(level: str, title: str, message: str) -> str:
    return f"::{level} title={_property(words.shorten(title, 120))}::{_data(words.clean(message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
