"""A pipeline is judged from raw columns to decision, on the input it would see in use."""

from __future__ import annotations

import io
import threading
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC

from plimsoll.core.errors import MissingExtraError, ModelError
from plimsoll.core.model import Model, Output
from plimsoll.core.subject import Task
from plimsoll.models import load_model


def written_csv(rows: int = 400, seed: int = 3) -> str:
    """Return a table with gaps in a number, a word and a flag."""
    rng = np.random.default_rng(seed)
    lines = ["age,visits,job,member,y"]
    for _ in range(rows):
        age = rng.integers(20, 60) if rng.random() > 0.1 else ""
        job = rng.choice(["clerk", "nurse", "cook"]) if rng.random() > 0.2 else ""
        member = rng.choice(["True", "False"])
        lines.append(f"{age},{rng.integers(0, 9)},{job},{member},{int(rng.random() < 0.4)}")
    return "\n".join(lines)


CSV = written_csv()
ENCODERS = {
    "one hot": OneHotEncoder(handle_unknown="ignore"),
    "imputed": make_pipeline(
        SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")
    ),
    "constant": make_pipeline(
        SimpleImputer(strategy="constant", fill_value="none"),
        OneHotEncoder(handle_unknown="ignore"),
    ),
    "ordinal": OrdinalEncoder(
        handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2
    ),
}


def pipeline(encoder: Any, last: Any = None) -> Pipeline:
    columns = ColumnTransformer(
        [
            ("n", make_pipeline(SimpleImputer(), StandardScaler()), ["age", "visits"]),
            ("c", encoder, ["job"]),
            ("f", "passthrough", ["member"]),
        ]
    )
    return make_pipeline(columns, last or LogisticRegression())


@pytest.mark.parametrize("name", list(ENCODERS))
def test_pipeline_fitted_on_read_csv_answers_the_same(name: str) -> None:
    """Missing words must be NaN to the encoder, not None: to scikit-learn these are two categories."""
    read = pd.read_csv(io.StringIO(CSV))
    fitted = pipeline(ENCODERS[name]).fit(read.drop(columns="y"), read["y"])
    model = load_model(fitted)
    answer = model.predict(pl.read_csv(io.StringIO(CSV)))
    np.testing.assert_array_equal(answer.scores, fitted.predict_proba(read))
    assert answer.labels is not None
    assert answer.labels.tolist() == [str(label) for label in fitted.predict(read)]


def test_fitted_on_polars_keeps_none() -> None:
    frame = pl.read_csv(io.StringIO(CSV))
    fitted = pipeline(ENCODERS["one hot"]).fit(frame.drop("y"), frame["y"].to_numpy())
    answer = load_model(fitted).predict(frame)
    np.testing.assert_array_equal(answer.scores, fitted.predict_proba(frame))


def test_card_states_what_the_model_states() -> None:
    read = pd.read_csv(io.StringIO(CSV))
    labels = np.where(read["y"] == 1, "Poor", "Good")
    model = load_model(pipeline(ENCODERS["one hot"]).fit(read.drop(columns="y"), labels))
    assert isinstance(model, Model)
    assert model.card.output is Output.PROBABILITY
    assert model.card.classes == ("Good", "Poor")
    assert model.card.features == ("age", "visits", "job", "member")
    assert model.card.kind == "scikit-learn Pipeline"


class Recorder(FunctionTransformer):
    """Keeps the last table it was handed."""

    seen: Any = None

    def transform(self, X: Any) -> Any:
        Recorder.seen = X
        return super().transform(X)


def test_types_arrive_as_read_csv_gives_them() -> None:
    read = pd.read_csv(io.StringIO(CSV)).drop(columns="y")
    target = pd.read_csv(io.StringIO(CSV))["y"]
    fitted = make_pipeline(Recorder(), *[s for _, s in pipeline(ENCODERS["one hot"]).steps])
    fitted.fit(read, target)
    frame = pl.read_csv(io.StringIO(CSV)).select("y", "member", "job", "visits", "age")
    load_model(fitted).predict(frame)
    pd.testing.assert_frame_equal(Recorder.seen, read)


def test_category_columns_arrive_as_categories() -> None:
    read = pd.read_csv(io.StringIO(CSV)).drop(columns="y")
    target = pd.read_csv(io.StringIO(CSV))["y"]
    read["job"] = read["job"].astype("category")
    fitted = HistGradientBoostingClassifier(max_iter=5, categorical_features="from_dtype")
    fitted.fit(read, target)
    frame = pl.read_csv(io.StringIO(CSV))
    expected = fitted.predict_proba(read)
    np.testing.assert_array_equal(load_model(fitted).predict(frame).scores, expected)
    as_category = frame.with_columns(pl.col("job").cast(pl.Categorical))
    np.testing.assert_array_equal(load_model(fitted).predict(as_category).scores, expected)


