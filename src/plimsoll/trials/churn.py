"""The trial of training stability: the same recipe fitted again, with other seeds and on other rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from plimsoll.core.check import StressOptions
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.core.trial import Answers, Desk, Outcome, Trial
from plimsoll.stats.churn import (
    churn_between,
    churn_from,
    spread_of_measure,
    spread_of_scores,
)
from plimsoll.trials.compared import Comparer, can_be_halved
from plimsoll.trials.judged import judges
from plimsoll.trials.refits import FitRows, Fitter, refit_needs, why_no_rows
from plimsoll.trials.rows import TrialRows, row_needs

Floats = npt.NDArray[np.float64]
FITS = 6
"""Fits of each kind."""
FIT_ROWS = 10_000
ASK_ROWS = 5000
PART = 0.2
"""Part of the time for fits that these take."""
RESAMPLED, RESEEDED = "resampled", "reseeded"


@dataclass(frozen=True)
class Restless:
    """What fits of one kind did: with other seeds on the same rows, or on rows drawn again.

    ``from_model`` is the share of rows that a fit decides otherwise than the model judged, ``between`` that
    of two fits. ``scores`` is how far the score (or the number) of a row scatters, ``measure`` how far the
    measure does.
    """

    kind: str
    fits: int
    from_model: Estimate | None
    between: Estimate | None
    scores: Estimate | None
    measure: Estimate | None
    same: bool
    """Every fit answered the same."""


@dataclass(frozen=True)
class Churn(Outcome):
    """How restless the fit is. ``reason`` says why it is not known."""

    metric: str = ""
    kinds: tuple[Restless, ...] = ()
    rows_said: str = ""
    fitted_said: str = ""
    fewer_rows: bool = False
    fits: int = 0
    fit_seconds: float = 0.0
    stopped: str = ""
    reason: str = ""


@dataclass(frozen=True)
class ChurnTrial(Trial):
    """Fits the same recipe again and again."""

    subject: Subject
    options: StressOptions
    level: float = 0.95
    seed: int = 0

    def needs(self) -> Mapping[str, Need]:
        """Rows to ask about, and rows to fit on."""
        return {**row_needs(self.subject, self.options.rows), **refit_needs(self.subject)}

    def run(self, tallies: Tallies, desk: Desk) -> Churn:
        """See :class:`plimsoll.core.trial.Trial`."""
        whole = FitRows.take(tallies, self.subject)
        fitter = Fitter(desk, 2 * FITS, PART)
        if whole is None or not fitter.possible:
            return Churn(reason=why_no_rows(self.subject) or desk.why_no_refit)
        rows = TrialRows.take(tallies, self.subject).head(ASK_ROWS)
        found = judges(rows, self.options, self.level) if can_be_halved(rows) else ()
        if not found:
            return Churn(reason="too few rows to judge fits on, or no measure fits them")
        comparer = Comparer(rows, found[0].measure, 0.0, self.level, rows.clean)
        fit_rows = whole.head(FIT_ROWS)
        rng = np.random.default_rng([self.seed, *b"churn"])
        drawn: dict[str, list[Answers]] = {RESAMPLED: [], RESEEDED: []}
        for i in range(2 * FITS):
            kind = RESAMPLED if i % 2 == 0 else RESEEDED
            desk.tell(f"training stability: {kind}", i, 2 * FITS)
            part = fit_rows
            if kind == RESAMPLED:
                part = fit_rows.at(np.sort(rng.integers(0, fit_rows.rows, fit_rows.rows)))
            answers = fitter.answers(part, self.seed + 1 + i, rows.frame)
            if answers is None:
                break
            drawn[kind].append(answers)
        kinds = tuple(
            self._told(kind, held, comparer) for kind, held in drawn.items() if len(held) > 1
        )
        return Churn(
            metric=found[0].measure.name,
            kinds=kinds,
            rows_said=rows.said(),
            fitted_said=fit_rows.said(),
            fewer_rows=fit_rows.rows < fit_rows.of,
            fits=fitter.done,
            fit_seconds=fitter.seconds,
            stopped=fitter.stopped if fitter.done < 2 * FITS else "",
            reason="" if kinds else (fitter.stopped or "no two fits could be made"),
        )

    def _told(self, kind: str, held: list[Answers], comparer: Comparer) -> Restless:
        rows, level = comparer.rows, self.level
        variant = None if kind == RESAMPLED else kind
        deciding = self.subject.is_classification and rows.clean.decided is not None
        between = from_model = None
        if deciding:
            decided = np.stack([a.decided for a in held if a.decided is not None])
            model = rows.clean.decided
            assert model is not None
            from_model = churn_from(
                "churn", decided, model, rows.weights, clusters=rows.clusters, level=level
            )
            between = churn_between(
                "churn_between_fits", decided, rows.weights, clusters=rows.clusters, level=level
            )
        table = np.stack([_number(a) for a in held])
        scores = spread_of_scores(
            "score_sd", table, rows.weights, clusters=rows.clusters, level=level,
            unit=None if self.subject.is_classification else self.subject.roles.target,
        )  # fmt: skip
        measure = spread_of_measure(
            "measure_sd", [comparer.value(a).value for a in held], level=level
        )
        metric = Where(metric=comparer.measure.name, variant=variant)
        return Restless(
            kind,
            len(held),
            _at(from_model, Where(variant=variant)),
            _at(between, Where(variant=variant)),
            _at(scores, Where(variant=variant)),
            _at(measure, metric),
            bool((table == table[0]).all()),
        )


def _at(found: Estimate | None, where: Where) -> Estimate | None:
    return None if found is None else found.at(where)


def _number(answers: Answers) -> Floats:
    """Return one number a row that moves as the answer does: the score, the largest one, or the decision."""
    if answers.scores is None:
        assert answers.decided is not None
        return answers.decided
    if answers.scores.ndim == 1:
        return answers.scores
    largest: Floats = answers.scores.max(axis=1)
    return largest
