"""Every measure of a task in one slice, and how far it is from the rest. Not a check."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

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
from plimsoll.stats.mean import (
    brier_score,
    log_loss,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_error,
    root_mean_squared_error,
)
from plimsoll.tallies.slice_cells import SliceCells, Within
from plimsoll.tallies.small_rows import SmallRows

Members = npt.NDArray[np.intp]
Decision = Callable[[ConfusionCounts, float], Estimate | None]

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


@dataclass(frozen=True, eq=False)
class SliceMeasures:
    """Measures one slice, or any part of the rows of a set, from finished counts.

    ``before`` is what the names of the needs begin with.
    """

    subject: Subject
    tallies: Tallies
    level: float
    before: str = ""

    @property
    def cells(self) -> SliceCells:
        """The counts of decisions and losses."""
        return self.tallies.take(f"{self.before}{DECISIONS}", SliceCells)

    def of(self, slices: Slices, one: Slice) -> list[Estimate]:
        """Return every measure of one slice."""
        found = [*self._decided(slices, one.members), *self._lost(slices, one.members)]
        found += self._ranked(slices, one)
        return [e for e in found if e is not None]

    def named(self, slices: Slices, members: Members, name: str) -> Estimate | None:
        """Return one measure of decisions or losses in some slices of a set, taken together."""
        if name in self._decisions:
            table = confusion_of(self.cells, slices.position, members)
            return self._decisions[name](table, self.level)
        return next((e for e in self._lost(slices, members) if e and e.name == name), None)

    @property
    def _decisions(self) -> Mapping[str, Decision]:
        if self.cells.within is not Within.DECISIONS:
            return {}
        return _BINARY if self.subject.task is Task.BINARY else _SEVERAL

    def _decided(self, slices: Slices, members: Members) -> Iterator[Estimate | None]:
        if self._decisions:
            table = confusion_of(self.cells, slices.position, members)
            for formula in self._decisions.values():
                yield formula(table, self.level)

    def _lost(self, slices: Slices, members: Members) -> Iterator[Estimate | None]:
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

    def _ranked(self, slices: Slices, one: Slice) -> Iterator[Estimate | None]:
        if f"{self.before}{SCORES}" not in self.tallies:
            return
        rows = self.tallies.take(f"{self.before}{ROWS}", SmallRows)
        slack = 0.0
        if rows.held:
            cells = exact_scores(rows, slices.kind, one)
        else:
            scores = self.tallies.take(f"{self.before}{SCORES}", SliceCells)
            cells = scores_of(scores, slices.position, one.members)
            slack = binning_error(cells.ungrouped())
        for formula in (roc_auc, average_precision):
            estimate = formula(cells, level=self.level)
            yield None if estimate is None else widened(estimate, slack, 0.0, 1.0)
