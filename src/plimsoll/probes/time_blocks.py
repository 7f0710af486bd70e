"""Puts rows that are near each other in time into one bucket, for rows of one day hang together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from plimsoll.core.batch import BUCKET, BUCKETS, Batch
from plimsoll.core.probe import Apply, Probe
from plimsoll.core.tally import Need, Rows, Side, Tally
from plimsoll.tallies.distribution import Distribution, Kind, numbers_of


@dataclass(frozen=True)
class TimeBlocks(Probe):
    """Replaces the hash bucket of every row by one of up to 64 blocks of time of about as many rows.

    Rows without a time, and all rows where the column holds no times or numbers, keep their bucket. The
    blocks of the current rows and of the reference are their own.
    """

    time: str
    side: Side

    def needs(self) -> Mapping[str, Need]:
        """How the times are spread."""
        return {"times": Need(Distribution(self.time), self.side, Rows.ALL)}

    def reads(self) -> tuple[str, ...]:
        """The time column."""
        return (self.time,)

    def prepare(self, tallies: Mapping[str, Tally]) -> Apply:
        """Learn where the blocks begin."""
        times = tallies["times"]
        assert isinstance(times, Distribution)
        if times.kind not in (Kind.MOMENT, Kind.NUMBER) or times.numbers is None:
            return lambda batch: batch
        cells = times.numbers
        if not cells.keys.size:  # all of them infinite
            return lambda batch: batch
        upto = np.cumsum(cells.level())
        at = np.searchsorted(upto, np.arange(1, BUCKETS) / BUCKETS * upto[-1], side="left")
        edges = np.unique(cells.edges[1][np.minimum(at, cells.keys.size - 1)])

        def apply(batch: Batch) -> Batch:
            x = numbers_of(batch.frame.get_column(self.time)).fill_null(np.nan).to_numpy()
            block = np.searchsorted(edges, x, side="left")
            bucket = np.where(np.isnan(x), batch.codes(BUCKET), block).astype(np.int8)
            return Batch(batch.frame.with_columns(pl.Series(BUCKET, bucket)), batch.subject)

        return apply
