"""All rows of a few columns while they are few, and none of them once they are many."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import polars as pl

from plimsoll.core.batch import Batch
from plimsoll.core.tally import Tally, state


@dataclass(frozen=True)
class SmallRows(Tally):
    """The ``takes`` columns of every row where there are at most ``size`` rows, else only their number.

    For numbers that small tables can have exactly and large ones from cells. State: ``rows`` seen;
    ``frame``, sorted by its columns once settled, or None once there were too many.
    """

    takes: tuple[str, ...]
    size: int = 20_000
    rows: int = state(0)
    frame: pl.DataFrame | None = state()

    holds_rows: ClassVar[bool] = True

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that are read."""
        return self.takes

    @property
    def held(self) -> bool:
        """Whether every row is held."""
        return self.frame is not None and self.rows <= self.size

    def of(self, batch: Batch) -> SmallRows:
        """Take a batch."""
        few = batch.rows <= self.size
        return replace(self, rows=batch.rows, frame=batch.frame.select(self.takes) if few else None)

    def merge(self, other: SmallRows) -> SmallRows:
        """Return the rows of both."""
        rows = self.rows + other.rows
        frames = [part.frame for part in (self, other) if part.frame is not None]
        frame = None
        if rows <= self.size and frames:
            frame = pl.concat(frames, how="vertical_relaxed", rechunk=False)
        return replace(self, rows=rows, frame=frame)

    def settle(self) -> SmallRows:
        """Sort by the columns, so that the order of the rows is always the same."""
        if self.frame is None:
            return self
        order = [c for c in self.takes if not self.frame.schema[c].is_nested()]
        return replace(self, frame=self.frame.sort(order, nulls_last=True).rechunk())
