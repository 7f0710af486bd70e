"""Changes to single characters of long texts, all characters at once.

Every character of a row has random numbers of its own, from the row and its place, so a text with more
errors holds those of the one with fewer, and a row comes out the same wherever it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.keys import Keys, mix
from plimsoll.probes.stress.edits import LOOKALIKES, NEIGHBOURS
from plimsoll.probes.stress.words import SCANNED

Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
NOTHING = -1
"""Stands where a character leaves a gap."""
WIDTH = 2
"""Characters that one can become."""
_AT_ONCE = 1_000_000
_STEP = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Letters:
    """The characters of some texts one after another, each array of shape (characters,).

    ``codes`` are code points, ``draw`` numbers between 0 and 1 that say which are hit first, ``luck`` 64
    random bits each, ``ends`` marks the last character of a text.
    """

    codes: Codes
    draw: npt.NDArray[np.float64]
    luck: Keys
    ends: Mask

    def pick(self, below: int) -> Codes:
        """Return whole numbers from 0 to ``below`` - 1."""
        return ((self.luck >> np.uint64(8)) % np.uint64(below)).astype(np.int64)


Change = Callable[[Letters, Mask, Codes], None]
"""Letters, which of them are hit, and what each becomes, shape (characters, 2), to be changed in place."""


def changed(
    texts: pl.Series, bits: Keys, share: float, change: Change, able: str | None = None
) -> pl.Series:
    """Return texts in which a share of the characters is changed, null where missing.

    ``bits`` has shape (rows,); ``able`` are the characters that can be hit, all where None.
    """
    parts = [
        _changed_block(texts[start:stop], bits[start:stop], share, change, able)
        for start, stop in _blocks(texts)
    ]
    if not parts:
        return texts
    return pl.concat(parts).alias(texts.name)


def _blocks(texts: pl.Series) -> Iterator[tuple[int, int]]:
    """Yield ranges of rows that hold about a million characters."""
    lengths = texts.str.len_chars().fill_null(0).to_numpy().astype(np.int64)
    if not lengths.size:
        return
    block = np.cumsum(lengths) // _AT_ONCE
    starts = np.flatnonzero(np.diff(block, prepend=-1)).tolist()
    yield from zip(starts, [*starts[1:], lengths.size], strict=True)


def _changed_block(
    texts: pl.Series, bits: Keys, share: float, change: Change, able: str | None
) -> pl.Series:
    lengths = texts.str.len_chars().fill_null(0).to_numpy().astype(np.int64)
    codes = code_points("".join(texts.drop_nulls().to_list()))
    if not codes.size:
        return texts
    row = np.repeat(np.arange(lengths.size), lengths)
    place = (np.arange(codes.size) - np.repeat(np.cumsum(lengths) - lengths, lengths)).astype(
        np.uint64
    )
    luck = mix(bits[row] ^ mix(place * _STEP))
    draw = ((luck >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    ends = np.append(row[1:] != row[:-1], True)
    hit = draw < share
    if able is not None:
        hit &= np.isin(codes, code_points(able))
    becomes = np.full((codes.size, WIDTH), NOTHING, np.int64)
    becomes[:, 0] = codes
    change(Letters(codes, draw, mix(luck), ends), hit, becomes)
    kept = becomes != NOTHING
    whole = becomes[kept].astype("<u4").tobytes().decode("utf-32-le")
    stops = np.cumsum(np.bincount(row, kept.sum(axis=1), lengths.size)).astype(np.int64).tolist()
    starts = [0, *stops[:-1]]
    new = [whole[a:b] for a, b in zip(starts, stops, strict=True)]
    gone = texts.is_null()
    return pl.Series(texts.name, new, dtype=pl.String).set(gone, None)


def code_points(text: str) -> Codes:
    """Return the code points of a text, shape (characters,)."""
    return np.frombuffer(text.encode("utf-32-le"), "<u4").astype(np.int64)


def typing_errors(letters: Letters, hit: Mask, becomes: Codes) -> None:
    """Put a typing error at every character hit: a key beside it, swapped with the next, lost, or double."""
    way = letters.pick(4)
    beside, twin = hit & (way == 0), hit & (way == 3)
    near = _beside(letters)
    unlike = near == letters.codes
    becomes[beside, 0] = near[beside]
    twin |= beside & unlike  # a character without neighbours is doubled instead
    becomes[twin, 1] = letters.codes[twin]
    becomes[hit & (way == 2), 0] = NOTHING
    first = np.flatnonzero(hit & (way == 1) & ~letters.ends)
    first = first[~hit[first + 1]]  # the next has no error of its own
    becomes[first, 0], becomes[first + 1, 0] = letters.codes[first + 1], letters.codes[first]


def _beside(letters: Letters) -> Codes:
    """Return for every character one whose key touches its own, or itself."""
    near = letters.codes.copy()
    for letter, keys in NEIGHBOURS.items():
        mine = np.flatnonzero(letters.codes == ord(letter))
        choices = code_points(keys)
        spin = (letters.luck[mine] >> np.uint64(24)) % np.uint64(choices.size)
        near[mine] = choices[spin.astype(np.int64)]
    return near


def _substitution(table: dict[str, str]) -> Change:
    """Return the change of every character hit to what a table has for it, up to two characters."""

    def change(letters: Letters, hit: Mask, becomes: Codes) -> None:
        for letter, new in table.items():
            mine = hit & (letters.codes == ord(letter))
            becomes[mine, : len(new)] = code_points(new)

    return change


misread_letters = _substitution(SCANNED)
lookalike_letters = _substitution(LOOKALIKES)
