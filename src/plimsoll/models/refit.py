"""Fits a model again on other rows: with a function of the user, or by repeating the fit of an estimator.

A function ``fit(rows) -> model`` receives a Polars frame of the raw features and the raw target column (and
the columns of group and time where they are named), or a pandas frame where the annotation of its first
parameter says so. A parameter ``seed`` or ``random_state``, if it has one, is given the seed. Without such a
function an estimator of scikit-learn's interface is cloned (all that is fitted forgotten, all settings kept,
doi:10.48550/arXiv.1309.0238) and fitted on its own features in the kind of frame that it was fitted on.
"""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.errors import ModelError, PlimsollError, SettingsError
from plimsoll.core.labels import label_expr, label_text
from plimsoll.core.model import Model
from plimsoll.core.subject import Subject
from plimsoll.models.asked import AskedModel, Fitted
from plimsoll.models.columns import cells
from plimsoll.models.function import hand_to, takes_nothing
from plimsoll.models.load import load_model

Refits = Callable[[pl.DataFrame, int], Model]
"""Raw features and raw target, and a seed, to a model fitted on them."""
SEEDS = ("seed", "random_state")
SAMPLE_ROWS = 64


@dataclass(frozen=True)
class Refitting:
    """What repeats the fit, or why nothing does (a sentence without a full stop)."""

    refits: Refits | None
    why_not: str = ""


def refitting(
    subject: Subject, model: Model | None = None, fit: Callable[..., Any] | None = None
) -> Refitting:
    """Return what fits the model judged again: ``fit`` where it is given, else the model's own estimator."""
    if subject.roles.target is None:
        return Refitting(None, "no target column is named to fit on")
    if fit is not None:
        return Refitting(_by_function(fit, subject))
    give = "name the function that does with --fit"
    if model is None:
        return Refitting(None, f"no model was given whose fit could be repeated; {give}")
    fitted = model.fitted if isinstance(model, AskedModel) else None
    if fitted is None:
        return Refitting(
            None, f"a model of the kind {model.card.kind} cannot be fitted again; {give}"
        )
    if not _can_be_cloned(fitted.estimator):
        kind = type(fitted.estimator).__name__
        return Refitting(
            None, f"{kind} cannot be cloned by scikit-learn, to be fitted again; {give}"
        )
    return Refitting(_by_clone(fitted, subject))


def callable_of_rows(thing: Any, name: str, gives: str) -> Callable[..., Any]:
    """Return a function that takes rows.

    Raises
    ------
    SettingsError
        If it is none, or takes no argument.
    """
    if not callable(thing) or isinstance(thing, type) or takes_nothing(thing):
        raise SettingsError(
            f"'{name}' must be a function of rows that returns {gives}; it is "
            f"{'a function without an argument' if callable(thing) else f'a {type(thing).__name__}'}."
        )
    return thing  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Experiment:
    """The user's whole way from rows to a score: preparing, fitting, predicting and scoring.

    ``measure`` is the name of the measure that it returns, as its attribute ``measure`` states it
    (``accuracy``, ``neg_log_loss``), or None where it states none.
    """

    function: Callable[..., Any]
    name: str
    measure: str | None = None

    @staticmethod
    def of(function: Callable[..., Any]) -> Experiment:
        """Take a function of the user."""
        stated = getattr(function, "measure", None)
        return Experiment(function, _name(function), stated if isinstance(stated, str) else None)

    def __call__(self, frame: pl.DataFrame) -> float:
        """Return the score for raw features with the raw target.

        Raises
        ------
        ModelError
            If the function raises or does not return one finite number.
        """
        hand = hand_to(self.function, "An experiment that takes a pandas frame")
        found = _run(
            lambda: float(self.function(hand(frame))),
            f"The experiment '{self.name}'",
            f"a score for {frame.height:,} rows with the raw target",
        )
        if not math.isfinite(found):
            raise ModelError(
                f"The experiment '{self.name}' must return a finite score; got {found}."
            )
        return float(found)


def _by_function(fit: Callable[..., Any], subject: Subject) -> Refits:
    name = _name(fit)
    hand = hand_to(fit, "A fit function that takes a pandas frame")
    seeded = _seed_parameter(fit)
    features = list(subject.roles.features)

    def again(frame: pl.DataFrame, seed: int) -> Model:
        given = {} if seeded is None else {seeded: seed}
        gives = f"a fitted model for {frame.height:,} rows of the reference"
        thing = _run(lambda: fit(hand(frame), **given), f"The fit function '{name}'", gives)
        if thing is None:
            raise ModelError(
                f"The fit function '{name}' must return the fitted model; it returned nothing."
            )
        sample = frame.select(c for c in features if c in frame.columns).head(SAMPLE_ROWS)
        return load_model(thing, task=subject.task, sample=sample)

    return again


def _by_clone(fitted: Fitted, subject: Subject) -> Refits:
    kind = type(fitted.estimator).__name__
    features = list(subject.roles.features)

    def again(frame: pl.DataFrame, seed: int) -> Model:
        from sklearn.base import clone

        fresh = clone(fitted.estimator)
        seeds = [
            name
            for name in fresh.get_params(deep=True)
            if name == "random_state" or name.endswith("__random_state")
        ]
        fresh.set_params(**dict.fromkeys(seeds, seed))
        rows = fitted.hand(frame.select(c for c in features if c in frame.columns))
        target = _target(frame, subject, fitted.estimator)
        gives = f"a fitted model for {frame.height:,} rows of the reference"
        done = _run(lambda: fresh.fit(rows, target), f"The fit of {kind}", gives)
        return load_model(done, task=subject.task)

    return again


def _run(call: Callable[[], Any], who: str, gives: str) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return call()
    except PlimsollError:
        raise
    except (Exception, SystemExit) as error:  # code of the user
        raise ModelError(
            f"{who} was expected to return {gives} and raised {type(error).__name__}; "
            "try it by itself on those rows."
        ) from error


def _target(frame: pl.DataFrame, subject: Subject, estimator: Any) -> npt.NDArray[Any]:
    """Return the target as the estimator knew it at its fit: its own classes, or numbers."""
    name = subject.roles.target
    assert name is not None
    series = frame.get_column(name)
    if not subject.is_classification:
        return series.cast(pl.Float64).to_numpy()
    stated = getattr(estimator, "classes_", None)
    if stated is None:
        return cells(series)
    known = np.asarray(stated)
    code = {label_text(value): place for place, value in enumerate(known.tolist())}
    held = pl.col(name).fill_nan(None) if series.dtype.is_float() else pl.col(name)
    texts = frame.select(label_expr(held, series.dtype).alias("t")).get_column("t").to_list()
    strange = sum(text not in code for text in texts)
    if strange:
        raise ModelError(
            f"To be fitted again the model needs labels that it knows ({', '.join(code)}); column "
            f"'{name}' of the reference holds another in {strange:,} rows. Leave them out."
        )
    out: npt.NDArray[Any] = known[[code[text] for text in texts]]
    return out


def _can_be_cloned(estimator: Any) -> bool:
    if not (hasattr(estimator, "get_params") and hasattr(estimator, "fit")):
        return False
    try:
        from sklearn.base import clone

        clone(estimator)
    except Exception:  # a foreign class may break scikit-learn's rules in any way
        return False
    return True


def _seed_parameter(function: Callable[..., Any]) -> str | None:
    try:
        names = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return None
    return next((name for name in SEEDS if name in names), None)


def _name(function: Callable[..., Any]) -> str:
    return str(getattr(function, "__name__", type(function).__name__))
