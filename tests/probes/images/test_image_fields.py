"""Random fields belong to an image; clouds reach from 0 to 1 and are rougher the less they decay."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from plimsoll.core.stress import Draws
from plimsoll.probes.images.fields import normal, plasma, uniform
from worlds.pictures import draws_for


def test_numbers_are_uniform_and_normal_and_of_no_two_images_alike() -> None:
    draws = draws_for(40)
    drawn = uniform(draws, (30, 30), "x")
    assert drawn.shape == (40, 30, 30)
    assert stats.kstest(drawn.ravel(), "uniform").pvalue > 0.001
    assert stats.kstest(normal(draws, (30, 30), "x").ravel(), "norm").pvalue > 0.001
    between = np.corrcoef(drawn.reshape(40, -1))[np.triu_indices(40, 1)]
    assert np.abs(between).max() < 5 / 30
    assert np.corrcoef(drawn.ravel()[:-1], drawn.ravel()[1:])[0, 1] == pytest.approx(0, abs=0.03)


def test_a_field_goes_with_its_key_its_name_and_the_seed() -> None:
    draws = draws_for(9)
    some = Draws(draws.keys[4:6], draws.seed, draws.name)
    assert (uniform(some, (5, 4, 2), "x") == uniform(draws, (5, 4, 2), "x")[4:6]).all()
    assert (uniform(draws, (5, 4), "x") != uniform(draws, (5, 4), "y")).all()
    assert (uniform(draws, (5, 4), "x") != uniform(draws_for(9, seed=1), (5, 4), "x")).all()


@pytest.mark.parametrize("side,size", [(1, 2), (8, 8), (9, 16), (28, 32), (32, 32)])
def test_clouds_fill_a_power_of_two_from_0_to_1(side: int, size: int) -> None:
    clouds = plasma(draws_for(6), side, 2.0, "x")
    assert clouds.shape == (6, size, size)
    assert (clouds.min(axis=(1, 2)) == 0.0).all() and (clouds.max(axis=(1, 2)) == 1.0).all()


def test_clouds_that_decay_at_once_are_flat_between_the_first_points() -> None:
    clouds = plasma(draws_for(5), 16, 1e6, "x")
    corner, across, middle = clouds[:, 0, 0], clouds[:, 0, 8], clouds[:, 8, 8]
    down = clouds[:, 8, 0]
    np.testing.assert_allclose(clouds[:, 4, 4], (corner + across + middle + down) / 4, atol=1e-9)


def test_clouds_that_decay_less_are_rougher() -> None:
    steps = []
    for decay in (3.0, 2.0, 1.5, 1.2):
        clouds = plasma(draws_for(20), 64, decay, "x")
        steps.append(np.abs(np.diff(clouds, axis=1)).mean() / clouds.std())
    assert steps == sorted(steps)


def test_clouds_wrap_around() -> None:
    clouds = plasma(draws_for(50), 32, 2.5, "x")
    seam = np.abs(clouds[:, 0] - clouds[:, -1]).mean()
    assert seam < 1.1 * np.abs(np.diff(clouds, axis=1)).mean()
    assert seam < 0.2 * np.abs(clouds[:, 0] - clouds[:, 16]).mean()
