"""Judges a planted world the way ``plimsoll check`` does, down to the gate, without a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from plimsoll.api import with_flags
from plimsoll.checks import discover
from plimsoll.core.check import Check
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Status
from plimsoll.core.record import CheckEntry, FindingEntry, GateLine, ScanFacts, Verdict
from plimsoll.core.settings import Settings
from plimsoll.core.subject import Subject
from plimsoll.engine.assemble import Given, assemble
from plimsoll.engine.run import run
from plimsoll.engine.scan import BATCH_ROWS
from plimsoll.policy.gate import gate, verdict
from plimsoll.policy.limits import parse_policy


@dataclass(frozen=True)
class Judged:
    """What a run said."""

    subject: Subject
    entries: Mapping[str, CheckEntry]
    gate: tuple[GateLine, ...]
    verdict: Verdict
    scan: ScanFacts

    def __getitem__(self, code: str) -> CheckEntry:
        return self.entries[code]

    def estimate(self, name: str, code: str | None = None, **where: Any) -> Estimate:
        """Return the one estimate of this name and place."""
        entries = [self.entries[code]] if code else self.entries.values()
        found = [
            e for c in entries for e in c.estimates if e.name == name and e.where == Where(**where)
        ]
        assert found, f"no estimate {name} at {where}"
        return found[0]

    def has(self, name: str, **where: Any) -> bool:
        """Whether there is an estimate of this name and place."""
        return any(
            e.name == name and e.where == Where(**where)
            for c in self.entries.values()
            for e in c.estimates
        )

    def titles(self, code: str, *statuses: Status) -> list[str]:
        """Return the titles of a check's findings, of these statuses or of all."""
        return [f.title for f in self.findings(code, *statuses)]

    def findings(self, code: str, *statuses: Status) -> list[FindingEntry]:
        """Return a check's findings, of these statuses or all."""
        return [f for f in self[code].findings if not statuses or f.status in statuses]


def judge(
    data: Any,
    *only: str,
    reference: Any = None,
    model: Any = None,
    champion: Any = None,
    challenger: Any = None,
    resamples: int = 100,
    batch_rows: int = BATCH_ROWS,
    checks: Sequence[Check] | None = None,
    policy: Mapping[str, Any] | None = None,
    fit: Any = None,
    experiment: Any = None,
    contexts: Mapping[str, Mapping[str, float]] | None = None,
    **flags: Any,
) -> Judged:
    """Judge a table; ``only`` are codes of the checks to run, all of them where none is named."""
    chosen = {"only": list(only)} if only else {"suite": "full"}
    settings = with_flags(Settings(contexts=contexts or {}), {"jobs": 1, **chosen, **flags})
    offered = tuple(discover()) if checks is None else tuple(checks)
    limits = parse_policy(policy or {}, [c.CARD for c in offered])
    given = Given(data, reference, model, champion, challenger, fit=fit, experiment=experiment)
    job = assemble(settings, offered, limits, given, batch_rows=batch_rows)
    job = replace(job, options=replace(job.options, resamples=resamples))
    result = run(job)
    lines = gate(limits, result.entries, result.scan.rows_used)
    return Judged(
        job.subject,
        {entry.code: entry for entry in result.entries},
        lines,
        verdict(lines, result.entries),
        result.scan,
    )
