"""Runs the checks of ablation on a world."""

from __future__ import annotations

from typing import Any

import plimsoll
from plimsoll.core.finding import Status
from plimsoll.core.record import CheckEntry


def run(data: Any, code: str, **given: Any) -> CheckEntry:
    """Return what one check says."""
    record = plimsoll.evaluate(data, only=[code], **{"target": "y", "positive": 1, **given})
    (entry,) = record.checks
    assert entry.status is not Status.ERROR, entry.reason
    return entry


def titles(entry: CheckEntry, *statuses: Status) -> list[str]:
    """Return the titles of findings, of these statuses or all."""
    return [f.title for f in entry.findings if not statuses or f.status in statuses]


def kept(entry: CheckEntry, way: str) -> set[str]:
    """Return the inputs of the smallest set of one way."""
    (table,) = entry.tables
    (row,) = [row for row in table.rows if row[0] == f"smallest set, {way}"]
    return set(row[-1].split(", "))


def estimate(entry: CheckEntry, name: str, **where: Any) -> Any:
    """Return one estimate by its name and place."""
    found = [
        e
        for e in entry.estimates
        if e.name == name and all(getattr(e.where, k) == v for k, v in where.items())
    ]
    assert found, (name, where, [(e.name, str(e.where)) for e in entry.estimates])
    return found[0]
