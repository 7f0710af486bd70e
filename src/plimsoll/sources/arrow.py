"""Arrow IPC and Feather: the file format is streamed, the stream format is loaded."""

from __future__ import annotations

from functools import partial

import polars as pl

from plimsoll.core.errors import DataError
from plimsoll.sources.dtypes import conform, settle
from plimsoll.sources.parquet import span
from plimsoll.sources.parts import Part
from plimsoll.sources.paths import DataFile
from plimsoll.sources.place import Place, reason, translating

_FILE_MARK = b"ARROW1"
_STREAM_END = b"\xff\xff\xff\xff\x00\x00\x00\x00"


def open_arrow(place: Place, file: DataFile) -> Part:
    """Return one Arrow file as part of a table.

    The file format (Feather version 2) is read in pieces. The stream format has no index, so such a
    file is held in memory as a whole; write large tables in the file format or as Parquet.

    Raises
    ------
    DataError
        If the file is damaged or cut off; a stream without its end mark counts as cut off.
    """
    explain = partial(_broken, place)
    with translating(explain):
        frame = _frame(place, file)
        frame, schema = settle(frame, frame.collect_schema())
        rows = frame.select(pl.len()).collect().item()
    return Part(
        files=(file,),
        schema=schema,
        read=lambda want: conform(frame, schema, want),
        rows=rows,
        explain=explain,
        span=lambda name: span(frame, name),
    )


def _frame(place: Place, file: DataFile) -> pl.LazyFrame:
    with file.path.open("rb") as opened:
        start = opened.read(len(_FILE_MARK))
        if start == _FILE_MARK:
            return pl.scan_ipc(file.path, glob=False, hive_partitioning=False)
        opened.seek(-len(_STREAM_END), 2)
        if opened.read() != _STREAM_END:
            raise DataError(
                f"{place} must end with the mark of a finished Arrow stream but does not; it was "
                "cut off while it was written: write it again."
            )
    return pl.read_ipc_stream(file.path).lazy()


def _broken(place: Place, error: BaseException) -> DataError:
    if isinstance(error, pl.exceptions.DuplicateError):
        return DataError(
            f"{place}: every column needs its own name, but one stands twice; rename the columns."
        )
    return DataError(
        f"{place} must be a whole Arrow file but cannot be read ({reason(error)}); it is damaged "
        "or was cut off while it was written: write it again."
    )
