"""BAS003: a champion planted better, worse or equal is found so, on the same rows."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn import metrics as sk

from plimsoll.core.finding import Status
from worlds.judging import judge
from worlds.planted import two_deciders, two_rankers
from worlds.tables import multiclass, regression


def policy(margin: float, metric: str = "accuracy") -> dict[str, object]:
    return {"baseline": {"non_inferior_to": "champion", "metric": metric, "margin": margin}}


@pytest.mark.parametrize(
    ("right", "champion_right", "expected"),
    [(0.85, 0.82, Status.PASS), (0.82, 0.85, Status.FAIL), (0.85, 0.85, Status.PASS)],
)
def test_three_points_of_accuracy(right: float, champion_right: float, expected: Status) -> None:
    frame = two_deciders(12_000, 1, right=right, champion_right=champion_right)
    judged = judge(
        frame,
        "BAS003",
        target="y",
        id="id",
        prediction="mine",
        champion="theirs",
        policy=policy(0.015),
    )
    found = judged.estimate("difference", metric="accuracy", model="champion")
    truth = right - champion_right
    assert found.low <= truth <= found.high
    value = sk.accuracy_score(frame["y"], frame["mine"]) - sk.accuracy_score(
        frame["y"], frame["theirs"]
    )
    assert found.value == pytest.approx(value, abs=1e-12)
    assert [line.status for line in judged.gate] == [expected]


def test_every_paired_difference_is_the_difference_of_scikit_learns_numbers() -> None:
    frame = two_rankers(900, 2, apart=1.5, champion_apart=1.0).with_columns(
        w=pl.Series(np.random.default_rng(0).exponential(1, 900))
    )
    judged = judge(frame, "BAS003", target="y", score="mine", champion="theirs", weight="w")
    y, w = frame["y"].to_numpy(), frame["w"].to_numpy()

    def apart(formula: object, cut: bool) -> float:
        values = [frame[c].to_numpy() for c in ("mine", "theirs")]
        values = [(v >= 0.5).astype(int) if cut else v for v in values]
        one, two = (formula(y, v, sample_weight=w) for v in values)  # type: ignore[operator]
        return float(one - two)

    for metric, formula, cut in (
        ("roc_auc", sk.roc_auc_score, False),
        ("average_precision", sk.average_precision_score, False),
        ("log_loss", sk.log_loss, False),
        ("brier_score", sk.brier_score_loss, False),
        ("accuracy", sk.accuracy_score, True),
        ("balanced_accuracy", sk.balanced_accuracy_score, True),
        ("precision", sk.precision_score, True),
        ("recall", sk.recall_score, True),
        ("f1", sk.f1_score, True),
        ("matthews_corrcoef", sk.matthews_corrcoef, True),
    ):
        found = judged.estimate("difference", metric=metric, model="champion")
        assert found.value == pytest.approx(apart(formula, cut), abs=1e-9), metric


@pytest.mark.parametrize(
    ("mine", "theirs", "status"),
    [(1.5, 1.0, Status.PASS), (1.0, 1.5, Status.FAIL)],
)
def test_a_clear_difference_of_ranking_is_a_finding(
    mine: float, theirs: float, status: Status
) -> None:
    frame = two_rankers(3000, 3, apart=mine, champion_apart=theirs)
    judged = judge(frame, "BAS003", target="y", score="mine", champion="theirs")
    word = "better" if status is Status.PASS else "worse"
    assert f"The roc_auc is {word} than the champion's." in judged.titles("BAS003", status)


def test_equal_models_are_not_told_apart_more_often_than_the_level_says() -> None:
    outside = 0
    for seed in range(60):
        frame = two_rankers(300, seed, apart=1.2, champion_apart=1.2)
        judged = judge(frame, "BAS003", target="y", score="mine", champion="theirs")
        found = judged.estimate("difference", metric="roc_auc", model="champion")
        outside += not found.low <= 0 <= found.high
    assert outside <= 8, "3 of 60 are expected at 95 %"


def test_a_model_against_itself_differs_by_nothing() -> None:
    frame = two_rankers(500, 4, apart=1, champion_apart=1).with_columns(theirs=pl.col("mine"))
    judged = judge(frame, "BAS003", target="y", score="mine", champion="theirs")
    assert judged["BAS003"].status is Status.PASS
    assert not judged["BAS003"].findings
    assert all(abs(e.value) < 1e-12 for e in judged["BAS003"].estimates)


def test_a_limit_on_a_measure_takes_its_finding_away() -> None:
    frame = two_rankers(3000, 3, apart=1.0, champion_apart=1.5)
    judged = judge(
        frame, "BAS003", target="y", score="mine", champion="theirs", policy=policy(0.2, "roc_auc")
    )
    assert not any("roc_auc" in title for title in judged.titles("BAS003"))
    assert [line.status for line in judged.gate] == [Status.PASS]


def test_regressions_and_many_classes_are_compared() -> None:
    frame = regression(400, 5).with_columns(old=pl.col("yhat") + 2)
    judged = judge(frame, "BAS003", target="y", prediction="yhat", champion="old")
    found = judged.estimate("difference", metric="mean_absolute_error", model="champion")
    assert found.high < -0.5
    assert judged.estimate("difference", metric="r2", model="champion").low > 0.1
    many = multiclass(400, 6).with_columns(mine=pl.col("y"), old=pl.lit("cat"))
    judged = judge(many, "BAS003", target="y", prediction="mine", champion="old")
    assert judged.estimate("difference", metric="accuracy", model="champion").low > 0.3


def test_a_champion_without_probabilities_is_held_against_by_its_decisions() -> None:
    frame = two_rankers(400, 6, apart=1, champion_apart=1).with_columns(
        d=(pl.col("theirs") > 0.5).cast(pl.Int8)
    )
    judged = judge(frame, "BAS003", target="y", score="mine", champion="d")
    assert judged.has("difference", metric="accuracy", model="champion")
    assert not judged.has("difference", metric="roc_auc", model="champion")


def test_decisions_against_scores_are_said_to_have_nothing_in_common() -> None:
    frame = two_rankers(400, 7, apart=1, champion_apart=1).with_columns(
        d=(pl.col("mine") > 0.5).cast(pl.Int8)
    )
    judged = judge(
        frame, "BAS003", target="y", prediction="d", champion="theirs", policy=policy(0.1)
    )
    assert judged["BAS003"].status is Status.NOT_APPLICABLE
    assert "nothing that can be compared" in (judged["BAS003"].reason or "")
    assert [line.status for line in judged.gate] == [Status.UNSURE], "never a pass by silence"


def test_own_decisions_beside_scores_stand_against_a_champions_scores() -> None:
    frame = two_rankers(400, 7, apart=1, champion_apart=1).with_columns(
        d=(pl.col("mine") > 0.4).cast(pl.Int8)
    )
    judged = judge(frame, "BAS003", target="y", prediction="d", score="mine", champion="theirs")
    assert judged.has("difference", metric="roc_auc", model="champion")
    assert judged["BAS003"].status is not Status.ERROR


def test_decisions_without_an_id_have_as_narrow_an_interval_as_with_one() -> None:
    frame = two_deciders(6000, 9, right=0.85, champion_right=0.85)
    with_id = judge(frame, "BAS003", target="y", id="id", prediction="mine", champion="theirs")
    without = judge(frame.drop("id"), "BAS003", target="y", prediction="mine", champion="theirs")
    place = {"metric": "accuracy", "model": "champion"}
    one, two = (j.estimate("difference", **place) for j in (with_id, without))
    assert two.value == one.value
    assert two.half_width == pytest.approx(one.half_width, rel=0.3), (
        "equal rows are different rows: they must not be taken for one group"
    )


def test_without_a_champion_it_is_skipped() -> None:
    frame = two_rankers(60, 8, apart=1, champion_apart=1)
    assert judge(frame, "BAS003", target="y", score="mine")["BAS003"].status is Status.SKIPPED


@pytest.mark.parametrize("named", [True, False], ids=["with an id", "without"])
def test_a_comparison_on_some_rows_holds_the_truth(
    named: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rounded(n: int, seed: int) -> pl.DataFrame:
        frame = two_rankers(n, seed, apart=1.2, champion_apart=1.0)
        return frame.with_columns(pl.col("mine", "theirs").round(1)).with_row_index("id")

    large = rounded(200_000, 999)
    areas = [sk.roc_auc_score(large["y"], large[c]) for c in ("mine", "theirs")]
    truth = areas[0] - areas[1]
    monkeypatch.setattr("plimsoll.checks.baselines.rivals.SAMPLE_ROWS", 500)
    inside = 0
    for seed in range(25):
        frame = rounded(4000, seed)
        frame, roles = (frame, {"id": "id"}) if named else (frame.drop("id"), {})
        judged = judge(frame, "BAS003", target="y", score="mine", champion="theirs", **roles)
        found = judged.estimate("difference", metric="roc_auc", model="champion")
        assert found.n == 500
        assert "500 of 4,000 rows" in (judged["BAS003"].reason or "")
        inside += found.low <= truth <= found.high
    assert inside >= 22
