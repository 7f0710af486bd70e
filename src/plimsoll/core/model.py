"""Something that can be asked for predictions, whatever it was made with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import polars as pl


class Output(StrEnum):
    """What a model answers with; the three kinds of score are never mixed up."""

    PROBABILITY = "probability"
    """``predict_proba``: one probability a class."""
    DECISION = "decision"
    """``decision_function`` or another score without a scale: orders rows, is no probability."""
    LABEL = "label"
    """``predict`` of a classifier: a class and nothing else."""
    VALUE = "value"
    """``predict`` of a regressor: a number."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is known of a model without asking it.

    ``classes`` are label texts (see ``core.labels``) in the order of the columns of its scores, as
    the model itself states them, or empty where it does not. ``features`` are the input columns it
    names, in its order, or None where it names none. ``sha256`` is of the file, or None. ``notes`` are
    sentences about how it was loaded that a reader of the report should see. ``decides_itself`` says that
    its labels may differ from those of the largest score, so that they have to be asked for.
    """

    kind: str
    output: Output
    classes: tuple[str, ...] = ()
    features: tuple[str, ...] | None = None
    sha256: str | None = None
    origin: str = ""
    notes: tuple[str, ...] = ()
    decides_itself: bool = False


@dataclass(frozen=True, slots=True)
class Prediction:
    """A model's answers for some rows.

    ``scores`` has shape (rows, classes), or (rows, 1) for the decision score of the second class of
    a binary model; None where the model gives labels or numbers only. ``labels`` are label texts and
    ``values`` numbers, shape (rows,); each None where the model does not give it.
    """

    scores: npt.NDArray[np.float64] | None = None
    labels: npt.NDArray[Any] | None = None
    values: npt.NDArray[np.float64] | None = None


@runtime_checkable
class Model(Protocol):
    """An adapter round one trained model. Safe to ask from several threads, one call at a time each."""

    @property
    def card(self) -> ModelCard:
        """What is known of the model without asking it."""

    def predict(self, frame: pl.DataFrame, *, labels: bool = True) -> Prediction:
        """Answer for every row of ``frame``, which holds the feature columns.

        With ``labels`` false they may be left out where there are scores, which can halve the work.

        Raises
        ------
        ModelError
            If a feature is missing or of the wrong type, or the model raises or answers with the
            wrong shape or with NaN.
        """
