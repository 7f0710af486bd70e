"""PRF005: with true probabilities the cheapest threshold is cost_fp / (cost_fp + cost_fn)."""

from __future__ import annotations

import polars as pl
import pytest

from plimsoll.core.finding import Status
from worlds.judging import judge
from worlds.planted import stated


@pytest.mark.parametrize(("false_alarm", "missed"), [(1.0, 1.0), (1.0, 9.0), (4.0, 1.0)])
def test_the_planted_threshold_lies_on_the_plateau(false_alarm: float, missed: float) -> None:
    frame = stated(6000, 1, slope=1.5)
    judged = judge(
        frame,
        "PRF005",
        target="y",
        score="p",
        cost_false_positive=false_alarm,
        cost_false_negative=missed,
    )
    rows = {row[0]: row for row in judged["PRF005"].tables[0].rows}
    truth = false_alarm / (false_alarm + missed)
    assert rows["lowest as good"][1] - 0.02 <= truth <= rows["highest as good"][1] + 0.02
    assert rows["best"][1] == pytest.approx(truth, abs=0.12)
    at = float(rows["in use"][1])
    flagged = frame["p"] >= at
    wrong = (flagged & (frame["y"] == 0)).sum(), (~flagged & (frame["y"] == 1)).sum()
    assert (rows["in use"][2], rows["in use"][3]) == wrong
    cost = 1000 * (false_alarm * wrong[0] + missed * wrong[1]) / 6000
    assert rows["in use"][4] == pytest.approx(cost)
    assert judged.estimate("cost").value == pytest.approx(cost)


def test_a_threshold_that_costs_much_more_is_found() -> None:
    frame = stated(4000, 2, slope=1.5, base=-1)
    costs = {"cost_false_positive": 1.0, "cost_false_negative": 12.0}
    judged = judge(frame, "PRF005", target="y", score="p", **costs)
    assert judged.titles("PRF005", Status.FAIL) == ["Another threshold would cost less."]
    best = judged.estimate("cost", variant="best threshold")
    assert best.high < judged.estimate("cost").value


def test_the_best_threshold_in_use_raises_nothing() -> None:
    frame = stated(4000, 2, slope=1.5, base=-1)
    costs = {"cost_false_positive": 1.0, "cost_false_negative": 12.0}
    judged = judge(frame, "PRF005", target="y", score="p", threshold=1 / 13, **costs)
    assert not judged["PRF005"].findings


def test_without_costs_it_says_so_and_finds_nothing() -> None:
    judged = judge(stated(500, 3), "PRF005", target="y", score="p")
    assert "No costs were given" in judged["PRF005"].tables[0].caption
    assert not judged["PRF005"].findings


def test_costs_of_nothing_have_no_best_threshold() -> None:
    costs = {"cost_false_positive": 0.0, "cost_false_negative": 0.0}
    entry = judge(stated(100, 3), "PRF005", target="y", score="p", **costs)["PRF005"]
    assert entry.status is Status.NOT_APPLICABLE


def test_a_score_without_a_scale_has_a_threshold_too() -> None:
    frame = stated(1000, 4).with_columns(s=(pl.col("p") / (1 - pl.col("p"))).log() * 10 + 40)
    judged = judge(frame, "PRF005", target="y", score="s", score_kind="ranking")
    rows = {row[0]: row for row in judged["PRF005"].tables[0].rows}
    assert rows["best"][1] == pytest.approx(40, abs=8)
    assert "in use" not in rows
