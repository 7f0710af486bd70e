"""Intervals that hold for many measures of the same rows at once, such as for the worst of them.

The largest of K standardised errors has the distribution of the largest of K normal variables correlated as
the influences are (Hothorn, Bretz, Westfall 2008, doi:10.1002/bimj.200810425). Its quantile, drawn by
simulation, takes the place of 1.96: the intervals of all K measures then hold together, so that of the least
among them holds although it was chosen for being the least.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from plimsoll.stats.interval import t_quantile

Floats = npt.NDArray[np.float64]
DRAWS = 20_000
"""Draws of the largest error: the quantile is then known to about 0.02."""


def max_t_quantile(
    influence: Floats,
    clusters: npt.NDArray[np.int64] | None = None,
    *,
    level: float = 0.95,
    seed: int = 0,
) -> float:
    """Return how many standard errors intervals must reach to hold for all columns at once.

    ``influence`` has shape (rows, K): of every row on each of K measures. ``clusters`` are codes of rows that
    hang together, shape (rows,). Never less than the quantile for one measure alone.
    """
    rows = influence
    if clusters is not None:
        groups = int(clusters.max(initial=-1)) + 1
        rows = np.stack(
            [np.bincount(clusters, influence[:, k], groups) for k in range(influence.shape[1])],
            axis=1,
        )
    df = max(rows.shape[0] - 1, 1)
    single = t_quantile(level, df)
    spread = np.sqrt(np.square(rows).sum(axis=0))
    moving = spread > 0
    if int(moving.sum()) < 2:
        return single
    unit = rows[:, moving] / spread[moving]
    values, vectors = np.linalg.eigh(unit.T @ unit)
    root = vectors * np.sqrt(np.clip(values, 0.0, None))
    rng = np.random.default_rng(seed)
    drawn = rng.standard_normal((DRAWS, root.shape[1])) @ root.T
    if df < 200:  # few clusters: the spread is estimated, too, from the same ones
        drawn /= np.sqrt(rng.chisquare(df, DRAWS) / df)[:, None]
    return max(float(np.quantile(np.abs(drawn).max(axis=1), level)), single)
