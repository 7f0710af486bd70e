"""The subpopulation that the model does worst on: a bound for all of a size, and one that inputs describe.

The model is not asked. The bound is the loss of the rows that turned out worst. For the other, the rows are
cut in two halves; a small model learns on each where the loss is large, and picks the worst of the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from plimsoll.core.check import StressOptions
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.keys import mix as hashed
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.core.trial import Desk, Outcome, Trial
from plimsoll.probes.features import learn as learn_inputs
from plimsoll.stats.conditional_value_at_risk import (
    SHARES,
    conditional_value_at_risk,
    mean_of_worst,
    tail_interval,
    worst_part,
)
from plimsoll.stats.influence import Graded, MomentsMix, Value
from plimsoll.stats.load_line import Crossing, Margin, crossing
from plimsoll.stats.tilt import LEAST, effective_rows, tail_error
from plimsoll.trials.directions import inputs_of
from plimsoll.trials.judged import Judge, judges
from plimsoll.trials.lines import Judged, State, line_state
from plimsoll.trials.population import ONE_GROUP, one_group
from plimsoll.trials.rows import TrialRows, row_needs
from plimsoll.trials.worst_rule import Rule, worst_rule

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
STRESS = "subpopulation"
ANY, DESCRIBED = "any", "described"
LOSSES = ("log_loss", "brier_score", "mean_absolute_error")
POINTS = 15
FEWEST = 400
"""Rows below which nothing is learnt of where the loss is large."""
SMALLEST = 0.1
"""The share of the rows in which the model is held against a constant, if it is 100 rows."""


@dataclass(frozen=True)
class Tail:
    """The loss in the worst ``share`` of the rows: of any such part at most, and of one that inputs pick."""

    share: float
    bound: Estimate
    described: Estimate | None


@dataclass(frozen=True)
class TailLine:
    """The share of the rows that may fall away before the limit on the loss breaks.

    ``kind`` is ``any`` (whichever rows stay) or ``described`` (those that inputs say are worst).
    """

    kind: str
    state: State
    crossing: Crossing
    top: float


@dataclass(frozen=True)
class Worst(Outcome):
    """What the worst subpopulations lose.

    ``gain`` is how much less the model loses than a constant answer in the described worst ``part`` of the
    rows; ``measures`` are those that stress is judged by, there. ``why_not`` says why no subpopulation is
    described.
    """

    loss: Judged | None
    tails: tuple[Tail, ...]
    lines: tuple[TailLine, ...]
    rows: int
    rows_said: str
    part: float = SMALLEST
    gain: Estimate | None = None
    measures: tuple[Estimate, ...] = ()
    judged: tuple[Judged, ...] = ()
    rule: Rule | None = None
    why_not: str = ""
    reason: str = ""


@dataclass(frozen=True)
class SubpopulationTrial(Trial):
    """Finds what the worst subpopulations lose; the model is not asked."""

    subject: Subject
    options: StressOptions
    level: float = 0.95
    seed: int = 0
    min_rows: int = 20

    def needs(self) -> Mapping[str, Need]:
        """Rows with their answers."""
        return row_needs(self.subject, self.options.rows)

    def run(self, tallies: Tallies, desk: Desk) -> Worst:
        """See :class:`plimsoll.core.trial.Trial`."""
        rows = TrialRows.take(tallies, self.subject)
        judge = _loss_judge(rows, self.options, self.level)
        if judge is None:
            return _nothing("a loss that varies needs probabilities, or predicted numbers", rows)
        effective = effective_rows(rows.weights)
        if effective < 2 * LEAST:
            return _nothing(
                f"{rows.rows:,} rows are worth {effective:.0f} of equal weight; half of them must be "
                f"{LEAST:.0f}",
                rows,
            )
        desk.tell("worst subpopulation", 0, 2)
        if one_group(rows):
            return _nothing(ONE_GROUP, rows)
        losses = _losses(judge, rows.graded)
        predicted, fold, why_not = self._predicted(rows, losses)
        desk.tell("worst subpopulation", 1, 2)
        tails = _Tails(judge, losses, predicted, fold, self.level)
        shares = [s for s in SHARES if s * effective >= LEAST]
        found = Worst(
            loss=judge.told(),
            tails=tuple(tails.tail(share) for share in shares),
            lines=tails.lines(LEAST / effective),
            rows=rows.rows,
            rows_said=rows.said(),
            why_not=why_not,
        )
        if predicted is None:
            return found
        part = min((s for s in shares if s >= SMALLEST), default=shares[-1])
        others = judges(rows, self.options, self.level)
        return replace(
            found,
            part=part,
            gain=tails.gain(part),
            measures=tails.measures(part, others),
            judged=tuple(other.told() for other in others),
            rule=worst_rule(rows, losses, fold, self.min_rows, self.level),
        )

    def _predicted(self, rows: TrialRows, losses: Floats) -> tuple[Floats | None, Ints, str]:
        """Return the loss that the other half leads to expect of each row, the halves, or why not."""
        fold = _halves(rows)
        sizes = np.bincount(fold, minlength=2)
        if rows.rows < FEWEST or int(sizes.min()) < FEWEST // 4:
            return None, fold, f"at least {FEWEST} rows are needed, in two halves of whole groups"
        with np.errstate(over="ignore"):  # numbers of 1e200 have no spread that can be written
            columns = learn_inputs(rows.frame, inputs_of(rows.subject))
        if not columns:
            return None, fold, "no input column varies"
        table = np.stack([column.numbers(rows.frame) for column in columns], axis=1)
        categorical = np.array([not column.numeric for column in columns])
        predicted = np.empty(rows.rows)
        for half in (0, 1):
            inside = fold == half
            learnt = _regressor(
                table[~inside], losses[~inside], rows.weights[~inside], categorical, self.seed
            )
            predicted[inside] = learnt(table[inside])
        return predicted, fold, ""


def _loss_judge(rows: TrialRows, options: StressOptions, level: float) -> Judge | None:
    """Return the judge of the loss: one that the policy limits, that of the settings, else the usual one."""
    limited = tuple(limit for limit in options.limits if limit.measure in LOSSES)
    wanted = [options.judge_by] if options.judge_by in LOSSES else []
    for name in (*wanted, *LOSSES):
        if rows.measure(name) is not None:
            found = judges(rows, replace(options, limits=limited, judge_by=name), level)
            return found[0] if found else None
    return None


def _losses(judge: Judge, graded: Graded) -> Floats:
    """Return the loss of every row, shape (rows,)."""
    mix = judge.measure.mix(graded, graded, judge.rows.weights)
    assert isinstance(mix, MomentsMix)
    out: Floats = mix.first[:, 0]
    return out


def _constant(judge: Judge) -> Graded:
    """Return the rows with the best answer that looks at none of them."""
    graded, weights = judge.rows.graded, judge.rows.weights
    if graded.classes == 0:
        order = np.argsort(graded.target, kind="stable")
        upto = np.cumsum(weights[order]) / weights.sum()
        middle = graded.target[order][min(int(np.searchsorted(upto, 0.5)), graded.rows - 1)]
        return Graded(graded.target, None, np.full(graded.rows, middle), 0)
    shares = np.bincount(graded.target.astype(np.int64), weights, graded.classes) / weights.sum()
    assert graded.scores is not None
    single = graded.scores.ndim == 1
    scores = np.full(graded.rows, shares[1]) if single else np.tile(shares, (graded.rows, 1))
    return Graded(graded.target, scores, graded.decided, graded.classes)


def _halves(rows: TrialRows) -> Ints:
    """Return 0 or 1 for every row, by the hash of its key; rows that hang together stay together."""
    clusters = rows.clusters
    key = rows.keys if clusters is None else hashed(clusters.astype(np.uint64) + np.uint64(1))
    return ((key >> np.uint64(7)) & np.uint64(1)).astype(np.int64)


def _regressor(
    table: Floats, losses: Floats, weights: Floats, categorical: npt.NDArray[np.bool_], seed: int
) -> Callable[[Floats], Floats]:
    """Fit a small boosted model of the loss on the inputs."""
    from sklearn.ensemble import HistGradientBoostingRegressor
    from threadpoolctl import ThreadpoolController

    # Small fits: threads would wait for each other, for minutes where the cores are busy.
    alone = ThreadpoolController().wrap(limits=1, user_api="openmp")
    model = HistGradientBoostingRegressor(
        max_iter=60,
        max_leaf_nodes=8,
        learning_rate=0.1,
        min_samples_leaf=30,
        early_stopping=False,
        categorical_features=categorical if bool(categorical.any()) else None,
        random_state=seed,
    )
    alone(model.fit)(table, losses, sample_weight=weights)
    predict = alone(model.predict)
    return lambda rows: np.asarray(predict(rows), np.float64)


@dataclass(frozen=True, eq=False)
class _Tails:
    """Losses by the share of the rows that are left, the worst ones."""

    judge: Judge
    losses: Floats
    predicted: Floats | None
    fold: Ints
    level: float

    def tail(self, share: float) -> Tail:
        """Return the loss of the worst share of the rows."""
        bound = conditional_value_at_risk(self.losses, share, self.judge.rows.weights)
        described = self._described(share)
        return Tail(
            share,
            self._estimate("conditional_value_at_risk", bound, share),
            None if described is None else self._estimate("predicted_worst_loss", described, share),
        )

    def _described(self, share: float, losses: Floats | None = None) -> Value | None:
        if self.predicted is None:
            return None
        of = self.losses if losses is None else losses
        return mean_of_worst(of, self.predicted, share, self.fold, self.judge.rows.weights)

    def _estimate(self, name: str, found: Value, share: float) -> Estimate:
        limits = tail_interval(found, self.judge.rows.clusters, level=self.level)
        low, high = (found.value, found.value) if limits is None else limits
        if name != "worst_gain":
            low = max(low, 0.0)
        return Estimate(
            name,
            found.value,
            min(low, found.value),
            max(high, found.value),
            self.level,
            max(round(share * self.judge.rows.rows), 1),
            "influence function, skew corrected",
            where=Where(metric=self.judge.measure.name, stress=STRESS, severity=1.0 - share),
        )

    def lines(self, least: float) -> tuple[TailLine, ...]:
        """Return how many rows may fall away, whichever they are and as inputs describe them.

        None where the limit is a share of a gain over chance that is not there.
        """
        if self.judge.nothing_to_keep:
            return ()
        shares = np.geomspace(1.0, max(least, 0.01), POINTS)
        weights = self.judge.rows.weights
        found = [
            self._line(
                ANY, shares, lambda s: conditional_value_at_risk(self.losses, float(s), weights)
            )
        ]
        if self.predicted is not None:
            found.append(self._line(DESCRIBED, shares, lambda s: self._described(float(s))))
        return tuple(found)

    def _line(self, kind: str, shares: Floats, value: Callable[[float], Value | None]) -> TailLine:
        judge, margins = self.judge, []
        paired = 0.0 if judge.from_policy else judge.keep * judge.clean.influence
        for share in shares:
            found = value(float(share))
            assert found is not None
            error = tail_error(
                found.influence - paired, judge.rows.clusters, level=judge.level, df=judge.df
            )
            margins.append(
                Margin(1.0 - float(share), judge.sign * (found.value - judge.limit), error)
            )
        top = 1.0 - float(shares[-1])
        crossed = crossing(margins, top, level=judge.level, df=judge.df)
        return TailLine(kind, line_state(crossed, top), crossed, top)

    def gain(self, share: float) -> Estimate:
        """Return how much less the model loses than a constant answer, in the described worst rows."""
        apart = _losses(self.judge, _constant(self.judge)) - self.losses
        found = self._described(share, apart)
        assert found is not None
        return self._estimate("worst_gain", found, share)

    def measures(self, share: float, others: tuple[Judge, ...]) -> tuple[Estimate, ...]:
        """Return the measures that stress is judged by, in the described worst rows."""
        assert self.predicted is not None
        rows = self.judge.rows
        mass = rows.weights * worst_part(self.predicted, share, self.fold, rows.weights)
        held = mass > 0
        classes = np.unique(rows.graded.target[held]).size if rows.graded.classes else 2
        if classes < 2:
            return ()
        found = []
        where = Where(stress=STRESS, severity=1.0 - share, variant=DESCRIBED)
        for judge in others:
            mix = judge.measure.mix(rows.graded, rows.graded, mass)
            e = judge.estimate(mix.at(0.0), where)
            found.append(replace(e, n=int(held.sum())))
        return tuple(found)


def _nothing(reason: str, rows: TrialRows) -> Worst:
    return Worst(None, (), (), rows.rows, rows.said(), reason=reason)
