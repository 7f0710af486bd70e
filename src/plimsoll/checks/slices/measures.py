"""Every measure of a task in the slices of one set, and how far each is from the rest. Not a check.

Independent rows without weights are worked on all together (``stats/slice_measures.py``), so that thousands
of slices cost little more than one. Rows that hang together or have weights are taken slice by slice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from plimsoll.checks.slices.sliced import (
    DECISIONS,
    ERRORS,
    ROWS,
    SCORES,
    Slice,
    Slices,
    confusion_of,
    exact_scores,
    losses_of,
    scores_of,
)
from plimsoll.core.estimate import Estimate
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Tallies
from plimsoll.stats.adjust import widened
from plimsoll.stats.auc import binning_error, roc_auc
from plimsoll.stats.average_precision import average_precision
from plimsoll.stats.class_average import (
    balanced_accuracy,
    macro_f1,
    macro_precision,
    macro_recall,
    matthews_corrcoef,
)
from plimsoll.stats.confusion import (
    ConfusionCounts,
    accuracy,
    base_rate,
    f1,
    false_negative_rate,
    false_positive_rate,
    precision,
    recall,
    selection_rate,
    specificity,
)
from plimsoll.stats.difference import difference_of_independent, from_whole, two_sided_p
from plimsoll.stats.interval import FloatArray
from plimsoll.stats.mean import (
    brier_score,
    log_loss,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_error,
    root_mean_squared_error,
)
from plimsoll.stats.slice_difference import (
    SliceDifferences,
    mean_differences,
    share_differences,
)
from plimsoll.stats.slice_measures import SliceMeasures as Bands
from plimsoll.stats.slice_measures import (
    class_measures,
    decision_measures,
    probability_measures,
    regression_measures,
    score_measures,
)
from plimsoll.tallies.slice_cells import SliceCells
from plimsoll.tallies.small_rows import SmallRows

Members = npt.NDArray[np.intp]
Decision = Callable[[ConfusionCounts, float], Estimate | None]
MOST_EXACT = 400
"""Slices up to which the area under the curve is taken from the rows themselves."""

_BINARY: Mapping[str, Decision] = {
    "accuracy": lambda t, level: accuracy(t, level=level),
    "balanced_accuracy": lambda t, level: balanced_accuracy(t, level=level),
    "precision": lambda t, level: precision(t, level=level),
    "recall": lambda t, level: recall(t, level=level),
    "specificity": lambda t, level: specificity(t, level=level),
    "f1": lambda t, level: f1(t, level=level),
    "matthews_corrcoef": lambda t, level: matthews_corrcoef(t, level=level),
    "selection_rate": lambda t, level: selection_rate(t, level=level),
    "base_rate": lambda t, level: base_rate(t, level=level),
    "false_positive_rate": lambda t, level: false_positive_rate(t, level=level),
    "false_negative_rate": lambda t, level: false_negative_rate(t, level=level),
}
_SEVERAL: Mapping[str, Decision] = {
    "accuracy": _BINARY["accuracy"],
    "balanced_accuracy": _BINARY["balanced_accuracy"],
    "matthews_corrcoef": _BINARY["matthews_corrcoef"],
    "precision": lambda t, level: macro_precision(t, level=level),
    "recall": lambda t, level: macro_recall(t, level=level),
    "f1": lambda t, level: macro_f1(t, level=level),
}
LOSS_OF = {
    "mean_absolute_error": "absolute_error", "log_loss": "log_loss", "brier_score": "brier_score",
    "mean_absolute_percentage_error": "absolute_percentage_error",
}  # fmt: skip
"""The loss per row behind a measure that is the mean of one."""


@dataclass(frozen=True, slots=True)
class Held:
    """One measure of one slice, of the rest of the rows, and the differences; ``p`` is two-sided."""

    own: Estimate
    rest: Estimate
    apart: Estimate
    from_whole: Estimate
    p: float


@dataclass(frozen=True, eq=False)
class HeldSlices:
    """One measure of every slice of a set against the rest, as arrays (slices,); NaN where undefined.

    ``value`` and ``half`` are the difference from the rest and half the width of its interval; ``at`` gives
    one slice with everything.
    """

    value: FloatArray
    half: FloatArray
    p: FloatArray
    at: Callable[[int], Held]


class Measured(Protocol):
    """The measures of the slices of one set."""

    def of(self, i: int) -> list[Estimate]:
        """Return every measure of slice ``i`` that is defined."""

    def held(self, name: str) -> HeldSlices | None:
        """Return one measure of every slice against the rest, or None where the task has it not."""

    def whole(self, name: str) -> Estimate | None:
        """Return one measure of all rows together."""


@dataclass(frozen=True, eq=False)
class Counted:
    """The finished counts by slice; ``before`` is what the names of the needs begin with."""

    subject: Subject
    tallies: Tallies
    level: float
    before: str = ""

    @property
    def cells(self) -> SliceCells:
        """The counts of decisions and losses."""
        return self.tallies.take(f"{self.before}{DECISIONS}", SliceCells)

    @property
    def scores(self) -> SliceCells | None:
        """The counts of scores and labels, or None where there are none."""
        name = f"{self.before}{SCORES}"
        return self.tallies.take(name, SliceCells) if name in self.tallies else None

    @property
    def rows(self) -> SmallRows | None:
        """All rows, where they are few, or None."""
        name = f"{self.before}{ROWS}"
        found = self.tallies.take(name, SmallRows) if name in self.tallies else None
        return found if found is not None and found.held else None

    def measured(self, slices: Slices) -> Measured:
        """Return the measures of a set's slices, all together where the rows allow it."""
        if self.cells.bucketed or self.cells.weighted:
            return OneByOne(self, slices)
        return Together(self, slices)

    def named(self, slices: Slices, members: Members, name: str) -> Estimate | None:
        """Return one measure of decisions or losses in some slices of a set, taken together."""
        if name in self.decisions:
            table = confusion_of(self.cells, slices.position, members)
            return self.decisions[name](table, self.level)
        return next((e for e in self.lost(slices, members) if e and e.name == name), None)

    @property
    def decisions(self) -> Mapping[str, Decision]:
        """The measures of decisions that the task has."""
        if not self.cells.decided:
            return {}
        return _BINARY if self.subject.task is Task.BINARY else _SEVERAL

    def lost(self, slices: Slices, members: Members) -> Iterator[Estimate | None]:
        """Yield the measures that are means of losses."""
        losses = self.cells.losses
        sums = {name: losses_of(self.cells, slices.position, members, name) for name in losses}
        level = self.level
        if losses == ERRORS:
            yield mean_absolute_error(sums["absolute_error"], level=level)
            yield root_mean_squared_error(sums["squared_error"], level=level)
            yield mean_error(sums["error"], level=level)
            yield mean_absolute_percentage_error(sums["absolute_percentage_error"], level=level)
        elif losses:
            yield log_loss(sums["log_loss"], level=level)
            classes = len(self.subject.classes)
            yield brier_score(sums["brier_score"], classes=classes, level=level)

    def everything(self, slices: Slices) -> list[Estimate]:
        """Return every measure of all rows together."""
        counts = self.cells.set_counts(slices.position)
        members = np.flatnonzero(counts.sum(axis=(1, 2)))
        found: list[Estimate | None] = []
        if self.decisions:
            table = confusion_of(self.cells, slices.position, members)
            found += [formula(table, self.level) for formula in self.decisions.values()]
        whole = Slice((), members, int(counts.sum()))
        found += [*self.lost(slices, members), *self.ranked(slices, whole)]
        return [e for e in found if e is not None]

    def ranked(self, slices: Slices, one: Slice) -> Iterator[Estimate | None]:
        """Yield area and average precision of one slice, from the rows where they are few."""
        rows, scores = self.rows, self.scores
        if scores is None:
            return
        slack = 0.0
        if rows is not None and len(slices.found) <= MOST_EXACT:
            cells = exact_scores(rows, slices.kind, one)
        else:
            cells = scores_of(scores, slices.position, one.members)
            slack = binning_error(cells.ungrouped())
        for formula in (roc_auc, average_precision):
            estimate = formula(cells, level=self.level)
            yield None if estimate is None else widened(estimate, slack, 0.0, 1.0)


