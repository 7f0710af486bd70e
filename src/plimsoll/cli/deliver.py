"""Where reports go: checked before the work, written whole after it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plimsoll.cli import voice
from plimsoll.cli.inputs import inputs_of, refuse_inputs
from plimsoll.core.errors import SettingsError

if TYPE_CHECKING:
    from plimsoll.api import Record, Settings

STANDARD_OUTPUT = "-"
SUMMARY = "GITHUB_STEP_SUMMARY"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One report in one form, to a file or to standard output (``-``)."""

    form: str
    place: str

    @property
    def to_standard_output(self) -> bool:
        """Whether it goes to standard output."""
        return self.place == STANDARD_OUTPUT


def deliveries(places: Iterable[tuple[str, str | None]]) -> tuple[Delivery, ...]:
    """Return the reports asked for as ``(form, place)``, after making sure that each can be written.

    Raises
    ------
    SettingsError
        If two go to one place.
    OutputError
        If a place cannot be written to; nothing has been read by then.
    """
    from plimsoll.records.store import check_writable

    asked = tuple(Delivery(form, place) for form, place in places if place is not None)
    taken: dict[str, str] = {}
    for one in asked:
        place = one.place if one.to_standard_output else os.path.realpath(one.place)
        if place in taken:
            name = "standard output" if one.to_standard_output else f"'{one.place}'"
            raise SettingsError(
                f"Each report needs a place of its own; {taken[place]} and {one.form} both go to "
                f"{name}. Give one of them another."
            )
        taken[place] = one.form
        if not one.to_standard_output:
            check_writable(Path(one.place))
    return asked


def of_settings(settings: Settings, *files: Path | str | None) -> tuple[Delivery, ...]:
    """Return the reports that the settings ask for; the ledger's place is checked with them.

    ``files`` are the settings and policy files that were read, which no report may replace.
    """
    report = settings.report
    places = (
        ("json", report.json_),
        ("html", report.html),
        ("markdown", report.markdown),
        ("junit", report.junit),
        ("sarif", report.sarif),
        ("svg", report.svg),
    )
    written = [place for _, place in places if place not in (None, STANDARD_OUTPUT)]
    ledger = settings.run.ledger
    refuse_inputs(
        [str(place) for place in (*written, ledger) if place is not None],
        inputs_of(settings, *files),
    )
    if ledger is not None:
        from plimsoll.records.store import check_writable

        check_writable(Path(ledger))
    return deliveries(places)


def summary_place(github: bool) -> Path | None:
    """Return the file for GitHub's step summary where ``--github`` asks for it.

    Raises
    ------
    SettingsError
        If ``--github`` was given where no such file is named: not inside a GitHub job.
    """
    if not github:
        return None
    place = os.environ.get(SUMMARY)
    if not place:
        raise SettingsError(
            f"--github writes to the file that ${SUMMARY} names, and it names none; "
            "leave it out outside a GitHub job, or use --markdown FILE."
        )
    from plimsoll.records.store import check_writable

    check_writable(Path(place))
    return Path(place)


def drawable(record: Record, asked: Iterable[Delivery]) -> tuple[Delivery, ...]:
    """Return the reports that this record has something for; a picture without load lines is told.

    A run whose checks measured none must still say its verdict.
    """
    from plimsoll.reports.load_lines import of_record

    found = tuple(asked)
    if of_record(record) is not None:
        return found
    for one in found:
        if one.form == "svg":
            voice.tell(
                f"No picture was written to {one.place}: no check of this run measured a load line; run "
                "'plimsoll stress' with a model that can be asked."
            )
    return tuple(one for one in found if one.form != "svg")


def deliver(record: Record, asked: Iterable[Delivery], *, quiet: bool = False) -> None:
    """Write every report, each whole or not at all, and say where it is."""
    for one in asked:
        if one.to_standard_output:
            voice.answer(record.render(one.form))
            continue
        record.write(one.place, one.form)
        if not quiet:
            voice.tell(f"{_NAMES.get(one.form, one.form)} written to {one.place}")


def deliver_github(record: Record, summary: Path, *, standard_output: bool) -> None:
    """Append the summary to GitHub's file and print the annotations."""
    from plimsoll.core.errors import OutputError
    from plimsoll.reports.github import github_annotations, github_summary

    try:
        with summary.open("a", encoding="utf-8") as file:
            file.write(github_summary(record))
    except OSError as error:
        raise OutputError(
            f"The step summary was expected to be written to '{summary}': {error.strerror}."
        ) from None
    say = voice.answer if standard_output else voice.aside
    say(github_annotations(record))


def show(record: Record, *, standard_output: bool) -> None:
    """Print the report for a terminal, on standard output or standard error."""
    from plimsoll.reports.terminal import render_terminal

    stream = sys.stdout if standard_output else sys.stderr
    voice.draw(lambda console: render_terminal(record, console), stream)


_NAMES = {
    "json": "Record",
    "html": "Report",
    "markdown": "Comment",
    "junit": "JUnit XML",
    "sarif": "SARIF",
    "svg": "Picture",
}
