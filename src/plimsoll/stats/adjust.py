"""Small changes to an interval that is already there: move it to the exact value, widen it by a bound."""

from __future__ import annotations

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


def _inside(x: float, low: float | None, high: float | None) -> float:
    x = x if low is None else max(x, low)
    return x if high is None else min(x, high)
