"""What is wrong with a file of JSON lines: which line, or which column mixes kinds of values."""

from __future__ import annotations

import json

import polars as pl

from plimsoll.core.errors import DataError
from plimsoll.sources.lines import first_undecodable, lines
from plimsoll.sources.paths import DataFile
from plimsoll.sources.place import Place
from plimsoll.sources.text_faults import damaged, not_utf8


def cannot_read(place: Place, file: DataFile, error: BaseException) -> DataError:
    """Say which line could not be read and why; holds no value of it."""
    try:
        line = first_undecodable(file)
        if line is not None:
            return not_utf8(place, line)
        return _first_fault(place, file)
    except (Exception, pl.exceptions.PanicException) as broken:
        return damaged(place, file, broken)


def _first_fault(place: Place, file: DataFile) -> DataError:
    kinds: dict[str, str] = {}
    for number, line in enumerate(lines(file), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line, parse_constant=_no_number, parse_float=_finite, parse_int=_short)
        except (ValueError, RecursionError) as error:
            what = str(error) if isinstance(error, _NotJSON) else "is not valid JSON"
            return _bad_line(place, number, what)
        if not isinstance(row, dict):
            return _bad_line(place, number, "holds something else")
        for name, value in row.items():
            kind = _kind(value)
            old = kinds.setdefault(name, kind) if kind else ""
            if old and old != kind and "text" not in (old, kind):
                return mixed(place, name, old, kind)
    return DataError(
        f"{place} was read as JSON lines before but cannot be now; it changed meanwhile, or holds "
        "numbers that are too large: run again when nothing writes to it."
    )


class _NotJSON(ValueError):
    """A line that Python's parser would let pass."""


def _no_number(word: str) -> float:
    raise _NotJSON(f"holds {word}, which is not JSON (write null)")


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise _NotJSON("holds a number too large for a 64-bit float")
    return value


def _short(text: str) -> int:
    value = int(text)
    if not -(2**63) <= value < 2**64:
        raise _NotJSON("holds a whole number beyond 64 bits (write it as text if it is an id)")
    return value


def _kind(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true/false"
    if isinstance(value, int | float):
        return "numbers"
    return "text" if isinstance(value, str) else "lists" if isinstance(value, list) else "objects"


def _bad_line(place: Place, line: int, what: str) -> DataError:
    return DataError(
        f"{place} must hold one JSON object in every line, but line {line} {what}; mend that line."
    )


def mixed(place: Place, name: str, one: str, other: str) -> DataError:
    """Return the error for a column whose values are of several kinds."""
    return DataError(
        f"{place}: column '{name}' must hold values of one kind but mixes {one} and {other}; "
        "write all of them as one kind, or as text."
    )
