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
_SEED = 11
_FIRST = 1 << 13
"""Rows from which the frequent texts of a column are learnt."""
_FREQUENT = 1 << 11
"""Most different texts among them."""
_SLOTS = 1 << 16
_LAST = np.uint64(_SLOTS - 1)
_BLOCK = 1 << 15
"""Rows at a time, so that what is made of them stays in the cache."""


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
        return Words(limit).plus(texts.drop_nulls())[0]

    def plus(self, texts: pl.Series) -> tuple[Words, pl.DataFrame]:
        """Return these counts with the texts of a column without missing cells, and the counts of the column.

        Those have the columns value, count and hash; a count may be 0. Where a few texts make up a long
        column, they are told by their 64-bit hash, which takes a third of the time.
        """
        texts = texts.rename(VALUE)
        known = self._frequent(texts)
        if known is None:
            counted = _counted(texts)
            return self.merge(self._of(counted)), counted
        added, others = _count_by_hash(texts, known[HASH])
        counted = pl.DataFrame([known[VALUE], pl.Series(COUNT, added), known[HASH]])
        total = pl.Series(COUNT, known[COUNT].to_numpy() + added)
        here = self._of(pl.DataFrame([known[VALUE], total, known[HASH]]))
        if not others.size:
            return here, counted
        rest = _counted(texts.gather(others))
        return here.merge(self._of(rest)), pl.concat([counted, rest])

    def _of(self, counted: pl.DataFrame) -> Words:
        return Words(self.limit, frame=counted, made_with=pl.__version__)._cut(final=False)

    def _frequent(self, texts: pl.Series) -> pl.DataFrame | None:
        """Return the texts that may make up a column, with their counts so far; None where it has many.

        Those are the texts held so far, or else those of its first rows.
        """
        if texts.len() < 4 * _FIRST or not self.exact:
            return None
        known = self.frame
        if known is None:
            known = _counted(texts.head(_FIRST)).with_columns(pl.lit(0, pl.Int64).alias(COUNT))
        few = known.height <= _FREQUENT and known[HASH].n_unique() == known.height
        return known if few else None

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


def _count_by_hash(texts: pl.Series, known: pl.Series) -> tuple[Ints, Ints]:
    """Return how many rows have each of the different known hashes, and where all other rows are.

    A hash has a slot by its last bits. What lost its slot to another is looked up.
    """
    hashes, slots = known.to_numpy(), (known.to_numpy() & _LAST).view(np.int64)
    owner = np.arange(_SLOTS, dtype=np.uint64) ^ np.uint64(1)  # no hash that falls into the slot
    owner[slots] = hashes
    in_slot = np.zeros(_SLOTS, np.int64)
    missed, at = [(np.empty(0, np.int64), hashes[:0])], 0
    room, owners = np.empty(_BLOCK, np.uint64), np.empty(_BLOCK, np.uint64)
    for chunk in texts.hash(seed=_SEED).get_chunks():
        whole = chunk.to_numpy()
        for start in range(0, whole.size, _BLOCK):
            some = whole[start : start + _BLOCK]
            slot = np.bitwise_and(some, _LAST, out=room[: some.size]).view(np.int64)
            np.take(owner, slot, out=owners[: some.size], mode="wrap")
            hit = owners[: some.size] == some
            if not hit.all():
                gone = np.flatnonzero(~hit)
                missed.append((gone + (at + start), some[gone]))
                slot = slot[hit]
            np.add.at(in_slot, slot, 1)
        at += whole.size
    counts = np.where(owner[slots] == hashes, in_slot[slots], 0)
    places, lost = (np.concatenate(arrays) for arrays in zip(*missed, strict=True))
    order = np.argsort(hashes)
    found = order[np.minimum(np.searchsorted(hashes, lost, sorter=order), hashes.size - 1)]
    same = hashes[found] == lost
    return counts + np.bincount(found[same], minlength=hashes.size), places[~same]


def _counted(texts: pl.Series) -> pl.DataFrame:
    found = texts.value_counts(sort=False, name=COUNT)
    different = found[VALUE]
    hashes = different.hash(seed=_SEED).alias(HASH)
    return pl.DataFrame([different, found[COUNT].cast(pl.Int64), hashes])
