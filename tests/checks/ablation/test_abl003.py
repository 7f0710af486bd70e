"""ABL003: a learner with a known curve gains what the curve says; three words for three worlds."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from ablation_runs import estimate, run, titles

from plimsoll.core.finding import Status
from worlds.ablated import copied, logistic


class Shrunk:
    """Predicts x plus an error whose variance falls as 1 / rows: R2 = c - a / rows, exactly."""

    def __init__(self, rows: int, seed: int) -> None:
        self.off = np.sqrt(400.0 / rows)
        self.seed = seed

    def predict(self, frame: Any) -> Any:
        r = np.random.default_rng([self.seed, frame.shape[0]])
        return frame["x"].to_numpy() + self.off * r.normal(size=frame.shape[0])


def world(n: int, seed: int) -> pl.DataFrame:
    r = np.random.default_rng(seed)
    x = r.normal(size=n)
    return pl.DataFrame({"x": x, "y": x + 0.5 * r.normal(size=n)})


def test_a_known_power_law_is_told() -> None:
    def fit(frame: pl.DataFrame, seed: int = 0) -> Any:
        return Shrunk(frame.height, seed)

    train, test = world(6400, 1), world(3000, 2)
    entry = run(test, "ABL003", reference=train, model=Shrunk(6400, 9), fit=fit,
                positive=None, task="regression")  # fmt: skip
    gain = estimate(entry, "gain_of_doubling")
    truth = (400 / 6400 - 400 / 12800) / 1.25
    assert gain.low <= truth <= gain.high
    assert gain.high - gain.low < 0.04
    assert titles(entry) == ["More data is worth it."]
    (figure,) = entry.figures
    assert set(figure.series) == {"fits", "curve"}


def test_a_model_that_has_learnt_all_gains_nothing() -> None:
    train, test = copied(6000, 3), copied(4000, 4)
    entry = run(test, "ABL003", reference=train, model=logistic(train))
    assert titles(entry) == ["Twice the data would hardly help."]
    assert estimate(entry, "gain_of_doubling").high < 0.01


def test_few_rows_cannot_tell_or_are_not_enough() -> None:
    train = copied(450, 5)

    def fit(frame: pl.DataFrame, seed: int = 0) -> Any:
        """Forget labels more or less at random, so that fits scatter widely."""
        r = np.random.default_rng(seed)
        flip = pl.Series(r.random(frame.height) < r.uniform(0, 0.9))
        return logistic(
            frame.with_columns(y=pl.when(flip).then(1 - pl.col("y")).otherwise(pl.col("y")))
        )

    entry = run(copied(150, 6), "ABL003", reference=train, model=logistic(train), fit=fit)
    assert "It cannot be told whether more data would help." in titles(entry, Status.UNSURE)
    entry = run(copied(400, 7), "ABL003", reference=train.head(300), model=logistic(train))
    assert entry.status is Status.SKIPPED
    assert "too few for four sizes" in (entry.reason or "")


def test_without_what_repeats_the_fit_it_says_what_to_give() -> None:
    train = copied(500, 8)

    def asked(frame: pl.DataFrame) -> Any:
        return (frame["x1"] > 0).cast(pl.Float64).to_numpy() * 0.5 + 0.2

    for code in ("ABL003", "ABL005"):
        entry = run(train, code, reference=train, model=asked)
        assert entry.status is Status.SKIPPED
        assert "--fit" in (entry.reason or "")
        entry = run(train, code, model=logistic(train))
        assert "no reference" in (entry.reason or "")


def test_a_fit_that_breaks_is_told_in_its_own_words() -> None:
    def fit(frame: pl.DataFrame) -> Any:
        raise RuntimeError("no disk")

    train = copied(800, 9)
    entry = run(train, "ABL003", reference=train, model=logistic(train), fit=fit)
    assert entry.status is Status.SKIPPED
    assert "raised RuntimeError" in (entry.reason or "")
