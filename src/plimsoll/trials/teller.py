"""Asks one way of leaving inputs out about every unit, and keeps what it found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from plimsoll.core.estimate import Where
from plimsoll.core.trial import Answers, Desk
from plimsoll.trials.compared import CHOOSE, CONFIRM, Change, Comparer
from plimsoll.trials.ladder import Smallest, Way, smallest_set, told_size
from plimsoll.trials.stories import Effect, Rung, Story
from plimsoll.trials.units import Unit


@dataclass
class Teller:
    """Asks one way about units and keeps what it found."""

    comparer: Comparer
    units: tuple[Unit, ...]
    way: str

    def __post_init__(self) -> None:
        self._effects = {unit.name: Effect(unit) for unit in self.units}
        self._alone: dict[str, Answers] = {}
        self._choosing: dict[str, float] = {}
        self._smallest: Smallest | None = None
        self._rungs: list[Rung] = []

    def left_out(self, way: Way, names: Sequence[str], desk: Desk) -> None:
        """Ask without each unit."""
        everything = frozenset(self._effects)
        for i, name in enumerate(names):
            desk.tell(f"ablation: left out, {self.way}", i, len(names))
            answers = way.answers(everything - {name}) if len(self.units) > 1 else None
            if answers is None:
                return
            change = self.comparer.change(answers)
            self._choosing[name] = self.comparer.change(answers, CHOOSE).harm
            self._effects[name] = replace(
                self._effects[name],
                left_out=self.comparer.told_change(change, "left_out", self._where(name)),
                p_worse=change.p_worse,
                p_spare=change.p_margin(self.comparer.margin),
                harm=change.harm,
                change=change,
            )

    def alone(self, way: Way, names: Sequence[str], desk: Desk) -> None:
        """Ask with each unit alone."""
        for i, name in enumerate(names):
            desk.tell(f"ablation: alone, {self.way}", i, len(names))
            answers = way.answers(frozenset([name]))
            if answers is None:
                return
            self._alone[name] = answers
            value = self.comparer.value(answers)
            self._effects[name] = replace(
                self._effects[name],
                alone=self.comparer.told(value, "alone", self._where(name)),
                p_alone=self.comparer.change(answers).p_margin(self.comparer.margin),
            )

    def smallest(self, way: Way, desk: Desk, order: Sequence[str] | None = None) -> None:
        """Look for the smallest set, the least important by what was left out first."""
        desk.tell(f"ablation: smallest set, {self.way}", 0, 1)
        known = sorted(self._choosing, key=self._choosing.__getitem__)
        if order is None:
            order = [*known, *(name for name in self._effects if name not in self._choosing)]
        self._smallest = smallest_set(order, way, self.comparer)
        if self._smallest is not None and self._smallest.change is not None:
            answers = way.answers(frozenset(self._smallest.kept))
            if answers is not None:
                name = f"smallest set, {self.way}"
                kept = frozenset(self._smallest.kept)
                self._rungs.append(self.rung(name, kept, answers, self._smallest.change))

    def story(self, stopped: str) -> Story:
        """Return what was found; the best single input is chosen on half of the rows, told on the other."""
        rungs = list(self._rungs)
        if self._alone and len(self.units) > 1:
            best = min(self._alone, key=lambda n: self.comparer.change(self._alone[n], CHOOSE).harm)
            name = f"best single input, {self.way}"
            rungs.insert(0, self.rung(name, frozenset([best]), self._alone[best], None))
        size = None
        if self._smallest is not None:
            variant = None if self.way == "masked" else self.way
            size = told_size(
                self._smallest, self.comparer, "inputs_needed", len(self.units), variant=variant
            )
        return Story(
            self.way, tuple(rungs), tuple(self._effects.values()), size, self._smallest, stopped
        )

    def rung(
        self, name: str, kept: frozenset[str], answers: Answers, change: Change | None
    ) -> Rung:
        """Return a step of the ladder as the rows that confirm have it."""
        found = change if change is not None else self.comparer.change(answers, CONFIRM)
        inputs = tuple(unit.name for unit in self.units if unit.name in kept)
        return rung_of(self.comparer, name, inputs, found)

    def _where(self, name: str) -> Where:
        return Where(column=name, metric=self.comparer.measure.name, variant=self.way)


def rung_of(comparer: Comparer, name: str, inputs: tuple[str, ...], found: Change) -> Rung:
    """Return a step of the ladder from what the rows that confirm say."""
    metric = comparer.measure.name
    return Rung(
        name,
        inputs,
        comparer.told(found.after, metric, Where(variant=name), CONFIRM),
        comparer.told_change(found, "difference", Where(metric=metric, variant=name), CONFIRM),
        comparer.spares(found),
    )
