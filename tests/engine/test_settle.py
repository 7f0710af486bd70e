"""What is judged: detected and said, or asked for; never guessed where a guess could turn it round."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from plimsoll.core.errors import DataError, ModelError, PlimsollError, SettingsError
from plimsoll.core.model import ModelCard, Output
from plimsoll.core.settings import parse_settings
from plimsoll.core.subject import ScoreKind, Subject, Task
from plimsoll.engine.settle import settle
from worlds.tables import FrameSource


def settled(
    columns: dict[str, Any],
    frame: dict[str, Any],
    card: ModelCard | None = None,
    **subject: Any,
) -> Subject:
    settings = parse_settings({"columns": columns, "subject": subject})
    return settle(settings, FrameSource(pl.DataFrame(frame)), card)


SCORED = {"y": [0, 1, 0, 1], "p": [0.1, 0.9, 0.2, 0.7], "x": [1.0, 2.0, 3.0, 4.0]}
ROLES = {"target": "y", "score": "p"}


def probable(*classes: str) -> ModelCard:
    return ModelCard("made", Output.PROBABILITY, classes)


# The task


@pytest.mark.parametrize(
    ("target", "task"),
    [
        ([0, 1, 1, 0], Task.BINARY),
        ([True, False, True, None], Task.BINARY),
        ([-1, 1, 1, -1], Task.BINARY),
        ([0.0, 1.0, 1.0, float("nan")], Task.BINARY),
        (["a", "b", "c", "a"], Task.MULTICLASS),
        ([1, 2, 3, 3], Task.MULTICLASS),
        ([1.5, 2.25, 3.0, 0.1], Task.REGRESSION),
        (list(range(30)), Task.REGRESSION),
    ],
    ids=str,
)
def test_the_task_is_detected_and_said(target: list[Any], task: Task) -> None:
    frame = {"y": target, "d": target}
    subject = settled({"target": "y", "prediction": "d"}, frame)
    assert subject.task is task
    assert any(task.value in sentence and "--task" in sentence for sentence in subject.said)


def test_whole_numbers_predicted_with_fractions_are_a_regression() -> None:
    subject = settled({"target": "y", "prediction": "d"}, {"y": [1, 2, 3], "d": [1.2, 2.0, 2.9]})
    assert subject.task is Task.REGRESSION


def test_the_task_can_be_said_otherwise() -> None:
    frame = {"y": [1, 2, 3, 3], "d": [1, 2, 3, 1]}
    subject = settled({"target": "y", "prediction": "d"}, frame, task="regression")
    assert subject.task is Task.REGRESSION


def test_a_model_of_many_classes_is_not_binary_because_two_of_them_occur() -> None:
    frame = {"y": ["cat", "dog", "cat"], "x": [1, 2, 3]}
    subject = settled({"target": "y"}, frame, probable("cat", "dog", "emu"))
    assert subject.task is Task.MULTICLASS
    assert subject.classes == ("cat", "dog", "emu")


def test_three_named_scores_are_not_binary_because_two_classes_occur() -> None:
    frame = {"y": ["cat", "dog"], "a": [0.5, 0.1], "b": [0.3, 0.8], "c": [0.2, 0.1]}
    subject = settled({"target": "y", "score": ["emu=c", "cat=a", "dog=b"]}, frame)
    assert subject.task is Task.MULTICLASS
    assert subject.roles.scores == (("cat", "a"), ("dog", "b"), ("emu", "c"))


def test_a_model_that_answers_with_numbers_is_a_regression() -> None:
    subject = settled({"target": "y"}, SCORED, ModelCard("made", Output.VALUE))
    assert subject.task is Task.REGRESSION


# The positive class


@pytest.mark.parametrize(
    ("target", "classes"),
    [
        ([1, 0, 1, 0], ("0", "1")),
        ([True, False, True, False], ("false", "true")),
        ([1, -1, 1, -1], ("-1", "1")),
        (["1", "0", "1", "0"], ("0", "1")),
        ([1.0, 0.0, 1.0, 0.0], ("0", "1")),
    ],
    ids=str,
)
def test_natural_pairs_need_no_word(target: list[Any], classes: tuple[str, str]) -> None:
    subject = settled(ROLES, SCORED | {"y": target})
    assert subject.classes == classes
    assert any("Positive class" in sentence for sentence in subject.said)


@pytest.mark.parametrize("target", [["good", "bad"] * 2, [1, 2] * 2, ["yes", "no"] * 2], ids=str)
def test_other_pairs_must_be_said(target: list[Any]) -> None:
    with pytest.raises(SettingsError, match="--positive"):
        settled(ROLES, SCORED | {"y": target})


@pytest.mark.parametrize(
    ("target", "positive", "found"),
    [
        (["good", "bad"] * 2, "bad", "bad"),
        (["good", "bad"] * 2, "Bad", "bad"),
        ([1, 2] * 2, 2, "2"),
        ([1, 2] * 2, "1", "1"),
        ([0, 1] * 2, 0, "0"),
        ([0, 1] * 2, True, "1"),
        ([True, False] * 2, "1", "true"),
        ([True, False] * 2, False, "false"),
        ([0.0, 1.0] * 2, 1.0, "1"),
    ],
    ids=str,
)
def test_the_positive_label_is_found_however_it_is_spelled(
    target: list[Any], positive: Any, found: str
) -> None:
    assert settled(ROLES | {"positive": positive}, SCORED | {"y": target}).positive == found


def test_an_unknown_positive_label_is_answered_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"'goood' is not in column 'y'.*Did you mean 'good'"):
        settled(ROLES | {"positive": "goood"}, SCORED | {"y": ["good", "bad"] * 2})


@pytest.mark.parametrize("target", [[1, 2, 3, 1], [0.5, 1.5, 2.5, 3.25]], ids=str)
def test_a_positive_label_belongs_to_a_binary_task(target: list[Any]) -> None:
    columns = {"target": "y", "prediction": "d", "positive": "1"}
    with pytest.raises(SettingsError, match="binary"):
        settled(columns, {"y": target, "d": target})


# Labels that cannot be used


def test_one_class_is_refused() -> None:
    with pytest.raises(DataError, match="all 4 labelled rows hold '1'"):
        settled(ROLES, SCORED | {"y": [1, 1, 1, 1]})


def test_labels_missing_everywhere_are_refused() -> None:
    with pytest.raises(DataError, match="all 4 rows are empty"):
        settled(ROLES, SCORED | {"y": pl.Series([None] * 4, dtype=pl.Int64)})


@pytest.mark.parametrize(
    "target", [["yes", "0", "no", "1"], ["true", "false", "1", "0"], ["T", "1", "F", "0"]], ids=str
)
def test_labels_of_several_kinds_are_refused(target: list[str]) -> None:
    with pytest.raises(DataError, match="mixes numbers with words"):
        settled(ROLES, SCORED | {"y": target})


def test_three_labels_are_not_binary_even_if_said_so() -> None:
    with pytest.raises(DataError, match="must hold two labels"):
        settled(ROLES, SCORED | {"y": [0, 1, 2, 1]}, task="binary")


def test_many_labels_are_counted_and_not_shown() -> None:
    names = [f"person {i}" for i in range(50)]
    with pytest.raises(DataError, match="holds 50") as error:
        settled({"target": "y", "prediction": "d"}, {"y": names, "d": names}, task="binary")
    assert "person" not in str(error.value)


def test_too_many_classes_are_refused() -> None:
    n = 1500
    frame = {"y": [f"c{i}" for i in range(n)], "d": [f"c{i}" for i in range(n)]}
    with pytest.raises(DataError, match="more than 1000 different labels"):
        settled({"target": "y", "prediction": "d"}, frame)


# Names


@pytest.mark.parametrize(
    "role", ["target", "prediction", "id", "time", "group", "weight", "sensitive", "ignore"]
)
def test_a_role_that_names_no_column_is_answered_with_the_nearest(role: str) -> None:
    name: Any = "customr" if role not in ("sensitive", "ignore") else ["customr"]
    columns = {"target": "y", "score": "p", role: name}
    with pytest.raises(DataError, match=rf"'{role}' names the column 'customr'.*'customer'"):
        settled(columns, SCORED | {"customer": [1, 2, 3, 4]})


def test_a_score_entry_that_names_no_column_is_answered_too() -> None:
    with pytest.raises(DataError, match="'score' names the column 'q'"):
        settled({"target": "y", "score": "1=q"}, SCORED)


@pytest.mark.parametrize("role", ["score", "prediction"])
def test_a_target_cannot_judge_itself(role: str) -> None:
    with pytest.raises(SettingsError, match="always right"):
        settled({"target": "y", role: "y"}, SCORED)


@pytest.mark.parametrize("columns", [{}, {"score": "p"}, {"target": "y"}], ids=str)
def test_what_is_missing_is_asked_for(columns: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="The data has: y, p, x"):
        settled(columns, SCORED)


# Scores and their classes


def test_scores_without_labels_stand_in_the_order_of_the_sorted_labels() -> None:
    frame = {"y": ["b", "a", "c"], "p1": [0.1] * 3, "p2": [0.2] * 3, "p3": [0.7] * 3}
    subject = settled({"target": "y", "score": ["p1", "p2", "p3"]}, frame)
    assert subject.roles.scores == (("a", "p1"), ("b", "p2"), ("c", "p3"))
    with pytest.raises(SettingsError, match=r"3 in the order of the sorted labels \(a, b, c\)"):
        settled({"target": "y", "score": ["p1", "p2"]}, frame)


def test_labels_of_scores_are_matched_and_the_missing_one_is_named() -> None:
    frame = {"y": [2, 10, 1], "p1": [0.1] * 3, "p2": [0.2] * 3, "p3": [0.7] * 3}
    subject = settled({"target": "y", "score": {"10": "p1", "1": "p2", "2": "p3"}}, frame)
    assert subject.roles.scores == (("1", "p2"), ("2", "p3"), ("10", "p1"))
    with pytest.raises(SettingsError, match=r"'10' has none. Add '10=COLUMN'"):
        settled({"target": "y", "score": ["1=p1", "2=p2"]}, frame)
    with pytest.raises(SettingsError, match="'10' has none"):
        settled({"target": "y", "score": ["1=p1", "2=p2", "11=p3"]}, frame)


@pytest.mark.parametrize(
    ("score", "column"),
    [
        ("p", "p"),
        ("1=p", "p"),
        (["0=q", "1=p"], "p"),
        (["1=p", "0=q"], "p"),
        (["q", "p"], "p"),
        ({"true": "p"}, "p"),
    ],
    ids=str,
)
def test_a_binary_score_is_that_of_the_positive_class(score: Any, column: str) -> None:
    subject = settled({"target": "y", "score": score}, SCORED | {"q": [0.5] * 4})
    assert subject.roles.scores == (("1", column),)


def test_a_positive_label_that_sorts_first_takes_the_first_of_two_scores() -> None:
    frame = {"y": ["bad", "good"] * 2, "b": [0.1] * 4, "g": [0.9] * 4}
    subject = settled({"target": "y", "score": ["b", "g"], "positive": "bad"}, frame)
    assert subject.roles.scores == (("bad", "b"),)


def test_only_the_score_of_the_other_class_is_refused() -> None:
    with pytest.raises(SettingsError, match="'1=COLUMN'"):
        settled({"target": "y", "score": "0=p"}, SCORED)


def test_classes_that_only_the_predictions_hold_are_classes() -> None:
    frame = {"y": ["a", "b", "c", "a"], "d": ["a", "d", "c", "a"]}
    subject = settled({"target": "y", "prediction": "d"}, frame)
    assert subject.classes == ("a", "b", "c", "d")


def test_classes_sort_as_numbers_where_they_are_numbers() -> None:
    frame = {"y": ["10", "9", "-1"], "d": ["10", "9", "-1"]}
    assert settled({"target": "y", "prediction": "d"}, frame).classes == ("-1", "9", "10")


# Kinds of score and decisions


def test_a_score_is_a_probability_unless_said_otherwise() -> None:
    assert settled(ROLES, SCORED).score_kind is ScoreKind.PROBABILITY
    ranked = settled(ROLES, SCORED, score_kind="ranking")
    assert ranked.score_kind is ScoreKind.RANKING
    assert not ranked.has_prediction
    assert settled(ROLES, SCORED, score_kind="logit").score_kind is ScoreKind.PROBABILITY
    assert settled({"target": "y", "prediction": "x"}, SCORED | {"x": [0, 1, 0, 1]}).score_kind is (
        ScoreKind.NONE
    )


def test_a_probability_is_cut_at_a_half_or_where_it_is_said() -> None:
    assert settled(ROLES, SCORED).threshold == 0.5
    said = settled(ROLES, SCORED, threshold=0.2)
    assert said.threshold == 0.2
    assert "0.2" in said.decided_by
    ranked = settled(ROLES, SCORED, score_kind="ranking", threshold=-3)
    assert ranked.has_prediction
    assert ranked.threshold == -3


def test_decisions_come_from_one_place() -> None:
    frame = SCORED | {"d": [0, 1, 0, 1]}
    both = settled({"target": "y", "score": "p", "prediction": "d"}, frame)
    assert both.threshold is None
    assert both.decided_by == "column 'd'"
    with pytest.raises(SettingsError, match="not from both"):
        settled({"target": "y", "score": "p", "prediction": "d"}, frame, threshold=0.3)


@pytest.mark.parametrize(
    "frame",
    [
        {"y": ["a", "b", "c"], "d": ["a", "b", "c"]},
        {"y": [0.5, 1.5, 2.25], "d": [0.5, 1.5, 2.25]},
    ],
    ids=str,
)
def test_a_threshold_belongs_to_a_binary_task(frame: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="threshold belongs to a binary task"):
        settled({"target": "y", "prediction": "d"}, frame, threshold=0.4)


@pytest.mark.parametrize(
    ("output", "kind", "decides"),
    [
        (Output.PROBABILITY, ScoreKind.PROBABILITY, True),
        (Output.DECISION, ScoreKind.RANKING, True),
        (Output.LABEL, ScoreKind.NONE, True),
    ],
)
def test_what_a_model_answers_with_is_told_apart(
    output: Output, kind: ScoreKind, decides: bool
) -> None:
    subject = settled({"target": "y"}, SCORED, ModelCard("made", output, ("0", "1")))
    assert subject.score_kind is kind
    assert subject.has_prediction is decides
    assert subject.has_model


def test_a_model_and_a_task_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ModelError, match="answers with numbers"):
        settled({"target": "y"}, SCORED, ModelCard("made", Output.VALUE), task="binary")
    with pytest.raises(ModelError, match="answers with classes"):
        settled({"target": "x"}, SCORED, probable("0", "1"), task="regression")
    with pytest.raises(SettingsError, match="answers with probabilities"):
        settled({"target": "y"}, SCORED, probable("0", "1"), score_kind="logit")


def test_a_regression_needs_a_prediction() -> None:
    with pytest.raises(SettingsError, match="--prediction"):
        settled({"target": "x", "score": ["p", "y"]}, SCORED, task="regression")
    subject = settled({"target": "x", "score": "p"}, SCORED, task="regression")
    assert subject.roles.prediction == "p"


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"interval": ["p"]}, "two columns"),
        ({"quantiles": {"1.5": "p"}}, "between 0 and 1"),
        ({"quantiles": {"half": "p"}}, "between 0 and 1"),
    ],
    ids=str,
)
def test_intervals_and_quantiles_must_be_ones(columns: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        settled({"target": "x", "prediction": "y"} | columns, SCORED, task="regression")


# Inputs


def test_inputs_are_what_plays_no_other_part() -> None:
    frame = SCORED | {k: [1, 2, 3, 4] for k in ("id", "w", "g", "t", "s", "out", "d")}
    subject = settled(
        {
            "target": "y",
            "score": "p",
            "prediction": "d",
            "id": "id",
            "weight": "w",
            "group": "g",
            "time": "t",
            "sensitive": ["s"],
            "ignore": ["out"],
        },
        frame | {"d": [0, 1, 0, 1]},
    )
    assert subject.roles.features == ("x", "g", "t", "s")


@pytest.mark.parametrize(
    "target",
    [
        pl.Series(["a", "b"] * 2, dtype=pl.Categorical),
        pl.Series(["a", "b"] * 2, dtype=pl.Enum(["a", "b"])),
        pl.Series(np.array([1, 0] * 2, dtype=np.uint8)),
    ],
    ids=str,
)
def test_targets_of_other_types_are_read(target: pl.Series) -> None:
    positive = "b" if target.dtype != pl.UInt8 else None
    subject = settled(ROLES | {"positive": positive}, SCORED | {"y": target})
    assert subject.task is Task.BINARY


def test_a_target_that_is_no_label_ends_in_a_sentence() -> None:
    with pytest.raises(PlimsollError):
        settled(ROLES, SCORED | {"y": pl.Series([[1], [0], [1], [0]])})
