"""What makes relations of one kind, and the decorator that turns a function into it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from plimsoll.core.relation import Relation
from plimsoll.probes.stress.learnt import Learnt


@dataclass(frozen=True)
class Declared:
    """What the owner said of the inputs, and how many rows a value must have to be named.

    ``increasing`` inputs may only raise the answer, ``decreasing`` ones only lower it. Values of fewer than
    ``least`` rows of the reference are never told apart.
    """

    increasing: tuple[str, ...] = ()
    decreasing: tuple[str, ...] = ()
    least: int = 20


Make = Callable[[Learnt, Declared], Iterable[Relation]]


@dataclass(frozen=True)
class RelationFamily:
    """Relations of one kind. ``about`` is the documentation of the function."""

    kind: str
    title: str
    make: Make
    about: str


def relations(kind: str, title: str) -> Callable[[Make], RelationFamily]:
    """Turn a function from what was learnt of the reference to relations into a family."""

    def named(make: Make) -> RelationFamily:
        return RelationFamily(kind, title, make, (make.__doc__ or "").strip())

    return named
