"""What more data would bring: a power law through the scores of fits on more and more rows.

The score of a fit on ``n`` rows is taken to be ``c - a n^-b`` (``c + a n^-b`` for a loss), with a scale
``a >= 0``, a rate ``b > 0`` and a ceiling ``c``: the form that learning curves mostly have (Viering and
Loog 2023, doi:10.1109/TPAMI.2022.3220744). It is fitted by weighted least squares; what twice the rows would
add to the largest fit is ``a n^-b (1 - 2^-b)``. It is an extrapolation by a factor of two and no more: a new
kind of row, or a plateau that later gives way, is not in it.

Three things make the scores uncertain. Which rows were fitted on and the seed: the fits of one size use
disjoint rows, so their variance is honest; it is smoothed over the sizes as a power of ``n``, for a few
fits each tell little. Which rows were judged: those are the same for all fits, so their part is drawn
jointly. And the form: where the points scatter about the curve more than they should, all is widened by that
ratio (Birge 1932, doi:10.1103/PhysRev.40.207). Simulated at nominal 95 % on true power laws with 7 sizes:
92 to 99 % (lowest where single fits scatter by a twentieth of the scale).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.special import digamma, polygamma

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
RATES: Floats = np.geomspace(0.03, 2.5, 90)
"""Rates that are tried; at the low end the curve is all but a logarithm."""
FINE_RATES: Floats = np.geomspace(0.03, 2.5, 600)
"""Those of the one curve that is told."""
LEAST_SIZES = 4
STEEPEST = -2.0
"""The variance of fits is taken to fall no faster than with this power of the rows."""


@dataclass(frozen=True)
class Size:
    """Scores (fits,) of fits on ``rows`` rows each, with the influence of the rows judged, (fits, n)."""

    rows: int
    scores: Floats
    influence: Floats = field(repr=False)

    @property
    def mean(self) -> float:
        """The mean score."""
        return float(self.scores.mean())


@dataclass(frozen=True)
class PowerLaw:
    """``ceiling - sign * scale * rows ** -rate``; ``sign`` is 1 where higher is better, else -1."""

    scale: float
    rate: float
    ceiling: float
    sign: float

    def at(self, rows: npt.ArrayLike) -> Floats:
        """Return the score of a fit on so many rows."""
        n = np.asarray(rows, dtype=np.float64)
        out: Floats = self.ceiling - self.sign * self.scale * n**-self.rate
        return out

    def gain(self, rows: float) -> float:
        """Return what twice the rows add, 0 or more."""
        return float(self.scale * rows**-self.rate * (1.0 - 2.0**-self.rate))


@dataclass(frozen=True)
class Doubling:
    """What twice the rows would add to the score of the largest fit, with its interval.

    ``lows`` and ``highs`` bound the mean score at every size. ``misfit`` is the ratio of the scatter about
    the curve to the scatter that was to be expected, at least 1.
    """

    curve: PowerLaw
    value: float
    low: float
    high: float
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    misfit: float


def fit_power_law(rows: Floats, means: Floats, errors: Floats, *, rising: bool) -> PowerLaw:
    """Return the power law through mean scores (sizes,) with their standard errors (sizes,).

    >>> rows = np.array([100.0, 200, 400, 800])
    >>> law = fit_power_law(rows, 0.9 - 2 * rows**-0.5, np.full(4, 0.01), rising=True)
    >>> round(law.ceiling, 2), round(law.rate, 1)
    (0.9, 0.5)
    """
    sign = 1.0 if rising else -1.0
    scale, rate, ceiling, _ = _fitted(rows, means[None, :], errors, sign, FINE_RATES)
    return PowerLaw(float(scale[0]), float(rate[0]), float(ceiling[0]), sign)


def value_of_doubling(
    sizes: Sequence[Size],
    rng: np.random.Generator,
    *,
    rising: bool,
    clusters: Ints | None = None,
    level: float = 0.95,
    draws: int = 2000,
) -> Doubling | None:
    """Return what twice the rows of the largest size would add.

    The interval is of draws of all mean scores from what is known of their errors, each fitted anew
    (parametric bootstrap, with Student's t for the few fits a size). None for fewer than four sizes, or where
    fewer than two of them hold two fits. ``clusters`` are codes of rows judged that hang together.
    """
    held = sorted(sizes, key=lambda s: s.rows)
    if len(held) < LEAST_SIZES or sum(s.scores.size > 1 for s in held) < 2:
        return None
    rows = np.array([s.rows for s in held], dtype=np.float64)
    means = np.array([s.mean for s in held])
    fits = np.array([s.scores.size for s in held], dtype=np.float64)
    variance, df = _fit_variance(held)
    errors = np.sqrt(np.maximum(variance / fits, 1e-20))
    sign = 1.0 if rising else -1.0
    curve = fit_power_law(rows, means, errors, rising=rising)
    *_, sse = _fitted(rows, means[None, :], errors, sign)
    misfit = max(1.0, float(np.sqrt(sse[0] / max(rows.size - 3, 1))))
    few = np.sqrt(df / rng.chisquare(df, draws))[:, None]
    noise = rng.normal(size=(draws, rows.size)) * errors * few * misfit
    noise = noise + _judged_noise(held, clusters, rng, draws)
    scale, rate, _, _ = _fitted(rows, means + noise, errors, sign)
    gains = scale * rows[-1] ** -rate * (1.0 - 2.0**-rate)
    tail = 100.0 * (1.0 - level) / 2.0
    low, high = np.percentile(gains, [tail, 100.0 - tail])
    bands = np.percentile(means + noise, [tail, 100.0 - tail], axis=0)
    value = curve.gain(float(rows[-1]))
    return Doubling(
        curve,
        value,
        min(float(low), value),
        max(float(high), value),
        tuple(np.minimum(bands[0], means).tolist()),
        tuple(np.maximum(bands[1], means).tolist()),
        misfit,
    )


def _fitted(
    rows: Floats, means: Floats, errors: Floats, sign: float, rates: Floats = RATES
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return scale, rate, ceiling and weighted squared error of many curves; ``means`` is (curves, sizes).

    For every rate of a grid the other two follow in closed form; the best rate is taken.
    """
    weight = 1.0 / errors**2
    weight = weight / weight.sum()
    total = float((1.0 / errors**2).sum())
    middle = means @ weight
    away = means - middle[:, None]
    spread = (away**2) @ weight
    best = spread.copy()
    scale, rate, ceiling = np.zeros_like(middle), np.full_like(middle, rates[0]), middle.copy()
    for b in rates:
        x = (rows / rows[0]) ** -b
        at = float(x @ weight)
        square = float(((x - at) ** 2) @ weight)
        slope = away @ (weight * (x - at)) / square
        left = spread - slope**2 * square
        better = (sign * slope < 0) & (left < best)
        best = np.where(better, left, best)
        scale = np.where(better, np.abs(slope) * rows[0] ** b, scale)
        rate = np.where(better, b, rate)
        ceiling = np.where(better, middle - slope * at, ceiling)
    return scale, rate, ceiling, np.maximum(best, 0.0) * total


def _fit_variance(sizes: Sequence[Size]) -> tuple[Floats, float]:
    """Return the variance of a single fit at every size, smoothed over sizes, and its degrees of freedom.

    The logarithms of the variances seen, freed of the bias that a chi-squared has, are joined by a
    straight line over the logarithm of the rows.
    """
    several = [s for s in sizes if s.scores.size > 1]
    df = np.array([s.scores.size - 1 for s in several], dtype=np.float64)
    seen = np.array([s.scores.var(ddof=1) for s in several])
    place = np.log([s.rows for s in several])
    log = np.log(np.maximum(seen, 1e-20)) - (digamma(df / 2.0) - np.log(df / 2.0))
    weight = 1.0 / polygamma(1, df / 2.0)
    at = float(weight @ place / weight.sum())
    square = float(weight @ (place - at) ** 2)
    slope = float(weight @ ((place - at) * log)) / square if square > 0 else -1.0
    slope = min(max(slope, STEEPEST), 0.0)
    level = float(weight @ log / weight.sum())
    everywhere = np.log([s.rows for s in sizes])
    return np.exp(level + slope * (everywhere - at)), max(float(df.sum()) - 2.0, 1.0)


def _judged_noise(
    sizes: Sequence[Size], clusters: Ints | None, rng: np.random.Generator, draws: int
) -> Floats:
    """Draw what other rows judged would have changed in all mean scores together, (draws, sizes)."""
    rows = np.stack([s.influence.mean(axis=0) for s in sizes])
    n = rows.shape[1]
    if clusters is not None:
        groups = int(clusters.max(initial=0)) + 1
        rows = np.stack([np.bincount(clusters, row, groups) for row in rows])
    covariance = rows @ rows.T / max(n, 1) ** 2
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    out: Floats = rng.normal(size=(draws, len(sizes))) @ root.T
    return out
