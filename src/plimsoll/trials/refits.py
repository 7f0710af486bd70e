"""Rows to fit on again, and a purse of fits: so many, and so much time, and no more.

What repeats the fit may take seconds or hours, so all trials that refit share two fifths of the budget, or
five minutes where there is none, and each counts its fits. What was not fitted is said.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.batch import TARGET
from plimsoll.core.errors import ModelError
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Side, Tallies
from plimsoll.core.trial import Answers, Ask, Desk
from plimsoll.tallies.sample import Sample
from plimsoll.trials.units import Unit, columns_of, held_at, typical

Floats = npt.NDArray[np.float64]
FIT = "rows to fit on"
FIT_ROWS = 20_000
"""Rows of the reference that fits are repeated on, at most."""
SHARE = 0.4
"""Share of the budget that fits may take, over all trials."""
SECONDS = 300.0
"""What they may take where there is no budget."""
LEAST = 1.0
"""What one fit may take in any case."""


def refit_needs(subject: Subject) -> dict[str, Need]:
    """Return the need for rows of the reference to fit on; empty where it has none with labels."""
    if why_no_rows(subject):
        return {}
    target = subject.roles.target
    assert target is not None
    takes = tuple(dict.fromkeys((TARGET, target, *_raw(subject))))
    return {FIT: Need(Sample(takes, size=FIT_ROWS), side=Side.REFERENCE)}


def why_no_rows(subject: Subject) -> str:
    """Say why there are no rows to fit on; empty where there are."""
    if not subject.has_reference:
        return "no reference was given to fit on"
    if subject.has_profile:
        return "the reference is a profile, which holds no rows to fit on"
    if not subject.reference_labelled:
        return "the reference has no target column to fit on"
    missing = set(subject.roles.features) - set(subject.reference_columns)
    return f"the reference lacks the input '{sorted(missing)[0]}'" if missing else ""


def _raw(subject: Subject) -> tuple[str, ...]:
    roles = subject.roles
    more = [c for c in (roles.group, roles.time) if c and c in subject.reference_columns]
    return tuple(dict.fromkeys((*roles.features, *more)))


@dataclass(frozen=True)
class FitRows:
    """Labelled rows of the reference, in an order that is random and always the same.

    ``frame`` holds the raw features, the raw target, and the columns of group and time where they are
    named; ``target`` the class codes or numbers. ``of`` is how many labelled rows there were.
    """

    frame: pl.DataFrame = field(repr=False)
    target: Floats = field(repr=False)
    of: int

    @staticmethod
    def take(tallies: Tallies, subject: Subject) -> FitRows | None:
        """Read the rows that :func:`refit_needs` asked for."""
        if FIT not in tallies:
            return None
        sample = tallies.take(FIT, Sample)
        if sample.frame is None or not sample.frame.height:
            return None
        target = subject.roles.target
        assert target is not None
        columns = list(dict.fromkeys((*_raw(subject), target)))
        codes = sample.frame.get_column(TARGET).cast(pl.Float64).to_numpy()
        return FitRows(sample.frame.select(columns), codes, sample.rows)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.frame.height

    def head(self, rows: int) -> FitRows:
        """Return the first so many rows."""
        return FitRows(self.frame.head(rows), self.target[:rows], self.of)

    def at(self, index: npt.NDArray[np.int64]) -> FitRows:
        """Return the rows at these places."""
        return FitRows(self.frame[index], self.target[index], self.of)

    def with_labels_of(self, order: npt.NDArray[np.int64], target: str) -> FitRows:
        """Return the rows with the labels of other rows."""
        labels = self.frame.get_column(target)[order]
        return FitRows(self.frame.with_columns(labels.alias(target)), self.target[order], self.of)

    def said(self) -> str:
        """Say how many rows are fitted on."""
        if self.rows >= self.of:
            return f"all {self.of:,} labelled rows of the reference"
        return f"{self.rows:,} of {self.of:,} labelled rows of the reference"


@dataclass
class Fitter:
    """Fits again as long as the purse lasts: at most ``fits`` fits, and ``part`` of the time for all.

    ``stopped`` says why it does not go on; ``done`` and ``seconds`` what was spent.
    """

    desk: Desk
    fits: int
    part: float

    def __post_init__(self) -> None:
        self.done = 0
        self.seconds = 0.0
        self.stopped = "" if self.desk.refit is not None else self.desk.why_no_refit
        budget = self.desk.budget_s
        self.purse = self.part * (SECONDS if budget is None else SHARE * budget)
        self._last = 0.0

    @property
    def possible(self) -> bool:
        """Whether there was anything that repeats the fit."""
        return self.desk.refit is not None

    def goes_on(self) -> bool:
        """Whether another fit may be made."""
        if self.stopped:
            return False
        if not self.desk.goes_on():
            self.stopped = self.desk.why_stopped()
        elif self.done >= self.fits:
            self.stopped = f"{self.fits} fits were made, the most that are"
        elif self.done and self.seconds + self._last > self.purse:
            self.stopped = f"the {self.purse:.0f} s for these fits were used up"
        return not self.stopped

    def fit(self, rows: FitRows, seed: int) -> Ask | None:
        """Return what asks a model fitted on these rows; None where it may not go on, or does not fit."""
        refit = self.desk.refit
        if refit is None or not self.goes_on():
            return None
        start = time.perf_counter()
        try:
            return refit(rows.frame, seed, max(self.purse - self.seconds, LEAST))
        except ModelError as error:
            self.stopped = str(error).removesuffix(".")
            return None
        finally:
            self._last = time.perf_counter() - start
            self.seconds += self._last
            self.done += 1

    def answers(self, rows: FitRows, seed: int, frame: pl.DataFrame) -> Answers | None:
        """Return the answers of a model fitted on these rows to others; None where it may not go on."""
        asks = self.fit(rows, seed)
        if asks is None:
            return None
        try:
            return asks(frame)
        except ModelError as error:
            self.stopped = str(error).removesuffix(".")
            return None


@dataclass
class Retrainer:
    """Answers of the model fitted again without some units; a unit left out is held at one value.

    One value in every row, at the fit and when asked, tells nothing; the column stays, for a pipeline
    that names it. ``asked`` are the rows to answer for.
    """

    units: tuple[Unit, ...]
    fitter: Fitter
    rows: FitRows
    asked: pl.DataFrame = field(repr=False)
    seed: int

    name = "retrained"

    def __post_init__(self) -> None:
        columns = columns_of(self.units, {u.name for u in self.units})
        self._typical: Mapping[str, pl.Series] = typical(self.rows.frame, columns)
        self._known: dict[frozenset[str], Answers] = {}

    def answers(self, kept: frozenset[str]) -> Answers | None:
        """Return the answers for all rows of a model fitted with only these units."""
        if kept not in self._known:
            found = self.seeded(kept, self.seed)
            if found is None:
                return None
            self._known[kept] = found
        return self._known[kept]

    def seeded(self, kept: frozenset[str], seed: int) -> Answers | None:
        """Return the answers of a fit with this seed."""
        dropped = columns_of(self.units, {u.name for u in self.units} - kept)
        cells = {c: self._typical[c] for c in dropped}
        rows = FitRows(held_at(self.rows.frame, cells), self.rows.target, self.rows.of)
        return self.fitter.answers(rows, seed, held_at(self.asked, cells))
