"""One measure in many slices at once: values and intervals as arrays, one entry a slice.

The formulas are those of the measures of one set of rows (:mod:`plimsoll.stats.confusion`,
:mod:`plimsoll.stats.class_average`, :mod:`plimsoll.stats.auc`, :mod:`plimsoll.stats.average_precision`,
:mod:`plimsoll.stats.mean`), for independent rows without weights, and give the same numbers to
rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from plimsoll.core.estimate import EVERYWHERE, Estimate, Where
from plimsoll.stats.auc import SMALL_SAMPLE, auc_bands, delongs
from plimsoll.stats.average_precision import average_precision_bands
from plimsoll.stats.class_average import (
    LEAVE_ONE_OUT,
    f1s,
    limits_of_many_shares,
    macro_f1_without_row,
    matthews,
    matthews_without_row,
    precisions,
    recalls,
)
from plimsoll.stats.interval import FloatArray, Spreads, ratio
from plimsoll.stats.mean import POWERS, limits_of_means, spreads_of_means
from plimsoll.stats.proportion import effective_wilson_band, wilson_band
from plimsoll.stats.resample import leave_one_out_spreads

IntArray = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Band:
    """One measure of S slices: ``value``, ``low``, ``high`` (S,), NaN where it is not defined.

    ``n`` (S,) are the rows it rests on; ``method`` (S,) are positions in ``methods``.
    """

    name: str
    level: float
    value: FloatArray
    low: FloatArray
    high: FloatArray
    n: IntArray
    methods: tuple[str, ...]
    method: IntArray
    where: Where = EVERYWHERE

    @staticmethod
    def of(
        name: str,
        level: float,
        limits: tuple[FloatArray, FloatArray, FloatArray],
        n: FloatArray,
        methods: tuple[str, ...],
        method: npt.NDArray[np.generic] | None = None,
    ) -> Band:
        """Put value, low and high together; the interval is stretched to hold its value."""
        value, low, high = limits
        gone = ~np.isfinite(value)
        low, high = np.minimum(low, value), np.maximum(high, value)
        low, high = np.where(gone, math.nan, low), np.where(gone, math.nan, high)
        which = np.zeros(value.shape, np.int64) if method is None else method.astype(np.int64)
        return Band(name, level, value, low, high, n.astype(np.int64), methods, which)

    @property
    def known(self) -> Mask:
        """In which slices the measure is defined, (S,)."""
        return np.isfinite(self.value)

    def estimate(self, i: int) -> Estimate | None:
        """Return the measure of slice ``i``, or None where it is not defined."""
        if not math.isfinite(self.value[i]):
            return None
        value, low, high = (float(x[i]) for x in (self.value, self.low, self.high))
        word = self.methods[int(self.method[i])]
        n = int(self.n[i])
        return Estimate(self.name, value, low, high, self.level, n, word, where=self.where)

    def widened(self, slack: FloatArray) -> Band:
        """Return the band with ``slack`` (S,) added on both sides, within 0 and 1.

        ``slack`` bounds how far a value can lie from the exact one because scores were binned.
        """
        low, high = np.maximum(self.low - slack, 0.0), np.minimum(self.high + slack, 1.0)
        words = tuple(f"{word}, widened for binned scores" for word in self.methods)
        binned = self.method + len(self.methods) * (slack > 0.0)
        return replace(self, low=low, high=high, methods=self.methods + words, method=binned)


def joined(parts: list[Band]) -> Band:
    """Return the bands of several runs of slices, one after the other."""
    first = parts[0]
    value, low, high = (
        np.concatenate([getattr(part, of) for part in parts]) for of in ("value", "low", "high")
    )
    n, method = (np.concatenate([getattr(part, of) for part in parts]) for of in ("n", "method"))
    return Band(first.name, first.level, value, low, high, n, first.methods, method)


def share_band(name: str, hits: FloatArray, rows: FloatArray, level: float) -> Band:
    """Return shares ``hits / rows`` (S,) with Wilson's intervals."""
    value = np.minimum(ratio(hits, rows), 1.0)
    return Band.of(name, level, (value, *wilson_band(hits, rows, level)), rows, ("Wilson",))


