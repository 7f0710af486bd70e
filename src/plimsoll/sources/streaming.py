"""A lazy query, answered a few rows at a time: the one place that asks Polars to stream."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from plimsoll.sources.spool import Spool

STREAMS = int(pl.__version__.split(".")[0]) >= 2 and hasattr(pl.LazyFrame, "collect_batches")
"""Whether ``LazyFrame.collect_batches`` can be relied on.

Polars marks it unstable. In 1.35 it ends early without an error where a row cannot be read, which
would lose rows in silence; from 2.0 it raises.
"""

UNPACKS = STREAMS
"""Whether Polars unpacks gzip and Zstandard while it streams; 1.35 unpacks the whole file first."""


def stream(frame: pl.LazyFrame, rows: int) -> Iterator[pl.DataFrame]:
    """Yield every row of a query once, ``rows`` at a time; the last batch may be smaller.

    They come in the order of the query, the same in every run: it was measured to cost nothing.
    Memory is bounded by a few batches. Where Polars cannot be relied on to stream into Python, the
    answer goes to a temporary Arrow file first and is read back in pieces: slower, and it takes
    room on the disk, but the memory stays bounded and an error is an error.
    """
    if STREAMS:
        yield from frame.collect_batches(chunk_size=rows, maintain_order=True)
    else:
        yield from _through_disk(frame, rows)


def _through_disk(frame: pl.LazyFrame, rows: int) -> Iterator[pl.DataFrame]:
    spool = Spool()
    try:
        path = spool.path("answer.arrow")
        frame.sink_ipc(path)
        answer = pl.scan_ipc(path)
        height = answer.select(pl.len()).collect().item()
        for start in range(0, height, rows):
            yield answer.slice(start, rows).collect()
    finally:
        spool.remove()
