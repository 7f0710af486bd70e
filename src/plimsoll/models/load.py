"""The door to all models: a path, ``module:attribute`` or an object comes in, an adapter goes out."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import polars as pl

from plimsoll.core.errors import ModelError
from plimsoll.core.fingerprint import sha256_file
from plimsoll.core.model import Model
from plimsoll.core.subject import Task
from plimsoll.models.catboost_model import catboost_file, catboost_model, is_catboost
from plimsoll.models.estimator import answers_like_estimator, estimator_model, states_its_kind
from plimsoll.models.function import function_model
from plimsoll.models.lightgbm_model import is_lightgbm_booster, lightgbm_file, lightgbm_model
from plimsoll.models.onnx_model import onnx_file
from plimsoll.models.pickled import load_pickle
from plimsoll.models.python_ref import find_object, is_python_reference
from plimsoll.models.skops_file import load_skops
from plimsoll.models.sniff import FileKind, sniff
from plimsoll.models.xgboost_model import is_xgboost_booster, xgboost_file, xgboost_model

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def load_model(
    ref: Any,
    *,
    trust: bool = False,
    task: Task | str | None = None,
    sample: pl.DataFrame | None = None,
) -> Model:
    """Return something that can be asked for predictions, whatever the model was made with.

    ``ref`` is the path of a file (ONNX, LightGBM text or JSON, XGBoost JSON or UBJ, CatBoost,
    skops; pickle or joblib only with ``trust``), ``module:attribute``, or an object: a fitted
    estimator or pipeline, a booster, or a function of a frame. The text ``module:attribute`` may
    name a model, a predict function or a factory; see ``plimsoll.models.python_ref`` for the rule.

    ``task`` helps where a model does not say whether its numbers are scores or values (functions,
    boosters with an objective of their own, plain ONNX tensors). ``sample`` holds a few rows of the
    features, for a function that does not state its output.

    Raises
    ------
    ModelError
        If the model cannot be found, loaded or understood.
    UntrustedModelError
        If loading it could run code and ``trust`` is not given; then no byte of it is unpickled.
    MissingExtraError
        If a library that the model needs is not installed.
    """
    wanted = None if task is None or task == "auto" else Task(task)
    if isinstance(ref, str | os.PathLike):
        text = os.fspath(ref)
        if isinstance(ref, str) and _URL.match(text):
            raise ModelError(_no_url(text))
        if isinstance(ref, str) and is_python_reference(text) and not Path(text).exists():
            return _from_object(find_object(text), wanted, sample, origin=text)
        return _from_file(Path(text), trust, wanted, sample)
    return _from_object(ref, wanted, sample)


def _no_url(text: str) -> str:
    scheme = text.split("://", 1)[0].lower()
    if scheme in ("http", "https"):
        return (
            "A model must be a file or Python code; it is a URL, and model endpoints are not "
            "supported by this version. Write a function that asks the endpoint and name it as "
            "module:attribute."
        )
    return (
        f"A model must be a local file or Python code; it is a {scheme}:// address. "
        "Fetch the file first and give its path."
    )


def _from_file(path: Path, trust: bool, task: Task | None, sample: pl.DataFrame | None) -> Model:
    kind = sniff(path, trust=trust)
    sha256 = sha256_file(path)
    if kind is FileKind.ONNX:
        return onnx_file(path, task=task, sha256=sha256)
    if kind in (FileKind.LIGHTGBM, FileKind.LIGHTGBM_JSON):
        is_json = kind is FileKind.LIGHTGBM_JSON
        return lightgbm_file(path, is_json=is_json, task=task, sha256=sha256)
    if kind is FileKind.XGBOOST:
        return xgboost_file(path, task=task, sha256=sha256)
    if kind in (FileKind.CATBOOST, FileKind.CATBOOST_JSON):
        form = "json" if kind is FileKind.CATBOOST_JSON else "cbm"
        return catboost_file(path, form=form, task=task, sha256=sha256)
    notes: tuple[str, ...] = ()
    if kind is FileKind.SKOPS:
        thing = load_skops(path, trust=trust)
    else:
        thing, notes = load_pickle(path, trust=trust)
    return _from_object(thing, task, sample, origin=str(path), sha256=sha256, notes=notes)


def _from_object(
    thing: Any,
    task: Task | None,
    sample: pl.DataFrame | None,
    *,
    origin: str = "",
    sha256: str | None = None,
    notes: tuple[str, ...] = (),
) -> Model:
    if isinstance(thing, Model):
        return thing
    if isinstance(thing, type):
        raise ModelError(
            f"A model must be fitted before it is judged; {_named(origin)} is the class "
            f"{thing.__name__} itself. Make one and fit it."
        )
    facts: dict[str, Any] = {"origin": origin, "sha256": sha256, "notes": notes}
    if is_lightgbm_booster(thing):
        return lightgbm_model(thing, task=task, **facts)
    if is_xgboost_booster(thing):
        return xgboost_model(thing, task=task, **facts)
    if is_catboost(thing):
        return catboost_model(thing, task=task, **facts)
    if answers_like_estimator(thing) and (states_its_kind(thing) or not callable(thing.predict)):
        return estimator_model(thing, task=task, **facts)
    if callable(getattr(thing, "predict", None)):
        named = origin or f"{type(thing).__name__}.predict"
        return function_model(thing.predict, task=task, sample=sample, **facts | {"origin": named})
    if callable(thing):
        return function_model(thing, task=task, sample=sample, **facts)
    raise ModelError(
        f"A model must be a fitted estimator, a booster or a function of a frame; "
        f"{_named(origin)} is a {type(thing).__name__}. "
        "If it holds a model among other things, save or name the model itself."
    )


def _named(origin: str) -> str:
    return f"'{origin}'" if origin else "the object given"
