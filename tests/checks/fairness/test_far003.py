"""FAR003: a group for which stated probabilities are off is named; where they hold, none is."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from plimsoll.core.finding import Status
from worlds.judging import judge
from worlds.planted import stated


def grouped(n: int, seed: int, *, off: float = 0.0) -> pl.DataFrame:
    """A calibrated score, but in group "b" what happens is ``off`` more likely than is said."""
    r = np.random.default_rng(seed)
    frame = stated(n, seed)
    group = r.choice(["a", "b", "c"], n, p=[0.5, 0.2, 0.3])
    true = np.clip(frame["true"].to_numpy() + off * (group == "b"), 0, 1)
    return frame.with_columns(g=pl.Series(group), y=pl.Series((r.random(n) < true).astype(int)))


def test_the_gap_of_each_group_is_mean_outcome_less_mean_probability() -> None:
    frame = grouped(700, 1)
    judged = judge(frame, "FAR003", target="y", score="p", sensitive=["g"])
    for name in "abc":
        part = frame.filter(pl.col("g") == name)
        gap = float((part["y"] - part["p"]).mean())  # type: ignore[arg-type]
        found = judged.estimate("calibration_gap", slice=(("g", name),))
        assert found.value == pytest.approx(gap, abs=1e-12)
        assert found.n == part.height


def test_a_group_that_is_off_is_named_and_no_other() -> None:
    judged = judge(grouped(6000, 2, off=0.12), "FAR003", target="y", score="p", sensitive=["g"])
    (finding,) = judged.findings("FAR003", Status.FAIL)
    assert finding.where.slice == (("g", "b"),)
    assert "more than stated" in finding.meaning


def test_calibrated_groups_are_hardly_ever_named() -> None:
    named = sum(
        bool(
            judge(grouped(400, seed), "FAR003", target="y", score="p", sensitive=["g"]).findings(
                "FAR003"
            )
        )
        for seed in range(100)
    )
    assert named <= 11, "at most 5 in 100; beyond 11 of 100 lies 1 in 200 of such runs"


def test_decisions_alone_have_no_probabilities() -> None:
    frame = grouped(300, 3).with_columns(d=(pl.col("p") > 0.5).cast(pl.Int64)).drop("p", "true")
    judged = judge(frame, "FAR003", target="y", prediction="d", sensitive=["g"])
    assert "no probabilities" in str(judged["FAR003"].reason)


def test_small_crossings_stand_in_the_light_of_the_others() -> None:
    r = np.random.default_rng(4)
    frame = grouped(500, 4).with_columns(h=pl.Series(r.choice(["x", "y"], 500)))
    judged = judge(frame, "FAR003", target="y", score="p", sensitive=["g", "h"])
    (table,) = judged["FAR003"].tables
    alone = np.array([row[2] for row in table.rows], float)
    together = np.array([row[5] for row in table.rows], float)
    assert len(table.rows) == 6
    assert np.ptp(together) < np.ptp(alone)
