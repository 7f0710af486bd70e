"""CAL001: a model that says what happens passes, one that does not is found; the parts add up."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss

from plimsoll.core.finding import Status
from worlds.judging import judge
from worlds.planted import stated

TITLE = "The probabilities do not mean what they say."


@pytest.mark.parametrize(
    "fault", [{"sure": 2.5}, {"sure": 0.4}, {"shift": 1.0}, {"shift": -1.0}], ids=str
)
def test_probabilities_that_do_not_hold_are_found(fault: dict[str, float]) -> None:
    judged = judge(stated(3000, 1, **fault), "CAL001", target="y", score="p")
    assert judged.titles("CAL001", Status.FAIL) == [TITLE]
    assert judged.estimate("mcb_p").value < 0.05
    assert judged.estimate("mcb").low > 0


def test_true_probabilities_pass_in_most_worlds() -> None:
    found = [judge(stated(800, seed), "CAL001", target="y", score="p") for seed in range(12)]
    assert sum(j["CAL001"].status is Status.PASS for j in found) >= 10, "about 1 in 20 may fail"
    assert all(j.estimate("mcb").value >= 0 for j in found)


def test_the_parts_are_those_of_the_isotonic_fit() -> None:
    frame = stated(600, 2, sure=1.8).with_columns(pl.col("p").round(2))
    judged = judge(frame, "CAL001", target="y", score="p")
    y, p = frame["y"].to_numpy(), frame["p"].to_numpy()
    curve = IsotonicRegression(y_min=0, y_max=1).fit(p, y).predict(p)
    score, best = brier_score_loss(y, p), float(np.mean((curve - y) ** 2))
    unc = float(y.mean() * (1 - y.mean()))
    assert judged.estimate("mcb").value == pytest.approx(score - best, abs=1e-9)
    assert judged.estimate("dsc").value == pytest.approx(unc - best, abs=1e-9)
    assert judged.estimate("unc").value == pytest.approx(unc, abs=1e-9)


def test_the_diagram_stays_in_the_square_and_rises() -> None:
    figure = judge(stated(700, 3), "CAL001", target="y", score="p")["CAL001"].figures[0]
    observed = figure.series["observed"]
    for name in ("x", "y", "low", "high"):
        assert all(0 <= v <= 1 for v in observed[name])
    assert np.all(np.diff(observed["y"]) >= -1e-12)
    assert sum(figure.series["counts"]["n"]) == 700


def test_weights_move_the_truth() -> None:
    frame = stated(2000, 4).with_columns(w=pl.when(pl.col("y") == 1).then(4.0).otherwise(1.0))
    plain = judge(frame, "CAL001", target="y", score="p")
    heavy = judge(frame, "CAL001", target="y", score="p", weight="w")
    assert plain.estimate("mcb").value < 0.01 < heavy.estimate("mcb").value
    assert heavy["CAL001"].status is Status.FAIL


def test_rankings_and_regressions_are_left_alone() -> None:
    ranked = judge(stated(60), "CAL001", target="y", score="p", score_kind="ranking")
    assert ranked["CAL001"].status is Status.NOT_APPLICABLE
