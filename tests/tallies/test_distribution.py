from __future__ import annotations

from collections import Counter
from functools import reduce

import numpy as np
import polars as pl
import pytest
from scipy import stats

from plimsoll.core.batch import BUCKET, Batch
from plimsoll.core.subject import Roles, Subject, Task
from plimsoll.tallies import distribution
from plimsoll.tallies.distribution import Distribution, Kind, seconds
from plimsoll.tallies.dyadic import key_of
from plimsoll.tallies.two_sides import two_sides
from plimsoll.tallies.words import Words

SUBJECT = Subject("made", Task.BINARY, Roles(), ("0", "1"))


def of(series: pl.Series, parts: int = 1, *, bucketed: bool = False) -> Distribution:
    frame = series.alias("x").to_frame().with_columns(pl.int_range(pl.len()).mod(64).alias(BUCKET))
    empty = Distribution("x", bucketed=bucketed)
    size = -(-frame.height // parts)
    return reduce(
        lambda a, b: a.merge(b),
        (empty.of(Batch(part, SUBJECT)) for part in frame.iter_slices(size)),
        empty,
    ).settle()


def test_every_different_number_is_a_cell_while_there_are_few() -> None:
    found = of(pl.Series([3.0, -1.0, 3.0, None, float("nan"), float("inf"), -0.0]))
    assert found.numbers is not None
    assert found.numbers.values.tolist() == [-1.0, 0.0, 3.0]
    assert found.numbers.level().tolist() == [1, 1, 2]
    assert (found.rows, found.missing, found.nans, found.infinities, found.held) == (7, 1, 1, 1, 4)
    assert found.absent == 2


@pytest.mark.parametrize("offset", [0.0, 1e9])
def test_many_numbers_fall_into_cells_that_hold_them(offset: float) -> None:
    values = np.random.default_rng(1).normal(size=200_000) + offset
    found = of(pl.Series(values), parts=3)
    assert found.numbers is not None
    assert found.numbers.keys.size <= distribution.CELLS
    low, high = found.numbers.edges
    assert bool((low <= high).all()) and bool((low[1:] > high[:-1]).all())
    at = np.searchsorted(low, values, side="right") - 1
    assert bool((values <= high[at]).all())
    assert np.array_equal(np.bincount(at, minlength=low.size), found.numbers.level())


def test_two_sides_of_few_numbers_are_what_scipy_sees() -> None:
    r = np.random.default_rng(2)
    one, two = np.round(r.normal(size=400), 1), np.round(r.normal(0.4, 1, 300), 1)
    sides = two_sides(of(pl.Series(one)), of(pl.Series(two)))
    assert sides is not None and sides.exact and sides.ordered
    gap = np.cumsum(sides.reference) / 400 - np.cumsum(sides.current) / 300
    assert np.abs(gap).max() == pytest.approx(stats.ks_2samp(one, two).statistic, abs=1e-12)


def test_two_sides_of_many_numbers_share_their_cells() -> None:
    r = np.random.default_rng(3)
    one, two = r.normal(size=120_000), r.lognormal(size=50_000)
    sides = two_sides(of(pl.Series(one)), of(pl.Series(two)))
    assert sides is not None and not sides.exact
    assert (sides.reference.sum(), sides.current.sum()) == (120_000, 50_000)
    assert bool((sides.widths >= 0).all())
    exact = stats.ks_2samp(one, two).statistic
    gap = np.abs(np.cumsum(sides.reference) / 120_000 - np.cumsum(sides.current) / 50_000).max()
    bound = max((sides.reference / 120_000).max(), (sides.current / 50_000).max())
    assert abs(gap - exact) <= bound


@pytest.mark.parametrize("limit", [1000, 37])
def test_texts_beyond_the_limit_are_pooled_and_none_is_lost(limit: int) -> None:
    texts = pl.Series([f"v{i % 211}" for i in range(1000)])
    whole = Words.of(texts, limit).settle()
    parts = reduce(
        lambda a, b: a.merge(b), [Words.of(texts[i : i + 90], limit) for i in range(0, 1000, 90)]
    )
    parts = parts.settle()
    assert whole.rows == parts.rows == 1000
    assert whole.level == parts.level
    assert whole.exact == (limit == 1000)
    assert whole.frame is not None and parts.frame is not None
    assert whole.frame.equals(parts.frame)
    assert whole.frame.height <= limit
    if limit == 37:
        assert whole.pools is not None and parts.pools is not None
        assert np.array_equal(whole.pools, parts.pools)
        assert 100 <= whole.different <= 420
    else:
        assert whole.different == 211


@pytest.mark.parametrize("different", [1, 3, 1000, 3000, 30_000])
@pytest.mark.parametrize("step", [50_000, 90_000])
def test_texts_of_a_long_column_are_counted_one_by_one(different: int, step: int) -> None:
    """Frequent texts are told by their hash: those that come late, or share a slot, are not lost."""
    r = np.random.default_rng(5)
    drawn = r.integers(0, different, 90_000)
    texts = pl.Series([f"v{i}" for i in drawn.tolist()] + ["late", "", "é"] * 10)
    texts = pl.concat([texts[i : i + step] for i in range(0, len(texts), step)], rechunk=False)
    words, counted = Words(20_000).plus(texts)
    again, more = words.plus(texts)
    expected = Counter(texts.to_list())
    for found in (counted, more):
        assert dict(zip(found["value"], found["count"], strict=True)) == expected
        assert found["hash"].equals(found["value"].hash(seed=11).alias("hash"))
    for found, times in ((words.settle(), 1), (again.settle(), 2)):
        assert found.rows == times * len(texts)
        assert found.frame is not None
        held = dict(zip(found.frame["value"], found.frame["count"], strict=True))
        assert held == {text: times * expected[text] for text in held}
        assert found.exact == (different < 20_000)
        assert len(held) == len(expected) if found.exact else len(held) <= 20_000


def test_a_long_column_is_counted_alike_in_one_piece_or_in_many() -> None:
    r = np.random.default_rng(6)
    n = 300_000
    values = r.normal(size=n)
    values[r.integers(0, n, 900)] = np.nan
    values[r.integers(0, n, 500)] = np.inf
    values[r.integers(0, n, 500)] = -np.inf
    values[r.integers(0, n, 500)] = -0.0
    column = pl.Series(values).scatter(r.integers(0, n, 400), None)
    whole = of(column)
    for parts in (30, 2):
        merged = of(column, parts)
        for name in ("missing", "nans", "infinities", "held"):
            assert getattr(merged, name) == getattr(whole, name)
        assert merged.numbers is not None and whole.numbers is not None
        assert merged.numbers.shift == whole.numbers.shift > 0
        assert np.array_equal(merged.numbers.keys, whole.numbers.keys)
        assert np.array_equal(merged.numbers.level(), whole.numbers.level())
    assert whole.numbers is not None
    held = column.drop_nulls().to_numpy()
    keys = key_of(held[np.isfinite(held)] + 0.0) >> np.uint64(whole.numbers.shift)
    found, counts = np.unique(keys, return_counts=True)
    assert np.array_equal(whole.numbers.keys, found)
    assert np.array_equal(whole.numbers.level(), counts)
    assert found.size <= distribution.CELLS


def test_texts_of_both_sides_are_joined() -> None:
    sides = two_sides(of(pl.Series(["a", "b", "b", None])), of(pl.Series(["b", "c", ""])))
    assert sides is not None
    assert sides.labels == ("", "a", "b", "c")
    assert sides.reference.tolist() == [0, 1, 2, 0]
    assert sides.current.tolist() == [1, 0, 1, 1]
    assert sides.exact


def test_pools_of_both_sides_are_of_one_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distribution, "MOST_TEXTS", 50)
    few = of(pl.Series([f"v{i % 20}" for i in range(300)]))
    many = of(pl.Series([f"v{i}" for i in range(300)]))
    sides = two_sides(few, many)
    assert sides is not None and not sides.exact
    assert (sides.reference.sum(), sides.current.sum()) == (300, 300)
    assert None in sides.labels


