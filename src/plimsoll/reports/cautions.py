"""When not to rely on a result: sentences that follow from the facts of the run."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from plimsoll.core.record import Record
from plimsoll.reports import digits, words

MOST_CAUTIONS = 6
MOST_NAMED = 4


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
    groups = _columns_of_groups(record)
    if not groups:
        yield "For one group alone: only the whole was judged, and a group can fare worse."
    elif len(groups) <= MOST_NAMED:
        named = " and ".join(filter(None, (", ".join(groups[:-1]), groups[-1])))
        yield f"For groups of another kind: only those by {named} were judged."
    columns = record.subject.columns
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


def _columns_of_groups(record: Record) -> list[str]:
    """Return the columns by which groups were judged: those of the numbers, not of the settings."""
    found = (
        words.shorten(column, 40)
        for _, estimate in record.all_estimates()
        for column, _ in estimate.where.slice
    )
    return list(dict.fromkeys(found))
