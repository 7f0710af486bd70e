"""Fingerprints: SHA-256 of bytes on disk, or of the content of a frame however it is chunked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from plimsoll.core.fingerprint import sha256_file

FRAME_ROWS = 1 << 16


def digest_files(files: Iterable[tuple[str, Path]]) -> str:
    """Return the SHA-256 over the sorted pairs of relative name and SHA-256 of the file.

    Each pair is a line ``<sha256>  <name>``, so ``sha256sum`` can check it. Moving the folder
    changes nothing; renaming a file in it does.
    """
    return digest_pairs((name, sha256_file(path)) for name, path in files)


def digest_pairs(pairs: Iterable[tuple[str, str]]) -> str:
    """Return the SHA-256 over the lines ``<digest>  <name>``, sorted by name."""
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(pairs))
    return hashlib.sha256(lines.encode()).hexdigest()


def digest_frame(schema: pl.Schema, batches: Iterable[pl.DataFrame]) -> str:
    """Return the SHA-256 of the content of a table: names, types, rows in their order.

    Every column feeds three hashes of its own: which cells are missing, how long each is, and their
    bytes (little-endian numbers, UTF-8 text; one bit pattern for NaN). They grow with the rows and
    know nothing of batches, so the same rows give the same digest however they are chunked.
    """
    columns = {name: _ColumnDigest() for name in schema}
    rows = 0
    for batch in batches:
        rows += batch.height
        for name, digest in columns.items():
            digest.update(batch.get_column(name))
    whole = hashlib.sha256(f"rows {rows}\n".encode())
    for name, dtype in schema.items():
        head = f"{len(name.encode())} {name} {dtype}\n"
        whole.update(head.encode() + columns[name].digest())
    return whole.hexdigest()


def slices(frame: pl.DataFrame) -> Iterable[pl.DataFrame]:
    """Return a frame in pieces small enough to be hashed without a copy of the whole."""
    return frame.iter_slices(FRAME_ROWS)


class _ColumnDigest:
    """The running hashes of one column."""

    def __init__(self) -> None:
        self._missing = hashlib.sha256()
        self._lengths = hashlib.sha256()
        self._content = hashlib.sha256()

    def update(self, values: pl.Series) -> None:
        self._missing.update(values.is_null().cast(pl.UInt8).to_numpy().tobytes())
        if values.dtype == pl.String:
            self._text(values.fill_null(""))
        elif values.dtype.is_nested() or values.dtype in _WITHOUT_NUMPY:
            self._text(pl.Series([repr(v) for v in values.to_list()], dtype=pl.String))
        else:
            self._content.update(_bytes(values))

    def _text(self, values: pl.Series) -> None:
        self._lengths.update(values.str.len_bytes().to_numpy().astype("<u4").tobytes())
        self._content.update("".join(values.to_list()).encode())

    def digest(self) -> bytes:
        return self._missing.digest() + self._lengths.digest() + self._content.digest()


_WITHOUT_NUMPY: Sequence[type[pl.DataType]] = (pl.Binary, pl.Decimal, pl.Int128, pl.Null)


def _bytes(values: pl.Series) -> bytes:
    plain = values.to_physical()
    if plain.dtype == pl.Boolean:
        plain = plain.cast(pl.UInt8)
    array = plain.fill_null(0).to_numpy()
    if np.issubdtype(array.dtype, np.floating):
        array = np.where(np.isnan(array), np.array(np.nan, array.dtype), array)
    return array.astype(array.dtype.newbyteorder("<")).tobytes()
