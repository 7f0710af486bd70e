"""How much of an input the others tell: all of a copy, none of noise."""

from __future__ import annotations

import numpy as np
import polars as pl

from plimsoll.trials.redundancy import told_by_others


def frame(n: int = 2000) -> pl.DataFrame:
    r = np.random.default_rng(1)
    x, z = r.normal(size=(2, n))
    return pl.DataFrame(
        {
            "x": x,
            "copy": 3 * x - 1,
            "half": x + r.normal(size=n),
            "noise": z,
            "sign": np.where(x > 0, "up", "down"),
            "one": np.ones(n),
        }
    )


def test_a_copy_is_told_wholly_and_noise_not_at_all() -> None:
    rows = frame()
    told = told_by_others(rows, "copy", ["x", "noise"])
    assert told is not None
    assert told[0] > 0.97
    assert told[1] == "x"
    none = told_by_others(rows, "noise", ["x", "half"])
    assert none is not None
    assert none[0] < 0.05


def test_half_is_about_half_and_words_are_told_as_well() -> None:
    rows = frame()
    half = told_by_others(rows, "half", ["x"])
    assert half is not None
    assert 0.35 < half[0] < 0.55, "its variance is half that of x"
    word = told_by_others(rows, "sign", ["noise", "x"])
    assert word is not None
    assert word[0] > 0.95
    assert word[1] == "x"


def test_a_constant_or_nothing_beside_it_says_nothing() -> None:
    rows = frame()
    assert told_by_others(rows, "one", ["x"]) is None
    assert told_by_others(rows, "x", ["one"]) is None
