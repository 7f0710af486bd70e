"""Whether answers keep a relation, row by row: flips of decisions, distances, and moves the wrong way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from plimsoll.core.relation import Holds, Relation
from plimsoll.core.subject import Subject, Task
from plimsoll.core.trial import Answers

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
ROUNDING = 1e-12
"""Answers closer than this share of the largest are the same: sums taken in another order."""


@dataclass(frozen=True)
class Kept:
    """What the answers of some rows do to a relation, both of shape (rows,).

    ``size`` is how far the answer moved; of a relation with a direction, how far it moved the wrong way.
    """

    broken: Mask
    size: Floats


def level_of(answers: Answers, subject: Subject) -> Floats | None:
    """Return one number a row that orders the answers, shape (rows,); None of several classes."""
    if subject.task is Task.MULTICLASS:
        return None
    return answers.scores if answers.scores is not None else answers.decided


def scale_of(answers: Answers, subject: Subject) -> float:
    """Return how large a difference of 1 is: 1 for probabilities and labels, else a standard deviation."""
    if subject.has_probabilities or (subject.is_classification and answers.scores is None):
        return 1.0
    held = answers.scores if answers.scores is not None else answers.decided
    if held is None or not held.size:
        return 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        found = float(held.std())
    return found if np.isfinite(found) and found > 0.0 else 1.0


def flips(one: Answers, two: Answers, subject: Subject) -> Mask | None:
    """Return which rows got another decision; None where there are none, as in a regression."""
    if not subject.is_classification or one.decided is None or two.decided is None:
        return None
    other: Mask = one.decided != two.decided
    return other


def distance(one: Answers, two: Answers, subject: Subject) -> Floats:
    """Return how far apart the answers are, shape (rows,).

    Of several classes half the sum of the differences (the share of probability that moved); of labels
    alone 1 where they differ.
    """
    if one.scores is not None and two.scores is not None:
        apart = np.abs(one.scores - two.scores)
        out: Floats = apart if apart.ndim == 1 else apart.sum(axis=1) / 2.0
        return out
    assert one.decided is not None and two.decided is not None
    if subject.is_classification:
        other: Floats = np.not_equal(one.decided, two.decided).astype(np.float64)
        return other
    moved: Floats = np.abs(one.decided - two.decided)
    return moved


def keep(relation: Relation, clean: Answers, asked: Sequence[Answers], subject: Subject) -> Kept:
    """Hold the answers after every change against those for the rows as they are.

    A relation with a direction is of answers that have one: see :func:`level_of`.
    """
    tolerance = _tolerance(relation, clean, subject)
    if relation.rule in (Holds.HIGHER, Holds.LOWER):
        return _directed(relation.rule, clean, asked, subject, tolerance)
    if relation.rule is Holds.BETWEEN:
        return _between(clean, asked, subject, tolerance)
    return _same(relation, clean, asked, subject, tolerance)


def _tolerance(relation: Relation, clean: Answers, subject: Subject) -> float:
    tolerance = relation.tolerance
    if not relation.in_units:
        tolerance *= scale_of(clean, subject)
    held = clean.scores if clean.scores is not None else clean.decided
    largest = float(np.abs(held).max()) if held is not None and held.size else 0.0
    return max(tolerance, ROUNDING * largest)


def _same(
    relation: Relation,
    clean: Answers,
    asked: Sequence[Answers],
    subject: Subject,
    tolerance: float,
) -> Kept:
    size = np.max([distance(clean, a, subject) for a in asked], axis=0)
    flipped = [f for a in asked if (f := flips(clean, a, subject)) is not None]
    another: Mask = np.any(flipped, axis=0) if flipped else np.zeros(size.size, dtype=bool)
    far: Mask = size > tolerance
    if relation.in_units:  # the owner's tolerance holds for decisions that hang on a hair, too
        return Kept(far, size)
    return Kept(another if flipped and relation.by_decision else another | far, size)


def _directed(
    rule: Holds, clean: Answers, asked: Sequence[Answers], subject: Subject, tolerance: float
) -> Kept:
    """Return the largest fall (or rise) from any answer to a later one."""
    sign = 1.0 if rule is Holds.HIGHER else -1.0
    levels = [level_of(a, subject) for a in (clean, *asked)]
    path = sign * np.stack([level for level in levels if level is not None])
    fall = (np.maximum.accumulate(path, axis=0) - path).max(axis=0)
    return Kept(fall > tolerance, fall)


def _between(clean: Answers, asked: Sequence[Answers], subject: Subject, tolerance: float) -> Kept:
    """Return where an answer after the first change is neither that before it nor that after."""
    both, single = asked[0], asked[1:]
    out = np.max([_outside(clean, both, a, subject) for a in single], axis=0)
    strange = [
        from_clean & from_both
        for a in single
        if (from_clean := flips(clean, a, subject)) is not None
        and (from_both := flips(both, a, subject)) is not None
    ]
    return Kept(np.any(strange, axis=0) if strange else out > tolerance, out)


def _outside(one: Answers, two: Answers, answers: Answers, subject: Subject) -> Floats:
    """Return how far answers lie outside two others; of several classes, the distance to the nearer."""
    first, second = level_of(one, subject), level_of(two, subject)
    level = level_of(answers, subject)
    if first is None or second is None or level is None:
        return np.minimum(distance(one, answers, subject), distance(two, answers, subject))
    below = np.minimum(first, second) - level
    above = level - np.maximum(first, second)
    out: Floats = np.maximum(np.maximum(below, above), 0.0)
    return out
