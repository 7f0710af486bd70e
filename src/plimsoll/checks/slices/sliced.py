"""What checks of slices share: how they ask for counts by slice, and the slices of a finished count.

Not a check. Slices of fewer rows than the settings ask for are pooled, and never shown by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from plimsoll.core.batch import BUCKET, TARGET, WEIGHT, score_column
from plimsoll.core.slicing import Cut, SliceSet
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Side, Tallies
from plimsoll.probes.coding import Coded, Coding, codings, learning_needs
from plimsoll.stats.confusion import ConfusionCounts
from plimsoll.stats.interval import FloatArray
from plimsoll.stats.mean import LossSums
from plimsoll.stats.score_cells import ScoreCells, cells_of
from plimsoll.tallies.shared import clustered, weighted
from plimsoll.tallies.slice_cells import Codes, SliceCells, Within
from plimsoll.tallies.small_rows import SmallRows

FINE_CELLS, COARSE_CELLS, CLUSTERED_CELLS = 1024, 64, 64
"""Score cells in each slice: of few slices, of many, and where they are kept by bucket, too."""
FEW_SLICES = 4_000
"""Slices there can be, from which on score cells are coarse and skewness is not summed."""
ERRORS = ("absolute_error", "squared_error", "error", "absolute_percentage_error")
PROBABILITY_LOSSES = ("log_loss", "brier_score")
DECISIONS, SCORES, ROWS = "decisions", "scores", "rows"

Place = tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class Slice:
    """One slice of one set: what it is in words, its positions in the counts, and its rows."""

    where: Place
    members: npt.NDArray[np.intp]
    rows: int
    pooled: int = 0

    @property
    def name(self) -> str:
        """The slice in words."""
        return ", ".join(f"{column}: {value}" for column, value in self.where)


@dataclass(frozen=True, eq=False)
class Slices:
    """The slices of one set with enough rows. ``left_out`` rows lie in slices too small even together."""

    kind: SliceSet
    position: int
    found: tuple[Slice, ...]
    left_out: int


def cuts_of(sets: Sequence[SliceSet]) -> tuple[Cut, ...]:
    """Return every cut of these sets once."""
    return tuple(dict.fromkeys(cut for one in sets for cut in one.cuts))


def codes_of(sets: Sequence[SliceSet]) -> tuple[Codes, ...]:
    """Return the code columns of each set, as ``SliceCells`` takes them."""
    return tuple(tuple((cut.key, cut.levels) for cut in one.cuts) for one in sets)


def slice_needs(
    subject: Subject, sets: Sequence[SliceSet], side: Side = Side.CURRENT, before: str = ""
) -> dict[str, Need]:
    """Return the counts by slice of everything that a task's measures are made of, by name."""
    if not sets:
        return {}
    probe, codes = Coded(cuts_of(sets)), codes_of(sets)
    many = sum(one.levels for one in sets) > FEW_SLICES
    group, weigh = clustered(subject, side), weighted(subject, side)
    classes = len(subject.classes)
    losses: tuple[str, ...] = PROBABILITY_LOSSES if subject.has_probabilities else ()
    if subject.task is Task.REGRESSION:
        losses = ERRORS
    scored = subject.task is Task.BINARY and subject.has_scores
    decided = subject.is_classification and subject.has_prediction
    cells = SliceCells(
        codes,
        Within.SCORES,
        classes,
        cells=CLUSTERED_CELLS if group else COARSE_CELLS if many else FINE_CELLS,
        unit=subject.has_probabilities,
        threshold=subject.threshold,
        bucketed=group,
        weighted=weigh,
    )
    both = scored and subject.threshold is not None  # one count tells decisions and ranking
    counted = replace(
        cells if both else replace(cells, threshold=None, cells=SliceCells.cells, unit=True),
        within=Within.SCORES if both else Within.DECISIONS if decided else Within.ROWS,
        losses=losses,
        moments=2 if many and not weigh else 3,
    )
    out = {f"{before}{DECISIONS}": Need(counted, side, probe=probe)}
    if scored:
        out[f"{before}{SCORES}"] = Need(counted if both else cells, side, probe=probe)
        takes = [*(cut.key for cut in probe.cuts), TARGET, score_column()]
        takes += [BUCKET] * group + [WEIGHT] * weigh
        out[f"{before}{ROWS}"] = Need(SmallRows(tuple(takes)), side, probe=probe)
    return out | learning_needs(probe.cuts)


def sets_on_reference(subject: Subject, sets: Sequence[SliceSet]) -> tuple[SliceSet, ...]:
    """Return the sets whose columns the reference has, too; a condition is taken to be there."""
    there = set(subject.reference_columns)
    return tuple(
        one for one in sets if all(cut.condition or cut.column in there for cut in one.cuts)
    )


