"""How a CSV file is written: its separator, its column names and its encoding, from its head."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from plimsoll.core.errors import DataError
from plimsoll.sources.lines import HEAD_BYTES, encoding_of
from plimsoll.sources.place import Place
from plimsoll.sources.text_faults import not_in, not_utf8

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_LOOKED_AT = 50
_UNNAMED = "column_{}"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written.

    A column without a name is called after its position, from 1. ``said`` tells the user what was
    taken for granted.
    """

    separator: str
    encoding: str
    names: tuple[str, ...]
    said: tuple[str, ...] = ()


def dialect_of(place: Place, head: bytes, usual: str = ",") -> Dialect:
    """Return how a CSV file is written, judged by its first bytes.

    The separator is the one of comma, semicolon, tab and bar that parts the header and the first
    rows into the same number of fields; where several do, the one that gives the most, and the
    ``usual`` one of the file's ending among equals.

    Raises
    ------
    DataError
        If the head is not text in UTF-8 (or in UTF-16 or UTF-32 with a byte order mark), if a
        column name stands twice, or if the file has no line ends that can be read.
    """
    encoding = encoding_of(head)
    text = _decoded(place, head, encoding)
    if not text.strip():
        raise DataError(f"{place} must start with a line of column names but holds no text.")
    if text.lstrip("\ufeff").lower().startswith("sep="):
        raise DataError(
            f"{place} must start with a line of column names but starts with a note to Excel "
            "('sep='); remove that line."
        )
    separator, rows = _separator(text, usual)
    header = rows[0]
    names = tuple(name or _UNNAMED.format(i) for i, name in enumerate(header, start=1))
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise DataError(
            f"{place}: every column needs its own name, but '{repeated[0]}' stands "
            f"{names.count(repeated[0])} times in the header; rename the columns."
        )
    said = _said(place, separator if separator != usual else "", encoding, header)
    return Dialect(separator, encoding, names, said)


def _decoded(place: Place, head: bytes, encoding: str) -> str:
    whole = len(head) < HEAD_BYTES
    if encoding.startswith("utf-8") and b"\x00" in head.split(b"\n", 1)[0]:
        raise DataError(
            f"{place} must be text in UTF-8 but holds zero bytes, as UTF-16 without a byte order "
            "mark or a binary file does; save it as CSV in UTF-8."
        )
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head, final=whole)
    except UnicodeDecodeError as error:
        if not encoding.startswith("utf-8"):
            raise not_in(place, encoding) from error
        line = head[: error.start].count(b"\n") + 1
        raise not_utf8(place, line) from error
    if "\r" in text.replace("\r\n", "") and "\n" not in text:
        raise DataError(
            f"{place} must end its lines with LF or CR LF but ends them with CR alone; save it again."
        )
    return text if whole else text[: text.rfind("\n") + 1] or text


def _separator(text: str, usual: str) -> tuple[str, list[list[str]]]:
    marks = sorted(SEPARATORS, key=lambda mark: mark != usual)
    parsed = {mark: _rows(text, mark) for mark in marks}
    header = {mark: len(rows[0]) for mark, rows in parsed.items()}
    even = {mark: header[mark] for mark in marks if len({len(row) for row in parsed[mark]}) == 1}
    widths = even if max(even.values(), default=0) > 1 else header
    best = max(widths, key=lambda mark: widths[mark])  # the first of equals, so the usual one
    return best, parsed[best]


def _rows(text: str, separator: str) -> list[list[str]]:
    """Return the first rows, at least one, without blank lines."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows: list[list[str]] = []
    with suppress(csv.Error):  # a cell longer than the module's limit: the rows before it decide
        rows.extend(islice((row for row in reader if row), _LOOKED_AT))
    return rows or [text.strip("\r\n").splitlines()[0].split(separator)]


def _said(place: Place, separator: str, encoding: str, header: Sequence[str]) -> tuple[str, ...]:
    said = []
    if separator:
        said.append(f"{place}: the columns are taken to be parted by {SEPARATORS[separator]}.")
    if encoding not in ("utf-8", "utf-8-sig"):
        said.append(f"{place}: the text is read as {encoding.upper()}.")
    if len(header) > 1 and all(_is_number(name) for name in header):
        said.append(
            f"{place}: the first line holds only numbers and is read as column names; "
            "add a line of names if it is a row."
        )
    return tuple(said)


def _is_number(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return False
    return True
