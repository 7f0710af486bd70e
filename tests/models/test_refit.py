"""A fit is repeated as it was: with the user's function, or by cloning the estimator, or it says why not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from plimsoll.core.errors import ModelError, SettingsError
from plimsoll.core.subject import Roles, Subject, Task
from plimsoll.models import load_model
from plimsoll.models.refit import Experiment, callable_of_rows, refitting

ROLES = Roles(target="y", features=("x", "colour"))
SUBJECT = Subject("made", Task.BINARY, ROLES, ("no", "yes"))


def rows(n: int, seed: int) -> pl.DataFrame:
    r = np.random.default_rng(seed)
    x = r.normal(size=n)
    colour = np.where(r.random(n) < 0.5, "red", "blue")
    y = np.where(x + (colour == "red") + r.normal(size=n) > 0.5, "yes", "no")
    return pl.DataFrame({"x": x, "colour": colour, "y": y})


def pipeline(last: Any) -> Any:
    return make_pipeline(
        make_column_transformer((OneHotEncoder(), ["colour"]), remainder="passthrough"), last
    )


def fitted(frame: pl.DataFrame, last: Any) -> Any:
    pandas = frame.to_pandas()
    return pipeline(last).fit(pandas[["x", "colour"]], pandas["y"])


def test_a_pipeline_fitted_on_the_same_rows_is_the_same_model() -> None:
    train, test = rows(300, 1), rows(50, 2)
    estimator = fitted(train, LogisticRegression())
    found = refitting(SUBJECT, load_model(estimator))
    assert found.refits is not None
    again = found.refits(train, 0).predict(test.drop("y"))
    expected = estimator.predict_proba(test.drop("y").to_pandas())
    assert again.scores is not None
    np.testing.assert_allclose(again.scores, expected, atol=1e-12)


def test_other_rows_make_another_model_and_leave_the_first_alone() -> None:
    train, test = rows(300, 1), rows(50, 2)
    estimator = fitted(train, LogisticRegression())
    before = estimator.predict_proba(test.drop("y").to_pandas())
    found = refitting(SUBJECT, load_model(estimator))
    assert found.refits is not None
    other = found.refits(rows(300, 3), 0).predict(test.drop("y")).scores
    assert other is not None
    assert np.abs(other - before).max() > 1e-3
    np.testing.assert_array_equal(before, estimator.predict_proba(test.drop("y").to_pandas()))


def test_the_seed_reaches_every_random_state() -> None:
    train, test = rows(200, 1), rows(50, 2).drop("y")
    found = refitting(SUBJECT, load_model(fitted(train, RandomForestClassifier(10))))
    assert found.refits is not None
    one, same, other = (found.refits(train, seed).predict(test).scores for seed in (1, 1, 2))
    assert one is not None
    assert same is not None
    assert other is not None
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_an_estimator_gets_its_own_classes_back_and_not_their_texts() -> None:
    train = rows(200, 1).with_columns(y=(pl.col("y") == "yes").cast(pl.Int64))
    subject = Subject("made", Task.BINARY, ROLES, ("0", "1"))
    estimator = fitted(train, LogisticRegression())
    found = refitting(subject, load_model(estimator))
    assert found.refits is not None
    as_float = train.with_columns(pl.col("y").cast(pl.Float64))
    assert found.refits(as_float, 0).card.classes == ("0", "1")


def test_a_regression_is_fitted_on_numbers() -> None:
    r = np.random.default_rng(1)
    x = r.normal(size=100)
    train = pl.DataFrame({"x": x, "y": 3 * x + 1})
    subject = Subject("made", Task.REGRESSION, Roles(target="y", features=("x",)))
    estimator = LinearRegression().fit(train.select("x").to_pandas(), 0 * x)
    found = refitting(subject, load_model(estimator))
    assert found.refits is not None
    answer = found.refits(train, 0).predict(pl.DataFrame({"x": [2.0]})).values
    assert answer is not None
    assert answer[0] == pytest.approx(7.0)


def test_a_function_of_the_user_wins_and_gets_the_frame_and_the_seed_it_asks_for() -> None:
    seen: list[tuple[type, int]] = []

    def fit(frame: pd.DataFrame, seed: int = 0) -> Any:
        seen.append((type(frame), seed))
        return pipeline(LogisticRegression()).fit(frame[["x", "colour"]], frame["y"])

    found = refitting(SUBJECT, None, fit)
    assert found.refits is not None
    model = found.refits(rows(100, 1), 7)
    assert seen == [(pd.DataFrame, 7)]
    assert model.card.classes == ("no", "yes")


def test_a_function_may_return_a_predict_function_and_read_polars() -> None:
    def fit(frame: pl.DataFrame) -> Any:
        share = float((frame["y"] == "yes").mean())  # type: ignore[arg-type]
        return lambda asked: np.full(asked.height, share)

    found = refitting(SUBJECT, None, fit)
    assert found.refits is not None
    scores = found.refits(rows(100, 1), 0).predict(rows(5, 2).drop("y")).scores
    assert scores is not None
    assert 0.2 < scores[0, -1] < 0.9


def test_errors_of_the_fit_are_one_sentence_without_values() -> None:
    def fit(frame: pl.DataFrame) -> Any:
        raise ValueError("could not convert 'Miller'")

    def nothing(frame: pl.DataFrame) -> None:
        return None

    for broken, said in ((fit, "raised ValueError"), (nothing, "returned nothing")):
        found = refitting(SUBJECT, None, broken)
        assert found.refits is not None
        with pytest.raises(ModelError, match=said) as caught:
            found.refits(rows(20, 1), 0)
        assert "Miller" not in str(caught.value)


def test_what_cannot_be_fitted_again_says_why() -> None:
    def asked(frame: pl.DataFrame) -> Any:
        return np.zeros(frame.height)

    assert "--fit" in refitting(SUBJECT, load_model(asked, task=Task.BINARY)).why_not
    assert "--fit" in refitting(SUBJECT).why_not

    class Odd:
        classes_ = ("no", "yes")

        def predict_proba(self, frame: Any) -> Any:
            return np.full((len(frame), 2), 0.5)

    found = refitting(SUBJECT, load_model(Odd()))
    assert found.refits is None
    assert "Odd" in found.why_not


def test_labels_that_the_model_never_saw_are_refused() -> None:
    found = refitting(SUBJECT, load_model(fitted(rows(100, 1), LogisticRegression())))
    assert found.refits is not None
    with pytest.raises(ModelError, match="another in 100 rows"):
        found.refits(rows(100, 2).with_columns(y=pl.lit("maybe")), 0)


def test_what_is_no_function_of_rows_is_refused() -> None:
    for thing in (3, lambda: 0, LogisticRegression):
        with pytest.raises(SettingsError, match="must be a function of rows"):
            callable_of_rows(thing, "shop:fit", "a model")


def test_an_experiment_gives_one_finite_number() -> None:
    def score(frame: pd.DataFrame) -> float:
        return float(len(frame))

    score.measure = "accuracy"  # type: ignore[attr-defined]
    made = Experiment.of(score)
    assert made.measure == "accuracy"
    assert made(rows(20, 1)) == 20.0
    with pytest.raises(ModelError, match="finite score"):
        Experiment.of(lambda frame: float("nan"))(rows(5, 1))
    with pytest.raises(ModelError, match="raised ZeroDivisionError"):
        Experiment.of(lambda frame: 1 / 0)(rows(5, 1))
