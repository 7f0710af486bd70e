"""LightGBM boosters: text and JSON files, and boosters in memory.

A booster states its objective, which says what its numbers are, but no classes. With ``binary`` it
answers with the probability of class code 1.
Source: https://lightgbm.readthedocs.io/en/stable/Parameters.html#objective
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from plimsoll.core.errors import ModelError
from plimsoll.core.model import ModelCard, Output, Prediction
from plimsoll.core.subject import Task
from plimsoll.models import answers, boosted
from plimsoll.models.asked import AskedModel
from plimsoll.models.columns import pick_respelled, stated_features, take_all
from plimsoll.models.lightgbm_json import text_model
from plimsoll.models.optional import library

_PROBABILITIES = ("binary", "cross_entropy", "multiclass")
_ORDERS = ("cross_entropy_lambda", "multiclassova", "lambdarank", "rank_xendcg")


def is_lightgbm_booster(thing: object) -> bool:
    """Whether an object is a LightGBM ``Booster``."""
    return boosted.is_lightgbm(thing) and type(thing).__name__ == "Booster"


def lightgbm_file(
    path: Path, *, is_json: bool, task: Task | None = None, sha256: str | None = None
) -> AskedModel:
    """Return the adapter of a LightGBM model file, as text or as the JSON of ``dump_model``.

    Raises
    ------
    ModelError
        If the file is damaged.
    MissingExtraError
        If LightGBM is not installed.
    """
    lightgbm = library("lightgbm", "A LightGBM model", "lightgbm")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ModelError(
            f"Model file '{path}' was expected to be text and is damaged; save the model again."
        ) from None
    if is_json:
        text = text_model(text, str(path))
    elif "end of trees" not in text:
        raise ModelError(
            f"Model file '{path}' was expected to end with its last tree and is cut short; "
            "save the model again."
        )
    try:
        booster = lightgbm.Booster(model_str=text)
    except Exception as error:
        raise ModelError(
            f"Model file '{path}' was expected to be a LightGBM model; LightGBM refused it "
            f"({type(error).__name__}). It may be damaged; save the model again."
        ) from error
    return lightgbm_model(booster, task=task, origin=str(path), sha256=sha256)


def lightgbm_model(
    booster: Any,
    *,
    task: Task | None = None,
    origin: str = "",
    sha256: str | None = None,
    notes: tuple[str, ...] = (),
) -> AskedModel:
    """Return the adapter of a LightGBM booster."""
    who = f"Model '{origin}' (LightGBM)" if origin else "The LightGBM booster"
    names = tuple(booster.feature_name())
    features = None if boosted.unnamed(names) else names
    output = _output(_objective(booster), booster.num_model_per_iteration(), task)
    card = ModelCard(
        kind="LightGBM booster",
        output=output,
        features=stated_features(features, respelled=True),
        sha256=sha256,
        origin=origin or "LightGBM booster",
        notes=notes,
    )
    find = boosted.lightgbm_categories(booster, who)

    def select(frame: pl.DataFrame) -> pl.DataFrame:
        if features is None:
            return take_all(frame, len(names), who)
        return pick_respelled(frame, features, who, boosted.respelled)

    def ask(frame: pl.DataFrame) -> Prediction:
        answer = booster.predict(boosted.lightgbm_input(frame, find, who))
        if output is Output.VALUE:
            return Prediction(values=answers.values(answer, frame.height, who))
        return Prediction(scores=answers.scores(answer, frame.height, who, output))

    return AskedModel(card, who, select, ask, locked=True)


def _objective(booster: Any) -> str:
    """Return the first word of the objective that the model states, or '' (one of the user's own)."""
    for line in booster.model_to_string(num_iteration=1).splitlines():
        if line.startswith("objective="):
            return str(line.removeprefix("objective=").split(" ")[0])
        if line.startswith("Tree="):
            break
    return ""


def _output(objective: str, per_round: int, task: Task | None) -> Output:
    """Say what the numbers of an objective are.

    ``multiclassova`` and ``cross_entropy_lambda`` give no probabilities that sum to one, so they
    only order. An objective that LightGBM does not know leaves raw scores.
    """
    if objective in _PROBABILITIES:
        return Output.PROBABILITY
    if objective in _ORDERS or per_round > 1:
        return Output.DECISION
    if task in (Task.BINARY, Task.MULTICLASS):
        return Output.DECISION
    if objective in ("", "none", "custom") and task is not Task.REGRESSION:
        return Output.DECISION
    return Output.VALUE
