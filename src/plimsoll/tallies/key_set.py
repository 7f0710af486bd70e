"""Which keys came more than once, counted in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from plimsoll.core.batch import KEY, Batch
from plimsoll.core.tally import Tally, state

Keys = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class KeySet(Tally):
    """Different row keys and how often each came.

    Up to ``limit`` different keys all are held. Beyond, only keys whose hash ends in ``level`` zero
    bits are: equal keys have equal hashes, so every duplicate among those is still found, and their
    share estimates the whole. State: ``level``; ``keys`` (m,) sorted; ``counts`` (m,); ``rows`` seen.
    """

    limit: int = 1 << 22
    level: int = state(0)
    rows: int = state(0)
    keys: Keys = state(factory=lambda: np.empty(0, np.uint64))
    counts: npt.NDArray[np.int64] = state(factory=lambda: np.empty(0, np.int64))
    pending: tuple[Keys, ...] = state(factory=tuple)

    holds_rows: ClassVar[bool] = True

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that are read."""
        return (KEY,)

    def of(self, batch: Batch) -> KeySet:
        """Take the keys of a batch."""
        keys = batch.frame.get_column(KEY).to_numpy()
        return replace(KeySet(self.limit), rows=keys.size, pending=(keys,))

    def merge(self, other: KeySet) -> KeySet:
        """Return the keys of both."""
        one, two = (self, other) if self.keys.size >= other.keys.size else (other, self)
        merged = replace(
            one,
            rows=one.rows + two.rows,
            pending=one.pending + two.pending + _repeat(two),
            level=max(one.level, two.level),
        )
        waiting = sum(keys.size for keys in merged.pending)
        return merged.settle() if waiting > max(one.keys.size, 1 << 20) else merged

    def settle(self) -> KeySet:
        """Sort the keys in and keep within the limit."""
        keys = np.concatenate([*self.pending, np.empty(0, np.uint64)])
        fresh, times = np.unique(_at_level(keys, self.level), return_counts=True)
        keys = np.concatenate([self.keys, fresh])
        order = np.argsort(keys, kind="stable")
        keys, counts = keys[order], np.concatenate([self.counts, times])[order]
        first = (
            np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if keys.size else np.empty(0, int)
        )
        keys, counts = keys[first], np.add.reduceat(counts, first) if keys.size else counts
        level = self.level
        keep = _mask(keys, level)
        while int(keep.sum()) > self.limit:
            level += 1
            keep = _mask(keys, level)
        return replace(self, level=level, keys=keys[keep], counts=counts[keep], pending=())

    @property
    def exact(self) -> bool:
        """Whether every key was held."""
        return self.level == 0

    @property
    def duplicated_rows(self) -> int:
        """Rows, among those whose keys were held, beyond the first of each key."""
        settled = self.settle()
        return int(settled.counts.sum()) - settled.counts.size

    @property
    def rows_examined(self) -> int:
        """Rows whose keys were held."""
        return int(self.settle().counts.sum())


def _mask(keys: Keys, level: int) -> npt.NDArray[np.bool_]:
    mask: npt.NDArray[np.bool_] = (keys & np.uint64((1 << level) - 1)) == 0
    return mask


def _at_level(keys: Keys, level: int) -> Keys:
    return keys if level == 0 else keys[_mask(keys, level)]


def _repeat(tally: KeySet) -> tuple[Keys, ...]:
    return (np.repeat(tally.keys, tally.counts),) if tally.keys.size else ()
