"""Runs the trials that checks asked for, each once, after the scan."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl
from threadpoolctl import threadpool_limits

from plimsoll.core.errors import CheckError, SettingsError
from plimsoll.core.model import Model
from plimsoll.core.tally import Need, Tallies, Tally
from plimsoll.core.trial import Outcome, Trial
from plimsoll.engine.desk import NO_REFIT, AskingDesk, Tell, stoppable


@dataclass(frozen=True)
class Asking:
    """How trials may ask: functions of the user, what repeats the fit, and how long it may take."""

    own: Mapping[str, Callable[..., object]] = field(default_factory=dict)
    refits: Callable[[pl.DataFrame, int], Model] | None = None
    why_no_refit: str = NO_REFIT
    budget_s: float | None = None
    within_s: float = 60.0
    progress: Tell | None = None


@dataclass(frozen=True)
class Tried:
    """What the trials of every check found, or what they raised, and the seconds that each took."""

    trials: Mapping[str, Mapping[str, Trial]]
    outcomes: Mapping[Trial, Outcome]
    lost: Mapping[Trial, Exception]
    took: Mapping[Trial, float]

    def of(self, code: str) -> dict[str, Outcome]:
        """Return what the trials of one check found; raises what one of them raised."""
        asked = self.trials.get(code, {})
        for trial in asked.values():
            if trial in self.lost:
                raise self.lost[trial]
        return {name: self.outcomes[trial] for name, trial in asked.items()}

    def seconds(self, code: str) -> float:
        """Return the seconds of the trials that this check was the first to ask for."""
        found = 0.0
        for trial in self.trials.get(code, {}).values():
            first = next(c for c, asked in self.trials.items() if trial in asked.values())
            found += self.took.get(trial, 0.0) if first == code else 0.0
        return found


def run_trials(
    trials: Mapping[str, Mapping[str, Trial]],
    desk: AskingDesk,
    found: Mapping[Need, Tally],
    broken: Mapping[Need, Exception],
) -> Tried:
    """Run every trial once; one that breaks does not stop the others."""
    outcomes: dict[Trial, Outcome] = {}
    lost: dict[Trial, Exception] = {}
    took: dict[Trial, float] = {}
    distinct = dict.fromkeys(trial for asked in trials.values() for trial in asked.values())
    try:
        with stoppable(desk), threadpool_limits(1, user_api="blas"):
            for trial in distinct:
                start = time.perf_counter()
                try:
                    outcomes[trial] = trial.run(_tallies(trial, found, broken), desk)
                except SettingsError:  # the user's word, as at any other place
                    raise
                except Exception as error:  # one trial that breaks never stops the others
                    lost[trial] = error
                took[trial] = time.perf_counter() - start
    finally:
        desk.close()
    return Tried(trials, outcomes, lost, took)


def _tallies(
    trial: Trial, found: Mapping[Need, Tally], broken: Mapping[Need, Exception]
) -> Tallies:
    needs = trial.needs()
    for name, need in needs.items():
        if need in broken:
            raise broken[need]
        if need not in found:
            raise CheckError(f"its trial needs '{name}', which was not counted")
    return Tallies({name: found[need] for name, need in needs.items()})
