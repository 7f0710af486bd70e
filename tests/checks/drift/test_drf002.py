"""DRF002: answers and labels that moved are told apart, with SciPy's distances and Newcombe's interval."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.stats import ks_2samp, wasserstein_distance

import plimsoll
from plimsoll.core.finding import Status
from plimsoll.stats.proportion import newcombe_difference
from worlds.judging import Judged, judge
from worlds.planted import stated
from worlds.tables import multiclass, regression

THEN, NOW = stated(2000, 1).drop("true"), stated(1500, 2).drop("true")
MORE = stated(1500, 3, base=1.0).drop("true")


def held(now: Any, then: Any = THEN, **flags: Any) -> Judged:
    return judge(now, "DRF002", reference=then, **({"target": "y", "score": "p"} | flags))


def changed(judged: Judged) -> list[str | None]:
    return [f.where.variant for f in judged.findings("DRF002", Status.FAIL)]


def test_two_draws_of_one_world_raise_nothing() -> None:
    assert held(NOW)["DRF002"].status is Status.PASS
    assert not held(NOW)["DRF002"].findings


def test_more_of_a_class_moves_scores_decisions_and_labels() -> None:
    assert changed(held(MORE)) == ["scores", "decisions", "labels"]


def test_labels_that_come_differently_leave_the_answers_alone() -> None:
    flipped = NOW.with_columns(y=pl.when(pl.int_range(pl.len()) % 3 == 0).then(1).otherwise("y"))
    assert changed(held(flipped)) == ["labels"]


def test_without_labels_of_today_the_answers_are_compared() -> None:
    judged = held(MORE.drop("y"))
    assert changed(judged) == ["scores", "decisions"]
    assert not judged.has("total_variation", variant="labels")


def test_distances_of_scores_are_those_of_scipy() -> None:
    judged = held(MORE)
    now, then = MORE["p"].to_numpy(), THEN["p"].to_numpy()
    ks = judged.estimate("ks", variant="scores").value
    assert ks == pytest.approx(ks_2samp(then, now).statistic, abs=1e-12)
    moved = judged.estimate("wasserstein_sigma", variant="scores").value
    assert moved == pytest.approx(wasserstein_distance(then, now) / then.std(), rel=1e-9)


def test_the_change_of_the_positive_share_has_newcombes_interval() -> None:
    change = held(MORE).estimate("share_change", variant="labels")
    k1, k0 = int(MORE["y"].sum()), int(THEN["y"].sum())
    assert change.value == pytest.approx(k1 / 1500 - k0 / 2000)
    assert (change.low, change.high) == pytest.approx(newcombe_difference(k1, 1500, k0, 2000, 0.95))
    moved = held(MORE).estimate("total_variation", variant="labels").value
    assert moved == pytest.approx(abs(change.value)), "of two classes it is the gap of one share"


def test_classes_have_no_order() -> None:
    then = multiclass(1200, 1)
    now = multiclass(1200, 2).with_columns(y=pl.col("y").replace({"cat": "emu", "emu": "cat"}))
    flags = {"score": ["p_cat", "p_dog", "p_emu"]}
    alike = held(now, then, **flags)
    assert alike.has("total_variation", variant="labels")
    assert not alike.has("ks", variant="labels")
    half = pl.when(pl.int_range(pl.len()) % 2 == 0)
    now = multiclass(1200, 2).with_columns(y=half.then(pl.lit("emu")).otherwise("y"))
    judged = held(now, then, **flags)
    assert changed(judged) == ["labels"]
    shares = [np.array([(t["y"] == c).mean() for c in ("cat", "dog", "emu")]) for t in (then, now)]
    moved = judged.estimate("total_variation", variant="labels").value
    assert moved == pytest.approx(np.abs(shares[0] - shares[1]).sum() / 2)


def test_predicted_numbers_are_followed() -> None:
    then, now = regression(800, 1), regression(800, 2)
    flags: dict[str, Any] = {"score": None, "prediction": "yhat"}
    assert changed(held(now, then, **flags)) == []
    shifted = held(now.with_columns(pl.col("yhat") + 3), then, **flags)
    assert changed(shifted) == ["predictions"]


def test_few_rows_are_unsure_and_no_alarm() -> None:
    judged = held(MORE.head(5))
    assert judged["DRF002"].status is Status.UNSURE
    assert judged.titles("DRF002") == [
        f"There are too few rows to say whether the {part} changed."
        for part in ("scores", "decisions", "labels")
    ]


def test_a_figure_holds_both_sides_in_shares() -> None:
    (figure,) = held(MORE)["DRF002"].figures
    panel = figure.series["scores"]
    assert sum(panel["reference"]) == pytest.approx(1)
    assert sum(panel["current"]) == pytest.approx(1)
    assert np.all(np.diff(panel["x"]) > 0)


def test_why_it_cannot_run_is_said() -> None:
    alone = judge(NOW, "DRF002", target="y", score="p")["DRF002"]
    assert (alone.status, alone.reason) == (Status.SKIPPED, "no reference was given")
    bare = held(NOW, THEN.drop("y", "p"))["DRF002"]
    assert bare.status is Status.SKIPPED
    assert "neither labels nor answers" in (bare.reason or "")


def test_a_saved_profile_says_what_the_table_says(tmp_path: Path) -> None:
    path = plimsoll.profile(THEN, target="y", score="p").write(tmp_path / "ref.plimsoll")
    whole, saved = held(MORE), held(MORE, path)
    assert changed(saved) == changed(whole)
    for part in ("decisions", "labels"):
        for name in ("total_variation", "share_change", "psi"):
            assert saved.estimate(name, variant=part) == whole.estimate(name, variant=part)
    for name in ("ks", "wasserstein_sigma"):
        exact, binned = (x.estimate(name, variant="scores") for x in (whole, saved))
        assert binned.low <= exact.value <= binned.high
        assert binned.value == pytest.approx(exact.value, abs=0.01)


def test_a_profile_without_a_target_has_no_answers_to_compare() -> None:
    entry = held(NOW, plimsoll.profile(THEN.drop("y", "p")))["DRF002"]
    assert entry.status is Status.SKIPPED
    assert "neither labels nor answers" in (entry.reason or "")
