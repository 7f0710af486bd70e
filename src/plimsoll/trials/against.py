"""Errors under stress beside those of another model: the same rows, the same faults, two models asked.

Every stress stands at five severities, a fifth of its greatest to all of it. A share costs one call of each
model, a magnitude five. Stresses of one kind are one corruption, whichever columns they hit; of images each
variant is one, as in ImageNet-C.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from plimsoll.core.check import StressOptions
from plimsoll.core.errors import ModelError
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.stress import Stress
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.core.trial import Ask, Desk, Outcome, Trial
from plimsoll.probes.baselines import Baselines, inputs_of
from plimsoll.stats.corruption_error import (
    CorruptionErrors,
    Errors,
    corruption_errors,
    mean_of,
)
from plimsoll.stats.influence import Graded, Value, standard_error
from plimsoll.stats.interval import z_quantile
from plimsoll.stats.row_measures import RowMeasure
from plimsoll.tallies.sample import Sample
from plimsoll.trials.rows import TrialRows, learnt_of, row_needs
from plimsoll.trials.stresses import stresses_for, with_truth

CHAMPION = "champion"
LEVELS = (0.2, 0.4, 0.6, 0.8, 1.0)
"""Severities, as parts of the greatest."""
TRAIN = "train"
METHOD = "influence of rows"


def corruption(stress: Stress) -> Where:
    """Return the corruption that a stress belongs to, as a place: its kind, of images its variant, too."""
    whole_image = len(stress.columns) > 2 and stress.variant
    return Where(stress=stress.kind, variant=stress.variant if whole_image else None)


@dataclass(frozen=True)
class KindErrors:
    """One corruption: its mean error over stresses and severities, of the model and of the baseline.

    ``ratio`` is the corruption error; None where the baseline may make no error at all.
    """

    where: Where
    stresses: int
    own: Estimate
    baseline: Estimate
    ratio: Estimate | None

    @property
    def title(self) -> str:
        """The corruption in words: ``rank noise``, ``glass blur``."""
        return (self.where.variant or self.where.stress or "").replace("_", " ")


@dataclass(frozen=True)
class Against(Outcome):
    """A model's errors under stress against those of the model named ``baseline``.

    ``error`` is what counts as one: ``error_rate`` or ``mean_absolute_error``. ``own`` and ``theirs`` are
    those on clean rows. ``mean`` is the mean corruption error over the kinds that have one, ``relative``
    that of what stress adds, over the ``worsened`` kinds that surely make the baseline worse. ``refused``
    holds the names of stresses under which one of the two did not run, with the reason.
    """

    baseline: str
    error: str = ""
    own: Estimate | None = None
    theirs: Estimate | None = None
    kinds: tuple[KindErrors, ...] = ()
    mean: Estimate | None = None
    relative: Estimate | None = None
    worsened: int = 0
    refused: tuple[tuple[str, str], ...] = ()
    undone: tuple[str, ...] = ()
    stopped: str = ""
    rows_said: str = ""
    reason: str = ""


@dataclass(frozen=True)
class AgainstTrial(Trial):
    """Asks the model and the one that ``options.against`` names about the same stressed rows."""

    subject: Subject
    options: StressOptions
    level: float = 0.95
    seed: int = 0
    full: bool = False

    @property
    def _simple(self) -> Baselines | None:
        """What fits the baseline, where it is a simple model."""
        name = self.options.against
        if name is None or name == CHAMPION:
            return None
        s = self.subject
        return Baselines(s.task, len(s.classes), inputs_of(s), (name,), seed=self.seed)

    def needs(self) -> Mapping[str, Need]:
        """Rows to ask about, rows to learn the stresses from, and rows to fit a simple model on."""
        needs = row_needs(self.subject, self.options.rows)
        return needs if self._simple is None else {**needs, TRAIN: self._simple.needs()[TRAIN]}

    def run(self, tallies: Tallies, desk: Desk) -> Against:
        """See :class:`plimsoll.core.trial.Trial`."""
        name = self.options.against or ""
        rows = TrialRows.take(tallies, self.subject)
        measure = rows.measure(
            "accuracy" if self.subject.is_classification else "mean_absolute_error"
        )
        if measure is None:
            return Against(name, reason="the model's answers hold no decision that could be wrong")
        rival = self._rival(tallies, desk)
        if rival is None:
            return Against(name, reason=f"no row of the reference has a label to fit '{name}' on")
        learnt = learnt_of(tallies, rows, self.options.image)
        stresses, broken = stresses_for(learnt, self.options, desk.own, full=self.full)
        pair = _Pair(rows, measure, desk, rival, self.seed)
        try:
            pair.ask_clean()
        except ModelError as error:
            return Against(
                name, reason=f"on clean rows '{name}' does not answer: {error}".rstrip(".")
            )
        undone: list[str] = []
        refused = list(broken)
        wanted = [s for s in stresses if not s.destroys]
        for i, stress in enumerate(wanted):
            if not desk.goes_on():
                undone = [s.name for s in wanted[i:]]
                break
            desk.tell(f"against {name}: {stress.title}", i, len(wanted))
            try:
                pair.ask(stress)
            except Exception as error:  # one stress that breaks never stops the others
                refused.append((stress.name, str(error)))
        found = _Result(pair, name, self.level)
        mean, relative, worsened = found.means()
        return Against(
            baseline=name,
            error="error_rate" if self.subject.is_classification else measure.name,
            own=found.estimate(pair.clean[0]),
            theirs=found.estimate(pair.clean[1]),
            kinds=tuple(found.kinds()),
            mean=mean,
            relative=relative,
            worsened=worsened,
            refused=tuple(refused),
            undone=tuple(undone),
            stopped=desk.why_stopped(),
            rows_said=rows.said(),
        )

    def _rival(self, tallies: Tallies, desk: Desk) -> Ask | None:
        simple = self._simple
        if simple is None:
            return desk.rival(CHAMPION)
        frame = tallies.take(TRAIN, Sample).frame
        if frame is None or not frame.height:
            return None
        fitted = simple.fit(simple.kinds[0], frame)
        return lambda rows: simple.answers(fitted(rows))


class _Pair:
    """Asks two models about the same rows and keeps their errors by kind of stress.

    ``clean`` and what :meth:`mean` returns are the model's error and the baseline's.
    """

    def __init__(
        self, rows: TrialRows, measure: RowMeasure, desk: Desk, rival: Ask, seed: int
    ) -> None:
        self.rows, self.measure, self.desk, self.seed = rows, measure, desk, seed
        self.asks: tuple[Ask, Ask] = (desk.ask, rival)
        self._sums: dict[Where, tuple[Value, Value]] = {}
        self.stresses: dict[Where, int] = {}

    def ask_clean(self) -> None:
        """Ask the baseline about the rows as they are; the model's answers are those of the scan."""
        self.graded = (self.rows.graded, self.rows.grade(self.asks[1](self.rows.frame)))
        self.clean = tuple(self._error(graded) for graded in self.graded)

    def ask(self, stress: Stress) -> None:
        """Ask both about the rows under a stress at every severity; its errors count once both are there."""
        draws = self.rows.draws(stress.name, self.seed)
        shared = stress.is_share and stress.truth is None
        found: tuple[list[Value], list[Value]] = ([], [])
        for part in LEVELS[-1:] if shared else LEVELS:
            severity = 1.0 if shared else part * stress.top
            frame, target = with_truth(stress, self.rows.frame, self.rows.target, severity, draws)
            for ask, clean, errors in zip(self.asks, self.graded, found, strict=True):
                stressed = self.rows.grade(ask(frame), target)
                errors += (
                    self._shares(stress, clean, stressed) if shared else [self._error(stressed)]
                )
        means, kind = (mean_of(found[0]), mean_of(found[1])), corruption(stress)
        before = self._sums.get(kind)
        self._sums[kind] = (
            means if before is None else (_sum(before[0], means[0]), _sum(before[1], means[1]))
        )
        self.stresses[kind] = self.stresses.get(kind, 0) + 1

    def mean(self, kind: Where) -> tuple[Value, Value]:
        """Return the mean errors over the stresses of a corruption and their severities."""
        own, theirs = self._sums[kind]
        n = self.stresses[kind]
        return Value(own.value / n, own.influence / n), Value(
            theirs.value / n, theirs.influence / n
        )

    def _shares(self, stress: Stress, clean: Graded, stressed: Graded) -> Iterator[Value]:
        mix = self.measure.mix(clean, stressed, self.rows.weights)
        for part in LEVELS:
            share = part * stress.top
            at = share if stress.hit is None else stress.hit(self.rows.frame, share)
            yield self._as_error(mix.at(at))

    def _error(self, graded: Graded) -> Value:
        return self._as_error(self.measure.mix(graded, graded, self.rows.weights).at(0.0))

    def _as_error(self, value: Value) -> Value:
        if not self.measure.higher_is_better:
            return value
        return Value(1.0 - value.value, -value.influence)


