"""Joint histogram of a value, a class and a group of rows: the workhorse of the scan.

Cells are *dyadic*: a value's sortable bit pattern, cut off after so many bits that at most ``cells``
different patterns remain. Up to ``exact_cells`` different values no bit is cut and each cell is one
value. How many bits are cut follows from the set of values alone, so any split and any order of the
rows gives the same cells; a finer histogram is coarsened to match another by a shift. There is no
range to be known beforehand, and scores crowded near 0 or near 1,000 get cells where they are.
(decisions/0002)
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from plimsoll.core.batch import BUCKET, BUCKETS, WEIGHT, Batch
from plimsoll.core.tally import Tally, state

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

KEPT_CELLS = 1024
"""Most cells of a histogram in a profile."""
_SIGN = np.uint64(1 << 63)
_DENSE = 1 << 22
_BUFFER = 1 << 20


@dataclass(frozen=True)
class _Rows:
    """Rows not yet counted: arrays of one length."""

    values: Floats
    codes: Ints | None
    buckets: Ints | None
    weights: Floats | None
    extra: tuple[Floats, ...]


@dataclass(frozen=True)
class Histogram(Tally):
    """Counts of rows by cell of ``value``, class code in ``by`` and hash bucket.

    Specification
    -------------
    value: numeric column; rows where it is not finite are not counted.
    by, levels: column of whole-number codes 0 .. levels - 1; without it there is one level.
    one_vs: with it, the code is 1 where ``by`` equals this class code and 0 elsewhere.
    bucketed: whether counts are kept for each of the 64 hash buckets.
    weighted: whether sums of weights and of squared weights are kept beside the counts.
    sums: numeric columns whose sum is kept for each cell.
    means: whether the sum of the value is kept for each cell; without it a cell's value is its middle.
    cells, exact_cells: see the module.

    State
    -----
    shift: bits cut off; 0 means every cell is one value.
    keys: (m,) sorted patterns; counts: (groups, m, levels); totals: (m, means + len(sums)), the sum of
    the value first; masses: (groups, m, levels, 2), sums of weights and of squared weights.
    """

    value: str
    by: str | None = None
    levels: int = 1
    one_vs: int | None = None
    bucketed: bool = False
    weighted: bool = False
    sums: tuple[str, ...] = ()
    means: bool = True
    cells: int = 65_536
    exact_cells: int = 1_048_576
    shift: int = state(0)
    keys: Keys = state(factory=lambda: np.empty(0, np.uint64))
    counts: Ints | None = state()
    totals: Floats | None = state()
    masses: Floats | None = state()
    pending: tuple[_Rows, ...] = state(factory=tuple)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that are read."""
        named = [self.value, *([self.by] if self.by else []), *self.sums]
        return (*named, *([BUCKET] if self.bucketed else []), *([WEIGHT] if self.weighted else []))

    @property
    def groups(self) -> int:
        """Length of the group axis: 64 where bucketed, else 1."""
        return BUCKETS if self.bucketed else 1

    def of(self, batch: Batch) -> Histogram:
        """Take the rows of a batch; they are counted when enough have come together."""
        values = batch.floats(self.value) + 0.0
        rows = _Rows(
            values,
            self._codes(batch),
            batch.codes(BUCKET) if self.bucketed else None,
            batch.floats(WEIGHT) if self.weighted else None,
            tuple(batch.floats(column) for column in self.sums),
        )
        finite = np.isfinite(values)
        if not finite.all():
            rows = _select(rows, finite)
        return replace(self._bare(), pending=(rows,))

    def of_values(self, values: Floats) -> Histogram:
        """Take finite values that stand in no column, for a histogram of nothing but values."""
        return replace(self._bare(), pending=(_Rows(values + 0.0, None, None, None, ()),))

    def merge(self, other: Histogram) -> Histogram:
        """Return the histogram of both."""
        if self != other:
            raise ValueError("histograms of different specification cannot be merged")
        one, two = (self, other) if self.keys.size >= other.keys.size else (other, self)
        merged = one._plus(two) if two.keys.size else one
        merged = replace(merged, pending=self.pending + other.pending)
        waiting = sum(rows.values.size for rows in merged.pending)
        return merged.settle() if waiting > min(_BUFFER, 4 * self.exact_cells) else merged

    def settle(self) -> Histogram:
        """Count the rows still waiting."""
        if not self.pending:
            return self if self.counts is not None else self._zeros()
        done = replace(self, pending=())
        rows = _join(self.pending)
        counted = self._count(rows, self.shift)
        return done._plus(counted) if done.keys.size else counted

    @property
    def exact(self) -> bool:
        """Whether every cell is one value."""
        return self.shift == 0

    @property
    def values(self) -> Floats:
        """Value of each cell, ascending, shape (m,): the value itself, or the mean in the cell."""
        if self.exact:
            return _unkey(self.keys)
        if not self.means:
            low, high = self.edges
            return low + (high - low) / 2
        settled = self.settle()
        assert settled.counts is not None and settled.totals is not None
        means: Floats = settled.totals[:, 0] / settled.counts.sum(axis=(0, 2))
        return means

    @property
    def edges(self) -> tuple[Floats, Floats]:
        """Smallest and largest value that each cell can hold, both (m,); equal where it is exact."""
        shift = np.uint64(self.shift)
        low = self.keys << shift
        return _unkey(low), _unkey(low + np.uint64((1 << self.shift) - 1))

    def aligned(self, other: Histogram) -> tuple[Histogram, Histogram]:
        """Return both histograms on the same cells: those of either, as coarse as the coarser one."""
        one, two = self.settle(), other.settle()
        shift = max(one.shift, two.shift)
        one, two = one._coarsened(shift), two._coarsened(shift)
        keys = _union(one.keys, two.keys)
        return tuple(
            replace(part._spread(keys, (part,), (np.searchsorted(keys, part.keys),)), shift=shift)
            for part in (one, two)
        )  # type: ignore[return-value]

    def anonymous(self) -> Histogram:
        """Return the same histogram with at most 1,024 cells.

        Of a column with up to 1,024 different numbers each stays a cell, and so do the ends of all.
        """
        settled = self.settle()
        if settled.keys.size <= KEPT_CELLS:
            return settled
        return settled._coarsened(_least_shift(settled.keys, settled.shift, KEPT_CELLS))

    def level(self, code: int = 0) -> Floats:
        """Counts of one class in each cell, or sums of weights where weighted; shape (m,)."""
        total: Floats = self.grouped(code).sum(axis=0)
        return total

    def grouped(self, code: int = 0) -> Floats:
        """Counts of one class by group and cell, or sums of weights; shape (groups, m)."""
        if self.masses is not None:
            return self.masses[:, :, code, 0]
        assert self.counts is not None
        return self.counts[:, :, code].astype(np.float64)

    def squared(self, code: int = 0) -> Floats:
        """Sums of squared weights (counts where unweighted) of one class; shape (m,)."""
        if self.masses is not None:
            total: Floats = self.masses[:, :, code, 1].sum(axis=0)
            return total
        return self.level(code)

    def by_label(self) -> tuple[Floats, Ints, Ints, Floats | None, Floats | None]:
        """Return what ``stats.score_cells.ScoreCells`` takes: scores, rows of class 0 and of class 1,
        weights and squared weights, each (m,) or (groups, m), the last two (2, ...) or None.
        """
        settled = self.settle()
        counts, masses = settled.counts, settled.masses
        assert counts is not None
        if not self.bucketed:
            counts = counts[0]
            masses = None if masses is None else masses[0]
        weights = squares = None
        if masses is not None:
            weights = np.moveaxis(masses[..., 0], -1, 0)
            squares = np.moveaxis(masses[..., 1], -1, 0)
        return settled.values, counts[..., 0], counts[..., 1], weights, squares

    def calibration_parts(self) -> tuple[Floats, Floats, Floats, Floats | None]:
        """Return what ``stats.calibration_cells.Cells.of`` takes: scores, masses of class 0 and of
        class 1, (m,) or (groups, m), and squared weights (2, m) or None where unweighted.
        """
        settled = self.settle()
        pick = settled.grouped if self.bucketed else settled.level
        squared = None
        if self.weighted:
            squared = np.stack([settled.squared(0), settled.squared(1)])
        return np.clip(settled.values, 0.0, 1.0), pick(0), pick(1), squared

    def sum_of(self, column: str) -> Floats:
        """Sum of one of the ``sums`` columns in each cell, shape (m,)."""
        assert self.totals is not None
        return self.totals[:, self.means + self.sums.index(column)]

    @property
    def rows(self) -> int:
        """Number of rows counted."""
        settled = self.settle()
        return 0 if settled.counts is None else int(settled.counts.sum())

    def _codes(self, batch: Batch) -> Ints | None:
        if self.by is None:
            return None
        codes = batch.codes(self.by)
        return codes if self.one_vs is None else (codes == self.one_vs).astype(np.int64)

    def _bare(self) -> Histogram:
        empty = np.empty(0, np.uint64)
        return replace(self, shift=0, keys=empty, counts=None, totals=None, masses=None, pending=())

    def _zeros(self) -> Histogram:
        return replace(
            self,
            counts=np.zeros((self.groups, 0, self.levels), np.int64),
            totals=np.zeros((0, self.means + len(self.sums))),
            masses=np.zeros((self.groups, 0, self.levels, 2)) if self.weighted else None,
        )

    def _count(self, rows: _Rows, shift: int) -> Histogram:
        shift = shift or self._shift_of_some(rows.values)
        if self.levels == self.groups == 1 and not (self.means or self.sums or self.weighted):
            return self._count_plain(rows.values, shift)
        keys, cell = _cells(_key(rows.values) >> np.uint64(shift))
        needed = self._needed_shift(keys, shift)
        if needed > shift:  # cut before the dense counts are made, not after
            keys, place = _cells(keys >> np.uint64(needed - shift))
            shift, cell = needed, place[cell]
        m, levels = keys.size, self.levels
        place = cell if rows.codes is None else cell * levels + rows.codes
        if rows.buckets is not None:
            place = place + rows.buckets * (m * levels)
        shape = (self.groups, m, levels)
        size = self.groups * m * levels
        masses: Floats | None = None
        if rows.weights is not None:
            w = rows.weights
            masses = np.stack(
                [np.bincount(place, x, size).reshape(shape) for x in (w, w * w)], axis=-1
            ).astype(np.float64)
        summed = (*([rows.values] if self.means else []), *rows.extra)
        return replace(
            self._bare(),
            shift=shift,
            keys=keys,
            counts=np.bincount(place, minlength=size).reshape(shape),
            totals=np.stack([np.bincount(cell, x, m) for x in summed], axis=-1)
            if summed
            else np.zeros((m, 0)),
            masses=masses,
        )

    def _count_plain(self, values: Floats, shift: int) -> Histogram:
        """Count rows that have nothing but a value: one pass where the patterns lie close together."""
        keys, counts = _counted(values, shift)
        needed = self._needed_shift(keys, shift)
        cells = np.zeros((keys.size, 0))
        whole = replace(
            self._bare(), shift=shift, keys=keys, counts=counts[None, :, None], totals=cells
        )
        return whole._coarsened(needed)

    def _shift_of_some(self, values: Floats) -> int:
        """Return a shift that these rows need at least, from the first of them.

        A part never needs a coarser cut than the whole, so to begin with it changes no result.
        """
        enough = 2 * self.exact_cells
        if values.size < 2 * enough:
            return 0
        some = np.sort(_key(values[:enough]))
        return self._needed_shift(some[np.r_[True, some[1:] != some[:-1]]], 0)

    def _plus(self, other: Histogram) -> Histogram:
        shift = max(self.shift, other.shift)
        one, two = self._coarsened(shift), other._coarsened(shift)
        keys = _union(one.keys, two.keys)
        needed = self._needed_shift(keys, shift)
        if needed > shift:
            shift, one, two = needed, one._coarsened(needed), two._coarsened(needed)
            keys = _union(one.keys, two.keys)
        places = np.searchsorted(keys, one.keys), np.searchsorted(keys, two.keys)
        return replace(one._spread(keys, (one, two), places), shift=shift)

    def _spread(
        self, keys: Keys, parts: tuple[Histogram, ...], places: tuple[npt.NDArray[np.intp], ...]
    ) -> Histogram:
        counts = np.zeros((self.groups, keys.size, self.levels), np.int64)
        totals = np.zeros((keys.size, self.means + len(self.sums)))
        masses = np.zeros((self.groups, keys.size, self.levels, 2)) if self.weighted else None
        for part, place in zip(parts, places, strict=True):
            assert part.counts is not None and part.totals is not None
            counts[:, place] += part.counts
            totals[place] += part.totals
            if masses is not None and part.masses is not None:
                masses[:, place] += part.masses
        return replace(self, keys=keys, counts=counts, totals=totals, masses=masses)

    def _coarsened(self, shift: int) -> Histogram:
        if shift == self.shift:
            return self
        if not self.keys.size:
            return replace(self, shift=shift)
        assert self.counts is not None and self.totals is not None
        short = self.keys >> np.uint64(shift - self.shift)
        start = np.flatnonzero(np.r_[True, short[1:] != short[:-1]])
        keys = short[start]
        return replace(
            self,
            shift=shift,
            keys=keys,
            counts=np.add.reduceat(self.counts, start, axis=1),
            totals=np.add.reduceat(self.totals, start, axis=0),
            masses=None if self.masses is None else np.add.reduceat(self.masses, start, axis=1),
        )

    def _needed_shift(self, keys: Keys, shift: int) -> int:
        """Return the least shift, from ``shift`` up, at which these keys are few enough."""
        if keys.size <= (self.exact_cells if shift == 0 else self.cells):
            return shift
        return _least_shift(keys, shift, self.cells)


