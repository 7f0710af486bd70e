"""Predicted intervals and quantiles of a regression: do they hold as often as they promise?

An interval is judged by how often it holds the outcome, by its width, and by the interval (Winkler)
score that weighs both. Quantiles are judged by the band into which the outcome falls, which a
faithful model makes as likely as the quantiles say (the probability integral transform in steps),
and by the pinball loss. Source: Gneiting and Raftery (2007), doi:10.1198/016214506000001437.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from plimsoll.core.errors import DataError
from plimsoll.core.estimate import Estimate, Where
from plimsoll.stats.calibration_cells import Undetermined
from plimsoll.stats.interval import FloatArray
from plimsoll.stats.mean import LossSums, mean
from plimsoll.stats.proportion import Number, ShareWeights, proportion

IntArray = npt.NDArray[np.int64]

EXPECTED = 5.0
"""Rows that a band must expect in a chi-squared test; bands that expect fewer are joined."""


@dataclass(frozen=True)
class IntervalReport:
    """How often intervals hold the outcome, how wide they are, and the score of both.

    ``width`` and ``score`` are in the unit of the target; a lower score is better. Each is None
    where there are too few rows (or groups) for an interval.
    """

    coverage: Estimate | None
    width: Estimate | None
    score: Estimate | None


@dataclass(frozen=True)
class Uniformity:
    """Chi-squared test that outcomes fall into the bands as often as promised.

    ``expected`` and ``seen`` are shares of the bands as tested, after joining.
    """

    statistic: float
    df: float
    p_value: float
    expected: tuple[float, ...]
    seen: tuple[float, ...]


def interval_score(
    lower: FloatArray, upper: FloatArray, target: FloatArray, promised: float
) -> FloatArray:
    """Return the interval (Winkler) score of each row: width, plus a fine for a miss.

    ``(u - l) + 2/a (l - y)+ + 2/a (y - u)+`` with ``a = 1 - promised``; all arrays (n,).

    Raises DataError where ``promised`` does not lie between 0 and 1.

    >>> interval_score(np.array([0.0, 0.0]), np.array([2.0, 2.0]), np.array([1.0, 3.0]), 0.9)
    array([ 2., 22.])
    """
    _check_probability(promised, "coverage that an interval promises")
    fine = 2 / (1 - promised)
    miss = np.maximum(lower - target, 0) + np.maximum(target - upper, 0)
    return upper - lower + fine * miss


def pinball_loss(quantile: FloatArray, target: FloatArray, probability: float) -> FloatArray:
    """Return the pinball loss of each row's predicted quantile; all arrays (n,).

    ``p (y - q)`` where the outcome lies above the quantile, ``(1 - p)(q - y)`` below.
    Raises DataError where ``probability`` does not lie between 0 and 1.

    >>> pinball_loss(np.array([1.0, 1.0]), np.array([3.0, 0.0]), 0.9)
    array([1.8, 0.1])
    """
    _check_probability(probability, "probability of a quantile")
    over = target - quantile
    return np.maximum(probability * over, (probability - 1) * over)


def interval_report(
    covered: Number,
    rows: Number,
    width: LossSums,
    score: LossSums,
    *,
    level: float = 0.95,
    weights: ShareWeights | None = None,
    unit: str | None = None,
) -> IntervalReport:
    """Judge prediction intervals from how many rows they hold and the sums of width and score.

    ``covered`` of ``rows`` are numbers, or arrays (G,) where rows of a group belong together.
    Coverage has Wilson's interval, width and score a skewness-corrected t interval; with groups all
    three rest on a delete-a-group jackknife. What each promises is told in
    ``plimsoll.stats.proportion`` and ``plimsoll.stats.mean``.
    """
    return IntervalReport(
        proportion("interval_coverage", covered, rows, level=level, weights=weights),
        mean("interval_width", width, level=level, unit=unit),
        mean("interval_score", score, level=level, unit=unit),
    )


def quantile_coverage(
    bands: npt.ArrayLike, probabilities: Sequence[float], *, level: float = 0.95
) -> tuple[Estimate, ...]:
    """Return how often outcomes lie at or below each predicted quantile, with Wilson's interval.

    ``bands`` are rows by band, (K + 1,) or (G, K + 1) where rows of a group belong together. The
    ``variant`` of an estimate's ``where`` names the probability. Empty without rows.
    """
    counts, _ = _bands(bands, probabilities)
    below = np.cumsum(counts, axis=1)
    out = []
    for k, probability in enumerate(probabilities):
        found = proportion("quantile_coverage", below[:, k], below[:, -1], level=level)
        if found is not None:
            out.append(found.at(Where(variant=f"{probability:g}")))
    return tuple(out)


def band_uniformity(
    bands: npt.ArrayLike, probabilities: Sequence[float], *, size: float | None = None
) -> Uniformity | Undetermined:
    """Test whether outcomes fall between the predicted quantiles as often as these promise.

    ``bands`` are rows (or sums of weights) by band, (K + 1,) or (G, K + 1) where rows of a group
    belong together; ``size`` is the effective number of rows where they have weights. Bands that
    expect fewer than 5 rows are joined with the next.

    Pearson's chi-squared; with groups the second-order correction of Rao and Scott (1984,
    doi:10.1214/aos/1176346391) with the jackknife's covariance and an F distribution. Size measured
    at 5 %: 4 to 6 % for 50 to 5,000 rows in 10 bands; 3 to 6 % with 40 clusters of 12 rows.
    """
    counts, expected = _bands(bands, probabilities)
    total = float(counts.sum())
    if total <= 0:
        return Undetermined("band_uniformity", "there are no rows")
    rows = total if size is None else size
    start = _joined(expected * rows)
    if start.size < 2:
        reason = f"fewer than two bands expect {EXPECTED:g} rows"
        return Undetermined("band_uniformity", reason)
    expected = np.add.reduceat(expected, start)
    counts = np.add.reduceat(counts, start, axis=1)
    seen = counts.sum(axis=0) / total
    statistic = rows * float(np.sum((seen - expected) ** 2 / expected))
    df: float = start.size - 1
    if counts.shape[0] == 1:
        p_value = float(special.chdtrc(df, statistic))
    else:
        inflation, df = _design_effect(counts, expected, rows)
        if inflation <= 0:
            return Undetermined("band_uniformity", "all groups are alike")
        statistic = statistic / inflation
        p_value = float(special.fdtrc(df, df * (counts.shape[0] - 1), statistic / df))
    return Uniformity(statistic, df, p_value, tuple(expected.tolist()), tuple(seen.tolist()))


def _design_effect(counts: FloatArray, expected: FloatArray, rows: float) -> tuple[float, float]:
    """Return by how much clustering inflates Pearson's statistic, and its degrees of freedom."""
    groups, total = counts.shape[0], counts.sum()
    rest = total - counts.sum(axis=1, keepdims=True)
    without = (counts.sum(axis=0) - counts) / rest
    apart = (without - without.mean(axis=0)) * np.sqrt((groups - 1) / groups)
    # Eigenvalues of the covariance in units of the multinomial's, whose last one is 0.
    scaled = apart * np.sqrt(rows / expected)
    values = np.linalg.svd(scaled, compute_uv=False) ** 2
    k = expected.size - 1
    first, second = float(values.sum()) / k, float(np.sum(values**2)) / k
    if first <= 0:
        return 0.0, float(k)
    spread = second / first**2
    return first * spread, k / spread


