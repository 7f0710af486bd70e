"""The ways in which a population can shift: numeric inputs up and down, categories and labels more often."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.estimate import Where
from plimsoll.core.stress import SHARE
from plimsoll.core.subject import Subject
from plimsoll.probes.stress.learnt import Kind, Learnt
from plimsoll.stats.prior_shift import EDGE, Prior
from plimsoll.stats.tilt import FARTHEST, Axis, first_component
from plimsoll.trials.rows import TrialRows

Floats = npt.NDArray[np.float64]
DEVIATIONS = "standard deviations of the mean"
PREVALENCE = "prevalence"
POPULATION, CATEGORY_MIX, PRIOR = "population", "category_mix", "prior"
MOST_COLUMNS = 60
MOST_LEVELS = 5
COMPONENT = "first component"


@dataclass(frozen=True, eq=False)
class Direction:
    """One way in which the population can shift.

    ``sign`` is 1 where the mean or the share grows. ``raw`` holds the mean and the standard deviation of the
    column in its own unit, or 0 and 1 for a share. ``exact`` says that the new share is all there is to
    know (a 0/1 direction).
    """

    axis: Axis
    sign: float
    stress: str
    unit: str
    title: str
    column: str | None = None
    variant: str | None = None
    label: str | None = None
    level: str | None = None
    raw: tuple[float, float] = (0.0, 1.0)
    exact: bool = False

    def where(self, metric: str | None = None) -> Where:
        """Return the place of its estimates."""
        return Where(
            column=self.column,
            label=self.label,
            metric=metric,
            stress=self.stress,
            variant=self.variant,
        )

    def own(self, severity: float) -> float:
        """Return the mean of the column, or the share of the rows, that a shift of this size makes."""
        middle, spread = self.raw
        return middle + spread * (self.axis.mean + self.sign * severity)

    @property
    def most(self) -> float:
        """The largest shift that rows of these kinds can make at all."""
        z = self.axis.z[self.axis.there]
        end = float(z.max() if self.sign > 0 else z.min())
        return abs(end - self.axis.mean)

    @property
    def until(self) -> float:
        """The largest tilt to be looked at: 1 and 99 of 100 rows, for a share."""
        if not self.exact:
            return FARTHEST
        z = self.axis.z[self.axis.there]
        low, high = float(z.min()), float(z.max())
        share = (self.axis.mean - low) / (high - low)
        end = (
            max(1.0 - EDGE, 1.0 - (1.0 - share) / 10.0)
            if self.sign > 0
            else min(EDGE, share / 10.0)
        )
        odds = np.log(end / (1.0 - end)) - np.log(share / (1.0 - share))
        return float(abs(odds) / (high - low))


def inputs_of(subject: Subject) -> tuple[str, ...]:
    """Return the inputs that describe a row: no keys, no times, no groups."""
    roles = subject.roles
    return tuple(c for c in roles.features if c not in (roles.id, roles.time, roles.group))


def directions(
    rows: TrialRows, learnt: Learnt, least: float
) -> tuple[list[Direction], tuple[str, ...]]:
    """Return the ways in which the population can shift, and in words what was left out.

    ``least`` is the share of rows below which a category is too rare to be looked at.
    """
    inputs = set(inputs_of(rows.subject))
    numeric = [c for c in learnt.numeric() if c.name in inputs]
    spread = [c for c in learnt.of(Kind.CATEGORY, Kind.BOOLEAN) if c.name in inputs]
    left_out = []
    for columns, what in ((numeric, "numeric"), (spread, "categorical")):
        if len(columns) > MOST_COLUMNS:
            left_out.append(f"{len(columns) - MOST_COLUMNS} {what} columns after the first 60")
    ways = list(_of_labels(rows))
    axes = []
    for column in numeric[:MOST_COLUMNS]:
        x = column.numbers(rows.frame)
        axis = Axis.standardised(x, rows.weights)
        if axis is None:
            left_out.append(f"'{column.name}', which does not vary in these rows")
            continue
        axes.append((column.name, axis))
        ways += _of_numbers(column.name, x, axis)
    ways += _of_component(axes, rows)
    for column in spread[:MOST_COLUMNS]:
        texts = column.texts(rows.frame)
        ways += _of_levels(column.name, texts, column.levels[:MOST_LEVELS], rows.weights, least)
    return ways, tuple(left_out)


def _of_labels(rows: TrialRows) -> Iterator[Direction]:
    subject = rows.subject
    codes = range(1, 2) if len(subject.classes) == 2 else range(len(subject.classes))
    for code in codes if subject.is_classification else ():
        prior = Prior.of(rows.target == code, rows.weights)
        if prior is None:
            continue
        name = subject.classes[code]
        for sign, word in ((1.0, "more"), (-1.0, "fewer")):
            title = f"{word} rows of class '{name}'"
            yield Direction(
                prior.axis, sign, PRIOR, PREVALENCE, title, None, word, name, exact=True
            )


def _of_numbers(name: str, x: Floats, axis: Axis) -> Iterator[Direction]:
    held = x[axis.there]
    scale = float(np.abs(held).max())
    base = axis.base[axis.there] / axis.base[axis.there].sum()
    middle = scale * float(base @ (held / scale))
    spread = scale * float(np.sqrt(base @ np.square((held - middle) / scale)))
    exact = np.unique(held).size == 2
    for sign, word in ((1.0, "higher"), (-1.0, "lower")):
        yield Direction(
            axis, sign, POPULATION, DEVIATIONS, f"{word} {name}", name, word,
            raw=(middle, spread), exact=exact,
        )  # fmt: skip


def _of_component(axes: list[tuple[str, Axis]], rows: TrialRows) -> Iterator[Direction]:
    if len(axes) < 3:
        return
    scores, loadings = first_component(np.stack([axis.z for _, axis in axes], axis=1))
    axis = Axis.standardised(scores, rows.weights)
    if axis is None:
        return
    order = np.argsort(-np.abs(loadings))[:3]
    parts = [f"{'higher' if loadings[i] > 0 else 'lower'} {axes[i][0]}" for i in order]
    for sign, word in ((1.0, "higher"), (-1.0, "lower")):
        title = f"{word} {COMPONENT} of the numeric inputs (mostly {', '.join(parts)})"
        yield Direction(
            axis, sign, POPULATION, DEVIATIONS, title, None, f"{COMPONENT} {word}", raw=(0.0, 1.0)
        )


def _of_levels(
    name: str, texts: pl.Series, levels: tuple[str, ...], base: Floats, least: float
) -> Iterator[Direction]:
    for level in levels:
        prior = Prior.of((texts == level).fill_null(value=False).to_numpy(), base)
        if prior is not None and least <= prior.today <= 1.0 - EDGE:
            yield Direction(
                prior.axis, 1.0, CATEGORY_MIX, SHARE, f"more rows with {name} = {level}",
                name, f"more {level}", level=level, exact=True,
            )  # fmt: skip
