"""Cells are counted as sorting all the patterns would count them, whatever the values and the cut."""

from __future__ import annotations

import numpy as np
import pytest

from plimsoll.tallies.dyadic import different, key_of, recount, value_of

SHIFTS = (0, 20, 39, 43, 46, 52, 56)


def made(world: str, n: int = 70_000) -> np.ndarray:
    """Draw values of one kind of column."""
    r = np.random.default_rng(3)
    return {
        "both signs": lambda: r.normal(size=n),
        "positive": lambda: np.exp(r.normal(size=n)),
        "close together": lambda: r.normal(100, 5, n),
        "close together, negative": lambda: -r.normal(100, 5, n),
        "two far apart": lambda: r.normal(100, 1, n) * r.choice([-1, 1], n),
        "half zeros": lambda: r.random(n) * r.integers(0, 2, n),
        "zeros of both signs": lambda: r.choice([0.0, -0.0, 1.0, -5e-324, 5e-324], n),
        "subnormal": lambda: r.random(n) * 1e-310,
        "whole": lambda: r.integers(0, 100, n).astype(float),
        "of any size": lambda: r.normal(size=n) * 10.0 ** r.integers(-300, 300, n),
        "constant": lambda: np.full(n, 7.25),
    }[world]()


WORLDS = (
    "both signs", "positive", "close together", "close together, negative", "two far apart", "half zeros",
    "zeros of both signs", "subnormal", "whole", "of any size", "constant",
)  # fmt: skip


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("shift", SHIFTS)
def test_counts_are_those_of_sorting(world: str, shift: int) -> None:
    values = made(world)
    keys, counts = np.unique(key_of(values + 0.0) >> np.uint64(shift), return_counts=True)
    elsewhere = key_of(np.array([-1e9, 3e-7, 12345.678])) >> np.uint64(shift)
    for known in (keys[:0], keys[::2], keys, different(np.sort(np.r_[keys[1::3], elsewhere]))):
        parts = np.array_split(values, 3)
        held, new, more = recount([*parts, values[:0]], shift, known)
        total = dict(zip(known.tolist(), held.tolist(), strict=True))
        total |= dict(zip(new.tolist(), more.tolist(), strict=True))
        assert {k: n for k, n in total.items() if n} == dict(
            zip(keys.tolist(), counts.tolist(), strict=True)
        )
        assert not np.isin(new, known).any()
        assert np.array_equal(new, np.sort(new))
        assert (more > 0).all()


def test_new_powers_of_two_are_found() -> None:
    """A later batch may hold values far smaller or larger than all before."""
    shift = 44
    first = made("both signs")
    known = different(np.sort(key_of(first) >> np.uint64(shift)))
    far = np.array([1e-300, -1e-300, 1e300, -1e300, 2.0**-40, -(2.0**-40)])
    held, new, more = recount([first, far], shift, known)
    assert int(held.sum()) == first.size
    assert np.array_equal(new, np.sort(key_of(far) >> np.uint64(shift)))
    assert more.tolist() == [1] * 6


def test_a_count_that_breaks_off_leaves_nothing_behind() -> None:
    values = made("both signs")
    none = np.empty(0, np.uint64)
    before = recount([values], 45, none)
    with pytest.raises(AttributeError):
        recount([values, "no array"], 45, none)  # type: ignore[list-item]
    after = recount([values], 45, none)
    assert all(np.array_equal(one, two) for one, two in zip(before, after, strict=True))


def test_keys_sort_as_values_and_lead_back_to_them() -> None:
    values = np.sort(made("of any size"))
    keys = key_of(values)
    assert np.array_equal(keys, np.sort(keys))
    assert np.array_equal(value_of(keys), values)
