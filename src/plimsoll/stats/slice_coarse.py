"""A coarse family of slices, fixed before any loss is looked at, so that all rows can be asked about it.

Slices that are searched for have to be confirmed on rows that did not propose them, and half of 1,000 rows
is little. Slices that follow from the codes alone need no such half. They are

- each category, each third of a number and each half-line of it (all below or all above one of nine edges);
- two of them together: a category or a third with a category or a third; a category with a half-line;
  and two half-lines that begin at the edges of the thirds.

Each has at least 50 rows and 2 % of them, and at most half. Thirds are few, so that little evidence is
enough; half-lines are many, come near an edge wherever it lies, and overlap so much that they cost less than
their number. Each of the two gets about the same share of the error, see
:mod:`plimsoll.stats.slice_maxima`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from plimsoll.core.estimate import Estimate
from plimsoll.stats.interval import z_quantile
from plimsoll.stats.slice_confirm import Apart, Rows, hold_against_rest
from plimsoll.stats.slice_lattice import Condition, IntArray, Mask, SliceColumn, members
from plimsoll.stats.slice_maxima import Maxima, maxima

LEAST_ROWS, LEAST_SHARE, MOST_SHARE = 50, 0.02, 0.5
THIRDS, TENTHS = 3, 10
MOST_CELLS = 20_000_000
"""Slices times rows; the smallest slices are left out beyond it."""
TOLD = 40
"""Slices that are looked at closely once they are clear."""


@dataclass(frozen=True, slots=True)
class ClearSlice:
    """A slice of the family that is worse than the rest: its intervals hold for the whole family at once.

    ``p`` is one-sided and corrected for the family; ``least_z`` the z that makes a slice like it clear.
    ``error`` is the standard error of the difference.
    """

    conditions: tuple[Condition, ...]
    apart: Apart
    p: float
    least_z: float
    error: float


@dataclass(frozen=True, eq=False)
class Family:
    """S slices of one or two conditions: positions of these in ``conditions``, (S, 2), the same one twice
    for a single one; ``parts`` (2, S) says which are slices of thirds and which of half-lines."""

    conditions: tuple[Condition, ...]
    pairs: IntArray
    parts: Mask

    def at(self, i: int) -> tuple[Condition, ...]:
        """Return the conditions of slice ``i``."""
        one, two = self.pairs[i].tolist()
        return tuple(self.conditions[j] for j in ((one,) if one == two else (one, two)))

    def rows(self, codes: npt.NDArray[np.integer]) -> Mask:
        """Return which rows lie in which slice, (S, n)."""
        columns = np.asfortranarray(codes)
        each = np.stack([members(columns, (one,)) for one in self.conditions])
        inside: Mask = each[self.pairs[:, 0]] & each[self.pairs[:, 1]]
        return inside


@dataclass(frozen=True, slots=True)
class _Kind:
    """A condition, and in which sets it stands: thirds, half-lines, half-lines of thirds."""

    condition: Condition
    third: bool
    line: bool
    edge: bool


def coarse_family(
    codes: npt.NDArray[np.integer],
    columns: Sequence[SliceColumn],
    *,
    depth: int = 2,
    min_rows: int = LEAST_ROWS,
) -> Family | None:
    """Return the slices of the family with enough rows, or None if there is none; see the module.

    ``codes`` are of shape (n, columns). No loss has a say.
    """
    n = codes.shape[0]
    kinds = [kind for i, one in enumerate(columns) for kind in _kinds(codes[:, i], i, one)]
    if not kinds or not n:
        return None
    each = np.stack([members(codes, (kind.condition,)) for kind in kinds]).astype(np.float32)
    held = each @ each.T
    column = np.array([kind.condition.column for kind in kinds])
    third, line, edge = (
        np.array([getattr(kind, of) for kind in kinds]) for of in ("third", "line", "edge")
    )
    ordered = np.array([columns[i].ordered for i in column]) & ~(third & line & ~edge)
    both_ordered = ordered[:, np.newaxis] & ordered
    parts = np.stack(
        [
            third[:, np.newaxis] & third,
            line[:, np.newaxis] & line & (~both_ordered | (edge[:, np.newaxis] & edge)),
        ]
    )
    single = np.eye(len(kinds), dtype=bool)
    parts[:, single] = np.stack([third, line])
    apart = np.triu(column[:, np.newaxis] != column) if depth > 1 else np.zeros_like(single)
    least = max(min_rows, LEAST_ROWS, math.ceil(LEAST_SHARE * n))
    wanted = (apart | single) & parts.any(axis=0) & (held >= least) & (held <= MOST_SHARE * n)
    pairs = np.argwhere(wanted)
    if len(pairs) > MOST_CELLS // n:
        order = np.argsort(-held[wanted], kind="stable")[: MOST_CELLS // n]
        pairs = pairs[np.sort(order)]
    if not len(pairs):
        return None
    found, stand = tuple(kind.condition for kind in kinds), parts[:, pairs[:, 0], pairs[:, 1]]
    order = np.lexsort(stand)
    return Family(found, pairs[order].astype(np.int64), stand[:, order])


def clear_slices(
    codes: npt.NDArray[np.integer],
    family: Family,
    rows: Rows,
    *,
    error: float,
    level: float = 0.95,
) -> list[ClearSlice]:
    """Return the slices of a family that lose more than the rest, the clearest first, 40 at most.

    ``error`` is the chance that any slice is returned if no loss has to do with any of them, less than
    1 - ``level``. Intervals are at ``level`` for all slices of the family at once.
    """
    # The order of the rows follows from what they are, so that how they come does not matter.
    keys = [x for x in (rows.weights, rows.loss, rows.groups) if x is not None]
    order = np.lexsort([*keys, *codes.T])
    sorted_codes, sorted_rows = codes[order], rows.take(order)
    inside = family.rows(sorted_codes)
    found = maxima(inside, family.parts, sorted_rows, error=error)
    if found is None:
        return []
    clear = np.flatnonzero(found.p <= error)
    clear = clear[np.lexsort((-found.z[clear], found.p[clear]))][:TOLD]
    told = (_told(i, inside[i], family, sorted_rows, found, error, level) for i in clear.tolist())
    return [one for one in told if one is not None]


def _told(
    i: int,
    inside: Mask,
    family: Family,
    rows: Rows,
    found: Maxima,
    error: float,
    level: float,
) -> ClearSlice | None:
    """Hold a clear slice against the rest.

    The lower limit of the difference keeps the error of the test, so that it is never below 0, and the
    upper limit what is left of 1 - level.
    """
    far = max(found.least_z(i, 1.0 - level - error), z_quantile(level))
    near = max(found.least_z(i, error), z_quantile(level))
    wide = hold_against_rest(inside, rows, 1.0, level=2.0 * float(ndtr(far)) - 1.0)
    narrow = hold_against_rest(inside, rows, 1.0, level=2.0 * float(ndtr(near)) - 1.0)
    if wide is None or narrow is None or wide.effect.value <= 0.0:
        return None

    def of_all(e: Estimate) -> Estimate:
        return replace(e, level=level, method=f"{e.method}, of all slices at once")

    effect = replace(
        wide.effect, low=max(narrow.effect.low, 0.0), high=max(wide.effect.high, narrow.effect.high)
    )
    return ClearSlice(
        family.at(i),
        Apart(of_all(wide.own), of_all(wide.rest), of_all(effect), wide.p),
        float(found.p[i]),
        found.least_z(i, error),
        wide.effect.half_width / far,
    )


def _kinds(codes: npt.NDArray[np.integer], at: int, column: SliceColumn) -> list[_Kind]:
    last = column.levels - 1
    single = [Condition(at, code, code) for code in range(column.size)]
    if not column.ordered or column.levels < 3:
        return [_Kind(one, True, True, False) for one in single]
    count = np.bincount(codes[codes <= last], minlength=column.levels)
    thirds, tenths = _edges(count, THIRDS), _edges(count, TENTHS)
    starts = [0, *(edge + 1 for edge in thirds), last + 1]
    found = {(low, high - 1) for low, high in pairwise(starts)}
    edges = {side for edge in thirds for side in ((0, edge), (edge + 1, last))}
    lines = edges | {side for edge in tenths for side in ((0, edge), (edge + 1, last))}
    kinds = [
        _Kind(Condition(at, *one), one in found, one in lines, one in edges)
        for one in sorted(found | lines)
        if one != (0, last)
    ]
    return kinds + [_Kind(one, True, True, False) for one in single[column.levels :]]


def _edges(count: IntArray, parts: int) -> list[int]:
    """Return the codes after which a number is cut, nearest to as many rows in each part."""
    share = np.cumsum(count)[:-1] / max(int(count.sum()), 1)
    nearest = {int(np.argmin(np.abs(share - i / parts))) for i in range(1, parts)}
    return sorted(nearest)
