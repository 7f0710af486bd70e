"""Functions of a frame: what they answer with is stated, looked at, or settled by the task."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from plimsoll.core.errors import ModelError
from plimsoll.core.model import Output
from plimsoll.core.subject import Task
from plimsoll.models import load_model

FRAME = pl.DataFrame({"a": [0.1, 0.9, 0.5], "b": [3, 4, 5]})


def column(frame: pl.DataFrame) -> Any:
    return frame["a"].to_numpy()


def test_numbers_are_scores_unless_the_task_is_regression() -> None:
    scores = load_model(column)
    assert scores.card.output is Output.PROBABILITY
    assert scores.card.classes == ()
    np.testing.assert_array_equal(scores.predict(FRAME).scores, [[0.1], [0.9], [0.5]])
    values = load_model(column, task="regression")
    assert values.card.output is Output.VALUE
    np.testing.assert_array_equal(values.predict(FRAME).values, [0.1, 0.9, 0.5])


@pytest.mark.parametrize(
    ("function", "task", "labels"),
    [
        (lambda frame: ["x", "y", "x"], None, ["x", "y", "x"]),
        (lambda frame: np.array([True, False, True]), None, ["true", "false", "true"]),
        (lambda frame: np.array([0, 1, 1]), Task.BINARY, ["0", "1", "1"]),
        (lambda frame: np.array(["x", 1, 2.0], dtype=object), None, ["x", "1", "2"]),
        (lambda frame: frame["b"].cast(pl.String), None, ["3", "4", "5"]),
    ],
)
def test_words_flags_and_whole_numbers_are_labels(
    function: Any, task: Task | None, labels: list[str]
) -> None:
    answer = load_model(function, task=task).predict(FRAME)
    assert answer.scores is None
    assert answer.labels.tolist() == labels


def test_whole_numbers_are_values_in_a_regression() -> None:
    model = load_model(lambda frame: frame["b"].to_numpy(), task=Task.REGRESSION)
    np.testing.assert_array_equal(model.predict(FRAME).values, [3.0, 4.0, 5.0])


def test_a_stated_output_and_classes_win() -> None:
    def raw(frame: pl.DataFrame) -> Any:
        return frame["b"].to_numpy() - 4

    raw.output = "decision"
    raw.classes_ = ["no", "yes"]
    model = load_model(raw)
    assert model.card.output is Output.DECISION
    assert model.card.classes == ("no", "yes")
    np.testing.assert_array_equal(model.predict(FRAME).scores, [[-1.0], [0.0], [1.0]])
    raw.output = "desicion"
    with pytest.raises(ModelError, match=r"Did you mean 'decision'\?"):
        load_model(raw)


@pytest.mark.parametrize(
    ("function", "output"),
    [
        (lambda frame: frame["a"].to_numpy(), Output.PROBABILITY),
        (lambda frame: np.column_stack([frame["a"], 1 - frame["a"]]), Output.PROBABILITY),
        (lambda frame: np.column_stack([frame["a"], frame["a"]]), Output.DECISION),
        (lambda frame: frame["b"].to_numpy() + 0.5, Output.VALUE),
        (lambda frame: ["x"] * len(frame), Output.LABEL),
    ],
)
def test_a_sample_settles_what_is_not_stated(function: Any, output: Output) -> None:
    assert load_model(function, sample=FRAME).card.output is output
    assert load_model(function).card.output is Output.PROBABILITY


def test_the_annotation_asks_for_pandas() -> None:
    seen: list[Any] = []

    def ask(frame: pd.DataFrame) -> Any:
        seen.append(frame)
        return frame["a"]

    answer = load_model(ask).predict(FRAME)
    assert isinstance(seen[0], pd.DataFrame)
    np.testing.assert_array_equal(answer.scores[:, 0], [0.1, 0.9, 0.5])


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda frame: [0.1, 0.2], "gave 2 answers for 3 rows"),
        (lambda frame: 0.5, "gave one value for 3 rows"),
        (lambda frame: [0.1, float("nan"), 0.2], "1 of 3 rows got NaN or infinity"),
        (lambda frame: [0.1, float("inf"), 0.2], "1 of 3 rows got NaN or infinity"),
        (lambda frame: np.zeros((3, 2, 2)), r"has shape \(3, 2, 2\)"),
        (lambda frame: np.zeros((3, 0)), r"has shape \(3, 0\)"),
        (lambda frame: ["x", None, "y"], "1 of 3 rows got none"),
        (lambda frame: 1 / 0, "raised ZeroDivisionError"),
    ],
)
def test_a_wrong_answer_is_one_sentence(function: Any, says: str) -> None:
    with pytest.raises(ModelError, match=says):
        load_model(function).predict(FRAME)


def test_several_values_a_row_are_refused_in_a_regression() -> None:
    model = load_model(lambda frame: np.zeros((3, 2)), task=Task.REGRESSION)
    with pytest.raises(ModelError, match="one target at a time"):
        model.predict(FRAME)


def test_a_function_without_arguments_is_refused() -> None:
    with pytest.raises(ModelError, match="takes no argument"):
        load_model(lambda: 1)


class OnlyPredicts:
    """An object of a library that is not known, such as a served model."""

    def predict(self, frame: pl.DataFrame) -> Any:
        return frame["a"].to_numpy()


def test_an_object_that_only_predicts_is_asked_as_a_function() -> None:
    model = load_model(OnlyPredicts(), task="regression")
    assert model.card.origin == "OnlyPredicts.predict"
    np.testing.assert_array_equal(model.predict(FRAME).values, [0.1, 0.9, 0.5])


def test_two_decision_columns_become_the_score_of_the_second_class() -> None:
    def logits(frame: pl.DataFrame) -> Any:
        return np.array([[1.0, 2.0], [5.0, 1.0], [0.0, -1.0]])

    logits.output = "decision"
    np.testing.assert_array_equal(load_model(logits).predict(FRAME).scores, [[1.0], [-4.0], [-1.0]])
