"""What an ablation found, as data: inputs left out, alone, and the steps from a constant to all of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Status
from plimsoll.core.trial import Outcome, Spent
from plimsoll.trials.compared import Change
from plimsoll.trials.ladder import Smallest
from plimsoll.trials.units import Unit


@dataclass(frozen=True)
class Effect:
    """One unit in one way: what changes without it, and what the measure is with it alone.

    ``p_worse`` is the p-value of "it makes nothing worse", ``p_spare`` that of "it costs the margin or more",
    ``p_alone`` that of "alone it is worse by the margin or more". None where it was not asked.
    """

    unit: Unit
    left_out: Estimate | None = None
    p_worse: float = 1.0
    p_spare: float = 1.0
    harm: float = 0.0
    alone: Estimate | None = None
    p_alone: float = 1.0
    change: Change | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Rung:
    """One step of the ladder, on rows that did not choose it, with what it is short of the whole model."""

    name: str
    inputs: tuple[str, ...]
    value: Estimate
    change: Estimate | None
    status: Status


@dataclass(frozen=True)
class Story:
    """What one way of leaving inputs out found. ``stopped`` says why something was not asked."""

    way: str
    rungs: tuple[Rung, ...] = ()
    effects: tuple[Effect, ...] = ()
    size: Estimate | None = None
    smallest: Smallest | None = None
    stopped: str = ""


@dataclass(frozen=True)
class Disagreement:
    """A unit that the model needs when it is masked, and that a fit does without, or the other way round.

    ``share`` is how much of it the other inputs tell, ``by`` the one that tells most; None where unknown.
    """

    unit: Unit
    masked_needs: bool
    share: float | None
    by: str


@dataclass(frozen=True)
class Ablation(Outcome):
    """What the model rests on. ``reason`` says why nothing was asked, where nothing was."""

    metric: str = ""
    higher_is_better: bool = True
    margin: float = 0.0
    margin_said: str = ""
    rows: int = 0
    rows_said: str = ""
    on_reference: bool = True
    units: tuple[Unit, ...] = ()
    base: tuple[Rung, ...] = ()
    masked: Story = Story("masked")
    retrained: Story = Story("retrained")
    random: Estimate | None = None
    agreement: Estimate | None = None
    disagreements: tuple[Disagreement, ...] = ()
    fits: int = 0
    fit_seconds: float = 0.0
    fitted_said: str = ""
    why_no_refit: str = ""
    asked: Spent = Spent()
    seconds: float = 0.0
    reason: str = ""
