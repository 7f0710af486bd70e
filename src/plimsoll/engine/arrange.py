"""Score columns of a model in the order of the classes; never by guess."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from plimsoll.core.errors import ModelError
from plimsoll.core.labels import match_label
from plimsoll.core.subject import Subject, Task

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def arrange(
    scores: Floats, stated: tuple[str, ...], subject: Subject, who: str, *, unit: bool = True
) -> list[Floats]:
    """Put a model's score columns in the order of the subject's classes; never by guess.

    One column is turned round where it is of the negative class: ``1 - p`` where the scores are
    probabilities (``unit``), else ``-s``.
    """
    classes, given = subject.classes, scores.shape[1]
    stated = _respelled(stated, classes)
    if subject.task is Task.BINARY and given == 1:
        if stated and stated[-1] not in classes:
            raise _unknown_class(next(c for c in classes if c not in stated), stated, who)
        if stated and stated[-1] != subject.positive:
            return [1 - scores[:, 0] if unit else -scores[:, 0]]
        return [scores[:, 0]]
    in_order = tuple(str(code) for code in range(len(classes)))
    if not stated and given == len(classes) and set(classes) == set(in_order):
        stated = in_order  # classes that are codes: column i is class i, as the libraries define it
    if not stated:
        if given != len(classes):
            raise ModelError(
                f"Scores of {who} have {given} columns where the target has {len(classes)} classes "
                f"({', '.join(classes)}); give a model that states its classes."
            )
        raise ModelError(
            f"The order of the {given} score columns of {who} is not known, for it does not state its "
            "classes; return one column of the positive class, or give a model with classes_."
        )
    missing = [c for c in classes if c not in stated]
    if missing:
        raise _unknown_class(missing[0], stated, who)
    if subject.task is Task.BINARY:
        return [scores[:, stated.index(subject.positive)]]
    return [scores[:, stated.index(c)] for c in classes]


def _respelled(stated: tuple[str, ...], classes: tuple[str, ...]) -> tuple[str, ...]:
    """Return a model's classes as the target spells them, unless two would become one."""
    named = tuple(match_label(text, classes) or text for text in stated)
    return named if len(set(named)) == len(stated) else stated


def _unknown_class(missing: str, stated: tuple[str, ...], who: str) -> ModelError:
    return ModelError(
        f"The target holds the class '{missing}', which {who} does not know "
        f"(it knows {', '.join(stated)}); check target and model."
    )
