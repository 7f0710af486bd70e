"""How many rows a question needs, and what these rows can resolve."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from scipy.special import bdtrik, betainc, ndtr, ndtri

from plimsoll.core.estimate import Estimate
from plimsoll.stats.interval import FloatArray, z_quantile

MOST_ROWS = 10**12


def rows_to_settle(estimate: Estimate, bound: float, *, power: float = 0.5) -> int | None:
    """Return at how many rows the interval would leave out the bound, if the estimate is true.

    The arm of the interval that points at the bound shrinks with the root of the rows. At most
    ``estimate.n`` where the bound is outside already; None where the estimate sits on the bound (no
    number of rows will do) or a million million rows would be too few. At these rows the interval of
    a fresh table leaves the bound out with probability ``power``: at 0.5 the interval as it is, scaled;
    at 0.8 about twice as many rows, ``((z_level + z_power) / z_level)^2``.

    >>> rows_to_settle(Estimate("accuracy", 0.9, 0.85, 0.94, 0.95, 100, "Wilson"), 0.88)
    626
    """
    distance = abs(estimate.value - bound)
    arm = (
        estimate.value - estimate.low if bound < estimate.value else estimate.high - estimate.value
    )
    if distance == 0.0:
        return None
    z = float(ndtri(0.5 + estimate.level / 2.0))
    needed = estimate.n * (arm / distance * (1.0 + float(ndtri(power)) / z)) ** 2
    if not needed < MOST_ROWS:
        return None
    return max(math.floor(needed) + 1, 1)


def minimum_detectable_effect(estimate: Estimate, *, power: float = 0.8) -> float:
    """Return how far the truth must be from a limit for a verdict with probability ``power``.

    In the unit of the measure, from half the width of the interval taken as a normal one: ``se
    (z_level + z_power)``, 2.8 standard errors at 95 % and 80 %. A margin below it is a margin that
    these rows cannot resolve.
    """
    _inside("power", power)
    quantile = z_quantile(estimate.level)
    return estimate.half_width / quantile * (quantile + float(ndtri(power)))


def power_at(estimate: Estimate, distance: float) -> float:
    """Return the probability of a verdict where the truth is ``distance`` from the limit.

    0 or less is the wrong side of the limit: there it is the probability of a wrong verdict.
    """
    if estimate.half_width == 0.0:
        return 1.0 if distance > 0 else 0.0
    quantile = z_quantile(estimate.level)
    return float(ndtr(distance * quantile / estimate.half_width - quantile))


def joint_power(powers: Iterable[float]) -> float:
    """Return the probability that guardrails that must all pass do, if they are independent.

    A lower bound where they are positively related, as measures of one model on one set of rows are.

    >>> round(joint_power([0.8] * 10), 3)
    0.107
    """
    return math.prod(powers)


def power_of_each(guardrails: int, *, joint: float = 0.8) -> float:
    """Return the power that each of so many independent guardrails needs for them all to pass.

    >>> round(power_of_each(10), 3)
    0.978
    """
    _inside("joint power", joint)
    return float(joint ** (1.0 / guardrails))


def binomial_rows(
    expected: float, feared: float, *, alpha: float = 0.05, power: float = 0.8
) -> tuple[int, int]:
    """Return the fewest rows, and the count, at which a fall of a share from expected to feared shows.

    The alarm goes off at that count of successes or fewer: with probability at most ``alpha`` if the
    share is as expected, at least ``power`` if it is as feared. Exact binomial.

    >>> binomial_rows(0.90, 0.85)
    (270, 234)
    """
    for name, share in (("expected", expected), ("feared", feared), ("alpha", alpha)):
        _inside(name, share)
    _inside("power", power)
    if not feared < expected:
        raise ValueError(f"feared must be below expected, got {feared} and {expected}")
    normal = _normal_rows(expected, feared, alpha, power)
    # Exact needs stray from the normal figure by less than a tenth once they are large.
    start = 1 if normal < 5000 else int(0.9 * normal)
    step = 4096
    while start < MOST_ROWS:
        n = np.arange(start, start + step, dtype=np.float64)
        with np.errstate(invalid="ignore"):
            count = np.floor(np.nan_to_num(bdtrik(alpha, n, expected), nan=-1.0) + 1e-9)
        count = np.where(_at_most(count, n, expected) > alpha, count - 1.0, count)
        enough = np.flatnonzero((count >= 0) & (_at_most(count, n, feared) >= power))
        if enough.size:
            first = int(enough[0])
            return int(n[first]), int(count[first])
        start, step = start + step, step * 2
    raise ValueError("expected and feared are too close: a million million rows would be too few")


def _normal_rows(expected: float, feared: float, alpha: float, power: float) -> float:
    one = float(ndtri(1.0 - alpha)) * math.sqrt(expected * (1.0 - expected))
    two = float(ndtri(power)) * math.sqrt(feared * (1.0 - feared))
    return ((one + two) / (expected - feared)) ** 2


def _at_most(count: FloatArray, n: FloatArray, share: float) -> FloatArray:
    """Return the probability of at most ``count`` successes; 0 for a negative count."""
    at = np.clip(count, 0.0, n - 1.0)
    below = np.asarray(betainc(n - at, at + 1.0, 1.0 - share), np.float64)
    return np.where(count >= n, 1.0, np.where(count < 0, 0.0, below))


def paired_rows(
    discordance: float, margin: float, *, alpha: float = 0.05, power: float = 0.8
) -> int:
    """Return the rows that show two equally good models to be within a margin of each other.

    ``discordance`` is the share of rows on which exactly one of them is right. One-sided ``alpha``:
    ``(z_alpha + z_power)^2 discordance / margin^2``.

    >>> paired_rows(0.10, 0.01)
    6183
    """
    return math.ceil(_squared_quantiles(alpha, power) * discordance / margin**2)


def unpaired_rows(share: float, margin: float, *, alpha: float = 0.05, power: float = 0.8) -> int:
    """Return the rows for each of two models measured on separate rows, both right on ``share``.

    >>> unpaired_rows(0.85, 0.01)
    15766
    """
    variance = 2.0 * share * (1.0 - share)
    return math.ceil(_squared_quantiles(alpha, power) * variance / margin**2)


def _squared_quantiles(alpha: float, power: float) -> float:
    _inside("alpha", alpha)
    _inside("power", power)
    return (float(ndtri(1.0 - alpha)) + float(ndtri(power))) ** 2


def _inside(name: str, share: float) -> None:
    if not 0.0 < share < 1.0:
        raise ValueError(f"{name} must lie between 0 and 1, got {share}")
