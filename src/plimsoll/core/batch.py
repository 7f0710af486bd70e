"""Rows of columns on their way through the scan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.slicing import CODE
from plimsoll.core.subject import Subject

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

TARGET = "@target"
"""Class code (integer) of the label, or the number to be predicted."""
PREDICTION = "@prediction"
"""Class code of the decision, or the predicted number."""
SCORE = "@score"
"""Score of the positive class (binary)."""
WEIGHT = "@weight"
"""Sample weight; present only where a weight column was named."""
BUCKET = "@bucket"
"""Hash bucket, 0 to 63, of the row's group where a group column was named, else of its key."""
KEY = "@key"
"""Unsigned 64-bit hash of the row's id where an id column was named, else of the whole row."""
BUCKETS = 64
REASON = "@reason"
"""Why a row is not judged: a position in REASONS; present in the view of all rows."""
REASONS = ("used", "label missing", "score or prediction missing")
CORRECT = "@correct"
"""1 where the decision is the label, else 0 (multiclass, for top-label calibration)."""
TOP = "@top"
"""The largest score of the row (multiclass)."""
ERROR = "@error"
"""Prediction minus target (regression)."""
ABSOLUTE_ERROR = "@absolute_error"
"""Its absolute value."""
LOSS = "@loss"
"""What one row costs: 1 for a wrong decision, else the log loss, else the absolute error."""

ADDED = frozenset(
    (
        TARGET,
        PREDICTION,
        SCORE,
        WEIGHT,
        BUCKET,
        KEY,
        REASON,
        CORRECT,
        TOP,
        ERROR,
        ABSOLUTE_ERROR,
        LOSS,
        CODE,
    )
)
"""Names, without class and model, of the columns that the scan adds."""


def is_added(column: str) -> bool:
    """Whether the scan adds a column of this name; a raw column may not bear it.

    >>> is_added("@score:2/champion"), is_added("@timestamp")
    (True, False)
    """
    return column.split("/", 1)[0].split(":", 1)[0] in ADDED


def score_column(code: int | None = None, model: str = "") -> str:
    """Return the name of the column that holds a class's score.

    ``code`` is the class code in a multiclass task and None in a binary one; ``model`` names a
    rival scored on the same rows, and is empty for the model that is judged.

    >>> score_column(), score_column(2), score_column(model="champion")
    ('@score', '@score:2', '@score/champion')
    """
    name = SCORE if code is None else f"{SCORE}:{code}"
    return f"{name}/{model}" if model else name


def prediction_column(model: str = "") -> str:
    """Return the name of the column that holds a model's decisions or predicted numbers."""
    return f"{PREDICTION}/{model}" if model else PREDICTION


@dataclass(frozen=True)
class Batch:
    """Some rows of one table: the columns as read, and those that the scan added (``@...``).

    A tally must give the same answer however the rows are dealt into batches, so nothing may
    depend on a row's position.
    """

    frame: pl.DataFrame
    subject: Subject

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.frame.height

    def has(self, column: str) -> bool:
        """Whether the column is there."""
        return column in self.frame.columns

    def floats(self, column: str) -> FloatArray:
        """Return a column as float64, shape (rows,)."""
        return self.frame.get_column(column).cast(pl.Float64).to_numpy()

    def codes(self, column: str) -> IntArray:
        """Return a column of whole numbers as int64, shape (rows,)."""
        return self.frame.get_column(column).cast(pl.Int64).to_numpy()

    def array(self, column: str) -> npt.NDArray[Any]:
        """Return a column as NumPy array in its own type, shape (rows,)."""
        return self.frame.get_column(column).to_numpy()

    def weights(self) -> FloatArray | None:
        """Return the sample weights, shape (rows,), or None where no weight column was named."""
        return self.floats(WEIGHT) if self.has(WEIGHT) else None
