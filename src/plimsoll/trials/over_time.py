"""How a measure fares over time: in windows, as a slope, and for models fitted on the past.

Windows hold about as many rows each and rows of one time stay in one window. The answers are those of the
scan; only where the fit can be repeated is a model asked, and that is a new one (see ``trials.rolling``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from plimsoll.core.check import StressOptions
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.core.trial import Desk, Outcome, Trial
from plimsoll.stats.influence import Value
from plimsoll.stats.load_line import Crossing, Margin, crossing
from plimsoll.stats.trend import FEWEST, Trend, trend
from plimsoll.tallies.sample import Sample
from plimsoll.trials.judged import Judge, judges
from plimsoll.trials.lines import Judged, State, line_state
from plimsoll.trials.population import ONE_GROUP, one_group
from plimsoll.trials.rolling import Origin, Rolling, Season, rolled, seasons_left_out
from plimsoll.trials.rows import CURRENT, TrialRows, row_needs
from plimsoll.trials.timed import MONTHS, Timed, codes_of, part, windows_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
STRESS = "time"
LEAST_ROWS = 50
BLOCK_ROWS = 200
TWO_YEARS = 730.0 * 86_400.0
STEPS = 41
ONE_CLASS = frozenset({"accuracy", "log_loss", "brier_score"})
"""Measures that mean something in a window whose rows are all of one class."""


@dataclass(frozen=True)
class Window:
    """One stretch of time, ``start`` to ``end`` in words, with the measure in it; ``middle`` is in units."""

    start: str
    end: str
    middle: float
    estimate: Estimate


@dataclass(frozen=True)
class Course:
    """One measure over the windows.

    ``slope`` is its change per unit of time. ``harm`` is what it loses over the whole time as the line has
    it, with its interval; above 0 is worse. ``floor`` is the loss below which a fall is harmless.
    ``crossing`` is the time from the end on until the line reaches the limit, looked at as far ahead as the
    rows reach back.
    """

    judged: Judged
    windows: tuple[Window, ...]
    slope: Estimate | None = None
    harm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    floor: float = 0.0
    crossing: Crossing | None = None
    state: State = State.UNSURE
    at_end: float = 0.0


@dataclass(frozen=True)
class OverTime(Outcome):
    """The measures over time. ``span`` is the time looked at, in ``unit``.

    ``origins`` are models fitted on all rows before a block and asked about it; ``staleness`` is how much
    better, in the last block, a fit on the rows just before it is than one on as many of the first.
    """

    courses: tuple[Course, ...]
    unit: str
    span: float
    rows: int
    rows_said: str
    origins: tuple[Origin, ...] = ()
    staleness: Estimate | None = None
    stale_by: float = 0.0
    seasons: tuple[Season, ...] = ()
    why_no_refit: str = ""
    why_no_seasons: str = ""
    reason: str = ""


@dataclass(frozen=True)
class OverTimeTrial(Trial):
    """Follows the measures over time, and fits again on the past where that can be done."""

    subject: Subject
    options: StressOptions
    level: float = 0.95
    seed: int = 0
    min_rows: int = 20

    def needs(self) -> Mapping[str, Need]:
        """Rows with their answers and their raw target, for a fit on the past."""
        need = row_needs(self.subject, self.options.rows)[CURRENT]
        sample, target = need.tally, self.subject.roles.target
        assert isinstance(sample, Sample)
        takes = (*sample.takes, *([target] if target is not None else []))
        return {CURRENT: Need(Sample(tuple(dict.fromkeys(takes)), size=sample.size))}

    def run(self, tallies: Tallies, desk: Desk) -> OverTime:
        """See :class:`plimsoll.core.trial.Trial`."""
        timed = Timed.take(tallies, self.subject)
        if isinstance(timed, str):
            return OverTime((), "", 0.0, 0, "", reason=timed)
        why = self._why_not(timed)
        if why:
            return _nothing(why, timed.rows)
        found = judges(timed.rows, self.options, self.level)
        if not found:
            return _nothing("the answers fit no measure that stress can be judged by", timed.rows)
        codes = windows_of(timed.seconds, max(self.min_rows, LEAST_ROWS))
        outcome = OverTime(
            tuple(_course(judge, codes, timed) for judge in found),
            timed.unit,
            timed.span,
            timed.rows.rows,
            timed.rows.said(),
        )
        if desk.refit is None:
            return replace(outcome, why_no_refit=desk.why_no_refit)
        if timed.rows.rows < 5 * BLOCK_ROWS:
            why = f"{5 * BLOCK_ROWS:,} rows are needed to fit on the past"
            return replace(outcome, why_no_refit=why)
        return _refitted(outcome, timed, Rolling(timed.rows, timed.raw, found[0], desk, self.seed))

    def _why_not(self, timed: Timed) -> str:
        rows, least = timed.rows, FEWEST * max(self.min_rows, LEAST_ROWS)
        if rows.rows < least:
            return f"{rows.rows:,} rows have a time; at least {least:,} are needed for {FEWEST} windows"
        if np.unique(timed.seconds).size < FEWEST:
            return f"the time column holds fewer than {FEWEST} different times"
        return ONE_GROUP if one_group(rows) else ""


def _refitted(outcome: OverTime, timed: Timed, rolling: Rolling) -> OverTime:
    """Add what models fitted on the past come to."""
    seconds = timed.seconds
    blocks = codes_of(seconds, 5)
    origins, staleness, why = rolled(rolling, blocks)
    named = tuple(replace(o, start=timed.said(blocks == o.block)[0]) for o in origins)
    middles = [float(np.median(seconds[blocks == b])) for b in (0, max(int(blocks.max()) - 1, 0))]
    seasons: tuple[Season, ...] = ()
    no_seasons = "the time column holds no dates"
    if timed.dated:
        no_seasons = "the rows span less than two years"
        if timed.span * timed.scale >= TWO_YEARS:
            seasons, no_seasons = seasons_left_out(rolling, seconds)
    return replace(
        outcome,
        origins=named,
        staleness=staleness,
        stale_by=(middles[1] - middles[0]) / timed.scale,
        seasons=seasons,
        why_no_refit=why,
        why_no_seasons=no_seasons,
    )


def _course(judge: Judge, codes: Ints, timed: Timed) -> Course:
    windows, errors = [], []
    for code in range(int(codes.max()) + 1):
        index = np.flatnonzero(codes == code)
        value = in_part(judge, index)
        if value is None:
            continue
        rows = part(judge.rows, index)
        inside = replace(judge, rows=rows)
        error = inside.error(value.influence)
        if not np.isfinite(error):
            continue
        ends = timed.said(codes == code)
        estimate = inside.estimate(value, Where(stress=STRESS, window=ends))
        middle = float(np.average(timed.at[index], weights=rows.weights))
        windows.append(Window(*ends, middle, estimate))
        errors.append(error)
    plain = Course(judge.told(), tuple(windows))
    line = trend(
        np.array([w.middle for w in windows]),
        np.array([w.estimate.value for w in windows]),
        np.array([float(w.estimate.n) for w in windows]),
        np.array(errors),
    )
    return plain if line is None else _followed(plain, line, judge, timed.unit, timed.span)


def in_part(judge: Judge, index: Ints) -> Value | None:
    """Return the measure in a part of the rows; None where it means nothing there."""
    rows = part(judge.rows, index)
    graded = rows.graded
    alone = bool(graded.classes) and np.unique(graded.target).size < 2
    if alone and judge.measure.name not in ONE_CLASS:
        return None
    return judge.measure.mix(graded, graded, rows.weights).at(0.0)


def _followed(plain: Course, line: Trend, judge: Judge, unit: str, span: float) -> Course:
    """Add the line: its slope, what is lost over the whole time, and when it reaches the limit."""
    low, high = line.slope_interval(judge.level)
    slope = Estimate(
        "slope",
        line.slope,
        low,
        high,
        judge.level,
        line.windows,
        "line through windows, long-run variance by cosines",
        f"per {'month' if unit == MONTHS else 'whole time'}",
        Where(metric=judge.measure.name, stress=STRESS),
    )
    lost = sorted(-judge.sign * span * end for end in (low, high))
    margins = [
        Margin(
            float(ahead),
            judge.sign * (line.at(span + float(ahead)) - judge.limit),
            line.error(span + float(ahead)),
        )
        for ahead in np.linspace(0.0, span, STEPS)
    ]
    reached = crossing(margins, span, level=judge.level, df=line.df)
    return replace(
        plain,
        slope=slope,
        harm=(-judge.sign * span * line.slope, lost[0], lost[1]),
        floor=(1.0 - judge.keep) * max(judge.gain, 0.0),
        crossing=reached,
        state=line_state(reached, span),
        at_end=line.at(span),
    )


def _nothing(reason: str, rows: TrialRows) -> OverTime:
    return OverTime((), "", 0.0, rows.rows, rows.said(), reason=reason)
