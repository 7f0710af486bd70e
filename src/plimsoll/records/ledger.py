"""How often one table has judged one line of models: an append-only file that shows edits.

A test set that is used again and again is slowly learned, by people if not by machines. Each use
is one line of JSON. A line carries the hash of the line before and of itself, so a changed, removed
or inserted line shows; lines cut off at the end do not, for nothing follows them.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from plimsoll.core.errors import OutputError, RecordError
from plimsoll.records.fingerprint import sha256_json

START = "0" * 64
"""What the first line carries in place of the hash of a line before."""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One use of a test set.

    ``time`` is in UTC as ISO 8601. ``model_sha256`` is None where only predictions were judged;
    ``limits_sha256`` is of the limits in canonical JSON.
    """

    time: str
    subject: str
    data_sha256: str
    model_sha256: str | None
    plimsoll: str
    verdict: str
    limits_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    """A line as it stands: its number from 1, its bytes, and what it says if it is whole."""

    number: int
    raw: bytes
    said: dict[str, Any] | None
    ended: bool


class Ledger:
    """The ledger in one file; the file is made at the first entry."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)

    def uses(self, data_sha256: str, subject_name: str) -> list[LedgerEntry]:
        """Return the entries of this data and this subject, oldest first.

        Raises
        ------
        RecordError
            If the file cannot be read or a line in it is no entry. A last line that was cut short
            while it was written counts as not written.
        """
        return [
            entry
            for entry in self.entries()
            if entry.data_sha256 == data_sha256 and entry.subject == subject_name
        ]

    def entries(self) -> list[LedgerEntry]:
        """Return all entries, oldest first; raises RecordError as :meth:`uses` does."""
        lines = self._lines()
        out = []
        for place, line in enumerate(lines):
            entry = _entry(line.said)
            if entry is not None and line.ended:
                out.append(entry)
            elif not _torn(line, lines[place + 1 :]):
                raise RecordError(
                    f"Ledger '{self._path}' was expected to hold one entry a line, and line "
                    f"{line.number} is none; restore the file from a copy."
                )
        return out

    def append(self, entry: LedgerEntry) -> None:
        """Add an entry at the end, under a lock, so that two runs at once both get in.

        Raises
        ------
        OutputError
            If the file cannot be written.
        """
        try:
            with self._path.open("a+b") as file, _locked(file):
                last, torn = _last_line(file)
                said = dataclasses.asdict(entry) | {"previous": _hash(last) if last else START}
                said["sha256"] = sha256_json(said)
                text = json.dumps(said, ensure_ascii=True, allow_nan=False)
                start = b"\n" if torn else b""  # what was cut short stays, as a line of its own
                file.write(start + text.encode("ascii") + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise OutputError(
                f"The ledger '{self._path}' was to be written and cannot be: {error.strerror}. "
                "Name another file or mend the permissions."
            ) from None

    def verify(self) -> tuple[str, ...]:
        """Return what does not fit, one sentence each; empty where no line was touched."""
        problems = []
        lines = self._lines()
        before = START
        for place, line in enumerate(lines):
            torn = _torn(line, lines[place + 1 :])
            if line.said is None and not torn:
                problems.append(f"Line {line.number} is no entry.")
            elif line.said is not None and line.ended:
                said = dict(line.said)
                if said.pop("sha256", None) != sha256_json(said):
                    problems.append(f"Line {line.number} was changed after it was written.")
                if said.get("previous") != before:
                    problems.append(
                        f"Line {line.number} does not follow the line before it: a line was "
                        "changed, removed or put in."
                    )
            before = _hash(line.raw)
        return tuple(problems)

    def _lines(self) -> list[_Line]:
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise RecordError(
                f"The ledger '{self._path}' was expected to be readable and is not: "
                f"{error.strerror}. Name the file that an earlier run wrote."
            ) from None
        parts = data.split(b"\n")
        ends = [True] * (len(parts) - 1) + [False]
        return [
            _Line(number, raw, _parsed(raw), ended)
            for number, (raw, ended) in enumerate(zip(parts, ends, strict=True), start=1)
            if raw or ended
        ]


def _parsed(raw: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _entry(said: dict[str, Any] | None) -> LedgerEntry | None:
    if said is None:
        return None
    known = {field.name for field in dataclasses.fields(LedgerEntry)}
    try:
        return LedgerEntry(**{key: value for key, value in said.items() if key in known})
    except TypeError:
        return None


def _torn(line: _Line, after: list[_Line]) -> bool:
    """Whether a line was cut short while it was written: the last one, or one that the next covers."""
    if not after:
        return not line.ended
    following = after[0].said
    return following is not None and following.get("previous") == _hash(line.raw)


def _hash(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _last_line(file: IO[bytes]) -> tuple[bytes, bool]:
    """Return the last line and whether it has no end."""
    file.seek(0)
    data = file.read()
    if not data:
        return b"", False
    torn = not data.endswith(b"\n")
    return data.removesuffix(b"\n").rsplit(b"\n", 1)[-1], torn


@contextlib.contextmanager
def _locked(file: IO[bytes]) -> Iterator[None]:
    """Hold the file for this process alone."""
    if os.name == "nt":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]
        try:
            yield
        finally:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined]
        return
    import fcntl

    fcntl.flock(file.fileno(), fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file.fileno(), fcntl.LOCK_UN)
