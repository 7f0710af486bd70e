"""All five checks keep the contract for every task, with weights, groups, words, dates and gaps."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

import plimsoll
from plimsoll.core.finding import Status
from plimsoll.reports.charts import why_not

CODES = ["ABL001", "ABL002", "ABL003", "ABL004", "ABL005"]
LEVEL = 0.9


def mixed(task: str, n: int, seed: int) -> pl.DataFrame:
    r = np.random.default_rng(seed)
    x = r.normal(size=n)
    word = r.choice(["red", "green", "blue"], n)
    score = 1.5 * x + (word == "red") + r.normal(size=n)
    y: Any = {
        "binary": np.where(score > 0.3, "yes", "no"),
        "multiclass": np.digitize(score, [-0.5, 1.0]),
        "regression": score,
    }[task]
    return pl.DataFrame(
        {
            "x": pl.Series(x).set(pl.Series(r.random(n) < 0.05), None),
            "word": pl.Series(word).set(pl.Series(r.random(n) < 0.05), None),
            "day": [dt.date(2024, 1, 1) + dt.timedelta(days=int(i % 50)) for i in range(n)],
            "flag": r.random(n) < 0.5,
            "whole": r.integers(0, 9, n),
            "g": r.integers(0, n // 4, n),
            "w": r.uniform(0.5, 2.0, n),
            "y": y,
        }
    )


class Recipe:
    """A forest on a few columns, with gaps filled and words counted."""

    def __init__(self, task: str, seed: int = 0) -> None:
        made = RandomForestRegressor if task == "regression" else RandomForestClassifier
        self.last: Any = made(10, max_depth=4, random_state=seed)
        self.feature_names_in_ = np.array(["x", "word", "day", "flag", "whole"])
        if task == "regression":
            self._estimator_type = "regressor"
        else:
            self.predict_proba = self._proba

    def table(self, frame: pd.DataFrame) -> Any:
        return np.column_stack(
            [
                frame["x"].fillna(0.0),
                (frame["word"] == "red").astype(float),
                frame["flag"].astype(float),
                frame["whole"].astype(float),
            ]
        )

    def fit(self, frame: pd.DataFrame) -> Recipe:
        self.last.fit(self.table(frame), frame["y"])
        if hasattr(self.last, "classes_"):
            self.classes_ = self.last.classes_
        return self

    def predict(self, frame: pd.DataFrame) -> Any:
        return self.last.predict(self.table(frame))

    def _proba(self, frame: pd.DataFrame) -> Any:
        return self.last.predict_proba(self.table(frame))


@pytest.mark.parametrize("roles", [{}, {"weight": "w", "group": "g"}])
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_they_keep_the_contract(task: str, roles: dict[str, str]) -> None:
    train, test = mixed(task, 500, 1), mixed(task, 400, 2)

    def fit(frame: pd.DataFrame, seed: int = 0) -> Recipe:
        return Recipe(task, seed).fit(frame)

    def experiment(frame: pd.DataFrame) -> float:
        half = len(frame) // 2
        model = fit(frame[:half])
        return float(model.last.score(model.table(frame[half:]), frame["y"][half:]))

    record = plimsoll.evaluate(
        test,
        model=fit(train.to_pandas()),
        reference=train,
        fit=fit,
        experiment=experiment,
        target="y",
        task=task,
        positive="yes" if task == "binary" else None,
        ignore=[c for c in ("g", "w") if c not in roles.values()],
        only=CODES,
        confidence=LEVEL,
        **roles,
    )
    for entry in record.checks:
        assert entry.status in (Status.PASS, Status.UNSURE, Status.FAIL), (entry.code, entry.reason)
        places = [(e.name, e.where) for e in entry.estimates]
        assert len(set(places)) == len(places), entry.code
        assert entry.estimates or entry.code == "ABL003"
        for e in entry.estimates:
            assert all(math.isfinite(v) and type(v) is float for v in (e.value, e.low, e.high)), e
            assert e.low <= e.value <= e.high
            assert e.level == LEVEL
            assert e.n >= 1
        for f in entry.findings:
            assert f.title.endswith(".")
            assert f.meaning
            assert f.action
            assert "nan" not in f.meaning
        for figure in entry.figures:
            assert why_not(figure) is None, why_not(figure)
        for table in entry.tables:
            assert all(len(row) == len(table.columns) for row in table.rows)
    assert not [f for entry in record.checks for f in entry.findings if "leaks:" in f.title]
    for form in ("terminal", "html", "json", "markdown"):
        assert record.render(form)


@pytest.mark.parametrize("code", CODES)
def test_without_rows_to_fit_on_or_a_model_they_say_what_to_give(code: str) -> None:
    frame = mixed("binary", 200, 3).with_columns(p=0.5 + 0.1 * pl.col("whole").cast(pl.Float64) / 9)
    record = plimsoll.evaluate(frame, target="y", positive="yes", score="p", only=[code])
    (entry,) = record.checks
    assert entry.status is Status.SKIPPED
    assert entry.reason


@pytest.mark.parametrize("rows", [4, 20, 90])
def test_few_rows_break_nothing(rows: int) -> None:
    frame = mixed("binary", rows, 4)
    model = Recipe("binary").fit(mixed("binary", 100, 5).to_pandas())
    record = plimsoll.evaluate(
        frame, model=model, reference=frame, target="y", positive="yes", only=CODES,
        fit=lambda f, seed=0: Recipe("binary", seed).fit(f.to_pandas()),
    )  # fmt: skip
    assert not [c for c in record.checks if c.status is Status.ERROR]
