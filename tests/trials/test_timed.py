"""Times as numbers, and windows that keep rows of one time together."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import polars as pl
import pytest

from plimsoll.trials.timed import codes_of, moments, said, windows_of


def test_dates_and_moments_are_seconds_and_numbers_stay() -> None:
    days, dated = moments(pl.Series([date(1970, 1, 2), None]))  # type: ignore[misc]
    assert dated
    assert days[0] == 86_400.0
    assert np.isnan(days[1])
    hours, dated = moments(pl.Series([datetime(1970, 1, 1, 1)]))  # type: ignore[misc]
    assert (dated, hours[0]) == (True, 3600.0)
    numbers, dated = moments(pl.Series([3, None, 5]))  # type: ignore[misc]
    assert not dated
    assert numbers[[0, 2]].tolist() == [3.0, 5.0]
    infinite, _ = moments(pl.Series([1.0, float("inf")]))  # type: ignore[misc]
    assert np.isnan(infinite[1])


def test_texts_count_where_they_are_dates() -> None:
    found = moments(pl.Series(["2024-01-01", "2024-02-01", None]))
    assert found is not None
    assert found[1]
    assert found[0][1] - found[0][0] == 31 * 86_400
    assert moments(pl.Series(["2024-01-01", "later", "soon"])) is None
    assert moments(pl.Series([None, None], dtype=pl.String)) is None


@pytest.mark.parametrize(
    "series", [pl.Series([True, False]), pl.Series([[1], [2]]), pl.Series([b"1"])]
)
def test_other_columns_hold_no_times(series: pl.Series) -> None:
    assert moments(series) is None


def test_windows_are_about_as_large_and_keep_equal_times_together() -> None:
    seconds = np.random.default_rng(0).integers(0, 500, 6000).astype(float)
    codes = windows_of(seconds, 50)
    sizes = np.bincount(codes)
    assert sizes.size == 30
    assert sizes.min() > 150 and sizes.max() < 260
    assert all(np.unique(codes[seconds == s]).size == 1 for s in np.unique(seconds))
    order = np.argsort(seconds, kind="stable")
    assert (np.diff(codes[order]) >= 0).all()
    assert np.unique(windows_of(np.repeat([1.0, 2.0], 500), 50)).tolist() == [0, 1]
    assert np.bincount(windows_of(np.arange(20_000.0), 50)).size == 40
    assert codes_of(np.ones(10), 5).tolist() == [0] * 10


def test_times_are_written_as_days_or_moments() -> None:
    assert said(86_400.0, True, 200 * 86_400.0) == "1970-01-02"
    assert said(3600.0, True, 86_400.0) == "1970-01-01 01:00:00"
    assert said(1_700_000_123.0, False, 1.0) == "1700000123"
