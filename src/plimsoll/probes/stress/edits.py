"""Edits of short texts: typing errors, other letter cases, stray spaces, letters that only look alike.

An edit is a function of a text and of a whole number, its luck, so it is worked out once for each distinct
text and variant, however many rows hold it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl

Edit = Callable[[str, int], str]
"""A text and its luck, a whole number of 64 bits, to the text after the edit."""
Choice = npt.NDArray[np.int64]
NBSP = "\u00a0"
"""The space that never breaks a line; it looks like any other."""

_ROWS = ("`1234567890-=", "\tqwertyuiop[]", "\tasdfghjkl;'", "\tzxcvbnm,./")


def _neighbours() -> dict[str, str]:
    """Return for every letter and digit those whose keys touch its own on a QWERTY keyboard."""
    found: dict[str, str] = {}
    for y, row in enumerate(_ROWS):
        for x, key in enumerate(row):
            # A row lies half a key to the right of the one above it.
            places = (
                (y, x - 1),
                (y, x + 1),
                (y - 1, x),
                (y - 1, x + 1),
                (y + 1, x),
                (y + 1, x - 1),
            )
            near = "".join(_ROWS[j][i] for j, i in places if 0 <= j < 4 and 0 <= i < len(_ROWS[j]))
            same = [k for k in near if k.isalnum() and k.isdigit() == key.isdigit()]
            if key.isalnum():
                found[key] = "".join(same)
                found[key.upper()] = "".join(same).upper()
    return found


NEIGHBOURS = _neighbours()
"""Keys that touch a key: letters for a letter in its own case, digits for a digit."""
LOOKALIKES = {
    "a": "\u0430", "c": "\u0441", "e": "\u0435", "i": "\u0456", "j": "\u0458", "o": "\u043e", "p": "\u0440",
    "s": "\u0455", "x": "\u0445", "y": "\u0443", "A": "\u0410", "B": "\u0412", "C": "\u0421", "E": "\u0415",
    "H": "\u041d", "I": "\u0406", "J": "\u0408", "K": "\u041a", "M": "\u041c", "O": "\u041e", "P": "\u0420",
    "S": "\u0405", "T": "\u0422", "X": "\u0425", "Y": "\u04ae",
}  # fmt: skip
"""Latin letters and the Cyrillic ones that look the same (Unicode Technical Standard 39)."""


def edited(texts: pl.Series, edit: Edit, choice: Choice | None = None) -> pl.Series:
    """Return every text after an edit, null where missing; ``choice`` picks a variant for each row.

    The same text with the same choice comes out the same, whatever else there is.
    """
    levels = texts.drop_nulls().unique()
    variants = 1 if choice is None else int(choice.max(initial=0)) + 1
    codes = texts.replace_strict(
        levels, pl.Series(np.arange(levels.len())), default=None, return_dtype=pl.Int64
    )
    if choice is not None:
        codes = codes * variants + pl.Series(choice)
    wanted = codes.drop_nulls().unique()
    words = levels.to_list()
    new = [
        edit(words[code // variants], luck_of(words[code // variants], code % variants))
        for code in wanted.to_list()
    ]
    return codes.replace_strict(
        wanted, pl.Series(new, dtype=pl.String), default=None, return_dtype=pl.String
    ).alias(texts.name)


def luck_of(text: str, variant: int) -> int:
    """Return the luck of a variant of a text, a whole number of 64 bits."""
    digest = hashlib.blake2b(f"{variant}/{text}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def mistyped(text: str, luck: int) -> str:
    """Return a text with one typing error: a key beside it, two letters swapped, one lost or double.

    The result always differs, by one edit (Damerau 1964, doi:10.1145/363958.363994); an empty text stays.

    >>> [mistyped("red", luck) for luck in range(4)]
    ['eed', 'erd', 'ed', 'rred']
    """
    first, start = luck % 4, (luck >> 8) % max(len(text), 1)
    for way in range(4):
        for step in range(len(text)):
            new = _typing_error(text, (first + way) % 4, (start + step) % len(text), luck >> 32)
            if new not in (text, ""):
                return new
    return text


def _typing_error(text: str, way: int, place: int, luck: int) -> str:
    letter = text[place]
    if way == 0:
        near = NEIGHBOURS.get(letter, letter)
        return text[:place] + near[luck % len(near)] + text[place + 1 :]
    if way == 1:
        return text[:place] + text[place + 1 : place + 2] + letter + text[place + 2 :]
    if way == 2:
        return text[:place] + text[place + 1 :]
    return text[:place] + letter + text[place:]


def cased(text: str, luck: int) -> str:
    """Return a text in capitals, small letters or Title Case, in a form that it does not have yet.

    >>> sorted({cased("Tech-support", luck) for luck in range(3)})
    ['TECH-SUPPORT', 'Tech-Support', 'tech-support']
    """
    forms = sorted({text.upper(), text.lower(), text.title()} - {text})
    return forms[luck % len(forms)] if forms else text


def spaced(text: str, luck: int) -> str:
    """Return a text with a space too many before or after it, or a wrong one inside.

    >>> sorted({spaced("a b", luck) for luck in range(5)})
    [' a b', 'a  b', 'a b ', 'a b\\xa0', 'a\\xa0b']
    """
    forms = [f" {text}", f"{text} ", f"{text}{NBSP}"]
    if " " in text.strip():
        forms += [text.replace(" ", "  "), text.replace(" ", NBSP)]
    return forms[luck % len(forms)]


def unspaced(text: str) -> str:
    """Return a text without outer spaces, with one plain space for any inside."""
    return re.sub(r"\s+", " ", text).strip()


def other_unicode(text: str, luck: int) -> str:
    """Return a text that looks the same in other code points: a look-alike letter, accents taken apart.

    The second is the canonical decomposition, or the composition where it is decomposed already
    (Unicode Standard Annex 15). A text that has neither stays.
    """
    forms = [
        text[:place] + LOOKALIKES[letter] + text[place + 1 :]
        for place, letter in enumerate(text)
        if letter in LOOKALIKES
    ]
    chosen = [forms[(luck >> 8) % len(forms)]] if forms else []
    chosen += sorted({unicodedata.normalize(form, text) for form in ("NFC", "NFD")} - {text})
    return chosen[luck % len(chosen)] if chosen else text
