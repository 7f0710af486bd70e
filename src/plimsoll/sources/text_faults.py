"""What is wrong with the bytes of a text file: encoding, packing, the disk."""

from __future__ import annotations

import polars as pl

from plimsoll.core.errors import DataError
from plimsoll.sources.paths import DataFile
from plimsoll.sources.place import Place


def not_utf8(place: Place, line: int | None) -> DataError:
    """Return the error for bytes that are no UTF-8."""
    where = f"line {line}" if line else "it"
    return DataError(
        f"{place} must be text in UTF-8, but {where} holds bytes that are not; save it as UTF-8, or "
        "convert it: iconv -f latin1 -t utf-8."
    )


def not_in(place: Place, encoding: str) -> DataError:
    """Return the error for bytes that are not in the encoding that the first of them state."""
    return DataError(
        f"{place} must be text in {encoding.upper()} as its first bytes say, but is cut off or holds "
        "bytes that are not; save it as UTF-8."
    )


def damaged(place: Place, file: DataFile, error: BaseException) -> DataError:
    """Return the error for bytes that cannot be unpacked or decoded."""
    if isinstance(error, UnicodeDecodeError):
        return not_in(place, error.encoding)
    if isinstance(error, pl.exceptions.PolarsError) and "utf" in str(error).lower():
        return not_utf8(place, None)
    if file.packing:
        return DataError(
            f"{place} must be a whole {file.packing} file but cannot be unpacked to its end; "
            "it is damaged or cut off: fetch or write it again."
        )
    return DataError(f"{place} cannot be read to its end; check the disk and write it again.")
