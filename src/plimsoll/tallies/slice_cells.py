"""Joint counts of slice, label and answer for many slices at once: what measures by slice are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from plimsoll.core.batch import (
    BUCKET,
    BUCKETS,
    TARGET,
    WEIGHT,
    Batch,
    prediction_column,
    score_column,
)
from plimsoll.core.tally import Tally, state
from plimsoll.tallies.losses import POWERS, answer_columns, row_loss

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Arrays = tuple[npt.NDArray[Any], ...]
Codes = tuple[tuple[str, int], ...]
"""The code columns whose crossing is one set of slices, each with the most codes it can have."""


class Within(StrEnum):
    """What is counted within each slice, besides the losses."""

    ROWS = "rows"
    DECISIONS = "decisions"
    """True class and decision."""
    PAIRS = "pairs"
    """True class, decision, and decision of the rival ``against``."""
    SCORES = "scores"
    """Cell of the score and label, of a binary task."""


@dataclass(frozen=True)
class SliceCells(Tally):
    """Counts and power sums of losses by slice, for several sets of slices.

    Specification
    -------------
    sets: the sets of slices, each a crossing of code columns (``core/slicing.py``).
    within: what is counted in each slice; ``cells`` is the number of score cells, ``unit`` whether the
    scores lie in [0, 1]. Where decisions are score >= ``threshold``, half of the cells lie below it and half
    above, so that the cells tell the decisions, too.
    classes, model, against: as in the tallies of the whole; with ``against`` the loss is the difference
    between the model and this rival on the same row.
    losses, moments: per-row losses, and up to which power of them sums are kept (2 or 3).
    bucketed, weighted: as in the tallies of the whole.

    State: by set of slices ``counts`` (slices, groups, cells), ``masses`` (slices, groups, cells, 2) with the
    sums of weights and of squared weights, and ``sums`` (slices, groups, losses, 8), see ``POWERS``.
    """

    sets: tuple[Codes, ...]
    within: Within = Within.ROWS
    classes: int = 0
    cells: int = 64
    unit: bool = True
    threshold: float | None = None
    losses: tuple[str, ...] = ()
    moments: int = 3
    model: str = ""
    against: str | None = None
    bucketed: bool = False
    weighted: bool = False
    counts: tuple[Ints, ...] | None = state()
    masses: tuple[Floats, ...] | None = state()
    sums: tuple[Floats, ...] | None = state()

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that are read."""
        names = [column for codes in self.sets for column, _ in codes]
        if self.within in (Within.DECISIONS, Within.PAIRS):
            names += [TARGET, prediction_column(self.model)]
        if self.within is Within.PAIRS:
            names.append(prediction_column(self.against or ""))
        if self.within is Within.SCORES:
            names += [TARGET, score_column(model=self.model)]
        if self.losses:
            names += [TARGET] * any(not name.startswith("answer") for name in self.losses)
            names += [*answer_columns(self.classes, self.model)]
            if self.against is not None:
                names += answer_columns(self.classes, self.against)
        names += [BUCKET] * self.bucketed + [WEIGHT] * self.weighted
        return tuple(dict.fromkeys(names))

    @property
    def groups(self) -> int:
        """Length of the group axis: 64 where bucketed, else 1."""
        return BUCKETS if self.bucketed else 1

    @property
    def width(self) -> int:
        """Number of cells within a slice."""
        k = self.classes
        return {
            Within.ROWS: 1,
            Within.DECISIONS: k * k,
            Within.PAIRS: k * k * k,
            Within.SCORES: 2 * self.cells,
        }[self.within]

    @property
    def slices(self) -> tuple[int, ...]:
        """Number of slices of each set."""
        return tuple(int(np.prod([levels for _, levels in codes])) for codes in self.sets)

    def of(self, batch: Batch) -> SliceCells:
        """Count one batch."""
        codes = {name: batch.codes(name) for name in {c for codes in self.sets for c, _ in codes}}
        inner = self._inner(batch)
        weights = batch.floats(WEIGHT) if self.weighted else None
        terms = [list(self._terms(x, weights)) for x in self._losses(batch)]
        bucket = batch.codes(BUCKET) if self.bucketed else None
        scaled = _Scaled(codes)
        counts, masses, sums = [], [], []
        for crossing, many in zip(self.sets, self.slices, strict=True):
            place = scaled.place(crossing, 1)
            if bucket is not None:
                place = place * BUCKETS + bucket
            size = many * self.groups
            if inner is None:
                cell = place
            elif bucket is None:
                cell = scaled.place(crossing, self.width) + inner
            else:
                cell = place * self.width + inner
            shape = (many, self.groups, self.width)
            counts.append(np.bincount(cell, minlength=size * self.width).reshape(shape))
            if weights is not None:
                both = [np.bincount(cell, w, size * self.width) for w in (weights, weights**2)]
                masses.append(np.stack(both, axis=-1).reshape(*shape, 2).astype(np.float64))
            sums.append(self._summed(place, size, terms, counts[-1]))
        held = tuple(masses) if self.weighted else None
        return replace(self, counts=tuple(counts), masses=held, sums=tuple(sums))

    def merge(self, other: SliceCells) -> SliceCells:
        """Return the counts of both."""
        if self != other:
            raise ValueError("counts by slice of different specification cannot be merged")
        one, two = self.settle(), other.settle()
        return replace(
            self,
            counts=_added(one.counts, two.counts),
            masses=_added(one.masses, two.masses) if self.weighted else None,
            sums=_added(one.sums, two.sums),
        )

    def settle(self) -> SliceCells:
        """Fill an empty tally with zeros."""
        if self.counts is not None:
            return self
        shapes = [(many, self.groups) for many in self.slices]
        return replace(
            self,
            counts=tuple(np.zeros((*shape, self.width), np.int64) for shape in shapes),
            masses=tuple(np.zeros((*shape, self.width, 2)) for shape in shapes)
            if self.weighted
            else None,
            sums=tuple(np.zeros((*shape, len(self.losses), len(POWERS))) for shape in shapes),
        )

    @property
    def decided(self) -> bool:
        """Whether the decisions in each slice are known."""
        return self.within is Within.DECISIONS or (
            self.within is Within.SCORES and self.threshold is not None
        )

    def set_decisions(self, i: int) -> tuple[Ints, Floats | None]:
        """Return rows of one set by true class and decision, (slices, groups, K, K), and the same of
        weights and squared weights with one more axis (2), or None.
        """
        counts, masses = self.set_counts(i), self.set_masses(i)
        if self.within is Within.DECISIONS:
            k = self.classes
            shape = (*counts.shape[:2], k, k)
            return counts.reshape(shape), None if masses is None else masses.reshape(*shape, 2)
        cells = (*counts.shape[:2], 2, self.cells // 2, 2)
        table = np.swapaxes(counts.reshape(cells).sum(axis=3), 2, 3)
        if masses is None:
            return table, None
        return table, np.swapaxes(masses.reshape(*cells, 2).sum(axis=3), 2, 3)

    def set_counts(self, i: int) -> Ints:
        """Rows of one set, shape (slices, groups, cells)."""
        settled = self.settle()
        assert settled.counts is not None
        return settled.counts[i]

    def set_masses(self, i: int) -> Floats | None:
        """Sums of weights and of squared weights of one set, (slices, groups, cells, 2), or None."""
        settled = self.settle()
        return None if settled.masses is None else settled.masses[i]

    def set_sums(self, i: int, loss: str) -> Floats:
        """Power sums of one loss in the slices of one set, shape (slices, groups, 8)."""
        settled = self.settle()
        assert settled.sums is not None
        return settled.sums[i][:, :, self.losses.index(loss)]

    def _inner(self, batch: Batch) -> Ints | None:
        k = self.classes
        if self.within is Within.ROWS:
            return None
        target = batch.codes(TARGET)
        if self.within is Within.SCORES:
            scores = batch.floats(score_column(model=self.model))
            cell = score_cell(scores, self.cells, unit=self.unit, threshold=self.threshold)
            return cell * 2 + target
        place = target * k + batch.codes(prediction_column(self.model))
        if self.within is Within.PAIRS:
            place = place * k + batch.codes(prediction_column(self.against or ""))
        return place

    def _losses(self, batch: Batch) -> Iterator[Floats]:
        for name in self.losses:
            x = row_loss(name, batch, self.classes, self.model)
            if self.against is not None:
                x = x - row_loss(name, batch, self.classes, self.against)
            yield x

    def _terms(self, x: Floats, w: Floats | None) -> Iterator[Floats]:
        """Yield x, x^2, x^3; with weights w, w^2, wx, wx^2, wx^3, w^2 x, w^2 x^2."""
        if w is None:
            yield x
            yield x * x
            if self.moments > 2:
                yield x * x * x
            return
        wx, w2x = w * x, w * w * x
        yield from (w, w * w, wx, wx * x, wx * x * x, w2x, w2x * x)

    def _summed(self, place: Ints, size: int, terms: list[list[Floats]], counts: Ints) -> Floats:
        """Return the power sums in the order of ``POWERS``."""
        out = np.zeros((size, len(self.losses), len(POWERS)))
        n = counts.reshape(size, self.width).sum(axis=1)
        for i, parts in enumerate(terms):
            out[:, i, 0] = n
            if self.weighted:
                for j, part in enumerate(parts):
                    out[:, i, j + 1] = np.bincount(place, part, size)
                continue
            out[:, i, 1] = out[:, i, 2] = n
            for j, part in enumerate(parts):
                out[:, i, 3 + j] = np.bincount(place, part, size)
            out[:, i, 6:8] = out[:, i, 3:5]
        return out.reshape(size // self.groups, self.groups, len(self.losses), len(POWERS))


class _Scaled:
    """Code columns times a step, each made once for all the sets it stands in."""

    def __init__(self, codes: dict[str, Ints]) -> None:
        self._codes = codes
        self._made: dict[tuple[str, int], Ints] = {}

    def place(self, crossing: Codes, step: int) -> Ints:
        """Return the position of every row in the crossing, times ``step``."""
        parts = []
        for name, levels in reversed(crossing):
            parts.append(self._times(name, step))
            step *= levels
        place = parts[0]
        for part in parts[1:]:
            place = place + part
        return place

    def _times(self, name: str, step: int) -> Ints:
        if step == 1:
            return self._codes[name]
        if (name, step) not in self._made:
            self._made[name, step] = self._codes[name] * step
        return self._made[name, step]


def score_cell(scores: Floats, cells: int, *, unit: bool, threshold: float | None = None) -> Ints:
    """Return the cell of each score, 0 .. cells - 1, ascending; the same whatever other scores there are.

    Scores in [0, 1] (``unit``) are cut half by their value and half by their logit, so that scores crowded
    near 0 or 1 are told apart, too. Other scores are cut by their inverse hyperbolic sine. With a
    ``threshold`` the upper half of the cells holds the scores from it on.
    """
    place = _place(scores, unit)
    if threshold is None:
        return np.clip((place * cells).astype(np.int64), 0, cells - 1)
    half = cells // 2
    edge = float(_place(np.array([threshold], np.float64), unit)[0])
    below = np.clip((place * (half / max(edge, 1e-12))).astype(np.int64), 0, half - 1)
    above = (place - edge) * (half / max(1.0 - edge, 1e-12))
    over = half + np.clip(above.astype(np.int64), 0, half - 1)
    return np.where(scores >= threshold, over, below)


def _place(scores: Floats, unit: bool) -> Floats:
    """Return where scores stand between 0 and 1 on the scale that the cells cut evenly."""
    if not unit:
        place: Floats = 0.5 + np.arcsinh(scores * 16.0) / 40.0
        return np.clip(place, 0.0, 1.0)
    with np.errstate(divide="ignore"):
        logit = np.clip(np.log(scores) - np.log1p(-scores), -16.0, 16.0)
    mixed: Floats = 0.5 * scores + 0.5 * (logit + 16.0) / 32.0
    return mixed


def _added(one: Arrays | None, two: Arrays | None) -> Arrays:
    assert one is not None and two is not None
    return tuple(a + b for a, b in zip(one, two, strict=True))
