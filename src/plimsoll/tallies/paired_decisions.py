"""Decisions of two models on the same rows: how often each pair of answers met each true class."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from plimsoll.core.batch import BUCKET, BUCKETS, TARGET, WEIGHT, Batch, prediction_column
from plimsoll.core.tally import Tally, state


@dataclass(frozen=True)
class PairedDecisions(Tally):
    """Counts by hash bucket, true class, class decided by the model and by its rival ``against``.

    What a paired comparison needs without a row in sight: equal rows need not be told apart. State:
    ``counts`` (groups, classes, classes, classes), ``masses`` of one more axis (2) with the sums of
    weights and of squared weights where ``weighted``.
    """

    classes: int
    against: str
    bucketed: bool = False
    weighted: bool = False
    counts: npt.NDArray[np.int64] | None = state()
    masses: npt.NDArray[np.float64] | None = state()

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that are read."""
        extra = [BUCKET] * self.bucketed + [WEIGHT] * self.weighted
        return (TARGET, prediction_column(), prediction_column(self.against), *extra)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Shape of the counts."""
        k = self.classes
        return (BUCKETS if self.bucketed else 1, k, k, k)

    def of(self, batch: Batch) -> PairedDecisions:
        """Count one batch."""
        place = batch.codes(BUCKET) if self.bucketed else np.zeros(batch.rows, np.int64)
        for column in (TARGET, prediction_column(), prediction_column(self.against)):
            place = place * self.classes + batch.codes(column)
        size = int(np.prod(self.shape))
        masses: npt.NDArray[np.float64] | None = None
        if self.weighted:
            w = batch.floats(WEIGHT)
            masses = np.stack(
                [np.bincount(place, x, size).reshape(self.shape) for x in (w, w * w)], axis=-1
            ).astype(np.float64)
        counts = np.bincount(place, minlength=size).reshape(self.shape)
        return replace(self, counts=counts, masses=masses)

    def merge(self, other: PairedDecisions) -> PairedDecisions:
        """Return the counts of both."""
        if self != other:
            raise ValueError("paired decisions of different specification cannot be merged")
        one, two = self.settle(), other.settle()
        assert one.counts is not None and two.counts is not None
        masses = None
        if one.masses is not None and two.masses is not None:
            masses = one.masses + two.masses
        return replace(self, counts=one.counts + two.counts, masses=masses)

    def settle(self) -> PairedDecisions:
        """Fill an empty tally with zeros."""
        if self.counts is not None:
            return self
        masses = np.zeros((*self.shape, 2)) if self.weighted else None
        return replace(self, counts=np.zeros(self.shape, np.int64), masses=masses)

    @property
    def weights(self) -> npt.NDArray[np.float64]:
        """Sums of weights, or rows where unweighted, shape (groups, classes, classes, classes)."""
        settled = self.settle()
        assert settled.counts is not None
        return (
            settled.counts.astype(np.float64) if settled.masses is None else settled.masses[..., 0]
        )

    @property
    def squares(self) -> npt.NDArray[np.float64]:
        """Sums of squared weights, or rows where unweighted, of the same shape."""
        settled = self.settle()
        assert settled.counts is not None
        return (
            settled.counts.astype(np.float64) if settled.masses is None else settled.masses[..., 1]
        )
