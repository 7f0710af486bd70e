"""Measures that weigh all classes together: averages over classes, and Matthews' correlation."""

from __future__ import annotations

import math

import numpy as np

from plimsoll.core.estimate import Estimate
from plimsoll.stats.confusion import ConfusionCounts, precision, recall
from plimsoll.stats.interval import FloatArray, Limits, Spread
from plimsoll.stats.proportion import effective_wilson
from plimsoll.stats.resample import influence, jackknife, leave_one_out


def balanced_accuracy(table: ConfusionCounts, *, level: float = 0.95) -> Estimate | None:
    """Return the mean over classes of the share of their rows that was found.

    Classes without rows are left out, as in scikit-learn; None if fewer than two have rows.
    """
    present = [k for k in range(table.classes) if table.rows[k].sum() > 0]
    if len(present) < 2:
        return None
    return _mean_of_shares("balanced_accuracy", table, present, recalls, level)


def macro_recall(table: ConfusionCounts, *, level: float = 0.95) -> Estimate | None:
    """Return the mean recall over the classes that occur as label or prediction."""
    return _mean_of_shares("recall", table, _seen(table), recalls, level)


def macro_precision(table: ConfusionCounts, *, level: float = 0.95) -> Estimate | None:
    """Return the mean precision over the classes that occur as label or prediction.

    A class that was never predicted counts as 0, as in scikit-learn, with an interval up to 1.
    """
    return _mean_of_shares("precision", table, _seen(table), precisions, level)


def recalls(matrix: FloatArray) -> FloatArray:
    """Return the recall of each class from matrices (..., K, K); NaN for a class without rows."""
    return _ratio(_diagonal(matrix), matrix.sum(axis=-1))


def precisions(matrix: FloatArray) -> FloatArray:
    """Return the precision of each class from matrices (..., K, K); NaN if never predicted."""
    return _ratio(_diagonal(matrix), matrix.sum(axis=-2))
