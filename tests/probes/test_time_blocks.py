from __future__ import annotations

import numpy as np
import polars as pl

from plimsoll.core.batch import BUCKET, Batch
from plimsoll.core.subject import Roles, Subject, Task
from plimsoll.core.tally import Side
from plimsoll.probes.time_blocks import TimeBlocks
from plimsoll.tallies.distribution import Distribution

SUBJECT = Subject("made", Task.BINARY, Roles(), ("0", "1"))


def blocks(times: pl.Series, bucket: int = 7) -> list[int]:
    frame = pl.DataFrame({"t": times}).with_columns(pl.lit(bucket, pl.Int8).alias(BUCKET))
    batch = Batch(frame, SUBJECT)
    probe = TimeBlocks("t", Side.CURRENT)
    apply = probe.prepare({"times": Distribution("t").of(batch).settle()})
    return apply(batch).frame[BUCKET].to_list()


def test_rows_near_in_time_share_a_block_of_about_as_many_rows() -> None:
    found = np.array(blocks(pl.Series(np.random.default_rng(1).permutation(6400))))
    times = np.random.default_rng(1).permutation(6400)
    assert np.array_equal(found[np.argsort(times)], np.sort(found))
    assert np.bincount(found).tolist() == [100] * 64


def test_dates_are_cut_and_rows_without_one_keep_their_bucket() -> None:
    days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 1, 3), eager=True).extend_constant(
        None, 1
    )
    assert blocks(days) == [0, 1, 2, 7]


def test_a_column_without_times_changes_nothing() -> None:
    assert blocks(pl.Series(["monday", "tuesday"])) == [7, 7]
