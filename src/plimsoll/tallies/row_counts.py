"""How many rows came, how many were used, and why the others were left out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from plimsoll.core.batch import REASON, REASONS, WEIGHT, Batch
from plimsoll.core.tally import Tally, state


@dataclass(frozen=True)
class RowCounts(Tally):
    """Rows by reason; reason 0 means used. ``weight`` is that of the used rows.

    State: ``counts`` (reasons,), see ``core.batch``."""

    weighted: bool = False
    weight: float = state(0.0)
    counts: npt.NDArray[np.int64] = state(factory=lambda: np.zeros(len(REASONS), np.int64))

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that are read."""
        return (REASON, *([WEIGHT] * self.weighted))

    def of(self, batch: Batch) -> RowCounts:
        """Count one batch."""
        reasons = batch.codes(REASON)
        weight = float(batch.floats(WEIGHT)[reasons == 0].sum()) if self.weighted else 0.0
        return replace(self, weight=weight, counts=np.bincount(reasons, minlength=len(REASONS)))

    def merge(self, other: RowCounts) -> RowCounts:
        """Return the counts of both."""
        return replace(self, weight=self.weight + other.weight, counts=self.counts + other.counts)

    @property
    def rows(self) -> int:
        """All rows."""
        return int(self.counts.sum())

    @property
    def used(self) -> int:
        """Rows that were judged."""
        return int(self.counts[0])

    @property
    def left_out(self) -> dict[str, int]:
        """Rows left out, by reason; only reasons that occurred."""
        return {
            reason: int(count)
            for reason, count in zip(REASONS[1:], self.counts[1:], strict=True)
            if count
        }
