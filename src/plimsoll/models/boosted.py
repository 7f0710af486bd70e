"""What boosting libraries do to columns: their own spelling of names, and stored categories.

LightGBM writes blanks in feature names as underscores and keeps the categories of pandas columns in
the model (``pandas_categorical``); XGBoost keeps them since version 3.1. A category is handed over
as the model stored it, never as the batch happens to number it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.errors import ModelError
from plimsoll.models.columns import floats, is_text

Categories = Mapping[str, Sequence[Any] | None]
FindCategories = Callable[[pl.DataFrame], Categories]

_DEFAULT_NAME = re.compile(r"Column_\d+")


def is_lightgbm(thing: object) -> bool:
    """Whether an object is one of LightGBM's own estimators or boosters."""
    return _comes_from(thing, "lightgbm")


def is_xgboost(thing: object) -> bool:
    """Whether an object is one of XGBoost's own estimators or boosters."""
    return _comes_from(thing, "xgboost")


def unnamed(names: Sequence[str]) -> bool:
    """Whether feature names are those that LightGBM makes up for a model fitted without names."""
    return all(_DEFAULT_NAME.fullmatch(name) for name in names)


def respelled(name: str) -> str:
    """Return a feature name as LightGBM writes it.

    >>> respelled("net income")
    'net_income'
    """
    return re.sub(r"\s", "_", name)


def category_finder(estimator: Any, who: str) -> FindCategories:
    """Return the function that says which columns an estimator takes as pandas categories."""
    if is_lightgbm(estimator) and hasattr(estimator, "booster_"):
        return lightgbm_categories(estimator.booster_, who)
    if is_xgboost(estimator) and hasattr(estimator, "get_booster"):
        return xgboost_categories(estimator.get_booster(), who)
    return lambda frame: {}


def lightgbm_categories(booster: Any, who: str) -> FindCategories:
    """Return the function that says which columns a LightGBM model stored categories of.

    The model lists the categories in the order of its columns but not which columns they are of:
    those with words, and, where these are fewer, those that the model split as categories.
    """
    stored = list(booster.pandas_categorical or [])
    if not stored:
        return lambda frame: {}
    header = booster.model_to_string(num_iteration=1)
    split = _split_as_categories(header, booster.feature_name())

    def find(frame: pl.DataFrame) -> Categories:
        words = [name for name in frame.columns if is_text(frame.schema[name])]
        both = [name for name in frame.columns if name in split or name in words]
        for columns in (words, both):
            if len(columns) == len(stored):
                return dict(zip(columns, stored, strict=True))
        raise ModelError(
            f"{who} stored the categories of {len(stored)} columns, and the data holds "
            f"{len(words)} columns of words; give these columns the types they had at the fit."
        )

    return find


def lightgbm_input(frame: pl.DataFrame, find: FindCategories, who: str) -> npt.NDArray[np.float64]:
    """Return the columns as LightGBM reads them: numbers, with the stored code of each category.

    A category that the model never saw is missing to it (NaN), as LightGBM itself has it.
    """
    coded = [
        _codes(frame.get_column(name), categories or []).alias(name)
        for name, categories in find(frame).items()
    ]
    return floats(frame.with_columns(coded), who)


def xgboost_categories(booster: Any, who: str) -> FindCategories:
    """Return the function that says which columns XGBoost takes as categories.

    Words can only be handed over where the model stored the categories it was fitted on; without
    them XGBoost would number the categories of each batch afresh, which answers wrongly in silence.
    """
    types = dict(zip(booster.feature_names or (), booster.feature_types or (), strict=False))
    keeps = _keeps_categories(booster)

    def find(frame: pl.DataFrame) -> Categories:
        words = [name for name in frame.columns if is_text(frame.schema[name])]
        for name in words:
            if types.get(name) != "c":
                raise ModelError(
                    f"{who} expects numbers in the feature '{name}', which holds words; "
                    "encode it as it was for the fit, or judge the whole pipeline."
                )
            if not keeps:
                raise ModelError(
                    f"{who} did not store the categories of '{name}', so its words cannot be "
                    "matched; save the model again with XGBoost 3.1 or newer."
                )
        return dict.fromkeys(words)

    return find


def _keeps_categories(booster: Any) -> bool:
    if not hasattr(booster, "get_categories"):
        return False
    found = booster.get_categories()
    return found is not None and not found.empty()


def _split_as_categories(header: str, names: Sequence[str]) -> set[str]:
    """Return the features whose ``feature_infos`` list categories (``1:2:0``) and no range."""
    for line in header.splitlines():
        if line.startswith("feature_infos="):
            infos = line.removeprefix("feature_infos=").split(" ")
            pairs = zip(names, infos, strict=False)
            return {name for name, info in pairs if info != "none" and not info.startswith("[")}
    return set()


def _codes(column: pl.Series, categories: Sequence[Any]) -> pl.Series:
    words = any(isinstance(value, str) for value in categories)
    read = column.cast(pl.String if words else pl.Float64)
    known = [value if words else float(value) for value in categories]
    places = [float(place) for place in range(len(known))]
    return read.replace_strict(known, places, default=None, return_dtype=pl.Float64)


def _comes_from(thing: object, library: str) -> bool:
    return any(kind.__module__.split(".")[0] == library for kind in type(thing).__mro__)
