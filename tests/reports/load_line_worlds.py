"""One lane at a time, and records that hold load-line diagrams: what the diagram is tried on."""

from __future__ import annotations

from dataclasses import replace

import report_worlds
from figure_worlds import LANES, SHARE, load_lines

from plimsoll.core.check import Card
from plimsoll.core.finding import Figure, Status
from plimsoll.core.record import CheckEntry, Record
from plimsoll.reports.load_lines import Lane, read

CARD = Card("STR001", "Load lines", "How much stress breaks a limit?", "stress", "a model")
INCOME = ("missing income", "missing", SHARE, 1.0, "crosses", 0.22, 0.19, 0.26, 0.03, True, 0.14)
NO_LINE = {"value": None, "low": None, "high": None}
TO_THE_END = {"state": "holds", "value": 1.0, "low": 1.0, "high": 1.0}


def lane(**changed: object) -> Lane:
    """Return the lane of missing income, with some of its cells changed."""
    cells = {**dict(zip(LANES, INCOME, strict=True)), **changed}
    return read(load_lines(tuple(cells.values()))).lanes[0]


def with_load_lines(*figures: Figure) -> Record:
    """Return a record whose last check drew these figures."""
    check = CheckEntry("STR001", "Load lines", Status.PASS, None, 1.0, CARD, (), (), figures, ())
    base = report_worlds.failing()
    return replace(base, checks=(*base.checks, check))


def plain(text: str) -> str:
    """Return a text whose spaces may all break."""
    return text.replace("\u00a0", " ")
