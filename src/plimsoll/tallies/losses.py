"""Power sums of per-row losses: enough for a mean, its interval and a paired difference."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
from plimsoll.core.errors import DataError
from plimsoll.core.tally import Tally, state

Floats = npt.NDArray[np.float64]
_EPS = float(np.finfo(np.float64).eps)

POWERS = ("n", "w", "w2", "wx", "wx2", "wx3", "w2x", "w2x2")
"""The sums kept for each loss x with weight w (1 where unweighted), in the order of the last axis."""


@dataclass(frozen=True)
class LossSums(Tally):
    """Power sums of named per-row losses, by hash bucket.

    ``losses`` are among ``brier_score log_loss`` (classification; ``classes`` > 0) and
    ``absolute_error squared_error error absolute_percentage_error`` (regression; ``classes`` = 0).
    With ``interval`` (columns of a lower and an upper bound, and the coverage they promise) they are
    ``covered`` (1 or 0), ``width`` and ``interval_score`` (Winkler). With ``against`` (the name of a
    rival; empty for the model judged) the loss is the difference ``model - against`` on the same row.
    State: ``sums`` (groups, losses, 8), see ``POWERS``.

    Definitions are those of scikit-learn: log loss clips probabilities at the float64 epsilon, the
    multiclass Brier score sums over classes, the percentage error divides by at least epsilon.
    """

    losses: tuple[str, ...]
    classes: int = 0
    model: str = ""
    against: str | None = None
    interval: tuple[str, str, float] | None = None
    bucketed: bool = False
    weighted: bool = False
    sums: Floats | None = state()

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that are read."""
        names = [TARGET, *answer_columns(self.classes, self.model)]
        if self.against is not None:
            names += answer_columns(self.classes, self.against)
        if self.interval is not None:
            names = [TARGET, *self.interval[:2]]
        return (*names, *([BUCKET] * self.bucketed), *([WEIGHT] * self.weighted))

    @property
    def groups(self) -> int:
        """Length of the group axis: 64 where bucketed, else 1."""
        return BUCKETS if self.bucketed else 1

    def of(self, batch: Batch) -> LossSums:
        """Sum one batch."""
        weights = batch.floats(WEIGHT) if self.weighted else None
        buckets = batch.codes(BUCKET) if self.bucketed else None
        sums = np.zeros((self.groups, len(self.losses), len(POWERS)))
        for i, name in enumerate(self.losses):
            if self.interval is not None:
                x = _interval_loss(name, batch, *self.interval)
            else:
                x = row_loss(name, batch, self.classes, self.model)
            if self.against is not None:
                x = x - row_loss(name, batch, self.classes, self.against)
            for j, term in enumerate(_powers(x, weights)):
                if buckets is None:
                    sums[0, i, j] = float(term.sum())
                else:
                    sums[:, i, j] = np.bincount(buckets, term, self.groups)
        return replace(self, sums=sums)

    def merge(self, other: LossSums) -> LossSums:
        """Return the sums of both."""
        if self != other:
            raise ValueError("loss sums of different specification cannot be merged")
        one, two = self.settle(), other.settle()
        assert one.sums is not None and two.sums is not None
        return replace(self, sums=one.sums + two.sums)

    def settle(self) -> LossSums:
        """Fill an empty tally with zeros."""
        if self.sums is not None:
            return self
        return replace(self, sums=np.zeros((self.groups, len(self.losses), len(POWERS))))

    def of_loss(self, name: str) -> Floats:
        """Sums of one loss by group, shape (groups, 8)."""
        settled = self.settle()
        assert settled.sums is not None
        return settled.sums[:, self.losses.index(name)]


def row_loss(name: str, batch: Batch, classes: int, model: str) -> Floats:
    """Return one loss of every row, shape (rows,).

    ``answer`` is no loss but the answer itself: the score of the positive class, or the predicted number;
    ``answer:2`` the score of class 2 of several; ``residual`` is label minus score.
    """
    if name == "answer":
        column = score_column(model=model) if classes else prediction_column(model)
        return batch.floats(column)
    if name == "residual":
        return batch.codes(TARGET) - batch.floats(score_column(model=model))
    if name.startswith("answer:"):
        return batch.floats(score_column(int(name.partition(":")[2]), model))
    if classes:
        return _class_loss(name, batch, classes, model)
    error = batch.floats(prediction_column(model)) - batch.floats(TARGET)
    if name == "error":
        return error
    if name == "squared_error":
        return error * error
    if name == "absolute_percentage_error":
        return np.abs(error) / np.maximum(np.abs(batch.floats(TARGET)), _EPS)
    if name == "absolute_error":
        return np.abs(error)
    raise ValueError(f"unknown loss {name!r}")


def _interval_loss(name: str, batch: Batch, low: str, high: str, promised: float) -> Floats:
    """Return what a row's predicted interval is worth, shape (rows,)."""
    lower, upper, y = _bound(batch, low), _bound(batch, high), batch.floats(TARGET)
    if bool((lower > upper).any()):
        raise DataError(
            f"Column '{low}' must hold lower bounds and '{high}' upper ones; in "
            f"{int((lower > upper).sum())} rows the lower is above the upper. Swap or mend them."
        )
    if name == "covered":
        return ((lower <= y) & (y <= upper)).astype(np.float64)
    if name == "width":
        return upper - lower
    if name == "interval_score":
        miss = np.maximum(lower - y, 0.0) + np.maximum(y - upper, 0.0)
        score: Floats = upper - lower + 2.0 / (1.0 - promised) * miss
        return score
    raise ValueError(f"unknown loss {name!r}")


def _bound(batch: Batch, column: str) -> Floats:
    series = batch.frame.get_column(column)
    values = batch.floats(column) if series.dtype.is_numeric() else np.full(batch.rows, np.nan)
    if not np.isfinite(values).all():
        raise DataError(
            f"Column '{column}' must hold a finite number in every row that is judged; "
            f"{int((~np.isfinite(values)).sum())} rows do not. Fill or drop them."
        )
    return values


def _class_loss(name: str, batch: Batch, classes: int, model: str) -> Floats:
    target = batch.codes(TARGET)
    if classes == 2:
        p = batch.floats(score_column(model=model))
        if name == "brier_score":
            return np.square(p - target)
        if name == "log_loss":
            return _surprise(np.where(target == 1, p, 1.0 - p))
        raise ValueError(f"unknown loss {name!r}")
    scores = np.stack([batch.floats(score_column(c, model)) for c in range(classes)], axis=1)
    own = scores[np.arange(target.size), target]
    if name == "brier_score":
        squares: Floats = np.square(scores).sum(axis=1) - own * own + np.square(1.0 - own)
        return squares
    if name == "log_loss":
        return _surprise(own)
    raise ValueError(f"unknown loss {name!r}")


def _surprise(own: Floats) -> Floats:
    surprise: Floats = -np.log(np.clip(own, _EPS, 1.0 - _EPS))
    return surprise


def answer_columns(classes: int, model: str) -> list[str]:
    """Return the columns that the losses of a model read besides the target."""
    if classes == 0:
        return [prediction_column(model)]
    if classes == 2:
        return [score_column(model=model)]
    return [score_column(code, model) for code in range(classes)]


def _powers(x: Floats, w: Floats | None) -> tuple[Floats, ...]:
    if w is None:
        one = np.ones_like(x)
        x2 = x * x
        return one, one, one, x, x2, x2 * x, x, x2
    wx, w2x = w * x, w * w * x
    return np.ones_like(x), w, w * w, wx, wx * x, wx * x * x, w2x, w2x * x
