"""STR002: the shift that breaks the limit is found where it is known, and none is made up where it is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.special import expit
from scipy.stats import norm

from plimsoll.core.finding import Status
from worlds.judging import Judged, judge
from worlds.planted import stated

START, FALL, LIMIT = 1.6, 0.5, 0.85
CROSSED = (START - np.sqrt(1 + FALL**2) * norm.ppf(LIMIT)) / FALL
"""Accuracy at a shift s is Phi((1.6 - 0.5 s) / sqrt(1.25)): this is where it is 0.85."""


def fading(n: int, seed: int) -> pl.DataFrame:
    """A model that is less right the higher ``x`` (mean 50, sd 10) is, by a known curve."""
    r = np.random.default_rng(seed)
    z, y = r.normal(size=n), r.integers(0, 2, n)
    right = r.random(n) < norm.cdf(START - FALL * z)
    return pl.DataFrame(
        {"x": 50 + 10 * z, "noise": r.normal(size=n), "y": y, "said": np.where(right, y, 1 - y)}
    )


def held(frame: pl.DataFrame, policy: dict[str, Any] | None = None, **flags: Any) -> Judged:
    flags = {"target": "y", "suite": "stress"} | flags
    return judge(frame, "STR002", policy=policy, **flags)


def line(judged: Judged, column: str | None, variant: str, stress: str = "population") -> Any:
    found = [
        e
        for e in judged["STR002"].estimates
        if e.name == "load_line"
        and (e.where.column, e.where.variant, e.where.stress) == (column, variant, stress)
    ]
    assert len(found) == 1
    return found[0]


def test_the_load_line_is_the_known_one() -> None:
    judged = held(fading(8000, 0), {"accuracy": {"min": LIMIT}}, prediction="said")
    e = line(judged, "x", "higher")
    assert e.low <= CROSSED <= e.high
    assert e.value == pytest.approx(CROSSED, abs=0.25)
    assert e.unit == "standard deviations of the mean"
    assert e.where.metric == "accuracy"
    (finding,) = judged.findings("STR002", Status.PASS)
    assert finding.title == "The smallest shift of the population that breaks the limit is known."
    assert "the mean of 'x' up to 5" in finding.meaning.lower()
    assert "accuracy at least 0.85, as the policy says" in finding.meaning


def test_the_interval_holds_the_known_load_line() -> None:
    """Of 200 runs 97.5 % did; the interval takes the wider of two readings of the weights."""
    inside = 0
    for seed in range(25):
        judged = held(fading(3000, seed), {"accuracy": {"min": LIMIT}}, prediction="said")
        e = line(judged, "x", "higher")
        inside += e.low <= CROSSED <= e.high
    assert inside >= 22


def test_the_other_way_and_the_column_of_noise_hold() -> None:
    judged = held(fading(8000, 0), {"accuracy": {"min": 0.80}}, prediction="said")
    table = judged["STR002"].tables[0]
    states = {row[0]: row[2] for row in table.rows}
    assert states["lower x"] == "holds"
    assert states["higher noise"] in ("holds", "unsure")
    e = line(judged, "x", "lower")
    assert e.high > e.value, "beyond what can be told the far end is open"


def test_precision_breaks_where_bayes_rule_says() -> None:
    r = np.random.default_rng(1)
    n = 20_000
    y = (r.random(n) < 0.5).astype(int)
    said = np.where(y == 1, r.random(n) < 0.8, r.random(n) < 0.1).astype(int)
    frame = pl.DataFrame({"y": y, "said": said, "k": 1.0})
    judged = held(frame, {"precision": {"min": 0.7}}, prediction="said")
    # 0.8 q / (0.8 q + 0.1 (1 - q)) = 0.7 at q = 0.07 / (0.8 - 0.7 * 0.7) = 0.07 / 0.31
    e = line(judged, None, "fewer", "prior")
    assert e.low <= 0.5 - 0.07 / 0.31 <= e.high
    assert e.unit == "prevalence"
    assert e.where.label == "1"
    up = line(judged, None, "more", "prior")
    assert up.low == up.value == pytest.approx(0.49, abs=0.01), "it rises with the prevalence"
    words = judged.findings("STR002", Status.PASS)[-1].meaning
    assert "With rows of class '1' from 2" in words
    assert "to 99 %, as far up as was looked at, the model keeps its limit" in words


def test_what_follows_each_label_alone_breaks_at_no_prevalence() -> None:
    frame = stated(4000, 2).drop("true")
    judged = held(frame, {"recall": {"min": 0.6}}, score="p")
    assert all(line(judged, None, way, "prior").low > 0.4 for way in ("more", "fewer"))


def test_a_category_becomes_the_population() -> None:
    r = np.random.default_rng(3)
    n = 6000
    place, y = r.choice(["town", "field"], n, p=[0.8, 0.2]), r.integers(0, 2, n)
    right = r.random(n) < np.where(place == "town", 0.95, 0.75)
    frame = pl.DataFrame({"place": place, "y": y, "said": np.where(right, y, 1 - y)})
    judged = held(frame, {"accuracy": {"min": 0.85}}, prediction="said")
    e = line(judged, "place", "more field", "category_mix")
    assert e.low <= 0.5 - 0.2 <= e.high, "0.95 (1 - q) + 0.75 q = 0.85 at half"
    assert e.unit == "share of rows"
    assert "rows with place = field up to" in judged.findings("STR002")[0].meaning.lower()


def test_a_model_that_is_as_good_everywhere_holds() -> None:
    r = np.random.default_rng(4)
    n = 8000
    y = r.integers(0, 2, n)
    right = r.random(n) < 0.95
    frame = pl.DataFrame({"x": r.normal(size=n), "y": y, "said": np.where(right, y, 1 - y)})
    judged = held(frame, {"accuracy": {"min": 0.5}}, prediction="said")
    (finding,) = judged.findings("STR002")
    assert finding.status is Status.PASS
    assert finding.title == "No shift of the population that these rows can show breaks the limit."


def test_a_limit_that_is_broken_already_is_said() -> None:
    judged = held(fading(3000, 5), {"accuracy": {"min": 0.99}}, prediction="said")
    (finding,) = judged.findings("STR002")
    assert finding.status is Status.FAIL
    assert finding.title == "The model breaks its limit before the population shifts."
    assert line(judged, "x", "higher").value == 0.0


@pytest.mark.parametrize("by,expected", [(1.6, Status.FAIL), (0.0, None)])
def test_a_shift_that_is_under_way_is_held_against_the_load_line(by: float, expected: Any) -> None:
    now = fading(8000, 6)
    then = now.with_columns(pl.col("x") - 10 * by)
    judged = held(now, {"accuracy": {"min": LIMIT}}, prediction="said", reference=then)
    found = [f.status for f in judged.findings("STR002") if f.title.startswith("Another shift")]
    assert found == ([] if expected is None else [expected])
    moved = judged.estimate("exposure", "STR002", column="x", stress="population", variant="higher")
    assert moved.value == pytest.approx(by, abs=0.05)
    assert moved.low <= by <= moved.high


def test_the_default_limit_and_scores() -> None:
    r = np.random.default_rng(7)
    n = 4000
    x = r.normal(size=n)
    y = (r.random(n) < expit(2 * x)).astype(int)
    p = expit(2 * x + 3 * np.maximum(x, 0) * r.normal(size=n))
    judged = held(pl.DataFrame({"x": x, "y": y, "p": p}), score="p")
    assert "must keep 90 of 100 parts" in judged.findings("STR002")[0].meaning
    assert line(judged, "x", "higher").where.metric == "roc_auc"


def test_a_regression_and_many_classes() -> None:
    r = np.random.default_rng(8)
    n = 2000
    x = r.normal(size=n)
    frame = pl.DataFrame({"x": x, "y": 3 * x + r.normal(size=n), "yhat": 3 * x})
    judged = held(frame, prediction="yhat", task="regression")
    assert judged["STR002"].estimates
    y = r.integers(0, 3, n)
    frame = pl.DataFrame({"x": x, "y": y, "said": np.where(r.random(n) < 0.8, y, (y + 1) % 3)})
    judged = held(frame, prediction="said")
    labels = {e.where.label for e in judged["STR002"].estimates if e.where.stress == "prior"}
    assert labels == {"0", "1", "2"}


GOOD = fading(400, 9)


@pytest.mark.parametrize(
    "frame,words",
    [
        (GOOD.head(3), "are worth 3 of equal weight; a shift needs 100"),
        (GOOD.with_columns(y=(pl.int_range(pl.len()) == 7).cast(pl.Int64)), ""),
        (GOOD.with_columns(x=pl.lit(2.0), noise=pl.lit(None, pl.Float64)), ""),
        (GOOD.with_columns(x=pl.lit(float("nan"))), ""),
        (GOOD.with_columns(x=pl.when(pl.col("x") > 50).then(float("inf")).otherwise("x")), ""),
    ],
    ids=["three rows", "one row of a class", "constant and empty", "NaN", "infinite"],
)
def test_ugly_rows(frame: pl.DataFrame, words: str) -> None:
    entry = held(frame, prediction="said")["STR002"]
    assert entry.status is not Status.ERROR, entry.reason
    assert words in (entry.reason or "")


def test_clusters_weights_and_missing_cells() -> None:
    frame = fading(3000, 10).with_columns(
        pl.when(pl.int_range(pl.len()) % 5 == 0).then(None).otherwise("x").alias("x"),
        g=pl.int_range(pl.len()) // 10,
        w=pl.Series(np.random.default_rng(0).exponential(size=3000)),
    )
    judged = held(frame, {"accuracy": {"min": LIMIT}}, prediction="said", group="g", weight="w")
    e = line(judged, "x", "higher")
    assert e.low < e.value < e.high


def test_without_labels_it_is_skipped() -> None:
    entry = held(GOOD.drop("y"), prediction="said", reference=GOOD)["STR002"]
    assert entry.status is Status.SKIPPED


def test_rows_of_one_group_say_nothing() -> None:
    entry = held(GOOD.with_columns(g=pl.lit(1)), prediction="said", group="g")["STR002"]
    assert entry.status is Status.SKIPPED
    assert "belong to one group" in (entry.reason or "")
