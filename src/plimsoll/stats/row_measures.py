"""The measures that stress is judged by, under scikit-learn's names: how to mix, and what chance is.

*Chance* is what can be had without looking at a row: the better of what matters for the measure, a constant
answer (accuracy, losses, R2) or the same answers dealt to the rows at random (precision, recall, F1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from plimsoll.stats.influence import (
    CellsMix,
    Graded,
    MeanMix,
    Mix,
    MomentsMix,
    RankMix,
    precision_area,
    roc_area,
)

Floats = npt.NDArray[np.float64]
SMALLEST = 1e-15
"""Probabilities are kept this far from 0 and 1 in the log loss, as in scikit-learn."""
MOST_CLASSES = 60


@dataclass(frozen=True)
class RowMeasure:
    """One measure: which way is better, and whether it needs scores, probabilities or decisions."""

    name: str
    higher_is_better: bool
    needs: str
    mix: Callable[[Graded, Graded, Floats], Mix]
    chance: Callable[[Graded, Floats], float]

    @property
    def title(self) -> str:
        """The measure as people write it: ``ROC AUC``, ``log loss``."""
        return title(self.name)

    def fits(self, graded: Graded, *, probabilities: bool) -> bool:
        """Whether these answers have what it needs."""
        if (graded.classes == 0) != (self.needs == "numbers"):
            return False
        if self.needs == "decisions":
            return graded.decided is not None and graded.classes <= MOST_CLASSES
        if self.needs == "binary decisions":
            return graded.decided is not None and graded.classes == 2
        if self.needs in ("scores", "binary scores"):
            single = graded.scores is not None and graded.scores.ndim == 1
            return single or (self.needs == "scores" and graded.scores is not None)
        return (
            graded.scores is not None and probabilities if self.needs == "probabilities" else True
        )


_TITLES = {
    "roc_auc": "ROC AUC",
    "f1": "F1",
    "r2": "R²",
    "brier_score": "Brier score",
    "matthews_corrcoef": "Matthews correlation",
}


def title(name: str) -> str:
    """Return the name of a measure as people write it.

    >>> title("roc_auc"), title("log_loss")
    ('ROC AUC', 'log loss')
    """
    return _TITLES.get(name, name.replace("_", " "))


def measure(name: str) -> RowMeasure | None:
    """Return a measure by its name, or None where stress cannot be judged by it."""
    return MEASURES.get(name)


# ---------------------------------------------------------------- decisions


def _cells(graded: Graded) -> npt.NDArray[np.int64]:
    assert graded.decided is not None
    return (graded.target * graded.classes + graded.decided).astype(np.int64)


Linear = Callable[[int], list[tuple[Floats, Floats]]]


def _ratios(name: str, parts: Linear, *, better: bool = True, binary: bool = False) -> RowMeasure:
    """Return the average of ratios of sums of the confusion table; ``parts`` gives their masks."""

    def value_of(table: Floats) -> float:
        masks = parts(table.shape[0])
        held = [v for v in (_ratio(a, b, table) for a, b in masks) if v is not None]
        return float(np.sum(held) / max(len(held) if name in _OVER_HELD else len(masks), 1))

    def slope(table: Floats) -> Floats:
        out = np.zeros_like(table)
        masks = parts(table.shape[0])
        held = 0
        for a, b in masks:
            below = float((b * table).sum())
            if below > 0:
                out += (a - float((a * table).sum()) / below * b) / below
                held += 1
        return out / max(held if name in _OVER_HELD else len(masks), 1)

    def mix(first: Graded, second: Graded, weights: Floats) -> Mix:
        return CellsMix(_cells(first), _cells(second), weights, first.classes, value_of, slope)

    def chance(graded: Graded, weights: Floats) -> float:
        table = _table(graded, weights)
        if name == "accuracy":
            return float(table.sum(axis=1).max())
        if name == "balanced_accuracy":
            return 1.0 / max(int((table.sum(axis=1) > 0).sum()), 1)
        return value_of(np.outer(table.sum(axis=1), table.sum(axis=0)))

    return RowMeasure(name, better, "binary decisions" if binary else "decisions", mix, chance)


_OVER_HELD = {"balanced_accuracy", "recall"}
"""Averages over the classes that there are: a class without rows has no recall."""


def _ratio(a: Floats, b: Floats, table: Floats) -> float | None:
    below = float((b * table).sum())
    return float((a * table).sum()) / below if below > 0 else None


def _table(graded: Graded, weights: Floats) -> Floats:
    k = graded.classes
    table: Floats = np.bincount(_cells(graded), weights, k * k) / weights.sum()
    return table.reshape(k, k)


def _classes(k: int) -> range:
    return range(1, 2) if k == 2 else range(k)


def _of_class(k: int, c: int) -> tuple[Floats, Floats, Floats]:
    """Return the masks of hits, of rows of the class, and of rows said to be of it."""
    hit, row, column = np.zeros((3, k, k))
    hit[c, c], row[c, :], column[:, c] = 1.0, 1.0, 1.0
    return hit, row, column


def _accuracy(k: int) -> list[tuple[Floats, Floats]]:
    return [(np.eye(k), np.ones((k, k)))]


def _recalls(k: int) -> list[tuple[Floats, Floats]]:
    return [(hit, row) for hit, row, _ in (_of_class(k, c) for c in _classes(k))]


def _all_recalls(k: int) -> list[tuple[Floats, Floats]]:
    return [(hit, row) for hit, row, _ in (_of_class(k, c) for c in range(k))]


def _precisions(k: int) -> list[tuple[Floats, Floats]]:
    return [(hit, column) for hit, _, column in (_of_class(k, c) for c in _classes(k))]


def _f1s(k: int) -> list[tuple[Floats, Floats]]:
    return [(2 * hit, row + column) for hit, row, column in (_of_class(k, c) for c in _classes(k))]


def _mask(*cells: tuple[int, int]) -> Floats:
    out = np.zeros((2, 2))
    for cell in cells:
        out[cell] = 1.0
    return out


_NEGATIVE, _POSITIVE = _mask((0, 0), (0, 1)), _mask((1, 0), (1, 1))


def _single(above: Floats, below: Floats) -> Linear:
    return lambda _: [(above, below)]


def _matthews(table: Floats) -> float:
    right, rows, columns = np.trace(table), table.sum(axis=1), table.sum(axis=0)
    below = (1.0 - columns @ columns) * (1.0 - rows @ rows)
    return float((right - rows @ columns) / np.sqrt(below)) if below > 0 else 0.0


def _matthews_slope(table: Floats) -> Floats:
    right, rows, columns = np.trace(table), table.sum(axis=1), table.sum(axis=0)
    a, b = 1.0 - columns @ columns, 1.0 - rows @ rows
    if a <= 0 or b <= 0:
        return np.zeros_like(table)
    # The total mass is 1 and stays 1, so the slope is taken along masses that sum to nothing.
    top = right - rows @ columns
    d_top = np.eye(table.shape[0]) - columns[:, None] - rows[None, :]
    d_below = -2.0 * (columns[None, :] * b + rows[:, None] * a)
    out: Floats = d_top / np.sqrt(a * b) - 0.5 * top * d_below / (a * b) ** 1.5
    return out


def _matthews_measure() -> RowMeasure:
    def mix(first: Graded, second: Graded, weights: Floats) -> Mix:
        cells = (_cells(first), _cells(second))
        return CellsMix(*cells, weights, first.classes, _matthews, _matthews_slope)

    return RowMeasure("matthews_corrcoef", True, "decisions", mix, lambda g, w: 0.0)


# ---------------------------------------------------------------- scores


def _ranked(
    name: str, curve: Callable[[Floats, Floats], tuple[float, Floats, Floats]], *, binary: bool
) -> RowMeasure:
    def mix(first: Graded, second: Graded, weights: Floats) -> Mix:
        assert first.scores is not None
        assert second.scores is not None
        if first.scores.ndim == 1:
            positive = first.target == 1
            return RankMix.of(first.scores, second.scores, positive, weights, curve)
        return MeanMix(
            tuple(
                RankMix.of(
                    first.scores[:, c], second.scores[:, c], first.target == c, weights, curve
                )
                for c in np.unique(first.target).astype(int)
            )
        )

    def chance(graded: Graded, weights: Floats) -> float:
        if curve is roc_area:
            return 0.5
        return float(weights @ (graded.target == 1) / weights.sum())

    return RowMeasure(name, True, "binary scores" if binary else "scores", mix, chance)


def _means(
    name: str,
    needs: str,
    rows: Callable[[Graded], Floats],
    chance: Callable[[Graded, Floats], float],
    value: Callable[[Floats], float] = lambda m: float(m[0]),
    slope: Callable[[Floats], Floats] = lambda m: np.array([1.0]),
    *,
    better: bool = False,
) -> RowMeasure:
    def mix(first: Graded, second: Graded, weights: Floats) -> Mix:
        return MomentsMix(rows(first), rows(second), weights, value, slope)

    return RowMeasure(name, better, needs, mix, chance)


def _of_truth(graded: Graded) -> Floats:
    """Return the probability that was given to the class that is true, shape (rows,)."""
    assert graded.scores is not None
    if graded.scores.ndim == 1:
        return np.where(graded.target == 1, graded.scores, 1.0 - graded.scores)
    out: Floats = graded.scores[np.arange(graded.rows), graded.target.astype(int)]
    return out


def _log_losses(graded: Graded) -> Floats:
    return -np.log(np.clip(_of_truth(graded), SMALLEST, 1.0))[:, None]


def _brier_rows(graded: Graded) -> Floats:
    assert graded.scores is not None
    if graded.scores.ndim == 1:
        off: Floats = graded.scores - (graded.target == 1)
        return np.square(off)[:, None]
    truth = graded.target[:, None] == np.arange(graded.classes)
    out: Floats = ((graded.scores - truth) ** 2).sum(axis=1)
    return out[:, None]


def _shares(graded: Graded, weights: Floats) -> Floats:
    counts = np.bincount(graded.target.astype(int), weights, graded.classes)
    held: Floats = counts[counts > 0] / counts.sum()
    return held


def _entropy(graded: Graded, weights: Floats) -> float:
    shares = _shares(graded, weights)
    return float(-(shares * np.log(shares)).sum())


def _gini(graded: Graded, weights: Floats) -> float:
    shares = _shares(graded, weights)
    whole = float(1.0 - (shares * shares).sum())
    single = graded.scores is not None and graded.scores.ndim == 1
    return whole / 2.0 if single else whole


# ---------------------------------------------------------------- numbers


def _errors(graded: Graded) -> Floats:
    assert graded.decided is not None
    return (graded.decided - graded.target)[:, None]


def _squares(graded: Graded) -> Floats:
    """Return squared error, target and squared target of every row, for R2."""
    error = _errors(graded)[:, 0]
    return np.stack([error**2, graded.target, graded.target**2], axis=1)


def _r2(m: Floats) -> float:
    spread = m[2] - m[1] ** 2
    return float(1.0 - m[0] / spread) if spread > 0 else 0.0


def _r2_slope(m: Floats) -> Floats:
    spread = m[2] - m[1] ** 2
    if spread <= 0:
        return np.zeros(3)
    by_spread = m[0] / spread**2
    return np.array([-1.0 / spread, -2.0 * m[1] * by_spread, by_spread])


def _root_slope(m: Floats) -> Floats:
    return np.array([0.5 / np.sqrt(m[0]) if m[0] > 0 else 0.0])


def _from_median(graded: Graded, weights: Floats) -> float:
    order = np.argsort(graded.target)
    share = np.cumsum(weights[order]) / weights.sum()
    middle = graded.target[order][min(int(np.searchsorted(share, 0.5)), graded.rows - 1)]
    return float(weights @ np.abs(graded.target - middle) / weights.sum())


def _spread(graded: Graded, weights: Floats) -> float:
    mean = weights @ graded.target / weights.sum()
    return float(np.sqrt(weights @ np.square(graded.target - mean) / weights.sum()))


_ALL = (
    _ratios("accuracy", _accuracy),
    _ratios("balanced_accuracy", _all_recalls),
    _ratios("precision", _precisions),
    _ratios("recall", _recalls),
    _ratios("f1", _f1s),
    _ratios("specificity", _single(_mask((0, 0)), _NEGATIVE), binary=True),
    _ratios("false_positive_rate", _single(_mask((0, 1)), _NEGATIVE), better=False, binary=True),
    _ratios("false_negative_rate", _single(_mask((1, 0)), _POSITIVE), better=False, binary=True),
    _matthews_measure(),
    _ranked("roc_auc", roc_area, binary=False),
    _ranked("average_precision", precision_area, binary=True),
    _means("log_loss", "probabilities", _log_losses, _entropy),
    _means("brier_score", "probabilities", _brier_rows, _gini),
    _means("mean_absolute_error", "numbers", lambda g: np.abs(_errors(g)), _from_median),
    _means(
        "root_mean_squared_error",
        "numbers",
        lambda g: np.square(_errors(g)),
        _spread,
        lambda m: float(np.sqrt(max(m[0], 0.0))),
        _root_slope,
    ),
    _means("r2", "numbers", _squares, lambda g, w: 0.0, _r2, _r2_slope, better=True),
)
MEASURES: Mapping[str, RowMeasure] = MappingProxyType({m.name: m for m in _ALL})


def main_measure(graded: Graded) -> str:
    """Return the measure that stress is judged by where the policy limits none."""
    if graded.classes == 0:
        return "r2"
    if graded.classes == 2 and graded.scores is not None:
        return "roc_auc"
    return "balanced_accuracy" if graded.classes == 2 else "accuracy"
