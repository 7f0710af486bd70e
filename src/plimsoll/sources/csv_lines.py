"""The shape of a CSV file line by line: how many fields, blank lines, quotes left open.

Polars reads a line with too few fields as if the rest were missing, and a blank line as a row. Both
leave the last column empty, so a file is looked at line by line only where its last column has
empty cells, or where Polars could not read it and a person needs the number of the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

_QUOTE = ord('"')
_CLOSE = re.compile(rb'[^"]*(?:""[^"]*)*"(?!")')
"""The rest of a quoted field: anything but a quote, quotes only in pairs, and the closing one."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row as it stands in the file.

    ``line`` is the number of its first line, from 1. ``fields`` is 0 for a blank line. ``fault`` is
    what is wrong with its quotes, in words, or empty.
    """

    line: int
    fields: int
    text: bytes
    fault: str = ""


def records(lines: Iterable[bytes], separator: str) -> Iterator[Record]:
    """Yield every row, a quoted field may run over several lines; stops at the first broken quote."""
    mark = separator.encode()
    parser = _Parser(mark[0])
    start, text = 1, b""
    for number, line in enumerate(lines, start=1):
        bare = line.rstrip(b"\n").removesuffix(b"\r")
        if parser.closed:
            start, text = number, line
            if not bare:
                yield Record(number, 0, line)
                continue
            if b'"' not in bare:
                yield Record(number, bare.count(mark) + 1, line)
                continue
        else:
            text += line
        fault = parser.feed(bare)
        if fault:
            yield Record(start, parser.fields, text, fault)
            return
        if parser.closed:
            yield Record(start, parser.fields, text)
    if not parser.closed:
        yield Record(start, parser.fields, b"", "opens a quote that is never closed")


class _Parser:
    """Counts the fields of a row that holds quotes, one line at a time."""

    def __init__(self, mark: int) -> None:
        self.mark = mark
        self.closed = True
        self.fields = 0

    def feed(self, line: bytes) -> str:
        """Take one more line of the row; return what is wrong with its quotes, or an empty string."""
        at = 0
        if self.closed:
            self.fields = 0
        else:
            match = _CLOSE.match(line)
            if match is None:
                return ""
            at = match.end()
            if at < len(line) and line[at] != self.mark:
                return "goes on after a closing quote"
            at += 1
        self.closed = True
        while at <= len(line):
            self.fields += 1
            if at < len(line) and line[at] == _QUOTE:
                match = _CLOSE.match(line, at + 1)
                if match is None:
                    self.closed = False
                    return ""
                at = match.end()
                if at < len(line) and line[at] != self.mark:
                    return "goes on after a closing quote"
            else:
                end = line.find(self.mark, at)
                at = len(line) if end < 0 else end
            at += 1
        return ""


def all_full(frames: Iterable[pl.DataFrame], separator: str, width: int) -> bool:
    """Whether every line is for certain one row of ``width`` fields; a quick look.

    Where it answers no, a closer look may still find the file in order: rows may run over several
    lines, and quotes may stand where they open nothing.
    """
    for frame in frames:
        line = frame.get_column("line")
        quotes = line.str.count_matches('"', literal=True)
        if line.has_nulls() or (quotes % 2 == 1).any():
            return False
        bare = line.str.replace_all('"[^"]*"', "") if quotes.sum() else line
        if (bare.str.count_matches(separator, literal=True) != width - 1).any():
            return False
    return True


def first_fault(lines: Iterable[bytes], separator: str, width: int) -> tuple[int, str] | None:
    """Return number and fault of the first row that does not fit a table of ``width`` columns.

    Returns None where every row fits. Blank lines are no rows.
    """
    for record in records(lines, separator):
        if record.fault:
            return record.line, record.fault
        if record.fields not in (0, width):
            return record.line, f"has {_counted(record.fields)} where the header has {width}"
    return None


def first_stray_quote(lines: Iterable[bytes], separator: str) -> int | None:
    """Return the first line of the first row with a lone quote within a field, or None."""
    for record in records(lines, separator):
        if record.text.count(b'"') % 2:
            return record.line
    return None


def without_blank_lines(lines: Iterable[bytes], separator: str, target: Path) -> int:
    """Write all rows but the blank lines to ``target``; return the number of blank lines."""
    blank = 0
    with target.open("wb") as out:
        for record in records(lines, separator):
            blank += record.fields == 0
            out.write(record.text if record.fields else b"")
    return blank


def _counted(fields: int) -> str:
    return "1 field" if fields == 1 else f"{fields} fields"
