"""Fingerprints are those of the published examples and do not depend on the order of keys."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plimsoll.records.fingerprint import canonical_json, sha256_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def test_canonical_form() -> None:
    assert canonical_json({"b": [1, 2.5], "a": "é", "A": None}) == '{"A":null,"a":"é","b":[1,2.5]}'
    assert sha256_json({}) == hashlib.sha256(b"{}").hexdigest()


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_the_order_of_keys_does_not_matter(value: dict[str, Any]) -> None:
    assert sha256_json(dict(reversed(value.items()))) == sha256_json(value)


@pytest.mark.parametrize("value", [float("nan"), [float("inf")]])
def test_nan_has_no_fingerprint(value: Any) -> None:
    with pytest.raises(ValueError, match="Out of range"):
        sha256_json(value)
