"""A model whose fit can be repeated: `--model shipping:predict` asks it, `--fit shipping:fit` fits it anew.

`guide_data.py` fits it on simulated shipments of 2023 and keeps it in `shipments.joblib`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import joblib
import polars as pl
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

NUMBERS = ["distance_km", "weight_kg", "stops", "wind_ms"]
TEXTS = ["carrier"]
KEPT = Path(__file__).parent / "shipments.joblib"


def fit(rows: pl.DataFrame) -> Any:
    """Return the pipeline fitted on shipments with the column `late`."""
    carriers = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    columns = make_column_transformer(
        (SimpleImputer(strategy="median"), NUMBERS), (carriers, TEXTS)
    )
    model = make_pipeline(columns, GradientBoostingClassifier(n_estimators=60, random_state=0))
    return model.fit(rows.select([*NUMBERS, *TEXTS]), rows["late"].to_numpy())


@cache
def load() -> Any:
    """Return the pipeline that was kept."""
    return joblib.load(KEPT)


def predict(rows: pl.DataFrame) -> Any:
    """Return the probability that each shipment is late."""
    return load().predict_proba(rows.select([*NUMBERS, *TEXTS]))[:, 1]
