"""Changes to words of a text by small tables of English: longer forms, other names, synonyms, a *not*.

Each is a function of a text and its luck, see :mod:`plimsoll.probes.stress.edits`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from plimsoll.probes.stress.words import CONTRACTED, GIVEN_NAMES, PLACES, SYNONYMS


def _any_of(words: Iterable[str], flags: int = 0) -> re.Pattern[str]:
    """Return a pattern of any of the words, whole, the longest first."""
    longest = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)", flags)


_SYNONYM = {a: b for pair in SYNONYMS for a, b in (pair, pair[::-1])}
_CONTRACTED = _any_of((word.replace("'", "’") for word in CONTRACTED), re.IGNORECASE)
_SYNONYMS = _any_of(_SYNONYM, re.IGNORECASE)
_NAMES, _PLACES = _any_of(GIVEN_NAMES), _any_of(PLACES)
_NUMBER = re.compile(
    r"(?<![\w.,])(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+,\d+|\d+[.,]\d+)(?![\w]|[.,]\d)"
)
_PUNCTUATION = re.compile(r"[^\w\s]|_")
_TURNED = str.maketrans(".,", ",.")


def written_out(text: str, _: int = 0) -> str:
    """Return a text with its contractions in full.

    >>> written_out("Don't say we're late, it can't be.")
    'Do not say we are late, it cannot be.'
    """
    straight = text.replace("'", "’")
    out, last = [], 0
    for found in _CONTRACTED.finditer(straight):
        short = found[0].lower().replace("’", "'")
        out += [text[last : found.start()], _as(found[0], CONTRACTED[short])]
        last = found.end()
    return "".join([*out, text[last:]])


def other_numbers(text: str, _: int = 0) -> str:
    """Return a text with point and comma in numbers exchanged; dates and versions stay.

    >>> other_numbers("1,000.50 or 7.5, not 1.2.3")
    '1.000,50 or 7,5, not 1.2.3'
    """
    return _NUMBER.sub(lambda found: found[0].translate(_TURNED), text)


def other_names(text: str, luck: int) -> str:
    """Return a text with the given names and places that are in the table replaced by others of it.

    One name becomes one other name throughout, and two names never become one.

    >>> other_names("Maria met John in Paris", 0)
    'Mary met Jorge in Peru'
    """
    for pattern, table in ((_NAMES, GIVEN_NAMES), (_PLACES, PLACES)):
        step = 1 + luck % (len(table) - 1)
        text = pattern.sub(lambda found, t=table, s=step: t[(t.index(found[0]) + s) % len(t)], text)  # type: ignore[misc]
    return text


def synonyms(text: str, _: int = 0) -> str:
    """Return a text with every word that is in the table replaced by its synonym.

    >>> synonyms("A great film, almost easy")
    'A wonderful movie, nearly simple'
    """
    return _SYNONYMS.sub(lambda found: _as(found[0], _SYNONYM[found[0].lower()]), text)


def unpunctuated(text: str, _: int = 0) -> str:
    """Return a text without punctuation.

    >>> unpunctuated("Well, it's over!")
    'Well its over'
    """
    return _PUNCTUATION.sub("", text)


def _as(old: str, new: str) -> str:
    """Return a word that begins as another does, with a capital or without."""
    if old.isupper() and len(old) > 3:
        return new.upper()
    return new[0].upper() + new[1:] if old[0].isupper() else new
