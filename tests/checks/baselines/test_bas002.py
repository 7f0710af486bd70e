"""BAS002: a model that the best column beats is found; one that beats the simple models is not."""

from __future__ import annotations

import polars as pl
import pytest

from plimsoll.core.finding import Status
from worlds.judging import judge
from worlds.planted import with_inputs
from worlds.tables import multiclass, regression

REFERENCE = with_inputs(1500, 100)


def test_the_one_best_column_beats_a_deaf_model() -> None:
    judged = judge(with_inputs(1500, 1), "BAS002", target="y", score="p", reference=REFERENCE)
    assert "The model is worse than the one best input." in judged.titles("BAS002", Status.FAIL)
    best = judged.estimate("difference", metric="roc_auc", model="best_feature")
    assert best.high < -0.2
    assert judged["BAS002"].status is Status.FAIL
    assert not any(f.critical for f in judged["BAS002"].findings), (
        "it informs, no limit asks for it"
    )


def test_a_model_that_hears_all_keeps_up() -> None:
    judged = judge(
        with_inputs(1500, 2), "BAS002", target="y", score="good", ignore=["p"], reference=REFERENCE
    )
    assert judged.titles("BAS002", Status.FAIL) == []
    best = judged.estimate("difference", metric="roc_auc", model="best_feature")
    assert best.low > -0.01
    assert judged.estimate("difference", metric="log_loss", model="linear").high < 0.05


def test_a_limit_makes_it_gate() -> None:
    policy = {"baseline": {"non_inferior_to": "linear", "metric": "roc_auc", "margin": 0.01}}
    deaf = judge(
        with_inputs(800, 1), "BAS002", target="y", score="p", reference=REFERENCE, policy=policy
    )
    assert [line.status for line in deaf.gate] == [Status.FAIL]


def test_decisions_are_compared_where_there_are_no_scores() -> None:
    frame = with_inputs(1200, 3).with_columns(d=(pl.col("p") > 0.5).cast(pl.Int8))
    judged = judge(
        frame, "BAS002", target="y", prediction="d", ignore=["good", "p"], reference=REFERENCE
    )
    found = judged.estimate("difference", metric="balanced_accuracy", model="linear")
    assert found.high < -0.1


def test_a_regression_is_held_against_simple_ones() -> None:
    reference, frame = regression(400, 50), regression(400, 9)
    judged = judge(frame, "BAS002", target="y", prediction="yhat", ignore=["low", "high"],
                   reference=reference)  # fmt: skip
    linear = judged.estimate("difference", metric="r2", model="linear")
    assert linear.low == pytest.approx(0, abs=0.01)
    deaf = judge(frame.with_columns(yhat=pl.lit(100.0)), "BAS002", target="y", prediction="yhat",
                 ignore=["low", "high"], reference=reference)  # fmt: skip
    assert "The model is worse than a linear model." in deaf.titles("BAS002", Status.FAIL)


def test_ranking_scores_of_many_classes_are_held_against_by_their_decisions() -> None:
    frame, reference = multiclass(300, 5), multiclass(400, 6)
    ranked = {c: pl.col(c) * 10 for c in ("p_cat", "p_dog", "p_emu")}
    judged = judge(
        frame.with_columns(x=pl.col("p_cat"), **ranked),
        "BAS002",
        target="y",
        score=["p_cat", "p_dog", "p_emu"],
        score_kind="ranking",
        reference=reference.with_columns(x=pl.col("p_cat")),
    )
    assert judged.has("difference", metric="balanced_accuracy", model="linear")


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        (None, "no reference"),
        (REFERENCE.drop("y"), "no target column"),
        (REFERENCE.select("y"), "share no input"),
        (REFERENCE.with_columns(y=pl.lit(None, pl.Int64)), "no row of the reference has a label"),
    ],
)
def test_what_is_not_given_is_said(reference: pl.DataFrame | None, reason: str) -> None:
    judged = judge(with_inputs(60, 4), "BAS002", target="y", score="p", reference=reference)
    assert judged["BAS002"].status is Status.SKIPPED
    assert reason in (judged["BAS002"].reason or "")


def test_the_models_own_columns_are_no_inputs() -> None:
    judged = judge(
        with_inputs(300, 4),
        "BAS002",
        target="y",
        score="p",
        champion="good",
        reference=REFERENCE,
    )
    assert judged.subject.roles.features == ("strong", "noise", "word")
