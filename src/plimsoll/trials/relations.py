"""The trial that asks about changed rows and holds the answers against what must be true of them.

It needs no labels. Every relation costs one call a change; a change that leaves a row as it was says nothing
of it, so only the rows that were changed count.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.batch import TARGET, WEIGHT
from plimsoll.core.check import StressOptions
from plimsoll.core.errors import ModelError
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.relation import Holds, Relation
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Rows, Tallies
from plimsoll.core.trial import Answers, Desk, Trial, answer_columns
from plimsoll.probes.relations import relation_families
from plimsoll.probes.relations.family import Declared
from plimsoll.probes.relations.own import is_relation, own_relation
from plimsoll.probes.stress.learnt import Learnt
from plimsoll.tallies.sample import Sample
from plimsoll.trials.relation_answers import Kept, flips, keep, level_of
from plimsoll.trials.relation_counts import Counts
from plimsoll.trials.relation_results import Answered, Direction, Relations, State, state_of
from plimsoll.trials.rows import CURRENT, TrialRows, learnt_of, row_needs

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
FAR = 0.95
"""The percentile of the size of changes that is told."""
TWICE_ROWS = 5000
"""Rows that are handed over twice in one call."""


@dataclass(frozen=True)
class RelationTrial(Trial):
    """Asks about every relation that the columns, the roles and the owner give.

    Values of fewer than ``least`` rows are never told apart.
    """

    subject: Subject
    options: StressOptions
    level: float = 0.95
    seed: int = 0
    least: int = 20

    def needs(self) -> Mapping[str, Need]:
        """Rows to ask about, labelled or not, and rows of the reference to learn from."""
        needs = row_needs(self.subject, self.options.rows)
        if not self.subject.labelled:
            takes = (*answer_columns(self.subject), *_raw(self.subject))
            needs[CURRENT] = Need(Sample(takes, size=self.options.rows), rows=Rows.ANSWERED)
        return needs

    def run(self, tallies: Tallies, desk: Desk) -> Relations:
        """See :class:`plimsoll.core.trial.Trial`."""
        start, before = time.perf_counter(), desk.spent
        rows = _rows(tallies, self.subject)
        learnt = learnt_of(tallies, rows, self.options.image)
        found, broken = _relations(learnt, self.options, desk, self.least)
        left = [*_unmade(learnt, found, self.options)]
        asker = _Asker(rows, desk, self.level, self.seed, self.least)
        answered: list[Answered] = []
        undone: list[str] = []
        for i, relation in enumerate(found):
            if not desk.goes_on():
                undone = [r.name for r in found[i:]]
                break
            desk.tell(f"relations: {relation.title}", i, len(found))
            try:
                got = asker.answered(relation)
            except Exception as error:  # one relation that breaks never stops the others
                broken.append((relation.name, f"{type(error).__name__}: {error}"))
                continue
            if isinstance(got, Answered):
                answered.append(got)
            elif got:
                left.append((relation.name, got))
            else:
                undone.append(relation.name)
        return Relations(
            tuple(answered),
            tuple(left),
            tuple(undone),
            tuple(broken),
            _unread(self.subject),
            desk.why_stopped(),
            rows.rows,
            rows.said(),
            learnt.on_reference,
            desk.spent.since(before),
            time.perf_counter() - start,
        )


@dataclass(frozen=True)
class _Asker:
    rows: TrialRows
    desk: Desk
    level: float
    seed: int
    least: int

    def answered(self, relation: Relation) -> Answered | str:
        """Return how a relation stands, why it cannot be asked, or nothing where it may not go on."""
        subject = self.rows.subject
        directed = relation.rule in (Holds.HIGHER, Holds.LOWER)
        if directed and level_of(self.rows.clean, subject) is None:
            return "answers of several classes have no higher and lower"
        rows = self.rows.head(TWICE_ROWS) if relation.rule is Holds.TWICE else self.rows
        draws = rows.draws(relation.name, self.seed)
        frames = [ask.change(rows.frame, draws) for ask in relation.asks]
        touched = [_touched(rows.frame, frame, relation) for frame in frames]
        if not any(mask.any() for mask in touched):
            return "it changes nothing in these rows"
        answers: list[Answers] = []
        for frame, mask in zip(frames, touched, strict=True):
            if not self.desk.goes_on():
                return ""
            try:
                answers.append(self.desk.ask(frame) if mask.any() else rows.clean)
            except ModelError as error:
                return self._refused(relation, str(error)) if self.desk.goes_on() else ""
        if relation.rule is Holds.TWICE:
            return self._twice(relation, rows, answers[0])
        return self._judged(relation, rows, frames, answers, touched)

    def _judged(
        self,
        relation: Relation,
        rows: TrialRows,
        frames: list[pl.DataFrame],
        answers: list[Answers],
        touched: list[Mask],
    ) -> Answered | str:
        counts = Counts(rows, self.level)
        among = np.any(touched, axis=0)
        kept = keep(relation, rows.clean, answers, rows.subject)
        found = self._stands(relation, counts, kept, among)
        if isinstance(found, str):
            return found
        directions: tuple[Direction, ...] = ()
        if relation.groups is not None:
            directions = tuple(_directions(relation, counts, frames, answers, self.least))
        shares = []
        for ask, got, mask in zip(relation.asks, answers, touched, strict=True):
            flipped = flips(rows.clean, got, rows.subject)
            if flipped is not None:
                share = counts.share("flips", flipped, mask, _where(relation))
                shares += [(ask.name, share)] if share is not None else []
        return replace(found, flips=tuple(shares), directions=directions)

    def _twice(self, relation: Relation, rows: TrialRows, answers: Answers) -> Answered | str:
        first = _cut(answers, slice(None, rows.rows))
        second = _cut(answers, slice(None, rows.rows - 1 if rows.rows else None, -1))
        kept = keep(relation, first, [second], rows.subject)
        every = np.ones(rows.rows, dtype=bool)
        return self._stands(relation, Counts(rows, self.level), kept, every)

    def _stands(
        self, relation: Relation, counts: Counts, kept: Kept, among: Mask
    ) -> Answered | str:
        where = _where(relation)
        share = counts.share("violations", kept.broken, among, where)
        if share is None:
            return "the rows that it changes have no weight"
        far = counts.percentile("answer_change_p95", kept.size, among, FAR, where)
        return Answered(relation, state_of(share), share, far, float(kept.size[among].max()))

    def _refused(self, relation: Relation, why: str) -> Answered:
        method, rows = "the model did not run", max(self.rows.rows, 1)
        all_of = Estimate("violations", 1.0, 1.0, 1.0, self.level, rows, method)
        return Answered(relation, State.REFUSES, all_of.at(_where(relation)), refused=why)


def _directions(
    relation: Relation,
    counts: Counts,
    frames: Sequence[pl.DataFrame],
    answers: Sequence[Answers],
    least: int,
) -> Iterator[Direction]:
    """Yield what each move from one group to another does; groups of few rows are not told apart."""
    assert relation.groups is not None
    rows, subject = counts.rows, counts.rows.subject
    was = relation.groups(rows.frame)
    moves = [(relation.groups(frame), got) for frame, got in zip(frames, answers, strict=True)]
    clean = level_of(rows.clean, subject)
    names = sorted(set(was.drop_nulls().unique()) | {g for m, _ in moves for g in m.drop_nulls()})
    for source, target in permutations(names, 2):
        where = _where(relation, f"{source} to {target}")
        for now, got in moves:
            among = ((was == source) & (now == target)).fill_null(False).to_numpy()
            if among.sum() < least:
                continue
            level = level_of(got, subject)
            change = gained = lost = None
            if clean is not None and level is not None:
                change = counts.mean("answer_change", level - clean, among, where)
            flipped = flips(rows.clean, got, subject)
            if flipped is not None and len(subject.classes) == 2 and got.decided is not None:
                up = flipped & (got.decided == 1.0)
                gained = counts.share("decisions_gained", up, among, where)
                lost = counts.share("decisions_lost", flipped & ~up, among, where)
            yield Direction(source, target, change, gained, lost)


def _where(relation: Relation, variant: str = "") -> Where:
    found = variant or relation.variant or None
    return Where(column=relation.column, stress=relation.kind, variant=found)


def _touched(before: pl.DataFrame, after: pl.DataFrame, relation: Relation) -> Mask:
    """Return which rows a change has changed, shape (rows,)."""
    out = np.zeros(before.height, dtype=bool)
    if relation.rule is Holds.TWICE:
        return ~out
    for name in relation.columns or before.columns:
        old, new = before.get_column(name), after.get_column(name)
        if new is old or old.dtype.is_nested():
            continue
        if old.dtype != new.dtype:
            old = old.cast(new.dtype, strict=False)
        out |= old.ne_missing(new).to_numpy()
    return out


def _cut(answers: Answers, part: slice) -> Answers:
    scores, decided = answers.scores, answers.decided
    return Answers(
        None if scores is None else scores[part], None if decided is None else decided[part]
    )


def _raw(subject: Subject) -> tuple[str, ...]:
    roles = subject.roles
    weight = (WEIGHT,) if roles.weight is not None else ()
    more = [c for c in (roles.time, roles.group, *roles.sensitive) if c]
    return tuple(dict.fromkeys((*weight, *roles.features, *more)))


def _rows(tallies: Tallies, subject: Subject) -> TrialRows:
    """Read the rows; where they have no target yet, none of it is read."""
    if subject.labelled:
        return TrialRows.take(tallies, subject)
    sample = tallies.take(CURRENT, Sample)
    assert sample.frame is not None
    none = sample.frame.with_columns(pl.lit(np.nan).alias(TARGET))
    return TrialRows.take(Tallies({CURRENT: replace(sample, frame=none)}), subject)


def _relations(
    learnt: Learnt, options: StressOptions, desk: Desk, least: int
) -> tuple[list[Relation], list[tuple[str, str]]]:
    """Return the relations of every family and the user's own, and the kinds that broke, with the reason."""
    declared = Declared(options.increasing, options.decreasing, least)
    found: list[Relation] = []
    broken: list[tuple[str, str]] = []
    for family in relation_families():
        try:
            found += list(family.make(learnt, declared))
        except Exception as error:  # one kind that breaks never stops the others
            broken.append((family.kind, f"{type(error).__name__}: {error}"))
    found += [own_relation(f, name) for name, f in desk.own.items() if is_relation(f)]
    return found, broken


def _unmade(
    learnt: Learnt, found: Sequence[Relation], options: StressOptions
) -> Iterator[tuple[str, str]]:
    """Yield what the owner named and no relation could be made of, with the reason."""
    made = {(r.kind, c) for r in found for c in r.columns}
    roles = learnt.subject.roles
    wanted = [("protected", c) for c in dict.fromkeys(roles.sensitive) if c in roles.features]
    wanted += [("monotone", c) for c in (*options.increasing, *options.decreasing)]
    for kind, name in wanted:
        if (kind, name) not in made:
            what = "values with enough rows" if kind == "protected" else "values"
            yield f"{kind}:{name}", f"{name} has no two {what} in the reference"


def _unread(subject: Subject) -> tuple[str, ...]:
    roles = subject.roles
    return tuple(c for c in dict.fromkeys(roles.sensitive) if c not in roles.features)
