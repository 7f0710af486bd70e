"""XGBoost boosters: JSON and UBJ files, and boosters in memory.

The objective says what the numbers are. A raw booster states no classes; a file that
``XGBClassifier`` saved does (0 to k - 1) and is asked up to its best round, as that class does.
Source: https://xgboost.readthedocs.io/en/stable/parameter.html#learning-task-parameters
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from plimsoll.core.errors import ModelError
from plimsoll.core.model import ModelCard, Output, Prediction
from plimsoll.core.subject import Task
from plimsoll.models import answers, boosted
from plimsoll.models.asked import AskedModel
from plimsoll.models.columns import floats, pandas_frame, pick, take_all
from plimsoll.models.optional import library

_PROBABILITIES = ("binary:logistic", "multi:softprob")
_LABELS = ("multi:softmax", "binary:hinge")
_ORDERS = ("binary:logitraw", "survival:cox")


def is_xgboost_booster(thing: object) -> bool:
    """Whether an object is an XGBoost ``Booster``."""
    return boosted.is_xgboost(thing) and type(thing).__name__ == "Booster"


def xgboost_file(path: Path, *, task: Task | None = None, sha256: str | None = None) -> AskedModel:
    """Return the adapter of an XGBoost model file, JSON or UBJ.

    Raises
    ------
    ModelError
        If the file is damaged.
    MissingExtraError
        If XGBoost is not installed.
    """
    xgboost = library("xgboost", "An XGBoost model", "xgboost")
    try:
        booster = xgboost.Booster(model_file=bytearray(path.read_bytes()))
        booster.num_features()
    except Exception as error:
        raise ModelError(
            f"Model file '{path}' was expected to be a whole XGBoost model; XGBoost refused it "
            f"({type(error).__name__}). It may be damaged or a dump; save it with save_model."
        ) from error
    return xgboost_model(booster, task=task, origin=str(path), sha256=sha256)


def xgboost_model(
    booster: Any,
    *,
    task: Task | None = None,
    origin: str = "",
    sha256: str | None = None,
    notes: tuple[str, ...] = (),
) -> AskedModel:
    """Return the adapter of an XGBoost booster."""
    xgboost = library("xgboost", "An XGBoost model", "xgboost")
    who = f"Model '{origin}' (XGBoost)" if origin else "The XGBoost booster"
    learner = json.loads(booster.save_config())["learner"]
    objective = str(learner["objective"]["name"])
    output = _output(objective, task)
    features = None if booster.feature_names is None else tuple(booster.feature_names)
    card = ModelCard(
        kind="XGBoost booster",
        output=output,
        classes=_classes(booster, objective, int(learner["learner_model_param"]["num_class"])),
        features=features,
        sha256=sha256,
        origin=origin or "XGBoost booster",
        notes=notes + _notes(booster),
    )
    table = _input(xgboost, booster, who)
    rounds = _rounds(booster)

    def select(frame: pl.DataFrame) -> pl.DataFrame:
        if features is None:
            return take_all(frame, int(booster.num_features()), who)
        return pick(frame, features, who)

    def ask(frame: pl.DataFrame) -> Prediction:
        answer = booster.predict(table(frame), iteration_range=rounds)
        if output is Output.LABEL:
            codes = np.asarray(answer).astype(np.int64)
            return Prediction(labels=answers.labels(codes, frame.height, who))
        if output is Output.VALUE:
            return Prediction(values=answers.values(answer, frame.height, who))
        return Prediction(scores=answers.scores(answer, frame.height, who, output, card.classes))

    return AskedModel(card, who, select, ask, locked=True)


def _output(objective: str, task: Task | None) -> Output:
    judged_as_class = task in (Task.BINARY, Task.MULTICLASS)
    if objective in _PROBABILITIES or (objective == "reg:logistic" and judged_as_class):
        return Output.PROBABILITY
    if objective in _LABELS:
        return Output.LABEL
    if objective in _ORDERS or objective.startswith("rank:") or judged_as_class:
        return Output.DECISION
    return Output.VALUE


def _classes(booster: Any, objective: str, number: int) -> tuple[str, ...]:
    """Return the classes 0 to k - 1 where ``XGBClassifier`` saved the model, for it demands them."""
    if not _saved_by_classifier(booster) or not objective.startswith(("binary:", "multi:")):
        return ()
    return tuple(str(code) for code in range(max(number, 2)))


def _saved_by_classifier(booster: Any) -> bool:
    stated = booster.attr("scikit_learn")
    return stated is not None and '"classifier"' in stated


def _rounds(booster: Any) -> tuple[int, int]:
    """Return the rounds to ask, (0, 0) for all of them."""
    best = booster.attr("best_iteration")
    if best is None or booster.attr("scikit_learn") is None:
        return 0, 0
    return 0, int(best) + 1


def _notes(booster: Any) -> tuple[str, ...]:
    best, all_rounds = booster.attr("best_iteration"), booster.num_boosted_rounds()
    if best is None or _rounds(booster) != (0, 0) or int(best) + 1 == all_rounds:
        return ()
    return (
        f"The booster holds {all_rounds} rounds and calls round {int(best) + 1} its best; "
        "it was asked with all of them, as Booster.predict does.",
    )


def _input(xgboost: Any, booster: Any, who: str) -> Callable[[pl.DataFrame], Any]:
    """Return the function that makes XGBoost's own table of the picked columns."""
    names, types = booster.feature_names, booster.feature_types
    find = boosted.xgboost_categories(booster, who)
    has_categories = "c" in (types or ())

    def table(frame: pl.DataFrame) -> Any:
        words = find(frame)
        if words:
            pandas = library("pandas", f"{who}, which takes words,", "pandas")
            given = pandas_frame(pandas, frame, categories=words)
            return xgboost.DMatrix(given, enable_categorical=True)
        return xgboost.DMatrix(
            floats(frame, who),
            feature_names=names,
            feature_types=types if has_categories else None,
            enable_categorical=has_categories,
        )

    return table