@dataclass(frozen=True, eq=False)
class OneByOne:
    """Measures slices one after the other: rows with weights, or rows that hang together."""

    counted: Counted
    slices: Slices

    @cached_property
    def everywhere(self) -> Members:
        """Positions that hold any row."""
        counts = self.counted.cells.set_counts(self.slices.position)
        return np.flatnonzero(counts.sum(axis=(1, 2)))

    def of(self, i: int) -> list[Estimate]:
        """Return every measure of slice ``i`` that is defined."""
        counted, one = self.counted, self.slices.found[i]
        found: list[Estimate | None] = []
        if counted.decisions:
            table = confusion_of(counted.cells, self.slices.position, one.members)
            found += [formula(table, counted.level) for formula in counted.decisions.values()]
        found += [*counted.lost(self.slices, one.members), *counted.ranked(self.slices, one)]
        return [e for e in found if e is not None]

    def held(self, name: str) -> HeldSlices | None:
        """Return one measure of every slice against the rest."""
        whole = self.whole(name)
        found = [self._held(name, one, whole) for one in self.slices.found]
        known = {i: one for i, one in enumerate(found) if one is not None}
        if not known:
            return None
        value, half, p = np.full((3, len(found)), np.nan)
        for i, one in known.items():
            value[i], half[i], p[i] = one.apart.value, one.apart.half_width, one.p
        return HeldSlices(value, half, p, known.__getitem__)

    def whole(self, name: str) -> Estimate | None:
        """Return one measure of all rows together."""
        return self.counted.named(self.slices, self.everywhere, name)

    def _held(self, name: str, one: Slice, whole: Estimate | None) -> Held | None:
        others = np.setdiff1d(self.everywhere, one.members)
        own = self.counted.named(self.slices, one.members, name)
        rest = self.counted.named(self.slices, others, name) if others.size else None
        if own is None or rest is None or whole is None:
            return None
        apart = difference_of_independent(own, rest)
        return Held(own, rest, apart, from_whole(own, rest, whole.value), two_sided_p(apart))


