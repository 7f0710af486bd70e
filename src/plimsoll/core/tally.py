"""Mergeable statistics, and how a check asks for them.

A tally is a frozen dataclass. Its *specification* fields say what it counts (columns, number of
cells); its *state* fields, declared with :func:`state`, hold arrays and counts. An instance with
empty state is at once the identity of ``merge`` and the recipe: ``empty.of(batch)`` counts a batch.

The algebra, held by ``tests/conformance``::

    a.merge(empty) == a      a.merge(b) == b.merge(a)      (a.merge(b)).merge(c) == a.merge(b.merge(c))
    empty.of(rows) == empty.of(part).merge(empty.of(rest))   for every split and order of the rows

Counts are equal exactly, sums to 1e-12 of the sum of absolute terms.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from plimsoll.core.batch import Batch

if TYPE_CHECKING:
    from plimsoll.core.probe import Probe


class Side(StrEnum):
    """Which table a need reads."""

    CURRENT = "current"
    REFERENCE = "reference"


class Rows(StrEnum):
    """Which rows of a table a need reads."""

    JUDGED = "judged"
    """Rows with a label and an answer, coded into the ``@`` columns."""
    ALL = "all"
    """All rows as read, before anything is left out."""
    ANSWERED = "answered"
    """Rows with an answer, whether they have a label yet or not; their target is not to be read."""


def state(default: Any = None, *, factory: Callable[[], Any] | None = None) -> Any:
    """Declare a state field of a tally: left out of equality and hash, so that needs can be equal."""
    if factory is not None:
        return field(default_factory=factory, compare=False, repr=False)
    return field(default=default, compare=False, repr=False)


@dataclass(frozen=True)
class Tally(ABC):
    """A mergeable statistic; see the module for the algebra.

    ``holds_rows`` says that it keeps rows of the table and may not leave it.
    """

    holds_rows: ClassVar[bool] = False

    @property
    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """Columns that ``of`` reads; the scan reads no others."""

    @abstractmethod
    def of(self, batch: Batch) -> Self:
        """Return the tally of one batch, with this tally's specification and none of its state."""

    @abstractmethod
    def merge(self, other: Self) -> Self:
        """Return the tally of both; neither operand changes."""

    def settle(self) -> Self:
        """Return the same tally in its final, canonical form; the scan calls it once at the end."""
        return self

    def anonymous(self) -> Self:
        """Return what of a finished tally may leave the table: rare values pooled."""
        return self


TallyT = TypeVar("TallyT", bound=Tally)


@dataclass(frozen=True, slots=True)
class Need:
    """What a check asks the scan for. Equal needs of all checks are computed once.

    ``tally`` is an empty tally. A ``probe`` changes or adds columns before the tally sees the rows;
    it may itself need tallies of the reference, which are computed in an earlier pass.
    """

    tally: Tally
    side: Side = Side.CURRENT
    rows: Rows = Rows.JUDGED
    probe: Probe | None = None


class Tallies(Mapping[str, Tally]):
    """The finished tallies of one check, under the names it gave its needs."""

    def __init__(self, found: Mapping[str, Tally]) -> None:
        self._found = dict(found)

    def __getitem__(self, name: str) -> Tally:
        return self._found[name]

    def __iter__(self) -> Any:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def take(self, name: str, kind: type[TallyT]) -> TallyT:
        """Return the tally under ``name``, known to be of ``kind``."""
        tally = self._found[name]
        if not isinstance(tally, kind):
            raise TypeError(f"need '{name}' is a {type(tally).__name__}, not a {kind.__name__}")
        return tally
