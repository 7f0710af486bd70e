"""INP005: a score that says nothing, and answers that are certain and wrong, are found."""

from __future__ import annotations

import polars as pl
import pytest

from plimsoll.core.finding import Status
from worlds.judging import judge
from worlds.planted import stated


def test_usable_scores_raise_nothing() -> None:
    judged = judge(stated(300, 1), "INP005", target="y", score="p")
    assert judged["INP005"].status is Status.PASS
    assert not judged["INP005"].findings
    assert judged.estimate("certain_and_wrong_rate").value == 0


def test_one_score_for_all_is_found() -> None:
    judged = judge(stated(300).with_columns(p=pl.lit(0.3)), "INP005", target="y", score="p")
    assert judged.titles("INP005", Status.FAIL) == ["Every row has the same score."]


def test_certain_and_wrong_answers_are_counted() -> None:
    frame = stated(400, 2, slope=1).with_columns(p=pl.col("p").round(0))
    wrong = int((frame["p"] != frame["y"]).sum())
    judged = judge(frame, "INP005", target="y", score="p")
    assert judged.titles("INP005", Status.FAIL) == ["The model was certain and wrong."]
    assert f"In {wrong} of 400 rows" in judged["INP005"].findings[0].meaning
    assert judged.estimate("certain_and_wrong_rate").value == pytest.approx(wrong / 400)


def test_certain_and_right_answers_are_no_fault() -> None:
    frame = stated(200, 3).with_columns(p=pl.col("y").cast(pl.Float64))
    assert not judge(frame, "INP005", target="y", score="p")["INP005"].findings


def test_a_ranking_is_never_certain() -> None:
    frame = stated(200, 4).with_columns(p=pl.col("p").round(0))
    judged = judge(frame, "INP005", target="y", score="p", score_kind="ranking")
    assert not judged.has("certain_and_wrong_rate")
