"""The trial of the learning curve: the fit repeated on more and more rows of the reference.

The fits of one size use disjoint rows as far as there are enough, so that how much they scatter is how much
a fit on so many fresh rows would; all are judged on the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from plimsoll.core.check import StressOptions
from plimsoll.core.estimate import Estimate
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.core.trial import Desk, Outcome, Trial
from plimsoll.stats.influence import Value
from plimsoll.stats.learning_curve import Size, value_of_doubling
from plimsoll.trials.compared import Comparer, can_be_halved, margin_of
from plimsoll.trials.judged import judges
from plimsoll.trials.refits import FitRows, Fitter, refit_needs, why_no_rows
from plimsoll.trials.rows import TrialRows, row_needs

LEAST_FITTED = 50
"""Rows of the smallest fit."""
MOST_SIZES = 7
MOST_REPEATS = 8
MOST_FITS = 40
PART = 0.2
"""Part of the time for fits that these take."""
ASK_ROWS = 5000


@dataclass(frozen=True)
class Curve:
    """Points of a learning curve: rows, fits, mean score and its band, and the curve through them.

    ``drawn`` are points (rows, score) of the fitted curve up to twice the largest fit.
    """

    rows: tuple[int, ...]
    fits: tuple[int, ...]
    means: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    drawn: tuple[tuple[float, float], ...]
    ceiling: float
    rate: float
    misfit: float


@dataclass(frozen=True)
class Learning(Outcome):
    """What more rows brought, and what twice as many would. ``reason`` says why it is not known."""

    metric: str = ""
    higher_is_better: bool = True
    margin: float = 0.0
    margin_said: str = ""
    curve: Curve | None = None
    gain: Estimate | None = None
    fits: int = 0
    fit_seconds: float = 0.0
    fitted_said: str = ""
    stopped: str = ""
    reason: str = ""


@dataclass(frozen=True)
class LearningTrial(Trial):
    """Fits on more and more rows."""

    subject: Subject
    options: StressOptions
    level: float = 0.95
    seed: int = 0

    def needs(self) -> Mapping[str, Need]:
        """Rows to judge on, and rows to fit on."""
        return {**row_needs(self.subject, self.options.rows), **refit_needs(self.subject)}

    def run(self, tallies: Tallies, desk: Desk) -> Learning:
        """See :class:`plimsoll.core.trial.Trial`."""
        fit_rows = FitRows.take(tallies, self.subject)
        fitter = Fitter(desk, MOST_FITS, PART)
        if fit_rows is None or not fitter.possible:
            return Learning(reason=why_no_rows(self.subject) or desk.why_no_refit)
        rows = TrialRows.take(tallies, self.subject).head(ASK_ROWS)
        found = judges(rows, self.options, self.level) if can_be_halved(rows) else ()
        if not found:
            return Learning(reason="too few rows to judge fits on, or no measure fits them")
        judge = found[0]
        steps = steps_of(fit_rows.rows)
        if len(steps) < 4:
            return Learning(
                reason=f"{fit_rows.rows:,} rows to fit on are too few for four sizes of {LEAST_FITTED} "
                "or more"
            )
        comparer = Comparer(rows, judge.measure, 0.0, self.level, rows.clean)
        sizes = self._sizes(steps, fit_rows, fitter, comparer)
        margin, said = margin_of(
            judge.measure, judge.clean.value, judge.chance, self.options.margins,
            judge.limit if judge.from_policy else None,
        )  # fmt: skip
        base = Learning(
            metric=judge.measure.name,
            higher_is_better=judge.measure.higher_is_better,
            margin=margin,
            margin_said=said,
            fits=fitter.done,
            fit_seconds=fitter.seconds,
            fitted_said=fit_rows.said(),
            stopped=fitter.stopped,
        )
        return self._with_curve(base, sizes, rows)

    def _sizes(
        self,
        steps: tuple[tuple[int, int], ...],
        fit_rows: FitRows,
        fitter: Fitter,
        comparer: Comparer,
    ) -> list[Size]:
        """Fit the small sizes first, for they cost little; a size counts as far as it was fitted."""
        out = []
        rng = np.random.default_rng([self.seed, *b"learning curve"])
        order = rng.permutation(fit_rows.rows)
        for i, (size, repeats) in enumerate(steps):
            fitter.desk.tell(f"learning curve: {size:,} rows", i, len(steps))
            values: list[Value] = []
            for repeat in range(repeats):
                part = fit_rows.at(order[repeat * size : (repeat + 1) * size])
                answers = fitter.answers(part, self.seed + repeat, comparer.rows.frame)
                if answers is None:
                    break
                values.append(comparer.value(answers))
            if values:
                scores = np.array([v.value for v in values])
                out.append(Size(size, scores, np.stack([v.influence for v in values])))
            if fitter.stopped:
                break
        return out

    def _with_curve(self, base: Learning, sizes: list[Size], rows: TrialRows) -> Learning:
        rng = np.random.default_rng([self.seed, *b"doubling"])
        found = value_of_doubling(
            sizes, rng, rising=base.higher_is_better, clusters=rows.clusters, level=self.level
        )
        if found is None:
            why = base.stopped or "a fit"
            return replace(base, reason=f"fewer than four sizes could be fitted: {why}")
        last = float(sizes[-1].rows)
        fine = np.geomspace(sizes[0].rows, 2 * last, 60)
        gain = Estimate(
            "gain_of_doubling", found.value, found.low, found.high, self.level, rows.rows,
            "power law by weighted least squares, parametric bootstrap over rows and fits",
        )  # fmt: skip
        curve = Curve(
            tuple(s.rows for s in sizes),
            tuple(int(s.scores.size) for s in sizes),
            tuple(s.mean for s in sizes),
            found.lows,
            found.highs,
            tuple(_points(fine, found.curve.at(fine))),
            found.curve.ceiling,
            found.curve.rate,
            found.misfit,
        )
        return replace(base, curve=curve, gain=gain)


def _points(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> list[tuple[float, float]]:
    return list(zip(x.tolist(), y.tolist(), strict=True))


def steps_of(rows: int) -> tuple[tuple[int, int], ...]:
    """Return sizes with the number of disjoint fits of each, the smallest first: halves of halves.

    >>> steps_of(1600)
    ((50, 8), (100, 8), (200, 8), (400, 4), (800, 2), (1600, 1))
    """
    out: list[tuple[int, int]] = []
    size = rows
    while size >= LEAST_FITTED and len(out) < MOST_SIZES:
        out.append((size, min(MOST_REPEATS, rows // size)))
        size //= 2
    return tuple(reversed(out))
