"""STR003: the loss of the worst rows where it is known, a planted weak group, rows that say too little."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.special import expit
from scipy.stats import norm

from plimsoll.core.finding import Status
from worlds.judging import Judged, judge

GAIN = "worst_gain"


def world(n: int, seed: int, *, weak: float = 0.0) -> pl.DataFrame:
    """Calibrated scores, but turned round (``weak`` = 1) where x is below 20 and kind is 'b'."""
    r = np.random.default_rng(seed)
    x, kind = r.uniform(0, 100, n), r.choice(["a", "b"], n)
    z = r.normal(0, 2, n)
    y = (r.random(n) < expit(z)).astype(int)
    hurt = (x < 20) & (kind == "b")
    p = expit(np.where(hurt, (1 - 2 * weak) * z, z))
    return pl.DataFrame({"x": x, "kind": kind, "z": z, "y": y, "p": p})


def held(frame: pl.DataFrame, policy: dict[str, Any] | None = None, **flags: Any) -> Judged:
    given = {"target": "y", "score": "p", "suite": "stress"} | flags
    return judge(frame, "STR003", policy=policy, **given)


def tail(judged: Judged, name: str, share: float) -> Any:
    (e,) = [
        e
        for e in judged["STR003"].estimates
        if e.name == name and e.where.severity == pytest.approx(1 - share)
    ]
    return e


@pytest.mark.parametrize("share", [0.5, 0.2, 0.1, 0.05])
def test_a_folded_normal_error_has_its_closed_form(share: float) -> None:
    r = np.random.default_rng(1)
    n = 20_000
    yhat = r.normal(size=n)
    frame = pl.DataFrame({"x": yhat, "y": yhat + r.normal(size=n), "yhat": yhat})
    judged = held(frame, score=None, prediction="yhat", task="regression")
    e = tail(judged, "conditional_value_at_risk", share)
    truth = 2 * norm.pdf(norm.ppf(share / 2)) / share
    assert e.low <= truth <= e.high
    assert e.value == pytest.approx(truth, rel=0.03)
    assert e.where.metric == "mean_absolute_error"
    described = tail(judged, "predicted_worst_loss", share)
    assert described.value == pytest.approx(np.sqrt(2 / np.pi), rel=0.12), "noise tells no worst"


def test_a_planted_group_is_found_described_and_worse_than_a_constant() -> None:
    judged = held(world(8000, 1, weak=1.0))
    (finding,) = judged.findings("STR003", Status.FAIL)
    assert finding.title.startswith("Where it is expected to do worst the model is worse")
    gain = tail(judged, GAIN, 0.1)
    assert gain.high < 0
    words = " ".join(judged.findings("STR003")[-1].meaning.split())
    assert "x below 20" in words and ("kind = b" in words or "kind not a" in words)
    assert "(10 of 100 rows)" in words or "(9 of 100 rows)" in words
    rule = dict(judged.findings("STR003")[-1].where.slice)
    assert rule["x"] == "below 20"


def test_the_described_part_lies_between_the_mean_and_the_bound() -> None:
    judged = held(world(8000, 1, weak=1.0))
    for share in (0.2, 0.1, 0.05):
        described = tail(judged, "predicted_worst_loss", share)
        assert described.value < tail(judged, "conditional_value_at_risk", share).low
        assert described.low > 0.6


def test_a_model_that_knows_all_beats_a_constant_in_every_part() -> None:
    frame = world(8000, 2)
    judged = held(frame)
    assert not judged.findings("STR003", Status.FAIL)
    rows = frame.filter(pl.col("z").abs() > 1.5)
    judged = held(rows)
    assert "Also where it is expected to do worst" in " ".join(judged.titles("STR003", Status.PASS))


def test_equal_losses_leave_no_rule() -> None:
    r = np.random.default_rng(3)
    n = 3000
    y = r.integers(0, 2, n)
    frame = pl.DataFrame({"x": r.normal(size=n), "y": y, "p": np.where(y == 1, 0.7, 0.3)})
    judged = held(frame)
    assert not any("told in a few words" in t for t in judged.titles("STR003"))
    e = tail(judged, "conditional_value_at_risk", 0.1)
    assert e.value == pytest.approx(-np.log(0.7))
    assert e.low == pytest.approx(e.high)


def test_rules_of_noise_are_seldom_told() -> None:
    told = 0
    for seed in range(8):
        r = np.random.default_rng(seed)
        x = r.normal(size=(800, 4))
        y = (r.random(800) < 0.5).astype(int)
        p = np.clip(0.5 + 0.2 * r.normal(size=800), 0.05, 0.95)
        frame = pl.DataFrame({**{f"x{i}": x[:, i] for i in range(4)}, "y": y, "p": p})
        told += any("told in a few words" in t for t in held(frame).titles("STR003"))
    assert told <= 2


def test_the_load_line_of_any_part_is_where_the_tail_reaches_the_limit() -> None:
    r = np.random.default_rng(4)
    n = 20_000
    yhat = r.normal(size=n)
    error = -np.log(r.random(n)) * r.choice([-1, 1], n)
    frame = pl.DataFrame({"x": yhat, "y": yhat + error, "yhat": yhat})
    judged = held(
        frame,
        {"mean_absolute_error": {"max": 2.0}},
        score=None,
        prediction="yhat",
        task="regression",
    )
    e = judged.estimate(
        "load_line",
        "STR003",
        metric="mean_absolute_error",
        stress="subpopulation",
        variant="any",
    )
    # An exponential error: the worst share s loses 1 - log(s), which is 2 at 1/e.
    assert e.low <= 1 - np.exp(-1) <= e.high
    assert e.value == pytest.approx(1 - np.exp(-1), abs=0.03)
    described = judged.estimate(
        "load_line",
        "STR003",
        metric="mean_absolute_error",
        stress="subpopulation",
        variant="described",
    )
    assert described.value > 0.9, "inputs know nothing of it"


def test_a_limit_that_is_broken_already() -> None:
    judged = held(world(2000, 5), {"log_loss": {"max": 0.1}})
    (finding,) = judged.findings("STR003", Status.FAIL)
    assert finding.title == "The model breaks its limit on all rows together."


def test_decisions_alone_have_no_loss_that_varies() -> None:
    frame = world(1000, 6).with_columns(said=(pl.col("p") > 0.5).cast(pl.Int64)).drop("p")
    entry = held(frame, score=None, prediction="said")["STR003"]
    assert entry.status is Status.SKIPPED
    assert entry.reason is not None
    assert "needs probabilities" in entry.reason


GOOD = world(600, 7)


@pytest.mark.parametrize(
    "frame,words",
    [
        (GOOD.head(3), "worth 3 of equal weight"),
        (GOOD.head(300), "at least 400 rows are needed"),
        (GOOD.select("y", "p", x=pl.lit(1.0)), "no input column varies"),
        (GOOD.with_columns(x=pl.lit(None, pl.Float64)), ""),
        (GOOD.with_columns(x=pl.lit(float("nan"))), ""),
        (GOOD.with_columns(p=pl.col("y").cast(pl.Float64)), ""),
        (GOOD.with_columns(y=(pl.int_range(pl.len()) == 7).cast(pl.Int64)), ""),
    ],
    ids=["three rows", "few rows", "constant", "empty", "NaN", "perfect", "one positive"],
)
def test_ugly_rows(frame: pl.DataFrame, words: str) -> None:
    entry = held(frame)["STR003"]
    assert entry.status is not Status.ERROR, entry.reason
    assert words in (entry.reason or "")


def test_clusters_stay_in_one_half_and_widen() -> None:
    frame = world(3000, 8, weak=1.0).with_columns(g=pl.int_range(pl.len()) // 10)
    one, two = held(frame), held(frame, group="g")
    for judged in (one, two):
        assert judged["STR003"].status is not Status.ERROR
    few = frame.with_columns(g=pl.lit(1))
    entry = held(few, group="g")["STR003"]
    assert entry.status is not Status.ERROR
    assert "belong to one group" in (entry.reason or "")


def test_no_value_of_a_rare_category_or_a_single_row_is_shown() -> None:
    frame = world(2000, 9, weak=1.0).with_columns(
        name=pl.format("secret-{}", pl.int_range(pl.len())),
        amount=pl.int_range(pl.len()) * 1.000123,
    )
    entry = held(frame)["STR003"]
    said = " ".join(f.meaning for f in entry.findings)
    assert "secret" not in said
    assert ".000123" not in said
