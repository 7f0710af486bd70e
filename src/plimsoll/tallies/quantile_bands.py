"""Between which predicted quantiles the outcome fell: the probability integral transform in steps."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from plimsoll.core.batch import BUCKET, BUCKETS, TARGET, WEIGHT, Batch
from plimsoll.core.errors import DataError
from plimsoll.core.tally import Tally, state

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class QuantileBands(Tally):
    """Rows by hash bucket and band. Band k holds outcomes above exactly k of the ``quantiles``.

    State: ``counts`` (groups, quantiles + 1), sums of weights where ``weighted``; ``squared`` is the sum
    of squared weights of all rows.
    """

    quantiles: tuple[str, ...]
    bucketed: bool = False
    weighted: bool = False
    counts: Floats | None = state()
    squared: float = state(0.0)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that are read."""
        return (TARGET, *self.quantiles, *([BUCKET] * self.bucketed), *([WEIGHT] * self.weighted))

    @property
    def groups(self) -> int:
        """Length of the group axis: 64 where bucketed, else 1."""
        return BUCKETS if self.bucketed else 1

    def of(self, batch: Batch) -> QuantileBands:
        """Count one batch."""
        y = batch.floats(TARGET)
        band = np.zeros(batch.rows, np.int64)
        for column in self.quantiles:
            values = batch.floats(column)
            if not np.isfinite(values).all():
                raise DataError(
                    f"Quantile column '{column}' must hold a finite number in every row that is judged; "
                    f"{int((~np.isfinite(values)).sum())} rows do not. Fill or drop them."
                )
            band += y > values
        bands = len(self.quantiles) + 1
        if self.bucketed:
            band = band + batch.codes(BUCKET) * bands
        w = batch.floats(WEIGHT) if self.weighted else np.ones(batch.rows)
        counts: Floats = np.bincount(band, w, self.groups * bands).astype(np.float64)
        counts = counts.reshape(self.groups, bands)
        return replace(self, counts=counts, squared=float(np.square(w).sum()))

    def merge(self, other: QuantileBands) -> QuantileBands:
        """Return the counts of both."""
        if self != other:
            raise ValueError("bands of different specification cannot be merged")
        one, two = self.settle(), other.settle()
        assert one.counts is not None and two.counts is not None
        return replace(self, counts=one.counts + two.counts, squared=one.squared + two.squared)

    def settle(self) -> QuantileBands:
        """Fill an empty tally with zeros."""
        if self.counts is not None:
            return self
        return replace(self, counts=np.zeros((self.groups, len(self.quantiles) + 1)))
