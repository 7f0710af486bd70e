"""What the tests of this room share: reading a table whole, and the message of a refusal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from plimsoll.core.errors import DataError
from plimsoll.sources import Table, open_source

Read = Callable[..., pl.DataFrame]
Refused = Callable[..., str]


@pytest.fixture(scope="session")
def read() -> Read:
    """Return a function that reads every row of a table; rows are sorted where a column is named."""

    def read_all(
        ref: Any, *, by: str | None = None, rows: int = 1000, **options: Any
    ) -> pl.DataFrame:
        table = ref if isinstance(ref, Table) else open_source(ref, **options)
        frame = pl.concat(list(table.batches(table.schema.names(), rows)))
        assert frame.schema == table.schema
        return frame.sort(by, nulls_last=True) if by else frame

    return read_all


@pytest.fixture(scope="session")
def refused() -> Refused:
    """Return a function that reads a table, expects a DataError, and returns its message."""

    def message(ref: Any, **options: Any) -> str:
        with pytest.raises(DataError) as caught:
            table = ref() if callable(ref) else open_source(ref, **options)
            for _ in table.batches(table.schema.names(), 1000):
                pass
        text = str(caught.value)
        assert "\n" not in text
        assert text.endswith((".", "?", "'")) or "pip install" in text
        return text

    return message


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, bytes | str], Path]:
    """Return a function that writes bytes to a new file under the test's folder."""

    def put(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return put
