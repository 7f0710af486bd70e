"""Each rule of the guesses by itself: where it speaks and where it stays silent."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from plimsoll.cli.guess import (
    guess_answers,
    guess_others,
    guess_positive,
    guess_target,
    guess_task,
    see,
)

HALVES = [0.1, 0.9, 0.4, 0.6]
WIDE = [-3.0, 2.5, 0.0, 9.0]


def seen(**columns: list):
    return see(pl.DataFrame(columns))


def test_what_is_seen_of_a_column():
    (column,) = seen(PDefault=[0.0, 1.0, None, 0.5])
    assert (column.plain, column.kind, column.unit) == ("p_default", "float", True)
    assert (column.distinct, column.missing, column.rows) == (3, 1, 4)
    assert column.few == {"0", "1", "0.5"}
    (wide,) = seen(x=WIDE)
    assert not wide.unit
    assert wide.unique


@pytest.mark.parametrize(
    ("columns", "target", "sure"),
    [
        ({"label": [0, 1, 0, 1], "x": WIDE}, "label", True),
        ({"Y_True": [0, 1, 0, 1], "x": WIDE}, "Y_True", True),
        ({"default": [0, 1, 0, 1], "p_default": HALVES}, "default", True),
        ({"x": WIDE, "churned": [0, 1, 0, 1], "z": [1, 1, 2, 2]}, "churned", False),
        ({"median_income": WIDE, "house_value": WIDE, "town": list("aabb")}, "house_value", False),
        ({"x": WIDE, "kind": list("aabb")}, "kind", False),
        ({"sick": [0, 1, 1, 0], "prediction": [0, 1, 1, 1]}, "sick", False),
    ],
)
def test_the_target(columns, target, sure):
    found = guess_target(seen(**columns))
    assert found is not None
    assert (found.value, found.sure) == (target, sure)


@pytest.mark.parametrize(
    "columns",
    [
        {"x": WIDE, "year": [2014, 2015, 2015, 2014], "prediction": [0, 1, 1, 1]},
        {"x": WIDE, "p": HALVES},
        {"id": ["a", "b", "c", "d"]},
        {"when": [date(2024, 1, 1)] * 4},
    ],
)
def test_no_target_where_nothing_tells_one(columns):
    assert guess_target(seen(**columns)) is None


def answers(classes: tuple[str, ...], **columns: list) -> dict[str, object]:
    found = guess_answers(seen(y=[0, 1, 0, 1], **columns), "y", classes)
    return {guess.role: guess.value for guess in found}


def test_scores_and_predictions():
    two = ("0", "1")
    assert answers(two, p_default=HALVES, x=HALVES) == {"score": "p_default"}
    assert answers(two, pred=[0, 1, 1, 1], proba=HALVES) == {"prediction": "pred", "score": "proba"}
    assert answers(two, score=WIDE) == {"score": "score", "score_kind": "ranking"}
    assert answers(two, x=HALVES) == {}
    assert answers((), prediction=WIDE) == {"prediction": "prediction"}
    assert answers((), p=HALVES) == {}


def test_scores_of_several_classes_are_matched_by_name_or_left():
    three = ("Cat", "dog", "emu")
    named = {f"p_{name}": HALVES for name in ("dog", "emu", "cat")}
    assert answers(three, **named) == {"score": {"Cat": "p_cat", "dog": "p_dog", "emu": "p_emu"}}
    assert answers(three, p_1=HALVES, p_2=HALVES, p_3=HALVES) == {}


def others(**columns: list) -> dict[str, object]:
    return {guess.role: guess.value for guess in guess_others(seen(**columns), ())}


def test_id_group_weight_and_time():
    assert others(loan_id=[1, 2, 3, 4], customer_id=[1, 1, 2, 2]) == {
        "id": "loan_id",
        "group": "customer_id",
    }
    assert others(sample_weight=[1.0, 2.0, 1.0, 1.0]) == {"weight": "sample_weight"}
    days = [date(2024, 1, day) for day in (1, 2, 2, 3)]
    assert others(applied_at=days) == {"time": "applied_at"}


def test_what_is_no_id_group_or_weight():
    assert others(loan_id=[1, 1, 1, 1]) == {}
    assert others(reading_id=[0.1, 0.2, 0.3, 0.4]) == {}
    assert others(weight=[61.0, 82.0, 70.5, 90.0]) == {}
    assert others(x=WIDE, name=["a", "b", "c", "d"]) == {}


@pytest.mark.parametrize(
    ("classes", "score", "positive", "sure"),
    [
        (("0", "1"), None, "1", True),
        (("false", "true"), None, "true", True),
        (("No", "Yes"), None, "Yes", True),
        (("bad", "good"), "p_bad", "bad", True),
        (("bad", "good"), "p", "good", False),
        (("bad", "good"), None, "good", False),
    ],
)
def test_the_positive_label(classes, score, positive, sure):
    found = guess_positive(classes, {"bad": 70, "good": 30}, score)
    assert (found.value, found.sure) == (positive, sure)


@pytest.mark.parametrize(
    ("kind", "labels", "many", "task"),
    [
        ("whole", ("0", "1"), False, "binary"),
        ("text", ("a", "b"), False, "binary"),
        ("text", tuple("abc"), False, "multiclass"),
        ("whole", ("1", "2", "3"), False, "multiclass"),
        ("float", ("0.5", "1.5", "2"), False, "regression"),
        ("float", (), True, "regression"),
        ("whole", tuple(str(i) for i in range(50)), False, "regression"),
    ],
)
def test_the_task(kind, labels, many, task):
    assert guess_task(kind, labels, many) == task
