"""What makes stresses of one kind, and the decorator that turns a function into it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from plimsoll.core.stress import Stress
from plimsoll.probes.stress.learnt import Learnt

Make = Callable[[Learnt], Iterable[Stress]]


@dataclass(frozen=True)
class Family:
    """Stresses of one kind.

    ``standard`` says that it belongs to the standard suite, else to the full one; ``control`` that it runs
    whatever was named, for what it must come to is known.
    ``about`` is the documentation of the function: what it changes, how, and its source.
    """

    kind: str
    title: str
    standard: bool
    make: Make
    about: str
    control: bool = False


def family(
    kind: str, title: str, *, standard: bool = True, control: bool = False
) -> Callable[[Make], Family]:
    """Turn a function from what was learnt of the reference to stresses into a family.

    ``title`` completes "how much ... does it take": *missing values*.
    """

    def named(make: Make) -> Family:
        return Family(kind, title, standard, make, (make.__doc__ or "").strip(), control)

    return named
