"""The rows that trials ask about, and what they are compared by.

The same rows of the table, those with the smallest hash of their key, serve every trial: with their
targets, the answers that the scan had for them, and the raw columns that the model reads.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.batch import KEY, TARGET, WEIGHT
from plimsoll.core.keys import Keys, hash_column, mix
from plimsoll.core.stress import Draws
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Rows, Side, Tallies
from plimsoll.core.trial import Answers, answer_columns
from plimsoll.probes.stress.learnt import Learnt, learn
from plimsoll.stats.influence import Graded
from plimsoll.stats.row_measures import RowMeasure, main_measure, measure
from plimsoll.tallies.sample import Sample

Floats = npt.NDArray[np.float64]
CURRENT = "rows"
REFERENCE = "rows of the reference"


def row_needs(subject: Subject, rows: int) -> dict[str, Need]:
    """Return the needs of a trial for its rows, and for rows of the reference where there are any."""
    needs = {CURRENT: Need(Sample(_takes(subject), size=rows))}
    there = tuple(c for c in _raw(subject) if c in subject.reference_columns)
    if subject.has_reference and not subject.has_profile and there:
        labels = (TARGET,) if subject.reference_labelled else ()
        kind = Rows.JUDGED if labels and subject.reference_answered else Rows.ALL
        needs[REFERENCE] = Need(
            Sample((*(labels if kind is Rows.JUDGED else ()), *there), size=rows),
            side=Side.REFERENCE,
            rows=kind,
        )
    return needs


def _raw(subject: Subject) -> tuple[str, ...]:
    """Return the raw columns: the inputs, and those by which rows hang together or are compared."""
    roles = subject.roles
    more = [c for c in (roles.time, roles.group, *roles.sensitive) if c]
    return tuple(dict.fromkeys((*roles.features, *more)))


def _takes(subject: Subject) -> tuple[str, ...]:
    weight = (WEIGHT,) if subject.roles.weight is not None else ()
    return (TARGET, *weight, *answer_columns(subject), *_raw(subject))


@dataclass(frozen=True)
class TrialRows:
    """Rows to ask about, as read, with what is known of them; no stress has touched them.

    ``of`` is the number of rows that there were; ``weights`` has shape (rows,).
    """

    frame: pl.DataFrame
    subject: Subject
    keys: Keys = field(repr=False)
    target: Floats = field(repr=False)
    weights: Floats = field(repr=False)
    clean: Answers = field(repr=False)
    of: int

    @staticmethod
    def take(tallies: Tallies, subject: Subject) -> TrialRows:
        """Read the rows that :func:`row_needs` asked for."""
        sample = tallies.take(CURRENT, Sample)
        assert sample.frame is not None
        frame = sample.frame
        key = frame.get_column(KEY).to_numpy()
        weights = (
            frame.get_column(WEIGHT).to_numpy().astype(np.float64)
            if WEIGHT in frame.columns
            else np.ones(frame.height)
        )
        return TrialRows(
            frame=frame.select(_raw(subject)),
            subject=subject,
            keys=_apart(key),
            target=frame.get_column(TARGET).cast(pl.Float64).to_numpy(),
            weights=weights,
            clean=Answers.of(frame, subject),
            of=sample.rows,
        )

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.target.size)

    @cached_property
    def clusters(self) -> npt.NDArray[np.int64] | None:
        """Codes of the groups that rows hang together by, shape (rows,), or None."""
        group = self.subject.roles.group
        if group is None:
            return None
        _, codes = np.unique(hash_column(self.frame.get_column(group)), return_inverse=True)
        return codes.astype(np.int64)

    @cached_property
    def graded(self) -> Graded:
        """The rows with their clean answers."""
        return self.grade(self.clean)

    def grade(self, answers: Answers, target: Floats | None = None) -> Graded:
        """Return the rows with other answers, and other targets where the truth has changed."""
        truth = self.target if target is None else target
        classes = len(self.subject.classes) if self.subject.is_classification else 0
        return Graded(truth, answers.scores, answers.decided, classes)

    def draws(self, name: str, seed: int) -> Draws:
        """Return random numbers that belong to these rows."""
        return Draws(self.keys, seed, name)

    def said(self) -> str:
        """Say how many rows were used, where not all were."""
        if self.rows >= self.of:
            return f"all {self.of:,} rows"
        return f"{self.rows:,} of {self.of:,} rows, chosen by the hash of their key"

    def measure(self, name: str | None) -> RowMeasure | None:
        """Return a measure that these answers can be judged by; the main one of the task for None."""
        found = measure(name if name is not None else main_measure(self.graded))
        if found is None:
            return None
        fits = found.fits(self.graded, probabilities=self.subject.has_probabilities)
        return found if fits else None

    def head(self, rows: int) -> TrialRows:
        """Return the first so many rows; they are no less random than all."""
        if rows >= self.rows:
            return self
        cut = Answers(
            None if self.clean.scores is None else self.clean.scores[:rows],
            None if self.clean.decided is None else self.clean.decided[:rows],
        )
        return replace(
            self,
            frame=self.frame.head(rows),
            keys=self.keys[:rows],
            target=self.target[:rows],
            weights=self.weights[:rows],
            clean=cut,
        )


def learnt_of(
    tallies: Tallies, rows: TrialRows, image: tuple[tuple[str, ...], tuple[int, ...]] | None = None
) -> Learnt:
    """Return what stresses know: learnt on the reference, or on the rows judged where there is none."""
    if REFERENCE in tallies:
        sample = tallies.take(REFERENCE, Sample)
        if sample.frame is not None and sample.frame.height:
            frame = sample.frame.select(c for c in _raw(rows.subject) if c in sample.frame.columns)
            return learn(frame, rows.subject, image=image)
    return learn(rows.frame, rows.subject, on_reference=False, image=image)


def _apart(key: Keys) -> Keys:
    """Return keys that differ even for rows that hold the same; the rows are sorted by key."""
    if not key.size:
        return key
    fresh = np.concatenate([[True], key[1:] != key[:-1]])
    start = np.maximum.accumulate(np.where(fresh, np.arange(key.size), 0))
    nth = (np.arange(key.size) - start).astype(np.uint64)
    return np.where(nth > 0, mix(key + nth), key)
