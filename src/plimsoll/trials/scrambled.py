"""The trial of scrambled labels: the fit, and the user's whole experiment, on labels dealt out anew."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from plimsoll.core.batch import TARGET
from plimsoll.core.check import StressOptions
from plimsoll.core.errors import ModelError
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Status
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.core.trial import EXPERIMENT, Desk, Outcome, Trial
from plimsoll.models.refit import Experiment
from plimsoll.stats.scrambling import (
    Blind,
    blind_score,
    canary,
    mean_of_runs,
    permutation_estimate,
)
from plimsoll.tallies.sample import Sample
from plimsoll.trials.compared import Comparer, can_be_halved
from plimsoll.trials.judged import judges
from plimsoll.trials.refits import LEAST, SECONDS, SHARE, FitRows, Fitter, refit_needs, why_no_rows
from plimsoll.trials.rows import TrialRows, row_needs

SCRAMBLES = 20
FIT_ROWS = 5000
"""Rows that a fit on scrambled labels uses, at most; the one on true labels uses the same."""
ASK_ROWS = 5000
PART = 0.2
"""Part of the time for fits that these take."""
OWN = "rows of the experiment"


@dataclass(frozen=True)
class Scrambled:
    """Scores with true and with scrambled labels; ``blind`` is what can be had without inputs."""

    metric: str
    observed: float
    runs: tuple[float, ...]
    mean: Estimate | None
    p: Estimate | None
    blind: Blind | None
    status: Status
    seconds: float
    said: str
    stopped: str = ""


@dataclass(frozen=True)
class Scrambling(Outcome):
    """What scrambled labels left of the fit and of the experiment; ``why_...`` where there is nothing."""

    fit: Scrambled | None = None
    experiment: Scrambled | None = None
    why_no_fit: str = ""
    why_no_experiment: str = ""


@dataclass(frozen=True)
class ScramblingTrial(Trial):
    """Deals the labels out anew and fits again; and runs the whole experiment on such rows."""

    subject: Subject
    options: StressOptions
    level: float = 0.95
    seed: int = 0

    def needs(self) -> Mapping[str, Need]:
        """Rows to judge on, and labelled rows: of the reference, or those judged where it has none."""
        out = {**row_needs(self.subject, self.options.rows), **refit_needs(self.subject)}
        target = self.subject.roles.target
        if why_no_rows(self.subject) and target is not None:
            takes = tuple(dict.fromkeys((TARGET, target, *self.subject.roles.features)))
            out[OWN] = Need(Sample(takes, size=self.options.rows))
        return out

    def run(self, tallies: Tallies, desk: Desk) -> Scrambling:
        """See :class:`plimsoll.core.trial.Trial`."""
        fit_rows = FitRows.take(tallies, self.subject)
        fit, why = self._fit(tallies, fit_rows, desk)
        experiment, why_not = self._experiment(_own(tallies, fit_rows, self.subject), desk)
        return Scrambling(fit, experiment, why, why_not)

    def _fit(
        self, tallies: Tallies, fit_rows: FitRows | None, desk: Desk
    ) -> tuple[Scrambled | None, str]:
        fitter = Fitter(desk, SCRAMBLES + 1, PART)
        if fit_rows is None or not fitter.possible:
            return None, why_no_rows(self.subject) or desk.why_no_refit
        rows = TrialRows.take(tallies, self.subject).head(ASK_ROWS)
        found = judges(rows, self.options, self.level) if can_be_halved(rows) else ()
        if not found:
            return None, "too few rows to judge fits on, or no measure fits them"
        judge, part = found[0], fit_rows.head(FIT_ROWS)
        comparer = Comparer(rows, judge.measure, 0.0, self.level, rows.clean)
        target = self.subject.roles.target
        assert target is not None
        rng = np.random.default_rng([self.seed, *b"scrambling"])
        answers = fitter.answers(part, self.seed, rows.frame)
        if answers is None:
            return None, fitter.stopped
        observed = comparer.value(answers).value
        runs: list[float] = []
        for i in range(SCRAMBLES):
            desk.tell("scrambled labels: fitted again", i, SCRAMBLES)
            dealt = part.with_labels_of(rng.permutation(part.rows), target)
            answers = fitter.answers(dealt, self.seed, rows.frame)
            if answers is None:
                break
            runs.append(comparer.value(answers).value)
        higher = judge.measure.higher_is_better
        blind = Blind(judge.chance, higher, judge.measure.name)
        said = f"{part.said()}, judged on {rows.rows:,} rows"
        return self._told(
            "scrambling_p", "scrambled", judge.measure.name, observed, runs, blind,
            fitter.seconds, said, "" if len(runs) == SCRAMBLES else fitter.stopped,
        ), ""  # fmt: skip

    def _experiment(self, rows: FitRows | None, desk: Desk) -> tuple[Scrambled | None, str]:
        experiment = desk.own.get(EXPERIMENT)
        if not isinstance(experiment, Experiment):
            return (
                None,
                "no whole experiment was given to run on scrambled labels; name it with --experiment",
            )
        if rows is None:
            return None, "there are no labelled rows to run the experiment on"
        start = time.perf_counter()
        purse = PART * (SECONDS if desk.budget_s is None else SHARE * desk.budget_s)
        target = self.subject.roles.target
        assert target is not None
        rng = np.random.default_rng([self.seed, *b"canary"])
        runs: list[float] = []
        stopped = ""
        try:
            observed = desk.run(partial(experiment, rows.frame), purse, "the experiment")
            for i in range(SCRAMBLES):
                desk.tell("scrambled labels: whole experiment", i, SCRAMBLES)
                spent = time.perf_counter() - start
                stopped = desk.why_stopped() or (
                    f"the {purse:.0f} s for it were used up"
                    if i and spent * (i + 2) / (i + 1) > purse
                    else ""
                )
                if stopped:
                    break
                dealt = rows.with_labels_of(rng.permutation(rows.rows), target)
                left = max(purse - spent, LEAST)
                score = partial(experiment, dealt.frame)
                runs.append(desk.run(score, left, "the experiment"))
        except ModelError as error:
            if not runs:
                return None, str(error).removesuffix(".")
            stopped = str(error).removesuffix(".")
        classes = len(self.subject.classes) if self.subject.is_classification else 0
        blind = blind_score(experiment.measure, rows.target, classes, observed)
        metric = experiment.measure or "score of the experiment"
        return self._told(
            "canary_p", "canary_score", metric, observed, runs, blind,
            time.perf_counter() - start, rows.said(), stopped,
        ), ""  # fmt: skip

    def _told(
        self,
        p_name: str,
        mean_name: str,
        metric: str,
        observed: float,
        runs: list[float],
        blind: Blind | None,
        seconds: float,
        said: str,
        stopped: str,
    ) -> Scrambled:
        mean = mean_of_runs(mean_name, runs, level=self.level)
        if mean is not None:
            mean = mean.at(Where(metric=metric))
        higher = blind.higher_is_better if blind is not None else True
        p = permutation_estimate(p_name, observed, runs, higher_is_better=higher, level=self.level)
        status = Status.UNSURE if mean is None or blind is None else canary(mean, blind)
        return Scrambled(
            metric, observed, tuple(runs), mean, p, blind, status, seconds, said, stopped
        )


def _own(tallies: Tallies, fit_rows: FitRows | None, subject: Subject) -> FitRows | None:
    """Return the rows that an experiment runs on: those to fit on, else those judged."""
    if fit_rows is not None or OWN not in tallies:
        return fit_rows
    sample = tallies.take(OWN, Sample)
    target = subject.roles.target
    if sample.frame is None or target is None or not sample.frame.height:
        return None
    columns = list(dict.fromkeys((*subject.roles.features, target)))
    codes = sample.frame.get_column(TARGET).cast(pl.Float64).to_numpy()
    return FitRows(sample.frame.select(columns), codes, sample.rows)
