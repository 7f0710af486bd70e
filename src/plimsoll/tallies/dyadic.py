"""Bit patterns that sort as their numbers do, and how often each came: the cells of a histogram.

A *key* is the pattern of a float64, turned so that keys sort as the values do. Cut off by ``shift`` bits it
names a dyadic cell (decisions/0002). Counting a value costs about as much as reading it: the raw pattern is
shifted and is then its own place in a table, and only cells, not rows, are brought into order.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

_SIGN = np.uint64(1 << 63)
_DENSE = 1 << 22
"""Widest range of cells that is counted in an array of its own and not by sorting."""
_TABLE_BITS = 21
"""Bits of the place in a table that a thread keeps: 16 MiB."""
_BLOCK = 1 << 16
"""Values at a time, so that what is read from them stays in the cache."""
_MANTISSA = 52
_REACHES = (2, 12)
"""Powers of two on either side of those seen that are looked at for values not seen yet, in turn."""


def key_of(values: Floats) -> Keys:
    """Return bit patterns that sort as the values do: all bits turned where negative, else the sign."""
    bits = values.view(np.uint64)
    turned = (values.view(np.int64) >> 63).view(np.uint64)
    turned |= _SIGN
    turned ^= bits
    return turned


def value_of(keys: Keys) -> Floats:
    """Return the values of whole keys."""
    bits = np.where(keys & _SIGN, keys & ~_SIGN, ~keys)
    values: Floats = bits.view(np.float64)
    return values


def least_shift(keys: Keys, shift: int, cells: int) -> int:
    """Return the least shift, from ``shift`` up, at which these keys are at most ``cells``."""
    low, high = shift, 64
    while low < high:
        middle = (low + high) // 2
        if _distinct(keys >> np.uint64(middle - shift)) <= cells:
            high = middle
        else:
            low = middle + 1
    return low


def cells_of(short: Keys) -> tuple[Keys, Ints]:
    """Return the sorted different patterns and, for each row, the position of its pattern."""
    if not short.size:
        return short, np.empty(0, np.int64)
    low = short.min()
    if int(short.max() - low) >= _DENSE:
        keys, cell = np.unique(short, return_inverse=True)
        return keys, cell.astype(np.int64)
    offset = (short - low).astype(np.int64)
    there = np.zeros(int(offset.max()) + 1, dtype=bool)
    there[offset] = True
    position = np.cumsum(there) - 1
    return np.flatnonzero(there).astype(np.uint64) + low, position[offset]


def union(one: Keys, two: Keys) -> Keys:
    """Return the different keys of two sorted arrays; a stable sort merges sorted runs quickly."""
    return different(np.sort(np.concatenate([one, two]), kind="stable"))


def different(ascending: Keys) -> Keys:
    """Return each of the sorted keys once."""
    if not ascending.size:
        return ascending
    return ascending[np.r_[True, ascending[1:] != ascending[:-1]]]


def recount(parts: Sequence[Floats], shift: int, known: Keys) -> tuple[Ints, Keys, Ints]:
    """Count arrays of finite values by their keys, cut by ``shift``.

    Returns how often each of the sorted ``known`` keys came, the other keys that came, sorted, and how
    often. Minus zero counts as zero.
    """
    parts = [values for values in parts if values.size]
    if not parts:
        return np.zeros(known.size, np.int64), np.empty(0, np.uint64), np.empty(0, np.int64)
    window = _window(parts, shift)
    if window is None:
        return _recount_sorted(np.concatenate(parts), shift, known)
    low, size = window
    kept = _TABLES.take(size)
    table = kept[:size]
    _fill(table, parts, shift, low)
    whole = size == 1 << (64 - shift)
    if whole:
        _move_minus_zero(table, parts, shift)
    place = (_raw(known, shift) - np.uint64(low)).view(np.int64)
    if whole:
        held = table[place]
        table[place] = 0
    else:
        inside = (place >= 0) & (place < size)
        held, place = np.zeros(known.size, np.int64), place[inside]
        held[inside] = table[place]
        table[place] = 0
    left = sum(values.size for values in parts) - int(held.sum())
    found, counts = np.empty(0, np.int64), np.empty(0, np.int64)
    if left:
        found, counts = _others(table, place, shift if whole else 0, left)
        table[found] = 0
    _TABLES.give(kept)
    keys = _turned(found.view(np.uint64) + np.uint64(low), shift)
    order = np.argsort(keys)
    return held, keys[order], counts[order]


class _Tables(threading.local):
    """A table of zeros for each thread, kept for the next count.

    It is away while it is in use: a count that breaks off leaves nothing behind for the next one.
    """

    kept: Ints | None = None

    def take(self, size: int) -> Ints:
        table, self.kept = self.kept, None
        return np.zeros(size, np.int64) if table is None or table.size < size else table

    def give(self, table: Ints) -> None:
        self.kept = table


_TABLES = _Tables()


def _window(parts: Sequence[Floats], shift: int) -> tuple[int, int] | None:
    """Return the first raw pattern and the number of patterns of a table that holds all the values.

    None where it would be too wide. All patterns fit where enough bits are cut; else those between the
    ends do, if the values are close together and of one sign.
    """
    if 64 - shift <= _TABLE_BITS:
        return 0, 1 << (64 - shift)
    ends = np.array([min(values.min() for values in parts), max(values.max() for values in parts)])
    if ends[0] <= 0 <= ends[1]:
        return None
    first, last = sorted(int(bits) >> shift for bits in ends.view(np.uint64))
    size = last - first + 1
    return None if size > 1 << _TABLE_BITS else (first, size)


def _fill(table: Ints, parts: Sequence[Floats], shift: int, low: int) -> None:
    """Count the values in a table of raw patterns that begins at ``low``."""
    room = np.empty(_BLOCK, np.uint64)
    for values in parts:
        for start in range(0, values.size, _BLOCK):
            bits = values[start : start + _BLOCK].view(np.uint64)
            short = room[: bits.size]
            np.right_shift(bits, np.uint64(shift), out=short)
            if low:
                short -= np.uint64(low)
            np.add.at(table, short.view(np.int64), 1)


def _move_minus_zero(table: Ints, parts: Sequence[Floats], shift: int) -> None:
    """Count minus zero, which shares its cell with the smallest of the negative numbers, as zero."""
    place = 1 << (63 - shift)
    if table[place]:
        zeros = sum(int(np.count_nonzero(values.view(np.uint64) == _SIGN)) for values in parts)
        table[place] -= zeros
        table[0] += zeros


def _others(table: Ints, seen: Ints, shift: int, left: int) -> tuple[Ints, Ints]:
    """Return the places that hold the ``left`` rows that were not counted yet, and their counts.

    They mostly lie between the same powers of two as the places already seen, or next to them: those are
    looked at first. With a shift of 0 all of the table is looked at.
    """
    bits = max(_MANTISSA - shift, 0)
    for reach in _REACHES if shift and seen.size else ():
        octaves = table.reshape(-1, 1 << bits)
        some = _around(seen >> bits, octaves.shape[0], reach)
        near = np.flatnonzero(octaves[some])
        found = (some[near >> bits] << bits) + (near & ((1 << bits) - 1))
        counts = table[found]
        if int(counts.sum()) == left:
            return found, counts
    found = np.flatnonzero(table)
    return found, table[found]


def _around(octaves: Ints, number: int, reach: int) -> Ints:
    """Return these octaves of a table and their neighbours."""
    there = np.zeros(number + 2 * reach, dtype=bool)
    there[octaves + reach] = True
    seen = np.flatnonzero(there)
    for step in range(-reach, reach + 1):
        there[seen + step] = True
    return np.flatnonzero(there[reach:-reach])


def _raw(keys: Keys, shift: int) -> Keys:
    """Return the raw patterns of keys, both cut by ``shift``."""
    top, full = _top_and_full(shift)
    return np.where(keys & top, keys ^ top, keys ^ full)


def _turned(raw: Keys, shift: int) -> Keys:
    """Return the keys of raw patterns, both cut by ``shift``."""
    top, full = _top_and_full(shift)
    return np.where(raw & top, raw ^ full, raw ^ top)


def _top_and_full(shift: int) -> tuple[np.uint64, np.uint64]:
    return np.uint64(1 << (63 - shift)), np.uint64((1 << (64 - shift)) - 1)


def _recount_sorted(values: Floats, shift: int, known: Keys) -> tuple[Ints, Keys, Ints]:
    keys, counts = _counted(values + 0.0, shift)
    place = np.searchsorted(known, keys)
    old = place < known.size
    old[old] = known[place[old]] == keys[old]
    held = np.zeros(known.size, np.int64)
    held[place[old]] = counts[old]
    return held, keys[~old], counts[~old]


def _counted(values: Floats, shift: int) -> tuple[Keys, Ints]:
    """Return the sorted different patterns of values, cut by ``shift``, and how often each came."""
    short = key_of(values) >> np.uint64(shift)
    low = short.min()
    if int(short.max() - low) >= _DENSE:
        found, counts = np.unique(short, return_counts=True)
        return found, counts.astype(np.int64)
    dense = np.bincount((short - low).view(np.int64))
    there = np.flatnonzero(dense)
    return there.astype(np.uint64) + low, dense[there].astype(np.int64)


def _distinct(ascending: Keys) -> int:
    return 1 + int(np.count_nonzero(ascending[1:] != ascending[:-1])) if ascending.size else 0
