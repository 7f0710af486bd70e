"""The trial that finds every load line: what is asked, in which order, and when it is enough.

A stress whose severity is a share of rows costs one call: the fault in every row, mixed with the clean
answers at every share. One whose severity is a magnitude is searched for: its top first, and if the limit
breaks there, where the curve so far says it does. See decisions/0006.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from plimsoll.core.check import StressOptions
from plimsoll.core.errors import ModelError
from plimsoll.core.estimate import Where
from plimsoll.core.stress import Draws, Stress
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.core.trial import Desk, Spent, Trial
from plimsoll.probes.stress.learnt import Learnt
from plimsoll.stats.influence import Graded, Mix, Value
from plimsoll.stats.load_line import Crossing, Margin, crossing, search
from plimsoll.stats.retention import mean_retention
from plimsoll.stats.row_measures import title
from plimsoll.trials.contexts import find_contexts, run_contexts
from plimsoll.trials.controls import destroyed, repeated
from plimsoll.trials.judged import Judge, judges
from plimsoll.trials.lines import Curve, Flips, Line, LoadLines, State, line_state
from plimsoll.trials.notice import noticed
from plimsoll.trials.rows import TrialRows, learnt_of, row_needs
from plimsoll.trials.stresses import stresses_for, with_truth
from plimsoll.trials.worst import worst_of

Floats = npt.NDArray[np.float64]
SHARES = (0.01, 0.03, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0)
"""The shares at which a mix is looked at; between them curves are joined by monotone cubics."""
FEW_SHARES = (0.2, 0.5, 0.75, 1.0)
"""Those that do where the limit is kept by far at each of them."""
FAR = 3.0
"""Standard errors that are far."""
CLOSER = 4
"""Times that a crossing over shares is looked at again where it seems to be."""
NEAR = 0.01
"""How near to a crossing the next share must have been looked at, as a part of it."""


@dataclass(frozen=True)
class LoadLineTrial(Trial):
    """Finds the load lines of a model under every stress of the suite.

    ``full`` takes the whole catalogue. ``floor`` is that of drift alarms, for what would be noticed.
    """

    subject: Subject
    options: StressOptions
    level: float = 0.95
    seed: int = 0
    full: bool = False
    floor: float = 0.05

    def needs(self) -> Mapping[str, Need]:
        """Rows to ask about, and rows of the reference to learn from."""
        return row_needs(self.subject, self.options.rows)

    def run(self, tallies: Tallies, desk: Desk) -> LoadLines:
        """See :class:`plimsoll.core.trial.Trial`."""
        start, before = time.perf_counter(), desk.spent
        rows = TrialRows.take(tallies, self.subject)
        found = judges(rows, self.options, self.level)
        if not found:
            return _nothing("the model's answers fit no measure that stress can be judged by", rows)
        if found[0].nothing_to_keep:
            return _nothing(
                f"on the clean rows {title(found[0].measure.name)} is no better than chance, and the policy "
                "sets no limit: there is nothing that stress could take",
                rows,
            )
        learnt = learnt_of(tallies, rows, self.options.image)
        named = find_contexts(self.options.contexts, learnt, desk.own)
        stresses, broken = stresses_for(learnt, self.options, desk.own, full=self.full)
        asker = Asker(rows, found, desk, self.seed)
        controls = repeated(asker.rows, desk)
        if controls is not None:
            controls = destroyed(controls, stresses, asker, found[0])
        stresses = tuple(s for s in stresses if not s.destroys)
        lines: list[Line] = []
        undone: list[str] = []
        for i, stress in enumerate(stresses):
            if not desk.goes_on():
                undone = [s.name for s in stresses[i:]]
                break
            desk.tell(f"stress: {stress.title}", i, len(stresses))
            try:
                line = asker.line(stress)
            except Exception as error:  # one stress that breaks never stops the others
                broken = (*broken, (stress.name, f"{type(error).__name__}: {error}"))
                continue
            if line is None:
                undone.append(stress.name)
            else:
                lines.append(line)
        contexts = run_contexts(named, asker)
        lines = self._noticed(lines, learnt, asker)
        worst, retentions = worst_of(asker.areas, found[0], self.seed)
        return LoadLines(
            judged=tuple(judge.told() for judge in found),
            lines=tuple(lines),
            controls=controls,
            contexts=contexts,
            rows=rows.rows,
            rows_said=rows.said(),
            on_reference=learnt.on_reference,
            undone=tuple(undone),
            stopped=desk.why_stopped(),
            asked=desk.spent.since(before),
            seconds=time.perf_counter() - start,
            worst=worst,
            retentions=retentions,
            broken=broken,
        )

    def _noticed(self, lines: list[Line], learnt: Learnt, asker: Asker) -> list[Line]:
        return [
            replace(line, notice=noticed(line, learnt, asker.rows, self.floor, self.seed))
            if line.state in (State.CROSSES, State.UNSURE)
            else line
            for line in lines
        ]


@dataclass
class Asker:
    """Asks about the rows of a trial under one stress after another.

    ``areas`` keeps, by the name of a stress, the mean retention of the first measure over its severities
    with the influence of every row, for the worst of all.
    """

    rows: TrialRows
    judges: tuple[Judge, ...]
    desk: Desk
    seed: int

    def __post_init__(self) -> None:
        self.areas: dict[str, Value] = {}

    def ask(self, stress: Stress, severity: float, draws: Draws) -> Graded:
        """Return the rows with the answers, and the truth, under a stress at a severity."""
        rows = self.rows
        frame, target = with_truth(stress, rows.frame, rows.target, severity, draws)
        return rows.grade(self.desk.ask(frame), target)

    def line(self, stress: Stress) -> Line | None:
        """Return the load line of one stress; None where it may not go on."""
        before = self.desk.spent.calls
        draws = self.rows.draws(stress.name, self.seed)
        try:
            if stress.is_share and stress.truth is None:
                curves, top = self._shared(stress, draws)
            else:
                got = self._searched(stress, draws)
                if got is None:
                    return None
                curves, top = got
        except ModelError as error:
            if not self.desk.goes_on():
                return None
            return self._refused(stress, str(error), self.desk.spent.calls - before)
        binding = min(range(len(curves)), key=lambda i: curves[i].crossing.order)
        return Line(
            stress,
            curves,
            binding,
            line_state(curves[binding].crossing, stress.top),
            max(self.desk.spent.calls - before, 1),
            exposure=_exposure(stress, self.rows),
            flips=self._flips(top),
        )

    def _shared(self, stress: Stress, draws: Draws) -> tuple[tuple[Curve, ...], Graded]:
        """Return curves over the share of rows that are hit: one call, every share by mixing."""
        stressed = self.ask(stress, 1.0, draws)
        curves = []
        for judge in self.judges:
            mix = judge.mix(stressed)
            seen = {0.0: judge.clean} | self._at(stress, mix, FEW_SHARES)
            if any(m.value - FAR * m.error < 0 for m in _margins(judge, seen)):
                seen |= self._at(stress, mix, tuple(s for s in SHARES if s not in seen))
            found = crossing(_margins(judge, seen), 1.0, level=judge.level, df=judge.df)
            for _ in range(CLOSER):
                more = _unseen(found, tuple(seen))
                if not more:
                    break
                seen |= self._at(stress, mix, more)
                found = crossing(_margins(judge, seen), 1.0, level=judge.level, df=judge.df)
            curves.append(self._curve(stress, judge, seen, found))
        return tuple(curves), stressed

    def _at(self, stress: Stress, mix: Mix, shares: tuple[float, ...]) -> dict[float, Value]:
        """Return the measure at some shares, which costs no call."""
        if stress.hit is None:
            return {share: mix.at(share) for share in shares}
        return {share: mix.at(stress.hit(self.rows.frame, share)) for share in shares}

    def _searched(self, stress: Stress, draws: Draws) -> tuple[tuple[Curve, ...], Graded] | None:
        """Return curves over a magnitude; every severity asked serves every measure."""
        graded: dict[float, Graded] = {}
        values: dict[tuple[str, float], Value] = {}

        def value(judge: Judge, severity: float) -> Value:
            key = (judge.measure.name, severity)
            if key not in values:
                values[key] = _value(judge, graded[severity])
            return values[key]

        def margin(judge: Judge, severity: float) -> Margin | None:
            if severity not in graded:
                if not self.desk.goes_on():
                    return None
                graded[severity] = self.ask(stress, severity, draws)
            return judge.margin(value(judge, severity), severity)

        for judge in self.judges:
            known = [
                m for s in sorted(graded) if (m := margin(judge, s)) is not None and s != stress.top
            ]
            search(
                judge.margin(judge.clean, 0.0),
                lambda s, judge=judge: margin(judge, s),  # type: ignore[misc]
                stress.top,
                level=judge.level,
                df=judge.df,
                known=known,
            )
        if stress.top not in graded:
            return None
        curves = []
        for judge in self.judges:
            seen = {0.0: judge.clean} | {s: value(judge, s) for s in graded}
            margins = _margins(judge, seen)
            found = crossing(margins, stress.top, level=judge.level, df=judge.df, gaps=True)
            curves.append(self._curve(stress, judge, seen, found))
        return tuple(curves), graded[stress.top]

    def _curve(
        self, stress: Stress, judge: Judge, seen: Mapping[float, Value], found: Crossing
    ) -> Curve:
        at = tuple(sorted(seen))
        values = [seen[severity] for severity in at]
        estimates = [judge.estimate(v, Where()) for v in values]
        higher = judge.measure.higher_is_better
        area = mean_retention(at, values, judge.clean, judge.chance, higher=higher)
        if area is not None and judge is self.judges[0]:
            self.areas[stress.name] = area
        return Curve(
            judge.measure.name,
            judge.limit,
            at,
            tuple(e.value for e in estimates),
            tuple(e.low for e in estimates),
            tuple(e.high for e in estimates),
            found,
            None if area is None else area.value,
        )

    def _flips(self, top: Graded) -> Flips | None:
        clean = self.rows.graded
        if clean.classes == 0 or clean.decided is None or top.decided is None:
            return None
        was, is_now = clean.decided == clean.target, top.decided == top.target
        total = self.rows.weights.sum()
        return Flips(
            float(self.rows.weights @ (was & ~is_now) / total),
            float(self.rows.weights @ (~was & is_now) / total),
        )

    def _refused(self, stress: Stress, why: str, calls: int) -> Line:
        judge = self.judges[0]
        e = judge.estimate(judge.clean, Where())
        nothing = Crossing(0.0, 0.0, 0.0, crosses=True, surely=True)
        curve = Curve(
            judge.measure.name, judge.limit, (0.0,), (e.value,), (e.low,), (e.high,), nothing, None
        )  # fmt: skip
        exposure = _exposure(stress, self.rows)
        return Line(stress, (curve,), 0, State.REFUSES, max(calls, 1), exposure, refused=why)


def _margins(judge: Judge, seen: Mapping[float, Value]) -> list[Margin]:
    """Return the margins at all severities seen, in their order."""
    return [judge.margin(seen[severity], severity) for severity in sorted(seen)]


def _unseen(found: Crossing, shares: tuple[float, ...]) -> tuple[float, ...]:
    """Return those of the three crossings near which no share was looked at yet."""
    seen = np.array(shares)
    places = (
        p
        for p in (found.value, found.low, found.high)
        if 0.0 < p < 1.0 and np.min(np.abs(seen - p)) > NEAR * p
    )
    return tuple(dict.fromkeys(places))


def _value(judge: Judge, graded: Graded) -> Value:
    return judge.measure.mix(graded, graded, judge.rows.weights).at(0.0)


def _exposure(stress: Stress, rows: TrialRows) -> float | None:
    if stress.exposure is None:
        return None
    found = stress.exposure(rows.frame)
    return None if found is None or not np.isfinite(found) else float(found)


def _nothing(reason: str, rows: TrialRows) -> LoadLines:
    return LoadLines(
        (), (), None, (), rows.rows, rows.said(), True, (), "", Spent(), 0.0, reason=reason
    )
