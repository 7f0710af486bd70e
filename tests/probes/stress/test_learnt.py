"""What is learnt of a column, and how numbers go back into its type."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest
from scipy import stats

from plimsoll.probes.stress.learnt import Kind, learn_column
from plimsoll.probes.stress.typed import span, typed
from worlds.stressing import learnt_of, table

RNG = np.random.default_rng(8)


@pytest.mark.parametrize(
    ("series", "kind"),
    [
        (pl.Series([1.5, None]), Kind.NUMBER),
        (pl.Series([1, 2], dtype=pl.UInt8), Kind.INTEGER),
        (pl.Series(["1.5"]).cast(pl.Decimal(5, 1)), Kind.NUMBER),
        (pl.Series([True, None]), Kind.BOOLEAN),
        (pl.Series(["a", "b"]), Kind.CATEGORY),
        (pl.Series(["a"], dtype=pl.Categorical()), Kind.CATEGORY),
        (pl.Series([f"it is said that {i}" for i in range(9)]), Kind.TEXT),
        (pl.Series(["one and the same"] * 9), Kind.CATEGORY),
        (pl.Series([dt.date(2024, 1, 1)]), Kind.MOMENT),
        (pl.Series([dt.timedelta(1)]), Kind.MOMENT),
        (pl.Series([[1]]), Kind.OTHER),
        (pl.Series([None]), Kind.OTHER),
    ],
)
def test_kinds(series: pl.Series, kind: Kind) -> None:
    assert learn_column(series.alias("x")).kind is kind


def test_figures_agree_with_scipy_and_leave_out_what_is_not_finite() -> None:
    values = RNG.exponential(3.0, 501)
    series = pl.Series("x", [*values, np.inf, None, float("nan")])
    column = learn_column(series)
    assert column.missing == pytest.approx(2 / 504)
    assert column.sd == pytest.approx(np.std(values))
    assert column.iqr == pytest.approx(stats.iqr(values))
    assert column.quantile(np.array([0.1, 0.5])) == pytest.approx(np.quantile(values, [0.1, 0.5]))


def test_ranks_are_the_middle_of_ties_and_none_of_what_is_missing() -> None:
    column = learn_column(pl.Series("x", [1.0, 2.0, 2.0, 5.0]))
    found = column.rank(np.array([0.0, 1.0, 2.0, 3.0, 9.0, np.nan]))
    assert found[:5].tolist() == [0.0, 0.125, 0.5, 0.75, 1.0]
    assert np.isnan(found[5])


def test_nan_is_the_way_of_missing_where_there_is_no_null() -> None:
    assert learn_column(pl.Series("x", [1.0, float("nan")])).nan_missing
    assert not learn_column(pl.Series("x", [1.0, float("nan"), None])).nan_missing
    assert not learn_column(pl.Series("x", [1.0, 2.0])).nan_missing
    assert not learn_column(pl.Series("x", [1.0, None])).nan_missing


def test_whole_numbers_too_large_for_a_float_stay_exact_where_they_do_not_change() -> None:
    numbers = [2**62 + 1, 2**62 + 3, None, 5]
    frame = table({"n": numbers})
    column = learnt_of(frame).columns["n"]
    values = column.numbers(frame)
    assert column.put(frame, values).equals(frame)
    values[3] = 6.4
    assert column.put(frame, values)["n"].to_list() == [*numbers[:3], 6]


def test_numbers_go_back_rounded_and_inside_the_type() -> None:
    frame = pl.DataFrame({"n": pl.Series([1, None, 3, 4], dtype=pl.Int8)})
    column = learnt_of(frame).columns["n"]
    after = column.put(frame, np.array([999.0, 2.0, np.nan, -2.6]))["n"]
    assert after.dtype == pl.Int8
    assert after.to_list() == [127, 2, None, -3]


def test_a_cell_that_was_null_or_nan_stays_what_it_was() -> None:
    frame = table({"x": [1.0, None, float("nan"), 4.0]})
    column = learnt_of(frame).columns["x"]
    after = column.put(frame, np.array([np.nan, np.nan, np.nan, 5.0]))["x"].to_list()
    assert after[:2] == [None, None] and np.isnan(after[2]) and after[3] == 5.0


@pytest.mark.parametrize(
    ("dtype", "low", "high"),
    [
        (pl.Int8(), -128, 127),
        (pl.UInt8(), 0, 255),
        (pl.UInt32(), 0, 2**32 - 1),
        (pl.Int64(), -(2**63), 2**63 - 1024),
        (pl.UInt64(), 0, 2**64 - 2048),
        (pl.Decimal(5, 2), -999, 999),
        (pl.Float32(), float(np.finfo("f4").min), float(np.finfo("f4").max)),
    ],
)
def test_the_ends_of_a_type_can_be_written(dtype: pl.DataType, low: float, high: float) -> None:
    assert span(dtype) == (low, high)
    written = typed("x", np.array([low, high, -np.inf, np.inf]), dtype)
    assert written.dtype == dtype
    assert written.null_count() == 0
    assert [float(v) for v in written[:2]] == [low, high]


def test_the_widest_types_cut_off_as_well() -> None:
    for dtype in (pl.Int128(), pl.Decimal(38, 3), pl.Decimal(38, 0)):
        written = typed("x", np.array([1e300, -1e300, 7.0]), dtype)
        assert written.dtype == dtype and written[2] == 7


def test_constants_and_pixels_are_not_among_the_numbers() -> None:
    learnt = learnt_of({"x": [1, 2], "one": [7, 7], "word": ["a", "a"]})
    assert [c.name for c in learnt.numeric()] == ["x"]
    assert learnt.categorical() == []
    assert [c.name for c in learnt.any_kind()] == ["x", "one", "word"]
