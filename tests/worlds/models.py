"""Models whose answers a test knows, in any order and spelling of classes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.model import ModelCard, Output, Prediction

Answer = Callable[[pl.DataFrame], npt.NDArray[np.float64]]


@dataclass
class Made:
    """A model of one formula; ``asked`` holds the columns of every frame it was given."""

    output: Output
    answer: Answer
    classes: tuple[str, ...] = ()
    features: tuple[str, ...] | None = None
    asked: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def card(self) -> ModelCard:
        return ModelCard("made", self.output, self.classes, self.features)

    def predict(self, frame: pl.DataFrame, *, labels: bool = True) -> Prediction:
        self.asked.append(tuple(frame.columns))
        found = self.answer(frame)
        if self.output is Output.VALUE:
            return Prediction(values=found)
        if self.output is Output.LABEL:
            return Prediction(labels=found.astype(str).astype(object))
        decided = None
        if self.output is Output.DECISION and self.classes and found.shape[1] == 1:
            decided = np.where(found[:, 0] > 0, self.classes[-1], self.classes[0]).astype(object)
        return Prediction(scores=found, labels=decided)
