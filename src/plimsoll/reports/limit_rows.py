"""The limits in words: one row a limit, and below its worst line the others of the same limit.

A limit on slices or columns can hold for many of them; forty rows that repeat one limit would hide
the rest, so the worst speaks for all and the others are counted and folded.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from plimsoll.core.finding import Status
from plimsoll.core.record import GateLine, Record
from plimsoll.reports import glossary, whereabouts, words
from plimsoll.reports.anchors import Anchors

WORST_FIRST = (
    Status.ERROR, Status.FAIL, Status.UNSURE, Status.PASS, Status.SKIPPED, Status.NOT_APPLICABLE,
)  # fmt: skip
_COUNTED = {
    Status.ERROR: ("error", "errors"),
    Status.FAIL: ("fails", "fail"),
    Status.UNSURE: ("is unsure", "are unsure"),
    Status.PASS: ("passes", "pass"),
    Status.SKIPPED: ("is skipped", "are skipped"),
    Status.NOT_APPLICABLE: ("does not apply", "do not apply"),
}


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One limit held against one number, in words; ``others`` are its lines that are less bad."""

    line: GateLine
    title: str
    gloss: str
    ask: str
    bound: float
    safe_side: str | None
    measured: str
    interval: str
    meaning: str
    anchor: str | None
    of: str = ""
    others: tuple[LimitRow, ...] = field(default=())

    @property
    def more(self) -> str:
        """How many others there are and what became of them: ``And 3 more: 1 fails, 2 pass.``"""
        if not self.others:
            return ""
        found = [row.line.status for row in self.others]
        parts = [
            f"{found.count(status)} {_COUNTED[status][found.count(status) > 1]}"
            for status in WORST_FIRST
            if status in found
        ]
        return f"And {len(found)} more: {', '.join(parts)}."


def lines_by_limit(record: Record) -> list[list[GateLine]]:
    """Return the lines of the gate limit by limit, in each the worst first.

    The limits keep their order. Lines of one name and one bound are one limit.
    """
    groups: dict[tuple[str, float], list[GateLine]] = {}
    for line in record.gate:
        groups.setdefault((line.limit, line.bound), []).append(line)
    return [
        sorted(lines, key=lambda line: (WORST_FIRST.index(line.status), -badness(record, line)))
        for lines in groups.values()
    ]


def badness(record: Record, line: GateLine) -> float:
    """Return how far an estimate lies beyond its bound; less than 0 on the safe side."""
    if line.estimate is None:
        return 0.0
    bound, side = words.bound_of(record, line)
    apart = line.estimate.value - bound
    return -apart if side == "above" else apart if side == "below" else abs(apart)


def limit_rows(record: Record, anchors: Anchors) -> tuple[LimitRow, ...]:
    """Return one row a limit, the worst limit first."""
    groups = sorted(lines_by_limit(record), key=lambda lines: WORST_FIRST.index(lines[0].status))
    return tuple(
        _row(record, worst, anchors, tuple(_row(record, line, anchors) for line in others))
        for worst, *others in groups
    )


def _row(
    record: Record, line: GateLine, anchors: Anchors, others: tuple[LimitRow, ...] = ()
) -> LimitRow:
    name = words.measure_of(line)
    measure = words.measure_for(record, name)
    estimate = line.estimate
    bound, side = words.bound_of(record, line)
    title = measure.title[:1].upper() + measure.title[1:]
    of = "" if estimate is None else whereabouts.of_what(estimate)
    return LimitRow(
        line=line,
        title=words.shorten(title + of, words.LONGEST_TITLE),
        gloss=glossary.gloss(name),
        ask=words.limit_ask(line.limit, line.bound),
        bound=bound,
        safe_side=side,
        measured="not measured" if estimate is None else words.value_text(estimate),
        interval="" if estimate is None else words.range_text(estimate),
        meaning=words.shorten(words.line_beside(line), words.LONGEST_TEXT),
        anchor=anchors.of(estimate),
        of=of.strip(" ,()") or title,
        others=others,
    )