@dataclass(frozen=True, eq=False)
class Together:
    """Measures all slices of a set at once: independent rows without weights."""

    counted: Counted
    slices: Slices

    @cached_property
    def _bands(self) -> tuple[Bands, ...]:
        cells, level = self.counted.cells, self.counted.level
        found = []
        if cells.decided:
            of = decision_measures if self.counted.subject.task is Task.BINARY else class_measures
            found.append(of(self._decided, level=level))
        if cells.losses == ERRORS:
            sums = [self._sums(loss) for loss in ERRORS]
            found.append(regression_measures(self._rows, *sums, level=level))
        elif cells.losses:
            classes = len(self.counted.subject.classes)
            both = [self._sums(loss) for loss in ("log_loss", "brier_score")]
            found.append(probability_measures(self._rows, *both, classes=classes, level=level))
        if self.counted.scores is not None and not self._exact:
            table = self._taken(self.counted.scores).reshape(len(self.slices.found), -1, 2)
            used = table.sum(axis=(0, 2)) > 0
            found.append(score_measures(table[:, used], level=level, binned=True))
        return tuple(found)

    @property
    def _exact(self) -> bool:
        return self.counted.rows is not None and len(self.slices.found) <= MOST_EXACT

    @cached_property
    def _rows(self) -> npt.NDArray[np.int64]:
        return np.array([one.rows for one in self.slices.found], np.int64)

    @cached_property
    def _decided(self) -> npt.NDArray[np.int64]:
        counts = self.counted.cells.set_decisions(self.slices.position)[0][:, 0]
        return np.stack([counts[one.members].sum(axis=0) for one in self.slices.found])

    def _taken(self, cells: SliceCells) -> npt.NDArray[np.int64]:
        """Return the counts of the slices found, pooled ones added up, (S, cells)."""
        counts = cells.set_counts(self.slices.position)[:, 0]
        return np.stack([counts[one.members].sum(axis=0) for one in self.slices.found])

    def _sums(self, loss: str) -> npt.NDArray[np.float64]:
        """Return sums of x, x^2 and, where they are kept, x^3 of the slices found."""
        sums = self.counted.cells.set_sums(self.slices.position, loss)[:, 0]
        powers = slice(3, 3 + self.counted.cells.moments)
        return np.stack([sums[one.members, powers].sum(axis=0) for one in self.slices.found])

    def of(self, i: int) -> list[Estimate]:
        """Return every measure of slice ``i`` that is defined."""
        found = [band.estimate(i) for bands in self._bands for band in bands]
        if self.counted.scores is not None and self._exact:
            found += self.counted.ranked(self.slices, self.slices.found[i])
        return [e for e in found if e is not None]

    def held(self, name: str) -> HeldSlices | None:
        """Return one measure of every slice against the rest."""
        found = self._differences(name)
        if found is None:
            return None
        apart = found.from_rest
        known = apart.known & found.own.known & found.rest.known & found.from_whole.known
        value = np.where(known, apart.value, np.nan)
        half = np.where(known, (apart.high - apart.low) / 2, np.nan)
        p = np.where(np.isfinite(found.p), found.p, 1.0)
        return HeldSlices(value, half, p, lambda i: _at(found, i))

    def whole(self, name: str) -> Estimate | None:
        """Return one measure of all rows together."""
        every = np.arange(self.counted.cells.slices[self.slices.position])
        return self.counted.named(self.slices, every, name)

    def _differences(self, name: str) -> SliceDifferences | None:
        level, position = self.counted.level, self.slices.position
        cells = self.counted.cells
        if name in ("accuracy", "recall", "specificity", "precision", "selection_rate"):
            if not cells.decided:
                return None
            own = self._decided
            every = cells.set_decisions(position)[0][:, 0].sum(axis=0)[None]
            hits, of = _share(name, own)
            all_hits, all_of = _share(name, every)
            return share_differences(name, hits, of, all_hits[0], all_of[0], level=level)
        loss = LOSS_OF.get(name)
        if loss is None or loss not in cells.losses:
            return None
        sums = cells.set_sums(position, loss)[:, 0].sum(axis=0)
        powers = sums[3 : 3 + cells.moments]
        return mean_differences(
            name, self._rows, self._sums(loss), sums[0], powers, level=level, low=0.0
        )


def _share(
    name: str, table: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the rows that count and those that a share is of, from decisions (S, K, K)."""
    if name == "accuracy":
        return np.trace(table, axis1=1, axis2=2), table.sum(axis=(1, 2))
    if name == "selection_rate":
        return table[:, :, 1].sum(axis=1), table.sum(axis=(1, 2))
    if name == "precision":
        return table[:, 1, 1], table[:, :, 1].sum(axis=1)
    label = 1 if name == "recall" else 0
    return table[:, label, label], table[:, label].sum(axis=1)


def _at(found: SliceDifferences, i: int) -> Held:
    bands = (found.own, found.rest, found.from_rest, found.from_whole)
    own, rest, apart, whole = (band.estimate(i) for band in bands)
    assert own is not None and rest is not None and apart is not None and whole is not None
    p = float(found.p[i])
    return Held(own, rest, apart, whole, p if np.isfinite(p) else 1.0)
