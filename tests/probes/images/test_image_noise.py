"""Noise has the spread that the paper says, pixel by pixel and at every severity."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from plimsoll.probes.images.noise import gaussian_noise, impulse_noise, poisson, shot_noise
from worlds.pictures import draws_for, flat, photographs

SD = {28: [0.08, 0.12, 0.18, 0.26, 0.38], 32: [0.04, 0.06, 0.08, 0.09, 0.10],
      64: [0.04, 0.08, 0.12, 0.15, 0.18]}  # fmt: skip
PHOTONS = {28: [60, 25, 12, 5, 3], 32: [500, 250, 100, 75, 50]}
SHARES = {28: [0.03, 0.06, 0.09, 0.17, 0.27], 32: [0.01, 0.02, 0.03, 0.05, 0.07]}


@pytest.mark.parametrize("side", SD)
def test_gaussian_noise_has_the_published_deviation_before_it_is_cut_off(side: int) -> None:
    images = photographs(24, side, side, 3)
    for severity, sd in enumerate(SD[side], start=1):
        added = (gaussian_noise(images, float(severity), draws_for(24)) - images) / sd
        assert added.mean() == pytest.approx(0.0, abs=4 / np.sqrt(added.size))
        assert added.std() == pytest.approx(1.0, abs=4 / np.sqrt(2 * added.size))
        assert stats.kstest(added.ravel(), "norm").pvalue > 1e-4


@pytest.mark.parametrize("side", PHOTONS)
def test_shot_noise_has_the_mean_x_and_the_variance_x_over_c(side: int) -> None:
    for x in (0.1, 0.5, 1.0):
        images = flat(40, side, 1, x)
        for severity, c in enumerate(PHOTONS[side], start=1):
            after = shot_noise(images, float(severity), draws_for(40))
            size = np.sqrt(after.size)
            assert after.mean() == pytest.approx(x, abs=4.5 * np.sqrt(x / c) / size)
            assert after.var() == pytest.approx(x / c, rel=4.5 * np.sqrt(2 + 1 / (x * c)) / size)
            np.testing.assert_allclose(after * c, np.rint(after * c), atol=1e-6)


def test_without_light_there_is_no_shot_noise() -> None:
    assert (shot_noise(flat(3, 8, 1, 0.0), 5.0, draws_for(3)) == 0.0).all()


@pytest.mark.parametrize("side", SHARES)
def test_impulse_noise_changes_the_published_share_half_of_it_to_white(side: int) -> None:
    images = flat(60, side, 3, 0.4)
    for severity, share in enumerate(SHARES[side], start=1):
        after = impulse_noise(images, float(severity), draws_for(60))
        error = 4.5 * np.sqrt(share / after.size)
        assert (after != 0.4).mean() == pytest.approx(share, abs=error)
        assert (after == 1.0).mean() == pytest.approx(share / 2, abs=error)
        assert set(np.unique(after)) == {0.0, 0.4, 1.0}


def test_what_impulse_noise_hits_it_hits_at_every_higher_severity() -> None:
    images = flat(5, 32, 1, 0.4)
    before = np.zeros(images.shape, dtype=bool)
    for severity in np.linspace(0.1, 5.0, 12):
        hit = impulse_noise(images, float(severity), draws_for(5)) != 0.4
        assert (hit | ~before).all()
        before = hit


@pytest.mark.parametrize("top", [0.5, 3.0, 30.0])
def test_poisson_quantiles_are_scipys(top: float) -> None:
    rng = np.random.default_rng(0)
    u, mean = rng.random(20_000), rng.random(20_000) * top
    u[:4] = [1e-12, 1 - 1e-12, 1e-300, 1 - 1e-16]
    assert (poisson(u, mean) == np.maximum(stats.poisson.ppf(u, mean), 0)).all()


def test_poisson_quantiles_of_many_are_within_1_of_scipys() -> None:
    rng = np.random.default_rng(1)
    u, mean = rng.random(20_000), 30 + rng.random(20_000) * 2000
    off = np.abs(poisson(u, mean) - stats.poisson.ppf(u, mean))
    assert off.max() <= 1.0
    assert off.mean() < 0.005
