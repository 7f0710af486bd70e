"""Ten different weak slices, and not one weak slice in ten disguises.

The rows of `region = north and age >= 60` are also found as `region = north`, as `region = north and
age >= 55` and as `region = north and age >= 60 and sex = f`. Slices are looked at in the order of their
rank, and one is kept only if it says something that those kept before it do not:

- it has not about the same rows as one of them (Jaccard index below 0.8);
- the rows that it adds are bad by themselves, and then a kept slice that is but a part of it, and no
  worse, goes; or
- it is a part of one of them that is clearly worse than the remainder, and then the kept slice goes if
  its remainder is no longer bad: the part explains it.

*Clearly* is half the gap and 1.64 standard errors where it is chosen what to test, and 2.58 of them
where it is chosen what to tell. It is no test itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from plimsoll.stats.interval import FloatArray

Mask = npt.NDArray[np.bool_]
SAME = 0.8
CLEAR, VERY_CLEAR = 1.64, 2.58
TOUCHING = 0.2
"""Slices that share less than this part of the smaller one have nothing to do with each other."""


@dataclass(frozen=True, eq=False)
class Bad:
    """What each row lost, (n,), its weight, and what makes a difference of means a clear one.

    The loss of a slice in which it is too low, and not too high, is taken with its sign turned.
    """

    loss: FloatArray
    weights: FloatArray | None
    deviation: float
    gap: float
    min_rows: int
    clear: float = CLEAR

    def clearly(self, inside: Mask, outside: Mask, sign: float) -> bool:
        """Return whether rows ``inside`` lose clearly more than those ``outside``."""
        rows = int(np.count_nonzero(inside)), int(np.count_nonzero(outside))
        if min(rows) < max(self.min_rows // 2, 2):
            return False
        apart = sign * (self._mean(inside) - self._mean(outside))
        error = self.deviation * math.sqrt(1.0 / rows[0] + 1.0 / rows[1])
        return apart >= self.gap / 2.0 and apart >= self.clear * error

    def _mean(self, rows: Mask) -> float:
        if self.weights is None:
            return float(self.loss[rows].mean())
        weight = self.weights[rows]
        return float((weight @ self.loss[rows]) / max(float(weight.sum()), 1e-300))


@dataclass(frozen=True, eq=False)
class Proposed:
    """The rows (n,) of a slice and by which sign of the loss it is bad.

    ``asked`` (n,) are the rows whose losses may speak for it, those that did not propose it; None for all.
    """

    rows: Mask
    sign: float
    asked: Mask | None = None

    def fair(self, rows: Mask) -> Mask:
        """Return those of some rows that may speak."""
        return rows if self.asked is None else rows & self.asked


def distinct(count: int, proposed: Callable[[int], Proposed], bad: Bad, *, top: int) -> list[int]:
    """Return the positions of at most ``top`` slices that differ, of ``count`` in order of rank."""
    kept: dict[int, Proposed] = {}
    for position in range(count):
        one = proposed(position)
        touching = {i: other for i, other in kept.items() if _touch(one, other)}
        if any(_same(one.rows, other.rows) for other in touching.values()):
            continue
        gone = {i for i, other in touching.items() if _part_no_worse(other, one, bad)}
        if touching and not _adds(one, touching.values(), kept.values(), bad):
            at = max(touching, key=lambda i: _shared(one.rows, touching[i].rows))
            whole = kept[at]
            if not _worse_than_remainder(one, whole, bad):
                continue
            if not _adds(whole, [one], [one, *kept.values()], bad):
                gone.add(at)
        for i in gone:
            del kept[i]
        kept[position] = one
        if len(kept) >= top:
            break
    return sorted(kept)


def _adds(one: Proposed, touching: Iterable[Proposed], kept: Iterable[Proposed], bad: Bad) -> bool:
    """Return whether the rows that only ``one`` has are bad, held against rows that no slice has."""
    own, any_slice = one.rows.copy(), one.rows.copy()
    for other in touching:
        own &= ~other.rows
    for other in kept:
        any_slice |= other.rows
    return bad.clearly(one.fair(own), one.fair(~any_slice), one.sign)


def _worse_than_remainder(part: Proposed, whole: Proposed, bad: Bad) -> bool:
    inside, remainder = part.rows & whole.rows, whole.rows & ~part.rows
    return bad.clearly(part.fair(inside), part.fair(remainder), part.sign)


def _part_no_worse(part: Proposed, whole: Proposed, bad: Bad) -> bool:
    """Return whether a slice lies in another one and is not clearly worse than the rest of it."""
    inside = _shared(part.rows, whole.rows) >= SAME * int(np.count_nonzero(part.rows))
    return inside and not _worse_than_remainder(part, whole, bad)


def _touch(one: Proposed, other: Proposed) -> bool:
    if one.sign != other.sign:
        return False
    smaller = min(int(np.count_nonzero(one.rows)), int(np.count_nonzero(other.rows)))
    return _shared(one.rows, other.rows) > TOUCHING * smaller


def _same(one: Mask, two: Mask) -> bool:
    return _shared(one, two) >= SAME * int(np.count_nonzero(one | two))


def _shared(one: Mask, two: Mask) -> int:
    return int(np.count_nonzero(one & two))
