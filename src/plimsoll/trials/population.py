"""How far the population can shift before the model breaks its limit; the model is not asked again.

Every numeric input is tilted until its mean has moved, every frequent category and every label until its
share has, and all numeric inputs together along their first principal component. The rows stay what they
are and only count more or less, so all comes from the answers that the scan had.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.check import StressOptions
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.core.trial import Desk, Outcome, Trial
from plimsoll.probes.stress.learnt import learn
from plimsoll.stats.influence import Mix, standard_error
from plimsoll.stats.interval import z_quantile
from plimsoll.stats.load_line import Crossing, Margin, crossing
from plimsoll.stats.tilt import LEAST, Mixed, effective_rows, tail_error, with_weights
from plimsoll.tallies.sample import Sample
from plimsoll.trials.directions import Direction, directions
from plimsoll.trials.judged import Judge, judges
from plimsoll.trials.lines import Judged, State, line_state
from plimsoll.trials.rows import REFERENCE, TrialRows, row_needs

Floats = npt.NDArray[np.float64]
STEPS = 9
"""Tilts that are looked at on the way to the farthest; three more stand where the limit is crossed."""
ONE_GROUP = "all rows belong to one group, so how much they vary is not known"
NO_GAIN = (
    "the model gains nothing over chance, so there is no gain to keep; set a limit in the policy"
)
RARE = 0.02
"""A category of fewer rows is not taken to become the population."""


@dataclass(frozen=True)
class ShiftLine:
    """How far the population can go in one direction.

    ``today`` is the mean of the column or the share of the rows, ``at`` what it is at the load line, ``span``
    at the two ends of its interval, ``told`` at the farthest shift that leaves 100 effective rows. ``top`` is
    that shift. ``effective`` and ``divergence`` are those at the load line. ``severities``, ``values``,
    ``lows`` and ``highs`` are the curve of the measure that binds.
    """

    where: Where
    title: str
    unit: str
    level: str | None
    metric: str
    limit: float
    state: State
    crossing: Crossing
    top: float
    most: float
    today: float
    at: float
    span: tuple[float, float]
    told: float
    effective: float
    divergence: float
    severities: tuple[float, ...]
    values: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    moved: Estimate | None = None

    @property
    def value(self) -> float:
        """The shift at which the limit is crossed; the farthest that can be told where it is not."""
        return self.crossing.value

    @property
    def high(self) -> float:
        """The far end: where it is not surely crossed, the largest shift that such rows can make."""
        return self.crossing.high if self.crossing.surely else max(self.most, self.crossing.high)


@dataclass(frozen=True)
class Shifts(Outcome):
    """All load lines of the population. ``left_out`` says which directions could not be looked at."""

    judged: tuple[Judged, ...]
    lines: tuple[ShiftLine, ...]
    rows: int
    rows_said: str
    left_out: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class PopulationTrial(Trial):
    """Finds the smallest shift of the population that breaks a limit; the model is not asked."""

    subject: Subject
    options: StressOptions
    level: float = 0.95
    min_rows: int = 20

    def needs(self) -> Mapping[str, Need]:
        """Rows with their answers, and rows of the reference to see how far they have moved since."""
        return row_needs(self.subject, self.options.rows)

    def run(self, tallies: Tallies, desk: Desk) -> Shifts:
        """See :class:`plimsoll.core.trial.Trial`."""
        rows = TrialRows.take(tallies, self.subject)
        found = judges(rows, self.options, self.level)
        if not found:
            return _nothing("the answers fit no measure that stress can be judged by", rows)
        if found[0].nothing_to_keep:
            return _nothing(NO_GAIN, rows)
        effective = effective_rows(rows.weights)
        if effective < LEAST:
            return _nothing(
                f"{rows.rows:,} rows are worth {effective:.0f} of equal weight; a shift needs {LEAST:.0f}",
                rows,
            )
        if one_group(rows):
            return _nothing(ONE_GROUP, rows)
        learnt = learn(rows.frame, self.subject, on_reference=False, image=self.options.image)
        least = max(RARE, self.min_rows / rows.rows)
        ways, left_out = directions(rows, learnt, least)
        before = _reference(tallies)
        follower = Follower(found)
        lines: list[ShiftLine] = []
        for i, way in enumerate(ways):
            if not desk.goes_on():
                left_out = (*left_out, f"{len(ways) - i} directions ({desk.why_stopped()})")
                break
            desk.tell(f"shift: {way.title}", i, len(ways))
            line = follower.follow(way)
            lines.append(replace(line, moved=_moved(way, rows, before, self.level)))
        return Shifts(
            tuple(judge.told() for judge in found), tuple(lines), rows.rows, rows.said(), left_out
        )


def one_group(rows: TrialRows) -> bool:
    """Whether all rows hang together, so that nothing is known of how much they vary."""
    return rows.clusters is not None and int(rows.clusters.max(initial=0)) < 1


# ---------------------------------------------------------------- following one


@dataclass(frozen=True)
class _Point:
    severity: float
    tilt: float
    mixed: Mixed
    margins: tuple[Margin, ...]
    values: tuple[float, ...]
    errors: tuple[float, ...]


class Follower:
    """Follows the measures along one direction after another, as far as 100 effective rows."""

    def __init__(self, found: tuple[Judge, ...]) -> None:
        self.judges = found
        graded = [judge.rows.graded for judge in found]
        self.mixes: tuple[Mix, ...] = tuple(
            judge.measure.mix(g, g, judge.rows.weights)
            for judge, g in zip(found, graded, strict=True)
        )

    def follow(self, way: Direction) -> ShiftLine:
        """Return the load line of one direction."""
        farthest = way.axis.farthest(way.sign, until=way.until)
        points = _apart([self._point(way, t) for t in np.linspace(0.0, farthest, STEPS)])
        for _ in range(2):  # look again where the joined curve says that it is crossed
            binding, found = self._crossed(points)
            points = sorted([*points, *self._between(way, points, found)], key=lambda p: p.severity)
        binding, found = self._crossed(points)
        return self._line(way, points, binding, found)

    def _point(self, way: Direction, tilt: float) -> _Point:
        mixed = way.axis.at(float(tilt))
        severity = abs(mixed.mean - way.axis.mean)
        margins, values, errors = [], [], []
        for judge, mix in zip(self.judges, self.mixes, strict=True):
            plain = with_weights(mix, mixed.weights).at(0.0)
            readings = [way.axis.held(plain, mixed)] + ([] if way.exact else [plain])
            limit = 0.0 if judge.from_policy else judge.keep * judge.clean.influence
            error = max(self._error(judge, v.influence - limit) for v in readings)
            margins.append(Margin(severity, judge.sign * (plain.value - judge.limit), error))
            values.append(plain.value)
            errors.append(max(self._error(judge, v.influence) for v in readings))
        return _Point(severity, float(tilt), mixed, tuple(margins), tuple(values), tuple(errors))

    def _error(self, judge: Judge, influence: Floats) -> float:
        return tail_error(influence, judge.rows.clusters, level=judge.level, df=judge.df)

    def _crossed(self, points: list[_Point]) -> tuple[int, Crossing]:
        """Return the place of the measure whose limit is crossed first, and where."""
        top = points[-1].severity
        found = [
            crossing([p.margins[k] for p in points], top, level=judge.level, df=judge.df)
            for k, judge in enumerate(self.judges)
        ]
        binding = min(range(len(found)), key=lambda k: found[k].order)
        return binding, found[binding]

    def _between(self, way: Direction, points: list[_Point], found: Crossing) -> Iterator[_Point]:
        at = np.array([p.severity for p in points])
        tilts = np.array([p.tilt for p in points])
        for place in dict.fromkeys((found.low, found.value, found.high)):
            if np.abs(at - place).min() > 0.01 * max(at[-1], 1e-12):
                yield self._point(way, float(np.interp(place, at, tilts)))

    def _line(
        self, way: Direction, points: list[_Point], binding: int, found: Crossing
    ) -> ShiftLine:
        judge = self.judges[binding]
        at = np.array([p.severity for p in points])
        tilt = float(np.interp(found.value, at, [p.tilt for p in points]))
        there = way.axis.at(tilt)
        values = tuple(p.values[binding] for p in points)
        ends = [judge.ends(p.values[binding], p.errors[binding]) for p in points]
        top = float(at[-1])
        line = ShiftLine(
            where=way.where(judge.measure.name),
            title=way.title,
            unit=way.unit,
            level=way.level,
            metric=judge.measure.name,
            limit=judge.limit,
            state=line_state(found, top),
            crossing=found,
            top=top,
            most=way.most,
            today=way.own(0.0),
            at=way.own(found.value),
            span=(0.0, 0.0),
            told=way.own(top),
            effective=there.effective,
            divergence=there.divergence,
            severities=tuple(at.tolist()),
            values=values,
            lows=tuple(low for low, _ in ends),
            highs=tuple(high for _, high in ends),
        )
        return replace(line, span=(way.own(found.low), way.own(line.high)))


def _apart(points: list[_Point]) -> list[_Point]:
    """Return the points by rising severity, without those that hardly differ from the one before."""
    ordered = sorted(points, key=lambda p: p.severity)
    least = 1e-6 * max(ordered[-1].severity, 1e-12)
    kept = ordered[:1]
    for point in ordered[1:]:
        if point.severity - kept[-1].severity > least:
            kept.append(point)
    return kept


# ---------------------------------------------------------------- how far it has moved already


def _reference(tallies: Tallies) -> pl.DataFrame | None:
    if REFERENCE not in tallies:
        return None
    frame = tallies.take(REFERENCE, Sample).frame
    return frame if frame is not None and frame.height >= 2 else None


def _moved(
    way: Direction, rows: TrialRows, before: pl.DataFrame | None, level: float
) -> Estimate | None:
    """Return how far today's rows are from the reference in this direction; 0 where they went the other way.

    In the unit of the severity, today's spread being the measure. None without a reference column.
    """
    if before is None or way.column is None or way.column not in before.columns:
        return None
    series = before.get_column(way.column)
    if way.level is not None:
        then = (series.cast(pl.String) == way.level).fill_null(value=False).to_numpy()
        past = then.astype(np.float64)
    else:
        if not series.dtype.is_numeric():
            return None
        past = (series.cast(pl.Float64).fill_null(np.nan).to_numpy() - way.raw[0]) / way.raw[1]
        past = past[np.isfinite(past)]
    if past.size < 2:
        return None
    axis = way.axis
    share = axis.base[axis.there] / axis.base[axis.there].sum()
    apart = np.zeros(rows.rows)
    apart[axis.there] = (axis.z[axis.there] - axis.mean) * share * rows.rows
    here = standard_error(apart, rows.clusters)
    reach = z_quantile(level) * float(np.hypot(here, past.std() / np.sqrt(past.size - 1.0)))
    moved = way.sign * (axis.mean - float(past.mean()))
    if not np.isfinite(moved + reach):
        return None
    return Estimate(
        "exposure",
        max(moved, 0.0),
        max(moved - reach, 0.0),
        max(moved + reach, 0.0),
        level,
        min(rows.rows, past.size),
        "difference of today's mean from the reference's, normal",
        way.unit,
        way.where(),
    )


def _nothing(reason: str, rows: TrialRows) -> Shifts:
    return Shifts((), (), rows.rows, rows.said(), (), reason)
