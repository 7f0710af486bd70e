"""Two distributions of one column brought to the same cells, so that they can be compared."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.tallies.distribution import Distribution, Kind
from plimsoll.tallies.histogram import Histogram
from plimsoll.tallies.words import COUNT, HASH, VALUE, Words

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

OTHERS = None
"""Stands for the texts of a pool, which are not known by themselves."""


@dataclass(frozen=True, eq=False)
class TwoSides:
    """Rows by cell in the reference and now, of the cells that either side has.

    ``reference`` and ``current`` (m,) are rows with a value. For numbers and moments (``ordered``) the
    cells ascend; ``values`` (m,) is the value of each, or its middle where it holds several, ``low`` and
    ``high`` its ends, equal where the cell is one value. For texts ``labels`` names each cell, None for a
    pool of texts that were too many to be held by themselves. ``by_bucket`` holds coarser counts
    (2, 64, k), reference first, where both sides were counted by bucket.
    """

    reference: Ints
    current: Ints
    ordered: bool
    values: Floats | None = None
    low: Floats | None = None
    high: Floats | None = None
    labels: tuple[str | None, ...] = ()
    by_bucket: Ints | None = None

    @property
    def exact(self) -> bool:
        """Whether every cell is one value."""
        if self.low is not None and self.high is not None:
            return bool((self.low == self.high).all())
        return None not in self.labels

    @property
    def widths(self) -> Floats:
        """Width of each cell, (m,); 0 for texts."""
        if self.low is None or self.high is None:
            return np.zeros(self.reference.size)
        return self.high - self.low


def two_sides(reference: Distribution, current: Distribution) -> TwoSides | None:
    """Return both sides on the same cells, or None where they hold different kinds or no values.

    Texts that are not held by themselves stand in pools by their hash. Pools hide differences within them and
    make none; where the two sides were counted by different versions of Polars, whose hashes differ, there
    is one pool.
    """
    if reference.kind is not current.kind:
        return None
    if reference.kind in (Kind.NUMBER, Kind.MOMENT):
        if reference.numbers is None or current.numbers is None:
            return None
        return _of_numbers(reference, current)
    if reference.kind in (Kind.TEXT, Kind.BOOLEAN):
        if reference.words is None or current.words is None:
            return None
        return _of_texts(reference, current)
    return None


def _of_numbers(reference: Distribution, current: Distribution) -> TwoSides:
    assert reference.numbers is not None and current.numbers is not None
    one, two = reference.numbers.aligned(current.numbers)
    low, high = one.edges
    return TwoSides(
        one.level().astype(np.int64),
        two.level().astype(np.int64),
        True,
        values=low + (high - low) / 2 if one.shift else low,
        low=low,
        high=high,
        by_bucket=_coarse(reference.spread, current.spread),
    )


def _coarse(one: Histogram | None, two: Histogram | None) -> Ints | None:
    if one is None or two is None:
        return None
    left, right = one.aligned(two)
    return np.stack([left.grouped(), right.grouped()]).astype(np.int64)


def _of_texts(reference: Distribution, current: Distribution) -> TwoSides | None:
    assert reference.words is not None and current.words is not None
    one, two = _alike(reference.words, current.words)
    if (one.level or one.pooled) and one.made_with != two.made_with:
        one, two = (replace(w, pools=_one_pool(w)) for w in (one, two))
    table = _counts(one, "one").join(_counts(two, "two"), on=VALUE, how="full", coalesce=True)
    table = table.fill_null(0).sort(VALUE)
    labels: tuple[str | None, ...] = tuple(table[VALUE].to_list())
    counts = [table["one"].to_numpy(), table["two"].to_numpy()]
    if not (one.exact and two.exact):
        pools = [part.pools for part in (one, two)]
        zero = np.zeros(max((p.size for p in pools if p is not None), default=0), np.int64)
        both = [zero if p is None else p for p in pools]
        there = np.flatnonzero(both[0] + both[1])
        counts = [np.concatenate([c, p[there]]) for c, p in zip(counts, both, strict=True)]
        labels += (OTHERS,) * there.size
    spread = None
    if reference.text_spread is not None and current.text_spread is not None:
        spread = np.stack([reference.text_spread, current.text_spread])
    return TwoSides(
        counts[0].astype(np.int64),
        counts[1].astype(np.int64),
        False,
        labels=labels,
        by_bucket=spread,
    )


def _alike(one: Words, two: Words) -> tuple[Words, Words]:
    """Return both with the same texts held by themselves, as far as either side lets one."""
    level = max(one.level, two.level)
    if level and one.made_with != two.made_with:
        held = [w.frame[VALUE] for w in (one, two) if w.level and w.frame is not None]
        level = 0
        for texts in held:
            one, two = one.only(texts), two.only(texts)
        one, two = replace(one, level=0), replace(two, level=0)
    one, two = one.at_level(level), two.at_level(level)
    if one.pooled and one.frame is not None:
        two = two.only(one.frame[VALUE])
    if two.pooled and two.frame is not None:
        one = one.only(two.frame[VALUE])
    return one, two


def _one_pool(words: Words) -> Ints | None:
    return None if words.pools is None else words.pools.sum(keepdims=True)


def _counts(words: Words, name: str) -> pl.DataFrame:
    frame = words.frame
    if frame is None:
        frame = pl.DataFrame(schema={VALUE: pl.String, COUNT: pl.Int64, HASH: pl.UInt64})
    return frame.select(VALUE, pl.col(COUNT).alias(name))