def test_without_names_columns_are_taken_in_order() -> None:
    rng = np.random.default_rng(0)
    table = rng.integers(0, 9, size=(50, 3))
    fitted = LogisticRegression().fit(table, table[:, 0] > 4)
    model = load_model(fitted)
    assert model.card.features is None
    frame = pl.DataFrame({"u": table[:, 0], "v": table[:, 1], "w": table[:, 2]})
    np.testing.assert_array_equal(model.predict(frame).scores, fitted.predict_proba(table))
    with pytest.raises(ModelError, match="expects 3 features and names none, and the data holds 2"):
        model.predict(frame.drop("w"))


def test_whole_numbers_stay_whole_without_names() -> None:
    table = np.arange(20).reshape(10, 2)
    fitted = make_pipeline(Recorder(), LogisticRegression()).fit(table, np.arange(10) > 4)
    load_model(fitted).predict(pl.DataFrame({"a": table[:, 0], "b": table[:, 1]}))
    assert Recorder.seen.dtype == np.int64


def test_texts_reach_a_vectorizer_in_one_dimension() -> None:
    texts = ["good fine", "bad poor", "fine fine", "poor bad"] * 5
    fitted = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, [1, 0, 1, 0] * 5)
    answer = load_model(fitted).predict(pl.DataFrame({"text": texts}))
    np.testing.assert_array_equal(answer.scores, fitted.predict_proba(texts))


def test_missing_feature_offers_the_nearest_column() -> None:
    read = pd.read_csv(io.StringIO(CSV))
    model = load_model(pipeline(ENCODERS["one hot"]).fit(read.drop(columns="y"), read["y"]))
    frame = pl.read_csv(io.StringIO(CSV)).rename({"visits": "vists"})
    with pytest.raises(ModelError, match=r"the feature 'visits'.*Did you mean 'vists'\?"):
        model.predict(frame)


def two_columns(rows: int = 80) -> tuple[np.ndarray, np.ndarray]:
    table = np.random.default_rng(5).normal(size=(rows, 2))
    return table, np.digitize(table[:, 0], [-0.4, 0.4])


AB = ["a", "b"]


def test_the_three_kinds_of_answer_are_told_apart() -> None:
    table, three = two_columns()
    frame = pl.DataFrame(table, schema=AB)
    two = three > 0
    decision = load_model(RidgeClassifier().fit(table, two))
    assert decision.card.output is Output.DECISION
    answer = decision.predict(frame)
    np.testing.assert_array_equal(
        answer.scores[:, 0], RidgeClassifier().fit(table, two).decision_function(table)
    )
    many = load_model(RidgeClassifier().fit(table, three)).predict(frame)
    assert many.scores.shape == (80, 3)
    pairs = load_model(SVC(decision_function_shape="ovo").fit(table, three))
    assert pairs.card.output is Output.LABEL
    assert pairs.predict(frame).scores is None
    value = load_model(LinearRegression().fit(table, table[:, 0]))
    assert value.card.output is Output.VALUE
    np.testing.assert_allclose(value.predict(frame).values, table[:, 0], atol=1e-12)
    assert (
        load_model(LinearRegression().fit(table, two), task=Task.BINARY).card.output
        is Output.DECISION
    )


def test_labels_come_from_the_models_own_threshold() -> None:
    table, three = two_columns()
    fitted = FixedThresholdClassifier(LogisticRegression(), threshold=0.05).fit(table, three > 1)
    answer = load_model(fitted).predict(pl.DataFrame(table, schema=AB))
    by_half = np.where(answer.scores[:, 1] >= 0.5, "true", "false")
    assert (answer.labels != by_half).sum() > 10


def test_scores_alone_are_the_same_scores() -> None:
    table, three = two_columns()
    frame = pl.DataFrame(table, schema=AB)
    model: Any = load_model(make_pipeline(StandardScaler(), LogisticRegression()).fit(table, three))
    alone = model.predict(frame, labels=False)
    assert alone.labels is None
    np.testing.assert_array_equal(alone.scores, model.predict(frame).scores)


def test_search_and_pipeline_answer_as_fitted() -> None:
    table, three = two_columns()
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2).fit(table, three)
    steps = make_pipeline(StandardScaler(), "passthrough", LogisticRegression()).fit(table, three)
    for fitted in (search, steps):
        model = load_model(fitted)
        answer = model.predict(pl.DataFrame(table, schema=AB))
        assert model.card.classes == ("0", "1", "2")
        np.testing.assert_array_equal(answer.scores, fitted.predict_proba(table))
        assert answer.labels.tolist() == [str(label) for label in fitted.predict(table)]


