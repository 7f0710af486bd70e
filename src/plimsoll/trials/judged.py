"""Which measures stress is judged by, and against which limit: the policy's, or a default that is said."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from plimsoll.core.check import StressOptions
from plimsoll.core.estimate import Estimate, Where
from plimsoll.stats.influence import Graded, Mix, Value, standard_error
from plimsoll.stats.interval import t_quantile
from plimsoll.stats.load_line import Margin
from plimsoll.stats.row_measures import RowMeasure, title
from plimsoll.trials.lines import Judged
from plimsoll.trials.rows import TrialRows

Floats = npt.NDArray[np.float64]
METHOD = "influence function, paired with the clean rows"


@dataclass(frozen=True)
class Judge:
    """One measure with the limit that it must keep under stress.

    ``limit`` is the policy's bound where ``from_policy``, else what is left when the model keeps only
    ``keep`` of its gain over chance; then the clean rows are part of the limit and its margin is paired
    with them. ``chance`` is taken as known.
    """

    measure: RowMeasure
    limit: float
    from_policy: bool
    keep: float
    chance: float
    clean: Value
    rows: TrialRows
    level: float

    @property
    def sign(self) -> float:
        """1 where higher is better, else -1."""
        return 1.0 if self.measure.higher_is_better else -1.0

    @property
    def gain(self) -> float:
        """How much better than chance the clean rows are; 0 or less where they are not."""
        return self.sign * (self.clean.value - self.chance)

    def mix(self, stressed: Graded) -> Mix:
        """Return the mix of the clean answers and those under stress."""
        return self.measure.mix(self.rows.graded, stressed, self.rows.weights)

    def margin(self, found: Value, severity: float) -> Margin:
        """Return how far inside its limit a measure is, with its standard error."""
        influence = found.influence
        if not self.from_policy:
            influence = influence - self.keep * self.clean.influence
        value = self.sign * (found.value - self.limit)
        return Margin(severity, value, self.error(influence))

    def error(self, influence: Floats) -> float:
        """Return the standard error that these influences of rows make."""
        return standard_error(influence, self.rows.clusters)

    @cached_property
    def quantile(self) -> float:
        """How many standard errors the interval reaches: normal, or t where rows hang together."""
        return t_quantile(self.level, self.df)

    @cached_property
    def df(self) -> float:
        """Degrees of freedom behind the standard errors."""
        clusters = self.rows.clusters
        df = self.rows.rows - 1 if clusters is None else int(clusters.max(initial=0))
        return float(max(df, 1))

    def estimate(self, found: Value, where: Where, *, name: str | None = None) -> Estimate:
        """Return the measure with its interval, kept inside its range."""
        low, high = self.ends(found.value, self.error(found.influence))
        return Estimate(
            name or self.measure.name,
            found.value,
            low,
            high,
            self.level,
            self.rows.rows,
            METHOD,
            where=where,
        )

    def ends(self, value: float, error: float) -> tuple[float, float]:
        """Return the interval of a measure with this error, inside its range where it has one."""
        low, high = value - self.quantile * error, value + self.quantile * error
        if self.measure.needs == "numbers" or self.measure.name == "log_loss":
            return low, high
        floor = -1.0 if self.measure.name == "matthews_corrcoef" else 0.0
        return max(low, min(floor, value)), min(high, max(1.0, value))

    @property
    def nothing_to_keep(self) -> bool:
        """Whether the limit is a share of a gain over chance that is not there."""
        return not self.from_policy and self.gain <= 0

    def told(self) -> Judged:
        """Return the measure and its limit as data."""
        return Judged(
            self.measure.name,
            self.estimate(self.clean, Where()),
            self.limit,
            self.from_policy,
            self.chance,
            self.measure.higher_is_better,
            self.words(),
        )

    def words(self) -> str:
        """Say the limit, and where it comes from."""
        side = "at least" if self.measure.higher_is_better else "at most"
        named = title(self.measure.name)
        if self.from_policy:
            return f"{named} {side} {self.limit:.4g}, as the policy says"
        return (
            f"{named} {side} {self.limit:.4g}: the policy limits nothing that stress can be judged "
            f"by, so the model must keep {100 * self.keep:.0f} of 100 parts of what it gains over "
            f"chance ({self.chance:.4g})"
        )


def judges(rows: TrialRows, options: StressOptions, level: float) -> tuple[Judge, ...]:
    """Return the measures to judge by, the first of which is drawn; none where the answers fit none.

    Limits of the policy come first, in its order; where it holds none that these answers can be judged
    by, the measure of the settings, else the main one of the task.
    """
    found = []
    for limit in options.limits:
        kept = rows.measure(limit.measure)
        if kept is not None and (limit.kind == "min") == kept.higher_is_better:
            found.append(_judge(kept, rows, level, options.keep, limit.bound))
    if not found:
        main = rows.measure(options.judge_by)
        if main is not None:
            found.append(_judge(main, rows, level, options.keep, None))
    return tuple(found)


def _judge(
    measure: RowMeasure, rows: TrialRows, level: float, keep: float, bound: float | None
) -> Judge:
    clean = measure.mix(rows.graded, rows.graded, rows.weights).at(0.0)
    chance = measure.chance(rows.graded, rows.weights)
    limit = chance + keep * (clean.value - chance) if bound is None else bound
    return Judge(measure, limit, bound is not None, keep, chance, clean, rows, level)
