"""The fingerprint of a value, written in one canonical way."""

from __future__ import annotations

import hashlib
import json
from typing import Any


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
