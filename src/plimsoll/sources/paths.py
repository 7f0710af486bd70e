"""Which files a path, folder or glob means, and what kind of table they hold."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote

from plimsoll.core.errors import DataError, did_you_mean
from plimsoll.sources.place import Place, reason


class Kind(StrEnum):
    """The kinds of file that hold a table, in the words of a message."""

    CSV = "CSV"
    PARQUET = "Parquet"
    ARROW = "Arrow"
    JSON_LINES = "JSON lines"


SUFFIXES: dict[str, tuple[Kind, str]] = {
    ".csv": (Kind.CSV, ""),
    ".tsv": (Kind.CSV, ""),
    ".csv.gz": (Kind.CSV, "gzip"),
    ".tsv.gz": (Kind.CSV, "gzip"),
    ".csv.zst": (Kind.CSV, "zstd"),
    ".tsv.zst": (Kind.CSV, "zstd"),
    ".parquet": (Kind.PARQUET, ""),
    ".pq": (Kind.PARQUET, ""),
    ".arrow": (Kind.ARROW, ""),
    ".ipc": (Kind.ARROW, ""),
    ".feather": (Kind.ARROW, ""),
    ".jsonl": (Kind.JSON_LINES, ""),
    ".ndjson": (Kind.JSON_LINES, ""),
    ".jsonl.gz": (Kind.JSON_LINES, "gzip"),
    ".ndjson.gz": (Kind.JSON_LINES, "gzip"),
}
"""How a file's name ends, the kind of table in it, and how it is packed."""

_SIGNATURES = (
    (b"PAR1", "Parquet"),
    (b"ARROW1", "Arrow"),
    (b"\xff\xff\xff\xff", "Arrow"),
    (b"FEA1", "Feather version 1"),
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89HDF", "HDF5"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
)
_NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
_SEARCHED = "*?["


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file of a table.

    ``name`` is its path within the table, ``shown`` what messages call it. ``partitions`` holds the
    columns that the folders above it state (``year=2020``), as pairs of column and text; a missing
    value is None.
    """

    path: Path
    name: str
    shown: str
    packing: str = ""
    partitions: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """All files of one table, sorted by name; ``single`` where the user named one file."""

    kind: Kind
    files: tuple[DataFile, ...]
    single: bool


def find(place: Place, path: Path) -> Found:
    """Return the files that a path, a folder or a glob means; no file is left out in silence.

    In a folder everything beneath it counts but names that start with ``.`` or ``_`` (``_SUCCESS``,
    ``.crc``). All files must be of one kind.

    Raises
    ------
    DataError
        If nothing is there (with the nearest name), nothing in it holds a table, kinds are mixed,
        or a file is empty, cannot be read or is not what its name says.
    """
    if path.is_file():
        paths, root = [path], path.parent
    elif path.is_dir():
        paths, root = sorted(_walk(path)), path
    elif any(mark in str(path) for mark in _SEARCHED):
        paths, root = _expand(place, path)
    elif path.exists():
        raise DataError(f"{place} must be a file or a folder but is a device or a pipe.")
    else:
        raise _missing(place, path)
    single = paths == [path]
    named = [p for p in paths if suffix_of(p) is not None]
    if not named:
        raise _unknown(place, path, paths)
    files = tuple(_data_file(p, p.relative_to(root).as_posix(), single, place) for p in named)
    kinds = {suffix[0] for p in named if (suffix := suffix_of(p))}
    if len(kinds) > 1:
        raise DataError(
            f"{place} must hold one kind of table, but holds {' and '.join(sorted(kinds))} files; "
            "name one kind with a glob, such as '*.parquet'."
        )
    kind = kinds.pop()
    for file in files:
        _inspect(place.within(file.shown), kind, file)
    return Found(kind, files, single)


def suffix_of(path: Path) -> tuple[Kind, str] | None:
    """Return kind and packing of a file by its name, or None."""
    name = path.name.lower()
    matches = [end for end in SUFFIXES if name.endswith(end)]
    return SUFFIXES[max(matches, key=len)] if matches else None


def _walk(folder: Path) -> Iterator[Path]:
    seen: set[str] = set()
    for here, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(here)
        folders[:] = [] if real in seen else [f for f in folders if not f.startswith((".", "_"))]
        if real not in seen:
            yield from (Path(here, n) for n in names if not n.startswith((".", "_")))
        seen.add(real)


def _expand(place: Place, pattern: Path) -> tuple[list[Path], Path]:
    parts = pattern.parts
    fixed = next(i for i, part in enumerate(parts) if any(mark in part for mark in _SEARCHED))
    root = Path(*parts[:fixed]) if fixed else Path()
    hits = [Path(hit) for hit in glob.glob(str(pattern), recursive=True)]
    files = {file for hit in hits for file in (_walk(hit) if hit.is_dir() else [hit])}
    if not files:
        raise DataError(f"{place} was expected to match at least one file but matches none.")
    return sorted(files), root


def _missing(place: Place, path: Path) -> DataError:
    folder = path.parent
    if not folder.is_dir():
        return DataError(f"{place} was expected but the folder '{folder}' is not there.")
    names = sorted(p.name for p in folder.iterdir())
    return DataError(
        f"{place} was expected but is not there; check the path.{did_you_mean(path.name, names)}"
    )


def _unknown(place: Place, path: Path, paths: Sequence[Path]) -> DataError:
    known = ", ".join(SUFFIXES)
    if path.is_dir():
        what = "holds no file" if not paths else "holds no file that is a table"
        return DataError(
            f"{place} is a folder that {what}; expected are files that end in one of {known}."
        )
    hint = ""
    if path.suffix.lower() in (".json", ".txt", ".dat", ".data"):
        hint = " Rename it to .jsonl if it holds one JSON object a line, to .csv if it is CSV."
    end = f"ends in '{path.suffix}'" if path.suffix else "has no ending"
    return DataError(
        f"{place} {end}, which names no kind of table; expected is one of {known}.{hint}"
    )


def _data_file(path: Path, name: str, single: bool, place: Place) -> DataFile:
    suffix = suffix_of(path)
    packing = suffix[1] if suffix else ""
    pairs = [part.split("=", 1) for part in Path(name).parts[:-1] if "=" in part]
    partitions = tuple(
        (unquote(key), None if value == _NULL_PARTITION else unquote(value)) for key, value in pairs
    )
    if single:
        return DataFile(path, name, place.origin, packing, partitions)
    return DataFile(path, name, path.as_posix(), packing, partitions)


def _inspect(place: Place, kind: Kind, file: DataFile) -> None:
    """Look at the first bytes: a file that is not what its name says is better told so at once."""
    try:
        with file.path.open("rb") as opened:
            head = opened.read(16)
    except OSError as error:
        raise DataError(
            f"{place} cannot be opened ({error.strerror or reason(error)}); "
            "check that it exists and that you may read it."
        ) from error
    if not head:
        raise DataError(f"{place} must hold a table but is zero bytes long; write it again.")
    looks = next((name for start, name in _SIGNATURES if head.startswith(start)), None)
    expected = file.packing or (kind if kind in (Kind.PARQUET, Kind.ARROW) else None)
    if looks == expected:
        return
    wanted = f"{kind} packed with {file.packing}" if file.packing else str(kind)
    got = f"but its bytes are {looks}" if looks else f"but its bytes are not {expected}"
    raise DataError(
        f"{place} must be {wanted} as its name says, {got}; give it the name of what it is, or "
        "write it again."
    )