class _Result:
    """Makes estimates of what a pair was asked."""

    def __init__(self, pair: _Pair, baseline: str, level: float) -> None:
        self.pair, self.baseline, self.level = pair, baseline, level
        self.clusters = pair.rows.clusters
        self.errors = {kind: pair.mean(kind) for kind in pair.stresses}
        self.with_ratio = [k for k in self.errors if self._of([k]) is not None]

    def kinds(self) -> Iterator[KindErrors]:
        """Return every kind with its errors, the worst beside the baseline first."""
        rows = []
        for kind, errors in self.errors.items():
            alone = self._of([kind])
            ratio = None if alone is None else alone.by_corruption[str(kind)]
            own, theirs = (self.estimate(value) for value in errors)
            rows.append(
                KindErrors(kind, self.pair.stresses[kind], own, theirs, self._at(ratio, kind))
            )
        yield from sorted(
            rows, key=lambda r: (-1.0 if r.ratio is None else -r.ratio.value, r.title)
        )

    def means(self) -> tuple[Estimate | None, Estimate | None, int]:
        """Return mCE, relative mCE, and over how many kinds the latter is taken."""
        found = self._of(self.with_ratio)
        if found is None:
            return None, None, 0
        worsened = [
            k for k in self.with_ratio if (one := self._of([k])) and one.relative is not None
        ]
        added = self._of(worsened)
        relative = None if added is None else added.relative
        return self._at(found.mean), self._at(relative), len(worsened)

    def estimate(self, value: Value) -> Estimate:
        """Return an error with its interval; it is never below 0."""
        reach = z_quantile(self.level) * standard_error(value.influence, self.clusters)
        name = "mean_absolute_error" if not self.pair.measure.higher_is_better else "error_rate"
        low, high = max(value.value - reach, 0.0), value.value + reach
        return Estimate(name, value.value, low, high, self.level, self.pair.rows.rows, METHOD)

    def _of(self, kinds: Sequence[Where]) -> CorruptionErrors | None:
        if not kinds:
            return None
        own, theirs = (
            Errors(name, {str(k): [self.errors[k][i]] for k in kinds}, self.pair.clean[i])
            for i, name in enumerate(("model", self.baseline))
        )
        return corruption_errors(own, theirs, level=self.level, clusters=self.clusters)

    def _at(self, e: Estimate | None, kind: Where | None = None) -> Estimate | None:
        return None if e is None else e.at(replace(kind or Where(), model=self.baseline))


def _sum(one: Value, other: Value) -> Value:
    return Value(one.value + other.value, one.influence + other.influence)
