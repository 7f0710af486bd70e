"""Plain functions ``f(frame)`` that answer with scores, labels or numbers.

A function may say what it answers with by attributes: ``output`` (``"probability"``,
``"decision"``, ``"label"`` or ``"value"``) and ``classes_`` (the classes in the order of its score
columns). Where it does not, its answer for a few rows can settle it; without these a number is a
predicted value in a regression and the probability of the positive class elsewhere.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from plimsoll.core.errors import ModelError, did_you_mean
from plimsoll.core.labels import label_text
from plimsoll.core.model import ModelCard, Output, Prediction
from plimsoll.core.subject import Task
from plimsoll.models import answers
from plimsoll.models.asked import AskedModel
from plimsoll.models.columns import pandas_frame
from plimsoll.models.optional import library

SUM_TOLERANCE = 1e-3
"""How far the probabilities of a row may be from a sum of 1: room for float32 and rounding."""


def function_model(
    function: Callable[[Any], Any],
    *,
    task: Task | None = None,
    sample: pl.DataFrame | None = None,
    origin: str = "",
    sha256: str | None = None,
    notes: tuple[str, ...] = (),
) -> AskedModel:
    """Return the adapter of a predict function.

    The function receives a Polars frame of the feature columns, or a pandas frame where the
    annotation of its first argument says so. It answers once a row: text, booleans or whole numbers
    are labels (whole numbers are values in a regression), other numbers scores or values, in the
    shape (rows,) or (rows, classes). ``sample`` holds a few rows to ask where the function does not
    state its output.

    Raises
    ------
    ModelError
        If the function takes no argument, or states an output or classes that make no sense.
    """
    name = str(getattr(function, "__name__", type(function).__name__))
    who = f"The function '{origin or name}'"
    if takes_nothing(function):
        raise ModelError(
            f"{who} must take a frame of rows and takes no argument; give the predict function, or "
            "the model that it makes."
        )
    stated = _stated_output(function, who)
    classes = tuple(label_text(value) for value in getattr(function, "classes_", ()))
    if len(classes) == 1:
        raise ModelError(f"{who} must state at least two classes in classes_; it states one.")
    hand = hand_to(function)
    output = stated
    if output is None and sample is not None and sample.height:
        output = _looked(_call(function, hand, sample, who), task)
    if output is None:
        output = Output.VALUE if task is Task.REGRESSION else Output.PROBABILITY
    fixed = output if stated is not None else None
    card = ModelCard("Python function", output, classes, None, sha256, origin or name, notes)

    def ask(frame: pl.DataFrame) -> Prediction:
        given = function(hand(frame))
        return _answer(given, frame.height, who, fixed, card, task)

    return AskedModel(card, who, lambda frame: frame, ask, locked=True)


def takes_nothing(function: Callable[..., Any]) -> bool:
    """Whether a callable cannot be given a frame: no parameter that must be filled, and no ``*args``.

    Where Python cannot tell the signature, the callable is taken to accept a frame.
    """
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    kinds = inspect.Parameter
    return not any(
        parameter.kind is kinds.VAR_POSITIONAL
        or (
            parameter.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)
            and parameter.default is kinds.empty
        )
        for parameter in parameters
    )


def _answer(
    given: Any, rows: int, who: str, fixed: Output | None, card: ModelCard, task: Task | None
) -> Prediction:
    output = fixed or _by_shape(given, card.output, task)
    if output is Output.LABEL:
        return Prediction(labels=answers.labels(given, rows, who))
    if output is Output.VALUE:
        return Prediction(values=answers.values(given, rows, who))
    return Prediction(scores=answers.scores(given, rows, who, output, card.classes))


def _by_shape(given: Any, expected: Output, task: Task | None) -> Output:
    """Tell labels from numbers by their type; whether numbers are scores the card says."""
    found = np.asarray(given)
    whole = found.dtype.kind in "iu" and found.ndim == 1 and task is not Task.REGRESSION
    if whole and expected is Output.VALUE:
        return Output.VALUE
    if found.dtype.kind in "bOUST" or whole:
        return Output.LABEL
    return Output.PROBABILITY if expected is Output.LABEL else expected


def _looked(given: Any, task: Task | None) -> Output:
    """Say what a function answered with, from its answer for a few rows."""
    default = Output.VALUE if task is Task.REGRESSION else Output.PROBABILITY
    output = _by_shape(given, default, task)
    if output is not Output.PROBABILITY:
        return output
    found = np.asarray(given, dtype=np.float64)
    inside = bool(((found >= 0.0) & (found <= 1.0)).all())
    many = found.ndim == 2 and found.shape[1] > 1
    whole = not many or bool((abs(found.sum(axis=1) - 1.0) <= SUM_TOLERANCE).all())
    if inside and whole:
        return Output.PROBABILITY
    return Output.VALUE if task is None and not many else Output.DECISION


def _call(function: Callable[[Any], Any], hand: Callable[..., Any], sample: Any, who: str) -> Any:
    try:
        return function(hand(sample))
    except (Exception, SystemExit) as error:
        raise ModelError(
            f"{who} was expected to answer for a frame of {sample.height} rows and raised "
            f"{type(error).__name__}; it receives a {frame_kind(function)} frame of the features."
        ) from error


def _stated_output(function: object, who: str) -> Output | None:
    stated = getattr(function, "output", None)
    if stated is None or isinstance(stated, Output):
        return stated
    known = [output.value for output in Output]
    if stated not in known:
        raise ModelError(
            f"{who} must state its output as one of {', '.join(known)}; it states '{stated}'."
            f"{did_you_mean(str(stated), known)}"
        )
    return Output(stated)


def hand_to(
    function: Callable[..., Any], what: str = "A predict function that takes a pandas frame"
) -> Callable[[pl.DataFrame], Any]:
    """Return what turns rows into the kind of frame that a function wants: Polars, or pandas."""
    if frame_kind(function) == "Polars":
        return lambda frame: frame
    pandas = library("pandas", what, "pandas")
    return lambda frame: pandas_frame(pandas, frame)


def frame_kind(function: Callable[..., Any]) -> str:
    """Return ``pandas`` where the annotation of the first parameter says so, else ``Polars``."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return "Polars"
    wanted = parameters[0].annotation if parameters else None
    text = wanted if isinstance(wanted, str) else getattr(wanted, "__module__", "")
    return "pandas" if str(text).split(".")[0] in ("pandas", "pd") else "Polars"