def f1_band(matrix: FloatArray, level: float) -> Band:
    """Return the F1 of class 1 from matrices (S, 2, 2); see :func:`plimsoll.stats.confusion.f1`."""
    hits = matrix[:, 1, 1]
    jaccard = share_band("f1", hits, hits + matrix[:, 0, 1] + matrix[:, 1, 0], level)
    value, low, high = (2 * j / (1 + j) for j in (jaccard.value, jaccard.low, jaccard.high))
    return replace(jaccard, value=value, low=low, high=high, methods=("Wilson of TP/(TP+FP+FN)",))


def balanced_accuracy_band(matrix: FloatArray, level: float) -> Band:
    """Return the mean recall of the classes that have rows, from matrices (S, K, K)."""
    rows = matrix.sum(axis=-1)
    present = rows > 0
    at_least_two = present.sum(axis=-1) >= 2
    found = _mean_of_shares("balanced_accuracy", matrix, recalls(matrix), rows, present, level)
    return _only(found, at_least_two)


def macro_recall_band(matrix: FloatArray, level: float) -> Band:
    """Return the mean recall over classes that are seen, from matrices (S, K, K)."""
    seen, rows = _seen(matrix), matrix.sum(axis=-1)
    return _mean_of_shares("recall", matrix, recalls(matrix), rows, seen, level)


def macro_precision_band(matrix: FloatArray, level: float) -> Band:
    """Return the mean precision over classes that are seen, from matrices (S, K, K)."""
    seen, said = _seen(matrix), matrix.sum(axis=-2)
    return _mean_of_shares("precision", matrix, precisions(matrix), said, seen, level)


def macro_f1_band(matrix: FloatArray, level: float) -> Band:
    """Return the mean F1 over classes that are seen, from matrices (S, K, K)."""
    value = ratio(np.nan_to_num(f1s(matrix)).sum(axis=-1), _seen(matrix).sum(axis=-1))
    return _whole_table("f1", matrix, value, macro_f1_without_row, level, low=0.0)


def matthews_band(matrix: FloatArray, level: float) -> Band:
    """Return Matthews' correlation from matrices (S, K, K)."""
    value = matthews(matrix)
    return _whole_table("matthews_corrcoef", matrix, value, matthews_without_row, level, low=-1.0)


def roc_auc_band(negative: FloatArray, positive: FloatArray, level: float) -> Band:
    """Return the AUC from counts (S, m) by cell in ascending order of score."""
    found = delongs(negative, positive)
    low, high, plain = auc_bands(found, level=level)
    words = (SMALL_SAMPLE, "DeLong")
    n = found.negatives + found.positives
    return Band.of("roc_auc", level, (found.value, low, high), n, words, plain)


def average_precision_band(negative: FloatArray, positive: FloatArray, level: float) -> Band:
    """Return the average precision from counts (S, m) by cell in ascending order of score."""
    limits = average_precision_bands(negative[:, ::-1], positive[:, ::-1], level=level)
    n = negative.sum(axis=-1) + positive.sum(axis=-1)
    return Band.of("average_precision", level, limits, n, ("Wilson, leave-one-out variance",))


def mean_band(
    name: str,
    rows: FloatArray,
    sums: FloatArray,
    level: float,
    *,
    low: float | None = None,
    high: float | None = None,
    root: bool = False,
) -> Band:
    """Return means of a loss from ``rows`` (S,) and sums (S, 3) of x, x^2, x^3.

    With sums (S, 2) of x and x^2 the skewness is not known, and the interval is Student's. ``low`` and
    ``high`` bound the loss itself. With ``root`` the root of everything is returned.
    """
    skewed = sums.shape[-1] > 2
    powers = np.zeros((*rows.shape, len(POWERS)))
    powers[..., :3] = rows[..., np.newaxis]
    powers[..., 3 : 3 + sums.shape[-1]] = sums
    powers[..., 6:] = sums[..., :2]
    value = np.where(rows >= 2, ratio(sums[..., 0], rows), math.nan)
    spread = spreads_of_means(powers, skewed=skewed)
    limits = (value, *limits_of_means(value, spread, level=level, low=low, high=high))
    if root:
        first, below, above = (np.sqrt(np.maximum(x, 0.0)) for x in limits)
        limits = (first, below, above)
    return Band.of(name, level, limits, rows, ("t, skewness-corrected" if skewed else "t",))


