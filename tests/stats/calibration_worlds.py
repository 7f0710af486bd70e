"""Rows whose true probabilities are known, tallied into cells, for the tests of calibration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit, ndtr

from plimsoll.stats.calibration_cells import Cells

FloatArray = npt.NDArray[np.float64]
Truth = Callable[[FloatArray], FloatArray]

SCORES: dict[str, tuple[float, float]] = {"half": (1, 1), "tenth": (1, 9), "fiftieth": (1, 49)}
"""Beta parameters of the scores: about 50, 10 and 2 % positives where the model is calibrated."""

TRUTHS: dict[str, Truth] = {
    "calibrated": lambda s: s,
    "too low": lambda s: expit(logit(s) + 0.5),
    "overconfident": lambda s: expit(0.5 * logit(s)),
    "timid": lambda s: expit(2 * logit(s)),
}


@dataclass(frozen=True)
class World:
    """A distribution of scores and the true probability at each score."""

    scores: str
    truth: str

    def draw(self, rows: int, rng: np.random.Generator) -> FloatArray:
        """Return scores of new rows."""
        return np.clip(rng.beta(*SCORES[self.scores], rows), 1e-12, 1 - 1e-12)

    def probability(self, scores: FloatArray) -> FloatArray:
        """Return the true probability at each score."""
        return TRUTHS[self.truth](scores)

    def rows(self, n: int, rng: np.random.Generator) -> tuple[FloatArray, npt.NDArray[np.int64]]:
        """Return scores and labels of independent rows."""
        scores = self.draw(n, rng)
        return scores, (rng.random(n) < self.probability(scores)).astype(np.int64)

    def cells(self, n: int, rng: np.random.Generator) -> Cells:
        """Return independent rows by distinct score."""
        return tally(*self.rows(n, rng))

    def clustered(
        self, clusters: int, size: int, rng: np.random.Generator, correlation: float = 0.3
    ) -> Cells:
        """Return rows whose latent labels correlate within clusters; the truth at a score stands."""
        scores = self.draw(clusters * size, rng)
        shared = np.repeat(rng.standard_normal(clusters), size)
        own = rng.standard_normal(clusters * size)
        latent = ndtr(np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own)
        labels = (latent < self.probability(scores)).astype(np.int64)
        buckets = rng.integers(0, 64, clusters)
        return tally(scores, labels, np.repeat(buckets, size))


def tally(
    scores: FloatArray,
    labels: npt.NDArray[np.int64],
    groups: npt.NDArray[np.int64] | None = None,
    *,
    clustered: bool | None = None,
) -> Cells:
    """Return rows by distinct score, and by group where groups are given."""
    values, place = np.unique(scores, return_inverse=True)
    shape = (values.size,) if groups is None else (int(groups.max()) + 1, values.size)
    where = place if groups is None else groups * values.size + place
    counts = [
        np.bincount(where[labels == label], minlength=int(np.prod(shape))).reshape(shape)
        for label in (0, 1)
    ]
    return Cells.of(values, counts[0], counts[1], clustered=clustered)