def slices_of(
    sets: Sequence[SliceSet], tallies: Tallies, min_rows: int, name: str = DECISIONS
) -> Iterator[Slices]:
    """Yield the slices of each set, those of fewer than ``min_rows`` rows pooled into one."""
    known = codings(cuts_of(sets), tallies)
    cells = tallies.take(name, SliceCells)
    for i, one in enumerate(sets):
        rows = cells.set_counts(i).sum(axis=(1, 2))
        yield _named(one, i, rows, [known[cut] for cut in one.cuts], min_rows)


def _named(
    kind: SliceSet, position: int, rows: npt.NDArray[np.int64], coded: list[Coding], min_rows: int
) -> Slices:
    shape = tuple(cut.levels for cut in kind.cuts)
    wanted = np.flatnonzero(rows)
    found, small = [], []
    for at in wanted.tolist():
        codes = np.unravel_index(at, shape)
        if kind.cuts[0].condition and len(kind.cuts) == 1 and int(codes[0]) == 0:
            continue  # a named slice is where it holds; the rest is what it is held against
        if rows[at] < min_rows:
            small.append(at)
            continue
        where = tuple(
            (cut.column, _value(one, int(code)))
            for cut, one, code in zip(kind.cuts, coded, codes, strict=True)
        )
        found.append(Slice(where, np.array([at]), int(rows[at])))
    pooled = int(rows[small].sum())
    if len(small) > 1 and pooled >= min_rows:
        text = f"{len(small)} small slices together"
        where = tuple((cut.column, text) for cut in kind.cuts)
        found.append(Slice(where, np.array(small), pooled, len(small)))
        pooled = 0
    return Slices(kind, position, tuple(found), pooled)


def _value(coding: Coding, code: int) -> str:
    if coding.cut.condition:
        return "yes" if code else "no"
    return coding.labels[code]


def confusion_of(
    cells: SliceCells, position: int, members: npt.NDArray[np.intp]
) -> ConfusionCounts:
    """Return the decisions in some slices of a set, taken together."""
    counts, masses = cells.set_decisions(position)
    if masses is None:
        return ConfusionCounts(counts[members].sum(axis=0))
    held = masses[members].sum(axis=0)
    return ConfusionCounts(counts[members].sum(axis=0), held[..., 0], held[..., 1])


def losses_of(
    cells: SliceCells, position: int, members: npt.NDArray[np.intp], loss: str
) -> LossSums:
    """Return the power sums of a loss in some slices of a set, taken together."""
    return LossSums.of_table(cells.set_sums(position, loss)[members].sum(axis=0))


def scores_of(cells: SliceCells, position: int, members: npt.NDArray[np.intp]) -> ScoreCells:
    """Return scores and labels in some slices of a set, in the cells that the scan kept."""
    counts = cells.set_counts(position)[members].sum(axis=0)
    counts = counts.reshape(cells.groups, cells.cells, 2)
    held = counts.sum(axis=(0, 2)) > 0
    weights = squares = None
    masses = cells.set_masses(position)
    if masses is not None:
        m = masses[members].sum(axis=0).reshape(cells.groups, cells.cells, 2, 2)[:, held]
        weights, squares = _labels_first(m[..., 0]), _labels_first(m[..., 1])
    counts = counts[:, held]
    place = np.flatnonzero(held).astype(np.float64)
    if cells.groups == 1:
        weights = None if weights is None else weights[:, 0]
        squares = None if squares is None else squares[:, 0]
        return ScoreCells(place, counts[0, :, 0], counts[0, :, 1], weights, squares)
    return ScoreCells(place, counts[:, :, 0], counts[:, :, 1], weights, squares)


def _labels_first(x: FloatArray) -> FloatArray:
    return np.ascontiguousarray(np.moveaxis(x, -1, 0))


def exact_scores(rows: SmallRows, kind: SliceSet, one: Slice) -> ScoreCells:
    """Return scores and labels of a slice from the rows themselves, one cell a different score."""
    frame = rows.settle().frame
    assert frame is not None
    place = np.zeros(frame.height, np.int64)
    for cut in kind.cuts:
        place = place * cut.levels + frame.get_column(cut.key).to_numpy()
    inside = np.isin(place, one.members)

    def column(name: str) -> FloatArray | None:
        if name not in frame.columns:
            return None
        return frame.get_column(name).to_numpy()[inside].astype(np.float64)

    groups = column(BUCKET)
    if groups is not None:
        groups = np.unique(groups, return_inverse=True)[1].astype(np.float64)
    scores, labels = column(score_column()), column(TARGET)
    assert scores is not None and labels is not None
    return cells_of(
        scores,
        labels,
        weights=column(WEIGHT),
        groups=None if groups is None else groups.astype(np.int64),
    )
