"""A key follows from what a row holds, whatever the type that carries it."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.core.keys import hash_column, hash_rows, mix

NUMBERS = [0, 1, 2, 7, 100]


@pytest.mark.parametrize(
    "kind", [pl.Int8, pl.Int32, pl.Int64, pl.UInt8, pl.UInt64, pl.Float32, pl.Float64]
)
def test_a_number_has_one_hash_whatever_its_width(kind: type[pl.DataType]) -> None:
    expected = hash_column(pl.Series(NUMBERS, dtype=pl.Int64))
    assert hash_column(pl.Series(NUMBERS, dtype=kind)).tolist() == expected.tolist()


def test_words_have_one_hash_whatever_carries_them() -> None:
    words = ["a", "b", "a", None]
    plain = hash_column(pl.Series(words))
    assert hash_column(pl.Series(words, dtype=pl.Categorical)).tolist() == plain.tolist()
    assert hash_column(pl.Series(words, dtype=pl.Enum(["a", "b"]))).tolist() == plain.tolist()


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_a_day_has_one_hash_whatever_its_unit(unit: str) -> None:
    days = pl.Series(["2024-03-01", "1969-12-31", None]).str.to_date()
    moments = days.cast(pl.Datetime(unit))  # type: ignore[arg-type]
    assert hash_column(moments).tolist() == hash_column(days).tolist()
    assert len(set(hash_column(days).tolist())) == 3


def test_zero_has_one_hash_and_nan_another() -> None:
    zero, minus, nan, other = hash_column(pl.Series([0.0, -0.0, float("nan"), -float("nan")]))
    assert zero == minus
    assert nan == other
    assert zero != nan


def test_a_missing_cell_is_neither_zero_nor_empty_nor_nan() -> None:
    assert len({hash_column(pl.Series([None, 0.0, float("nan")]))[i] for i in range(3)}) == 3
    null, empty = hash_column(pl.Series([None, ""]))
    assert null != empty
    for kind in (pl.Float64, pl.Int64, pl.String, pl.Date, pl.Boolean):
        assert hash_column(pl.Series([None], dtype=kind))[0] == null


def test_large_whole_numbers_are_told_apart() -> None:
    big = [2**60, 2**60 + 1, 2**63 - 1]
    assert len(set(hash_column(pl.Series(big, dtype=pl.Int64)).tolist())) == 3
    wide = [2**64 - 1, 2**64 - 2]
    assert len(set(hash_column(pl.Series(wide, dtype=pl.UInt64)).tolist())) == 2


def test_the_order_of_the_columns_does_not_matter_and_their_names_do() -> None:
    frame = pl.DataFrame({"a": [1, 2], "b": [2, 1]})
    assert hash_rows(frame, ["a", "b"]).tolist() == hash_rows(frame, ["b", "a"]).tolist()
    one, two = hash_rows(frame, ["a", "b"])
    assert one != two, "1 in a and 2 in b is not 2 in a and 1 in b"


@settings(max_examples=30, deadline=None)
@given(rows=st.lists(st.tuples(st.integers(0, 3), st.sampled_from("xyz")), min_size=2, max_size=40))
def test_rows_share_a_key_exactly_if_they_are_equal(rows: list[tuple[int, str]]) -> None:
    frame = pl.DataFrame(rows, schema=["a", "b"], orient="row")
    keys = hash_rows(frame, ["a", "b"])
    assert len(set(keys.tolist())) == len(set(rows))


def test_buckets_fill_evenly() -> None:
    bucket = hash_column(pl.Series(np.arange(64_000))) >> np.uint64(58)
    counts = np.bincount(bucket.astype(int), minlength=64)
    assert counts.sum() == 64_000
    assert np.abs(counts - 1000).max() < 160, "5 standard deviations"


def test_every_bit_of_the_input_matters() -> None:
    one = mix(np.zeros(64, np.uint64))
    two = mix(np.uint64(1) << np.arange(64, dtype=np.uint64))
    changed = [bin(int(a ^ b)).count("1") for a, b in zip(one, two, strict=True)]
    assert min(changed) > 20
    assert 28 < np.mean(changed) < 36


def test_bytes_that_are_no_text_have_a_key() -> None:
    one, two, null = hash_column(pl.Series([b"\xff\xfe", b"\xff", None]))
    assert len({one, two, null}) == 3


def test_lists_and_structures_have_a_key() -> None:
    frame = pl.DataFrame({"l": [[1], [1, 2], [1]], "s": [{"a": 1}, {"a": 2}, {"a": 1}]})
    for column in ("l", "s"):
        one, two, three = hash_rows(frame, [column])
        assert one == three
        assert one != two