def binning_slack(
    negative: FloatArray, positive: FloatArray, exact: Mask | None = None
) -> FloatArray:
    """Return how far the AUC of binned scores can lie from the exact one, (S,), from counts (S, m).

    ``exact`` (m,) marks cells that hold one distinct score; see
    :func:`plimsoll.stats.auc.binning_error`.
    """
    pairs = negative * positive
    if exact is not None:
        pairs = pairs[:, ~exact]
    every = negative.sum(axis=-1) * positive.sum(axis=-1)
    return ratio(pairs.sum(axis=-1), 2.0 * every, 0.0)


def _seen(matrix: FloatArray) -> Mask:
    seen: Mask = matrix.sum(axis=-1) + matrix.sum(axis=-2) > 0
    return seen


def _only(band: Band, where: Mask) -> Band:
    value, low, high = (np.where(where, x, math.nan) for x in (band.value, band.low, band.high))
    return replace(band, value=value, low=low, high=high)


def _mean_of_shares(
    name: str,
    matrix: FloatArray,
    shares: FloatArray,
    sizes: FloatArray,
    counted: Mask,
    level: float,
) -> Band:
    """Return means over counted classes, as in :mod:`plimsoll.stats.class_average`."""
    classes = counted.sum(axis=-1)
    value = ratio(np.where(counted, np.nan_to_num(shares), 0.0).sum(axis=-1), classes)
    low, high = _limits_of_two_shares(value, shares, sizes, counted, level)
    many = classes > 2
    if many.any():
        # Two classes of a slice that has no more take another way than three and more.
        few, most = limits_of_many_shares(
            value[many], shares[many], sizes[many], counted[many], level
        )
        low[many], high[many] = few, most
    words = ("Wilson of the classes, square-and-add", "Wilson, variances of the classes")
    return Band.of(name, level, (value, low, high), matrix.sum(axis=(-2, -1)), words, many)


def _limits_of_two_shares(
    value: FloatArray, shares: FloatArray, sizes: FloatArray, counted: Mask, level: float
) -> tuple[FloatArray, FloatArray]:
    share = np.nan_to_num(shares)
    low, high = wilson_band(share * sizes, sizes, level)
    # A class that is never there counts as 0 and could be anything.
    below = np.where(sizes > 0, share - low, 0.0)
    above = np.where(sizes > 0, high - share, 1.0)
    sums = [np.sqrt((np.where(counted, x, 0.0) ** 2).sum(axis=-1)) for x in (below, above)]
    classes = np.maximum(counted.sum(axis=-1), 1)
    return value - sums[0] / classes, value + sums[1] / classes


def _whole_table(
    name: str,
    matrix: FloatArray,
    value: FloatArray,
    without_row: Callable[[FloatArray], FloatArray],
    level: float,
    *,
    low: float,
) -> Band:
    """Return a number that is no share of rows, with its leave-one-out interval."""
    cells = matrix.shape[-1] ** 2
    flat = (-1, cells)
    rows = matrix.sum(axis=(-2, -1))
    spread = leave_one_out_spreads(without_row(matrix).reshape(flat), matrix.reshape(flat))
    alone = ~np.isfinite(spread.se)  # One row alone defines the number.
    spread = Spreads(
        np.where(alone, 0.0, spread.se), np.where(alone, math.inf, spread.df), spread.skew
    )
    true = matrix.sum(axis=-1)
    rarest = np.where(true > 0, true, math.inf).min(axis=-1)
    rarest = np.where(np.isinf(rarest), 1.0, rarest)
    if matrix.shape[-1] == 2:
        spread = spread.rests_on(rarest)
    limits = effective_wilson_band(value, spread, level=level, unseen=rarest, low=low)
    value = np.where(rows >= 2, value, math.nan)
    return Band.of(name, level, (value, *limits), rows, (LEAVE_ONE_OUT,))
