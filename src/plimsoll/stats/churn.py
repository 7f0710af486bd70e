"""How often two fits of the same recipe decide one row differently, and how sure that is.

Two things are random: which rows were judged, and which fits were made. The variance of the mean over both
is that of the rows (by cluster where rows hang together) plus that of the fits, found by leaving out one
fit at a time (jackknife); the degrees of freedom are Satterthwaite's (doi:10.2307/3002019). The two parts
overlap a little, so the interval is rather too wide than too narrow.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

from plimsoll.core.estimate import Estimate
from plimsoll.stats.influence import standard_error
from plimsoll.stats.interval import t_quantile

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def churn_from(
    name: str,
    decided: Floats,
    against: Floats,
    weights: Floats,
    *,
    clusters: Ints | None = None,
    level: float = 0.95,
) -> Estimate | None:
    """Return the share of rows (n,) that fits (fits, n) decide otherwise than one model did (n,).

    ``weights`` (n,) are those of the rows. None for fewer than two fits.
    """
    fits = decided.shape[0]
    if fits < 2:
        return None
    differs = (decided != against).astype(np.float64)
    of_fits = differs @ weights / weights.sum()
    by_fits = float(of_fits.var(ddof=1)) / fits
    return _told(name, differs.mean(axis=0), by_fits, fits, weights, clusters, level)


def churn_between(
    name: str,
    decided: Floats,
    weights: Floats,
    *,
    clusters: Ints | None = None,
    level: float = 0.95,
) -> Estimate | None:
    """Return the share of rows that two of the fits (fits, n) decide differently, over all pairs.

    Without weights this is the mean over rows of the chance that two fits drawn at random disagree. None for
    fewer than three fits.
    """
    fits = decided.shape[0]
    if fits < 3:
        return None
    differs = np.stack([(decided != one).astype(np.float64) for one in decided])
    of_rows = differs.sum(axis=(0, 1)) / (fits * (fits - 1))
    pairs = differs @ weights / weights.sum()
    total = float(pairs.sum())
    left_out = (total - 2.0 * pairs.sum(axis=1)) / ((fits - 1) * (fits - 2))
    by_fits = (fits - 1) / fits * float(np.square(left_out - left_out.mean()).sum())
    return _told(name, of_rows, by_fits, fits, weights, clusters, level)


def spread_of_scores(
    name: str,
    scores: Floats,
    weights: Floats,
    *,
    clusters: Ints | None = None,
    level: float = 0.95,
    unit: str | None = None,
) -> Estimate | None:
    """Return how far one row's score (fits, n) scatters over fits: the root of the mean variance."""
    fits = scores.shape[0]
    if fits < 3:
        return None
    of_rows = scores.var(axis=0, ddof=1)
    left_out = np.array(
        [weights @ np.delete(scores, i, axis=0).var(axis=0, ddof=1) for i in range(fits)]
    )
    left_out = left_out / weights.sum()
    by_fits = (fits - 1) / fits * float(np.square(left_out - left_out.mean()).sum())
    found = _told(name, of_rows, by_fits, fits, weights, clusters, level)
    value, low, high = (float(np.sqrt(max(x, 0.0))) for x in (found.value, found.low, found.high))
    return Estimate(name, value, low, high, level, found.n, f"root of a mean; {found.method}", unit)


def spread_of_measure(name: str, values: npt.ArrayLike, *, level: float = 0.95) -> Estimate | None:
    """Return the standard deviation of a measure over fits, with the chi-squared interval of a normal one."""
    held = np.asarray(values, dtype=np.float64)
    if held.size < 3:
        return None
    df, value = held.size - 1, float(held.std(ddof=1))
    tail = (1.0 - level) / 2.0
    low, high = (value * float(np.sqrt(df / chi2.ppf(q, df))) for q in (1.0 - tail, tail))
    return Estimate(name, value, low, high, level, held.size, "chi-squared, over fits")


def _told(
    name: str,
    of_rows: Floats,
    by_fits: float,
    fits: int,
    weights: Floats,
    clusters: Ints | None,
    level: float,
) -> Estimate:
    scale = weights * (weights.size / weights.sum())
    value = float(of_rows @ scale / of_rows.size)
    by_rows = standard_error((of_rows - value) * scale, clusters) ** 2
    n = of_rows.size if clusters is None else int(clusters.max(initial=0)) + 1
    if not np.isfinite(by_rows):
        by_rows = 0.25
    total = by_rows + by_fits
    bottom = by_rows**2 / max(n - 1, 1) + by_fits**2 / max(fits - 1, 1)
    df = total**2 / bottom if bottom > 0 else float(max(n - 1, 1))
    reach = t_quantile(level, max(df, 1.0)) * float(np.sqrt(total))
    if total == 0.0:  # never seen to differ: the rule of three, for both ends of the level
        reach = 1.0 - ((1.0 - level) / 2.0) ** (1.0 / max(n, 1))
    low, high = max(value - reach, 0.0), min(value + reach, max(1.0, value))
    method = "t, variance over rows and over fits"
    return Estimate(name, value, min(low, value), high, level, of_rows.size, method)
