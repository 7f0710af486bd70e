"""Rows of a binary question by score and label: what every ranking measure works on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from plimsoll.stats.interval import FloatArray, ratio
from plimsoll.stats.resample import pool_starts

Counts = npt.NDArray[np.int64] | npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ScoreCells:
    """Rows by distinct score (or narrow bin of scores) and label.

    ``scores`` (m,) ascend strictly; any order-giving number will do. ``negatives`` and ``positives`` are
    rows, (m,), or (G, m) where rows of a group belong together; an axis of one group means
    independent rows. ``weights`` and ``squares`` are sums of weights and of squared weights, each
    (2, m) or (2, G, m), negatives first; leave both out where rows have no weights.

    Raises
    ------
    ValueError
        If shapes do not match, scores do not ascend or a count is negative: the tally is wrong.
    """

    scores: FloatArray
    negatives: Counts
    positives: Counts
    weights: FloatArray | None = None
    squares: FloatArray | None = None

    def __post_init__(self) -> None:
        shape = self.negatives.shape
        if self.positives.shape != shape or shape[-1:] != self.scores.shape or len(shape) > 2:
            raise ValueError(
                f"cells of shape {shape} and {self.positives.shape} do not match "
                f"{self.scores.size} scores"
            )
        if self.scores.size > 1 and not bool((self.scores[1:] > self.scores[:-1]).all()):
            raise ValueError("scores of cells must ascend strictly")
        if (self.weights is None) != (self.squares is None):
            raise ValueError("weights and squares of cells come together")
        if self.weights is not None and self.weights.shape != (2, *shape):
            raise ValueError(f"weights of shape {self.weights.shape} do not match cells {shape}")

    @property
    def grouped(self) -> bool:
        """Whether rows of a group belong together."""
        return self.negatives.ndim == 2 and self.negatives.shape[0] > 1

    @cached_property
    def counts(self) -> FloatArray:
        """Rows by label (negatives first) and cell, shape (2, m)."""
        sums = [
            x.reshape(-1, self.scores.size).sum(axis=0) for x in (self.negatives, self.positives)
        ]
        return np.stack(sums).astype(np.float64)

    @cached_property
    def by_group(self) -> FloatArray:
        """Sums of weights, or rows, by label, group and cell, shape (2, G, m)."""
        if self.weights is not None:
            return np.asarray(self.weights, np.float64).reshape(2, -1, self.scores.size)
        both = np.empty((2, *self.negatives.shape))
        both[0], both[1] = self.negatives, self.positives
        return both.reshape(2, -1, self.scores.size)

    @cached_property
    def masses(self) -> FloatArray:
        """Sums of weights, or rows, by label and cell, shape (2, m)."""
        if self.weights is None:
            return self.counts
        total: FloatArray = self.by_group.sum(axis=1)
        return total

    @cached_property
    def squared(self) -> FloatArray:
        """Sums of squared weights, or rows, by label and cell, shape (2, m)."""
        if self.squares is None:
            return self.counts
        total: FloatArray = self.squares.reshape(2, -1, self.scores.size).sum(axis=1)
        return total

    @cached_property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.counts.sum())

    @cached_property
    def of_label(self) -> tuple[int, int]:
        """Number of negative and of positive rows."""
        negative, positive = self.counts.sum(axis=1)
        return int(negative), int(positive)

    @cached_property
    def effective(self) -> tuple[float, float]:
        """Effective rows of each label, (sum w)^2 / sum w^2 (Kish 1965); rows if unweighted."""
        if self.weights is None:
            return float(self.of_label[0]), float(self.of_label[1])
        mass, square = self.masses.sum(axis=1), self.squared.sum(axis=1)
        one, two = ratio(mass * mass, square, 0.0)
        return float(one), float(two)

    @property
    def one_class(self) -> bool:
        """Whether rows, or their weight, of one of the labels are missing."""
        return bool((self.masses.sum(axis=1) <= 0).any())

    def ungrouped(self) -> ScoreCells:
        """Return the same cells of independent rows."""
        if self.negatives.ndim == 1:
            return self
        weights = None if self.weights is None else self.weights.sum(axis=1)
        squares = None if self.squares is None else self.squares.sum(axis=1)
        return ScoreCells(
            self.scores, self.negatives.sum(axis=0), self.positives.sum(axis=0), weights, squares
        )

    def pooled(self, cells: int) -> ScoreCells:
        """Return at most ``cells`` cells, each of neighbouring cells with about equally many rows.

        The score of a pooled cell is the mean score of its rows. Pooling makes ties: a measure of
        order loses at most :func:`plimsoll.stats.auc.binning_error`.
        """
        if self.scores.size <= cells:
            return self
        rows = self.counts.sum(axis=0)
        start = pool_starts(rows, cells)
        total = np.add.reduceat(rows, start)
        scores = np.add.reduceat(self.scores * rows, start) / total
        weights = None if self.weights is None else np.add.reduceat(self.weights, start, axis=-1)
        squares = None if self.squares is None else np.add.reduceat(self.squares, start, axis=-1)
        return ScoreCells(
            scores,
            np.add.reduceat(self.negatives, start, axis=-1),
            np.add.reduceat(self.positives, start, axis=-1),
            weights,
            squares,
        )


def cells_of(
    scores: npt.ArrayLike,
    labels: npt.ArrayLike,
    *,
    weights: npt.ArrayLike | None = None,
    groups: npt.ArrayLike | None = None,
) -> ScoreCells:
    """Tally rows into exact cells, one per distinct score.

    ``scores`` (n,) are finite, ``labels`` (n,) hold 0 and 1, ``weights`` (n,) are not negative and
    ``groups`` (n,) are whole numbers from 0 (hash buckets).

    >>> cells_of([0.1, 0.8, 0.8], [0, 0, 1]).positives
    array([0, 1])
    """
    value = np.asarray(scores, dtype=np.float64)
    label = np.asarray(labels).astype(np.int64)
    distinct, cell = np.unique(value, return_inverse=True)
    m = distinct.size
    group = np.zeros_like(label) if groups is None else np.asarray(groups, dtype=np.int64)
    held = 1 if groups is None else int(group.max()) + 1
    place = (label * held + group) * m + cell

    def tally(of: FloatArray | None) -> Counts:
        out = np.bincount(place, of, minlength=2 * held * m).reshape(2, held, m)
        return out if groups is not None else out[:, 0]

    negatives, positives = tally(None)
    if weights is None:
        return ScoreCells(distinct, negatives, positives)
    w = np.asarray(weights, dtype=np.float64)
    sums, squares = (np.asarray(tally(x), dtype=np.float64) for x in (w, w * w))
    return ScoreCells(distinct, negatives, positives, sums, squares)
