from __future__ import annotations

import numpy as np
import pytest

from plimsoll.stats.new_values import new_values


def tables(
    n: int, m: int, values: int, seed: int, fresh: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    r = np.random.default_rng(seed)
    one = r.integers(0, values, n)
    two = np.where(r.random(m) < fresh, values, r.integers(0, values, m))
    size = values + 1
    return np.bincount(one, minlength=size), np.bincount(two, minlength=size)


@pytest.mark.parametrize("values", [3, 200, 5000, 10**6])
@pytest.mark.parametrize("n,m", [(300, 100), (100, 300)])
def test_what_is_new_by_chance_is_no_news(values: int, n: int, m: int) -> None:
    alarms, seen, expected = 0, [], []
    for seed in range(200):
        found = new_values(*tables(n, m, values, seed))
        if found is not None:
            alarms += found.p_above_floor < 0.05
            seen.append(found.share.value)
            expected.append(found.by_chance)
    assert alarms <= 0.075 * 200
    if seen and values > 3:
        assert np.mean(expected) == pytest.approx(np.mean(seen), abs=0.03)


def test_a_new_value_in_many_rows_is_found() -> None:
    found = new_values(*tables(1000, 500, 200, 1, fresh=0.3), floor=0.05)
    assert found is not None
    assert found.p_above_floor < 1e-6
    assert found.share.low <= 0.31 <= found.share.high + 0.02
    below = new_values(*tables(1000, 500, 200, 1, fresh=0.03), floor=0.05)
    assert below is not None and below.p_above_floor > 0.05


def test_nothing_new_or_nothing_there_is_none() -> None:
    assert new_values(np.array([5, 5]), np.array([1, 0])) is None
    assert new_values(np.array([0, 0]), np.array([1, 0])) is None
