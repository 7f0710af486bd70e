"""Equal rows are one row with a count: held whole where they are few, drawn fairly where they are many."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from plimsoll.core.batch import SCORE, TARGET, Batch
from plimsoll.core.subject import Roles, Subject, Task
from plimsoll.tallies.counted_rows import COUNT, CountedRows

SUBJECT = Subject("made", Task.BINARY, Roles(), ("0", "1"))
TAKES = (TARGET, SCORE)


def world(n: int, digits: int, seed: int = 0) -> pl.DataFrame:
    r = np.random.default_rng(seed)
    score = r.random(n).round(digits)
    return pl.DataFrame({TARGET: (r.random(n) < score).astype(int), SCORE: score})


def counted(frame: pl.DataFrame, size: int, cut: int = 97) -> CountedRows:
    total = empty = CountedRows(TAKES, size=size)
    for part in frame.iter_slices(cut):
        total = total.merge(empty.of(Batch(part, SUBJECT)))
    return total.settle()


def test_few_different_rows_are_held_whole() -> None:
    frame = world(5000, 1)
    found = counted(frame, 100)
    assert found.frame is not None
    assert found.held == found.rows == 5000
    expected = frame.group_by(TAKES).len().sort(TAKES)
    assert found.frame.select(*TAKES, COUNT).sort(TAKES).rows() == expected.rows()


def test_all_rows_are_drawn_where_they_are_not_too_many() -> None:
    frame = world(80, 1)
    rows, weighed = counted(frame, 100).drawn()
    assert not weighed
    assert rows.select(TAKES).sort(TAKES).equals(frame.sort(TAKES))


def test_many_equal_rows_are_drawn_in_proportion() -> None:
    frame = world(5000, 1)
    found = counted(frame, 500)
    rows, weighed = found.drawn()
    assert (rows.height, found.used, weighed) == (500, 500, False)
    whole = frame.group_by(TAKES).len().sort(TAKES)
    drawn = whole.join(rows.group_by(TAKES).len("drawn"), on=TAKES, how="left").fill_null(0)
    assert (drawn["drawn"] - drawn["len"] / 10).abs().max() <= 1


def test_different_rows_beyond_the_size_are_those_of_smallest_hash() -> None:
    frame = world(3000, 17)
    some, all_of_them = counted(frame, 200), counted(frame, 10_000)
    assert some.frame is not None
    assert all_of_them.frame is not None
    assert some.frame.equals(all_of_them.frame.head(200))
    rows, weighed = some.drawn()
    assert (rows.height, some.used, some.rows, weighed) == (200, 200, 3000, False)


def test_rows_that_came_together_are_weighed_together() -> None:
    frame = pl.concat([world(400, 17)] * 5)
    found = counted(frame, 100)
    rows, weighed = found.drawn()
    assert weighed
    assert rows[COUNT].unique().to_list() == [5]
    assert found.used == found.held == 500


@pytest.mark.parametrize("size", [50, 100_000])
def test_the_rows_do_not_depend_on_their_order_or_their_batches(size: int) -> None:
    frame = world(2000, 2)
    shuffled = frame.sample(fraction=1, shuffle=True, seed=3)
    one, two = counted(frame, size), counted(shuffled, size, cut=701)
    assert one.frame is not None
    assert two.frame is not None
    assert one.frame.equals(two.frame)
