"""Files written whole or not at all, and records read back exactly as they were written."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import stat
from pathlib import Path
from typing import Any

from plimsoll.core.errors import OutputError, RecordError, did_you_mean
from plimsoll.core.record import Record
from plimsoll.records.reading import record_from_json


def write_atomically(path: str | Path, data: bytes | str) -> None:
    """Write a file so that a reader sees the old content or the new, never a part.

    The content goes to a new file in the same folder, is flushed to the disk and then takes the
    place of the old one, whose permissions it keeps. A link keeps pointing to the same file. What
    cannot be replaced (a device, a pipe) is written to directly. Text is written as UTF-8.

    Raises
    ------
    OutputError
        If it cannot be written; no temporary file is left.
    """
    target = Path(path)
    content = data.encode("utf-8") if isinstance(data, str) else data
    try:
        if _is_special(target):
            target.write_bytes(content)
            return
        real = Path(os.path.realpath(target))
        temporary = _new_file(real)
        try:
            with os.fdopen(temporary[0], "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if real.exists():
                os.chmod(temporary[1], stat.S_IMODE(real.stat().st_mode))
            _refuse_folder(real)
            os.replace(temporary[1], real)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary[1])
            raise
    except OSError as error:
        raise _not_writable(target, error) from None


def check_writable(path: str | Path) -> None:
    """Make sure, before long work, that :func:`write_atomically` will be able to write here.

    Raises
    ------
    OutputError
        If the folder is not there or not writable, or the path is a folder.
    """
    target = Path(path)
    try:
        if _is_special(target):
            with target.open("ab"):
                return
        real = Path(os.path.realpath(target))
        _refuse_folder(real)
        handle, temporary = _new_file(real)
        os.close(handle)
        os.unlink(temporary)
        if real.exists() and not os.access(real, os.W_OK):
            raise PermissionError(13, "the file is read-only")
    except OSError as error:
        raise _not_writable(target, error) from None


def save_record(record: Record, path: str | Path) -> None:
    """Write a record as JSON.

    Raises
    ------
    OutputError
        If the file cannot be written.
    ValueError
        If a number in the record is NaN or infinite: a check is wrong, not the data.
    """
    text = json.dumps(record.to_json(), indent=2, ensure_ascii=False, allow_nan=False)
    write_atomically(path, text + "\n")


def load_record(path: str | Path) -> Record:
    """Read a record that ``--json`` or :func:`save_record` wrote.

    Raises
    ------
    RecordError
        If the file is not there, is no JSON, or is no record of a version that is known here.
    """
    place = Path(path)
    try:
        text = place.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RecordError(_not_there(place)) from None
    except (OSError, UnicodeDecodeError) as error:
        said = "it is no text" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise RecordError(
            f"Record '{place}' was expected to be readable and is not: {said}. "
            "Give the file that --json wrote."
        ) from None
    try:
        data = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise RecordError(
            f"Record '{place}' was expected to hold JSON and does not{where}; "
            "it may be cut short. Give the file that --json wrote."
        ) from None
    try:
        return record_from_json(data)
    except RecordError as error:
        raise RecordError(f"Record '{place}': {error}") from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of a record")


def _not_there(place: Path) -> str:
    known = [entry.name for entry in place.parent.iterdir()] if place.parent.is_dir() else []
    return (
        f"Record '{place}' was expected and is not there; give the file that --json wrote."
        f"{did_you_mean(place.name, known)}"
    )


def _is_special(path: Path) -> bool:
    """Whether something other than a file or a folder is there, such as ``/dev/null``."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _refuse_folder(path: Path) -> None:
    if path.is_dir():
        raise IsADirectoryError(21, "it is a folder")


def _new_file(target: Path) -> tuple[int, str]:
    name = f".{target.name[:80]}.{secrets.token_hex(6)}.tmp"
    temporary = os.path.join(target.parent, name)
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    return os.open(temporary, flags, 0o666), temporary


def _not_writable(target: Path, error: OSError) -> OutputError:
    folder = target.parent
    if not folder.exists():
        return OutputError(
            f"A report was to be written to '{target}', and there is no folder '{folder}'; "
            "make it, or name another place."
        )
    if not folder.is_dir():
        return OutputError(
            f"A report was to be written to '{target}', and '{folder}' is a file, not a folder; "
            "name another place."
        )
    if target.is_dir():
        return OutputError(
            f"A report was to be written to '{target}', which is a folder; name a file in it."
        )
    return OutputError(
        f"A report was to be written to '{target}', and that is not possible: {error.strerror}. "
        "Name another place or mend the permissions."
    )
