"""Measures that weigh all classes together: averages over classes, and Matthews' correlation.

A class that occurs neither as label nor as prediction is left out, as in scikit-learn.

Simulated coverage at nominal 95 % (``benchmarks/COVERAGE.md``): 93 to 98 % from about 10 rows in every
class. With fewer, averages of shares and Matthews' correlation become wide (96 to 99 %); macro F1 is
then biased downwards and covers 89 % (20 classes of 2 or 3 rows) to 92 % (5 classes, the rarest with
one or two). In clusters, balanced accuracy covers 91 % where the positives sit in about 5 of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from plimsoll.core.estimate import Estimate
from plimsoll.stats.confusion import ConfusionCounts, Mask, precision, recall
from plimsoll.stats.interval import FloatArray, Limits, Spread, Spreads, ratio
from plimsoll.stats.proportion import effective_wilson, effective_wilson_band
from plimsoll.stats.resample import influence, jackknife, leave_one_out

Share = Callable[[FloatArray], FloatArray]
JACKKNIFE = "Wilson, delete-a-group jackknife"
LEAVE_ONE_OUT = "Wilson, leave-one-out variance"


def balanced_accuracy(table: ConfusionCounts, *, level: float = 0.95) -> Estimate | None:
    """Return the mean over classes of the share of their rows that was found.

    Classes without rows are left out, as in scikit-learn; None if fewer than two have rows.
    """
    present = np.flatnonzero(table.rows.sum(axis=1))
    if present.size < 2:
        return None
    return _mean_of_shares("balanced_accuracy", table, present.tolist(), recalls, level)


def macro_recall(table: ConfusionCounts, *, level: float = 0.95) -> Estimate | None:
    """Return the mean recall over classes; a class that is predicted but never true counts as 0."""
    return _mean_of_shares("recall", table, _seen(table), recalls, level)


def macro_precision(table: ConfusionCounts, *, level: float = 0.95) -> Estimate | None:
    """Return the mean precision over classes; a class that is never predicted counts as 0."""
    return _mean_of_shares("precision", table, _seen(table), precisions, level)


def macro_f1(table: ConfusionCounts, *, level: float = 0.95) -> Estimate | None:
    """Return the mean F1 over classes, each the harmonic mean of precision and recall.

    An error lowers the F1 of two classes at once, so their intervals cannot be combined as if
    they were independent: the variance is found by leaving out one row, or one group, at a time.
    """
    seen = _seen(table)
    if not seen:
        return None

    def mean(matrix: FloatArray) -> FloatArray:
        return np.asarray(np.nan_to_num(f1s(matrix)[..., seen]).mean(axis=-1))

    without = macro_f1_without_row(table.matrix) if table.weights is None else None
    slopes = _macro_f1_slopes(table.matrix, seen)
    return _whole_table("f1", table, mean, without, slopes, level, low=0.0)


def matthews_corrcoef(table: ConfusionCounts, *, level: float = 0.95) -> Estimate | None:
    """Return Matthews' correlation of labels and predictions, from -1 to 1.

    None where all labels or all predictions are the same (scikit-learn returns 0).
    Multiclass as in Gorodkin (2004), doi:10.1016/j.compbiolchem.2004.09.006.
    """
    if not np.isfinite(matthews(table.matrix)):
        return None
    without = matthews_without_row(table.matrix) if table.weights is None else None
    slopes = _matthews_slopes(table.matrix)
    return _whole_table("matthews_corrcoef", table, matthews, without, slopes, level, low=-1.0)


def recalls(matrix: FloatArray) -> FloatArray:
    """Return the recall of each class from matrices (..., K, K); NaN for a class without rows."""
    return ratio(_diagonal(matrix), matrix.sum(axis=-1))


def precisions(matrix: FloatArray) -> FloatArray:
    """Return the precision of each class from matrices (..., K, K); NaN if never predicted."""
    return ratio(_diagonal(matrix), matrix.sum(axis=-2))


def f1s(matrix: FloatArray) -> FloatArray:
    """Return the F1 of each class from matrices (..., K, K); NaN for a class that never occurs."""
    return ratio(2.0 * _diagonal(matrix), matrix.sum(axis=-1) + matrix.sum(axis=-2))


def matthews(matrix: FloatArray) -> FloatArray:
    """Return Matthews' correlation of matrices (..., K, K); NaN where it is undefined."""
    return _correlation(*_matthews_sums(matrix))


def _mean_of_shares(
    name: str, table: ConfusionCounts, classes: list[int], shares: Share, level: float
) -> Estimate | None:
    """Return the mean over ``classes`` of a share of each class.

    Two classes: the distances to their Wilson limits, square-and-add (MOVER), with the jackknife
    correlation where rows are grouped. More classes: Wilson limits lean to the middle, and so many
    leanings add up (88 % coverage for 20 classes); there the variances of the shares add up.
    """
    if not classes:
        return None
    value = float(np.nan_to_num(shares(table.matrix)[classes]).mean())
    rows = int(table.rows.sum())
    if len(classes) > 2:
        limits, method = _many_shares(value, table, classes, shares, level)
    else:
        limits, method = _two_shares(value, table, classes, shares, level)
    return None if limits is None else _estimate(name, value, limits, level, rows, method)


