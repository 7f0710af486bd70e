"""Columns of one type change places with those that they are taken for."""

from __future__ import annotations

import numpy as np
import polars as pl

from plimsoll.probes.stress.schema import swapped
from worlds.stressing import applied, learnt_of, made

RNG = np.random.default_rng(0)
X = RNG.normal(size=400)
FRAME = pl.DataFrame(
    {
        "height": X,
        "count": RNG.poisson(3.0, 400),
        "width": np.exp(X + 0.2 * RNG.normal(size=400)),
        "depth": -X + RNG.normal(size=400),
        "home": RNG.choice(["York", "Bath", "Ely"], 400),
        "colour": RNG.choice(["red", "blue"], 400),
        "work": RNG.choice(["York", "Bath", "Leeds"], 400),
    }
)


def test_columns_go_with_those_they_are_most_like_and_each_pair_once() -> None:
    stresses = made(swapped, learnt_of(FRAME))
    assert list(stresses) == [
        "swapped:height/width",
        "swapped:depth/height",
        "swapped:home/work",
    ]


def test_the_two_columns_hold_what_the_other_held() -> None:
    for stress in made(swapped, learnt_of(FRAME)).values():
        one, other = stress.columns
        after = applied(stress, FRAME)
        assert after[one].to_list() == FRAME[other].to_list()
        assert after[other].to_list() == FRAME[one].to_list()
        assert after.schema == FRAME.schema


def test_two_columns_that_share_nothing_are_not_exchanged() -> None:
    frame = FRAME.select("count", "colour", "home", "height")
    assert made(swapped, learnt_of(frame)) == {}
