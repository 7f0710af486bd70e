"""SLC001: measures of slices are those of their rows, weak slices are named, and noise is not."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from plimsoll.core.finding import Status
from worlds.judging import Judged, judge
from worlds.mixed import mixed
from worlds.parts import weak_in
from worlds.tables import binary, multiclass, regression


def test_measures_of_a_slice_are_those_of_its_rows() -> None:
    frame = binary(1500, 1)
    judged = judge(frame, "SLC001", target="y", score="p", slice_by=["colour"])
    for name in ("red", "green", "blue"):
        part = frame.filter(pl.col("colour") == name)
        y, p = part["y"].to_numpy(), part["p"].to_numpy()
        place = (("colour", name),)
        auc = judged.estimate("roc_auc", slice=place)
        assert auc.value == pytest.approx(roc_auc_score(y, p), abs=1e-12)
        assert judged.estimate("f1", slice=place).value == pytest.approx(f1_score(y, p >= 0.5))
        assert judged.estimate("brier_score", slice=place).value == pytest.approx(
            np.mean((p - y) ** 2)
        )
        assert auc.n == part.height


def test_a_slice_measured_alone_has_the_same_values_as_in_the_whole_table() -> None:
    frame = binary(1500, 2)
    inside = judge(frame, "SLC001", target="y", score="p", slice_by=["colour"])
    alone = judge(
        frame.filter(pl.col("colour") == "red"), "PRF001", "PRF002", target="y", score="p"
    )
    for name in ("accuracy", "recall", "precision", "roc_auc"):
        of_slice, of_part = (
            inside.estimate(name, slice=(("colour", "red"),)),
            alone.estimate(name),
        )
        assert of_slice.value == pytest.approx(of_part.value, abs=1e-12)
        assert of_slice.low == pytest.approx(of_part.low, abs=1e-6)


def test_a_weak_crossing_is_named_with_its_range_and_its_rows() -> None:
    judged = judge(
        weak_in(6000, 3), "SLC001", target="y", prediction="d", slice_by=["a", "b", "a*b"]
    )
    failed = judged.findings("SLC001", Status.FAIL)
    assert any(dict(f.where.slice or ()) == {"a": "a0", "b": "b1"} for f in failed)
    place = (("a", "a0"), ("b", "b1"))
    difference = judged.estimate("difference", slice=place, metric="accuracy", variant="rest")
    assert difference.low <= -0.2 <= difference.high


def test_the_same_slices_of_noise_are_hardly_ever_named() -> None:
    named = 0
    for seed in range(80):
        frame = weak_in(600, seed, weak=None)
        judged = judge(
            frame, "SLC001", target="y", prediction="d", slice_by=["a", "b", "a*b", "n0", "n1"]
        )
        named += bool(judged.findings("SLC001", Status.FAIL))
    assert named <= 9


@pytest.mark.parametrize(
    ("flags", "places"),
    [
        ({"slice_by": ["x"], "bins": 3}, 3),
        ({"slice_by": ["x"], "binning": "tree"}, 2),
        ({"slice_by": ["x"], "edges": {"x": [-1.0, 0.0, 1.0]}}, 4),
    ],
)
def test_a_column_of_numbers_is_cut_as_asked(flags: dict[str, object], places: int) -> None:
    judged = judge(binary(1200, 4), "SLC001", target="y", score="p", **flags)
    found = {e.where.slice for e in judged["SLC001"].estimates if e.where.slice}
    assert len(found) >= places
    counts = {e.where.slice: e.n for e in judged["SLC001"].estimates if e.name == "accuracy"}
    assert sum(n for place, n in counts.items() if place) == 1200, "every row is in one bin"


def test_a_named_condition_is_a_slice() -> None:
    frame = binary(1200, 5)
    judged = judge(
        frame, "SLC001", target="y", score="p", named={"far": "x > 1 and colour = 'red'"}
    )
    inside = frame.filter((pl.col("x") > 1) & (pl.col("colour") == "red"))
    found = [e for e in judged["SLC001"].estimates if e.name == "accuracy" and e.where.slice]
    assert inside.height in {e.n for e in found}


def test_small_slices_are_pooled_and_rare_values_are_not_named() -> None:
    frame = binary(400, 6).with_columns(
        town=pl.Series(["big"] * 380 + [f"person-{i}" for i in range(20)])
    )
    judged = judge(frame, "SLC001", target="y", score="p", slice_by=["town"])
    text = str(judged["SLC001"])
    assert "person-" not in text
    assert judged.estimate("accuracy", slice=(("town", "big"),)).n == 380


def test_all_tasks_have_slices() -> None:
    many = judge(multiclass(600, 7).with_columns(d=pl.lit("cat"), g=pl.Series(["a", "b"] * 300)),
        "SLC001", target="y", prediction="d", slice_by=["g"],
    )  # fmt: skip
    values = judge(
        regression(600, 7).with_columns(g=pl.Series(["a", "b"] * 300)),
        "SLC001", target="y", prediction="yhat", slice_by=["g"],
    )  # fmt: skip
    assert many.has("accuracy", slice=(("g", "b"),))
    assert values.has("mean_absolute_error", slice=(("g", "a"),))


def slices_of(judged: Judged) -> set[object]:
    return {e.where.slice for e in judged["SLC001"].estimates if e.where.slice}


def test_weights_and_groups_count_in_slices() -> None:
    frame = mixed("binary", 800)
    plain = judge(frame, "SLC001", target="y", score="p", slice_by=["colour"])
    weighted = judge(frame, "SLC001", target="y", score="p", slice_by=["colour"], weight="w")
    assert slices_of(plain) == slices_of(weighted)
    place = (("colour", "red"),)
    part = frame.filter(pl.col("colour") == "red")
    right = ((part["p"] >= 0.5).cast(pl.Int64) == part["y"]).cast(pl.Float64).to_numpy()
    expected = float(np.average(right, weights=part["w"].to_numpy()))
    assert weighted.estimate("accuracy", slice=place).value == pytest.approx(expected)


def test_a_limit_holds_in_every_slice() -> None:
    frame = weak_in(6000, 8)
    limit = {"slices.accuracy": {"min": 0.7, "by": "a*b"}}
    judged = judge(frame, "SLC001", target="y", prediction="d", policy=limit)
    failed = [line for line in judged.gate if line.status is Status.FAIL]
    assert [dict(line.estimate.where.slice or ()) for line in failed if line.estimate] == [
        {"a": "a0", "b": "b1"}
    ]


def test_without_slices_it_says_how_to_name_them() -> None:
    assert "--slice-by" in str(judge(binary(200), "SLC001", target="y", score="p")["SLC001"].reason)
