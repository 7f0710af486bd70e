"""The smallest set of inputs that is as good as all: chosen on half of the rows, told on the other.

Backwards from all inputs, the least important first: the longest beginning of that order that can be left out
is found by halving, then each of the others is tried by itself. On the rows that confirm, the sets on that
path are tested from the largest to the smallest, and the first that is not surely as good ends it: a fixed
sequence of tests, which needs no correction (Maurer, Hothorn and Lehmacher 1995).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Status
from plimsoll.core.trial import Answers
from plimsoll.stats.interval import t_quantile
from plimsoll.trials.compared import CHOOSE, CONFIRM, Change, Comparer

RANDOM_ORDERS = 5


class Way(Protocol):
    """A way of leaving inputs out: masking or retraining."""

    name: str

    def answers(self, kept: frozenset[str]) -> Answers | None:
        """Return the answers with only these units, or None where it may not go on."""


@dataclass(frozen=True)
class Smallest:
    """The smallest set found, by the names of its units in their order; ``sure`` where confirmed rows say so.

    ``possible`` is the size of the smallest set tried that these rows do not rule out. ``complete`` is false
    where time ran out before all was tried.
    """

    kept: tuple[str, ...]
    change: Change | None
    possible: int
    complete: bool
    tried: int


def smallest_set(order: Sequence[str], way: Way, comparer: Comparer) -> Smallest | None:
    """Return the smallest set of units as good as all; ``order`` has the least important first.

    None where not a single answer could be had.
    """
    path = Path(way, comparer)
    everything = frozenset(order)
    kept = path.without_beginning(order)
    for name in order:
        if len(kept) == 1:
            break
        if name in kept and path.accepts(kept - {name}):
            kept = kept - {name}
    if not path.tried:
        return None
    last: frozenset[str] = everything
    change: Change | None = None
    for candidate in sorted(path.accepted, key=len, reverse=True):
        found = comparer.change(path.tried[candidate], CONFIRM)
        if comparer.spares(found) is not Status.PASS:
            break
        last, change = candidate, found
    possible = [
        len(candidate)
        for candidate, answers in path.tried.items()
        if comparer.spares(comparer.change(answers, CONFIRM)) is not Status.FAIL
    ]
    kept_in_order = tuple(name for name in reversed(order) if name in last)
    return Smallest(
        kept_in_order, change, min([len(last), *possible]), path.complete, len(path.tried)
    )


@dataclass
class Path:
    """Sets that were tried on the rows that choose; ``accepted`` are those as good as all."""

    way: Way
    comparer: Comparer

    def __post_init__(self) -> None:
        self.tried: dict[frozenset[str], Answers] = {}
        self.accepted: list[frozenset[str]] = []
        self._refused: set[frozenset[str]] = set()
        self.complete = True

    def accepts(self, kept: frozenset[str]) -> bool:
        """Whether a set is surely as good on the rows that choose; false where it cannot be asked."""
        if kept in self.accepted:
            return True
        if kept in self._refused:
            return False
        answers = self.way.answers(kept)
        if answers is None:
            self.complete = False
            return False
        self.tried[kept] = answers
        change = self.comparer.change(answers, CHOOSE)
        good = self.comparer.spares(change) is Status.PASS
        if good:
            self.accepted.append(kept)
        else:
            self._refused.add(kept)
        return good

    def without_beginning(self, order: Sequence[str]) -> frozenset[str]:
        """Return what is left when the longest beginning of an order that can be is left out."""
        low, high = 0, len(order) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self.accepts(frozenset(order[middle:])):
                low = middle
            else:
                high = middle - 1
        return frozenset(order[low:])


def random_sizes(
    names: Sequence[str], way: Way, comparer: Comparer, rng: np.random.Generator
) -> tuple[int, ...]:
    """Return how many inputs are needed where their order is dealt at random, for several deals.

    A control: a ranking that needs as many tells nothing of what the model rests on.
    """
    found = []
    for _ in range(RANDOM_ORDERS):
        path = Path(way, comparer)
        kept = path.without_beginning([names[i] for i in rng.permutation(len(names))])
        if not path.complete:
            break
        found.append(len(kept))
    return tuple(found)


def told_size(
    smallest: Smallest, comparer: Comparer, name: str, units: int, *, variant: str | None = None
) -> Estimate:
    """Return the size of the smallest set; its low end is the smallest that is not ruled out."""
    size = float(len(smallest.kept))
    return Estimate(
        name,
        size,
        float(min(smallest.possible, size)),
        size,
        comparer.level,
        comparer.parts[CONFIRM].rows,
        "non-inferior on rows that did not choose; from the smallest set that they do not rule out",
        f"of {units} inputs",
        Where(variant=variant),
    )


def told_random(sizes: tuple[int, ...], level: float, units: int) -> Estimate | None:
    """Return the mean size of sets in random order, with Student's interval over the deals."""
    if len(sizes) < 2:
        return None
    held = np.array(sizes, dtype=np.float64)
    reach = t_quantile(level, held.size - 1.0) * held.std(ddof=1) / np.sqrt(held.size)
    mean = float(held.mean())
    return Estimate(
        "inputs_needed",
        mean,
        max(mean - float(reach), min(1.0, mean)),
        min(mean + float(reach), max(float(units), mean)),
        level,
        held.size,
        "t, over random orders",
        f"of {units} inputs",
        Where(variant="random order"),
    )
