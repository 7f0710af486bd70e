"""PRF001: every measure of decisions is scikit-learn's number; a class that is never chosen is named."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn import metrics as sk

from plimsoll.core.finding import Status
from worlds.judging import judge
from worlds.planted import coin, stated


def decided(n: int, classes: int, seed: int) -> pl.DataFrame:
    r = np.random.default_rng(seed)
    y = r.choice(classes, n, p=np.linspace(1, 2, classes) / np.linspace(1, 2, classes).sum())
    guess = np.where(r.random(n) < 0.6, y, r.integers(0, classes, n))
    return pl.DataFrame({"y": y, "guess": guess, "w": r.exponential(1, n)})


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_binary_measures_are_scikit_learns(weighted: bool, seed: int) -> None:
    frame = decided(400, 2, seed)
    w = frame["w"].to_numpy() if weighted else None
    judged = judge(
        frame, "PRF001", target="y", prediction="guess", weight="w" if weighted else None
    )
    y, guess = frame["y"].to_numpy(), frame["guess"].to_numpy()
    ones = np.ones(len(y)) if w is None else w
    expected = {
        "accuracy": sk.accuracy_score(y, guess, sample_weight=w),
        "balanced_accuracy": sk.balanced_accuracy_score(y, guess, sample_weight=w),
        "precision": sk.precision_score(y, guess, sample_weight=w),
        "recall": sk.recall_score(y, guess, sample_weight=w),
        "specificity": sk.recall_score(y, guess, pos_label=0, sample_weight=w),
        "f1": sk.f1_score(y, guess, sample_weight=w),
        "matthews_corrcoef": sk.matthews_corrcoef(y, guess, sample_weight=w),
        "selection_rate": float(ones @ guess / ones.sum()),
        "base_rate": float(ones @ y / ones.sum()),
        "false_positive_rate": 1 - sk.recall_score(y, guess, pos_label=0, sample_weight=w),
        "false_negative_rate": 1 - sk.recall_score(y, guess, sample_weight=w),
    }
    for name, value in expected.items():
        assert judged.estimate(name).value == pytest.approx(value, abs=1e-9), name
    assert {e.name for e in judged["PRF001"].estimates} == set(expected)


@pytest.mark.parametrize("weighted", [False, True])
def test_measures_of_many_classes_are_scikit_learns(weighted: bool) -> None:
    frame = decided(500, 4, 7)
    w = frame["w"].to_numpy() if weighted else None
    judged = judge(
        frame, "PRF001", target="y", prediction="guess", weight="w" if weighted else None
    )
    y, guess = frame["y"].to_numpy(), frame["guess"].to_numpy()
    whole = {
        "accuracy": sk.accuracy_score(y, guess, sample_weight=w),
        "balanced_accuracy": sk.balanced_accuracy_score(y, guess, sample_weight=w),
        "matthews_corrcoef": sk.matthews_corrcoef(y, guess, sample_weight=w),
        "precision": sk.precision_score(y, guess, average="macro", sample_weight=w),
        "recall": sk.recall_score(y, guess, average="macro", sample_weight=w),
        "f1": sk.f1_score(y, guess, average="macro", sample_weight=w),
    }
    for name, value in whole.items():
        assert judged.estimate(name).value == pytest.approx(value, abs=1e-9), name
    for name, formula in (
        ("precision", sk.precision_score),
        ("recall", sk.recall_score),
        ("f1", sk.f1_score),
    ):
        each = formula(y, guess, average=None, sample_weight=w)
        for label in range(4):
            found = judged.estimate(name, label=str(label))
            assert found.value == pytest.approx(each[label], abs=1e-9)


def test_the_table_counts_what_was_decided() -> None:
    frame = decided(200, 3, 1)
    table = judge(frame, "PRF001", target="y", prediction="guess")["PRF001"].tables[0]
    matrix = sk.confusion_matrix(frame["y"], frame["guess"])
    assert [list(row[1:]) for row in table.rows] == matrix.tolist()


def test_a_class_that_is_never_chosen_is_found() -> None:
    frame = stated(300, 2).with_columns(p=pl.col("p") * 0.4)
    judged = judge(frame, "PRF001", target="y", score="p")
    assert judged.titles("PRF001", Status.FAIL) == ["The class '1' is never chosen."]
    assert not judged.has("precision"), "a share without rows is left out"
    assert judged.estimate("recall").value == 0


def test_a_model_that_chooses_both_classes_raises_nothing() -> None:
    judged = judge(stated(300, 2), "PRF001", target="y", score="p")
    assert judged["PRF001"].status is Status.PASS
    assert not judged["PRF001"].findings


def test_a_threshold_from_the_settings_decides() -> None:
    frame = stated(400, 5)
    judged = judge(frame, "PRF001", target="y", score="p", threshold=0.8)
    assert judged.subject.decided_by == "score >= 0.8 (from the settings)"
    expected = sk.recall_score(frame["y"], frame["p"] >= 0.8)
    assert judged.estimate("recall").value == pytest.approx(expected, abs=1e-12)


def test_scores_that_only_order_have_no_decisions() -> None:
    judged = judge(coin(50), "PRF001", target="y", score="p", score_kind="ranking")
    assert judged["PRF001"].status is Status.NOT_APPLICABLE
    assert "threshold" in (judged["PRF001"].reason or "")


def test_rows_that_hang_together_make_intervals_wider() -> None:
    one = stated(60, 3)
    frame = pl.concat([one.with_row_index("customer")] * 10)
    alone = judge(frame, "PRF001", target="y", score="p").estimate("accuracy")
    together = judge(frame, "PRF001", target="y", score="p", group="customer").estimate("accuracy")
    assert together.value == pytest.approx(alone.value, abs=1e-12)
    assert together.half_width > 2 * alone.half_width
    assert "jackknife" in together.method
