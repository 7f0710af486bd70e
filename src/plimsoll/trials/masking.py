"""Asks the model as if it did not know some of its inputs.

The inputs left out are given the values that they have together in other rows, drawn from the reference, and
the answers are averaged over draws: what the model would expect to say from the inputs kept (the
interventional expectation of Covert, Lundberg and Lee 2021, https://jmlr.org/papers/v22/20-1316.html). Values
drawn apart from the inputs kept make rows that may never occur; where inputs hang together, refitting tells
another story.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.keys import hash_rows
from plimsoll.core.stress import Draws
from plimsoll.core.subject import Task
from plimsoll.core.trial import Answers, Desk
from plimsoll.trials.rows import TrialRows
from plimsoll.trials.units import Unit, columns_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
FEWEST_DRAWS, MOST_DRAWS = 1, 6
"""Draws where little is left out, and where all but one input is."""
BACKGROUND = 64
"""Draws a distinct row, where the inputs kept hold few distinct rows."""
FEW_DISTINCT = 160
LEVELS = 64
"""Quantiles at which a single column of many numbers is looked at."""
STACK = 40_000
"""Rows asked about in one call."""


@dataclass
class Masker:
    """Answers of the model with some units masked; the same draws for the same rows, whatever is masked.

    ``pool`` are rows to draw from. ``generous`` multiplies the draws, where rows are few and calls cheap.
    ``answers`` returns None where it may not go on.
    """

    rows: TrialRows
    units: tuple[Unit, ...]
    pool: pl.DataFrame = field(repr=False)
    desk: Desk
    seed: int
    generous: int = 1

    name = "masked"

    def __post_init__(self) -> None:
        schema = {c: d for c, d in self.rows.frame.schema.items() if c in self.pool.columns}
        self.pool = self.pool.select(pl.col(c).cast(d, strict=False) for c, d in schema.items())
        self._draws = Draws(self.rows.keys, self.seed, "masking")
        self._known: dict[frozenset[str], Answers] = {}
        self._averager = _Averager(self.rows)

    def answers(self, kept: frozenset[str]) -> Answers | None:
        """Return the answers for all rows with only these units known."""
        if len(kept) == len(self.units):
            return self.rows.clean
        if kept not in self._known:
            if not self.desk.goes_on():
                return None
            self._known[kept] = self._asked(kept)
        return self._known[kept]

    def draws_for(self, kept: frozenset[str]) -> int:
        """Return how many draws are averaged: the more is left out, the more."""
        out = 1.0 - len(kept) / len(self.units)
        few = round(FEWEST_DRAWS + (MOST_DRAWS - FEWEST_DRAWS) * out)
        return min(BACKGROUND, few * self.generous)

    def _asked(self, kept: frozenset[str]) -> Answers:
        dropped = columns_of(self.units, {u.name for u in self.units} - kept)
        columns = columns_of(self.units, kept)
        draws = self.draws_for(kept)
        first, place = self._distinct(columns)
        if first.size * BACKGROUND < self.rows.rows * draws:
            found = self._grid(dropped, first)
            return Answers(
                None if found.scores is None else found.scores[place],
                None if found.decided is None else found.decided[place],
            )
        indices = [self._draws.whole(self.pool.height, f"draw {i}") for i in range(draws)]
        return self._averaged(self.rows.frame, dropped, indices)

    def _grid(self, dropped: tuple[str, ...], first: Ints) -> Answers:
        """Ask about every distinct row of what is kept, with the same draws of the rest."""
        frame = self.rows.frame[first]
        rng = np.random.default_rng([self.seed, *b"background"])
        drawn = rng.integers(0, self.pool.height, BACKGROUND)
        return self._averaged(frame, dropped, [np.full(first.size, i) for i in drawn])

    def _averaged(
        self, frame: pl.DataFrame, dropped: tuple[str, ...], indices: list[Ints]
    ) -> Answers:
        at_once = max(1, STACK // max(frame.height, 1))
        found: list[Answers] = []
        for start in range(0, len(indices), at_once):
            part = indices[start : start + at_once]
            stack = pl.concat([frame] * len(part)) if len(part) > 1 else frame
            fresh = self.pool.select(dropped)[np.concatenate(part)]
            found.append(self.desk.ask(stack.with_columns(fresh.get_columns())))
        return self._averager.average(_stacked(found, len(indices)))

    def _distinct(self, columns: tuple[str, ...]) -> tuple[Ints, Ints]:
        """Return a row for every distinct row of some columns, and for every row the place of its own.

        A single column of many numbers is cut at its quantiles.
        """
        keys = hash_rows(self.rows.frame, columns)
        _, first, place = np.unique(keys, return_index=True, return_inverse=True)
        single = len(columns) == 1 and self.rows.frame.schema[columns[0]].is_numeric()
        if first.size <= FEW_DISTINCT or not single:
            return first, place
        values = (
            self.rows.frame.get_column(columns[0]).cast(pl.Float64).fill_null(np.nan).to_numpy()
        )
        order = np.argsort(values, kind="stable")
        held = int((~np.isnan(values)).sum())
        code = np.full(values.size, LEVELS)
        code[order[:held]] = np.arange(held) * LEVELS // max(held, 1)
        inside = [order[:held][code[order[:held]] == level] for level in range(LEVELS)]
        middle = [part[part.size // 2] for part in inside if part.size]
        there = [level for level, part in enumerate(inside) if part.size]
        if held < values.size:
            middle.append(order[held])
            there.append(LEVELS)
        return np.array(middle), np.searchsorted(np.array(there), code)


def _stacked(parts: list[Answers], draws: int) -> Answers:
    """Return answers with the draws as first axis."""
    scores = [p.scores for p in parts if p.scores is not None]
    decided = [p.decided for p in parts if p.decided is not None]

    def shaped(held: list[Floats]) -> Floats | None:
        if not held:
            return None
        whole: Floats = np.concatenate(held)
        shape = (draws, whole.shape[0] // draws, *whole.shape[1:])
        return np.reshape(whole, shape).astype(np.float64)

    return Answers(shaped(scores), shaped(decided))


@dataclass(frozen=True)
class _Averager:
    """Averages answers over draws: scores by their mean, decisions as the model makes them of scores.

    Where its decisions do not follow from its scores, or it gives none, the draws vote.
    """

    rows: TrialRows

    def average(self, stacked: Answers) -> Answers:
        """Return one answer a row."""
        scores = None if stacked.scores is None else stacked.scores.mean(axis=0)
        if stacked.decided is None:
            return Answers(scores, None)
        subject = self.rows.subject
        if subject.task is Task.REGRESSION:
            return Answers(scores, stacked.decided.mean(axis=0))
        followed = _decided(scores, self.rows) if self._follows() else None
        if followed is None:
            votes = np.stack(
                [(stacked.decided == c).sum(axis=0) for c in range(len(subject.classes))]
            )
            followed = votes.argmax(axis=0).astype(np.float64)
        return Answers(scores, followed)

    def _follows(self) -> bool:
        clean = self.rows.clean
        made = _decided(clean.scores, self.rows)
        return (
            made is not None and clean.decided is not None and bool((made == clean.decided).all())
        )


def _decided(scores: Floats | None, rows: TrialRows) -> Floats | None:
    if scores is None:
        return None
    if scores.ndim == 2:
        best: Floats = scores.argmax(axis=1).astype(np.float64)
        return best
    threshold = rows.subject.threshold
    if threshold is None:
        return None
    over: Floats = (scores >= threshold).astype(np.float64)
    return over
