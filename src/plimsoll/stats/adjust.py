"""Small changes to numbers that are already there: move an interval, widen it, round rows up."""

from __future__ import annotations

import math
from dataclasses import replace

from plimsoll.core.estimate import Estimate


def recentred(
    estimate: Estimate, value: float, low: float | None = None, high: float | None = None
) -> Estimate:
    """Return the estimate with the exact ``value`` and its interval moved along.

    The spread was found in coarser cells than the value. Cut to the range [low, high] of the measure.
    """
    shift = value - estimate.value
    return replace(
        estimate,
        value=value,
        low=min(_inside(estimate.low + shift, low, high), value),
        high=max(_inside(estimate.high + shift, low, high), value),
    )


def widened(
    estimate: Estimate, slack: float, low: float | None = None, high: float | None = None
) -> Estimate:
    """Return the estimate with ``slack`` added on both sides and said in the method.

    ``slack`` bounds how far the value can lie from the exact one because scores were binned.
    """
    if slack <= 0.0:
        return estimate
    return replace(
        estimate,
        low=_inside(estimate.low - slack, low, high),
        high=_inside(estimate.high + slack, low, high),
        method=f"{estimate.method}, binned to within {slack:.1e}",
    )


def rounded_up(rows: int) -> int:
    """Round a number of rows up to two digits; more would be a pretence.

    >>> rounded_up(37108)
    38000
    """
    scale: int = 10 ** max(0, len(str(rows)) - 2)
    return math.ceil(rows / scale) * scale


def shown(number: float) -> str:
    """Return a number with two digits that count, never in powers of ten.

    >>> shown(2900.4), shown(0.00123)
    ('2,900', '0.0012')
    """
    rounded = float(f"{number:.2g}")
    if abs(rounded) >= 10:
        return f"{rounded:,.0f}"
    return f"{rounded:.10f}".rstrip("0").rstrip(".")


def _inside(x: float, low: float | None, high: float | None) -> float:
    x = x if low is None else max(x, low)
    return x if high is None else min(x, high)
