"""Measures of decisions: how often a class was predicted, rightly and wrongly.

All of them are computed from the confusion counts. Shares (accuracy, precision, recall and the like)
have Wilson's interval on their own denominator; see :mod:`plimsoll.stats.proportion` for weights and
clusters. F1 is a share in disguise. Averages over classes combine the shares of the classes.

Point values are those of scikit-learn, save that a measure without a denominator (the precision
of a model that never says yes) is None and not 0. Simulated coverage: ``benchmarks/COVERAGE.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from plimsoll.core.estimate import Estimate
from plimsoll.stats.interval import FloatArray
from plimsoll.stats.proportion import ShareWeights, proportion

IntArray = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ConfusionCounts:
    """Rows by true class (rows of the matrix) and predicted class (columns).

    ``counts`` is (K, K), or (G, K, K) where rows of a group belong together; an axis of one group
    means independent rows. ``weights`` and ``squares``, of the same shape, are sums of weights and of
    squared weights; leave both out where rows have no weights. In a binary task class 1 is positive.
    """

    counts: IntArray
    weights: FloatArray | None = None
    squares: FloatArray | None = None

    def __post_init__(self) -> None:
        shape = self.counts.shape
        if len(shape) not in (2, 3) or shape[-1] != shape[-2]:
            raise ValueError(f"confusion counts must be (K, K) or (G, K, K), got {shape}")
        if (self.weights is None) != (self.squares is None):
            raise ValueError("weights and squares of a confusion matrix come together")

    @property
    def classes(self) -> int:
        """Number of classes."""
        return int(self.counts.shape[-1])

    @property
    def grouped(self) -> bool:
        """Whether rows of a group belong together."""
        return self.counts.ndim == 3 and self.counts.shape[0] > 1

    @cached_property
    def rows(self) -> IntArray:
        """Rows by true and predicted class, shape (K, K)."""
        total: IntArray = self.counts.reshape(-1, self.classes, self.classes).sum(axis=0)
        return total

    @cached_property
    def by_group(self) -> FloatArray:
        """Sums of weights, or rows, by group, shape (G, K, K)."""
        source = self.counts if self.weights is None else self.weights
        return np.asarray(source, dtype=np.float64).reshape(-1, self.classes, self.classes)

    @cached_property
    def matrix(self) -> FloatArray:
        """Sums of weights, or rows, by true and predicted class, shape (K, K)."""
        total: FloatArray = self.by_group.sum(axis=0)
        return total

    @cached_property
    def left_out(self) -> FloatArray:
        """The matrix without each group, shape (G, K, K)."""
        rest = self.matrix - self.by_group
        # What rounding leaves of a cell whose rows are all in one group is nothing.
        return np.where(rest > 1e-12 * self.matrix, rest, 0.0)

    def ungrouped(self) -> ConfusionCounts:
        """Return the same counts of independent rows."""
        if self.counts.ndim == 2:
            return self
        weights = None if self.weights is None else self.weights.sum(axis=0)
        squares = None if self.squares is None else self.squares.sum(axis=0)
        return ConfusionCounts(self.rows, weights, squares)

    def share(self, name: str, hits: Mask, of: Mask, level: float) -> Estimate | None:
        """Return the share of the rows in the cells ``of`` that lie in ``hits`` too; masks (K, K)."""
        hits = hits & of
        counts = self.counts if self.grouped else self.rows[np.newaxis]

        def added(source: npt.NDArray[np.generic], mask: Mask) -> FloatArray:
            cells = np.asarray(source, dtype=np.float64).reshape(-1, self.classes, self.classes)
            inside: FloatArray = cells[:, mask].sum(axis=1)
            return inside if self.grouped else inside.sum(keepdims=True)

        weights = None
        if self.weights is not None and self.squares is not None:
            weights = ShareWeights(
                added(self.weights, hits),
                added(self.weights, of),
                added(self.squares, hits),
                added(self.squares, of),
            )
        return proportion(
            name, added(counts, hits), added(counts, of), level=level, weights=weights
        )


def accuracy(table: ConfusionCounts, *, level: float = 0.95) -> Estimate | None:
    """Return the share of rows that were decided rightly."""
    k = table.classes
    return table.share("accuracy", np.eye(k, dtype=bool), np.ones((k, k), bool), level)


def precision(table: ConfusionCounts, label: int = 1, *, level: float = 0.95) -> Estimate | None:
    """Return the share of rows predicted as ``label`` that are; None if none was predicted."""
    right, _, predicted = _masks(table.classes, label)
    return table.share("precision", right, predicted, level)


def recall(table: ConfusionCounts, label: int = 1, *, level: float = 0.95) -> Estimate | None:
    """Return the share of rows of class ``label`` that were found; None if there are none."""
    right, true, _ = _masks(table.classes, label)
    return table.share("recall", right, true, level)


def specificity(table: ConfusionCounts, label: int = 1, *, level: float = 0.95) -> Estimate | None:
    """Return the share of rows not of class ``label`` that were not predicted as it."""
    _, true, predicted = _masks(table.classes, label)
    return table.share("specificity", ~predicted, ~true, level)


def false_positive_rate(
    table: ConfusionCounts, label: int = 1, *, level: float = 0.95
) -> Estimate | None:
    """Return the share of rows not of class ``label`` that were predicted as it."""
    _, true, predicted = _masks(table.classes, label)
    return table.share("false_positive_rate", predicted, ~true, level)


def false_negative_rate(
    table: ConfusionCounts, label: int = 1, *, level: float = 0.95
) -> Estimate | None:
    """Return the share of rows of class ``label`` that were missed."""
    _, true, predicted = _masks(table.classes, label)
    return table.share("false_negative_rate", ~predicted, true, level)


def selection_rate(
    table: ConfusionCounts, label: int = 1, *, level: float = 0.95
) -> Estimate | None:
    """Return the share of rows that were predicted as ``label``."""
    _, _, predicted = _masks(table.classes, label)
    return table.share("selection_rate", predicted, np.ones_like(predicted), level)


def base_rate(table: ConfusionCounts, label: int = 1, *, level: float = 0.95) -> Estimate | None:
    """Return the share of rows that are of class ``label``."""
    _, true, _ = _masks(table.classes, label)
    return table.share("base_rate", true, np.ones_like(true), level)


def f1(table: ConfusionCounts, label: int = 1, *, level: float = 0.95) -> Estimate | None:
    """Return the harmonic mean of precision and recall of ``label``; None if it never occurs.

    With ``J`` the share of true positives among all rows that are or were called ``label``,
    ``F1 = 2 J / (1 + J)`` rises with J, so Wilson's limits of J carry over exactly. ``n`` is the
    number of rows that J is a share of.
    """
    right, true, predicted = _masks(table.classes, label)
    jaccard = table.share("f1", right, true | predicted, level)
    if jaccard is None:
        return None
    value, low, high = (2 * j / (1 + j) for j in (jaccard.value, jaccard.low, jaccard.high))
    return Estimate("f1", value, low, high, level, jaccard.n, f"{jaccard.method} of TP/(TP+FP+FN)")


def _masks(classes: int, label: int) -> tuple[Mask, Mask, Mask]:
    """Return masks (K, K) of the rows decided rightly, truly and supposedly of class ``label``."""
    if not 0 <= label < classes:
        raise ValueError(f"class code {label} is not one of the {classes} classes")
    true, predicted = np.zeros((2, classes, classes), dtype=bool)
    true[label, :] = True
    predicted[:, label] = True
    return true & predicted, true, predicted
