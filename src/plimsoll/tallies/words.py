"""How often each text came, in bounded memory: all of them, or those of smallest hash and the rest pooled."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]

VALUE, COUNT, HASH = "value", "count", "hash"
POOLS = 1024
"""Pools of texts that are not held by themselves."""


@dataclass(frozen=True, eq=False)
class Words:
    """Different texts with their counts.

    Up to ``limit`` different texts all are held (``level`` 0). Beyond, only those whose hash ends in
    ``level`` zero bits; the rows of the others are counted by the hash in ``pools`` (1024,). Which texts
    are held follows from the set of texts alone. ``frame`` has the columns value, count and hash and is
    sorted by value once settled. ``pooled`` says that texts were pooled because they were rare, whatever
    their hash. ``made_with`` is the version of Polars, whose hash it is.
    """

    limit: int
    level: int = 0
    frame: pl.DataFrame | None = None
    pools: Ints | None = None
    made_with: str = ""
    pooled: bool = False

    @staticmethod
    def of(texts: pl.Series, limit: int) -> Words:
        """Count the texts of one batch; missing cells are left out."""
        return Words.of_counted(texts.rename(VALUE).drop_nulls().value_counts(sort=False), limit)

    @staticmethod
    def of_counted(counted: pl.DataFrame, limit: int) -> Words:
        """Take different texts with their counts, as ``value_counts`` gives them."""
        frame = pl.DataFrame(
            [
                counted[VALUE],
                counted[COUNT].cast(pl.Int64),
                counted[VALUE].hash(seed=11).alias(HASH),
            ]
        )
        return Words(limit, frame=frame, made_with=pl.__version__)._cut(final=False)

    def merge(self, other: Words) -> Words:
        """Return the texts of both."""
        level = max(self.level, other.level)
        one, two = self.at_level(level), other.at_level(level)
        frames = [part.frame for part in (one, two) if part.frame is not None]
        frame = None
        if frames:
            frame = pl.concat(frames).group_by(VALUE).agg(pl.col(COUNT).sum(), pl.col(HASH).first())
        pools = one.pools if two.pools is None else two.pools
        if one.pools is not None and two.pools is not None:
            pools = one.pools + two.pools
        merged = replace(self, level=level, frame=frame, pools=pools)
        return replace(merged, made_with=self.made_with or other.made_with)._cut(final=False)

    def settle(self) -> Words:
        """Hold no more than ``limit`` texts, sorted."""
        cut = self._cut(final=True)
        return cut if cut.frame is None else replace(cut, frame=cut.frame.sort(VALUE))

    @property
    def exact(self) -> bool:
        """Whether every text is held by itself."""
        return self.level == 0 and not self.pooled

    @property
    def rows(self) -> int:
        """Rows with a text."""
        held = 0 if self.frame is None else int(self.frame[COUNT].sum())
        return held + (0 if self.pools is None else int(self.pools.sum()))

    @property
    def different(self) -> int:
        """Number of different texts: exact, or estimated from the share that is held."""
        return 0 if self.frame is None else self.frame.height << self.level

    def at_level(self, level: int) -> Words:
        """Return the same counts with only the texts held that this level holds."""
        if level == self.level or self.frame is None:
            return replace(self, level=max(level, self.level))
        stays = (pl.col(HASH) & pl.lit((1 << level) - 1, pl.UInt64)) == 0
        pooled = self._pool(self.frame.filter(~stays))
        return replace(pooled, level=level, frame=self.frame.filter(stays))

    def only(self, held: pl.Series) -> Words:
        """Return the same counts with only these texts held by themselves and the others pooled."""
        if self.frame is None:
            return replace(self, pooled=True)
        stays = pl.col(VALUE).is_in(held.implode())
        return replace(
            self._pool(self.frame.filter(~stays)), frame=self.frame.filter(stays), pooled=True
        )

    def _pool(self, gone: pl.DataFrame) -> Words:
        place = (gone[HASH].to_numpy() >> np.uint64(54)).astype(np.int64)
        spilt = np.bincount(place, gone[COUNT].to_numpy(), POOLS).astype(np.int64)
        return replace(self, pools=spilt if self.pools is None else self.pools + spilt)

    def _cut(self, *, final: bool) -> Words:
        frame = self.frame
        if frame is None or frame.height <= (self.limit if final else 2 * self.limit):
            return self
        level = self.level
        hashes = frame[HASH].to_numpy()
        while int(((hashes & np.uint64((1 << level) - 1)) == 0).sum()) > self.limit:
            level += 1
        return self.at_level(level)
