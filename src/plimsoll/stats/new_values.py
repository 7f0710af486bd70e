"""Values that one table has and the other never had: more than chance would give?

Where a column has many rare values, two tables drawn alike each have values that the other lacks: of
unique names all are new. So the share of rows with new values is held against what dealing the rows of both
tables at random would give.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, ndtr

from plimsoll.core.estimate import Estimate
from plimsoll.stats.proportion import proportion

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class NewValues:
    """The share of current rows with a value that the reference does not have.

    ``by_chance`` is the share that dealing the rows at random gives on average; ``values`` counts the new
    values; ``p_above_floor`` is the p-value of "no more than the floor beyond chance".
    """

    share: Estimate
    by_chance: float
    values: int
    p_above_floor: float


def new_values(
    reference: Counts,
    current: Counts,
    *,
    floor: float = 0.0,
    level: float = 0.95,
    worth: float = 1.0,
) -> NewValues | None:
    """Return the share of rows with new values, from rows by value on both sides, (k,).

    ``worth`` is how many rows that hang together count as one. None where a side has no rows or nothing
    is new. A value with c rows in both tables together is new with the probability that all of them are
    dealt to the current one, ``C(m, c) / C(n + m, c)``; values are nearly independent.
    """
    n, m = int(reference.sum()), int(current.sum())
    fresh = (reference == 0) & (current > 0)
    new = int(current[fresh].sum())
    if not n or not m or not new:
        return None
    share = proportion("new_values_rate", new, m, level=level)
    assert share is not None
    both = (reference + current).astype(np.float64)
    both = both[both > 0]
    chance = np.where(both <= m, np.exp(_log_choose(m, both) - _log_choose(n + m, both)), 0.0)
    expected = float(both @ chance) / m
    dealt = float((both**2) @ (chance * (1.0 - chance))) / m**2
    drawn = max(share.value * (1.0 - share.value), 1.0 / m) / m
    error = math.sqrt((dealt + drawn) * worth)
    p = float(ndtr(-(share.value - expected - floor) / error))
    return NewValues(share, expected, int(fresh.sum()), p)


def _log_choose(n: float, k: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    held = np.minimum(k, n)
    out: npt.NDArray[np.float64] = gammaln(n + 1) - gammaln(held + 1) - gammaln(n - held + 1)
    return out
