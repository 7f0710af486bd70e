"""SLC005: which slice fell since the reference, and what the changed mix alone would have done."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from plimsoll import profile
from plimsoll.core.finding import Status
from worlds.judging import judge

SHARES = {"a": 0.5, "b": 0.3, "c": 0.2}
RIGHT = {"a": 0.9, "b": 0.8, "c": 0.7}


def period(n: int, seed: int, shares: dict[str, float], right: dict[str, float]) -> pl.DataFrame:
    r = np.random.default_rng(seed)
    g = r.choice(list(shares), n, p=list(shares.values()))
    y = r.integers(0, 2, n)
    chance = np.array([right[one] for one in g])
    return pl.DataFrame({"g": g, "y": y, "d": np.where(r.random(n) < chance, y, 1 - y)})


def test_the_slice_that_fell_is_named_and_the_split_adds_up() -> None:
    then = period(5000, 1, SHARES, RIGHT)
    now = period(5000, 2, SHARES, RIGHT | {"b": 0.6})
    judged = judge(now, "SLC005", reference=then, target="y", prediction="d", slice_by=["g"])
    failed = judged.findings("SLC005", Status.FAIL)
    assert {f.where.slice for f in failed} == {(("g", "b"),)}
    within = [e for e in judged["SLC005"].estimates if e.name == "change_within_slices"]
    mix = [e for e in judged["SLC005"].estimates if e.name == "change_of_mix"]
    change = float((now["d"] == now["y"]).mean() - (then["d"] == then["y"]).mean())  # type: ignore[operator]
    assert within[0].value + mix[0].value == pytest.approx(change, abs=1e-9)
    assert within[0].high < 0 and abs(mix[0].value) < 0.02


def test_a_whole_that_falls_by_its_mix_alone_blames_no_slice() -> None:
    then = period(6000, 3, SHARES, RIGHT)
    now = period(6000, 4, {"a": 0.2, "b": 0.2, "c": 0.6}, RIGHT)
    judged = judge(now, "SLC005", reference=then, target="y", prediction="d", slice_by=["g"])
    slices = [f for f in judged.findings("SLC005", Status.FAIL) if f.where.slice]
    assert slices == []
    mix = next(e for e in judged["SLC005"].estimates if e.name == "change_of_mix")
    truth = sum(RIGHT[k] * s for k, s in {"a": -0.3, "b": -0.1, "c": 0.4}.items())
    assert mix.low <= truth <= mix.high


def test_a_profile_holds_no_slices_and_the_reason_says_what_to_give() -> None:
    then, now = period(900, 5, SHARES, RIGHT), period(900, 6, SHARES, RIGHT)
    saved = profile(then, target="y", prediction="d", slice_by=["g"])
    judged = judge(now, "SLC005", reference=saved, target="y", prediction="d", slice_by=["g"])
    assert "give the rows themselves" in str(judged["SLC005"].reason)


def test_without_a_reference_it_says_so() -> None:
    judged = judge(
        period(300, 7, SHARES, RIGHT), "SLC005", target="y", prediction="d", slice_by=["g"]
    )
    assert "reference" in str(judged["SLC005"].reason)
