"""Outliers are values that occur, extremes values that do not, and shuffled cells belong elsewhere."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from plimsoll.probes.stress.outliers import extreme, outlier, shuffled, shuffled_all
from worlds.stressing import applied, learnt_of, made, numbers, table

HUNDRED = {"x": np.arange(1.0, 102.0)}


def test_an_outlier_is_the_99th_or_the_1st_percentile() -> None:
    stresses = made(outlier, learnt_of(HUNDRED))
    today = table({"x": [50.0, None, 7.0]})
    assert applied(stresses["outlier:x:high"], today)["x"].to_list() == [100.0, None, 100.0]
    assert applied(stresses["outlier:x:low"], today)["x"].to_list() == [2.0, None, 2.0]


def test_a_percentile_that_is_the_median_is_no_outlier() -> None:
    values = [0] * 90 + list(range(1, 11))
    assert list(made(outlier, learnt_of({"n": values}))) == ["outlier:n:high"]


def test_outliers_of_today_are_told_beyond_those_of_the_reference() -> None:
    stresses = made(outlier, learnt_of({"x": np.arange(1000.0)}))
    seen = stresses["outlier:x:high"].exposure
    assert seen is not None
    assert seen(table({"x": [5.0] * 90 + [5000.0] * 10})) == pytest.approx(0.1 - 0.01, abs=0.001)
    assert seen(table({"x": [5.0] * 100})) == 0.0
    low = stresses["outlier:x:low"].exposure
    assert low is not None
    assert low(table({"x": [-1.0] * 30 + [500.0] * 70})) == pytest.approx(0.3 - 0.01, abs=0.001)
    assert low(table({"x": pl.Series([], dtype=pl.Float64)})) is None


def test_extremes_lie_ten_middle_halves_from_the_median() -> None:
    learnt = learnt_of({"x": np.linspace(0.0, 100.0, 101)})
    stresses = made(extreme, learnt)
    found = {name: applied(s, table({"x": [1.0]}))["x"][0] for name, s in stresses.items()}
    assert found["extreme:x:high"] == 550.0
    assert found["extreme:x:low"] == -450.0
    assert found["extreme:x:type_max"] == np.finfo(np.float64).max
    assert found["extreme:x:inf"] == np.inf
    assert np.isnan(found["extreme:x:nan"])


def test_an_extreme_that_the_type_cannot_hold_is_left_out() -> None:
    wide = learnt_of({"n": pl.Series(np.arange(0, 100), dtype=pl.UInt8)})
    assert list(made(extreme, wide)) == ["extreme:n:type_max"]
    stress = made(extreme, wide)["extreme:n:type_max"]
    assert applied(stress, wide.frame)["n"].unique().to_list() == [255]
    full = learnt_of({"n": pl.Series(np.arange(0, 256), dtype=pl.UInt8)})
    assert made(extreme, full) == {}


def test_nan_is_no_extreme_where_it_is_how_cells_are_missing() -> None:
    learnt = learnt_of({"x": [1.0, 2.0, float("nan"), 8.0]})
    assert "extreme:x:nan" not in made(extreme, learnt)
    assert "extreme:x:inf" in made(extreme, learnt)


def test_extremes_of_a_column_whose_middle_half_is_one_value_use_its_deviation() -> None:
    values = np.array([0.0] * 90 + [10.0] * 10)
    stress = made(extreme, learnt_of({"x": values}))["extreme:x:high"]
    assert applied(stress, table({"x": [0.0]}))["x"][0] == pytest.approx(10.0 * values.std())


def test_a_shuffled_column_keeps_its_distribution_and_loses_its_links() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=5000)
    word = np.where(x > 0.5, "high", "low")
    learnt = learnt_of({"x": x, "y": x, "word": word, "same": ["a"] * 5000})
    stresses = made(shuffled, learnt)
    assert list(stresses) == ["shuffled:x", "shuffled:y", "shuffled:word"]
    after = applied(stresses["shuffled:x"], learnt.frame)
    assert set(numbers(after, "x")) <= set(x)
    assert numbers(after, "x").mean() == pytest.approx(0.0, abs=0.06)
    assert abs(np.corrcoef(numbers(after, "x"), x)[0, 1]) < 0.05
    words = applied(stresses["shuffled:word"], learnt.frame)["word"]
    assert (words == "high").mean() == pytest.approx((word == "high").mean(), abs=0.03)


def test_shuffled_cells_bring_their_gaps_and_take_the_type_of_today() -> None:
    learnt = learnt_of({"n": [1, 2, None, None]})
    stress = made(shuffled, learnt)["shuffled:n"]
    today = pl.DataFrame({"n": pl.Series(range(1000), dtype=pl.Int16)})
    after = applied(stress, today)["n"]
    assert after.dtype == pl.Int16
    assert after.null_count() / 1000 == pytest.approx(0.5, abs=0.06)


def test_rows_put_together_from_others_destroy_every_link() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=4000)
    learnt = learnt_of({"x": x, "y": -x, "list": [[i] for i in range(4000)]})
    stress = made(shuffled_all, learnt)["shuffled_all"]
    assert stress.destroys and stress.columns == ("x", "y", "list")
    after = applied(stress, learnt.frame)
    assert abs(np.corrcoef(numbers(after, "x"), numbers(after, "y"))[0, 1]) < 0.05
    assert abs(np.corrcoef(numbers(after, "x"), x)[0, 1]) < 0.05
    assert after["list"].n_unique() > 2000
    assert not any(s.destroys for s in made(shuffled, learnt).values())
