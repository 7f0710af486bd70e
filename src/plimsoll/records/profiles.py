"""A profile as a file: facts about the reference and its finished tallies, checked and without raw rows.

Layout, numbers little-endian: 4 bytes magic ``PLMP``, 2 bytes version of the format, 8 bytes length of the
body, 32 bytes SHA-256 of all that stands before it and of the body; the body is 4 bytes length of the facts,
the facts as JSON, and the tallies one after the other as :mod:`plimsoll.records.codec` writes them.
"""

from __future__ import annotations

import itertools
import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from plimsoll.core.errors import RecordError, did_you_mean
from plimsoll.core.profile import Held, Profile
from plimsoll.core.tally import Rows, Tally
from plimsoll.records.codec import decode, encode, seal
from plimsoll.records.store import write_atomically

MAGIC = b"PLMP"
VERSION = 1
_HEADER = struct.Struct("<4sHQ")
_LENGTH = struct.Struct("<I")
_DIGEST = 32
_FACTS = (
    "rows", "columns", "task", "target", "labelled", "answered", "classes", "made", "plimsoll", "polars",
    "origin", "sha256",
)  # fmt: skip


def save_profile(profile: Profile, path: str | Path) -> None:
    """Write a profile whole or not at all.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    blobs = [encode(one.tally) for one in profile.held]
    facts: dict[str, Any] = {name: getattr(profile, name) for name in _FACTS}
    facts |= {"held": [one.rows.value for one in profile.held], "sizes": [len(b) for b in blobs]}
    text = json.dumps(facts, separators=(",", ":"), allow_nan=False).encode("utf-8")
    body = b"".join([_LENGTH.pack(len(text)), text, *blobs])
    write_atomically(path, seal(_HEADER.pack(MAGIC, VERSION, len(body)), body))


def load_profile(path: str | Path, kinds: Mapping[str, type[Tally]]) -> Profile:
    """Read a profile that :func:`save_profile` wrote; ``kinds`` names the tallies that may come.

    Raises
    ------
    RecordError
        If the file is not there, is no profile, is damaged, or was written by a newer version.
    """
    place = Path(path)
    try:
        data = place.read_bytes()
    except FileNotFoundError:
        known = [entry.name for entry in place.parent.iterdir()] if place.parent.is_dir() else []
        raise RecordError(
            f"Profile '{place}' was expected and is not there; make it with 'plimsoll profile'."
            f"{did_you_mean(place.name, known)}"
        ) from None
    except OSError as error:
        raise RecordError(f"Profile '{place}' cannot be read: {error.strerror}.") from None
    body = _checked(place, data)
    try:
        (length,) = _LENGTH.unpack_from(body)
        facts = json.loads(body[_LENGTH.size : _LENGTH.size + length])
        ends = np.cumsum([_LENGTH.size + length, *facts["sizes"]]).tolist()
        parts = [body[start:end] for start, end in itertools.pairwise(ends)]
        held = tuple(
            Held(Rows(rows), decode(part, kinds))
            for rows, part in zip(facts["held"], parts, strict=True)
        )
        columns = tuple((str(name), str(dtype)) for name, dtype in facts["columns"])
        rest = {name: facts[name] for name in _FACTS if name not in ("columns", "classes")}
        return Profile(columns=columns, classes=tuple(facts["classes"]), held=held, **rest)
    except RecordError as error:
        raise RecordError(f"Profile '{place}': {error}") from None
    except (ValueError, KeyError, TypeError, struct.error) as error:
        raise RecordError(
            f"Profile '{place}' holds what this version does not know ({type(error).__name__}); "
            "make it again with 'plimsoll profile'."
        ) from None


def _checked(place: Path, data: bytes) -> bytes:
    if len(data) < _HEADER.size + _DIGEST or data[: len(MAGIC)] != MAGIC:
        raise RecordError(
            f"'{place}' was expected to be a profile and is something else; make one with "
            "'plimsoll profile DATA -o ref.plimsoll'."
        )
    _, version, length = _HEADER.unpack_from(data)
    if version != VERSION:
        than = "newer" if version > VERSION else "older"
        raise RecordError(
            f"Profile '{place}' is of format {version}, {than} than the format {VERSION} that is read "
            "here; make it again with this version of Plimsoll."
        )
    body = data[_HEADER.size + _DIGEST :]
    if len(body) != length or seal(data[: _HEADER.size], body) != data:
        raise RecordError(
            f"Profile '{place}' is damaged or cut short: its checksum does not fit. Make it again from "
            "the data."
        )
    return body
