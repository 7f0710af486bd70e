"""The difference of two numbers that were measured on separate rows, from their own intervals."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from scipy.special import ndtr

from plimsoll.core.estimate import Estimate, Where
from plimsoll.stats.interval import z_quantile

NAME = "difference"


def difference_of_independent(one: Estimate, two: Estimate) -> Estimate:
    """Return ``one - two`` of two independent samples, by the square-and-add rule (MOVER).

    Each limit of the difference takes the nearer limits of the two (Zou and Donner 2008,
    doi:10.1002/sim.3095); for Wilson intervals this is Newcombe's method 10.
    """
    value = one.value - two.value
    down = math.hypot(one.value - one.low, two.high - two.value)
    up = math.hypot(one.high - one.value, two.value - two.low)
    return Estimate(
        name=NAME,
        value=value,
        low=value - down,
        high=value + up,
        level=one.level,
        n=min(one.n, two.n),
        method=f"square-and-add of {two.method}",
        unit=one.unit,
        where=Where(metric=one.name, label=two.where.label),
    )


def from_whole(part: Estimate, rest: Estimate, whole: float) -> Estimate:
    """Return how far a part of the rows is from all of them, given the part, the rest, and the whole.

    The part is in the whole, so their difference is that of part and rest shrunk by the share of the rest;
    its interval is that of part and rest shrunk alike. Exact for a share or a mean.
    """
    apart = difference_of_independent(part, rest)
    shrink = rest.n / max(part.n + rest.n, 1)
    value = part.value - whole
    return replace(
        apart,
        value=value,
        low=value - shrink * (apart.value - apart.low),
        high=value + shrink * (apart.high - apart.value),
    )


def two_sided_p(difference: Estimate) -> float:
    """Return the two-sided p-value of no difference that an interval implies.

    The half of the interval that points to 0 is taken as so many standard errors as its level says.
    """
    near = (
        difference.value - difference.low
        if difference.value > 0
        else difference.high - difference.value
    )
    if near <= 0.0:
        return 1.0 if difference.value == 0.0 else 0.0
    z = abs(difference.value) / near * z_quantile(difference.level)
    return float(min(1.0, 2.0 * ndtr(-np.abs(z))))
