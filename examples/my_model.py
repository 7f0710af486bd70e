"""A model that is code: `--model my_model:predict` asks it, `--model my_model:load` makes it first."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import skops.io

HERE = Path(__file__).parent


@cache
def load() -> Any:
    """Return the fitted pipeline; the file holds nothing but scikit-learn's own types."""
    return skops.io.load(HERE / "model.skops")


def predict(frame: pl.DataFrame) -> Any:
    """Return the probability of class 1 for every row."""
    return load().predict_proba(frame.select(load().feature_names_in_))[:, 1]
