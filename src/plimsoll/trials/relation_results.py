"""What was found of relations, as data: how each stands, by how much, and in which direction."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from plimsoll.core.estimate import Estimate
from plimsoll.core.relation import Relation
from plimsoll.core.trial import Outcome, Spent

ALLOWED = 0.01
"""A relation holds where surely no more of the rows break it than this share, and is broken where more do."""


class State(StrEnum):
    """How a relation stands."""

    HOLDS = "holds"
    """The whole interval of the share of violations is at most what is allowed."""
    BROKEN = "broken"
    """The whole interval is above it."""
    UNTOLD = "not told"
    """These rows are too few to tell."""
    REFUSES = "refuses"
    """The model does not run with the changed rows."""


@dataclass(frozen=True)
class Direction:
    """What changing rows of one group into another does.

    ``change`` is the mean change of the answer; ``gained`` and ``lost`` are the shares of rows that get the
    positive decision and lose it. Each is None where the answers have no such thing.
    """

    source: str
    target: str
    change: Estimate | None
    gained: Estimate | None
    lost: Estimate | None


@dataclass(frozen=True)
class Answered:
    """One relation and how the answers keep it.

    ``violations`` is the share of changed rows that break it. ``far`` is the 95th percentile of how far
    answers moved (the wrong way, where there is one), ``worst`` the most of any row asked. ``flips`` are by
    call the share of changed rows with another decision.
    """

    relation: Relation
    state: State
    violations: Estimate
    far: Estimate | None = None
    worst: float = 0.0
    flips: tuple[tuple[str, Estimate], ...] = ()
    directions: tuple[Direction, ...] = ()
    refused: str = ""


@dataclass(frozen=True)
class Relations(Outcome):
    """All relations of one model on one table.

    ``left`` are the names of those that could not be asked, with the reason, ``undone`` of those that were
    not, for the reason ``stopped``; ``broken`` of those that broke by themselves. ``unread`` are protected
    columns that the model does not read.
    """

    answered: tuple[Answered, ...]
    left: tuple[tuple[str, str], ...]
    undone: tuple[str, ...]
    broken: tuple[tuple[str, str], ...]
    unread: tuple[str, ...]
    stopped: str
    rows: int
    rows_said: str
    on_reference: bool
    asked: Spent
    seconds: float


def state_of(share: Estimate) -> State:
    """Return how a relation stands with this share of violations."""
    if share.low > ALLOWED:
        return State.BROKEN
    return State.HOLDS if share.high <= ALLOWED else State.UNTOLD
