"""Fingerprints: of bytes for files, of content for frames, and of nothing else."""

from __future__ import annotations

import hashlib
import math
import struct

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.sources import open_source
from plimsoll.sources.digest import digest_frame

VALUES = st.lists(
    st.tuples(
        st.none() | st.integers(-5, 5),
        st.none() | st.floats(),
        st.none() | st.text(max_size=4),
        st.none() | st.booleans(),
        st.none() | st.dates(),
    ),
    min_size=1,
    max_size=20,
)
NAMES = ["i", "f", "t", "b", "d"]
TYPES = [pl.Int64(), pl.Float64(), pl.String(), pl.Boolean(), pl.Date()]
SCHEMA = pl.Schema(dict(zip(NAMES, TYPES, strict=True)))


def test_one_file_is_the_sha256_of_its_bytes(write) -> None:
    content = b"a,b\n1,2\n" * 300_000
    source = open_source(write("t.csv", content))
    assert source.fingerprint() == hashlib.sha256(content).hexdigest()


def test_several_files_are_sorted_pairs_of_hash_and_name(write) -> None:
    parts = {"b/x.csv": b"a\n1\n", "a.csv": b"a\n2\n"}
    for name, content in parts.items():
        path = write(f"d/{name}", content)
    folder = path.parent
    lines = "".join(f"{hashlib.sha256(parts[n]).hexdigest()}  {n}\n" for n in sorted(parts))
    expected = hashlib.sha256(lines.encode()).hexdigest()
    assert open_source(folder).fingerprint() == expected
    folder.rename(folder.parent / "moved")
    assert open_source(folder.parent / "moved").fingerprint() == expected
    (folder.parent / "moved" / "a.csv").rename(folder.parent / "moved" / "c.csv")
    assert open_source(folder.parent / "moved").fingerprint() != expected


@settings(max_examples=60, deadline=None)
@given(rows=VALUES, cut=st.integers(0, 20), size=st.integers(1, 7))
def test_a_frame_has_one_print_however_it_is_chunked(rows, cut, size) -> None:
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    print_ = open_source(frame).fingerprint()
    chunked = pl.concat([frame.head(cut), frame.slice(cut)], rechunk=False)
    assert open_source(chunked).fingerprint() == print_
    assert open_source(frame.lazy()).fingerprint() == print_
    assert digest_frame(SCHEMA, frame.iter_slices(size)) == print_


@pytest.mark.parametrize(
    "other",
    [
        {"a": [1, 2], "t": ["x", "yz"]},
        {"a": [1, 3], "t": ["xy", "z"]},
        {"a": [1, None], "t": ["xy", "z"]},
        {"a": [1, 2], "t": ["xy", None]},
        {"a": [1, 2], "u": ["xy", "z"]},
        {"t": ["xy", "z"], "a": [1, 2]},
        {"a": [1.0, 2.0], "t": ["xy", "z"]},
        {"a": [2, 1], "t": ["xy", "z"]},
        {"a": [1, 2, 0], "t": ["xy", "z", ""]},
        {"a": [1, 2, None], "t": ["xy", "z", None]},
    ],
)
def test_any_change_of_content_changes_the_print(other) -> None:
    print_ = open_source({"a": [1, 2], "t": ["xy", "z"]}).fingerprint()
    assert open_source(other).fingerprint() != print_


def test_missing_and_nothing_are_told_apart_and_nan_is_one_value() -> None:
    assert (
        open_source({"t": ["", None]}).fingerprint() != open_source({"t": [None, ""]}).fingerprint()
    )
    quiet, other = math.nan, struct.unpack("<d", struct.pack("<Q", 0x7FF8000000000001))[0]
    assert open_source({"x": [quiet]}).fingerprint() == open_source({"x": [other]}).fingerprint()


def test_the_print_is_the_same_for_the_same_rows_in_another_library() -> None:
    pandas = pytest.importorskip("pandas")
    columns = {"a": [1, 2], "x": [0.5, 1.5], "t": ["u", "v"]}
    expected = open_source(columns).fingerprint()
    assert open_source(pandas.DataFrame(columns)).fingerprint() == expected
    assert open_source(pl.DataFrame(columns)).fingerprint() == expected


def test_lists_and_objects_have_a_print() -> None:
    frame = pl.DataFrame({"l": [[1, 2], None], "s": [{"x": 1}, {"x": None}], "n": [None, None]})
    other = frame.with_columns(l=pl.Series([[1, 3], None]))
    assert open_source(frame).fingerprint() == open_source(frame.lazy()).fingerprint()
    assert open_source(frame).fingerprint() != open_source(other).fingerprint()
