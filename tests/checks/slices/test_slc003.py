"""SLC003: a slice in which stated probabilities are off is found; a calibrated model has none."""

from __future__ import annotations

import numpy as np
import polars as pl

from plimsoll.core.finding import Status
from worlds.judging import judge


def off_in(n: int, seed: int, off: float) -> pl.DataFrame:
    """A calibrated score, off by ``off`` where ``a`` is "u"; two columns of noise."""
    r = np.random.default_rng(seed)
    a = r.choice(["u", "v", "w"], n, p=[0.15, 0.4, 0.45])
    p = r.uniform(0.2, 0.7, n)
    y = (r.random(n) < p + off * (a == "u")).astype(int)
    return pl.DataFrame(
        {"a": a, "b": r.choice(["k", "l"], n), "x": r.normal(size=n), "p": p, "y": y}
    )


def test_the_slice_that_is_off_is_found_and_in_which_direction() -> None:
    judged = judge(off_in(6000, 1, 0.2), "SLC003", target="y", score="p")
    first = judged.findings("SLC003", Status.FAIL)[0]
    assert dict(first.where.slice or ()) == {"a": "u"}
    gaps = [e for e in judged["SLC003"].estimates if e.where.slice == (("a", "u"),)]
    assert gaps[0].low > 0


def test_a_slice_for_which_too_much_is_said_is_found_too() -> None:
    judged = judge(off_in(6000, 2, -0.15), "SLC003", target="y", score="p")
    first = judged.findings("SLC003", Status.FAIL)[0]
    assert dict(first.where.slice or ()) == {"a": "u"}


def test_a_calibrated_model_has_none_in_95_of_100() -> None:
    named = sum(
        bool(judge(off_in(1500, s, 0.0), "SLC003", target="y", score="p").findings("SLC003"))
        for s in range(60)
    )
    assert named <= 7