def _two_shares(
    value: float, table: ConfusionCounts, classes: list[int], shares: Share, level: float
) -> tuple[Limits | None, str]:
    of_class = recall if shares is recalls else precision
    method = "Wilson of the classes, square-and-add"
    below, above = np.zeros(len(classes)), np.ones(len(classes))
    for i, label in enumerate(classes):
        share = of_class(table, label, level=level)
        if share is not None:
            below[i], above[i] = share.value - share.low, share.high - share.value
        elif np.isfinite(shares(table.matrix)[label]):  # All its rows are in one group.
            return None, method
    alike = np.eye(len(classes))
    if table.grouped:
        alike = _likeness(shares(table.left_out)[:, classes])
        method += ", delete-a-group jackknife"
    limits = (
        value - math.sqrt(max(float(below @ alike @ below), 0.0)) / len(classes),
        value + math.sqrt(max(float(above @ alike @ above), 0.0)) / len(classes),
    )
    return limits, method


def _many_shares(
    value: float, table: ConfusionCounts, classes: list[int], shares: Share, level: float
) -> tuple[Limits | None, str]:
    if table.grouped:
        left_out = np.nan_to_num(shares(table.left_out)[:, classes]).mean(axis=-1)
        spread = jackknife(left_out, table.by_group.sum(axis=(1, 2)))
        if spread is None:
            return None, JACKKNIFE
        return effective_wilson(value, spread, level=level, unseen=spread.parts), JACKKNIFE
    axis = 1 if shares is recalls else 0
    mass = table.matrix.sum(axis=axis)[classes]
    size = mass
    if table.squares is not None:
        squares = table.squares.reshape(-1, table.classes, table.classes).sum(axis=(0, axis + 1))
        size = ratio(mass * mass, squares[classes], 0.0)
    low, high = limits_of_many_shares(
        np.asarray(value), shares(table.matrix)[classes], size, size >= 0.0, level
    )
    return (float(low), float(high)), "Wilson, variances of the classes"


def limits_of_many_shares(
    value: FloatArray, shares: FloatArray, sizes: FloatArray, counted: Mask, level: float
) -> tuple[FloatArray, FloatArray]:
    """Return the limits of means of the shares of more than two classes, from arrays (..., K).

    ``sizes`` are the (effective) rows that each share is of; classes that are not ``counted`` have no
    part in the mean ``value``.
    """
    classes = np.maximum(counted.sum(axis=-1, keepdims=True), 1)
    # Half a row of each kind more, so that a class without errors still varies.
    share = (np.nan_to_num(shares) * sizes + 0.5) / (sizes + 1.0)
    size = np.maximum(sizes, 1.0)
    parts = np.where(counted, share * (1.0 - share) / size / classes**2, 0.0)
    variance = parts.sum(axis=-1)
    df = ratio(variance**2, (parts**2 / size).sum(axis=-1), 1.0)
    unseen = np.where(counted, size, math.inf).min(axis=-1)
    unseen = np.where(np.isinf(unseen), 1.0, unseen)
    spread = Spreads(np.sqrt(variance), df, np.zeros_like(df))
    return effective_wilson_band(value, spread, level=level, unseen=unseen)


def _likeness(left_out: FloatArray) -> FloatArray:
    """Return the jackknife correlation (k, k) of shares from their left-out values (G, k).

    Square-and-add with correlations: Zou (2008), doi:10.1093/aje/kwn201
    """
    held = np.nan_to_num(left_out)
    held = held - held.mean(axis=0)
    covariance = held.T @ held
    scale = np.sqrt(np.diagonal(covariance))
    return ratio(covariance, np.outer(scale, scale), empty=0.0)


def _whole_table(
    name: str,
    table: ConfusionCounts,
    of: Share,
    without_row: FloatArray | None,
    slopes: FloatArray,
    level: float,
    *,
    low: float,
) -> Estimate | None:
    """Return the estimate of a number that is no share of rows, in the range ``low`` to 1."""
    value = float(of(table.matrix))
    spread: Spread | None
    if table.grouped:
        spread = jackknife(of(table.left_out), table.by_group.sum(axis=(1, 2)))
        method = JACKKNIFE
    elif without_row is not None:
        spread = leave_one_out(without_row.ravel(), table.matrix.ravel())
        method = LEAVE_ONE_OUT
    else:
        assert table.weights is not None and table.squares is not None
        squares = table.squares.reshape(-1, table.classes, table.classes).sum(axis=0)
        rows = table.rows.ravel().astype(np.float64)
        spread = influence(slopes.ravel(), rows, table.matrix.ravel(), squares.ravel())
        method = "Wilson, infinitesimal jackknife of the weights"
    if spread is None and (table.grouped or table.rows.sum() < 2):
        return None
    if spread is None:  # One row alone defines the number: all rests on one observation.
        spread = Spread(0.0)
    unseen = _rarest(table)
    if table.classes == 2:
        spread = spread.rests_on(unseen)
    limits = effective_wilson(value, spread, level=level, unseen=unseen, low=low)
    return _estimate(name, value, limits, level, int(table.rows.sum()), method)


