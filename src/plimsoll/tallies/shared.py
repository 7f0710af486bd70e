"""The tallies that several checks ask for, made in one place so that their needs are equal."""

from __future__ import annotations

from plimsoll.core.batch import TARGET, score_column
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Side
from plimsoll.tallies.confusion import Confusion
from plimsoll.tallies.histogram import Histogram
from plimsoll.tallies.losses import LossSums

COARSE_CELLS = 2048
"""Cells of a histogram kept for each of 64 buckets."""


def weighted(subject: Subject, side: Side = Side.CURRENT) -> bool:
    """Whether rows have weights: the weight column was named and lies on this side."""
    column = subject.roles.weight
    return column is not None and (side is Side.CURRENT or column in subject.reference_columns)


def clustered(subject: Subject, side: Side = Side.CURRENT) -> bool:
    """Whether rows of a group hang together: the group column was named and lies on this side."""
    column = subject.roles.group
    return column is not None and (side is Side.CURRENT or column in subject.reference_columns)


def confusion(subject: Subject, side: Side = Side.CURRENT, model: str = "") -> Confusion:
    """Return the empty confusion matrix of the decisions."""
    return Confusion(
        len(subject.classes),
        model=model,
        bucketed=clustered(subject, side),
        weighted=weighted(subject, side),
    )


def score_cells(
    subject: Subject, code: int | None = None, side: Side = Side.CURRENT, model: str = ""
) -> Histogram:
    """Return the empty histogram of score and label, exact for up to a million different scores.

    ``code`` is a class of a multiclass task, counted against the rest.
    """
    return Histogram(
        score_column(code, model),
        by=TARGET,
        levels=2,
        one_vs=code,
        weighted=weighted(subject, side),
    )


def bucketed_score_cells(
    subject: Subject, code: int | None = None, side: Side = Side.CURRENT, model: str = ""
) -> Histogram:
    """Return the same in coarser cells for each of the 64 hash buckets of rows or groups."""
    classes = max(1, len(subject.classes) if subject.task is Task.MULTICLASS else 1)
    cells = max(128, COARSE_CELLS // classes) if classes > 4 else COARSE_CELLS
    return Histogram(
        score_column(code, model),
        by=TARGET,
        levels=2,
        one_vs=code,
        bucketed=True,
        weighted=weighted(subject, side),
        cells=cells,
        exact_cells=cells,
    )


def coarse_score_cells(subject: Subject) -> Histogram:
    """Return the empty histogram of score and label in as coarse cells, for rows that stand alone."""
    return Histogram(
        score_column(),
        by=TARGET,
        levels=2,
        weighted=weighted(subject),
        cells=COARSE_CELLS,
        exact_cells=COARSE_CELLS,
    )


def probability_losses(subject: Subject, side: Side = Side.CURRENT) -> LossSums:
    """Return the empty sums of log loss and Brier score."""
    return LossSums(
        ("brier_score", "log_loss"),
        classes=len(subject.classes),
        bucketed=clustered(subject, side),
        weighted=weighted(subject, side),
    )


def error_losses(subject: Subject, side: Side = Side.CURRENT) -> LossSums:
    """Return the empty sums of the errors of a regression."""
    return LossSums(
        ("absolute_error", "squared_error", "error", "absolute_percentage_error"),
        bucketed=clustered(subject, side),
        weighted=weighted(subject, side),
    )
