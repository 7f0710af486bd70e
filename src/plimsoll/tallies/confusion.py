"""Confusion matrix: how often each class was predicted for each true class."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from plimsoll.core.batch import BUCKET, BUCKETS, TARGET, WEIGHT, Batch, prediction_column
from plimsoll.core.tally import Tally, state


@dataclass(frozen=True)
class Confusion(Tally):
    """Counts by hash bucket, true class (rows) and predicted class (columns).

    State: ``counts`` (groups, classes, classes), ``masses`` (groups, classes, classes, 2) with the
    sums of weights and of squared weights where ``weighted``.
    """

    classes: int
    model: str = ""
    bucketed: bool = False
    weighted: bool = False
    counts: npt.NDArray[np.int64] | None = state()
    masses: npt.NDArray[np.float64] | None = state()

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that are read."""
        extra = [BUCKET] * self.bucketed + [WEIGHT] * self.weighted
        return (TARGET, prediction_column(self.model), *extra)

    @property
    def groups(self) -> int:
        """Length of the group axis: 64 where bucketed, else 1."""
        return BUCKETS if self.bucketed else 1

    def of(self, batch: Batch) -> Confusion:
        """Count one batch."""
        k = self.classes
        place = batch.codes(TARGET) * k + batch.codes(prediction_column(self.model))
        if self.bucketed:
            place = place + batch.codes(BUCKET) * (k * k)
        shape, size = (self.groups, k, k), self.groups * k * k
        masses: npt.NDArray[np.float64] | None = None
        if self.weighted:
            w = batch.floats(WEIGHT)
            masses = np.stack(
                [np.bincount(place, x, size).reshape(shape) for x in (w, w * w)], axis=-1
            ).astype(np.float64)
        return replace(
            self, counts=np.bincount(place, minlength=size).reshape(shape), masses=masses
        )

    def merge(self, other: Confusion) -> Confusion:
        """Return the counts of both."""
        if self != other:
            raise ValueError("confusion matrices of different specification cannot be merged")
        one, two = self.settle(), other.settle()
        assert one.counts is not None and two.counts is not None
        masses = None
        if one.masses is not None and two.masses is not None:
            masses = one.masses + two.masses
        return replace(self, counts=one.counts + two.counts, masses=masses)

    def settle(self) -> Confusion:
        """Fill an empty tally with zeros."""
        if self.counts is not None:
            return self
        shape = (self.groups, self.classes, self.classes)
        return replace(
            self,
            counts=np.zeros(shape, np.int64),
            masses=np.zeros((*shape, 2)) if self.weighted else None,
        )

    def parts(
        self,
    ) -> tuple[
        npt.NDArray[np.int64], npt.NDArray[np.float64] | None, npt.NDArray[np.float64] | None
    ]:
        """Return what ``stats.confusion.ConfusionCounts`` takes: rows, weights, squared weights."""
        settled = self.settle()
        assert settled.counts is not None
        if settled.masses is None:
            return settled.counts, None, None
        return settled.counts, settled.masses[..., 0], settled.masses[..., 1]

    @property
    def matrix(self) -> npt.NDArray[np.int64]:
        """Counts summed over groups, shape (classes, classes)."""
        settled = self.settle()
        assert settled.counts is not None
        total: npt.NDArray[np.int64] = settled.counts.sum(axis=0)
        return total
