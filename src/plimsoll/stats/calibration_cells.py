"""The rows of a calibration question, tallied by score and label: what every file of it works on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from plimsoll.core.errors import DataError
from plimsoll.core.estimate import Estimate
from plimsoll.stats.interval import FloatArray, Spread, t_quantile
from plimsoll.stats.resample import jackknife, pool_starts

POOLED = 1024
"""Number of neighbouring cells that anything resampled is pooled to.

The recalibration curve of 10 million rows has about 500 steps, so 1,024 cells still show them.
"""


@dataclass(frozen=True, slots=True)
class Undetermined:
    """A number that these rows cannot determine, and why."""

    name: str
    reason: str


@dataclass(frozen=True, eq=False)
class Cells:
    """Rows by distinct score (or narrow bin of scores, under its mean score) and label.

    ``scores`` (m,) ascend strictly in [0, 1]; ``negatives`` and ``positives`` (m,) are counts of rows
    or sums of their weights; ``squared`` (2, m) are sums of squared weights of negatives and of
    positives, equal to the counts where rows have no weights. ``by_group`` (2, G, m) holds the
    negatives and positives of each of the G non-empty groups; where they are ``clustered`` every
    standard error is a delete-a-group jackknife, otherwise the groups only serve to deal out folds.
    ``rows`` is the number of rows, whatever they weigh.
    """

    scores: FloatArray
    negatives: FloatArray
    positives: FloatArray
    squared: FloatArray
    by_group: FloatArray | None = None
    clustered: bool = False
    rows: int = 0

    @staticmethod
    def of(
        scores: npt.ArrayLike,
        negatives: npt.ArrayLike,
        positives: npt.ArrayLike,
        squared: npt.ArrayLike | None = None,
        *,
        clustered: bool | None = None,
        rows: int | None = None,
    ) -> Cells:
        """Check tallied rows and leave out empty cells and empty groups.

        ``negatives`` and ``positives`` have shape (m,) or (G, m); ``squared`` has shape (2, m), or
        (m,) for both labels together, and is left out where rows have no weights. ``clustered`` is
        true by default where there is a group axis. ``rows`` is needed only where rows have weights
        (default: the effective number).

        Raises
        ------
        DataError
            If no row is there, a score is not a probability, or clustered rows fill one group only.
        ValueError
            If scores do not ascend strictly or shapes do not match: the tally is wrong.

        >>> Cells.of([0.2, 0.5, 0.7], [3, 0, 1], [1, 0, 2]).scores
        array([0.2, 0.7])
        """
        s = np.asarray(scores, dtype=np.float64)
        both = np.stack([np.asarray(x, dtype=np.float64) for x in (negatives, positives)])
        if both.shape[-1:] != s.shape or both.ndim not in (2, 3):
            raise ValueError(f"counts of shape {both.shape[1:]} do not match {s.size} scores")
        if not (np.isfinite(both).all() and (both >= 0).all()):
            raise ValueError("counts must be finite and not negative")
        grouped = both if both.ndim == 3 else None
        if grouped is not None:
            both = grouped.sum(axis=1)
        kept = both.sum(axis=0) > 0
        if not kept.any():
            raise DataError(
                "Calibration needs at least one row with a score and a label; got none."
            )
        if not kept.all():
            s, both = s[kept], both[:, kept]
            grouped = None if grouped is None else grouped[:, :, kept]
        _check_scores(s)
        if grouped is not None:
            grouped = grouped[:, grouped.sum(axis=(0, 2)) > 0]
        clusters = grouped is not None if clustered is None else clustered
        if clusters and (grouped is None or grouped.shape[1] < 2):
            raise DataError(
                "An interval over groups needs rows in at least 2 groups; got 1. "
                "Name another group column, or none if the rows are independent."
            )
        square = both if squared is None else _squares(squared, kept, both)
        count = float(both.sum()) ** 2 / float(square.sum()) if rows is None else rows
        return Cells(s, both[0], both[1], square, grouped, clusters, max(1, round(count)))

    @cached_property
    def weights(self) -> FloatArray:
        """Rows, or sum of weights, of each cell, shape (m,)."""
        return self.negatives + self.positives

    @cached_property
    def total(self) -> float:
        """Number of rows, or sum of weights."""
        return float(self.weights.sum())

    @property
    def base_rate(self) -> float:
        """Share of positives."""
        return float(self.positives.sum()) / self.total

    @cached_property
    def size(self) -> float:
        """Effective number of rows: (sum of weights)^2 / sum of squared weights (Kish 1965)."""
        return self.total**2 / float(self.squared.sum())

    @property
    def one_class(self) -> bool:
        """Whether all rows have the same label."""
        return not (self.positives.any() and self.negatives.any())

    @property
    def groups(self) -> int:
        """Number of non-empty groups; 0 without a group axis."""
        return 0 if self.by_group is None else int(self.by_group.shape[1])

    @property
    def df(self) -> float:
        """Degrees of freedom of a standard error: groups - 1, or effective rows - 1."""
        return float(max(1.0, self.groups - 1 if self.clustered else self.size - 1))

    @property
    def basis(self) -> str:
        """In words, what standard errors rest on."""
        return f"jackknife over {self.groups} groups" if self.clustered else "independent rows"

    def critical(self, level: float) -> float:
        """Return the two-sided t quantile of a confidence level."""
        return t_quantile(level, self.df)

    def mean(self, if_negative: FloatArray, if_positive: FloatArray) -> tuple[float, Spread]:
        """Return the mean over rows of a number that depends on cell and label only, with its spread.

        Both arrays have shape (m,). The standard error is that of independent (weighted) rows, or
        of the ratio ``sum / rows`` by the delete-a-group jackknife where rows are clustered.
        """
        value = float(self.negatives @ if_negative + self.positives @ if_positive) / self.total
        if self.clustered and self.by_group is not None:
            sums = self.by_group[0] @ if_negative + self.by_group[1] @ if_positive
            rest = self.total - self.by_group.sum(axis=(0, 2))
            spread = jackknife((value * self.total - sums) / rest)
            return value, Spread(0.0, 1.0) if spread is None else spread
        square = float(self.squared[0] @ (if_negative - value) ** 2)
        square += float(self.squared[1] @ (if_positive - value) ** 2)
        correction = self.size / max(self.size - 1, 1)
        return value, Spread((square * correction) ** 0.5 / self.total, self.df)

    def pooled(self, limit: int = POOLED) -> Cells:
        """Return at most ``limit`` cells of neighbouring scores with about equal numbers of rows.

        A cell is never split. The score of a pooled cell is the mean score of its rows.
        """
        if self.scores.size <= limit:
            return self
        start = pool_starts(self.weights, limit)
        weights = np.add.reduceat(self.weights, start)
        groups = self.by_group
        return replace(
            self,
            scores=np.add.reduceat(self.scores * self.weights, start) / weights,
            negatives=np.add.reduceat(self.negatives, start),
            positives=np.add.reduceat(self.positives, start),
            squared=np.add.reduceat(self.squared, start, axis=1),
            by_group=None if groups is None else np.add.reduceat(groups, start, axis=2),
        )


def effective_rows(weights: FloatArray, squared: FloatArray) -> npt.NDArray[np.int64]:
    """Return ``weights^2 / squared`` (Kish) as whole numbers of at least 1; counts if unweighted."""
    rows = np.divide(weights**2, squared, out=np.ones_like(weights), where=squared > 0)
    return np.maximum(1, np.rint(rows)).astype(np.int64)


def centred(
    estimate: Estimate, value: float, low: float = -np.inf, high: float = np.inf
) -> Estimate:
    """Return the estimate moved to ``value``, its interval with it, kept within the bounds.

    For a value known from finer cells than those that the interval could be found from. An end that
    lies on a bound stays there.
    """
    moved = value - estimate.value
    ends = [
        end if end in (low, high) else min(max(end + moved, low), high)
        for end in (estimate.low, estimate.high)
    ]
    return replace(estimate, value=value, low=min(ends[0], value), high=max(ends[1], value))


def _check_scores(scores: FloatArray) -> None:
    if not np.isfinite(scores).all() or scores.min() < 0 or scores.max() > 1:
        raise DataError(
            "Calibration needs scores that are probabilities in [0, 1]; some are not. "
            "Turn logits or percentages into probabilities first."
        )
    if scores.size > 1 and not (np.diff(scores) > 0).all():
        raise ValueError("scores of cells must ascend strictly")


def _squares(squared: npt.ArrayLike, kept: npt.NDArray[np.bool_], both: FloatArray) -> FloatArray:
    given = np.asarray(squared, dtype=np.float64)[..., kept]
    if given.shape == both.shape:
        return given
    if given.shape != both.shape[1:]:
        raise ValueError(f"squared weights of shape {given.shape} do not match {both.shape}")
    split: FloatArray = given * both / both.sum(axis=0)
    return split
