"""How alike two rankings of the same things are, where what they are ranked by was measured on rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from plimsoll.core.estimate import Estimate

Floats = npt.NDArray[np.float64]
DRAWS = 400


def rank_agreement(
    name: str,
    values: Floats,
    influence: Floats,
    rng: np.random.Generator,
    *,
    clusters: npt.NDArray[np.int64] | None = None,
    level: float = 0.95,
) -> Estimate | None:
    """Return Spearman's rank correlation of two measurements (things, 2), or None for fewer than three.

    ``influence`` (things, 2, n) says how every row moves them. The interval is of draws of other rows: normal
    multipliers of the influences, the same for both measurements (doi:10.1214/aos/1176349025). Things
    that are all but equal are ranked by luck, which pulls the correlation towards 0 and widens it.
    """
    if values.shape[0] < 3:
        return None
    n = influence.shape[2]
    groups = n if clusters is None else int(clusters.max(initial=0)) + 1
    drawn = rng.normal(size=(DRAWS, groups))
    each = drawn if clusters is None else drawn[:, clusters]
    moved = values + np.tensordot(each, influence, axes=(1, 2)) / n
    value = spearman(values)
    tail = 100.0 * (1.0 - level) / 2.0
    low, high = np.percentile([spearman(table) for table in moved], [tail, 100.0 - tail])
    return Estimate(
        name,
        value,
        min(float(low), value),
        max(float(high), value),
        level,
        values.shape[0],
        "Spearman, multiplier bootstrap over rows",
    )


def spearman(values: Floats) -> float:
    """Return Spearman's rank correlation of the two columns; 0 where one does not vary.

    >>> spearman(np.array([[1.0, 10.0], [2.0, 30.0], [3.0, 20.0]]))
    0.5
    """
    one, two = rankdata(values[:, 0]), rankdata(values[:, 1])
    if np.ptp(one) == 0 or np.ptp(two) == 0:
        return 0.0
    one, two = one - one.mean(), two - two.mean()
    return float((one @ two) / np.sqrt((one @ one) * (two @ two)))
