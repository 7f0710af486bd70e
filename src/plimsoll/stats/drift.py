"""Has a column changed, by how much, and is that enough to raise an alarm?

The contract, column by column and over all of them.

- The effect that decides is the share of rows that would have to move: KS for numbers and moments, the
  total variation for categories and truth values. Both are 0 to 1, so one floor serves both.
- An alarm needs the effect to be above the floor: the p-value of "no larger than the floor", corrected over
  the columns by Holm, is at most ``alpha``, and the lower limit of the interval is above the floor.
- A change that is there and not above the floor is told and is no alarm.
- Rows that hang together count for as many as they are worth (``effective_rows.py``).
- Fewer than 20 effective rows on a side say nothing, and how many it takes is said. Nor do categories of
  which hardly one comes twice.

Measured (``benchmarks/FALSE_ALARMS.md``): of 30 columns without drift, heavy tails, 500 categories and unique
texts among them, at 100 to 10,000 rows, a family raised an alarm in at most 0.2 of 100 runs with the floor at
0.05 and in at most 5 with the floor at 0; any change was told in 4 to 6 (standard error 1 to 2).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.special import ndtri, stdtrit

from plimsoll.core.estimate import Estimate
from plimsoll.stats.adjust import rounded_up
from plimsoll.stats.drift_categories import total_variation_effect
from plimsoll.stats.drift_distances import (
    jensen_shannon_distance,
    population_stability,
    wasserstein_sigma,
)
from plimsoll.stats.drift_effect import Effect, Worth
from plimsoll.stats.drift_numbers import kolmogorov_quantile, ks_effect
from plimsoll.stats.effective_rows import design_effect
from plimsoll.stats.family import holm
from plimsoll.stats.interval import FloatArray
from plimsoll.stats.two_samples import TwoSamples

FLOOR = 0.05
LEAST_ROWS = 20.0
"""Effective rows that either side must have before anything is said of a change."""
PLAIN_TO_SEE = 0.2
"""The effect whose rows are told where there are too few: in 20 of 100 rows."""


class Statement(StrEnum):
    """What is said of a column."""

    ALARM = "changed by more than the floor"
    BELOW = "changed, not shown to be above the floor"
    UNCHANGED = "no change seen"
    TOO_FEW = "too few rows"


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """What was measured of one column.

    ``effect`` decides. ``others`` describe: wasserstein_sigma (numbers that vary in the reference),
    jensen_shannon and psi. ``effective`` are the rows of reference and current that independent rows would
    be worth, ``df`` the degrees of freedom behind that. ``comparable`` is the share of rows
    whose value statistics can lean on: 1 for numbers, 0 where nearly every row is a category of its own.
    """

    effect: Effect
    others: tuple[Estimate, ...]
    rows: tuple[int, int]
    effective: tuple[float, float]
    df: float
    comparable: float

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """All numbers, the deciding one first."""
        return (self.effect.estimate, *self.others)


@dataclass(frozen=True, slots=True)
class Judged:
    """What is said of one column among all.

    ``p_above_floor`` and ``p_changed`` are corrected over the columns (1 where there are too few rows).
    ``detectable`` is the effect that would have raised an alarm in 80 of 100 tables such as these, or
    None where none would. ``rows_needed`` is given where there are too few: current rows, or rows of
    each side where the reference has too few, at which an effect of 0.2 is seen; else None, and
    where no number of rows is known to do.
    """

    statement: Statement
    p_above_floor: float
    p_changed: float
    detectable: float | None
    rows_needed: int | None


def column_drift(
    two: TwoSamples, *, floor: float = FLOOR, level: float = 0.95
) -> ColumnDrift | None:
    """Measure one column, or return None where a side has no rows with a value.

    Cost: about 1 ms for 16,384 cells, whatever the number of rows.
    """
    if min(two.rows) == 0:
        return None
    design = design_effect(two, floor)
    decide = ks_effect if two.ordered else total_variation_effect
    effect = decide(two, floor=floor, level=level, design=design)
    found = [
        measure(two, level=level, design=design)
        for measure in (wasserstein_sigma, jensen_shannon_distance, population_stability)
    ]
    worth = Worth.of(two, design)
    others = tuple(estimate for estimate in found if estimate is not None)
    leant_on = 1.0 if two.ordered else 1.0 - two.coarse.lumped
    return ColumnDrift(effect, others, two.rows, (worth.n, worth.m), worth.df, leant_on)


def judge_columns(
    columns: Sequence[ColumnDrift], *, floor: float = FLOOR, alpha: float = 0.05
) -> tuple[Judged, ...]:
    """Say of every column whether it changed, with the error held over all of them.

    ``floor`` must be the one that the columns were measured with. Columns with too few rows are no part
    of the family.
    """
    enough = np.array([_enough(column) for column in columns], bool)
    above, changed = np.ones(len(columns)), np.ones(len(columns))
    above[enough] = holm(_p(columns, "p_above_floor")[enough])
    changed[enough] = holm(_p(columns, "p_changed")[enough])
    family = max(int(enough.sum()), 1)
    out = []
    for i, column in enumerate(columns):
        estimate = column.effect.estimate
        if not enough[i]:
            statement = Statement.TOO_FEW
        elif above[i] <= alpha and estimate.low > floor:
            statement = Statement.ALARM
        else:
            statement = Statement.BELOW if changed[i] <= alpha else Statement.UNCHANGED
        each = min(alpha / family, (1.0 - estimate.level) / 2.0)
        needs = None if enough[i] else _rows_needed(column, floor, each)
        sees = _detectable(column, floor, each)
        out.append(Judged(statement, float(above[i]), float(changed[i]), sees, needs))
    return tuple(out)


def detectable_effect(
    n: float,
    m: float,
    df: float = math.inf,
    *,
    floor: float = FLOOR,
    alpha: float = 0.05,
    power: float = 0.8,
    tests: int = 0,
) -> float | None:
    """Return the effect that raises an alarm with this probability, or None where not even 1 does.

    ``n`` and ``m`` are effective rows, ``alpha`` the level of this one column, ``tests`` the gaps that are
    tested one by one (0 for Kolmogorov's law). ``floor + (critical value + z_power / 2) / sqrt(nm/(n+m))``;
    a little less will do where the shares that differ are small.

    >>> round(detectable_effect(1000, 1000), 3)
    0.13
    """
    if min(n, m) <= 0:
        return None
    effect = floor + _reach(alpha, power, tests, df) / math.sqrt(n * m / (n + m))
    return effect if effect <= 1.0 else None


def rows_to_see(
    effect: float,
    *,
    floor: float = FLOOR,
    alpha: float = 0.05,
    power: float = 0.8,
    reference: float = math.inf,
    tests: int = 0,
) -> int | None:
    """Return the current rows at which such an effect raises an alarm with this probability.

    ``reference`` is the number of rows there (as many as one likes if left out). At least 20. None where the
    effect is not above the floor or the reference has too few rows, whatever the current ones.

    >>> rows_to_see(0.13, reference=1000)
    979
    """
    if effect <= floor:
        return None
    both = (_reach(alpha, power, tests, math.inf) / (effect - floor)) ** 2
    if reference <= both:
        return None
    rows = both if math.isinf(reference) else both * reference / (reference - both)
    return max(math.ceil(rows), math.ceil(LEAST_ROWS))


def _reach(alpha: float, power: float, tests: int, df: float) -> float:
    """Return how far above the floor an effect must be, in units of ``1 / sqrt(nm/(n+m))``."""
    if tests:
        tail = alpha / tests
        critical = -float(ndtri(tail) if math.isinf(df) else stdtrit(df, tail)) / 2.0
    else:
        critical = kolmogorov_quantile(alpha, df)
    return critical + float(ndtri(power)) / 2.0


def _enough(column: ColumnDrift) -> bool:
    return min(column.effective) >= LEAST_ROWS and column.comparable > 0.0


def _detectable(column: ColumnDrift, floor: float, alpha: float) -> float | None:
    if column.comparable <= 0.0:
        return None
    tests = column.effect.tests
    return detectable_effect(*column.effective, column.df, floor=floor, alpha=alpha, tests=tests)


def _rows_needed(column: ColumnDrift, floor: float, alpha: float) -> int | None:
    """Return the current rows that would do, or the rows of each side where the reference is short."""
    n, m = column.effective
    if column.comparable <= 0.0 or column.df <= 1.0:
        return (
            None  # Other categories, or more groups of rows, are wanted and not more rows of these.
        )
    effect, tests = max(PLAIN_TO_SEE, 2.0 * floor), column.effect.tests
    found = rows_to_see(effect, floor=floor, alpha=alpha, reference=n, tests=tests)
    if found is None or n < LEAST_ROWS:
        alone = rows_to_see(effect, floor=floor, alpha=alpha, tests=tests)
        found = None if alone is None else 2 * alone
    worth = column.rows[1] / m
    return None if found is None else rounded_up(math.ceil(found * worth))


def _p(columns: Sequence[ColumnDrift], name: str) -> FloatArray:
    return np.array([getattr(column.effect, name) for column in columns], np.float64)
