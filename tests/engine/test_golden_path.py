"""The whole way from a table to a record, as a user of Python walks it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import plimsoll
from plimsoll.core.errors import SettingsError
from plimsoll.core.estimate import Estimate
from worlds.tables import binary, regression

WORLD = binary(500, 11).with_columns(z=pl.col("x") ** 2)
TRAIN = binary(600, 12).with_columns(z=pl.col("x") ** 2)
PLAIN: dict[str, Any] = {"target": "y", "score": "p", "seed": 3, "jobs": 1}
FAST = {"skip": ["CAL001", "CAL002", "CAL004"]}


def fitted(columns: list[str]) -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(
        TRAIN.select(columns).to_pandas(), TRAIN["y"].to_numpy()
    )


def numbers(record: Any) -> list[tuple[str, Estimate]]:
    return [(entry.code, estimate) for entry, estimate in record.all_estimates()]


def assert_equal(one: Any, two: Any) -> None:
    assert [(c.code, c.status, c.reason) for c in one.checks] == [
        (c.code, c.status, c.reason) for c in two.checks
    ]
    assert one.verdict is two.verdict
    for (code, a), (other, b) in zip(numbers(one), numbers(two), strict=True):
        assert (code, a.name, a.where, a.n, a.method) == (other, b.name, b.where, b.n, b.method)
        scale = max(1.0, abs(a.value))
        assert abs(a.value - b.value) <= 1e-12 * scale, (code, a.name)
        assert abs(a.low - b.low) <= 1e-12 * scale, (code, a.name)
        assert abs(a.high - b.high) <= 1e-12 * scale, (code, a.name)


def test_logged_predictions_are_judged() -> None:
    record = plimsoll.evaluate(WORLD, policy={"roc_auc": {"min": 0.7}}, **PLAIN)
    assert record.passes
    assert record.exit_code() == 0
    record.assert_passes()
    area = record.find("roc_auc")
    assert area is not None
    assert area.value == pytest.approx(roc_auc_score(WORLD["y"], WORLD["p"]), abs=1e-12)
    assert record.subject.data.rows == 500
    assert record.subject.task == "binary"
    assert record.gate[0].limit == "roc_auc.min"
    assert "roc_auc" in repr(record.gate[0])
    assert record.settings["seed"] == 3


def test_a_fitted_pipeline_is_judged_from_raw_columns_to_decision() -> None:
    model = fitted(["x", "z"])
    record = plimsoll.evaluate(
        WORLD, model=model, reference=TRAIN, target="y", ignore=["p"], jobs=1, **FAST
    )
    score = model.predict_proba(WORLD.select("x", "z").to_pandas())[:, 1]
    area = record.find("roc_auc")
    assert area is not None
    assert area.value == pytest.approx(roc_auc_score(WORLD["y"], score), abs=1e-12)
    assert record.subject.model.kind != "predictions"
    assert record.subject.reference is not None
    assert record.subject.reference.rows == 600
    assert record.find("difference", metric="roc_auc", model="linear") is not None


def test_pandas_polars_csv_and_parquet_give_one_record(tmp_path: Path) -> None:
    WORLD.write_csv(tmp_path / "rows.csv")
    WORLD.write_parquet(tmp_path / "rows.parquet")
    tables = [
        WORLD,
        WORLD.to_pandas(),
        WORLD.to_arrow(),
        tmp_path / "rows.csv",
        str(tmp_path / "rows.parquet"),
        {name: WORLD[name].to_numpy() for name in WORLD.columns},
    ]
    first, *others = [
        plimsoll.evaluate(t, id="id", group="customer", weight="w", **PLAIN) for t in tables
    ]
    for record in others:
        assert_equal(first, record)


def test_gaps_mean_the_same_in_every_form(tmp_path: Path) -> None:
    i = pl.int_range(500)
    frame = WORLD.with_columns(
        y=pl.when(i >= 9).then("y"),
        z=pl.when(i % 7 > 0).then("z"),
        colour=pl.when(i % 5 > 0).then("colour"),
    )
    frame.write_csv(tmp_path / "rows.csv")
    frame.write_parquet(tmp_path / "rows.parquet")
    tables = [frame, frame.to_pandas(), tmp_path / "rows.csv", tmp_path / "rows.parquet"]
    first, *others = [plimsoll.evaluate(t, id="id", **PLAIN, **FAST) for t in tables]
    assert first.scan.left_out == {"label missing": 9}
    for record in others:
        assert_equal(first, record)
        assert record.scan.left_out == first.scan.left_out


def test_the_estimates_are_a_frame() -> None:
    frame = plimsoll.evaluate(WORLD, **PLAIN, **FAST).estimates
    assert frame.columns == [
        "check",
        "name",
        "where",
        "value",
        "low",
        "high",
        "level",
        "n",
        "unit",
        "method",
    ]
    assert frame["value"].is_finite().all()
    assert (frame["low"] <= frame["high"]).all()
    assert set(frame["level"]) == {0.95}
    row = frame.filter(pl.col("name") == "recall").row(0, named=True)
    assert row["check"] == "PRF001"
    assert row["where"] == ""


def test_the_findings_are_a_frame_too() -> None:
    frame = plimsoll.evaluate(WORLD, **PLAIN, **FAST).findings
    assert ("BAS001", "PASS", True) in frame.select("check", "status", "critical").rows()


def test_numbers_are_found_by_name_and_place() -> None:
    record = plimsoll.evaluate(
        WORLD, reference=TRAIN, policy={"recall": {"max_drop": 0.2}}, **PLAIN
    )
    now, then = record.find("recall"), record.find("recall", variant="reference")
    assert now is not None
    assert then is not None
    assert now.value != then.value
    assert record.find("recall", label="nobody") is None
    assert record.find("nothing") is None


def test_a_broken_limit_is_said_with_its_numbers() -> None:
    record = plimsoll.evaluate(
        WORLD, policy={"roc_auc": {"min": 0.99}, "recall": {"min": 0.1}}, name="credit", **PLAIN
    )
    assert not record.passes
    with pytest.raises(AssertionError) as error:
        record.assert_passes()
    said = str(error.value)
    assert said.startswith("credit: fail")
    assert "FAIL: roc_auc must be at least 0.99" in said
    assert "recall" not in said, "what was kept is not in the way"
    assert record.exit_code() == 1


@pytest.mark.parametrize(("word", "code"), [("unsure", 3), ("pass", 0), ("fail", 1)])
def test_what_unsure_counts_as_changes_the_exit_code_and_not_the_verdict(
    word: str, code: int
) -> None:
    near = roc_auc_score(WORLD["y"], WORLD["p"])
    record = plimsoll.evaluate(
        WORLD, policy={"roc_auc": {"min": round(near - 0.003, 4)}}, unsure=word, **PLAIN, **FAST
    )
    assert record.verdict.value == "unsure"
    assert record.exit_code() == code
    if code:
        with pytest.raises(AssertionError, match="rows would settle it"):
            record.assert_passes()
    else:
        record.assert_passes()


def test_a_challenger_is_judged_against_a_champion_on_the_same_rows() -> None:
    r = np.random.default_rng(0)
    frame = WORLD.with_columns(old=(pl.col("p") + pl.Series(r.normal(0, 0.2, 500))).clip(0, 1))
    policy = {"b": {"non_inferior_to": "champion", "metric": "roc_auc", "margin": 0.01}}
    record = plimsoll.compare("old", "p", frame, target="y", policy=policy, jobs=1, **FAST)
    found = record.find("difference", metric="roc_auc", model="champion")
    assert found is not None
    expected = roc_auc_score(frame["y"], frame["p"]) - roc_auc_score(frame["y"], frame["old"])
    assert found.value == pytest.approx(expected, abs=1e-12)
    assert record.gate[0].status.value == "PASS"
    back = plimsoll.compare("p", "old", frame, target="y", policy=policy, jobs=1, **FAST)
    assert back.gate[0].status.value == "FAIL"


def test_fitted_models_are_compared() -> None:
    record = plimsoll.compare(
        fitted(["z"]), fitted(["x", "z"]), WORLD, target="y", ignore=["p"], jobs=1, **FAST
    )
    found = record.find("difference", metric="roc_auc", model="champion")
    assert found is not None
    assert found.low > 0.1
    assert record.find("difference", metric="accuracy", model="champion") is not None


def test_the_record_is_plain_json_without_rows() -> None:
    frame = WORLD.with_columns(secret=pl.format("zq17-{}", pl.col("id")))
    record = plimsoll.evaluate(frame, id="secret", reference=frame, **PLAIN, **FAST)
    text = json.dumps(record.to_json(), allow_nan=False)
    assert "zq17" not in text
    assert json.loads(text)["schema"] == "plimsoll.record/1"


def test_an_unknown_flag_is_answered_with_the_nearest() -> None:
    with pytest.raises(SettingsError, match=r"'tagret'.*Did you mean 'target'"):
        plimsoll.evaluate(WORLD, tagret="y")


def test_the_same_run_twice_is_the_same_record() -> None:
    one, two = (plimsoll.evaluate(WORLD, **PLAIN) for _ in range(2))
    assert_equal(one, two)
    other = plimsoll.evaluate(WORLD, **{**PLAIN, "seed": 4})
    a, b = (r.find("mcb_p") or r.find("ece_null_high") for r in (one, other))
    assert a is not None
    assert b is not None


def test_rows_without_an_id_have_the_same_keys_in_every_form(tmp_path: Path) -> None:
    i = pl.int_range(300)
    frame = (
        regression(300, 5)
        .select("x", "yhat", "y")
        .with_columns(
            count=pl.when(i % 6 > 0).then(i % 10),
            word=pl.when(i % 4 > 0).then(pl.format("w{}", i % 3)),
            flag=i % 2 == 0,
            day=pl.lit("2024-03-01").str.to_date() + pl.duration(days=i % 9),
            code=pl.format("c{}", i % 8),
        )
    )
    frame.write_csv(tmp_path / "rows.csv")
    frame.write_parquet(tmp_path / "rows.parquet")
    narrow = frame.with_columns(pl.col("count").cast(pl.Int16), pl.col("word").cast(pl.Categorical))
    tables = [frame, narrow, frame.to_pandas(), tmp_path / "rows.csv", tmp_path / "rows.parquet"]
    columns = {"target": "y", "prediction": "yhat", "jobs": 1}
    first, *others = [plimsoll.evaluate(t, reference=t, **columns) for t in tables]
    for record in others:
        assert_equal(first, record)
