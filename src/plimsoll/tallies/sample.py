"""A sample of rows that is the same however the rows were dealt out: the smallest hashes win."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import polars as pl

from plimsoll.core.batch import KEY, Batch
from plimsoll.core.tally import Tally, state


@dataclass(frozen=True)
class Sample(Tally):
    """The ``size`` rows whose keys have the smallest hash; all rows where there are no more.

    Needed by what does not decompose: fitting a baseline, a paired DeLong test. Whoever uses it says
    ``used`` of ``rows``. State: ``frame`` with the ``takes`` columns and the key, sorted by key.
    """

    takes: tuple[str, ...]
    size: int = 100_000
    rows: int = state(0)
    frame: pl.DataFrame | None = state()

    holds_rows: ClassVar[bool] = True

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that are read."""
        return (*self.takes, KEY)

    def of(self, batch: Batch) -> Sample:
        """Take a batch."""
        frame = batch.frame.select(*self.takes, KEY)
        return replace(self, rows=batch.rows, frame=frame)._cut()

    def merge(self, other: Sample) -> Sample:
        """Return the sample of both."""
        if self.frame is None or other.frame is None:
            frame = other.frame if self.frame is None else self.frame
        else:
            frame = pl.concat([self.frame, other.frame], how="vertical_relaxed", rechunk=False)
        return replace(self, rows=self.rows + other.rows, frame=frame)._cut()

    def settle(self) -> Sample:
        """Sort by key, then by the columns, so that the order of the rows is always the same."""
        if self.frame is None:
            return self
        order = [KEY]
        if self.frame.get_column(KEY).n_unique() < self.frame.height:  # equal keys: rows settle it
            order += [c for c in self.takes if not self.frame.schema[c].is_nested()]
        frame = self.frame.sort(order, nulls_last=True).head(self.size)
        return replace(self, frame=frame.rechunk())

    @property
    def used(self) -> int:
        """Rows held."""
        return 0 if self.frame is None else min(self.frame.height, self.size)

    def _cut(self) -> Sample:
        if self.frame is None or self.frame.height <= 2 * self.size:
            return self
        return self.settle()
