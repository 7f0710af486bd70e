"""A line through windows: NumPy's answer, and intervals that hold where neighbouring windows are alike."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t as student

from plimsoll.stats.trend import FEWEST, trend


def autoregressive(size: int, share: float, r: np.random.Generator) -> np.ndarray:
    out = np.zeros(size + 40)
    noise = r.normal(size=size + 40)
    for i in range(1, size + 40):
        out[i] = share * out[i - 1] + noise[i]
    return out[40:]


def test_the_line_is_numpys() -> None:
    r = np.random.default_rng(0)
    x, y, w = np.sort(r.random(15)), r.normal(size=15), r.integers(1, 9, 15).astype(float)
    found = trend(x, y, w)
    assert found is not None
    slope, start = np.polyfit(x, y, 1, w=np.sqrt(w))
    assert found.slope == pytest.approx(slope)
    assert found.at(0.0) == pytest.approx(start)
    assert found.windows == 15
    low, high = found.slope_interval()
    assert low < found.slope < high


def test_the_order_of_the_windows_does_not_matter() -> None:
    r = np.random.default_rng(1)
    x, y = np.arange(12.0), r.normal(size=12)
    turned = r.permutation(12)
    one, two = trend(x, y), trend(x[turned], y[turned])
    assert one is not None and two is not None
    assert one.slope_interval() == pytest.approx(two.slope_interval())


def test_units_of_time_do_not_matter() -> None:
    r = np.random.default_rng(2)
    x, y = np.arange(20.0), r.normal(size=20)
    one, two = trend(x, y), trend(1.7e9 + 86_400 * x, y)
    assert one is not None and two is not None
    assert two.slope * 86_400 == pytest.approx(one.slope, rel=1e-4)
    assert two.slope_error * 86_400 == pytest.approx(one.slope_error, rel=1e-4)


@pytest.mark.parametrize("size,x", [(FEWEST - 1, None), (12, np.ones(12)), (0, None)])
def test_few_windows_or_one_time_have_no_line(size: int, x: np.ndarray | None) -> None:
    at = np.arange(float(size)) if x is None else x
    assert trend(at, np.arange(float(size))) is None


def test_a_perfect_line_still_has_the_doubt_of_its_windows() -> None:
    x = np.arange(12.0)
    exact = trend(x, 0.9 - 0.01 * x)
    assert exact is not None
    assert exact.slope_error == pytest.approx(0.0, abs=1e-9)
    found = trend(x, 0.9 - 0.01 * x, errors=np.full(12, 0.02))
    assert found is not None
    low, high = found.slope_interval()
    error = 0.02 / np.sqrt(np.square(x - x.mean()).sum())
    assert (high - low) / 2 == pytest.approx(1.96 * error, rel=0.01)
    assert found.error(11.0) > found.error(5.5)


@pytest.mark.parametrize("share", [0.0, 0.6])
@pytest.mark.parametrize("size", [12, 40])
def test_the_interval_holds_the_slope(share: float, size: int) -> None:
    held = naive = 0
    runs = 400
    x = np.linspace(0, 1, size)
    spread = np.square(x - x.mean()).sum()
    for seed in range(runs):
        y = 0.3 * x + autoregressive(size, share, np.random.default_rng(seed))
        found = trend(x, y)
        assert found is not None
        low, high = found.slope_interval()
        held += low <= 0.3 <= high
        left = y - np.array([found.at(v) for v in x])
        error = np.sqrt(left @ left / (size - 2) / spread)
        naive += abs(found.slope - 0.3) <= student.ppf(0.975, size - 2) * error
    assert held / runs >= 0.90
    assert share == 0.0 or naive / runs < 0.8, "independent errors would promise too much"


def test_false_alarms_of_a_steady_measure_are_rare() -> None:
    alarms, runs = 0, 300
    for seed in range(runs):
        r = np.random.default_rng(seed)
        found = trend(np.arange(16.0), 0.8 + 0.02 * r.normal(size=16), errors=np.full(16, 0.02))
        assert found is not None
        low, high = found.slope_interval()
        alarms += high < 0 or low > 0
    assert alarms / runs <= 0.05
