"""Which tallies to compute, in which pass over which table, reading which columns.

The needs of all checks are joined; equal needs are one. A need whose probe must first learn
something of the reference waits for it, so the reference is read before the current rows, and each
table is read once unless a probe's need waits for another of the same table. Where a table must be read
twice, the first reading takes only what the second waits for, so that a model is asked once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from plimsoll.core.batch import is_added
from plimsoll.core.check import Check, Options, trials_of
from plimsoll.core.errors import CheckError
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Side
from plimsoll.core.trial import Trial


@dataclass(frozen=True)
class Pass:
    """One reading of one table for some needs."""

    side: Side
    needs: tuple[Need, ...]


@dataclass(frozen=True)
class Plan:
    """The needs of every check by its code, and the passes that meet them in order.

    ``broken`` holds, by code, what a check raised while it was asked for its needs; ``trials`` what it
    wants the model asked for after the scan.
    """

    by_check: Mapping[str, Mapping[str, Need]]
    passes: tuple[Pass, ...]
    broken: Mapping[str, Exception]
    trials: Mapping[str, Mapping[str, Trial]] = field(default_factory=dict)


def make_plan(
    checks: Iterable[Check], subject: Subject, options: Options, always: Iterable[Need] = ()
) -> Plan:
    """Ask every check for its needs and arrange them into passes.

    Raises
    ------
    CheckError
        If the needs of probes wait for each other in a circle.
    """
    by_check: dict[str, Mapping[str, Need]] = {}
    broken: dict[str, Exception] = {}
    trials: dict[str, Mapping[str, Trial]] = {}
    for check in checks:
        try:
            asked = dict(check.needs(subject, options))
            hash(tuple(asked.values()))  # a need that is no value breaks here and not in the scan
            tried = trials_of(check, subject, options)
            hash(tuple(tried.values()))
            by_check[check.CARD.code] = asked
            trials[check.CARD.code] = tried
        except Exception as error:  # one check that breaks never stops the others
            broken[check.CARD.code] = error
    wanted = list(always)
    for needs in by_check.values():
        wanted.extend(needs.values())
    for tried in trials.values():
        for trial in tried.values():
            wanted.extend(trial.needs().values())
    return Plan(by_check, _passes(wanted), broken, trials)


def prerequisites(need: Need) -> tuple[Need, ...]:
    """Return the needs of a need's probe."""
    return tuple(need.probe.needs().values()) if need.probe is not None else ()


def _passes(wanted: Iterable[Need]) -> tuple[Pass, ...]:
    waiting: dict[Need, None] = {}
    stack = list(wanted)
    while stack:
        need = stack.pop(0)
        if need not in waiting:
            waiting[need] = None
            stack.extend(prerequisites(need))
    return _fewest(frozenset(), tuple(waiting))


def _fewest(done: frozenset[Need], waiting: tuple[Need, ...]) -> tuple[Pass, ...]:
    """Return the fewest readings that meet what is waiting; of two as short, the one that starts with the
    reference.

    A reading takes what can be had of its table; where the table must be read again anyway, only what
    something waits for.
    """
    if not waiting:
        return ()
    ready = {need for need in waiting if all(p in done for p in prerequisites(need))}
    held = [need for need in waiting if need not in ready]
    awaited = {p for need in held for p in prerequisites(need)}
    best: tuple[Pass, ...] | None = None
    for side in (Side.REFERENCE, Side.CURRENT):
        again = any(need.side is side for need in held)
        now = tuple(
            need
            for need in waiting
            if need in ready and need.side is side and (need in awaited or not again)
        )
        if not now:
            continue
        rest = tuple(need for need in waiting if need not in set(now))
        found = (Pass(side, now), *_fewest(done | set(now), rest))
        if best is None or len(found) < len(best):
            best = found
    if best is None:
        raise CheckError(
            "A probe must need what can be had before it; some wait for each other in a circle. "
            "Leave out the check that asks for them with --skip."
        )
    return best


def at_columns(needs: Iterable[Need]) -> frozenset[str]:
    """Return the ``@`` columns that the tallies of these needs read."""
    return frozenset(c for need in needs for c in need.tally.columns if is_added(c))


def raw_columns(needs: Iterable[Need]) -> frozenset[str]:
    """Return the raw columns that the tallies and probes of these needs read."""
    found: set[str] = set()
    for need in needs:
        found.update(c for c in need.tally.columns if not is_added(c))
        if need.probe is not None:
            found.update(need.probe.reads())
    return frozenset(found)
