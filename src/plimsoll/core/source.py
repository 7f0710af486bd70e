"""A table that can be read in batches, wherever it lies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import polars as pl


class Source(Protocol):
    """Rows of named columns. Opening a source reads its schema and no rows."""

    @property
    def origin(self) -> str:
        """Where the rows come from, as the user wrote it; credentials in a URL are masked."""

    @property
    def schema(self) -> pl.Schema:
        """Column names and types."""

    def batches(self, columns: Sequence[str], rows: int) -> Iterator[pl.DataFrame]:
        """Yield all rows with these columns, about ``rows`` at a time, with bounded memory.

        The order of the batches is not promised. Raises DataError at bytes that cannot be read.
        """

    @property
    def said(self) -> tuple[str, ...]:
        """Sentences about the reading that a reader of the report should see."""

    def fingerprint(self) -> str | None:
        """Return the SHA-256 of the bytes read (files) or of the content (frames), or None."""
