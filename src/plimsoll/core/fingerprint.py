"""The fingerprint of a file, the same for tables and models."""

from __future__ import annotations

import hashlib
from pathlib import Path

_PIECE = 1 << 21
"""Bytes at a time. Two steps of each piece wait for the interpreter, which a scan beside it keeps busy."""


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal, reading it piece by piece; raises OSError."""
    found, room = hashlib.sha256(), memoryview(bytearray(_PIECE))
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(room):
            found.update(room[:size])
    return found.hexdigest()
