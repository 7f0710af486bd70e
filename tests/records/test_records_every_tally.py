"""Every tally that the package counts goes through the codec and merges on as if it never had."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from plimsoll.core.batch import Batch
from plimsoll.records.codec import decode, encode
from plimsoll.tallies import kinds

_PATH = Path(__file__).parents[1] / "conformance" / "test_tally_algebra.py"
_SPEC = importlib.util.spec_from_file_location("examples_of_tallies", _PATH)
assert _SPEC is not None
assert _SPEC.loader is not None
WORLD: Any = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(WORLD)


def alike(one: Any, other: Any) -> bool:
    """Equal in kind and value, arrays and tables included."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        same = one.dtype == other.dtype and one.shape == other.shape
        return same and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if isinstance(one, pl.DataFrame):
        return one.equals(other) and one.schema == other.schema
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if hasattr(one, "__dataclass_fields__"):
        return all(alike(getattr(one, n), getattr(other, n)) for n in one.__dataclass_fields__)
    return bool(one == other) or (one != one and other != other)


@pytest.mark.parametrize("name", sorted(kinds()))
def test_every_tally_comes_back(name: str) -> None:
    known = kinds()
    for empty in WORLD.examples()[name]:
        one, two = (empty.of(Batch(WORLD.rows(200, seed), WORLD.SUBJECT)) for seed in (1, 2))
        for tally in (empty, one, one.settle(), one.merge(two), one.merge(two).settle()):
            assert alike(decode(encode(tally), known), tally)
        back = decode(encode(one), known).merge(decode(encode(two), known))
        assert alike(back.settle(), one.merge(two).settle())
