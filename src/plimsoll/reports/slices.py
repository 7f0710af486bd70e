"""How the value of a slice is said: a range of numbers as people say it, all else as it is."""

from __future__ import annotations

import re

_NUMBER = r"[-−+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?"
_MOMENT = r"\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?"
_END = rf"(?:{_MOMENT}|{_NUMBER}|[-−+]?(?:inf|∞))"
_RANGE = re.compile(rf"([\[(])\s*({_END})\s*,\s*({_END})\s*([\])])(?!\S)")
_SIDED = re.compile(rf"(?:^|(?<=: ))(>=|<=|≥|≤|>|<)\s*({_END})(?!\S)")
_SAID = {
    ">=": "{} or more", "≥": "{} or more", ">": "more than {}",
    "<=": "{} or less", "≤": "{} or less", "<": "below {}",
}  # fmt: skip


def said(text: str) -> str:
    """Say the ranges in a text in words; a text without one stays as it is.

    A closed end is not told from an open one between two numbers: bins that follow each other share
    the edge in words, as they do in speech.

    >>> said("[30, 45)"), said("age: [60, inf)"), said("(-inf, 0.5]"), said("north")
    ('30 to 45', 'age: 60 or more', '0.5 or less', 'north')
    """
    return _SIDED.sub(_one_sided, _RANGE.sub(_range, text))


def _range(found: re.Match[str]) -> str:
    opening, low, high, closing = found.groups()
    endless = [_is_endless(end) for end in (low, high)]
    if all(endless):
        return "any number"
    if endless[0]:
        return _SAID["<=" if closing == "]" else "<"].format(_number(high))
    if endless[1]:
        return _SAID[">=" if opening == "[" else ">"].format(_number(low))
    if (opening, closing) == ("(", ")"):  # a pair of numbers is more likely a name than a range
        return found[0]
    return f"{_number(low)} to {_number(high)}"


def _one_sided(found: re.Match[str]) -> str:
    return found[0] if _is_endless(found[2]) else _SAID[found[1]].format(_number(found[2]))


def _is_endless(end: str) -> bool:
    return end.lstrip("-−+") in ("inf", "∞")


def _number(text: str) -> str:
    """Write an edge in full and with commas; up to four digits stay as they are, for years."""
    if re.fullmatch(_MOMENT, text):
        return text
    value = float(text.replace("−", "-"))
    whole = f"{value:,.12g}" if "e" in text or abs(value) >= 1e4 else text
    return whole.replace("-", "−")
