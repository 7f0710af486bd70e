"""Fingerprints: the SHA-256 of a file, and of a value written in one canonical way."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from plimsoll.core.errors import UsageError


def sha256_file(path: str | Path) -> str:
    """Return the SHA-256 of a file in hexadecimal, reading it piece by piece.

    Raises
    ------
    UsageError
        If the file cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(
            f"A file was expected at '{path}' to take its fingerprint, and it cannot be read: "
            f"{error.strerror}."
        ) from None


def sha256_json(value: Any) -> str:
    """Return the SHA-256 of a value of lists, mappings, words and finite numbers.

    Equal values have equal fingerprints: keys are sorted, nothing is put between tokens, text is
    UTF-8. The form is that of RFC 8785 except that floats are written as Python writes them.
    Source: https://www.rfc-editor.org/rfc/rfc8785

    Raises
    ------
    ValueError, TypeError
        If the value holds NaN, infinity or something that JSON has no form for.

    >>> sha256_json({"b": 1, "a": [True]}) == sha256_json({"a": [True], "b": 1})
    True
    """
    return hashlib.sha256(canonical_json(value).encode("utf-8")).hexdigest()


def canonical_json(value: Any) -> str:
    """Return a value as JSON in the one way that fingerprints are taken of.

    >>> canonical_json({"b": 1.5, "a": "ä"})
    '{"a":"ä","b":1.5}'
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
