"""Models fitted on the past and asked about what came after: rolling origins, stale fits, seasons left out.

The rows that are judged are cut into blocks of time. The fit is repeated on all rows before a block and asked
about the block, so no model sees what it is asked about. A fit ages if one on the first block does worse in
the last than one on as many rows just before it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.trial import Answers, Desk
from plimsoll.stats.influence import Graded, Value
from plimsoll.trials.judged import Judge
from plimsoll.trials.refits import FitRows, Fitter
from plimsoll.trials.rows import TrialRows

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
FITS = 13
"""Fits in all: five for the origins, eight for the seasons."""
PART = 0.1
SEASON_ROWS = 200
QUARTERS = ("January to March", "April to June", "July to September", "October to December")
METHOD = "influence function, paired on the same rows"


@dataclass(frozen=True)
class Origin:
    """A model fitted on all rows before a block, in the block; ``own`` is the model judged, there."""

    block: int
    fitted_on: int
    refitted: Estimate
    own: Estimate
    start: str = ""


@dataclass(frozen=True)
class Season:
    """How much better a fit that has seen a season is in it than one that has not, ``lost``.

    ``surely`` says that it is so after correction for the four seasons.
    """

    name: str
    lost: Estimate
    surely: bool


@dataclass
class Rolling:
    """Rows to fit on and to be asked about, with what fits and what grades.

    ``raw`` is the raw target of ``rows``, in their order.
    """

    rows: TrialRows = field(repr=False)
    raw: pl.Series = field(repr=False)
    judge: Judge
    desk: Desk
    seed: int

    def __post_init__(self) -> None:
        self.fitter = Fitter(self.desk, FITS, PART)

    def fit_rows(self, index: Ints) -> FitRows:
        """Return rows to fit on."""
        roles = self.rows.subject.roles
        more = [c for c in (roles.group, roles.time) if c]
        names = list(dict.fromkeys((*roles.features, *more)))
        frame = self.rows.frame.select(c for c in names if c in self.rows.frame.columns)
        whole = frame.with_columns(self.raw.alias(str(roles.target)))
        return FitRows(whole[index], self.rows.target[index], self.rows.rows)

    def asked(self, fit_on: Ints, about: Ints) -> Answers | None:
        """Return the answers of a model fitted on some rows to others; None where that cannot be had."""
        target = self.rows.target[fit_on]
        if self.rows.subject.is_classification and np.unique(target).size < 2:
            self.fitter.stopped = "the past holds rows of one class only"
            return None
        return self.fitter.answers(self.fit_rows(fit_on), self.seed, self.rows.frame[about])

    def value(self, answers: Answers, about: Ints) -> Value | None:
        """Return the measure of answers to some of the rows; None where it means nothing there."""
        rows, measure = self.rows, self.judge.measure
        target = rows.target[about]
        graded = Graded(target, answers.scores, answers.decided, rows.graded.classes)
        probabilities = rows.subject.has_probabilities
        if not measure.fits(graded, probabilities=probabilities):
            return None
        if graded.classes and np.unique(target).size < 2:
            return None
        return measure.mix(graded, graded, rows.weights[about]).at(0.0)

    def own(self, about: Ints) -> Value | None:
        """Return the measure of the model judged in some of the rows."""
        clean = self.rows.clean
        answers = Answers(
            None if clean.scores is None else clean.scores[about],
            None if clean.decided is None else clean.decided[about],
        )
        return self.value(answers, about)

    def inside(self, about: Ints) -> Judge:
        """Return the judge of some of the rows."""
        rows = self.rows
        part = replace(
            rows,
            frame=rows.frame[about],
            keys=rows.keys[about],
            target=rows.target[about],
            weights=rows.weights[about],
        )
        return replace(self.judge, rows=part)

    def better(self, one: Value, two: Value, about: Ints, name: str, where: Where) -> Estimate:
        """Return how much better the first is than the second on the same rows; above 0 it is."""
        judge = self.inside(about)
        value = judge.sign * (one.value - two.value)
        reach = judge.quantile * judge.error(one.influence - two.influence)
        return Estimate(
            name, value, value - reach, value + reach, judge.level, about.size, METHOD, where=where
        )


def rolled(rolling: Rolling, blocks: Ints) -> tuple[tuple[Origin, ...], Estimate | None, str]:
    """Return the origins, how a fit ages, and why there is no more."""
    last = int(blocks.max())
    places = [np.flatnonzero(blocks == b) for b in range(last + 1)]
    origins: list[Origin] = []
    stale = None
    for block in range(1, last + 1):
        past = np.flatnonzero(blocks < block)
        ahead = np.concatenate([places[block], places[last]]) if block == 1 else places[block]
        rolling.desk.tell("fit on the past", block, last + 2)
        answers = rolling.asked(past, ahead)
        if answers is None:
            return tuple(origins), None, rolling.fitter.stopped
        here = places[block]
        origin = _origin(rolling, block, past.size, _head(answers, here.size), here)
        if origin is not None:
            origins.append(origin)
        if block == 1:
            stale = rolling.value(_tail(answers, places[last].size), places[last])
    rolling.desk.tell("fit on the past", last + 1, last + 2)
    newest = rolling.asked(places[last - 1], places[last])
    fresh = None if newest is None else rolling.value(newest, places[last])
    if stale is None or fresh is None:
        return tuple(origins), None, rolling.fitter.stopped
    where = Where(metric=rolling.judge.measure.name, stress="time")
    aged = rolling.better(fresh, stale, places[last], "staleness", where)
    return tuple(origins), aged if np.isfinite(aged.high) else None, ""


def _origin(
    rolling: Rolling, block: int, fitted_on: int, answers: Answers, here: Ints
) -> Origin | None:
    refitted, own = rolling.value(answers, here), rolling.own(here)
    if refitted is None or own is None:
        return None
    judge = rolling.inside(here)
    if not np.isfinite(judge.error(refitted.influence)):
        return None
    where = Where(stress="time", variant=f"fitted on the past {block}")
    return Origin(block, fitted_on, judge.estimate(refitted, where), judge.estimate(own, where))


def _head(answers: Answers, rows: int) -> Answers:
    return Answers(
        None if answers.scores is None else answers.scores[:rows],
        None if answers.decided is None else answers.decided[:rows],
    )


def _tail(answers: Answers, rows: int) -> Answers:
    return Answers(
        None if answers.scores is None else answers.scores[-rows:],
        None if answers.decided is None else answers.decided[-rows:],
    )


def seasons_left_out(rolling: Rolling, seconds: Floats) -> tuple[tuple[Season, ...], str]:
    """Return what a fit loses in a season that it has not seen, and why there is no more.

    Half of the rows of a season, by the hash of their key, are asked about; the other half is what one of
    two fits sees beside all other rows.
    """
    months = pl.Series((seconds * 1e6).astype(np.int64)).cast(pl.Datetime("us")).dt.month()
    quarter = (months.to_numpy().astype(np.int64) - 1) // 3
    if np.bincount(quarter, minlength=4).min() < SEASON_ROWS:
        return (), f"some quarter of the year has fewer than {SEASON_ROWS} rows"
    half = ((rolling.rows.keys >> np.uint64(9)) & np.uint64(1)).astype(np.int64)
    found: list[Season] = []
    for q, name in enumerate(QUARTERS):
        rolling.desk.tell("season left out", q, 4)
        about = np.flatnonzero((quarter == q) & (half == 1))
        values = []
        for seen in (np.flatnonzero((quarter != q) | (half == 0)), np.flatnonzero(quarter != q)):
            answers = rolling.asked(seen, about)
            if answers is None:
                return tuple(found), rolling.fitter.stopped
            values.append(rolling.value(answers, about))
        if values[0] is None or values[1] is None:
            continue
        where = Where(stress="season", variant=name, metric=rolling.judge.measure.name)
        lost = rolling.better(values[0], values[1], about, "season_loss", where)
        if not np.isfinite(lost.high):
            continue
        judge = replace(rolling.inside(about), level=rolling.judge.level**0.25)
        error = judge.error(values[0].influence - values[1].influence)
        found.append(Season(name, lost, lost.value > judge.quantile * error))
    return tuple(found), ""
