"""One question: its card, what it needs, and how it judges.

A check is a module in ``plimsoll.checks`` (or of the entry-point group ``plimsoll.checks``) with a
``CARD``, a function ``needs`` and a function ``judge``; its docstring is its documentation page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np

from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Judgement
from plimsoll.core.limit import Limit
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.core.trial import Outcome, Trial

OutcomeT = TypeVar("OutcomeT", bound=Outcome)


@dataclass(frozen=True, slots=True)
class Card:
    """The facts about a check that a record carries along.

    ``area`` is the word before the dot in a policy (``calibration.mcb``). ``cost`` says in words
    what it takes beyond the one scan. ``suites`` are those it belongs to; ``last`` marks a check that
    judges from the estimates of the others. ``labels`` says that it cannot be asked of rows whose target
    is not known yet. ``evidence`` are topics for governance mappings. ``gated_by`` is the area of
    limits, or the table of settings, that asks for it in any suite.
    """

    code: str
    title: str
    question: str
    area: str
    needs: str
    cost: str = "one scan"
    measures: tuple[Measure, ...] = ()
    suites: tuple[str, ...] = ("quick", "standard", "full")
    evidence: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    last: bool = False
    labels: bool = True
    gated_by: str = ""


@dataclass(frozen=True, slots=True)
class StressOptions:
    """What trials of a model under stress may follow.

    ``rows`` are asked about at most; ``kinds`` narrow the stresses run, ``own`` are functions of the user
    by their reference. ``judge_by`` is the measure, and ``keep`` the share of the gain over chance to be
    kept, where ``limits`` (those on performance) hold none that stress can be judged by. ``contexts`` holds
    for every named context the names of stresses with their severities. ``image`` names the pixels of one
    image, with its shape. Inputs may only raise (``increasing``) or lower (``decreasing``) the answer;
    ``groups`` of inputs come and go together; ``margins`` say by measure how much worse the policy takes to
    be as good. ``against`` names the model whose errors under stress are the yardstick.
    """

    rows: int = 20_000
    kinds: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    judge_by: str | None = None
    keep: float = 0.9
    limits: tuple[Limit, ...] = ()
    contexts: tuple[tuple[str, tuple[tuple[str, float], ...]], ...] = ()
    image: tuple[tuple[str, ...], tuple[int, ...]] | None = None
    increasing: tuple[str, ...] = ()
    decreasing: tuple[str, ...] = ()
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    margins: tuple[tuple[str, float], ...] = ()
    against: str | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """The settings that a check may follow.

    ``confidence`` is the two-sided level of every interval; ``seed`` keys every resampling;
    ``on_reference`` asks performance checks to measure the reference too (a limit on a drop needs it);
    ``costs`` are those of one false positive and one false negative, in any one unit. Slices of fewer
    than ``min_rows`` rows are pooled; one is worth a finding where it is worse by ``gap`` or more (of a
    share; of a loss in its standard deviations); weak ones of up to ``depth`` conditions are searched for.
    ``drift_floor`` is the share of rows that must have moved before a change is an alarm. ``slice_measures``
    are the measures whose difference between slice and whole a limit asks for. ``favourable`` says that
    the positive decision is the one people want; ``audit`` names the columns of sex and of race.
    """

    confidence: float = 0.95
    seed: int = 0
    suite: str = "standard"
    costs: tuple[float, float] | None = None
    resamples: int = 1000
    on_reference: bool = False
    min_rows: int = 20
    gap: float = 0.05
    depth: int = 2
    drift_floor: float = 0.05
    slice_measures: tuple[str, ...] = ()
    favourable: bool = True
    audit: tuple[str, str] | None = None
    stress: StressOptions = StressOptions()

    def rng(self, code: str) -> np.random.Generator:
        """Return a generator for one check, the same for the same seed whatever else runs."""
        return np.random.default_rng([self.seed, *code.encode()])


@dataclass(frozen=True, slots=True)
class Context:
    """What a check knows when it judges, besides its tallies.

    ``measured`` holds the estimates of the checks that judged before; only a check whose card says
    ``last`` may rely on it being complete. ``rows`` are the rows judged. ``outcomes`` holds what its
    trials found, by the names it gave them.
    """

    subject: Subject
    options: Options
    limits: tuple[Limit, ...] = ()
    measured: tuple[Estimate, ...] = field(default=())
    rows: int = 0
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)

    def outcome(self, name: str, kind: type[OutcomeT]) -> OutcomeT:
        """Return what the trial of this name found, known to be of ``kind``."""
        found = self.outcomes[name]
        if not isinstance(found, kind):
            raise TypeError(f"trial '{name}' is a {type(found).__name__}, not a {kind.__name__}")
        return found


def trials_of(check: Check, subject: Subject, options: Options) -> Mapping[str, Trial]:
    """Return the trials of a check by name; a module without a function ``trials`` has none.

    ``trials(subject, options)`` stands beside ``needs`` where a check must have the model asked again.
    """
    asks = getattr(check, "trials", None)
    return {} if asks is None else dict(asks(subject, options))


class Check(Protocol):
    """The shape of a check module; see also :func:`trials_of`."""

    CARD: Card

    @staticmethod
    def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
        """Return the tallies to compute, by name; empty where the question cannot be asked."""

    @staticmethod
    def judge(tallies: Tallies, context: Context) -> Judgement:
        """Turn finished tallies into estimates and findings; no rows in sight."""