def test_no_rows_give_no_answers() -> None:
    table, three = two_columns()
    model = load_model(LogisticRegression().fit(table, three))
    assert model.predict(pl.DataFrame(table[:0], schema=AB)).scores.shape == (0, 3)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (LogisticRegression(), "must be fitted"),
        (LogisticRegression, "is the class LogisticRegression itself"),
        (StandardScaler(), "is a StandardScaler"),
        ({"a": 1}, "is a dict"),
        (7, "is a int"),
    ],
)
def test_what_is_no_fitted_model_is_refused(fault: Any, says: str) -> None:
    with pytest.raises(ModelError, match=says):
        load_model(fault)


def test_several_targets_are_refused() -> None:
    table, three = two_columns()
    from sklearn.ensemble import RandomForestClassifier

    both = np.column_stack([three > 0, three > 1])
    with pytest.raises(ModelError, match="2 targets"):
        load_model(RandomForestClassifier(2).fit(table, both))
    regressor = load_model(LinearRegression().fit(table, table))
    with pytest.raises(ModelError, match="one target at a time"):
        regressor.predict(pl.DataFrame(table, schema=AB))


class Brittle(LogisticRegression):
    """Raises where the first feature is negative, with the value in its message."""

    def predict_proba(self, X: Any) -> Any:
        bad = np.asarray(X)[:, 0] < 0
        if bad.any():
            raise ValueError(f"cannot take {np.asarray(X)[bad, 0][0]}")
        return super().predict_proba(X)


@pytest.mark.parametrize(
    ("negative", "says"),
    [
        ([17], "raised ValueError on 1 of 1000 rows"),
        ([3, 900], "raised ValueError on 2 of 1000 rows"),
        (list(range(0, 998, 2)), r"raised ValueError on at least \d+ of 1000 rows"),
        (list(range(1000)), "on 1000 rows and on every single row tried alone"),
    ],
)
def test_a_model_that_raises_says_on_how_many_rows(negative: list[int], says: str) -> None:
    table = np.abs(np.random.default_rng(2).normal(size=(1000, 2))) + 1
    fitted = Brittle().fit(table, table[:, 1] > 1.6)
    table[negative, 0] = -1234.5
    with pytest.raises(ModelError, match=says) as caught:
        load_model(fitted).predict(pl.DataFrame(table, schema=AB))
    assert "1234" not in str(caught.value)
    assert isinstance(caught.value.__cause__, ValueError)


def test_missing_words_without_pandas_name_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    read = pd.read_csv(io.StringIO(CSV))
    fitted = pipeline(ENCODERS["one hot"]).fit(read.drop(columns="y"), read["y"])
    expected = fitted.predict_proba(read[read["job"].notna()])
    frame = pl.read_csv(io.StringIO(CSV))
    monkeypatch.setattr("plimsoll.models.estimator.pandas_or_none", lambda: None)
    model = load_model(fitted)
    with pytest.raises(MissingExtraError, match=r"plimsoll\[pandas\]"):
        model.predict(frame)
    whole = model.predict(frame.filter(pl.col("job").is_not_null()))
    np.testing.assert_array_equal(whole.scores, expected)


def test_an_estimator_that_needs_pandas_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    read = pd.read_csv(io.StringIO(CSV)).drop(columns="y")
    last = make_pipeline(
        FunctionTransformer(lambda table: table.assign(job=table["job"].fillna("none"))),
        OneHotEncoder(handle_unknown="ignore"),
        LogisticRegression(),
    ).fit(read, pd.read_csv(io.StringIO(CSV))["y"])
    monkeypatch.setattr("plimsoll.models.estimator.pandas_or_none", lambda: None)
    frame = pl.read_csv(io.StringIO(CSV)).filter(pl.col("job").is_not_null())
    with pytest.raises(MissingExtraError, match=r"plimsoll\[pandas\]"):
        load_model(last).predict(frame)


def test_many_threads_may_ask_at_once() -> None:
    table, three = two_columns(2000)
    fitted = make_pipeline(FunctionTransformer(np.sinh), LogisticRegression()).fit(table, three)
    model = load_model(fitted)
    frame, expected = pl.DataFrame(table, schema=AB), fitted.predict_proba(table)
    found: list[Any] = [None] * 8

    def ask(place: int) -> None:
        found[place] = model.predict(frame[place * 250 : (place + 1) * 250]).scores

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    np.testing.assert_array_equal(np.vstack(found), expected)


def test_a_class_without_predict_leaves_the_decision_to_the_threshold() -> None:
    class Bare:
        classes_ = np.array([0, 1])

        def predict_proba(self, frame: Any) -> Any:
            p = np.asarray(frame)[:, 0].astype(float)
            return np.stack([1 - p, p], axis=1)

    assert not load_model(Bare()).card.decides_itself
