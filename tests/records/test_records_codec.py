"""Any tally goes to bytes and comes back equal; nothing else is believed."""

from __future__ import annotations

import datetime
import math
import pickle
import struct
import zlib
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from plimsoll.core.batch import SCORE, TARGET, Batch
from plimsoll.core.errors import RecordError
from plimsoll.core.subject import Roles, Subject, Task
from plimsoll.core.tally import Tally, state
from plimsoll.records.codec import _HEADER, MAGIC, VERSION, decode, encode, seal
from plimsoll.tallies import kinds


class Side(StrEnum):
    LEFT = "left"
    RIGHT = "right"


class Plain(Enum):
    ONE = 1


@dataclass(frozen=True)
class Part:
    name: str
    counts: Any = None


@dataclass(frozen=True)
class Toy(Tally):
    """Holds one field of every kind."""

    size: int
    share: float
    name: str | None
    flag: bool = False
    side: Side = Side.LEFT
    several: tuple[Any, ...] = ()
    array: Any = state()
    table: dict[str, Any] = state(factory=dict)
    part: Part | None = state()
    plain: Plain = Plain.ONE
    derived: int = field(init=False, default=0, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "derived", self.size * 2)

    @property
    def columns(self) -> tuple[str, ...]:
        return ()

    def of(self, batch: Batch) -> Toy:
        return self

    def merge(self, other: Toy) -> Toy:
        return self


KINDS: dict[str, type[Tally]] = {"Toy": Toy}
DTYPES = (
    hnp.integer_dtypes(endianness="?")
    | hnp.floating_dtypes(endianness="?")
    | hnp.boolean_dtypes()
    | hnp.unicode_string_dtypes(endianness="?")
    | hnp.datetime64_dtypes(endianness="?")
)
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(
    PLAIN | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=6,
)


