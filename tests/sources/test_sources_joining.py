"""Labels and predictions in tables of their own, joined by the id of a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.core.errors import DataError
from plimsoll.sources import Table, Unmatched, join_by_id, open_source

IDS = st.lists(st.integers(-50, 50), unique=True, min_size=1)


def _joined(left: object, right: object, column: str = "id") -> Table:
    labels = open_source(right, role="labels")
    return join_by_id(open_source(left), labels, column, what="labels")


@settings(max_examples=40, deadline=None)
@given(left=IDS, right=IDS, rows=st.integers(1, 20))
def test_every_row_of_the_data_comes_once_with_the_label_of_its_id(left, right, rows) -> None:
    table = _joined(
        {"id": left, "x": [2 * i for i in left]}, {"y": [-i for i in right], "id": right}
    )
    found = [row for batch in table.batches(["x", "y", "id"], rows) for row in batch.iter_rows()]
    labels = {i: -i for i in right}
    assert sorted(found, key=lambda r: r[2]) == [(2 * i, labels.get(i), i) for i in sorted(left)]
    both = len(set(left) & set(right))
    assert table.unmatched == Unmatched(len(left) - both, len(right) - both)
    assert table.rows == len(left)
    assert table.schema.names() == ["id", "x", "y"]


def test_rows_without_an_id_find_none(read) -> None:
    table = _joined({"id": [1, None, None], "x": [1, 2, 3]}, {"id": [None, 1], "y": [5, 6]})
    assert read(table, by="x").rows() == [(1, 1, 6), (None, 2, None), (None, 3, None)]
    assert table.unmatched == Unmatched(2, 1)
    assert "labels are missing for 2 rows" in table.said[0]
    assert "1 row" in table.said[1]


def test_ids_of_different_width_are_the_same_ids(read) -> None:
    left = {"id": np.array([1, 2, 3], "i4"), "id_right": [7, 8, 9]}
    table = _joined(left, {"id": np.array([3, 2**64 - 1], "u8"), "y": [0, 1]})
    frame = read(table, by="id")
    assert frame.schema["id"] == pl.Int32
    assert frame["y"].to_list() == [None, None, 0]
    assert frame["id_right"].to_list() == [7, 8, 9]


def test_files_join_and_join_again(read, write) -> None:
    data = open_source(write("d.csv", "id,x\n1,2\n2,3\n"))
    labels = open_source(write("l.csv", "id,y\n2,1\n1,0\n"), role="labels")
    scores = open_source(write("s.jsonl", '{"id":1,"p":0.5}\n'), role="predictions")
    table = join_by_id(data, scores, "id", what="predictions")
    table = join_by_id(table, labels, "id", what="labels")
    assert read(table, by="id").rows() == [(1, 2, 0.5, 0), (2, 3, None, 1)]
    assert table.origin.count(" + ") == 2


def test_only_the_columns_asked_for_come() -> None:
    table = _joined({"id": [1, 2], "x": [1, 2]}, {"id": [1, 2], "y": [3, 4], "z": [5, 6]})
    assert sorted(pl.concat(table.batches(["z"], 1))["z"].to_list()) == [5, 6]
    assert sorted(pl.concat(table.batches(["x"], 1))["x"].to_list()) == [1, 2]


@pytest.mark.parametrize(
    ("left", "right", "words"),
    [
        ({"id": [1]}, {"id": ["1"], "y": [1]}, ("whole numbers (Int64)", "text (String)")),
        ({"id": [1.0]}, {"id": [1], "y": [1]}, ("decimal numbers", "whole numbers")),
        ({"id": [1, 1]}, {"id": [1], "y": [1]}, ("Data", "repeated in 1 row")),
        ({"id": [1]}, {"id": [1, 1, 1], "y": [1, 2, 3]}, ("Labels", "repeated in 2 rows")),
        ({"id": [1], "y": [1]}, {"id": [1], "y": [1]}, ("column 'y' is in data", "rename or drop")),
        ({"idd": [1]}, {"id": [1], "y": [1]}, ("Did you mean 'idd'?",)),
        ({"id": [1]}, {"ID": [1], "y": [1]}, ("Labels", "Did you mean 'ID'?")),
        ({"id": [None]}, {"id": [1], "y": [1]}, ("is empty in data",)),
    ],
)
def test_tables_that_do_not_fit_are_refused(left, right, words) -> None:
    with pytest.raises(DataError) as caught:
        _joined(left, right)
    assert all(word in str(caught.value) for word in words)


def test_a_broken_side_is_named(write) -> None:
    path = write("l.csv", "id,y\n1,0\n2,1\n")
    labels = open_source(path, role="labels")
    table = join_by_id(open_source({"id": [1, 2]}), labels, "id", what="labels")
    path.write_text("id,y\n1,0\n2,x\n")
    with pytest.raises(DataError, match=r"^Labels '.*l.csv'"):
        list(table.batches(["y"], 10))


def test_the_fingerprint_is_of_both_sides(write) -> None:
    one, other = {"id": [1], "x": [1]}, {"id": [1], "y": [1]}
    prints = {
        _joined(a, b).fingerprint()
        for a, b in ((one, other), (one, {**other, "y": [2]}), ({**one, "x": [2]}, other))
    }
    assert len(prints) == 3
    assert _joined(one, other).fingerprint() == _joined(one, other).fingerprint()


class Foreign:
    """A source that is none of ours."""

    origin = "elsewhere"
    schema = pl.Schema({"id": pl.Int64(), "y": pl.Int64()})

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pl.DataFrame]:
        for i in range(3):
            yield pl.DataFrame({"id": [i], "y": [10 * i]}).select(columns)

    def fingerprint(self) -> str | None:
        return None


def test_any_source_can_be_joined(read) -> None:
    data = open_source({"id": [0, 2], "x": [1, 2]})
    table = join_by_id(data, Foreign(), "id", what="labels")
    assert read(table, by="id").rows() == [(0, 1, 0), (2, 2, 20)]
    assert table.fingerprint() is None
    turned = join_by_id(Foreign(), data, "id", what="predictions")
    assert read(turned, by="id").rows() == [(0, 0, 1), (1, 10, None), (2, 20, 2)]
