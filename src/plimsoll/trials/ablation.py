"""The trial that finds what a model rests on: inputs left out, alone, and in the smallest set that does.

Each question is asked in two ways: of the model itself with inputs masked, and of the fit repeated without
them, where it can be. The first says what this model uses, the second what the task needs.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.check import StressOptions
from plimsoll.core.errors import ModelError
from plimsoll.core.estimate import Where
from plimsoll.core.finding import Status
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.core.trial import Answers, Desk, Trial
from plimsoll.tallies.sample import Sample
from plimsoll.trials.compared import CHOOSE, CONFIRM, Comparer, can_be_halved, margin_of, part_of
from plimsoll.trials.judged import Judge, judges
from plimsoll.trials.ladder import random_sizes, told_random
from plimsoll.trials.masking import Masker
from plimsoll.trials.refits import FitRows, Fitter, Retrainer, refit_needs, why_no_rows
from plimsoll.trials.rows import REFERENCE, TrialRows, row_needs
from plimsoll.trials.stories import Ablation, Rung, Story
from plimsoll.trials.teller import Teller, rung_of
from plimsoll.trials.two_ways import agreement_of, disagreements_of
from plimsoll.trials.units import Unit, units_of

Floats = npt.NDArray[np.float64]
WORK = 1_000_000
"""Rows that the model is asked about, more or less, over the whole trial."""
LEAST_ROWS = 2000
RETRAIN_ROWS = 10_000
"""Rows of the reference that a model is fitted on again without some inputs, at most."""
MOST_FITS = 40
PART = 0.4
"""Part of the time for fits that these take."""
MOST_ALONE = 5
"""Units that are fitted alone: those that do best alone when all others are masked."""
SEEDS = 3
"""Fits of the whole with other seeds, to see what a fit by itself changes."""


@dataclass(frozen=True)
class AblationTrial(Trial):
    """Leaves inputs out of one model, by masking and by fitting again."""

    subject: Subject
    options: StressOptions
    level: float = 0.95
    seed: int = 0

    def needs(self) -> Mapping[str, Need]:
        """Rows to ask about, rows to draw values from, and rows to fit on."""
        return {**row_needs(self.subject, self.options.rows), **refit_needs(self.subject)}

    def run(self, tallies: Tallies, desk: Desk) -> Ablation:
        """See :class:`plimsoll.core.trial.Trial`."""
        start, before = time.perf_counter(), desk.spent
        units = units_of(self.subject.roles.features, self.options.groups)
        whole = TrialRows.take(tallies, self.subject)
        rows = whole.head(max(LEAST_ROWS, WORK // (8 * len(units))))
        found = judges(rows, self.options, self.level) if can_be_halved(rows) else ()
        if not found:
            return Ablation(reason=_why_nothing(rows))
        judge = found[0]
        margin, said = margin_of(
            judge.measure, judge.clean.value, judge.chance, self.options.margins,
            judge.limit if judge.from_policy else None,
        )  # fmt: skip
        comparer = Comparer(rows, judge.measure, margin, self.level, rows.clean)
        fit_rows = FitRows.take(tallies, self.subject)
        pool, on_reference = _pool(tallies, rows, fit_rows)
        masked, sizes = self._masked(comparer, units, pool, desk)
        fitter = Fitter(desk, MOST_FITS, PART)
        retrained = self._retrained(comparer, units, fit_rows, fitter, masked)
        return Ablation(
            metric=judge.measure.name,
            higher_is_better=judge.measure.higher_is_better,
            margin=margin,
            margin_said=said,
            rows=rows.rows,
            rows_said=replace(rows, of=whole.of).said(),
            on_reference=on_reference,
            units=units,
            base=_base(comparer, fit_rows, judge, self.seed),
            masked=masked,
            retrained=retrained,
            random=told_random(sizes, self.level, len(units)),
            agreement=agreement_of(masked, retrained, self.level, self.seed, rows),
            disagreements=disagreements_of(masked, retrained, pool, units, 1.0 - self.level),
            fits=fitter.done,
            fit_seconds=fitter.seconds,
            fitted_said="" if fit_rows is None else fit_rows.head(RETRAIN_ROWS).said(),
            why_no_refit=_why_no_refit(self.subject, fitter),
            asked=desk.spent.since(before),
            seconds=time.perf_counter() - start,
        )

    def _masked(
        self, comparer: Comparer, units: tuple[Unit, ...], pool: pl.DataFrame, desk: Desk
    ) -> tuple[Story, tuple[int, ...]]:
        """Ask the model itself; what it refuses ends this way and not the other."""
        rows = comparer.rows
        generous = max(1, WORK // (8 * len(units) * rows.rows))
        masker = Masker(rows, units, pool, desk, self.seed, generous)
        teller = Teller(comparer, units, "masked")
        sizes: tuple[int, ...] = ()
        try:
            names = [unit.name for unit in units]
            teller.alone(masker, names, desk)
            teller.left_out(masker, names, desk)
            teller.smallest(masker, desk)
            if len(units) > 3:
                part = part_of(rows, comparer.masks[CHOOSE])
                control = replace(comparer, rows=part, full=part.clean)
                desk.tell("ablation: inputs in random order", 0, 1)
                rng = np.random.default_rng([self.seed, *b"random order"])
                again = Masker(part, units, pool, desk, self.seed, generous)
                sizes = random_sizes(names, again, control, rng)
        except ModelError as error:
            return teller.story(str(error).removesuffix(".")), sizes
        return teller.story(desk.why_stopped()), sizes

    def _retrained(
        self,
        comparer: Comparer,
        units: tuple[Unit, ...],
        fit_rows: FitRows | None,
        fitter: Fitter,
        masked: Story,
    ) -> Story:
        """Fit again without inputs; the least important by masking first, the best alone last."""
        if fit_rows is None or not fitter.possible:
            return Story("retrained", stopped=_why_no_refit(self.subject, fitter))
        way = Retrainer(units, fitter, fit_rows.head(RETRAIN_ROWS), comparer.rows.frame, self.seed)
        everything = frozenset(unit.name for unit in units)
        fulls = [
            a for i in range(SEEDS) if (a := _whole(way, everything, self.seed + i)) is not None
        ]
        if not fulls:
            return Story("retrained", stopped=fitter.stopped)
        values = [comparer.value(answers).value for answers in fulls]
        noise = float(np.var(values, ddof=1)) if len(values) > 1 else 0.0
        against = replace(
            comparer, full=fulls[0], noise=noise, noise_df=float(max(len(values) - 1, 1))
        )
        teller = Teller(against, units, "retrained")
        order = _order(masked, units)
        if len(units) <= MOST_FITS // 2:
            teller.left_out(way, order, fitter.desk)
            teller.smallest(way, fitter.desk)
        else:
            teller.smallest(way, fitter.desk, order)
            teller.left_out(way, order, fitter.desk)
        teller.alone(way, _best_alone(masked, comparer.sign), fitter.desk)
        full = teller.rung("all inputs, fitted again", everything, fulls[0], None)
        full = replace(full, change=None)  # the others of this way are held against it
        story = teller.story(fitter.stopped)
        return replace(story, rungs=(*story.rungs, full))


def _best_alone(masked: Story, sign: float) -> list[str]:
    """Return the units that do best when all others are masked, or some where none was asked."""
    told = {e.unit.name: e.alone.value for e in masked.effects if e.alone is not None}
    ranked = sorted(told, key=lambda name: -sign * told[name])
    return (ranked or [e.unit.name for e in masked.effects])[:MOST_ALONE]


def _whole(way: Retrainer, everything: frozenset[str], seed: int) -> Answers | None:
    return way.answers(everything) if seed == way.seed else way.seeded(everything, seed)


def _base(
    comparer: Comparer, fit_rows: FitRows | None, judge: Judge, seed: int
) -> tuple[Rung, ...]:
    """Return the steps that need no model: a constant, answers drawn by frequency; and the model itself."""
    rows = comparer.rows
    known = rows.target if fit_rows is None else fit_rows.target
    k = len(rows.subject.classes) if rows.subject.is_classification else 0
    rungs = []
    for name, answers in _blind(rows, known, k, comparer.measure.needs, seed):
        rungs.append(rung_of(comparer, name, (), comparer.change(answers, CONFIRM)))
    full = comparer.value(rows.clean, CONFIRM)
    told = comparer.told(full, comparer.measure.name, Where(variant="all inputs"), CONFIRM)
    names = tuple(rows.subject.roles.features)
    return (*rungs, Rung("all inputs", names, told, None, Status.PASS))


def _blind(
    rows: TrialRows, known: Floats, classes: int, needs: str, seed: int
) -> list[tuple[str, Answers]]:
    n = rows.rows
    if classes == 0:
        return [("constant", Answers(None, np.full(n, known.mean())))]
    shares = np.bincount(known.astype(np.int64), minlength=classes) + 0.5
    shares = shares / shares.sum()
    clean = rows.clean
    vector = clean.scores is not None and clean.scores.ndim == 2

    def scored(table: Floats) -> Floats | None:
        return None if clean.scores is None else table if vector else table[:, 1]

    flat = np.tile(shares, (n, 1))
    decided = None if clean.decided is None else np.full(n, float(shares.argmax()))
    out = [("constant", Answers(scored(flat), decided))]
    if needs == "probabilities":  # a drawn class is no probability
        return out
    drawn = np.searchsorted(np.cumsum(shares), rows.draws("prior", seed).uniform())
    drawn = np.minimum(drawn, classes - 1)
    one_hot: Floats = np.eye(classes)[drawn]
    decided = None if clean.decided is None else drawn.astype(np.float64)
    return [*out, ("prior", Answers(scored(one_hot), decided))]


def _pool(tallies: Tallies, rows: TrialRows, fit_rows: FitRows | None) -> tuple[pl.DataFrame, bool]:
    """Return rows to draw values from: of the reference, or those judged where it lacks an input."""
    features = list(rows.subject.roles.features)
    if fit_rows is not None:
        return fit_rows.frame.select(features), True
    if REFERENCE in tallies:
        sample = tallies.take(REFERENCE, Sample)
        held = sample.frame
        if held is not None and held.height and set(features) <= set(held.columns):
            return held.select(features), True
    return rows.frame.select(features), False


def _order(masked: Story, units: tuple[Unit, ...]) -> list[str]:
    known = [e for e in masked.effects if e.left_out is not None]
    names = [e.unit.name for e in sorted(known, key=lambda e: e.harm)]
    return [*names, *(unit.name for unit in units if unit.name not in names)]


def _why_no_refit(subject: Subject, fitter: Fitter) -> str:
    return why_no_rows(subject) or ("" if fitter.possible else fitter.desk.why_no_refit)


def _why_nothing(rows: TrialRows) -> str:
    if not can_be_halved(rows):
        return (
            f"{rows.rows:,} rows are too few to choose inputs on one half and tell on the other; give at "
            "least some hundred, with several of each class"
        )
    return "the model's answers fit no measure that it can be judged by"
