"""Fitted scikit-learn estimators and pipelines, and objects that answer like them.

A pipeline is asked with the raw columns, so its whole way from a row to a decision is judged.
Which of ``predict_proba``, ``decision_function`` and ``predict`` answers is fixed by what the
estimator offers, in this order; labels always come from ``predict``, so an estimator's own
threshold counts. Interface: https://scikit-learn.org/stable/developers/develop.html
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import polars as pl

from plimsoll.core.errors import MissingExtraError, ModelError, PlimsollError
from plimsoll.core.labels import label_text
from plimsoll.core.model import ModelCard, Output, Prediction
from plimsoll.core.subject import Task
from plimsoll.models import answers, boosted
from plimsoll.models.asked import AskedModel, Fitted, Select
from plimsoll.models.columns import (
    is_text,
    matrix,
    pandas_frame,
    pick,
    pick_respelled,
    stated_features,
    take_all,
)
from plimsoll.models.optional import pandas_or_none

Hand = Callable[[pl.DataFrame], Any]

_LARGEST_WINS = {"sklearn", "lightgbm", "xgboost", "catboost"}
_DECIDE_APART = {"SVC", "NuSVC", "NearestCentroid"}
_THREAD_SAFE = {"sklearn", "numpy", "scipy", "builtins"}


def answers_like_estimator(thing: object) -> bool:
    """Whether an object has a method that scikit-learn's classifiers and regressors answer with."""
    return any(
        callable(getattr(thing, name, None))
        for name in ("predict_proba", "decision_function", "predict")
    )


def states_its_kind(thing: object) -> bool:
    """Whether an object with only ``predict`` says if it answers with classes or numbers."""
    return (
        hasattr(thing, "predict_proba")
        or hasattr(thing, "decision_function")
        or hasattr(thing, "classes_")
        or _estimator_type(thing) in ("classifier", "regressor")
    )


def estimator_model(
    estimator: Any,
    *,
    task: Task | None = None,
    origin: str = "",
    sha256: str | None = None,
    notes: tuple[str, ...] = (),
) -> AskedModel:
    """Return the adapter of a fitted estimator.

    Raises
    ------
    ModelError
        If the estimator is not fitted, knows a single class, or predicts several targets.
    """
    kind = type(estimator).__name__
    who = f"The model {kind}" if not origin else f"Model '{origin}' ({kind})"
    _must_be_fitted(estimator, who)
    classes = _classes(estimator, who)
    output = _output(estimator, classes, task)
    features = _feature_names(estimator)
    root = type(estimator).__module__.split(".")[0]
    card = ModelCard(
        kind=f"{'scikit-learn' if root == 'sklearn' else root} {kind}",
        output=output,
        classes=classes,
        features=stated_features(features, respelled=boosted.is_lightgbm(estimator)),
        sha256=sha256,
        origin=origin or kind,
        notes=notes,
        decides_itself=output is Output.PROBABILITY and _decides_itself(_stages(estimator)[1]),
    )
    hand = _hand(estimator, features, who)
    select = _select(estimator, features, who)
    before, last = _stages(estimator)

    def ask(frame: pl.DataFrame, labels: bool = True) -> Prediction:
        given = hand(frame)
        if before is not None:
            given = before.transform(given)
        return _answer(last, given, frame.height, who, card, labels)

    return AskedModel(
        card,
        who,
        select,
        ask,
        locked=not _thread_safe(estimator),
        ask_scores=lambda frame: ask(frame, labels=False),
        fitted=Fitted(estimator, lambda frame: hand(select(frame))),
    )


