"""CatBoost models: .cbm and JSON files, and models in memory.

A classifier states its classes. Probabilities come from the prediction type ``Probability`` and
decisions from ``Class``, so a threshold that the model carries counts.
Source: https://catboost.ai/docs/en/concepts/python-reference_catboost_predict
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from plimsoll.core.errors import ModelError
from plimsoll.core.labels import label_text
from plimsoll.core.model import ModelCard, Output, Prediction
from plimsoll.core.subject import Task
from plimsoll.models import answers
from plimsoll.models.asked import AskedModel
from plimsoll.models.columns import pandas_frame, pick, take_all
from plimsoll.models.optional import library

_PROBABILITIES = ("Logloss", "CrossEntropy", "MultiClass")
_ORDERS = (
    "MultiClassOneVsAll",
    "YetiRank",
    "PairLogit",
    "QueryRMSE",
    "QuerySoftMax",
    "StochasticRank",
)
_EXPONENTS = ("Poisson", "Tweedie")


def is_catboost(thing: object) -> bool:
    """Whether an object is a CatBoost model of any class."""
    return any(
        kind.__name__ == "CatBoost" and kind.__module__.split(".")[0] == "catboost"
        for kind in type(thing).__mro__
    )


def catboost_file(
    path: Path, *, form: str, task: Task | None = None, sha256: str | None = None
) -> AskedModel:
    """Return the adapter of a CatBoost model file; ``form`` is ``cbm`` or ``json``.

    Raises
    ------
    ModelError
        If the file is damaged.
    MissingExtraError
        If CatBoost is not installed.
    """
    catboost = library("catboost", "A CatBoost model", "catboost")
    model = catboost.CatBoost()
    try:
        model.load_model(str(path), format=form)
    except Exception as error:
        raise ModelError(
            f"Model file '{path}' was expected to be a whole CatBoost model; CatBoost refused it "
            f"({type(error).__name__}). It may be damaged; save the model again."
        ) from error
    return catboost_model(model, task=task, origin=str(path), sha256=sha256)


def catboost_model(
    model: Any,
    *,
    task: Task | None = None,
    origin: str = "",
    sha256: str | None = None,
    notes: tuple[str, ...] = (),
) -> AskedModel:
    """Return the adapter of a CatBoost model.

    Raises
    ------
    ModelError
        If the model is not fitted.
    """
    catboost = library("catboost", "A CatBoost model", "catboost")
    who = f"Model '{origin}' (CatBoost)" if origin else "The CatBoost model"
    if not model.is_fitted():
        raise ModelError(f"{who} must be fitted before it is judged, and it is not; fit it.")
    names = tuple(str(name) for name in model.feature_names_)
    features = None if names == tuple(str(place) for place in range(len(names))) else names
    stated = model.classes_
    classes = tuple(label_text(value) for value in np.asarray([] if stated is None else stated))
    loss = str(model.get_all_params().get("loss_function", "")).split(":")[0]
    output = _output(loss, classes, task)
    card = ModelCard(
        kind="CatBoost model",
        output=output,
        classes=classes,
        features=features,
        sha256=sha256,
        origin=origin or type(model).__name__,
        notes=notes,
    )
    pandas = library("pandas", "A CatBoost model", "pandas")

    def select(frame: pl.DataFrame) -> pl.DataFrame:
        return take_all(frame, len(names), who) if features is None else pick(frame, features, who)

    def say(given: Any, kind: str) -> Any:
        return catboost.CatBoost.predict(model, given, prediction_type=kind)

    def ask(frame: pl.DataFrame) -> Prediction:
        given, rows = pandas_frame(pandas, frame), frame.height
        if output is Output.VALUE:
            kind = "Exponent" if loss in _EXPONENTS else "RawFormulaVal"
            return Prediction(values=answers.values(say(given, kind), rows, who))
        kind = "Probability" if output is Output.PROBABILITY else "RawFormulaVal"
        scores = say(given, kind)
        if not classes and output is Output.PROBABILITY:
            scores = np.asarray(scores)[:, -1]
        labels = answers.labels(say(given, "Class"), rows, who) if classes else None
        return Prediction(answers.scores(scores, rows, who, output, classes), labels)

    return AskedModel(card, who, select, ask, locked=True)


def _output(loss: str, classes: tuple[str, ...], task: Task | None) -> Output:
    if loss in _PROBABILITIES:
        return Output.PROBABILITY
    ranks = loss.startswith(_ORDERS)
    if ranks or classes or task in (Task.BINARY, Task.MULTICLASS):
        return Output.DECISION
    return Output.VALUE
