"""An experiment on a model: rows are changed and the model is asked again, until a question is settled.

A scan reads every row once; a trial asks about the same rows many times, and what it asks next depends
on what came back. It is a value like a need: frozen and hashable, so that equal trials of several checks
are run once. It needs tallies (samples of rows) and a desk at which the model can be asked.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.batch import PREDICTION, score_column
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Tallies

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Answers:
    """What a model answered for some rows, coded as in the scan.

    ``scores`` has shape (rows,) in a binary task (of the positive class), (rows, classes) in a
    multiclass one, and is None where the model gives none. ``decided`` has shape (rows,): class codes
    as floats, or predicted numbers in a regression; None where there are only scores that order.
    """

    scores: Floats | None = None
    decided: Floats | None = None

    @staticmethod
    def of(frame: pl.DataFrame, subject: Subject) -> Answers:
        """Read the answers from the ``@`` columns of a scan."""
        scores = None
        if score_column() in frame.columns and subject.task is Task.BINARY:
            scores = _floats(frame, score_column())
        elif score_column(0) in frame.columns:
            names = [score_column(code) for code in range(len(subject.classes))]
            scores = np.stack([_floats(frame, name) for name in names], axis=1)
        decided = _floats(frame, PREDICTION) if PREDICTION in frame.columns else None
        return Answers(scores, decided)

    @property
    def rows(self) -> int:
        """Number of rows answered."""
        held = self.decided if self.decided is not None else self.scores
        return 0 if held is None else int(held.shape[0])

    def same_as(self, other: Answers, tolerance: float = 0.0) -> npt.NDArray[np.bool_]:
        """Return which rows got the same answer, shape (rows,)."""
        same = np.ones(self.rows, dtype=bool)
        for mine, theirs in ((self.scores, other.scores), (self.decided, other.decided)):
            if mine is not None and theirs is not None:
                close = np.abs(mine - theirs) <= tolerance
                same &= close if close.ndim == 1 else close.all(axis=1)
        return same


def answer_columns(subject: Subject) -> tuple[str, ...]:
    """Return the ``@`` columns that hold the answers of the model judged."""
    columns: tuple[str, ...] = ()
    if subject.has_scores:
        codes = range(len(subject.classes)) if subject.task is Task.MULTICLASS else (None,)
        columns = tuple(score_column(code) for code in codes)
    return (*columns, PREDICTION) if subject.has_prediction else columns


def _floats(frame: pl.DataFrame, column: str) -> Floats:
    out: Floats = frame.get_column(column).cast(pl.Float64).to_numpy()
    return out


@dataclass(frozen=True, slots=True)
class Spent:
    """What the model was asked: calls, rows, and the seconds that it took to answer."""

    calls: int = 0
    rows: int = 0
    seconds: float = 0.0

    def since(self, before: Spent) -> Spent:
        """Return what was asked after ``before``."""
        return Spent(
            self.calls - before.calls, self.rows - before.rows, self.seconds - before.seconds
        )


Ask = Callable[[pl.DataFrame], Answers]
"""Rows that hold the feature columns to what a model answers for them."""


class Refit(Protocol):
    """Fits the model again from scratch on other rows."""

    def __call__(self, frame: pl.DataFrame, seed: int, within_s: float) -> Ask:
        """Return what asks the refitted model; ``frame`` holds the features and the raw target column.

        Raises
        ------
        ModelError
            If the fit raises, or does not end within these seconds; then none is begun again.
        """


Found = TypeVar("Found")
EXPERIMENT = "@experiment"
"""The reference under which a desk holds the user's whole experiment: raw rows to one score."""


class Desk(Protocol):
    """Where a trial asks the model, and learns whether there is time left.

    ``own`` are stresses, relations and other functions of the user by the reference they were named by.
    ``refit`` is None where the fit cannot be repeated, and ``why_no_refit`` says why.
    """

    @property
    def subject(self) -> Subject:
        """What is judged."""

    @property
    def own(self) -> Mapping[str, Callable[..., object]]:
        """Functions of the user by their reference."""

    @property
    def refit(self) -> Refit | None:
        """What repeats the fit."""

    def run(self, work: Callable[[], Found], within_s: float, what: str) -> Found:
        """Do long work of the user, such as an experiment of ``what`` kind, and return what it returns.

        Raises
        ------
        ModelError
            If it does not end within these seconds, or somebody stops it; then it is left behind.
        """

    def rival(self, name: str) -> Ask | None:
        """Return what asks another model of the run, such as the champion; None where it cannot be asked."""

    @property
    def why_no_refit(self) -> str:
        """Why the fit cannot be repeated, as a sentence without a full stop."""

    @property
    def spent(self) -> Spent:
        """What was asked so far, over all trials."""

    @property
    def budget_s(self) -> float | None:
        """Seconds for all trials together; None where there is no bound."""

    def ask(self, frame: pl.DataFrame) -> Answers:
        """Ask the model about rows that hold its feature columns.

        Raises
        ------
        ModelError
            If it raises, answers with NaN or with the wrong shape, or does not answer in time.
        """

    def goes_on(self) -> bool:
        """Whether there is time left and nobody has stopped the run; to be looked at between calls."""

    def why_stopped(self) -> str:
        """Say why it does not go on; empty while it does."""

    def tell(self, what: str, done: int, of: int) -> None:
        """Show how far the trial is."""


class Outcome:
    """What a trial found, a frozen dataclass; checks read it and nothing else."""


@dataclass(frozen=True)
class Trial(ABC):
    """One experiment, as a value; see the module."""

    @abstractmethod
    def needs(self) -> Mapping[str, Need]:
        """Tallies to have first."""

    @abstractmethod
    def run(self, tallies: Tallies, desk: Desk) -> Outcome:
        """Ask until the question is settled, the time is up or somebody stops it; say what was found."""