def _least_shift(keys: Keys, shift: int, cells: int) -> int:
    """Return the least shift, from ``shift`` up, at which these keys are at most ``cells``."""
    low, high = shift, 64
    while low < high:
        middle = (low + high) // 2
        if _distinct(keys >> np.uint64(middle - shift)) <= cells:
            high = middle
        else:
            low = middle + 1
    return low


def _key(values: Floats) -> Keys:
    """Return bit patterns that sort as the values do: all bits turned where negative, else the sign."""
    bits = values.view(np.uint64)
    turned = (values.view(np.int64) >> 63).view(np.uint64)
    turned |= _SIGN
    turned ^= bits
    return turned


def _unkey(keys: Keys) -> Floats:
    bits = np.where(keys & _SIGN, keys & ~_SIGN, ~keys)
    values: Floats = bits.view(np.float64)
    return values


def _cells(short: Keys) -> tuple[Keys, Ints]:
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


def _counted(values: Floats, shift: int) -> tuple[Keys, Ints]:
    """Return the sorted different patterns of values, cut by ``shift``, and how often each came."""
    if not values.size:
        return np.empty(0, np.uint64), np.empty(0, np.int64)
    short, zero = _signed(values, shift)
    low = short.min()
    if int(short.max()) - int(low) >= _DENSE:
        found, counts = np.unique(short, return_counts=True)
        return found.astype(np.uint64) + np.uint64(zero), counts.astype(np.int64)
    short -= low
    dense = np.bincount(short)
    there = np.flatnonzero(dense != 0)
    first = np.uint64(int(low) + zero)
    return there.astype(np.uint64) + first, dense[there].astype(np.int64)


