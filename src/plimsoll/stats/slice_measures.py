"""Every measure of a task in many slices at once, from counts and sums by slice.

All single and pairwise slices of twenty columns are some 19,000 sets of rows. Their measures and intervals
are found for all of them together, in array operations, instead of one after the other. For independent
rows without weights; where rows hang together or have weights, take the functions of one set of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from plimsoll.stats.interval import FloatArray
from plimsoll.stats.slice_bands import (
    Band,
    average_precision_band,
    balanced_accuracy_band,
    binning_slack,
    f1_band,
    joined,
    macro_f1_band,
    macro_precision_band,
    macro_recall_band,
    matthews_band,
    mean_band,
    roc_auc_band,
    share_band,
)

Counts = npt.NDArray[np.int64] | npt.NDArray[np.float64]
AT_ONCE = 512
"""Slices whose cells are worked on together: few enough for a processor's cache."""


@dataclass(frozen=True, eq=False)
class SliceMeasures:
    """The measures of S slices."""

    bands: tuple[Band, ...]

    def __getitem__(self, name: str) -> Band:
        for band in self.bands:
            if band.name == name:
                return band
        raise KeyError(f"no measure {name!r}; there are {', '.join(self.names)}")

    def __iter__(self) -> Iterator[Band]:
        return iter(self.bands)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the measures."""
        return tuple(band.name for band in self.bands)


def decision_measures(decisions: Counts, *, level: float = 0.95) -> SliceMeasures:
    """Return the measures of decisions between two classes, from counts (S, 2, 2), true by predicted."""
    _expect(decisions.ndim == 3 and decisions.shape[1:] == (2, 2), "(S, 2, 2)", decisions)
    matrix = np.asarray(decisions, np.float64)
    (tn, fp), (fn, tp) = np.moveaxis(matrix, 0, -1)
    shares = {
        "accuracy": (tn + tp, tn + fp + fn + tp),
        "precision": (tp, fp + tp),
        "recall": (tp, fn + tp),
        "specificity": (tn, tn + fp),
        "selection_rate": (fp + tp, tn + fp + fn + tp),
        "base_rate": (fn + tp, tn + fp + fn + tp),
        "false_positive_rate": (fp, tn + fp),
        "false_negative_rate": (fn, fn + tp),
    }
    bands = [share_band(name, hits, rows, level) for name, (hits, rows) in shares.items()]
    bands += [of(matrix, level) for of in (balanced_accuracy_band, f1_band, matthews_band)]
    return SliceMeasures(tuple(bands))


def class_measures(decisions: Counts, *, level: float = 0.95) -> SliceMeasures:
    """Return the measures of decisions between K classes, from counts (S, K, K); macro averages."""
    _expect(
        decisions.ndim == 3 and decisions.shape[1] == decisions.shape[2], "(S, K, K)", decisions
    )
    matrix = np.asarray(decisions, np.float64)
    right, rows = np.trace(matrix, axis1=1, axis2=2), matrix.sum(axis=(1, 2))
    formulas = (
        balanced_accuracy_band,
        macro_precision_band,
        macro_recall_band,
        macro_f1_band,
        matthews_band,
    )
    at_once = max(AT_ONCE * 100 // max(matrix.shape[1] ** 2, 1), 16)
    bands = [_by_parts(of, (matrix,), level, at_once) for of in formulas]
    return SliceMeasures((share_band("accuracy", right, rows, level), *bands))


def score_measures(
    counts: Counts,
    *,
    level: float = 0.95,
    exact: npt.NDArray[np.bool_] | None = None,
    binned: bool = False,
) -> SliceMeasures:
    """Return AUC and average precision from counts (S, m, 2) by cell, ascending, and label.

    With ``binned`` cells are bins of scores and the intervals are widened by what that can do to the
    AUC; ``exact`` (m,) marks the cells that hold one distinct score all the same.
    """
    _expect(counts.ndim == 3 and counts.shape[-1] == 2, "(S, cells, 2)", counts)
    out: list[list[Band]] = [[], []]
    for start in range(0, max(counts.shape[0], 1), AT_ONCE):
        part = np.moveaxis(counts[start : start + AT_ONCE], -1, 0).astype(np.float64)
        bands = [of(part[0], part[1], level) for of in (roc_auc_band, average_precision_band)]
        if binned:
            slack = binning_slack(part[0], part[1], exact)
            bands = [band.widened(slack) for band in bands]
        for kept, band in zip(out, bands, strict=True):
            kept.append(band)
    return SliceMeasures(tuple(joined(parts) for parts in out))


def probability_measures(
    rows: Counts,
    log_loss: FloatArray,
    brier_score: FloatArray,
    *,
    classes: int = 2,
    level: float = 0.95,
) -> SliceMeasures:
    """Return log loss and Brier score from ``rows`` (S,) and sums (S, 3) of x, x^2, x^3 of each."""
    n = np.asarray(rows, np.float64)
    most = 1.0 if classes == 2 else 2.0
    return SliceMeasures(
        (
            mean_band("log_loss", n, log_loss, level, low=0.0),
            mean_band("brier_score", n, brier_score, level, low=0.0, high=most),
        )
    )


def regression_measures(
    rows: Counts,
    absolute: FloatArray,
    squared: FloatArray,
    error: FloatArray,
    percentage: FloatArray | None = None,
    *,
    level: float = 0.95,
) -> SliceMeasures:
    """Return the errors of a regression from ``rows`` (S,) and sums (S, 3) of x, x^2, x^3 of each loss.

    The losses are the absolute error, its square, prediction - truth, and the absolute error as a share
    of the truth.
    """
    n = np.asarray(rows, np.float64)
    bands = [
        mean_band("mean_absolute_error", n, absolute, level, low=0.0),
        mean_band("root_mean_squared_error", n, squared, level, low=0.0, root=True),
        mean_band("mean_error", n, error, level),
    ]
    if percentage is not None:
        bands.append(mean_band("mean_absolute_percentage_error", n, percentage, level, low=0.0))
    return SliceMeasures(tuple(bands))


def _by_parts(
    of: Callable[..., Band], arrays: tuple[FloatArray, ...], level: float, at_once: int
) -> Band:
    size = arrays[0].shape[0]
    starts = range(0, max(size, 1), at_once)
    return joined([of(*(x[i : i + at_once] for x in arrays), level) for i in starts])


def _expect(right: bool, shape: str, got: npt.NDArray[np.generic]) -> None:
    if not right:
        raise ValueError(f"counts by slice must have shape {shape}, got {got.shape}")
