"""Changes in the share of cells that are odd: texts beyond ASCII, infinite numbers. Not a check."""

from __future__ import annotations

from collections.abc import Iterator

from plimsoll.checks.drift.sides import Both
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Finding, Status
from plimsoll.stats.proportion import newcombe_difference
from plimsoll.tallies.distribution import Distribution, Kind

NOTABLE = 0.05
"""Change of a share from which on it is a finding."""
CHARACTERS, INFINITE = "non_ascii_change", "infinite_change"


def cell_changes(both: Both, level: float) -> Iterator[Estimate]:
    """Yield the changes in the shares of odd cells of a column, of those that occur on a side."""
    then, now = both.then, both.now
    if then.kind is Kind.TEXT and now.kind is Kind.TEXT:
        yield from _change(CHARACTERS, both, _beyond_ascii(then), _beyond_ascii(now), level)
    if then.kind is Kind.NUMBER and now.kind is Kind.NUMBER:
        yield from _change(INFINITE, both, _infinite(then), _infinite(now), level)


def _beyond_ascii(one: Distribution) -> tuple[int, int]:
    return one.non_ascii, one.held


def _infinite(one: Distribution) -> tuple[int, int]:
    return one.infinities, one.held + one.infinities


def _change(
    name: str, both: Both, then: tuple[int, int], now: tuple[int, int], level: float
) -> Iterator[Estimate]:
    """Yield the change of one share, given as odd cells and cells with a value of either side."""
    (k0, n0), (k1, n1) = then, now
    if not (k0 or k1) or not (n0 and n1):
        return
    low, high = newcombe_difference(k1, n1, k0, n0, level)
    value = k1 / n1 - k0 / n0
    where = Where(column=both.column)
    yield Estimate(name, value, low, high, level, min(n0, n1), "Newcombe method 10", where=where)


def changed_cells(change: Estimate) -> Finding | None:
    """Return what a change means where all of its interval is beyond 5 of 100 cells, else None."""
    if max(change.low, -change.high) <= NOTABLE:
        return None
    by = (
        f"changed by {100 * change.value:+.0f} of 100 rows, likely {100 * change.low:+.0f} to "
        f"{100 * change.high:+.0f}."
    )
    if change.name == INFINITE:
        return Finding(
            Status.FAIL,
            "The share of infinite values in this column has changed.",
            f"Infinite values {by} They have no place in the distances of this column.",
            "Look for a division by zero or a filler for missing values where the column is made.",
            change.where,
            (change,),
        )
    return Finding(
        Status.FAIL,
        "The characters of this column's texts have changed.",
        f"Texts with letters beyond ASCII {by}",
        "Look for a change of encoding, language or source.",
        change.where,
        (change,),
    )