def _answer(
    last: Any, given: Any, rows: int, who: str, card: ModelCard, labels: bool
) -> Prediction:
    if card.output is Output.VALUE:
        return Prediction(values=answers.values(last.predict(given), rows, who))
    if card.output is Output.LABEL:
        return Prediction(labels=answers.labels(last.predict(given), rows, who))
    if card.output is Output.DECISION and not hasattr(last, "decision_function"):
        found = answers.values(last.predict(given), rows, who)
        return Prediction(scores=found.reshape(-1, 1))
    named = None
    if labels and hasattr(last, "predict"):
        named = answers.labels(last.predict(given), rows, who)
    ask = last.predict_proba if card.output is Output.PROBABILITY else last.decision_function
    found = answers.scores(ask(given), rows, who, card.output, card.classes)
    return Prediction(scores=found, labels=named)


def _stages(estimator: Any) -> tuple[Any, Any]:
    """Split a pipeline before its last step, so that rows are transformed once, not twice."""
    if type(estimator).__name__ == "Pipeline" and type(estimator).__module__ == "sklearn.pipeline":
        last = estimator.steps[-1][1]
        if len(estimator.steps) > 1 and answers_like_estimator(last):
            return estimator[:-1], last
    return None, estimator


def _decides_itself(last: Any) -> bool:
    """Whether ``predict`` may be more than the class with the largest probability.

    True for scikit-learn's wrappers with a threshold of their own, for its classes that fit chances
    apart from decisions, and for every class that is not of a library known to take the largest. A class
    without ``predict`` leaves the decision to others.
    """
    if not hasattr(last, "predict"):
        return False
    if type(last).__module__.split(".")[0] not in _LARGEST_WINS:
        return True
    return "threshold" in type(last).__module__ or type(last).__name__ in _DECIDE_APART


def _must_be_fitted(estimator: Any, who: str) -> None:
    if not isinstance(getattr(sys.modules.get("sklearn.base"), "BaseEstimator", None), type):
        return
    from sklearn.base import BaseEstimator
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    if isinstance(estimator, BaseEstimator):
        try:
            check_is_fitted(estimator)
        except NotFittedError:
            raise ModelError(
                f"{who} must be fitted before it is judged, and it is not; call its fit method."
            ) from None


def _classes(estimator: Any, who: str) -> tuple[str, ...]:
    try:
        stated = getattr(estimator, "classes_", None)
    except Exception:  # a property of a foreign class may raise anything where it does not apply
        return ()
    if stated is None:
        return ()
    if isinstance(stated, list) and stated and isinstance(stated[0], np.ndarray):
        raise ModelError(
            f"{who} predicts {len(stated)} targets; judge a model with one target at a time."
        )
    classes = tuple(label_text(value) for value in np.asarray(stated).tolist())
    if len(classes) == 1:
        raise ModelError(
            f"{who} must know at least two classes and was fitted on one; "
            "fit it on rows of every class."
        )
    return classes


def _output(estimator: Any, classes: tuple[str, ...], task: Task | None) -> Output:
    kind = _estimator_type(estimator)
    if hasattr(estimator, "predict_proba") and kind != "regressor":
        return Output.PROBABILITY
    if hasattr(estimator, "decision_function") and kind != "regressor":
        pairs = getattr(_stages(estimator)[1], "decision_function_shape", "ovr") == "ovo"
        if not (pairs and len(classes) > 2):
            return Output.DECISION
        return Output.LABEL  # one score a pair of classes is no score of a class
    if classes or kind == "classifier":
        return Output.LABEL
    if task in (Task.BINARY, Task.MULTICLASS):
        return Output.DECISION  # a number where a class is judged orders rows
    return Output.VALUE


def _estimator_type(thing: object) -> str | None:
    """Return 'classifier', 'regressor' or another word as scikit-learn's tags state it, or None."""
    tags = getattr(thing, "__sklearn_tags__", None)
    if callable(tags):
        try:
            stated = tags().estimator_type
        except Exception:  # tags of a foreign class may not fit the installed scikit-learn
            stated = None
        if stated is not None:
            return str(stated)
    named = getattr(thing, "_estimator_type", None)
    return named if isinstance(named, str) else None


