"""Everything about one run: what was judged, with which settings, what was found, the verdict."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any

from plimsoll.core.check import Card
from plimsoll.core.estimate import EVERYWHERE, Estimate, Where
from plimsoll.core.finding import Figure, Status, Table

SCHEMA = "plimsoll.record/1"


class Verdict(StrEnum):
    """The answer of a run; the exit code follows from it."""

    PASS = "pass"
    FAIL = "fail"
    UNSURE = "unsure"
    ERROR = "error"

    @property
    def exit_code(self) -> int:
        """0 pass, 1 fail, 3 unsure, 4 a check broke."""
        return {"pass": 0, "fail": 1, "unsure": 3, "error": 4}[self.value]


@dataclass(frozen=True, slots=True)
class DataFacts:
    """A table as it was read: rows, columns and a fingerprint of its bytes."""

    rows: int
    sha256: str | None = None
    columns: int = 0
    origin: str = ""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """The model as it was loaded; ``kind`` is ``predictions`` where only its answers are in the data."""

    kind: str
    sha256: str | None = None
    output: str | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class SubjectFacts:
    """What was judged, for the record."""

    name: str
    task: str
    model: ModelFacts
    data: DataFacts
    reference: DataFacts | None = None
    classes: tuple[str, ...] = ()
    positive: str | None = None
    threshold: float | None = None
    decided_by: str = ""
    score_kind: str = "none"
    columns: dict[str, Any] = field(default_factory=dict)
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FindingEntry:
    """A finding in a record; ``estimates`` are positions in the check's list."""

    status: Status
    title: str
    meaning: str
    action: str
    where: Where = EVERYWHERE
    estimates: tuple[int, ...] = ()
    critical: bool = False


@dataclass(frozen=True, slots=True)
class CheckEntry:
    """What one check said, with its card, so that an old record renders without the check's code."""

    code: str
    title: str
    status: Status
    reason: str | None
    seconds: float
    card: Card
    estimates: tuple[Estimate, ...] = ()
    findings: tuple[FindingEntry, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class GateLine:
    """One limit held against one estimate.

    ``rows_needed`` is the number of rows that would settle an UNSURE line if the truth is where the
    estimate stands; None where none is needed or no number would do. ``meaning`` is a sentence.
    """

    limit: str
    bound: float
    status: Status
    estimate: Estimate | None
    meaning: str
    reason: str | None = None
    rows_needed: int | None = None
    power: float | None = None


@dataclass(frozen=True, slots=True)
class ScanFacts:
    """What the reading cost."""

    rows: int
    columns: int
    passes: int
    seconds: float
    peak_rss_bytes: int
    engine: str = "local"
    batches: int = 0
    rows_used: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    fit_seconds: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Record:
    """Everything about one run. ``to_json`` gives the object that the contract describes.

    ``summary`` holds what the policy adds in words: the joint power of the gate, limits worth
    setting, the reuse of the data, one sentence each under its own key.
    """

    schema: str
    plimsoll: str
    created: str
    verdict: Verdict
    subject: SubjectFacts
    settings: dict[str, Any]
    checks: tuple[CheckEntry, ...]
    gate: tuple[GateLine, ...]
    scan: ScanFacts
    summary: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain lists, mappings, words and finite numbers."""
        plain: dict[str, Any] = _plain(self)
        return plain

    def all_estimates(self) -> list[tuple[CheckEntry, Estimate]]:
        """Return every estimate with the check that made it, in the order of the record."""
        return [(check, estimate) for check in self.checks for estimate in check.estimates]

    def find(self, name: str, **where: Any) -> Estimate | None:
        """Return the first estimate of this name whose ``where`` equals ``where``, or None.

        >>> # record.find("recall"), record.find("precision", label="setosa")
        """
        for _, estimate in self.all_estimates():
            if estimate.name == name and estimate.where == Where(**where):
                return estimate
        return None


def _plain(value: Any) -> Any:
    if isinstance(value, Where):
        return value.to_json()
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "item") and not isinstance(value, str):
        return value.item()
    return value
