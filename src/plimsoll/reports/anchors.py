"""Every number in a report ties to its estimate: the names of those places in a page."""

from __future__ import annotations

import re

from plimsoll.core.estimate import Estimate
from plimsoll.core.record import CheckEntry, Record

_UNSAFE = re.compile(r"[^A-Za-z0-9_.]+")
_LONGEST = 72


def slug(text: str) -> str:
    """Return a text that can stand in an address.

    >>> slug("class: Iris <setosa>")
    'class-Iris-setosa'
    """
    return _UNSAFE.sub("-", text).strip("-")[:_LONGEST].rstrip("-") or "x"


class Ids:
    """Hands out names that are unique within one page."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def new(self, wanted: str) -> str:
        """Return ``wanted`` as an address, with a number behind it if it is taken."""
        base = slug(wanted)
        name, again = base, 2
        while name in self._taken:
            name, again = f"{base}-{again}", again + 1
        self._taken.add(name)
        return name


class Anchors:
    """The place of every check and every estimate of a record: ``PRF001``, ``PRF001-roc_auc``."""

    def __init__(self, record: Record, ids: Ids | None = None) -> None:
        self.ids = Ids() if ids is None else ids
        self.checks = [self.ids.new(check.code) for check in record.checks]
        self._places: dict[tuple[int, int], str] = {}
        self._first: dict[Estimate, str] = {}
        for i, check in enumerate(record.checks):
            for j, estimate in enumerate(check.estimates):
                place = self.ids.new(_name(check, estimate))
                self._places[i, j] = place
                self._first.setdefault(estimate, place)

    def at(self, check: int, estimate: int) -> str:
        """Return the place of an estimate by its positions in the record."""
        return self._places[check, estimate]

    def of(self, estimate: Estimate | None) -> str | None:
        """Return the place of an estimate that equals one of the record, or None."""
        return None if estimate is None else self._first.get(estimate)


def _name(check: CheckEntry, estimate: Estimate) -> str:
    where = str(estimate.where)
    return f"{check.code}-{estimate.name}" + (f"--{where}" if where else "")
