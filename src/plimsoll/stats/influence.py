"""How each row moves a measure: the value and the influence of every row, for any mix of two answers.

A row that is hit by a fault with probability ``p`` counts ``1 - p`` times with its clean answer and ``p``
times with the answer under the fault. A measure ``T`` of that mix has the influence function ``psi``; to
first order its error is the mean of ``psi`` over the rows (von Mises 1947, doi:10.1214/aoms/1177730385;
Hampel 1974, doi:10.1080/01621459.1974.10482962), so

* the standard error is ``sqrt(sum psi^2) / n``, by cluster where rows hang together;
* of two measures on the same rows (clean and stressed) the difference is paired by itself, for its
  influence is the difference of theirs;
* for the area under the ROC curve this is DeLong's variance (doi:10.2307/2531595).

Measures bear scikit-learn's names. A share of nothing (precision where no row is said to be positive) is
taken as 0 with no influence, as scikit-learn does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Graded:
    """Targets and answers for the same rows.

    ``target`` has shape (rows,): class codes or numbers. ``scores`` has shape (rows,) in a binary task,
    (rows, classes) in a multiclass one; ``decided`` shape (rows,). ``classes`` is 0 in a regression.
    """

    target: Floats
    scores: Floats | None
    decided: Floats | None
    classes: int

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.target.size)


@dataclass(frozen=True)
class Value:
    """A measure of some rows, and the influence of every row on it, shape (rows,), of mean 0."""

    value: float
    influence: Floats


class Mix(Protocol):
    """A measure of rows whose answers are a mix of two; made once, asked at many shares."""

    def at(self, share: Floats | float) -> Value:
        """Return the measure where row ``i`` has its second answer with probability ``share[i]``."""


@dataclass(frozen=True)
class MomentsMix:
    """A smooth function of means, such as log loss or R2.

    ``first`` and ``second`` hold what is averaged of each row, shape (rows, k); ``value`` and ``slope``
    are the function of the k means and its gradient.
    """

    first: Floats
    second: Floats
    weights: Floats
    value: Callable[[Floats], float]
    slope: Callable[[Floats], Floats]

    def at(self, share: Floats | float) -> Value:
        """See :class:`Mix`."""
        p = np.asarray(share, dtype=np.float64)
        p = p[:, None] if p.ndim else p
        rows = self.first + p * (self.second - self.first)
        means = self.weights @ rows / self.weights.sum()
        slope = self.slope(means)
        influence = (
            (rows - means) @ slope * (self.weights * (self.weights.size / self.weights.sum()))
        )
        return Value(self.value(means), influence)


@dataclass(frozen=True)
class CellsMix:
    """A function of the confusion table, such as accuracy, precision or the F1 score.

    ``first`` and ``second`` are the cells of each row, ``target * classes + decided``, shape (rows,).
    """

    first: Ints
    second: Ints
    weights: Floats
    classes: int
    value: Callable[[Floats], float]
    slope: Callable[[Floats], Floats]

    def at(self, share: Floats | float) -> Value:
        """See :class:`Mix`."""
        p = np.broadcast_to(np.asarray(share, dtype=np.float64), self.weights.shape)
        cells = self.classes**2
        mass = np.bincount(self.first, self.weights * (1.0 - p), cells)
        mass += np.bincount(self.second, self.weights * p, cells)
        mass = mass / self.weights.sum()
        table = mass.reshape(self.classes, self.classes)
        slope = self.slope(table).ravel()
        own = slope[self.first] + p * (slope[self.second] - slope[self.first])
        scale = self.weights * (self.weights.size / self.weights.sum())
        return Value(self.value(table), (own - float(slope @ mass)) * scale)


@dataclass(frozen=True)
class RankMix:
    """The area under the ROC curve, or average precision, of one class against the rest.

    ``place`` holds the rank of the first and second score of every row among all of them (equal scores
    share one), shape (2, rows); ``positive`` says which rows are of the class.
    """

    place: Ints
    positive: npt.NDArray[np.bool_]
    weights: Floats
    curve: Callable[[Floats, Floats], tuple[float, Floats, Floats]]

    @staticmethod
    def of(
        first: Floats,
        second: Floats,
        positive: npt.NDArray[np.bool_],
        weights: Floats,
        curve: Callable[[Floats, Floats], tuple[float, Floats, Floats]],
    ) -> RankMix:
        """Rank the scores; one sort does where both answers are the same ones."""
        both = first if first is second else np.concatenate([first, second])
        order = np.argsort(both, kind="stable")
        ordered = both[order]
        fresh = np.empty(both.size, dtype=np.int64)
        fresh[order] = np.cumsum(np.concatenate([[0], ordered[1:] != ordered[:-1]]))
        place = np.stack([fresh, fresh]) if first is second else fresh.reshape(2, -1)
        return RankMix(place, positive, weights, curve)

    def at(self, share: Floats | float) -> Value:
        """See :class:`Mix`."""
        p = np.broadcast_to(np.asarray(share, dtype=np.float64), self.weights.shape)
        sides = [side.at(p) for side in self._sides]
        up, down = (_summed(side.place, mass, self._places) for side, mass in sides)
        if up.sum() <= 0 or down.sum() <= 0:
            return Value(0.0, np.zeros(self.weights.size))
        value, *slopes = self.curve(up, down)
        influence = np.empty(self.weights.size)
        for (side, mass), slope in zip(sides, slopes, strict=True):
            own = slope[side.place] * mass
            influence[side.rows] = (own[0] + own[1]) * self.weights.size
        return Value(value, influence)

    @cached_property
    def _places(self) -> int:
        return int(self.place.max(initial=-1)) + 1

    @cached_property
    def _sides(self) -> tuple[_Side, _Side]:
        """The rows of the class, and the rest."""
        found = (np.flatnonzero(self.positive), np.flatnonzero(~self.positive))
        up, down = (
            _Side(rows, np.ascontiguousarray(self.place[:, rows]), self.weights[rows])
            for rows in found
        )
        return up, down


@dataclass(frozen=True)
class _Side:
    """Rows of one side of a ranking: their positions, the ranks of both scores (2, rows), weights."""

    rows: Ints
    place: Ints
    weights: Floats

    def at(self, share: Floats) -> tuple[_Side, Floats]:
        """Return the masses of both scores, shape (2, rows)."""
        p = share[self.rows]
        second = self.weights * p
        return self, np.stack([self.weights - second, second])


def _summed(places: Ints, mass: Floats, size: int) -> Floats:
    out: Floats = np.bincount(places.ravel(), mass.ravel(), size).astype(np.float64)
    return out


def roc_area(up: Floats, down: Floats) -> tuple[float, Floats, Floats]:
    """Return the area under the ROC curve and its derivatives by the mass at each rank.

    ``up`` and ``down`` are the masses of the class and of the rest by rising score.
    """
    total_up, total_down = up.sum(), down.sum()
    below = (np.cumsum(down) - 0.5 * down) / total_down
    above = (total_up - np.cumsum(up) + 0.5 * up) / total_up
    area = float(up @ below / total_up)
    return area, (below - area) / total_up, (above - area) / total_down


def precision_area(up: Floats, down: Floats) -> tuple[float, Floats, Floats]:
    """Return average precision and its derivatives by the mass at each rank; see :func:`roc_area`."""
    total = up.sum()
    found = np.cumsum(up[::-1])[::-1]
    said = found + np.cumsum(down[::-1])[::-1]
    said_safe = np.where(said > 0, said, 1.0)
    precision = found / said_safe
    area = float(up @ precision / total)
    gain = np.cumsum(up * (said - found) / said_safe**2)
    loss = np.cumsum(up * found / said_safe**2)
    return area, (precision + gain - area) / total, -loss / total


@dataclass(frozen=True)
class MeanMix:
    """The plain average of several measures, such as the area of every class against the rest."""

    parts: tuple[Mix, ...]

    def at(self, share: Floats | float) -> Value:
        """See :class:`Mix`."""
        found = [part.at(share) for part in self.parts]
        influence: Floats = np.mean([f.influence for f in found], axis=0)
        return Value(float(np.mean([f.value for f in found])), influence)


def standard_error(influence: Floats, clusters: Ints | None = None) -> float:
    """Return the standard error of a measure from the influence of its rows.

    ``clusters`` are codes from 0 on, shape (rows,), of rows that hang together.
    """
    n = influence.size
    if n < 2:
        return float("inf")
    if clusters is None:
        return float(np.sqrt(influence @ influence / (n * (n - 1.0))))
    sums = np.bincount(clusters, influence)
    groups = sums.size
    if groups < 2:
        return float("inf")
    return float(np.sqrt(sums @ sums * groups / (groups - 1.0)) / n)
