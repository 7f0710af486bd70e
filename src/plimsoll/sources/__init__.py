"""Bytes to batches: open a table wherever it lies, join two by id."""

from plimsoll.sources.joining import join_by_id
from plimsoll.sources.opening import open_source
from plimsoll.sources.table import Table, Unmatched

__all__ = ["Table", "Unmatched", "join_by_id", "open_source"]