def _rarest(table: ConfusionCounts) -> float:
    """Return the effective rows of the rarest class, or the groups that hold any of it."""
    true = table.rows.sum(axis=1) > 0
    if table.grouped:
        return float((table.by_group.sum(axis=2) > 0).sum(axis=0)[true].min())
    mass = table.matrix.sum(axis=1)[true]
    if table.squares is None:
        return float(mass.min())
    squares = table.squares.reshape(-1, table.classes, table.classes).sum(axis=(0, 2))[true]
    return float((mass * mass / squares).min())


def _estimate(
    name: str, value: float, limits: Limits, level: float, rows: int, method: str
) -> Estimate:
    low, high = min(limits[0], value), max(limits[1], value)
    return Estimate(name, value, low, high, level, rows, method)


def _seen(table: ConfusionCounts) -> list[int]:
    seen = table.rows.sum(axis=0) + table.rows.sum(axis=1)
    return [int(k) for k in np.flatnonzero(seen)]


def _diagonal(matrix: FloatArray) -> FloatArray:
    return np.diagonal(matrix, axis1=-2, axis2=-1).astype(np.float64)


def macro_f1_without_row(matrix: FloatArray) -> FloatArray:
    """Return macro F1 without one row of each cell, from matrices (..., K, K) and of that shape."""
    hits, sums = _diagonal(matrix), matrix.sum(axis=-2) + matrix.sum(axis=-1)
    classes = np.maximum((sums > 0).sum(axis=-1), 1)[..., np.newaxis, np.newaxis]
    full = ratio(2.0 * hits, sums, 0.0)
    less_error = np.where(sums > 0, ratio(2.0 * hits, sums - 1.0, 0.0) - full, 0.0)
    less_hit = np.where(sums > 0, ratio(2.0 * hits - 2.0, sums - 2.0, 0.0) - full, 0.0)
    change = less_error[..., :, np.newaxis] + less_error[..., np.newaxis, :]
    same = np.arange(matrix.shape[-1])
    change[..., same, same] = less_hit
    out: FloatArray = (full.sum(axis=-1)[..., np.newaxis, np.newaxis] + change) / classes
    return out


def _macro_f1_slopes(matrix: FloatArray, seen: list[int]) -> FloatArray:
    sums = matrix.sum(axis=0) + matrix.sum(axis=1)
    share = np.nan_to_num(ratio(f1s(matrix), sums))
    slopes = -(share[:, np.newaxis] + share[np.newaxis, :])
    gain = np.nan_to_num(ratio(np.full_like(sums, 2.0), sums))
    slopes[np.diag_indices_from(slopes)] += gain
    return slopes / len(seen)


def _matthews_sums(
    matrix: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    true, said = matrix.sum(axis=-1), matrix.sum(axis=-2)
    return (
        np.asarray(matrix.sum(axis=(-2, -1))),
        np.asarray(_diagonal(matrix).sum(axis=-1)),
        np.asarray((true * said).sum(axis=-1)),
        np.asarray((true * true).sum(axis=-1)),
        np.asarray((said * said).sum(axis=-1)),
    )


def _correlation(
    rows: FloatArray, hits: FloatArray, both: FloatArray, true: FloatArray, said: FloatArray
) -> FloatArray:
    all_pairs = rows * rows
    mixed = [np.where(x > 1e-12 * all_pairs, x, 0.0) for x in (all_pairs - true, all_pairs - said)]
    return ratio(hits * rows - both, np.sqrt(mixed[0] * mixed[1]))


def matthews_without_row(matrix: FloatArray) -> FloatArray:
    """Return Matthews' correlation without one row of each cell, for matrices (..., K, K)."""
    rows, hits, both, true2, said2 = (
        x[..., np.newaxis, np.newaxis] for x in _matthews_sums(matrix)
    )
    true = matrix.sum(axis=-1)[..., :, np.newaxis]
    said = matrix.sum(axis=-2)[..., np.newaxis, :]
    same = np.eye(matrix.shape[-1])
    said_of_row, true_of_column = np.swapaxes(said, -1, -2), np.swapaxes(true, -1, -2)
    return _correlation(
        np.broadcast_to(rows - 1.0, matrix.shape),
        hits - same,
        both - said_of_row - true_of_column + same,
        np.broadcast_to(true2 - 2.0 * true + 1.0, matrix.shape),
        np.broadcast_to(said2 - 2.0 * said + 1.0, matrix.shape),
    )


def _matthews_slopes(matrix: FloatArray) -> FloatArray:
    rows, hits, both, true2, said2 = _matthews_sums(matrix)
    true, said = matrix.sum(axis=1)[:, np.newaxis], matrix.sum(axis=0)[np.newaxis, :]
    top = hits * rows - both
    left, right = rows * rows - true2, rows * rows - said2
    root = np.sqrt(left * right)
    top_slope = np.eye(matrix.shape[0]) * rows + hits - said.T - true.T
    bend = (rows - true) / left + (rows - said) / right
    slopes: FloatArray = top_slope / root - top / root * bend
    return slopes
