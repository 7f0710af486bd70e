"""Mean and spread of a target and the squared error beside it: what R2 is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from plimsoll.core.batch import BUCKET, BUCKETS, TARGET, WEIGHT, Batch, prediction_column
from plimsoll.core.tally import Tally, state

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Spread(Tally):
    """By hash bucket: rows, weight, mean of the target, its sum of squared deviations, squared error.

    State: ``parts`` (64, 5). Means and deviations are merged pairwise (Chan, Golub, LeVeque 1983,
    doi:10.1080/00031305.1983.10483115), so a large offset of the target loses no digits.
    """

    model: str = ""
    weighted: bool = False
    parts: Floats = state(factory=lambda: np.zeros((BUCKETS, 5)))

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that are read."""
        return (TARGET, prediction_column(self.model), BUCKET, *([WEIGHT] * self.weighted))

    def of(self, batch: Batch) -> Spread:
        """Sum one batch."""
        bucket = batch.codes(BUCKET)
        y = batch.floats(TARGET)
        e = batch.floats(prediction_column(self.model)) - y
        w = batch.floats(WEIGHT) if self.weighted else np.ones_like(y)
        n = np.bincount(bucket, minlength=BUCKETS).astype(np.float64)
        mass = np.bincount(bucket, w, BUCKETS)
        shift = float(y.mean()) if y.size else 0.0
        safe = np.where(mass > 0, mass, 1.0)
        offset = np.bincount(bucket, w * (y - shift), BUCKETS) / safe
        mean = np.where(mass > 0, shift + offset, 0.0)
        deviation = np.bincount(bucket, w * np.square(y - mean[bucket]), BUCKETS)
        squares = np.bincount(bucket, w * e * e, BUCKETS)
        return replace(self, parts=np.stack([n, mass, mean, deviation, squares], axis=1))

    def merge(self, other: Spread) -> Spread:
        """Return the sums of both."""
        return replace(self, parts=combine(self.parts, other.parts))


def combine(one: Floats, two: Floats) -> Floats:
    """Merge rows of (n, weight, mean, deviation, squared error), shape (..., 5), pairwise."""
    wa, wb = one[..., 1], two[..., 1]
    total = wa + wb
    safe = np.where(total > 0, total, 1.0)
    delta = two[..., 2] - one[..., 2]
    mean = np.where(total > 0, one[..., 2] + delta * wb / safe, 0.0)
    mean = np.where(wa == 0, two[..., 2], np.where(wb == 0, one[..., 2], mean))
    deviation = one[..., 3] + two[..., 3] + np.where(total > 0, delta**2 * wa * wb / safe, 0.0)
    return np.stack(
        [one[..., 0] + two[..., 0], total, mean, deviation, one[..., 4] + two[..., 4]], axis=-1
    )
