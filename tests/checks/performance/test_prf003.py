"""PRF003: log loss and Brier score are scikit-learn's numbers."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn import metrics as sk

from plimsoll.core.finding import Status
from worlds.judging import judge
from worlds.planted import stated
from worlds.tables import multiclass


@pytest.mark.parametrize("weighted", [False, True])
def test_binary_losses_are_scikit_learns(weighted: bool) -> None:
    frame = stated(400, 1, sure=1.4).with_columns(
        w=pl.Series(np.random.default_rng(1).exponential(1, 400))
    )
    w = frame["w"].to_numpy() if weighted else None
    judged = judge(frame, "PRF003", target="y", score="p", weight="w" if weighted else None)
    loss = sk.log_loss(frame["y"], frame["p"], sample_weight=w)
    brier = sk.brier_score_loss(frame["y"], frame["p"], sample_weight=w)
    assert judged.estimate("log_loss").value == pytest.approx(loss, abs=1e-9)
    assert judged.estimate("brier_score").value == pytest.approx(brier, abs=1e-9)


def test_certain_errors_are_clipped_as_scikit_learn_clips_them() -> None:
    frame = pl.DataFrame({"y": [0, 1, 1, 0] * 10, "p": [0.0, 1.0, 0.0, 0.3] * 10})
    judged = judge(frame, "PRF003", target="y", score="p")
    assert judged.estimate("log_loss").value == pytest.approx(
        sk.log_loss(frame["y"], frame["p"]), abs=1e-9
    )


@pytest.mark.parametrize("weighted", [False, True])
def test_losses_of_many_classes_are_scikit_learns(weighted: bool) -> None:
    frame = multiclass(300, 2).with_columns(
        w=pl.Series(np.random.default_rng(2).exponential(1, 300))
    )
    w = frame["w"].to_numpy() if weighted else None
    columns = ["p_cat", "p_dog", "p_emu"]
    judged = judge(frame, "PRF003", target="y", score=columns, weight="w" if weighted else None)
    p = frame.select(columns).to_numpy()
    loss = sk.log_loss(frame["y"], p, sample_weight=w)
    one_hot = (frame["y"].to_numpy()[:, None] == np.array(["cat", "dog", "emu"])).astype(float)
    brier = np.average(((p - one_hot) ** 2).sum(axis=1), weights=w)
    assert judged.estimate("log_loss").value == pytest.approx(loss, abs=1e-9)
    assert judged.estimate("brier_score").value == pytest.approx(brier, abs=1e-9)


def test_a_better_model_loses_less() -> None:
    good = judge(stated(3000, 3), "PRF003", target="y", score="p")
    loud = judge(stated(3000, 3, sure=3), "PRF003", target="y", score="p")
    assert good.estimate("log_loss").high < loud.estimate("log_loss").low
    assert good.estimate("brier_score").value < loud.estimate("brier_score").value


def test_scores_that_only_order_have_no_loss() -> None:
    entry = judge(stated(40), "PRF003", target="y", score="p", score_kind="ranking")["PRF003"]
    assert entry.status is Status.NOT_APPLICABLE
