"""Boosters answer as their own libraries do, and their objective says with what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import polars as pl
import pytest
import xgboost

from plimsoll.core.errors import ModelError
from plimsoll.core.model import Output, Prediction
from plimsoll.core.subject import Task
from plimsoll.models import load_model


def table(rows: int = 500) -> pd.DataFrame:
    """Return columns with gaps, whole numbers and two kinds of category."""
    rng = np.random.default_rng(7)
    out = pd.DataFrame(
        {
            "net income": rng.normal(size=rows),
            "visits": rng.integers(0, 9, rows),
            "job": pd.Categorical(rng.choice(["clerk", "cook", "nurse"], rows)),
            "zone": pd.Categorical(rng.integers(10, 13, rows)),
        }
    )
    out.loc[::7, "net income"] = np.nan
    return out


DATA = table()
FRAME = pl.DataFrame(
    {
        "net income": pl.Series(DATA["net income"].to_numpy()).fill_nan(None),
        "visits": DATA["visits"].to_numpy(),
        "job": DATA["job"].astype(object).to_list(),
        "zone": DATA["zone"].astype(int).to_numpy(),
    }
)
NOISE = np.random.default_rng(8).random(500) < 0.1
BINARY = (((DATA["job"] == "clerk") ^ (DATA["visits"] > 4)) ^ NOISE).astype(int).to_numpy()
THREE = (DATA["visits"] % 3).to_numpy()


def only(answer: Prediction) -> np.ndarray:
    found = [x for x in (answer.scores, answer.values, answer.labels) if x is not None]
    assert len(found) == 1
    return found[0].astype(float)


def lightgbm_forms(booster: Any, folder: Path) -> list[Any]:
    booster.save_model(folder / "m.txt")
    (folder / "m.json").write_text(json.dumps(booster.dump_model()))
    return [booster, folder / "m.txt", folder / "m.json"]


@pytest.mark.parametrize(
    ("objective", "target", "output"),
    [
        ("binary", BINARY, Output.PROBABILITY),
        ("cross_entropy", BINARY, Output.PROBABILITY),
        ("cross_entropy_lambda", BINARY, Output.DECISION),
        ("multiclass", THREE, Output.PROBABILITY),
        ("multiclassova", THREE, Output.DECISION),
        ("regression", DATA["visits"], Output.VALUE),
        ("poisson", DATA["visits"], Output.VALUE),
    ],
)
def test_lightgbm_answers_as_its_library(
    tmp_path: Path, objective: str, target: Any, output: Output
) -> None:
    settings = {"objective": objective, "verbose": -1, "num_threads": 1, "min_data_in_leaf": 5}
    if objective.startswith("multi"):
        settings["num_class"] = 3
    booster = lightgbm.train(settings, lightgbm.Dataset(DATA, label=target), 12)
    expected = booster.predict(DATA)
    for form in lightgbm_forms(booster, tmp_path):
        model = load_model(form)
        assert model.card.output is output
        assert model.card.classes == ()
        np.testing.assert_array_equal(only(model.predict(FRAME)), expected.reshape(len(DATA), -1)
                                      if output is not Output.VALUE else expected)  # fmt: skip


@pytest.mark.parametrize("settings", [{"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5},
                                      {"boosting": "dart"}, {"max_cat_to_onehot": 1}])  # fmt: skip
def test_lightgbm_json_is_read_to_the_last_bit(tmp_path: Path, settings: dict[str, Any]) -> None:
    """Averages, shrunk trees and splits over many categories (more than one word of bits)."""
    rng = np.random.default_rng(9)
    wide = pd.DataFrame({"code": pd.Categorical(rng.integers(0, 90, 2000)), "x": rng.random(2000)})
    wide.loc[::9, "x"] = np.nan
    target = (wide["code"].astype(int) % 7 < 3) ^ (rng.random(2000) < 0.2)
    settings = settings | {"objective": "binary", "verbose": -1, "num_threads": 1}
    settings |= {"min_data_per_group": 5, "cat_smooth": 1}
    booster = lightgbm.train(settings, lightgbm.Dataset(wide, label=target), 10)
    assert booster.dump_model()["tree_info"][0]["num_cat"] > 0
    frame = pl.DataFrame({"code": wide["code"].astype(int).to_numpy(), "x": wide["x"].to_numpy()})
    for form in lightgbm_forms(booster, tmp_path):
        answer = load_model(form).predict(frame)
        np.testing.assert_array_equal(answer.scores[:, 0], booster.predict(wide))


def test_lightgbm_with_an_objective_of_its_own_gives_raw_scores() -> None:
    def squared(answer: Any, data: Any) -> Any:
        return answer - data.get_label(), np.ones(len(answer))

    data = lightgbm.Dataset(DATA[["visits"]], label=BINARY)
    booster = lightgbm.train({"objective": squared, "verbose": -1, "num_threads": 1}, data, 3)
    assert load_model(booster).card.output is Output.DECISION
    assert load_model(booster, task=Task.REGRESSION).card.output is Output.VALUE


def test_lightgbm_classifier_states_its_classes() -> None:
    labels = np.where(BINARY, "poor", "good")
    fitted = lightgbm.LGBMClassifier(n_estimators=5, verbose=-1, n_jobs=1).fit(DATA, labels)
    model = load_model(fitted)
    assert model.card.classes == ("good", "poor")
    answer = model.predict(FRAME)
    np.testing.assert_array_equal(answer.scores, fitted.predict_proba(DATA))
    assert answer.labels.tolist() == fitted.predict(DATA).tolist()


def test_lightgbm_without_names_counts_its_features() -> None:
    fitted = lightgbm.LGBMClassifier(n_estimators=3, verbose=-1, n_jobs=1)
    numbers = DATA[["net income", "visits"]].to_numpy()
    fitted.fit(numbers, BINARY)
    frame = FRAME.select("net income", "visits")
    for form in (fitted, fitted.booster_):
        model = load_model(form)
        assert model.card.features is None
        scores = model.predict(frame).scores[:, -1]
        np.testing.assert_array_equal(scores, fitted.predict_proba(numbers)[:, 1])
        with pytest.raises(ModelError, match="expects 2 features"):
            model.predict(frame.select("visits"))


def test_a_category_that_was_never_seen_is_missing_to_lightgbm() -> None:
    settings = {"objective": "binary", "verbose": -1, "num_threads": 1}
    booster = lightgbm.train(settings, lightgbm.Dataset(DATA, label=BINARY), 5)
    strange = FRAME.with_columns(job=pl.lit("pilot"))
    gone = FRAME.with_columns(job=pl.lit(None, dtype=pl.String))
    model = load_model(booster)
    np.testing.assert_array_equal(model.predict(strange).scores, model.predict(gone).scores)


def test_words_where_numbers_belong_name_the_column() -> None:
    settings = {"objective": "binary", "verbose": -1, "num_threads": 1}
    booster = lightgbm.train(settings, lightgbm.Dataset(DATA[["visits"]], label=BINARY), 2)
    with pytest.raises(ModelError, match="column 'visits' holds words"):
        load_model(booster).predict(FRAME.with_columns(visits=pl.lit("many")))
    other = xgboost.train({}, xgboost.DMatrix(DATA[["visits"]], label=BINARY), 2)
    with pytest.raises(ModelError, match="'visits', which holds words"):
        load_model(other).predict(FRAME.with_columns(visits=pl.lit("many")))


XDATA = DATA.drop(columns="zone")


@pytest.mark.parametrize(
    ("objective", "target", "output"),
    [
        ("binary:logistic", BINARY, Output.PROBABILITY),
        ("binary:logitraw", BINARY, Output.DECISION),
        ("binary:hinge", BINARY, Output.LABEL),
        ("multi:softprob", THREE, Output.PROBABILITY),
        ("multi:softmax", THREE, Output.LABEL),
        ("reg:squarederror", DATA["visits"], Output.VALUE),
        ("count:poisson", DATA["visits"], Output.VALUE),
    ],
)
def test_xgboost_answers_as_its_library(
    tmp_path: Path, objective: str, target: Any, output: Output
) -> None:
    settings: dict[str, Any] = {"objective": objective, "nthread": 1}
    if objective.startswith("multi"):
        settings["num_class"] = 3
    data = xgboost.DMatrix(XDATA, label=target, enable_categorical=True)
    booster = xgboost.train(settings, data, 5)
    booster.save_model(tmp_path / "m.json")
    booster.save_model(tmp_path / "m.ubj")
    expected = booster.predict(data)
    for form in (booster, tmp_path / "m.json", tmp_path / "m.ubj"):
        model = load_model(form)
        assert model.card.output is output
        assert model.card.classes == ()
        assert model.card.features == ("net income", "visits", "job")
        found = only(model.predict(FRAME))
        np.testing.assert_array_equal(found, expected.reshape(found.shape))


def test_xgboost_numbers_a_category_as_it_did_at_the_fit() -> None:
    """A batch without the first category must not shift the codes of the others."""
    data = xgboost.DMatrix(XDATA, label=BINARY, enable_categorical=True)
    booster = xgboost.train({"objective": "binary:logistic", "nthread": 1}, data, 5)
    fitted = xgboost.XGBClassifier(n_estimators=5, enable_categorical=True, n_jobs=1)
    fitted.fit(XDATA, BINARY)
    some = (DATA["job"] != "clerk").to_numpy()
    part = FRAME.filter(pl.Series(some))
    np.testing.assert_array_equal(
        load_model(booster).predict(part).scores[:, 0], booster.predict(data)[some]
    )
    np.testing.assert_array_equal(
        load_model(fitted).predict(part).scores, fitted.predict_proba(XDATA)[some]
    )


def test_a_file_of_xgbclassifier_keeps_its_classes_and_best_round(tmp_path: Path) -> None:
    numbers = DATA[["visits"]]
    fitted = xgboost.XGBClassifier(n_estimators=30, early_stopping_rounds=2, n_jobs=1)
    fitted.fit(numbers, BINARY, eval_set=[(numbers, 1 - BINARY)], verbose=False)
    fitted.save_model(tmp_path / "m.json")
    model = load_model(tmp_path / "m.json")
    assert model.card.classes == ("0", "1")
    scores = model.predict(FRAME).scores[:, 0]
    np.testing.assert_array_equal(scores, fitted.predict_proba(numbers)[:, 1])
    booster = fitted.get_booster()
    assert not np.array_equal(scores, booster.predict(xgboost.DMatrix(numbers)))


def test_a_raw_booster_that_stopped_early_is_noted() -> None:
    data = xgboost.DMatrix(DATA[["visits"]], label=BINARY)
    other = xgboost.DMatrix(DATA[["visits"]], label=1 - BINARY)
    booster = xgboost.train(
        {"objective": "binary:logistic", "nthread": 1},
        data,
        30,
        evals=[(other, "held_out")],
        early_stopping_rounds=2,
        verbose_eval=False,
    )
    model = load_model(booster)
    assert "calls round 1 its best" in model.card.notes[0]
    np.testing.assert_array_equal(model.predict(FRAME).scores[:, 0], booster.predict(data))


def test_a_number_orders_rows_where_a_class_is_judged() -> None:
    booster = xgboost.train({"nthread": 1}, xgboost.DMatrix(DATA[["visits"]], label=BINARY), 2)
    assert load_model(booster).card.output is Output.VALUE
    assert load_model(booster, task=Task.BINARY).card.output is Output.DECISION


def test_linear_trees_as_json_are_refused(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    numbers = rng.normal(size=(400, 2))
    settings = {"objective": "regression", "linear_tree": True, "verbose": -1, "num_threads": 1}
    target = numbers[:, 0] * (numbers[:, 1] > 0)
    booster = lightgbm.train(settings, lightgbm.Dataset(numbers, label=target), 5)
    text, dumped = lightgbm_forms(booster, tmp_path)[1:]
    frame = pl.DataFrame(numbers, schema=["a", "b"])
    np.testing.assert_array_equal(load_model(text).predict(frame).values, booster.predict(numbers))
    with pytest.raises(ModelError, match="linear trees"):
        load_model(dumped)
