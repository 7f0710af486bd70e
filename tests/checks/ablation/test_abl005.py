"""ABL005: a recipe that answers by luck churns as much as it should, and a still one does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from ablation_runs import estimate, run, titles

from plimsoll.core.finding import Status
from worlds.ablated import copied, logistic, tree


class Flipping:
    """Decides as x1 says, but for a share of rows drawn by its seed."""

    classes_ = np.array([0, 1])
    feature_names_in_ = np.array(["x1", "x2", "x3", "x4"])

    def __init__(self, seed: int, share: float) -> None:
        self.seed, self.share = seed, share

    def predict(self, frame: Any) -> Any:
        r = np.random.default_rng([self.seed, frame.shape[0]])
        flip = r.random(frame.shape[0]) < self.share
        return np.where(flip, frame["x1"].to_numpy() <= 0, frame["x1"].to_numpy() > 0).astype(int)


def test_the_share_of_changed_decisions_is_the_one_planted() -> None:
    def fit(frame: pl.DataFrame, seed: int = 0) -> Any:
        return Flipping(seed, 0.1)

    train, test = copied(500, 1), copied(3000, 2)
    entry = run(test, "ABL005", reference=train, model=Flipping(0, 0.0), fit=fit)
    for variant in (None, "reseeded"):
        churn = estimate(entry, "churn", variant=variant)
        assert churn.low <= 0.1 <= churn.high
        between = estimate(entry, "churn_between_fits", variant=variant)
        assert between.low <= 2 * 0.1 * 0.9 <= between.high
        assert churn.high - churn.low < 0.03


def test_a_recipe_without_a_seed_is_still_and_it_is_said() -> None:
    train, test = copied(800, 3), copied(1000, 4)
    entry = run(test, "ABL005", reference=train, model=logistic(train))
    assert any("other seeds answer the same" in t for t in titles(entry))
    still = estimate(entry, "churn_between_fits", variant="reseeded")
    assert still.value == 0.0
    assert still.high > 0.0, "never seen is not never"
    assert estimate(entry, "churn_between_fits", variant=None).value > 0.0


def test_a_deep_tree_churns_more_than_a_straight_line() -> None:
    train, test = copied(800, 5), copied(1000, 6)
    calm = run(test, "ABL005", reference=train, model=logistic(train))
    wild = run(test, "ABL005", reference=train, model=tree(train))
    one, two = (estimate(e, "churn_between_fits", variant=None) for e in (calm, wild))
    assert one.high < two.low
    assert estimate(wild, "measure_sd", variant=None).value > 0


def test_a_limit_on_churn_is_kept_or_not() -> None:
    import plimsoll

    train, test = copied(800, 7), copied(1000, 8)
    answers = [
        plimsoll.evaluate(
            test, model=model, reference=train, target="y", positive=1, only=["ABL005"],
            policy={"ablation.churn": {"max": bound}},
        ).verdict.value
        for model, bound in ((logistic(train), 0.2), (tree(train), 0.01))
    ]  # fmt: skip
    assert answers == ["pass", "fail"]


def test_a_regression_is_told_in_the_scatter_of_its_numbers() -> None:
    from sklearn.linear_model import LinearRegression

    r = np.random.default_rng(9)
    x = r.normal(size=(400, 2))
    frame = pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "y": x[:, 0] + r.normal(size=400)})
    table = frame.to_pandas()
    model = LinearRegression().fit(table[["a", "b"]], table["y"])
    entry = run(frame, "ABL005", reference=frame, model=model, positive=None, task="regression")
    scatter = estimate(entry, "score_sd", variant=None)
    assert scatter.value == pytest.approx(np.sqrt(3 / 400), rel=0.6), (
        "sd of a fitted value: sqrt(k / n)"
    )
    assert scatter.unit == "y"
    assert not any(e.name == "churn" for e in entry.estimates)
    assert not titles(entry, Status.FAIL)
