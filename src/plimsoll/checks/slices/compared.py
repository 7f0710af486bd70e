"""By which measures a slice is held against something else, and how the difference is said. Not a check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plimsoll.checks.slices.sliced import Slice
from plimsoll.core.estimate import Estimate
from plimsoll.core.subject import Subject, Task
from plimsoll.stats.family import holm
from plimsoll.stats.interval import FloatArray

LOWER = frozenset(
    {
        "log_loss", "brier_score", "mean_absolute_error", "root_mean_squared_error",
        "mean_absolute_percentage_error", "false_positive_rate", "false_negative_rate",
    }
)  # fmt: skip
"""Measures of which less is better."""
SHARES = frozenset({"accuracy", "recall", "specificity", "precision", "selection_rate"})
"""Measures that are shares of rows."""


def compared(subject: Subject) -> tuple[str, ...]:
    """Return the measures by which slices are held against each other, the main one first."""
    if subject.task is Task.REGRESSION:
        return ("mean_absolute_error",)
    if subject.has_prediction:
        binary = subject.task is Task.BINARY
        return ("accuracy", "recall", "specificity") if binary else ("accuracy",)
    return ("log_loss",) if subject.has_probabilities else ()


def plain(name: str) -> str:
    """Return a measure's name as a person says it."""
    return name.replace("_", " ")


def value_text(name: str, value: float) -> str:
    """Write a value of a measure: a share in per cent, else with four digits."""
    return f"{100 * value:.1f} %" if name in SHARES else f"{value:.4g}"


def points(name: str, value: float) -> str:
    """Write a difference with its sign: of shares in points, else with four digits."""
    return f"{100 * value:+.1f}" if name in SHARES else f"{value:+.4g}"


def apart_text(name: str, difference: Estimate) -> str:
    """Say a difference with its interval: ``-4.1 points, likely -6.8 to -1.4``."""
    unit = " points" if name in SHARES else ""
    low, high = points(name, difference.low), points(name, difference.high)
    return f"{points(name, difference.value)}{unit}, likely {low} to {high}"


def place_text(one: Slice) -> str:
    """Say which rows a slice is: ``sex is Female and age is below 28``."""
    return " and ".join(f"{column} is {value}" for column, value in one.where)


@dataclass(frozen=True, slots=True)
class Shrunken:
    """Differences pulled towards 0, and the positions in the order of them, the largest first."""

    values: tuple[float, ...]
    order: tuple[int, ...]


def shrunken(
    values: Sequence[float] | FloatArray, errors: Sequence[float] | FloatArray
) -> Shrunken:
    """Pull noisy differences towards 0 by empirical Bayes, so that a small slice does not lead by chance.

    ``errors`` are their standard errors. The spread of the true differences follows from all of them by
    moments (DerSimonian and Laird 1986, doi:10.1016/0197-2456(86)90046-2, about a mean of 0).
    """
    x = np.asarray(values, np.float64)
    variance = np.maximum(np.asarray(errors, np.float64), 1e-12) ** 2
    weight = 1.0 / variance
    top = float((weight * x * x).sum()) - x.size
    spread = max(top / float(weight.sum()), 0.0) if x.size else 0.0
    pulled = x * spread / (spread + variance)
    order = np.lexsort((-x, -pulled))
    return Shrunken(tuple(pulled.tolist()), tuple(order.tolist()))


def clear(p: Sequence[float], level: float) -> list[bool]:
    """Return which of many differences are clear after Holm's correction over all of them."""
    return [bool(adjusted < 1 - level) for adjusted in holm(np.asarray(p, np.float64))]
