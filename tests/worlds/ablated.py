"""Worlds in which it is known what the target rests on, and recipes that can be fitted again."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

INPUTS = ("x1", "x2", "x3", "x4")


def copied(n: int, seed: int, *, weight: float = 2.0) -> pl.DataFrame:
    """The target rests on x1 and x2; x3 is a copy of x1 and x4 is noise."""
    r = np.random.default_rng(seed)
    x1, x2, x4 = r.normal(size=(3, n))
    y = r.random(n) < expit(weight * (x1 + x2))
    return pl.DataFrame({"x1": x1, "x2": x2, "x3": x1, "x4": x4, "y": y.astype(int)})


def noise(n: int, seed: int) -> pl.DataFrame:
    """No input tells anything of the target."""
    r = np.random.default_rng(seed)
    columns = {name: r.normal(size=n) for name in INPUTS}
    return pl.DataFrame({**columns, "y": r.integers(0, 2, n)})


def logistic(frame: pl.DataFrame, inputs: tuple[str, ...] = INPUTS) -> Any:
    """Fit a logistic regression that shares what x1 and x3 tell between them."""
    table = frame.to_pandas()
    return LogisticRegression().fit(table[list(inputs)], table["y"])


def tree(frame: pl.DataFrame) -> Any:
    """Fit a deep tree, which answers otherwise whenever its rows are others."""
    table = frame.to_pandas()
    return DecisionTreeClassifier(random_state=0).fit(table[list(INPUTS)], table["y"])


class OnlyFirst:
    """A model that reads x1 and x2 and never x3, though x3 would do for x1."""

    classes_ = np.array([0, 1])

    def predict_proba(self, frame: Any) -> Any:
        margin = 2.0 * (frame["x1"].to_numpy() + frame["x2"].to_numpy())
        p = 1.0 / (1.0 + np.exp(-margin))
        return np.column_stack([1 - p, p])

    def predict(self, frame: Any) -> Any:
        return (self.predict_proba(frame)[:, 1] >= 0.5).astype(int)

    feature_names_in_ = np.array(INPUTS)