def equal(one: Any, other: Any) -> bool:
    """Equal in value and kind, NaN being equal to itself and -0.0 differing from 0.0."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        if one.dtype != other.dtype.newbyteorder(one.dtype.byteorder) or one.shape != other.shape:
            return False
        if one.dtype == object:
            return all(equal(a, b) for a, b in zip(one.ravel(), other.ravel(), strict=True))
        return np.array_equal(one, other, equal_nan=one.dtype.kind in "fmM")
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, float):
        same_sign = math.copysign(1, one) == math.copysign(1, other)
        return (math.isnan(one) and math.isnan(other)) or (one == other and same_sign)
    return bool(one == other)


@settings(max_examples=100, deadline=None)
@given(
    st.integers(),
    st.floats(),
    st.none() | st.text(),
    st.sampled_from(Side),
    st.lists(VALUES, max_size=3).map(tuple),
    ARRAYS,
    st.dictionaries(st.text(), VALUES, max_size=3),
)
def test_every_value_comes_back_equal(
    size: int,
    share: float,
    name: str | None,
    side: Side,
    several: tuple[Any, ...],
    array: Any,
    table: dict[str, Any],
) -> None:
    toy = Toy(size, share, name, True, side, several, array, table, Part("p", array))
    back = decode(encode(toy), KINDS)
    assert isinstance(back, Toy)
    for given_name in toy.__dataclass_fields__:
        one, other = getattr(toy, given_name), getattr(back, given_name)
        if isinstance(one, Part):
            assert one.name == other.name
            assert equal(one.counts, other.counts)
        else:
            assert equal(one, other), given_name
    assert back.side is side
    assert back.plain is Plain.ONE


def test_equal_tallies_have_equal_bytes() -> None:
    made = [Toy(1, 0.5, "x", array=np.arange(3), table={"a": 1}) for _ in range(2)]
    assert encode(made[0]) == encode(made[1])


def test_arrays_of_objects_and_single_numbers_keep_their_type() -> None:
    words = np.array([["a", None], ["é", 1.5]], dtype=object)
    toy = Toy(1, 1.0, None, several=(np.int32(7), np.float32(0.1), words))
    back: Any = decode(encode(toy), KINDS)
    assert type(back.several[0]) is np.int32
    assert type(back.several[1]) is np.float32
    assert equal(back.several[2], words)


def test_tables_come_back_equal() -> None:
    frame = pl.DataFrame(
        {
            "n": [1, None, 3],
            "t": ["a", None, "ü"],
            "d": [datetime.date(2026, 1, 2), None, None],
            "c": pl.Series(["x", "y", "x"], dtype=pl.Categorical),
        }
    )
    back: Any = decode(encode(Toy(1, 1.0, None, array=frame)), KINDS)
    assert back.array.equals(frame)
    assert back.array.schema == frame.schema


def test_arrays_are_stored_compressed_and_little_endian() -> None:
    big = np.arange(100_000, dtype=">i8")
    data = encode(Toy(1, 1.0, None, array=big))
    assert len(data) < big.nbytes / 3
    assert b"<i8" in zlib.decompress(data[_HEADER.size + 32 :])


@pytest.mark.parametrize("value", [object(), {1: 2}, {1, 2}, b"bytes", [object()]])
def test_what_has_no_form_is_a_mistake_at_once(value: Any) -> None:
    with pytest.raises(TypeError, match="stored"):
        encode(Toy(1, 1.0, None, several=(value,)))


WHOLE = encode(Toy(3, 0.25, "x", array=np.arange(50), table={"k": (1, 2.5)}))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_any_changed_byte_is_noticed(place: int, change: int) -> None:
    damaged = bytearray(WHOLE)
    damaged[place] ^= change
    with pytest.raises(RecordError):
        decode(bytes(damaged), KINDS)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(WHOLE) - 1))
def test_any_cut_is_noticed(length: int) -> None:
    with pytest.raises(RecordError):
        decode(WHOLE[:length], KINDS)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_foreign_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(RecordError, match="something else"):
        decode(data, KINDS)


def test_a_pickle_is_not_opened() -> None:
    with pytest.raises(RecordError, match="something else"):
        decode(pickle.dumps(Part("x")), KINDS)
    objects = np.array([(Part("x"),)], dtype=[("a", object)])
    with pytest.raises(TypeError, match="cannot be stored"):
        encode(Toy(1, 1.0, None, array=objects))


def resealed(body: bytes, version: int = VERSION) -> bytes:
    return seal(_HEADER.pack(MAGIC, version, len(body)), zlib.compress(body))


def structure(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode()


def test_a_newer_version_says_so() -> None:
    newer = _HEADER.pack(MAGIC, VERSION + 1, 0) + b"anything"
    with pytest.raises(RecordError, match="update Plimsoll"):
        decode(newer, KINDS)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"tally":{"$":"object","of":"Toi","fields":{}},"sizes":[]}', "Did you mean 'Toy'"),
        ('{"tally":{"$":"object","of":"Toy","fields":{"new":1}},"sizes":[]}', "holds 'new'"),
        ('{"tally":{"$":"object","of":"Toy","fields":{}},"sizes":[]}', "does not fit"),
        ('{"tally":{"$":"array","at":0},"sizes":[]}', "does not fit"),
        ('{"tally":{"$":"array","at":0},"sizes":[5]}', "does not fit"),
        ('{"tally":{"$":"strange"},"sizes":[]}', "does not fit"),
        ('{"tally":[1,2],"sizes":[]}', "a tuple came"),
        ('{"sizes":[]}', "does not fit"),
        ("no json", "does not fit"),
        ('{"tally":' + "[" * 900 + "]" * 900 + ',"sizes":[]}', "a tuple came|does not fit"),
    ],
)
def test_whole_bytes_with_wrong_content_are_refused(text: str, says: str) -> None:
    with pytest.raises(RecordError, match=says):
        decode(resealed(structure(text)), KINDS)


def test_a_stated_length_that_lies_is_refused() -> None:
    lying = seal(_HEADER.pack(MAGIC, VERSION, 10), zlib.compress(b"0" * 100_000))
    with pytest.raises(RecordError, match="stated length"):
        decode(lying, KINDS)


def test_a_missing_field_takes_its_default() -> None:
    """A tally that gained a field still reads what was stored before."""
    text = (
        '{"tally":{"$":"object","of":"Toy","fields":{"size":1,"share":2.0,"name":null}},"sizes":[]}'
    )
    assert decode(resealed(structure(text)), KINDS) == Toy(1, 2.0, None)


def all_equal(one: Any, other: Any) -> bool:
    names = one.__dataclass_fields__
    return all(equal(getattr(one, name), getattr(other, name)) for name in names)


def test_the_real_tallies_come_back() -> None:
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({SCORE: rng.random(500), TARGET: rng.integers(0, 2, 500)})
    batch = Batch(frame, Subject("m", Task.BINARY, Roles(), ("0", "1")))
    made: Any = kinds()["Histogram"]
    for tally in (made(SCORE, by=TARGET, levels=2), made(SCORE, by=TARGET, levels=2, cells=16)):
        counted = tally.of(batch)
        back = decode(encode(counted), kinds())
        assert type(back) is type(counted)
        assert all_equal(back.settle(), counted.settle())
        doubled = back.merge(counted).settle()
        assert all_equal(doubled, counted.merge(counted).settle())
    assert decode(encode(replace(tally)), kinds()) == tally
