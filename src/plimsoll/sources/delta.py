"""Delta tables: the latest version, as the transaction log states it, with deletions applied."""

from __future__ import annotations

import importlib.util
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import polars as pl

from plimsoll.core.errors import DataError, MissingExtraError
from plimsoll.core.fingerprint import sha256_file
from plimsoll.sources.digest import digest_pairs
from plimsoll.sources.dtypes import settle
from plimsoll.sources.place import Place, reason, translating
from plimsoll.sources.table import Table

if TYPE_CHECKING:
    from deltalake import DeltaTable

LOG = "_delta_log"


def open_delta(place: Place, ref: str) -> Table:
    """Return the version of a Delta table that is the latest now, in a local folder or at a URL.

    The version stays the same for as long as the table is open, whatever is written meanwhile. The
    fingerprint of a local table is that of its data files (relative name and SHA-256 each), and of
    its deletion vectors; of a remote one it is that of their names and sizes: Delta never writes a
    file twice, so a name stands for its bytes.

    Raises
    ------
    MissingExtraError
        If the extra ``delta`` is not installed.
    DataError
        If there is no Delta table, its log or a file is broken, or the store cannot be reached.
    """
    if importlib.util.find_spec("deltalake") is None:
        raise MissingExtraError("Reading a Delta table", "delta")
    from deltalake import DeltaTable

    explain = partial(_broken, place)
    with translating(explain):
        table = DeltaTable(ref)
        frame = pl.scan_delta(table)
        frame, schema = settle(frame, frame.collect_schema())
        rows = frame.select(pl.len()).collect().item()
    return Table(
        place=place,
        schema=schema,
        frame=frame,
        explain=explain,
        digest=lambda: _digest(table, ref),
        rows=rows,
        said=(f"{place}: version {table.version()} of the Delta table is read.",),
    )


def _digest(table: DeltaTable, ref: str) -> str:
    actions = pl.DataFrame(table.get_add_actions(flatten=True))
    sizes = dict(actions.select("path", "size_bytes").iter_rows())
    root = Path(ref)
    if root.is_dir():
        pairs = [(name, sha256_file(root / unquote(name))) for name in sizes]
    else:
        pairs = [(name, f"{size} bytes") for name, size in sizes.items()]
    deletions = getattr(table, "deletion_vectors", None)
    if deletions is not None and "deletionVectors" in (table.protocol().reader_features or ()):
        vectors = pl.DataFrame(deletions())
        pairs += [(f"deleted from {row[0]}", repr(row[1:])) for row in vectors.iter_rows()]
    return digest_pairs(pairs)


def _broken(place: Place, error: BaseException) -> DataError:
    name = type(error).__name__
    if name == "TableNotFoundError":
        return DataError(
            f"{place} was expected to be a Delta table but has no transaction log; check the path."
        )
    return DataError(
        f"{place} must be a readable Delta table but cannot be read ({name}: {reason(error)}); "
        "check its log, its files and your right to read them."
    )
