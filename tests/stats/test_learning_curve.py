"""A known power law is found again; the interval of doubling covers it; a flat curve gains nothing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import curve_fit

from plimsoll.stats.learning_curve import PowerLaw, Size, fit_power_law, value_of_doubling

ROWS = np.array([250, 500, 1000, 2000, 4000, 8000, 16000])
FITS = np.array([8, 8, 8, 8, 4, 2, 1])
JUDGED = 400


def sizes(law: PowerLaw, r: np.random.Generator, noise: float, judged: float) -> list[Size]:
    """Draw scores: fits scatter by noise / sqrt(rows), and the rows judged move all of them together."""
    common = r.normal(size=JUDGED) * judged
    own = r.normal(size=(ROWS.size, JUDGED)) * judged / 4
    found = []
    for i, (n, fits) in enumerate(zip(ROWS, FITS, strict=True)):
        influence = common + own[i]
        scatter = noise * np.sqrt(250 / n) * r.normal(size=fits)
        scores = law.at(n) + scatter + influence.mean()
        found.append(Size(int(n), scores, np.tile(influence - influence.mean(), (fits, 1))))
    return found


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("rate", [0.2, 0.5, 1.0])
def test_a_curve_without_noise_is_found_as_scipy_finds_it(sign: float, rate: float) -> None:
    law = PowerLaw(3.0, rate, 0.9, sign)
    found = fit_power_law(ROWS.astype(float), law.at(ROWS), np.full(7, 0.01), rising=sign > 0)
    np.testing.assert_allclose(found.at(ROWS), law.at(ROWS), atol=1e-4)
    start = (2.0, rate * 1.1, 0.8)
    (a, b, c), _ = curve_fit(
        lambda n, a, b, c: c - sign * a * n**-b, ROWS.astype(float), law.at(ROWS), p0=start
    )
    theirs = PowerLaw(a, b, c, sign).gain(16000)
    assert found.gain(16000) == pytest.approx(theirs, rel=0.02)
    assert law.gain(16000) == pytest.approx(abs(law.at(32000) - law.at(16000)))


@pytest.mark.parametrize(("rate", "scale"), [(0.5, 3.0), (0.25, 0.6), (1.0, 40.0)])
def test_the_interval_covers_the_true_gain(rate: float, scale: float) -> None:
    r = np.random.default_rng(int(100 * rate))
    law = PowerLaw(scale, rate, 0.9, 1.0)
    held = 0
    for _ in range(60):
        found = value_of_doubling(sizes(law, r, 0.02, 0.1), r, rising=True, draws=400)
        assert found is not None
        held += found.low <= law.gain(16000) <= found.high
    assert held >= 53, held


def test_a_flat_curve_gains_nothing() -> None:
    r = np.random.default_rng(3)
    found = value_of_doubling(sizes(PowerLaw(0.0, 0.5, 0.8, 1.0), r, 0.01, 0.05), r, rising=True)
    assert found is not None
    assert found.low == pytest.approx(0.0, abs=1e-6)
    assert found.high < 0.005


def test_a_loss_falls() -> None:
    r = np.random.default_rng(4)
    law = PowerLaw(3.0, 0.5, 0.3, -1.0)
    found = value_of_doubling(sizes(law, r, 0.01, 0.02), r, rising=False)
    assert found is not None
    assert found.low <= law.gain(16000) <= found.high
    assert found.curve.at(32000) < found.curve.at(16000)


def test_points_off_every_power_law_widen_the_interval() -> None:
    r = np.random.default_rng(5)
    law = PowerLaw(3.0, 0.5, 0.9, 1.0)
    good = sizes(law, r, 0.001, 0.001)
    odd = [
        Size(s.rows, s.scores + (0.02 if i % 2 else -0.02), s.influence) for i, s in enumerate(good)
    ]
    one, two = (value_of_doubling(x, np.random.default_rng(1), rising=True) for x in (good, odd))
    assert one is not None
    assert two is not None
    assert two.misfit > 3 > one.misfit
    assert two.high - two.low > 3 * (one.high - one.low)


def test_too_few_sizes_or_fits_say_nothing() -> None:
    r = np.random.default_rng(6)
    drawn = sizes(PowerLaw(3.0, 0.5, 0.9, 1.0), r, 0.01, 0.02)
    assert value_of_doubling(drawn[:3], r, rising=True) is None
    single = [Size(s.rows, s.scores[:1], s.influence[:1]) for s in drawn]
    assert value_of_doubling(single, r, rising=True) is None


def test_rows_that_hang_together_widen_the_interval() -> None:
    r = np.random.default_rng(7)
    law = PowerLaw(3.0, 0.5, 0.9, 1.0)
    found = []
    for clusters in (None, np.arange(JUDGED) // 40):
        drawn = sizes(law, np.random.default_rng(8), 0.001, 0.5)
        steady = [
            Size(s.rows, s.scores, np.sort(s.influence, axis=1) * (1 + i))
            for i, s in enumerate(drawn)
        ]
        got = value_of_doubling(steady, r, rising=True, clusters=clusters)
        assert got is not None
        found.append(got.highs[0] - got.lows[0])
    assert found[1] > 2 * found[0]
