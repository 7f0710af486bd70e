"""What load lines are made of, as data: curves over severities, where they cross, and what stood beside."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from plimsoll.core.estimate import Estimate
from plimsoll.core.stress import Stress
from plimsoll.core.trial import Outcome, Spent
from plimsoll.stats.load_line import Crossing


class State(StrEnum):
    """How a line stands."""

    CROSSES = "crosses"
    """The measure crosses its limit before the greatest severity."""
    HOLDS = "holds"
    """The whole interval keeps the limit up to the greatest severity."""
    UNSURE = "unsure"
    """It keeps the limit up to the greatest severity as measured, but not surely."""
    REFUSES = "refuses"
    """The model does not run with the fault."""
    BELOW = "below"
    """The limit is broken before there is any stress."""


def line_state(found: Crossing, top: float) -> State:
    """Return how a line stands that was followed up to ``top``."""
    if found.below and found.value <= 0:
        return State.BELOW
    if found.crosses:
        return State.CROSSES
    return State.HOLDS if found.low >= top else State.UNSURE


@dataclass(frozen=True)
class Curve:
    """One measure over the severities of one stress, the clean rows first.

    ``values``, ``lows`` and ``highs`` go with ``severities``. ``retention`` is the mean share of the gain
    over chance that is left, over all severities; None where the clean rows gain nothing.
    """

    metric: str
    limit: float
    severities: tuple[float, ...]
    values: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    crossing: Crossing
    retention: float | None


@dataclass(frozen=True)
class Flips:
    """Decisions that changed at the greatest severity, as shares of all rows."""

    to_wrong: float
    to_right: float


@dataclass(frozen=True)
class Notice:
    """Whether drift checks see the stress at its load line, and from how many rows on.

    ``effect`` is how many of all rows would have to move back, ``rows`` the rows of current data from which
    on an alarm is likely (80 of 100 cases), None where the effect is not above the floor.
    """

    effect: float
    floor: float
    rows: int | None


@dataclass(frozen=True)
class Line:
    """One stress, what it does to every measure, and where the first limit is crossed.

    ``binding`` is the place in ``curves`` of the measure whose limit is crossed first. ``refused`` says what
    the model said where it does not run. ``exposure`` is the severity that today's rows show.
    """

    stress: Stress
    curves: tuple[Curve, ...]
    binding: int
    state: State
    calls: int
    exposure: float | None = None
    flips: Flips | None = None
    refused: str = ""
    notice: Notice | None = None

    @property
    def curve(self) -> Curve:
        """The curve of the measure that binds."""
        return self.curves[self.binding]

    @property
    def value(self) -> float:
        """The load line: the severity where the limit is crossed, the top where it is not; 0 if refused."""
        return self._total(self.curve.crossing.value)

    @property
    def low(self) -> float:
        """The safe load: up to there the whole interval keeps the limit."""
        return self._total(self.curve.crossing.low)

    @property
    def high(self) -> float:
        """The far end of the interval of the load line."""
        return self._total(self.curve.crossing.high)

    @property
    def freeboard(self) -> float | None:
        """The load line minus today's exposure, in the unit of the severity; None where it is not known."""
        return None if self.exposure is None else self.value - self.exposure

    @property
    def spare(self) -> float:
        """What is surely left from today on, as a share of the greatest severity."""
        return (self.low - (self.exposure or 0.0)) / self.stress.top

    def _total(self, added: float) -> float:
        """Return a severity with what today's rows hold already, on the scale of the exposure.

        A share hits rows whether they have the fault or not, so of the share that was added only what falls
        on rows without it counts: ``e + (1 - e) s``.
        """
        if self.state in (State.REFUSES, State.BELOW):
            return 0.0
        if self.exposure is None or not self.stress.is_share:
            return added
        already = min(max(self.exposure, 0.0), 1.0)
        return already + (1.0 - already) * added


@dataclass(frozen=True)
class Controls:
    """What must hold of any model before its load lines mean something.

    Each is the share of rows whose answer changed: asked again (``again``), in reversed order
    (``order``), a few rows at a time (``batch``). ``destroyed`` is the first measure when all inputs are
    those of other rows, which must be no better than chance.
    """

    again: float
    order: float | None
    batch: float | None
    destroyed: Estimate | None
    chance: float
    destroyed_better: bool = False
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judged:
    """One measure on the clean rows with its limit, in words and numbers."""

    metric: str
    clean: Estimate
    limit: float
    from_policy: bool
    chance: float
    higher_is_better: bool
    words: str


@dataclass(frozen=True)
class ContextResult:
    """The measures in one named context: several stresses at once, at their severities there."""

    name: str
    parts: tuple[tuple[str, float], ...]
    estimates: tuple[Estimate, ...]
    differences: tuple[Estimate, ...]
    kept: tuple[bool | None, ...]
    refused: str = ""


@dataclass(frozen=True)
class LoadLines(Outcome):
    """All load lines of one model on one table.

    ``undone`` are the names of stresses that were not run, for the reason ``stopped``. ``asked`` is what
    was asked of the model here; ``seconds`` all that it took. ``worst`` is the stress with the least
    retention, with an interval that holds for all of them at once.
    """

    judged: tuple[Judged, ...]
    lines: tuple[Line, ...]
    controls: Controls | None
    contexts: tuple[ContextResult, ...]
    rows: int
    rows_said: str
    on_reference: bool
    undone: tuple[str, ...]
    stopped: str
    asked: Spent
    seconds: float
    worst: Estimate | None = None
    retentions: tuple[Estimate, ...] = ()
    broken: tuple[tuple[str, str], ...] = ()
    reason: str = field(default="")