def test_lengths_and_characters_of_texts_are_counted() -> None:
    found = of(pl.Series(["ab", "ab", "", "é", "a\x07", "x" * 900]))
    assert found.lengths is not None
    assert found.lengths[[0, 1, 2, 511]].tolist() == [1, 1, 3, 1]
    assert (found.empty_texts, found.non_ascii, found.odd) == (1, 1, 1)


def test_moments_are_seconds() -> None:
    days = pl.Series(["1970-01-02", "2020-01-01"]).str.to_date()
    assert seconds(days).to_list() == [86_400.0, 1_577_836_800.0]
    for unit in ("ms", "us", "ns"):
        assert seconds(days.cast(pl.Datetime(unit))).to_list() == seconds(days).to_list()
    assert of(days).kind is Kind.MOMENT


def test_a_column_without_a_value_holds_nothing() -> None:
    found = of(pl.Series([None, None], dtype=pl.Float64))
    assert found.kind is Kind.NOTHING and found.missing == 2
    assert two_sides(found, found) is None
    assert two_sides(of(pl.Series([1, 2])), of(pl.Series(["1", "2"]))) is None


def test_parts_without_a_value_take_the_kind_of_the_others() -> None:
    empty, some = of(pl.Series([None], dtype=pl.String)), of(pl.Series([1, 2]))
    assert empty.merge(some).kind is some.merge(empty).kind is Kind.NUMBER
    assert of(pl.Series(["a"])).merge(some).kind is Kind.MIXED


def test_counts_by_bucket_add_up() -> None:
    number = of(pl.Series(np.random.default_rng(4).normal(size=5000)), parts=4, bucketed=True)
    text = of(pl.Series([f"v{i % 7}" for i in range(5000)]), parts=4, bucketed=True)
    for found in (number, text):
        sides = two_sides(found, found)
        assert sides is not None and sides.by_bucket is not None
        assert sides.by_bucket.shape[:2] == (2, 64)
        assert sides.by_bucket[0].sum() == 5000
