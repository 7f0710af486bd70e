"""--fit and --experiment name functions; what is none is refused before anything runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

import plimsoll
from plimsoll.core.errors import SettingsError
from plimsoll.core.finding import Status
from worlds.ablated import copied, logistic

MODULE = """
from sklearn.linear_model import LogisticRegression

def fit(frame: "pandas.DataFrame"):
    return LogisticRegression().fit(frame[["x1", "x2", "x3", "x4"]], frame["y"])

def score(frame: "pandas.DataFrame"):
    return 0.5

score.measure = "accuracy"
not_a_function = 3
"""


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "recipe_of_test.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "recipe_of_test", raising=False)
    return "recipe_of_test"


def judged(code: str, **given: Any) -> Any:
    train, test = copied(400, 1), copied(300, 2)
    record = plimsoll.evaluate(
        test,
        model=lambda frame: 0.2 + 0.6 * (frame["x1"] + frame["x2"] > 0).to_numpy(),
        reference=train,
        target="y",
        positive=1,
        only=[code],
        **given,
    )
    return record.checks[0]


def test_a_function_named_in_settings_repeats_the_fit(recipe: str) -> None:
    assert judged("ABL005").status is Status.SKIPPED
    entry = judged("ABL005", settings={"subject": {"fit": f"{recipe}:fit"}})
    assert entry.status is not Status.SKIPPED
    assert entry.estimates


def test_an_experiment_named_in_settings_runs_and_states_its_measure(recipe: str) -> None:
    entry = judged("ABL004", settings={"subject": {"experiment": f"{recipe}:score"}})
    (score,) = [e for e in entry.estimates if e.name == "canary_score"]
    assert (score.value, score.where.metric) == (0.5, "accuracy")


def test_a_function_given_in_python_wins_over_the_settings(recipe: str) -> None:
    seen = []

    def fit(frame: Any) -> Any:
        seen.append(frame.height)
        return logistic(frame)

    judged("ABL005", settings={"subject": {"fit": f"{recipe}:fit"}}, fit=fit)
    assert seen


@pytest.mark.parametrize("flag", ["fit", "experiment"])
def test_what_names_no_function_is_refused(recipe: str, flag: str) -> None:
    with pytest.raises(SettingsError, match="module:function"):
        judged("ABL004", settings={"subject": {flag: "recipe.py"}})
    with pytest.raises(SettingsError, match="must be a function of rows"):
        judged("ABL004", settings={"subject": {flag: f"{recipe}:not_a_function"}})
    with pytest.raises(SettingsError, match="must be a function of rows"):
        judged("ABL004", **{flag: 3})
