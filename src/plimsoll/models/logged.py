"""A rival whose answers are already in the data, as one column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from plimsoll.core.errors import ModelError
from plimsoll.core.labels import label_expr
from plimsoll.core.model import Model, ModelCard, Output, Prediction


@dataclass(frozen=True)
class LoggedAnswers:
    """Reads the answers of a model from a column instead of asking it.

    ``output`` says what the column holds: scores of the positive class, labels or numbers.
    """

    column: str
    output: Output

    @property
    def card(self) -> ModelCard:
        """What is known of the model: its answers and nothing else."""
        return ModelCard("predictions", self.output, features=(self.column,), origin=self.column)

    def predict(self, frame: pl.DataFrame, *, labels: bool = True) -> Prediction:
        """Return the logged answers; an empty cell is a ModelError, for rows must stay paired."""
        series = frame.get_column(self.column)
        if series.null_count():
            raise ModelError(
                f"Column '{self.column}' must hold an answer in every row that has a label; "
                f"{series.null_count()} rows are empty. Compare only rows that both models answered."
            )
        if self.output is Output.LABEL:
            text = frame.select(label_expr(pl.col(self.column), series.dtype)).to_series()
            return Prediction(labels=np.asarray(text.to_list(), dtype=object))
        if not series.dtype.is_numeric():
            raise ModelError(
                f"Column '{self.column}' must hold numbers; it holds {series.dtype}. Name another column."
            )
        values = series.cast(pl.Float64).to_numpy()
        if self.output is Output.VALUE:
            return Prediction(values=values)
        return Prediction(scores=values.reshape(-1, 1))


def can_be_asked(model: Model) -> bool:
    """Whether a model answers for rows that it has not seen, which logged answers do not."""
    return not isinstance(model, LoggedAnswers)
