"""Two sets of answers for the same rows, held against each other: is the second as good?

What is chosen on one half of the rows (``CHOOSE``) is told on the other (``CONFIRM``), for a set that was
picked for looking good looks better than it is. Rows that hang together stay in one half.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr

from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Status
from plimsoll.core.keys import hash_column, mix
from plimsoll.core.trial import Answers
from plimsoll.stats.influence import Graded, Value, standard_error
from plimsoll.stats.interval import t_quantile
from plimsoll.stats.row_measures import RowMeasure
from plimsoll.trials.rows import TrialRows

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
ALL, CHOOSE, CONFIRM = "all", "choose", "confirm"
MARGIN = 0.01
"""How much worse is as good: of a measure from 0 to 1, or of the gain over chance of one without a scale."""
SALT = np.uint64(0x5851F42D4C957F2D)
LEAST_ROWS = 60
"""Rows of a half below which nothing is told."""
LEAST_OF_CLASS = 5


def part_of(rows: TrialRows, mask: Mask) -> TrialRows:
    """Return some of the rows."""
    return replace(
        rows,
        frame=rows.frame.filter(mask),
        keys=rows.keys[mask],
        target=rows.target[mask],
        weights=rows.weights[mask],
        clean=cut(rows.clean, mask),
    )


def cut(answers: Answers, mask: Mask) -> Answers:
    """Return the answers for some of the rows."""
    return Answers(
        None if answers.scores is None else answers.scores[mask],
        None if answers.decided is None else answers.decided[mask],
    )


def choosing(rows: TrialRows) -> Mask:
    """Return which rows serve to choose, about half of them; by group where rows hang together."""
    group = rows.subject.roles.group
    keys = rows.keys if group is None else hash_column(rows.frame.get_column(group))
    out: Mask = (mix(keys ^ SALT) >> np.uint64(63)) == 0
    return out


def can_be_halved(rows: TrialRows) -> bool:
    """Whether each half has enough rows, and enough of two classes, to tell something."""
    first = choosing(rows)
    for mask in (first, ~first):
        target = rows.target[mask]
        if target.size < LEAST_ROWS:
            return False
        if rows.subject.is_classification:
            counts = np.sort(np.bincount(target.astype(np.int64), minlength=2))
            if counts[-2] < LEAST_OF_CLASS:
                return False
    return True


@dataclass(frozen=True)
class Change:
    """What a measure becomes with other answers, on the same rows.

    ``harm`` is how much worse it is (below 0: better), with its standard error and degrees of freedom.
    """

    before: Value
    after: Value
    harm: float
    error: float
    df: float

    @property
    def p_worse(self) -> float:
        """p-value of "it is no worse"."""
        return self._tail(self.harm)

    def p_margin(self, margin: float) -> float:
        """Return the p-value of "it is worse by the margin or more"."""
        return self._tail(margin - self.harm)

    def _tail(self, above: float) -> float:
        if self.error <= 0:
            return 0.0 if above > 0 else 1.0
        return float(stdtr(self.df, -above / self.error))


@dataclass(frozen=True)
class Comparer:
    """Holds answers against others by one measure; ``full`` are those of the whole model, or of its refit.

    ``noise`` is the variance that fitting anew with another seed gives the measure, from ``noise_df``
    degrees of freedom: each of two fits compared has it. It is 0 where nothing is fitted.
    """

    rows: TrialRows
    measure: RowMeasure
    margin: float
    level: float
    full: Answers = field(repr=False)
    noise: float = 0.0
    noise_df: float = 1.0

    @cached_property
    def masks(self) -> Mapping[str, Mask]:
        """The rows of each part."""
        first = choosing(self.rows)
        return {ALL: np.ones_like(first), CHOOSE: first, CONFIRM: ~first}

    @cached_property
    def parts(self) -> Mapping[str, TrialRows]:
        """The rows of each part, as rows."""
        return {name: part_of(self.rows, mask) for name, mask in self.masks.items()}

    @property
    def sign(self) -> float:
        """1 where higher is better, else -1."""
        return 1.0 if self.measure.higher_is_better else -1.0

    def value(self, answers: Answers, part: str = ALL) -> Value:
        """Return the measure of answers for all rows, on one part of them."""
        rows = self.parts[part]
        graded = self._graded(answers, part)
        return self.measure.mix(graded, graded, rows.weights).at(0.0)

    def change(self, answers: Answers, part: str = ALL) -> Change:
        """Return what the measure becomes where these answers stand in for the full ones."""
        rows = self.parts[part]
        mix_ = self.measure.mix(
            self._graded(self.full, part), self._graded(answers, part), rows.weights
        )
        before, after = mix_.at(0.0), mix_.at(1.0)
        by_rows = standard_error(after.influence - before.influence, rows.clusters) ** 2
        by_fits = 2.0 * self.noise
        df = self.df(part)
        if by_fits > 0 and np.isfinite(by_rows):
            total = by_rows + by_fits
            df = total**2 / (by_rows**2 / df + by_fits**2 / self.noise_df)
        harm = self.sign * (before.value - after.value)
        return Change(before, after, harm, float(np.sqrt(by_rows + by_fits)), df)

    def df(self, part: str) -> float:
        """Return the degrees of freedom of the rows of a part."""
        rows = self.parts[part]
        groups = rows.rows if rows.clusters is None else int(rows.clusters.max(initial=0)) + 1
        return float(max(groups - 1, 1))

    def spares(self, change: Change, level: float | None = None) -> Status:
        """Say whether what was left out is not needed: PASS surely not, FAIL surely needed, else UNSURE."""
        reach = t_quantile(level or self.level, change.df) * change.error
        if not np.isfinite(reach):
            return Status.UNSURE
        if change.harm + reach <= self.margin:
            return Status.PASS
        return Status.FAIL if change.harm - reach > self.margin else Status.UNSURE

    def told(self, found: Value, name: str, where: Where, part: str = ALL) -> Estimate:
        """Return a measure on one part of the rows with its interval, inside its range."""
        rows = self.parts[part]
        error = np.sqrt(standard_error(found.influence, rows.clusters) ** 2 + self.noise)
        reach = t_quantile(self.level, self.df(part)) * error
        low, high = found.value - reach, found.value + reach
        if self.measure.needs != "numbers":
            floor = -1.0 if self.measure.name == "matthews_corrcoef" else 0.0
            top = np.inf if self.measure.name == "log_loss" else 1.0
            low, high = max(low, min(floor, found.value)), min(high, max(top, found.value))
        method = "influence function" + (", and the spread of fits" if self.noise > 0 else "")
        return Estimate(
            name, found.value, float(low), float(high), self.level, rows.rows, method, where=where
        )

    def told_change(self, change: Change, name: str, where: Where, part: str = ALL) -> Estimate:
        """Return how the measure changes (after minus before) with its interval."""
        value = change.after.value - change.before.value
        reach = t_quantile(self.level, change.df) * change.error
        method = "influence functions, paired" + (
            ", and the spread of fits" if self.noise > 0 else ""
        )
        rows = self.parts[part].rows
        return Estimate(
            name, value, value - reach, value + reach, self.level, rows, method, where=where
        )

    def _graded(self, answers: Answers, part: str) -> Graded:
        return self.parts[part].grade(cut(answers, self.masks[part]))


def margin_of(
    measure: RowMeasure,
    clean: float,
    chance: float,
    margins: tuple[tuple[str, float], ...],
    bound: float | None,
) -> tuple[float, str]:
    """Return how much worse counts as as good, with where that comes from in words.

    The policy's margin for this measure, where it sets one; else 0.01 of a measure from 0 to 1, or a
    hundredth of the gain over chance of one without such a scale. Never more than the room that a limit
    of the policy leaves.
    """
    named = dict(margins).get(measure.name)
    if named is not None:
        found, said = named, f"the policy's margin of {named:.4g}"
    elif measure.needs == "numbers" or measure.name == "log_loss":
        found = MARGIN * abs(clean - chance)
        said = f"{found:.3g}, a hundredth of the gain over chance"
    else:
        found, said = MARGIN, f"{MARGIN:g}"
    if bound is None:
        return found, said
    room = (clean - bound) * (1.0 if measure.higher_is_better else -1.0)
    if 0.0 < room < found:
        return room, f"{room:.3g}, the room that the policy's limit of {bound:.4g} leaves"
    return found, said
