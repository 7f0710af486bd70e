"""Who goes missing: anybody, whoever has a high value, or whoever is high elsewhere."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from plimsoll.probes.stress.missing import missing, missing_at_random, missing_not_at_random
from worlds.stressing import applied, learnt_of, made, table

RNG = np.random.default_rng(6)
ROWS = 2000
X = RNG.normal(size=ROWS)
NEAR = X + RNG.normal(size=ROWS)
FRAME = table(
    {"x": X, "far": RNG.normal(size=ROWS), "near": NEAR, "word": ["a", "b"] * (ROWS // 2)}
)


def test_cells_are_emptied_as_the_column_says_missing() -> None:
    frame = pl.DataFrame(
        {
            "null": [1.0, None, 3.0],
            "nan": [1.0, float("nan"), 3.0],
            "full": [1, 2, 3],
            "word": ["a", "b", None],
            "gone": pl.Series([None] * 3, dtype=pl.Float64),
        }
    )
    stresses = made(missing, learnt_of(frame))
    assert list(stresses) == ["missing:null", "missing:nan", "missing:full", "missing:word"]
    for stress in stresses.values():
        column = stress.columns[0]
        after = applied(stress, frame)[column]
        assert after.dtype == frame.schema[column]
        if column == "nan":
            assert after.is_nan().all()
        else:
            assert after.null_count() == 3


def test_the_way_of_missing_is_the_reference_s_whatever_the_rows_of_today() -> None:
    learnt = learnt_of({"x": [1.0, float("nan"), 3.0]})
    stress = made(missing, learnt)["missing:x"]
    assert applied(stress, table({"x": [1.0, 2.0]}))["x"].is_nan().all()


def test_the_share_missing_today_counts_null_and_nan() -> None:
    seen = made(missing, learnt_of({"x": [1.0, 2.0]}))["missing:x"].exposure
    assert seen is not None
    assert seen(table({"x": [1.0, None, float("nan"), 4.0, 5.0]})) == pytest.approx(0.4)


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 0.9])
def test_the_highest_values_go_first(share: float) -> None:
    stresses = made(missing_not_at_random, learnt_of(FRAME))
    high = stresses["missing_not_at_random:x:high"].hit
    low = stresses["missing_not_at_random:x:low"].hit
    assert high is not None and low is not None
    cut = round(share * ROWS)
    top = np.argsort(-X)[:cut]
    assert high(FRAME, share)[top].min() == 1.0
    assert high(FRAME, share).sum() == pytest.approx(cut)
    assert low(FRAME, share)[np.argsort(X)[:cut]].min() == 1.0


def test_ties_at_the_edge_share_what_is_left() -> None:
    frame = table({"n": [0] * 60 + [5] * 30 + [9] * 10})
    hit = made(missing_not_at_random, learnt_of(frame))["missing_not_at_random:n:high"].hit
    assert hit is not None
    chances = hit(frame, 0.25)
    assert set(chances[90:]) == {1.0}
    assert chances[60:90] == pytest.approx(0.5)
    assert set(chances[:60]) == {0.0}


def test_rows_without_a_value_are_neither_high_nor_low() -> None:
    frame = table({"x": [None, 1.0, 2.0, 3.0, 4.0, None]})
    stresses = made(missing_not_at_random, learnt_of(frame))
    for end in ("high", "low"):
        hit = stresses[f"missing_not_at_random:x:{end}"].hit
        assert hit is not None
        assert hit(frame, 2 / 6)[[0, 5]].tolist() == [0.0, 0.0]


def test_missing_at_random_follows_the_column_that_goes_with_it_most() -> None:
    stresses = made(missing_at_random, learnt_of(FRAME))
    stress = stresses["missing_at_random:x"]
    assert stress.title == "x missing where near is high"
    assert stress.hit is not None
    chances = stress.hit(FRAME, 0.2)
    z = (NEAR - np.median(NEAR)) / NEAR.std()
    offsets = np.log(chances / (1.0 - chances)) - 2.0 * z
    assert np.ptp(offsets) < 1e-6
    assert expit(offsets[0] + 2.0 * z).mean() == pytest.approx(0.2)


def test_a_column_with_no_other_number_cannot_be_missing_at_random() -> None:
    assert made(missing_at_random, learnt_of({"x": X[:50], "word": ["a", "b"] * 25})).keys() == {
        "missing_at_random:word"
    }
    assert made(missing_at_random, learnt_of({"word": ["a", "b"] * 25})) == {}
