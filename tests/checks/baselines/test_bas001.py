"""BAS001: random and constant answers fail without any policy, a real model passes, few rows are unsure."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from plimsoll.core.finding import Status
from plimsoll.core.record import Verdict
from worlds.judging import Judged, judge
from worlds.planted import coin, stated
from worlds.tables import multiclass, regression


def answer(judged: Judged) -> Status:
    (finding,) = judged["BAS001"].findings
    assert finding.critical, "it decides the verdict without a policy"
    assert judged["BAS001"].status is finding.status
    return finding.status


@pytest.mark.parametrize("seed", range(5))
def test_random_scores_fail(seed: int) -> None:
    judged = judge(coin(3000, seed), "BAS001", target="y", score="p")
    assert answer(judged) is Status.FAIL
    assert judged.verdict is Verdict.FAIL


@pytest.mark.parametrize("share", [0.5, 0.03])
def test_a_constant_score_fails(share: float) -> None:
    frame = coin(3000, 1, share=share).with_columns(p=pl.lit(share))
    assert answer(judge(frame, "BAS001", target="y", score="p")) is Status.FAIL


def test_the_majority_class_fails_however_accurate_it_is() -> None:
    frame = coin(3000, 2, share=0.05).with_columns(d=pl.lit(0))
    judged = judge(frame, "BAS001", "PRF001", target="y", prediction="d")
    assert judged.estimate("accuracy").value > 0.93
    assert answer(judged) is Status.FAIL
    assert judged.verdict is Verdict.FAIL


def test_random_decisions_fail() -> None:
    r = np.random.default_rng(3)
    frame = coin(4000, 3).with_columns(d=pl.Series(r.integers(0, 2, 4000)))
    assert answer(judge(frame, "BAS001", target="y", prediction="d")) is Status.FAIL


@pytest.mark.parametrize("base", [0.0, -3.0])
def test_a_real_model_passes(base: float) -> None:
    judged = judge(stated(3000, 4, base=base), "BAS001", target="y", score="p")
    assert answer(judged) is Status.PASS
    assert judged.verdict is Verdict.PASS


def test_a_model_turned_round_fails() -> None:
    frame = stated(500, 5).with_columns(p=1 - pl.col("p"))
    judged = judge(frame, "BAS001", target="y", score="p")
    assert answer(judged) is Status.FAIL
    assert judged.estimate("difference", metric="roc_auc", model="constant").high < 0


def test_forty_rows_of_a_weak_model_are_unsure_and_say_how_many_would_do() -> None:
    judged = judge(stated(40, 7, slope=0.5), "BAS001", target="y", score="p")
    assert answer(judged) is Status.UNSURE
    assert "labelled rows would settle it" in judged["BAS001"].findings[0].meaning
    assert judged.verdict is Verdict.UNSURE


def test_the_rows_it_names_do_settle_it() -> None:
    few = judge(stated(40, 7, slope=0.5), "BAS001", target="y", score="p")
    words = few["BAS001"].findings[0].meaning.replace(",", "").split()
    rows = int(words[words.index("About") + 1])
    passed = [
        answer(judge(stated(rows, seed, slope=0.5), "BAS001", target="y", score="p"))
        for seed in range(20)
    ]
    assert passed.count(Status.PASS) >= 15, "the truth is better than these 40 rows show"


def test_many_classes_are_held_against_a_constant() -> None:
    frame = multiclass(900, 7)
    columns = ["p_cat", "p_dog", "p_emu"]
    assert answer(judge(frame, "BAS001", target="y", score=columns)) is Status.PASS
    shuffled = frame.with_columns(y=pl.col("y").shuffle(seed=1))
    assert answer(judge(shuffled, "BAS001", target="y", score=columns)) is Status.FAIL


def test_a_regression_is_held_against_the_mean() -> None:
    frame = regression(600, 8)
    assert answer(judge(frame, "BAS001", target="y", prediction="yhat")) is Status.PASS
    shuffled = frame.with_columns(yhat=pl.col("yhat").shuffle(seed=1))
    assert answer(judge(shuffled, "BAS001", target="y", prediction="yhat")) is Status.FAIL


def test_rows_that_hang_together_count_as_one() -> None:
    one = stated(40, 6, slope=1.2)
    frame = pl.concat([one.with_row_index("customer")] * 30)
    assert answer(judge(frame, "BAS001", target="y", score="p")) is Status.PASS
    together = judge(frame, "BAS001", target="y", score="p", group="customer")
    alone = judge(frame, "BAS001", target="y", score="p")
    place = {"metric": "roc_auc", "model": "constant"}
    assert (
        together.estimate("difference", **place).half_width
        > 3 * alone.estimate("difference", **place).half_width
    )


def test_classes_that_do_not_occur_do_not_lower_what_a_constant_reaches() -> None:
    r = np.random.default_rng(9)
    y = r.choice(["a", "b", "c"], 900)
    frame = pl.DataFrame({"y": y, "d": np.where(r.random(900) < 0.02, "z", "a")})
    judged = judge(frame, "BAS001", target="y", prediction="d")
    assert judged.subject.classes == ("a", "b", "c", "z")
    assert answer(judged) is Status.FAIL


@pytest.mark.parametrize("fault", ["one group", "one target"])
def test_what_cannot_be_measured_is_unsure_and_no_pass(fault: str) -> None:
    if fault == "one group":
        frame = stated(100, 1).with_columns(g=pl.lit(1))
        judged = judge(frame, "BAS001", target="y", score="p", group="g")
    else:
        frame = regression(50).with_columns(y=pl.lit(2.5))
        judged = judge(frame, "BAS001", target="y", prediction="yhat", task="regression")
    assert answer(judged) is Status.UNSURE
    assert judged.verdict is Verdict.UNSURE
