"""DRF004: a shift that costs is told from one that does no harm, and what it costs is right."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

import plimsoll
from plimsoll.core.finding import Status
from worlds.judging import Judged, judge
from worlds.planted import logistic, stated

COSTS = "The shift of this column is expected to cost the model."
HARMLESS = "Some columns changed and are expected to do no harm."
UNSEEN = "What some changed columns do cannot be told from the reference."


def world(n: int, seed: int, *, old: float = 0.3, south: float = 0.3) -> pl.DataFrame:
    """The model is right in 90 of 100 rows of the young and in 60 of the old; ``place`` is nothing to it."""
    r = np.random.default_rng(seed)
    age = np.where(r.random(n) < old, "old", "young")
    place = np.where(r.random(n) < south, "south", "north")
    y = r.integers(0, 2, n)
    right = r.random(n) < np.where(age == "old", 0.6, 0.9)
    return pl.DataFrame(
        {"age": age, "place": place, "y": y, "d": np.where(right, y, 1 - y).astype(int)}
    )


THEN = world(6000, 1)


def held(now: Any, then: Any = THEN, **flags: Any) -> Judged:
    return judge(now, "DRF004", reference=then, **({"target": "y", "prediction": "d"} | flags))


def test_two_draws_of_one_world_raise_nothing() -> None:
    judged = held(world(4000, 2))
    assert judged["DRF004"].status is Status.PASS
    assert not judged["DRF004"].findings


def test_a_shift_that_costs_and_one_that_does_not_are_different_findings() -> None:
    judged = held(world(4000, 2, old=0.7, south=0.8))
    (costs,) = judged.findings("DRF004", Status.FAIL)
    assert (costs.title, costs.where.column) == (COSTS, "age")
    assert "points of accuracy" in costs.meaning
    (harmless,) = judged.findings("DRF004", Status.PASS)
    assert harmless.title == HARMLESS
    assert harmless.meaning.startswith("place.")


def test_the_expected_change_is_the_reference_weighed_anew() -> None:
    now = world(4000, 2, old=0.7)
    change = held(now).estimate("expected_change", column="age", metric="accuracy")
    right = THEN["y"] == THEN["d"]
    rates = {a: right.filter(THEN["age"] == a).mean() for a in ("old", "young")}
    mixed = sum(float((now["age"] == a).mean()) * float(rates[a]) for a in rates)  # type: ignore[arg-type]
    assert change.value == pytest.approx(mixed - float(right.mean()), abs=1e-12)  # type: ignore[arg-type]
    assert change.low < -0.3 * 0.4 < change.high, "the truth: 40 of 100 rows lose 30 points"


def test_a_shift_that_helps_is_no_fault() -> None:
    judged = held(world(4000, 2, old=0.05))
    assert judged.estimate("expected_change", column="age", metric="accuracy").low > 0.05
    assert not judged.findings("DRF004", Status.FAIL)


def test_the_table_puts_the_most_harmful_first_with_its_importance() -> None:
    then, now = (
        stated(3000, s).drop("true").with_columns(noise=pl.col("x").shuffle(seed=s)) for s in (1, 2)
    )
    judged = judge(now, "DRF004", target="y", score="p", reference=then)
    (table,) = judged["DRF004"].tables
    importance = {row[0]: row[1] for row in table.rows}
    assert importance["x"] > 0.9, "the answer is a function of x"
    assert importance["noise"] < 0.05
    ranked = held(world(4000, 2, old=0.7, south=0.8))["DRF004"].tables[0]
    assert [row[0] for row in ranked.rows] == ["age", "place"]


def test_values_that_the_reference_never_had_are_unsure() -> None:
    fresh = pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.lit("east")).otherwise("place")
    judged = held(world(4000, 2).with_columns(place=fresh))
    (finding,) = judged.findings("DRF004", Status.UNSURE)
    assert finding.title == UNSEEN
    assert finding.meaning.startswith("place:")


def test_what_scores_let_expect_without_labels_is_borne_out() -> None:
    then, now = stated(6000, 1).drop("true"), stated(6000, 2, base=1.5)
    judged = judge(now.drop("true", "y"), "DRF004", target="y", score="p", reference=then)
    place = {"variant": "expected from scores"}
    said = (now["p"] >= 0.5).to_numpy()
    y = now["y"].to_numpy() == 1
    for name, real in {
        "accuracy": float((said == y).mean()),
        "recall": float((said & y).sum() / y.sum()),
        "precision": float((said & y).sum() / said.sum()),
    }.items():
        expected = judged.estimate(name, **place)
        assert expected.low - 0.01 <= real <= expected.high + 0.01
    log_loss = judged.estimate("log_loss", **place)
    true = now["p"].to_numpy()
    assert log_loss.value == pytest.approx(
        float(-np.where(y, np.log(true), np.log1p(-true)).mean()), abs=0.03
    )


def test_a_label_that_means_something_else_shows_against_what_was_expected() -> None:
    then, now = stated(4000, 1).drop("true"), stated(4000, 2).drop("true")
    worse = now.with_columns(
        y=pl.when(pl.int_range(pl.len()) % 4 == 0).then(1 - pl.col("y")).otherwise("y")
    )
    title = "It does worse than its scores let one expect."
    found = judge(worse, "DRF004", target="y", score="p", reference=then)
    assert title in found.titles("DRF004", Status.FAIL)
    fine = judge(now, "DRF004", target="y", score="p", reference=then)
    assert title not in fine.titles("DRF004")


def test_losses_of_numbers_are_expected_too() -> None:
    r = np.random.default_rng(3)

    def table(n: int, rough: float) -> pl.DataFrame:
        road = np.where(r.random(n) < rough, "rough", "smooth")
        y = r.normal(size=n)
        noise = np.where(road == "rough", 3.0, 0.5) * r.normal(size=n)
        return pl.DataFrame({"road": road, "y": y, "yhat": y + noise})

    judged = judge(
        table(3000, 0.7),
        "DRF004",
        target="y",
        prediction="yhat",
        task="regression",
        reference=table(3000, 0.2),
    )
    change = judged.estimate("expected_change", column="road", metric="mean_absolute_error")
    assert change.low < 0.5 * 2.5 * np.sqrt(2 / np.pi) < change.high
    (costs,) = judged.findings("DRF004", Status.FAIL)
    assert costs.where.column == "road"


def test_why_it_cannot_run_is_said() -> None:
    reasons = {
        "no reference was given": judge(THEN, "DRF004", target="y", prediction="d"),
        "no labels and answers": held(THEN, THEN.drop("d")),
        "no input column is in both": held(THEN.rename({"age": "a", "place": "b"})),
        "holds no rows; give the rows": held(
            THEN, plimsoll.profile(THEN, target="y", prediction="d")
        ),
    }
    for words, judged in reasons.items():
        entry = judged["DRF004"]
        assert entry.status in (Status.SKIPPED, Status.NOT_APPLICABLE)
        assert words in (entry.reason or "")


def test_a_continuous_shift_onto_weak_ground_is_named() -> None:
    r = np.random.default_rng(4)

    def table(n: int, middle: float) -> pl.DataFrame:
        a, x = r.normal(middle, 1, n), r.normal(size=n)
        y = (r.random(n) < logistic(3 * x)).astype(int)
        p = np.where(a > 1, r.random(n), logistic(3 * x))
        return pl.DataFrame({"a": a, "b": r.normal(size=n), "y": y, "p": p})

    judged = judge(table(4000, 0.7), "DRF004", target="y", score="p", reference=table(4000, 0.0))
    assert [f.where.column for f in judged.findings("DRF004") if f.title == COSTS] == ["a"]


def test_where_most_rows_are_new_ground_no_number_is_given() -> None:
    r = np.random.default_rng(5)

    def table(n: int, middle: float) -> pl.DataFrame:
        a = r.normal(middle, 1, n)
        y = r.integers(0, 2, n)
        return pl.DataFrame({"a": a, "b": r.normal(size=n), "y": y, "d": y})

    then = table(2000, 0.0).with_columns(a=pl.lit(0.0) + pl.col("a") * 1e-9)
    judged = judge(table(2000, 8.0), "DRF004", target="y", prediction="d", reference=then)
    assert not judged.has("expected_change", column="a", metric="accuracy")
    assert judged.has("expected_change", column="b", metric="accuracy")
    (unsure,) = judged.findings("DRF004", Status.UNSURE)
    assert unsure.meaning.startswith("a: more than 5 of 100 rows")
