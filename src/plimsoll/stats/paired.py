"""Two models on the same rows: how far apart they are, and whether that is within a margin.

Both models err on many of the same rows, so a paired difference is far surer than the difference of
two separate measures. A difference is always first minus second: challenger minus champion.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, stdtr

from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Status
from plimsoll.stats.auc import (
    PRIOR_ROWS,
    DeLong,
    auc_limits,
    components,
    hanley_mcneil,
    own_weight,
    plain,
    ranked_wrongly,
)
from plimsoll.stats.interval import FloatArray, Limits, Spread, symmetric, t_quantile, z_quantile
from plimsoll.stats.mean import LossSums, mean
from plimsoll.stats.proportion import tango_difference
from plimsoll.stats.resample import jackknife

NAME = "difference"


def non_inferiority(difference: Estimate, margin: float, better: str = "higher") -> Status:
    """Return whether the first model is no worse than the second by more than ``margin``.

    ``difference`` is first minus second; ``better`` says which way the measure is better. PASS if the
    whole interval is inside the margin, FAIL if it is wholly outside, else UNSURE.

    Raises
    ------
    ValueError
        If ``margin`` is negative or ``better`` is neither ``higher`` nor ``lower``.
    """
    if margin < 0 or not math.isfinite(margin):
        raise ValueError(f"a margin must be a number from 0 up, got {margin}")
    if better not in ("higher", "lower"):
        raise ValueError(f"better must be 'higher' or 'lower', got {better!r}")
    low, high = difference.low, difference.high
    if better == "lower":
        low, high = -high, -low
    if low > -margin:
        return Status.PASS
    return Status.FAIL if high < -margin else Status.UNSURE


def loss_difference(
    metric: str, sums: LossSums, *, level: float = 0.95, unit: str | None = None
) -> Estimate | None:
    """Return the mean difference of a loss, from the power sums of the difference per row."""
    found = mean(NAME, sums, level=level, unit=unit)
    return None if found is None else found.at(Where(metric=metric))


def accuracy_difference(
    first_only: npt.ArrayLike,
    second_only: npt.ArrayLike,
    rows: npt.ArrayLike,
    *,
    level: float = 0.95,
    metric: str = "accuracy",
    effective_rows: float | None = None,
) -> Estimate | None:
    """Return the difference of two shares of the same rows (accuracies, recalls, selection rates).

    ``first_only`` of the ``rows`` count for the first model alone (it is right and the other wrong),
    ``second_only`` for the second alone. Tango's score interval. Arrays (G,) with more than one group
    mean that rows of a group belong together: Tango's interval of as many rows as the jackknife
    variance is worth. Where all three are sums of weights, ``effective_rows`` is (sum w)^2 / sum w^2.
    None where there are no rows, or all in one group.
    """
    b, c, n = (np.atleast_1d(np.asarray(x, np.float64)) for x in (first_only, second_only, rows))
    total = float(n.sum())
    if total <= 0:
        return None
    more, less = float(b.sum()) / total, float(c.sum()) / total
    size, method = effective_rows if effective_rows is not None else total, "Tango"
    if n.size > 1:
        rest = total - n
        left_out = (b.sum() - b - c.sum() + c) / np.where(rest > 0, rest, np.nan)
        spread = jackknife(left_out, n)
        if spread is None:
            return None
        size, method = _worth(more, less, spread, size, level), "Tango, delete-a-group jackknife"
    low, high = tango_difference(more * size, less * size, size, level)
    value = more - less
    return _difference(metric, value, (low, high), level, int(total), method)


def _worth(more: float, less: float, spread: Spread, rows: float, level: float) -> float:
    """Return how many independent rows a clustered difference is worth."""
    if spread.se <= 0:
        return float(spread.parts)
    variance = more + less - (more - less) ** 2
    fewer = (z_quantile(level) / t_quantile(level, max(spread.df, 1.0))) ** 2
    return min(variance / spread.se**2, rows) * fewer


def jackknife_difference(
    metric: str,
    values: tuple[float, float],
    left_out: tuple[FloatArray, FloatArray],
    sizes: FloatArray,
    *,
    rows: int,
    level: float = 0.95,
    unit: str | None = None,
    observations: float = math.inf,
) -> Estimate | None:
    """Return the difference of any statistic of two models over the same groups of rows.

    ``left_out`` holds for each model the values (G,) without group g, ``sizes`` (G,) the rows of the
    groups. Groups are clusters, or hash buckets of single rows. ``observations`` bounds the evidence
    where it lies in fewer groups: those that hold any of the rarer class, for a ranking measure.
    None for fewer than two groups.
    """
    spread = jackknife(left_out[0] - left_out[1], sizes)
    if spread is None:
        return None
    spread = spread.rests_on(observations)
    value = values[0] - values[1]
    limits = symmetric(value, spread, level=level)
    return _difference(metric, value, limits, level, rows, "delete-a-group jackknife", unit)


@dataclass(frozen=True, slots=True)
class AucDifference:
    """DeLong's paired comparison of two scores on the same rows.

    ``covariance`` (2, 2) is that of the two AUCs; ``z`` and ``p`` are None where it has no variance
    (two scores that rank alike).
    """

    first: float
    second: float
    covariance: FloatArray
    z: float | None
    p: float | None
    difference: Estimate


def auc_difference(
    labels: npt.ArrayLike,
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    *,
    weights: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> AucDifference | None:
    """Return the paired difference of two AUCs, or None where a class has fewer than two rows.

    ``labels`` (n,) hold 0 and 1, the scores (n,) any numbers, ties included. As pROC has it where
    both AUCs meet the conditions of :mod:`plimsoll.stats.auc`; elsewhere the variance is mixed with
    the one that the two AUCs and their correlation let expect, with Welch's degrees of freedom.
    Simulated at nominal 95 %: 93 to 96 % in the first case; in the second 95 to 99.9 % (DeLong alone:
    75 to 97 %), most where 5 to 10 positives are ranked almost perfectly.

    Source: DeLong et al. (1988), doi:10.2307/2531595
    """
    label = np.asarray(labels).astype(bool)
    scores = np.stack([np.asarray(first, np.float64), np.asarray(second, np.float64)])
    if min(int(label.sum()), int((~label).sum())) < 2:
        return None
    found = auc_covariance(label, scores, None if weights is None else np.asarray(weights, float))
    one, two = float(found.values[0]), float(found.values[1])
    variance, df, method = _paired_variance(found)
    if variance <= 1e-18:
        same = _same_ranking(found, level, label.size)
        return AucDifference(one, two, found.covariance, None, None, same)
    z = (one - two) / math.sqrt(variance)
    p = 2.0 * float(ndtr(-abs(z)) if math.isinf(df) else stdtr(df, -abs(z)))
    low, high = symmetric(one - two, Spread(math.sqrt(variance), df), level=level)
    limits = max(low, -1.0), min(high, 1.0)
    estimate = _difference("roc_auc", one - two, limits, level, label.size, method)
    return AucDifference(one, two, found.covariance, z, p, estimate)


def _paired_variance(found: AucCovariance) -> tuple[float, float, str]:
    """Return variance, degrees of freedom and method of the difference of the first two AUCs."""
    contrast = np.array([1.0, -1.0])
    seen = [float(contrast @ part @ contrast) for part in found.by_label]
    if sum(seen) <= 1e-18 or all(plain(float(a), *found.effective) for a in found.values):
        return sum(seen), math.inf, "DeLong, paired"
    wrong = min(ranked_wrongly(float(a), *found.effective) for a in found.values)
    mixed = []
    for label, rows in enumerate(found.effective):
        one, two = (hanley_mcneil(_inside(float(a), found.effective))[label] for a in found.values)
        part = found.by_label[label]
        root = math.sqrt(float(part[0, 0] * part[1, 1]))
        alike = float(part[0, 1]) / root if root > 0 else 0.0
        own = own_weight(rows, wrong)
        shrunk = alike * own / (own + PRIOR_ROWS)
        expected = (one + two - 2.0 * shrunk * math.sqrt(one * two)) / rows
        variance = (own * seen[label] + PRIOR_ROWS * expected) / (own + PRIOR_ROWS)
        mixed.append((variance, max(rows - 1.0, 0.0) + PRIOR_ROWS))
    variance = sum(part for part, _ in mixed)
    df = variance**2 / sum(part * part / rows for part, rows in mixed)
    return variance, df, "DeLong, paired, small-sample t"


def _inside(auc: float, effective: tuple[float, float]) -> float:
    pairs = effective[0] * effective[1]
    return (auc * pairs + 0.5) / (pairs + 1.0)


@dataclass(frozen=True, slots=True)
class AucCovariance:
    """The AUCs (k,) of several scores on the same rows, and their covariance (k, k).

    ``by_label`` are the parts of the covariance that negatives and positives contribute; ``effective``
    the effective rows of each.
    """

    values: FloatArray
    by_label: tuple[FloatArray, FloatArray]
    effective: tuple[float, float]

    @property
    def covariance(self) -> FloatArray:
        """Covariance matrix of the AUCs."""
        total: FloatArray = self.by_label[0] + self.by_label[1]
        return total


def auc_covariance(
    labels: npt.NDArray[np.bool_], scores: FloatArray, weights: FloatArray | None = None
) -> AucCovariance:
    """Return the AUCs and the DeLong covariance of ``scores`` (k, n) for ``labels`` (n,) true/false.

    Raises
    ------
    ValueError
        If a class has fewer than two rows.
    """
    sides = (~labels, labels)
    if min(int(side.sum()) for side in sides) < 2:
        raise ValueError("a covariance of AUCs needs at least two rows of each class")
    w = np.ones(labels.size) if weights is None else weights
    of_rows = np.stack([_row_components(labels, score, w) for score in scores])
    values = of_rows[:, labels] @ w[labels] / w[labels].sum()
    parts, effective = [], []
    for side in sides:
        own, rows = w[side], int(side.sum())
        centred = (of_rows[:, side] - values[:, np.newaxis]) * (own / own.sum())
        parts.append(centred @ centred.T * rows / (rows - 1))
        effective.append(float(own.sum() ** 2 / (own @ own)))
    return AucCovariance(values, (parts[0], parts[1]), (effective[0], effective[1]))


def _row_components(
    labels: npt.NDArray[np.bool_], score: FloatArray, weights: FloatArray
) -> FloatArray:
    """Return the structural component of every row, (n,)."""
    _, cell = np.unique(score, return_inverse=True)
    size = int(cell.max()) + 1
    negative = np.bincount(cell, np.where(labels, 0.0, weights), size).astype(np.float64)
    positive = np.bincount(cell, np.where(labels, weights, 0.0), size).astype(np.float64)
    of_positive, of_negative = components(negative, positive)
    return np.where(labels, of_positive[cell], of_negative[cell])


def _same_ranking(found: AucCovariance, level: float, rows: int) -> Estimate:
    """Return the interval where the paired variance is 0: both rank alike, or both perfectly.

    Equal rankings of imperfect scores differ by nothing at all. Of two perfect scores each could
    be as low as its own interval says.
    """
    value = float(found.values[0] - found.values[1])
    if abs(value) > 1e-12 or 1e-12 < found.values[0] < 1.0 - 1e-12:
        return _difference("roc_auc", value, (value, value), level, rows, "DeLong, paired")
    alone = DeLong(float(found.values[0]), 0.0, 0.0, *found.effective)
    (low, high), _ = auc_limits(alone, level=level)
    return _difference("roc_auc", value, (low - high, high - low), level, rows, "DeLong, bound")


def _difference(
    metric: str,
    value: float,
    limits: Limits,
    level: float,
    rows: int,
    method: str,
    unit: str | None = None,
) -> Estimate:
    low, high = min(limits[0], value), max(limits[1], value)
    return Estimate(NAME, value, low, high, level, rows, method, unit, Where(metric=metric))
