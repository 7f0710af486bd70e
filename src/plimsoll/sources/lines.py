"""The lines of a text file, packed or not, without ever holding the file."""

from __future__ import annotations

import codecs
import gzip
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import polars as pl

from plimsoll.sources.paths import DataFile
from plimsoll.sources.spool import Spool
from plimsoll.sources.streaming import stream

HEAD_BYTES = 1 << 20
_BLOCK = 1 << 20
_LINES = 1 << 14

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks, and the encoding that each states beyond doubt."""


def encoding_of(head: bytes) -> str:
    """Return the encoding that a byte order mark states, else ``utf-8``.

    >>> encoding_of(b"\\xff\\xfea\\x00")
    'utf-16'
    """
    return next((name for mark, name in MARKS if head.startswith(mark)), "utf-8")


def read_head(file: DataFile) -> bytes:
    """Return the first bytes of the unpacked file, at most ``HEAD_BYTES``."""
    if file.packing == "zstd":
        head = b""
        for line in lines(file):
            head += line
            if len(head) >= HEAD_BYTES:
                break
        return head
    with _opened(file) as opened:
        return opened.read(HEAD_BYTES)


def lines(file: DataFile) -> Iterator[bytes]:
    """Yield the physical lines of the unpacked file, each with its line end, without a UTF-8 mark."""
    if file.packing == "zstd":
        for frame in line_frames(file):
            yield from ((line or "").encode() + b"\n" for line in frame.get_column("line"))
    else:
        with _opened(file) as opened:
            yield opened.readline().removeprefix(codecs.BOM_UTF8)
            yield from opened


def blocks(file: DataFile, size: int) -> Iterator[bytes]:
    """Yield the unpacked plain or gzip file in pieces of about ``size`` bytes that end with a line."""
    with _opened(file) as opened:
        while block := opened.read(size):
            yield block + opened.readline()


def _opened(file: DataFile) -> IO[bytes] | gzip.GzipFile:
    if file.packing == "gzip":
        return gzip.open(file.path, "rb")
    return file.path.open("rb")


def line_frames(file: DataFile) -> Iterator[pl.DataFrame]:
    """Yield the lines of a file in UTF-8, packed or not, as frames of one column ``line``.

    Polars reads them: it is quick, and it unpacks Zstandard, which Python has no part for before
    3.14. A line is a row of one field, as a line end cannot stand within a line; a blank one is
    missing, and the CR of a CR LF is lost.
    """
    frame = pl.scan_csv(
        file.path,
        has_header=False,
        separator="\n",
        quote_char=None,
        schema={"line": pl.String},
        truncate_ragged_lines=True,
        glob=False,
    )
    yield from stream(frame, _LINES)


def first_undecodable(file: DataFile) -> int | None:
    """Return the number of the first line that is not UTF-8, or None."""
    for number, line in enumerate(lines(file), start=1):
        try:
            line.decode()
        except UnicodeDecodeError:
            return number
    return None


def unpack(file: DataFile, spool: Spool) -> Path:
    """Write the unpacked bytes of a gzip file to the spool and return the copy's path."""
    copy = spool.path("unpacked.csv")
    with _opened(file) as source, copy.open("wb") as target:
        shutil.copyfileobj(source, target, _BLOCK)
    return copy


def transcode(file: DataFile, encoding: str, spool: Spool) -> Path:
    """Write the unpacked text of a file to the spool as UTF-8 without a mark; return the copy."""
    copy = spool.path("utf8.txt")
    decoder = codecs.getincrementaldecoder(encoding)()
    with _opened(file) as source, copy.open("wb") as target:
        while block := source.read(_BLOCK):
            target.write(decoder.decode(block).encode())
        target.write(decoder.decode(b"", final=True).encode())
    return copy