def _signed(values: Floats, shift: int) -> tuple[npt.NDArray[np.signedinteger[Any]], int]:
    """Return the patterns of values, cut by ``shift``, less a number that is returned beside them.

    Where the lower half of the pattern is cut away, it is never read: half the memory is moved.
    """
    if shift == 0:
        return (_key(values) ^ _SIGN).view(np.int64), 1 << 63
    if shift < 32 or sys.byteorder != "little":
        return (_key(values) >> np.uint64(shift)).view(np.int64), 0
    high = values.view(np.int32)[1::2]
    turned = high >> 31
    turned &= 0x7FFFFFFF
    turned ^= high
    turned >>= shift - 32
    return turned, (1 << 31) >> (shift - 32)


def _union(one: Keys, two: Keys) -> Keys:
    """Return the different keys of two sorted arrays; a stable sort merges sorted runs quickly."""
    keys = np.sort(np.concatenate([one, two]), kind="stable")
    return keys[np.r_[True, keys[1:] != keys[:-1]]] if keys.size else keys


def _distinct(ascending: Keys) -> int:
    return 1 + int(np.count_nonzero(ascending[1:] != ascending[:-1])) if ascending.size else 0


def _select(rows: _Rows, mask: npt.NDArray[np.bool_]) -> _Rows:
    return _Rows(
        rows.values[mask],
        None if rows.codes is None else rows.codes[mask],
        None if rows.buckets is None else rows.buckets[mask],
        None if rows.weights is None else rows.weights[mask],
        tuple(x[mask] for x in rows.extra),
    )


def _join(parts: tuple[_Rows, ...]) -> _Rows:
    if len(parts) == 1:
        return parts[0]

    def glue(name: str) -> npt.NDArray[np.generic] | None:
        arrays = [getattr(part, name) for part in parts]
        return None if arrays[0] is None else np.concatenate(arrays)

    extra = tuple(np.concatenate(arrays) for arrays in zip(*(p.extra for p in parts), strict=True))
    return _Rows(glue("values"), glue("codes"), glue("buckets"), glue("weights"), extra)  # type: ignore[arg-type]
