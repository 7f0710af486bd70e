"""Tables in memory: taken as they are, and refused by the name of the column that does not fit."""

from __future__ import annotations

import datetime as dt
import decimal
import math

import numpy as np
import polars as pl
import pytest

from plimsoll.core.source import Source
from plimsoll.sources import open_source


def test_a_table_is_a_source() -> None:
    source: Source = open_source({"a": [1]})
    assert source.schema == {"a": pl.Int64()}
    assert source.origin == "dict of columns"


def test_categories_decimals_and_halves_leave_as_plain_types(read) -> None:
    frame = pl.DataFrame(
        {
            "c": pl.Series(["x", "y"], dtype=pl.Categorical),
            "e": pl.Series(["x", "y"], dtype=pl.Enum(["y", "x"])),
            "d": [decimal.Decimal("1.25"), decimal.Decimal("2.50")],
        }
    )
    plain = read(frame)
    assert plain.dtypes == [pl.String(), pl.String(), pl.Float64()]
    assert plain.rows() == [("x", "x", 1.25), ("y", "y", 2.5)]
    assert read({"h": np.array([0.5], "f2")}).dtypes == [pl.Float32()]


def test_nan_is_missing_in_pandas_and_nan_in_numpy(read) -> None:
    pandas = pytest.importorskip("pandas")
    values = np.array([1.0, math.nan])
    assert read(pandas.DataFrame({"x": values}))["x"].to_list() == [1.0, None]
    kept = read({"x": values})["x"]
    assert kept.null_count() == 0
    assert kept.is_nan().to_list() == [False, True]


def test_pandas_kinds_of_column_and_a_named_index(read) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "text": ["x", None],
            "object": np.array(["y", np.nan], dtype=object),
            "category": pandas.Categorical(["u", "v"]),
            "whole": pandas.array([1, None], dtype="Int64"),
            "flag": [True, False],
            "time": pandas.to_datetime(["2020-01-01", None]),
            7: [0.5, 1.5],
        },
        index=pandas.Index([5, 6], name="id"),
    )
    plain = read(frame)
    assert plain.columns == ["id", "text", "object", "category", "whole", "flag", "time", "7"]
    assert plain.row(1) == (6, None, None, "v", None, False, None, 1.5)
    assert plain.row(0)[6] == dt.datetime(2020, 1, 1)


def test_whole_and_decimal_numbers_make_decimals(read) -> None:
    frame = read({"x": [1, 2.5, None], "t": np.array(["a", None, math.nan], dtype=object)})
    assert frame.dtypes == [pl.Float64(), pl.String()]
    assert frame["t"].to_list() == ["a", None, None]


def test_arrow_tables_batches_and_streams(read) -> None:
    arrow = pytest.importorskip("pyarrow")
    table = arrow.table({"a": [1, 2], "t": arrow.array(["x", "y"]).dictionary_encode()})
    for ref in (table, table.to_batches()[0], table.to_reader()):
        assert read(ref).rows() == [(1, "x"), (2, "y")]


@pytest.mark.parametrize(
    ("ref", "words"),
    [
        ({"a": [1], "b": [1, 2]}, "'a' has 1 values and 'b' has 2"),
        ({"a": [1, "x"]}, "column 'a' must hold values of one kind"),
        ({"a": [True, 1]}, "column 'a' must hold values of one kind"),
        ({"a": [object()]}, "column 'a' must hold values of one kind"),
        ({"a": "text"}, "column 'a' must hold values of one kind"),
        ({"a": 3}, "column 'a' must hold values of one kind"),
        ({1: [1], "1": [2]}, "'1' stands 2 times"),
        ({}, "at least one column"),
        ({"a": []}, "at least one row"),
        (pl.DataFrame({"a": [1]}).clear(), "at least one row"),
        (pl.DataFrame({"a": [1]}).lazy().filter(pl.col("a") > 1), "at least one row"),
        (pl.DataFrame({"a": pl.Series([object()], dtype=pl.Object)}), "column 'a'"),
        (pl.DataFrame({"a": [1]}).lazy().select("b"), "cannot be computed"),
        (pl.DataFrame({"a": ["Ann"]}).lazy().cast(pl.Int64), "cannot be read"),
        (np.zeros((2, 2)), "shape (2, 2)"),
        (np.array([(b"\xe9",)], dtype=[("a", "S1")]), "column 'a'"),
        ([1, 2], "is of type list"),
    ],
)
def test_what_does_not_fit_is_refused(ref, words, refused) -> None:
    message = refused(ref)
    assert words in message
    assert "Ann" not in message


def test_pandas_and_arrow_name_what_does_not_fit(refused) -> None:
    pandas = pytest.importorskip("pandas")
    arrow = pytest.importorskip("pyarrow")
    assert "'a' stands 2 times" in refused(pandas.DataFrame([[1, 2]], columns=["a", "a"]))
    clash = pandas.DataFrame({"a": [1]}, index=pandas.Index([1], name="a"))
    assert "'a' stands 2 times" in refused(clash)
    assert "column 'a'" in refused(pandas.DataFrame({"a": [1, "x"]}))
    assert "'a' stands 2 times" in refused(arrow.table([[1], [2]], names=["a", "a"]))
    assert "table of named columns" in refused(pandas.Series([1, 2]))


def test_a_missing_pyarrow_is_said_with_its_extra(monkeypatch) -> None:
    pandas = pytest.importorskip("pandas")
    import importlib.util

    from plimsoll.core.errors import MissingExtraError

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"plimsoll\[pandas\]"):
        open_source(pandas.DataFrame({"a": [1]}))
    with pytest.raises(MissingExtraError, match=r"plimsoll\[sql\]"):
        open_source("sqlite:///x.db", query="SELECT 1")
    with pytest.raises(MissingExtraError, match=r"plimsoll\[delta\]"):
        open_source("s3://bucket/table")
