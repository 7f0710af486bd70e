"""When not to rely on a result: sentences that follow from the facts of the run."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from plimsoll.core.record import Record
from plimsoll.reports import digits, words

MOST_CAUTIONS = 6


def cautions(record: Record) -> list[str]:
    """Return up to six sentences, the most general first.

    Each one follows from a fact in the record: how many rows, which columns were named, where the
    decisions come from, what was left out. None is advice that would fit any model.
    """
    return list(islice(_all(record), MOST_CAUTIONS))


def _all(record: Record) -> Iterator[str]:
    rows = record.scan.rows_used or record.scan.rows or record.subject.data.rows
    if rows:
        yield f"For cases unlike the {words.count(rows, 'row')} that were judged here."
    yield from _about_people(record)
    yield from _about_scores(record)
    yield from _about_rows(record)


def _about_people(record: Record) -> Iterator[str]:
    columns = record.subject.columns
    if not columns.get("sensitive") and not columns.get("slice_by"):
        yield "For one group alone: only the whole was judged, and a group can fare worse."
    if record.subject.reference is None:
        yield "To say what has changed: there was no earlier data to compare with."
    if not columns.get("time"):
        yield "For next year: no time column was named, so nothing here shows how it ages."


def _about_scores(record: Record) -> Iterator[str]:
    subject = record.subject
    if subject.score_kind == "ranking":
        yield "As a percentage: its scores put cases in order and are not chances."
    if subject.threshold is not None:
        cut = digits.number(subject.threshold)
        yield f"With another cut-off: yes and no were split at a score of {cut}."


def _about_rows(record: Record) -> Iterator[str]:
    left = sum(record.scan.left_out.values())
    if left:
        which = "one row that was" if left == 1 else f"{left:,} rows that were"
        yield f"For rows like the {which} left out of this check."
    if not record.subject.columns.get("group"):
        yield (
            "If rows belong together, such as one customer twice: no group column was named, "
            "so the ranges would be too narrow."
        )
