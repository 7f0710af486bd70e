"""How often this very data has judged this model line, and what that does to the claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from plimsoll.core.errors import RecordError, SettingsError
from plimsoll.core.limit import Limit
from plimsoll.core.record import SubjectFacts, Verdict
from plimsoll.records.fingerprint import sha256_json
from plimsoll.records.ledger import Ledger, LedgerEntry
from plimsoll.stats.reuse import level_to_ask, reuse_inflation


def consult_ledger(
    path: Path,
    subject: SubjectFacts,
    limits: Sequence[Limit],
    verdict: Verdict,
    *,
    level: float,
    version: str,
    now: datetime,
) -> str:
    """Enter this run into the ledger and return a sentence on the reuse of the data.

    A run with the same model and the same limits as an earlier one is the same question and counts once.
    The claim is held against adaptive use (each look may have steered the next), which is what trying
    again until it passes amounts to.

    Raises
    ------
    SettingsError
        If the data have no fingerprint to be known again by.
    RecordError, OutputError
        If the ledger cannot be read or written, or a line of it was changed, removed or put in.
    """
    if subject.data.sha256 is None:
        raise SettingsError(
            "A ledger knows data by their fingerprint and these have none (a database query); "
            "leave --ledger out or judge a file."
        )
    ledger = Ledger(path)
    entry = LedgerEntry(
        time=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        subject=subject.name,
        data_sha256=subject.data.sha256,
        model_sha256=subject.model.sha256,
        plimsoll=version,
        verdict=verdict.value,
        limits_sha256=sha256_json([asdict(limit) for limit in limits]),
    )
    touched = ledger.verify()
    if touched:
        raise RecordError(
            f"The ledger '{path}' must stand as it was written and does not: {touched[0]} "
            "Restore it, or begin a new one and say that the earlier looks are not in it."
        )
    earlier = ledger.uses(subject.data.sha256, subject.name)
    ledger.append(entry)
    looks = len({(e.model_sha256, e.limits_sha256) for e in [*earlier, entry]})
    return reuse_sentence(looks, level)


def reuse_sentence(looks: int, level: float) -> str:
    """Return what so many different looks at one test set leave of a claim at ``level``."""
    if looks <= 1:
        return "These rows judge this model line for the first time; the claim stands as it is."
    left = reuse_inflation(looks, level=level)
    asked = level_to_ask(looks, level=level)
    claim = (
        f"a claim at {100 * level:.0f} % is worth {100 * left:.0f} %"
        if left > 0
        else f"nothing is left of a claim at {100 * level:.0f} %"
    )
    return (
        f"These rows have judged this model line {looks} times. If each answer steered the next model, "
        f"{claim}; to keep it, judge at a confidence of {asked:.4g}, or on fresh rows."
    )