def _feature_names(estimator: Any) -> tuple[str, ...] | None:
    try:
        names = getattr(estimator, "feature_names_in_", None)
    except Exception:  # XGBoost raises its own errors where it was fitted without names
        return None
    if names is None and boosted.is_lightgbm(estimator):  # before 4.6 only the booster names them
        names = estimator.booster_.feature_name()
    if names is None:
        return None
    texts = tuple(str(name) for name in names)
    if boosted.unnamed(texts):
        return None
    return texts


def _select(estimator: Any, features: tuple[str, ...] | None, who: str) -> Select:
    if features is not None and boosted.is_lightgbm(estimator):
        return lambda frame: pick_respelled(frame, features, who, boosted.respelled)
    if features is not None:
        return lambda frame: pick(frame, features, who)
    expected = getattr(estimator, "n_features_in_", None)
    return lambda frame: take_all(frame, None if expected is None else int(expected), who)


def _hand(estimator: Any, features: tuple[str, ...] | None, who: str) -> Hand:
    """Return the function that turns picked columns into what the estimator was fitted on."""
    missing = _missing_word(estimator)
    if features is None:
        counted = getattr(estimator, "n_features_in_", None) is not None
        return lambda frame: _unnamed_input(frame, counted, missing)
    pandas = pandas_or_none()
    if pandas is None:
        return lambda frame: _without_pandas(frame, estimator, who)
    find = boosted.category_finder(estimator, who)
    return lambda frame: pandas_frame(pandas, frame, missing=missing, categories=find(frame))


def _unnamed_input(frame: pl.DataFrame, counted: bool, missing: object) -> Any:
    """Return an array; for a model of texts (a vectorizer states no number of columns) in 1-D."""
    single_text = frame.width == 1 and is_text(frame.dtypes[0])
    table = matrix(frame, missing)
    return table[:, 0] if single_text and not counted else table


def _without_pandas(frame: pl.DataFrame, estimator: Any, who: str) -> Any:
    """Return the Polars frame itself, where that cannot quietly change the answer.

    Raises
    ------
    MissingExtraError
        If words are missing (None to Polars, NaN to a model fitted on pandas) or the estimator
        cannot read a Polars frame.
    """
    what = f"{who}, fitted on a frame with column names,"
    if any(is_text(column.dtype) and column.null_count() for column in frame.iter_columns()):
        raise MissingExtraError(what, "pandas")
    before, last = _stages(estimator)
    try:
        head = frame.head(1)
        last.predict(head if before is None else before.transform(head))
    except PlimsollError:
        raise
    except Exception as error:
        raise MissingExtraError(what, "pandas") from error
    return frame


def _missing_word(estimator: Any) -> object:
    """Return what a missing word was at the fit: None if an encoder learned None, else NaN.

    Encoders take None and NaN for different categories; a frame of Polars gives None, one that
    pandas read gives NaN.
    """
    for part in _parts(estimator):
        for learned in _listed(vars(part).get("categories_")):
            if any(value is None for value in np.asarray(learned).tolist()):
                return None
    return np.nan


def _listed(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _thread_safe(estimator: Any) -> bool:
    """Whether every part is scikit-learn's own; a function of the user in it is not known."""
    return all(
        type(part).__module__.split(".")[0] in _THREAD_SAFE
        and type(part).__name__ != "FunctionTransformer"
        for part in _parts(estimator)
    )


def _parts(estimator: Any) -> Iterator[Any]:
    """Yield an estimator and every estimator inside it, fitted ones included."""
    seen: set[int] = set()
    waiting = [estimator]
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, list | tuple):
            waiting.extend(item for item in thing if not isinstance(item, str | int | float))
        elif isinstance(thing, dict):
            waiting.extend(thing.values())
        elif hasattr(thing, "__dict__") and hasattr(thing, "get_params"):
            yield thing
            waiting.extend(vars(thing).values())
