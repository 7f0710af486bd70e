"""Point values of whole runs, from rows to record, against scikit-learn on the same rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
import polars as pl

from plimsoll.checks import discover
from plimsoll.core.estimate import EVERYWHERE
from plimsoll.core.settings import parse_settings
from plimsoll.engine.assemble import Given, assemble
from plimsoll.engine.run import run
from plimsoll.selfcheck.case import Case

SOURCE = "scikit-learn, same rows, now"
CLOSE = 1e-9
ROWS = 700
CLASSES = ("cat", "dog", "emu")


@dataclass(frozen=True)
class World:
    """One table, the roles of its columns, and what scikit-learn makes of it."""

    name: str
    roles: Mapping[str, Any]
    table: Callable[[], pl.DataFrame]
    expected: Callable[[pl.DataFrame], dict[str, float]]


def point_cases() -> Iterator[Case]:
    """Return a case for every measure of every kind of task."""
    for world in WORLDS:
        for measure, expected in world.expected(world.table()).items():
            compute = partial(_measured, world.name, measure)
            yield Case(f"{world.name}: {measure}", SOURCE, float(expected), CLOSE, compute)


def _measured(name: str, measure: str) -> float:
    return _judged(name)[measure]


@cache
def _judged(name: str) -> dict[str, float]:
    """Judge one table as ``plimsoll check`` does and return its values for the whole of the data."""
    world = next(world for world in WORLDS if world.name == name)
    checks = [check for check in discover() if check.CARD.area == "performance"]
    settings = parse_settings({"columns": dict(world.roles)})
    result = run(assemble(settings, checks, (), Given(data=world.table())))
    found = [estimate for entry in result.entries for estimate in entry.estimates]
    return {estimate.name: estimate.value for estimate in found if estimate.where == EVERYWHERE}


def _binary() -> pl.DataFrame:
    """Scores with ties, for they are rounded."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=ROWS)
    p = np.round(1 / (1 + np.exp(1 - 1.5 * x)), 2).clip(0.01, 0.99)
    return pl.DataFrame({"y": (rng.random(ROWS) < p).astype(np.int64), "p": p})


def _of_binary(table: pl.DataFrame) -> dict[str, float]:
    from sklearn import metrics as m

    y, p = table["y"].to_numpy(), table["p"].to_numpy()
    said = (p >= 0.5).astype(np.int64)
    return {
        "accuracy": m.accuracy_score(y, said),
        "balanced_accuracy": m.balanced_accuracy_score(y, said),
        "precision": m.precision_score(y, said),
        "recall": m.recall_score(y, said),
        "specificity": m.recall_score(y, said, pos_label=0),
        "f1": m.f1_score(y, said),
        "matthews_corrcoef": m.matthews_corrcoef(y, said),
        "roc_auc": m.roc_auc_score(y, p),
        "average_precision": m.average_precision_score(y, p),
        "log_loss": m.log_loss(y, p),
        "brier_score": m.brier_score_loss(y, p),
    }


def _multiclass() -> pl.DataFrame:
    rng = np.random.default_rng(2)
    p = rng.dirichlet([1.0, 1.0, 1.0], ROWS)
    label = (p.cumsum(axis=1) > rng.random((ROWS, 1))).argmax(axis=1)
    columns = {f"p_{name}": p[:, i] for i, name in enumerate(CLASSES)}
    return pl.DataFrame({"y": np.array(CLASSES)[label], **columns})


def _of_multiclass(table: pl.DataFrame) -> dict[str, float]:
    from sklearn import metrics as m

    y, p = table["y"].to_numpy(), table.drop("y").to_numpy()
    said = np.array(CLASSES)[p.argmax(axis=1)]
    return {
        "accuracy": m.accuracy_score(y, said),
        "balanced_accuracy": m.balanced_accuracy_score(y, said),
        "precision": m.precision_score(y, said, average="macro"),
        "recall": m.recall_score(y, said, average="macro"),
        "f1": m.f1_score(y, said, average="macro"),
        "matthews_corrcoef": m.matthews_corrcoef(y, said),
        "roc_auc": m.roc_auc_score(y, p, multi_class="ovr", average="macro"),
        "log_loss": m.log_loss(y, p),
    }


def _regression() -> pl.DataFrame:
    rng = np.random.default_rng(3)
    y = np.exp(rng.normal(3.0, 0.6, ROWS))
    return pl.DataFrame({"y": y, "said": y * np.exp(rng.normal(0.0, 0.2, ROWS))})


def _of_regression(table: pl.DataFrame) -> dict[str, float]:
    from sklearn import metrics as m

    y, said = table["y"].to_numpy(), table["said"].to_numpy()
    return {
        "mean_absolute_error": m.mean_absolute_error(y, said),
        "root_mean_squared_error": m.mean_squared_error(y, said) ** 0.5,
        "median_absolute_error": m.median_absolute_error(y, said),
        "mean_absolute_percentage_error": m.mean_absolute_percentage_error(y, said),
        "r2": m.r2_score(y, said),
    }


WORLDS = (
    World("binary", {"target": "y", "score": "p"}, _binary, _of_binary),
    World(
        "multiclass",
        {"target": "y", "score": {name: f"p_{name}" for name in CLASSES}},
        _multiclass,
        _of_multiclass,
    ),
    World("regression", {"target": "y", "prediction": "said"}, _regression, _of_regression),
)
