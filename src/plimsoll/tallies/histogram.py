"""Joint histogram of a value, a class and a group of rows: the workhorse of the scan.

Cells are *dyadic*: a value's sortable bit pattern, cut off after so many bits that at most ``cells``
different patterns remain. Up to ``exact_cells`` different values no bit is cut and each cell is one
value. How many bits are cut follows from the set of values alone, so any split and any order of the
rows gives the same cells; a finer histogram is coarsened to match another by a shift. There is no
range to be known beforehand, and scores crowded near 0 or near 1,000 get cells where they are.
(decisions/0002)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from plimsoll.core.batch import BUCKET, BUCKETS, WEIGHT, Batch
from plimsoll.core.tally import Tally, state
from plimsoll.tallies.dyadic import (
    Floats,
    Ints,
    Keys,
    cells_of,
    different,
    key_of,
    least_shift,
    recount,
    union,
    value_of,
)

KEPT_CELLS = 1024
"""Most cells of a histogram in a profile."""
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
        return self._bare((rows,))

    def of_values(self, *parts: Floats) -> Histogram:
        """Take arrays of finite values that stand in no column, for a histogram of nothing but values."""
        rows = tuple(_Rows(values, None, None, None, ()) for values in parts)
        return self._bare(rows)

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
        if self.levels == self.groups == 1 and not (self.means or self.sums or self.weighted):
            return self._settled_plain()
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
            return value_of(self.keys)
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
        return value_of(low), value_of(low + np.uint64((1 << self.shift) - 1))

    def aligned(self, other: Histogram) -> tuple[Histogram, Histogram]:
        """Return both histograms on the same cells: those of either, as coarse as the coarser one."""
        one, two = self.settle(), other.settle()
        shift = max(one.shift, two.shift)
        one, two = one._coarsened(shift), two._coarsened(shift)
        keys = union(one.keys, two.keys)
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
        return settled._coarsened(least_shift(settled.keys, settled.shift, KEPT_CELLS))

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

    def _bare(self, rows: tuple[_Rows, ...] = ()) -> Histogram:
        return replace(
            self,
            shift=0,
            keys=np.empty(0, np.uint64),
            counts=None,
            totals=None,
            masses=None,
            pending=rows,
        )

    def _zeros(self) -> Histogram:
        return replace(
            self,
            counts=np.zeros((self.groups, 0, self.levels), np.int64),
            totals=np.zeros((0, self.means + len(self.sums))),
            masses=np.zeros((self.groups, 0, self.levels, 2)) if self.weighted else None,
        )

    def _count(self, rows: _Rows, shift: int) -> Histogram:
        shift = shift or self._some_cells([rows.values])[0]
        keys, cell = cells_of(key_of(rows.values) >> np.uint64(shift))
        needed = self._needed_shift(keys, shift)
        if needed > shift:  # cut before the dense counts are made, not after
            keys, place = cells_of(keys >> np.uint64(needed - shift))
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

    def _settled_plain(self) -> Histogram:
        """Count waiting rows that have nothing but a value."""
        parts = [rows.values for rows in self.pending]
        done = self if self.counts is not None else self._zeros()
        if not done.shift:
            shift, keys = self._some_cells(parts)
            done = done._coarsened(shift)
            if not done.keys.size:
                done = done._of_cells(shift, keys, np.zeros(keys.size, np.int64))
        assert done.counts is not None
        held, new, more = recount(parts, done.shift, done.keys)
        keys, counts = done.keys, done.counts[0, :, 0] + held
        if new.size:
            place = np.searchsorted(keys, new)
            keys, counts = np.insert(keys, place, new), np.insert(counts, place, more)
        needed = self._needed_shift(keys, done.shift)
        return self._of_cells(done.shift, keys, counts)._coarsened(needed)

    def _of_cells(self, shift: int, keys: Keys, counts: Ints) -> Histogram:
        """Return a histogram of nothing but counts, for which no rows wait."""
        return replace(
            self,
            shift=shift,
            keys=keys,
            counts=counts[None, :, None],
            totals=np.zeros((keys.size, 0)),
            pending=(),
        )

    def _some_cells(self, parts: Sequence[Floats]) -> tuple[int, Keys]:
        """Return a shift that these rows need at least, and cells that some of them fall in.

        A part never needs a coarser cut than the whole, so to begin with it changes no result.
        """
        if sum(values.size for values in parts) < 4 * self.exact_cells:
            return 0, np.empty(0, np.uint64)
        enough, some = self.exact_cells + self.exact_cells // 4, list[Floats]()
        for values in parts:
            some.append(values[: enough - sum(part.size for part in some)])
        keys = different(np.sort(key_of(np.concatenate(some) + 0.0)))
        shift = self._needed_shift(keys, 0)
        return shift, different(keys >> np.uint64(shift))

    def _plus(self, other: Histogram) -> Histogram:
        shift = max(self.shift, other.shift)
        one, two = self._coarsened(shift), other._coarsened(shift)
        keys = union(one.keys, two.keys)
        needed = self._needed_shift(keys, shift)
        if needed > shift:
            shift, one, two = needed, one._coarsened(needed), two._coarsened(needed)
            keys = union(one.keys, two.keys)
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
        return least_shift(keys, shift, self.cells)


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
