"""SLC004: better overall and worse somewhere is told, slice by slice, on the same rows."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from plimsoll.core.finding import Status
from worlds.judging import judge


def two_models(n: int, seed: int, *, worse: float) -> pl.DataFrame:
    """The model is right in 0.9 and the champion in 0.8; in the north the model in ``0.8 - worse``."""
    r = np.random.default_rng(seed)
    region = r.choice(["north", "south", "west"], n, p=[0.2, 0.4, 0.4])
    y = r.integers(0, 2, n)
    right = np.where(region == "north", 0.8 - worse, 0.9)
    return pl.DataFrame(
        {
            "region": region,
            "y": y,
            "new": np.where(r.random(n) < right, y, 1 - y),
            "old": np.where(r.random(n) < 0.8, y, 1 - y),
        }
    )


def test_better_overall_and_worse_in_the_north() -> None:
    frame = two_models(5000, 1, worse=0.15)
    judged = judge(
        frame, "SLC004", champion="old", challenger="new", target="y", slice_by=["region"]
    )
    north = frame.filter(pl.col("region") == "north")
    value = float((north["new"] == north["y"]).mean() - (north["old"] == north["y"]).mean())  # type: ignore[operator]
    place = (("region", "north"),)
    found = judged.estimate("difference", metric="accuracy", model="champion", slice=place)
    assert found.value == pytest.approx(value, abs=1e-12)
    assert found.low <= -0.15 <= found.high
    failed = judged.findings("SLC004", Status.FAIL)
    assert {f.where.slice for f in failed} == {place}
    assert all("On the whole it is better" in f.meaning for f in failed)


def test_two_models_alike_in_every_slice_are_hardly_ever_told_apart() -> None:
    told = 0
    for seed in range(60):
        r = np.random.default_rng(seed)
        y = r.integers(0, 2, 500)
        frame = pl.DataFrame(
            {
                "region": r.choice(["north", "south", "west"], 500),
                "y": y,
                "new": np.where(r.random(500) < 0.8, y, 1 - y),
                "old": np.where(r.random(500) < 0.8, y, 1 - y),
            }
        )
        judged = judge(
            frame, "SLC004", champion="old", challenger="new", target="y", slice_by=["region"]
        )
        told += bool(judged.findings("SLC004", Status.FAIL))
    assert told <= 7


def test_without_a_champion_it_says_so() -> None:
    frame = two_models(300, 2, worse=0.0)
    judged = judge(frame, "SLC004", target="y", prediction="new", slice_by=["region"])
    assert "champion" in str(judged["SLC004"].reason)