def _joined(expected: FloatArray) -> IntArray:
    """Return where bands begin after those that expect too little are joined with the next."""
    starts, gathered = [0], 0.0
    for band, rows in enumerate(expected):
        if gathered >= EXPECTED - 1e-9:
            starts.append(band)
            gathered = 0.0
        gathered += float(rows)
    if gathered < EXPECTED - 1e-9 and len(starts) > 1:
        starts.pop()
    return np.array(starts, dtype=np.int64)


def _bands(bands: npt.ArrayLike, probabilities: Sequence[float]) -> tuple[FloatArray, FloatArray]:
    """Return counts (G, K + 1) of non-empty groups and the shares promised (K + 1,)."""
    counts = np.atleast_2d(np.asarray(bands, dtype=np.float64))
    if counts.shape[1] != len(probabilities) + 1:
        raise ValueError(f"{len(probabilities)} quantiles make {len(probabilities) + 1} bands")
    for probability in probabilities:
        _check_probability(probability, "probability of a quantile")
    edges = np.concatenate([[0.0], np.asarray(probabilities, dtype=np.float64), [1.0]])
    expected = np.diff(edges)
    if not (expected > 0).all():
        raise DataError("Probabilities of quantiles must rise from one to the next; these do not.")
    filled = counts.sum(axis=1) > 0
    return counts[filled] if filled.any() else counts[:1], expected


def _check_probability(value: float, what: str) -> None:
    if not 0 < value < 1:
        raise DataError(f"The {what} must lie between 0 and 1; got {value:g}.")
