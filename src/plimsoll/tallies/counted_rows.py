"""Different rows of a few columns and how often each came: all of them, or those of smallest hash."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Final

import numpy as np
import polars as pl

from plimsoll.core.batch import KEY, Batch
from plimsoll.core.keys import hash_rows
from plimsoll.core.tally import Tally, state

COUNT: Final = "@count"


@dataclass(frozen=True)
class CountedRows(Tally):
    """The ``size`` different rows of the ``takes`` columns with the smallest hash, with counts.

    For what does not decompose and needs rows of a few columns, such as a paired DeLong test. Equal rows
    are one row with a count, so a table of few different scores is held whole however long it is, and
    equal rows are never taken for one row. State: ``rows`` seen; ``frame`` of ``takes``, the hash and
    the count, sorted by hash once settled; ``limit``, the largest hash that can still be held, or None
    while there is room.
    """

    takes: tuple[str, ...]
    size: int = 200_000
    rows: int = state(0)
    frame: pl.DataFrame | None = state()
    limit: int | None = state()

    holds_rows: ClassVar[bool] = True

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that are read."""
        return self.takes

    def of(self, batch: Batch) -> CountedRows:
        """Take a batch."""
        frame = batch.frame.select(self.takes).with_columns(
            pl.Series(KEY, hash_rows(batch.frame, self.takes), dtype=pl.UInt64),
            pl.lit(1, pl.Int64).alias(COUNT),
        )
        return replace(self, rows=batch.rows, frame=frame)._cut()

    def merge(self, other: CountedRows) -> CountedRows:
        """Return the rows of both."""
        limits = [one.limit for one in (self, other) if one.limit is not None]
        limit = min(limits, default=None)
        frames = [one.frame for one in (self, other) if one.frame is not None]
        if limit is not None:
            frames = [frame.filter(pl.col(KEY) <= limit) for frame in frames]
        frame = pl.concat(frames, how="vertical_relaxed", rechunk=False) if frames else None
        return replace(self, rows=self.rows + other.rows, frame=frame, limit=limit)._cut()

    def settle(self) -> CountedRows:
        """Bring equal rows together, keep those of smallest hash and sort by it."""
        if self.frame is None:
            return self
        keys = [KEY, *self.takes]
        counted = self.frame.group_by(keys).agg(pl.col(COUNT).sum())
        frame = counted.sort(keys, nulls_last=True).head(self.size)
        limit = int(frame[KEY][-1]) if frame.height == self.size else None
        return replace(self, frame=frame.select(*self.takes, KEY, COUNT).rechunk(), limit=limit)

    @property
    def held(self) -> int:
        """Rows, out of ``rows``, that the different rows held stand for."""
        settled = self.settle()
        return 0 if settled.frame is None else int(settled.frame[COUNT].sum())

    @property
    def used(self) -> int:
        """Rows that :meth:`drawn` returns."""
        held = self.held
        return held if held < self.rows else min(held, self.size)

    def drawn(self) -> tuple[pl.DataFrame, bool]:
        """Return rows to compute from, and whether their counts are to be taken as weights.

        Where every different row is held: as many rows as there were, or ``size`` of them in equal steps
        through the rows sorted by hash (each different row in proportion to its count). Otherwise the
        different rows that are held; where they came more than once their counts are weights, for
        rows that are equal were chosen together.
        """
        frame = self.settle().frame
        assert frame is not None
        counts = frame[COUNT].to_numpy()
        total = int(counts.sum())
        if total < self.rows:
            return frame, bool((counts > 1).any())
        many = min(total, self.size)
        at = (np.arange(many) + 0.5) * (total / many)
        return frame[np.searchsorted(np.cumsum(counts), at, side="right")], False

    def _cut(self) -> CountedRows:
        if self.frame is None or self.frame.height <= 2 * self.size:
            return self
        return self.settle()
