"""Weather whitens, lightens and veils as its formulas say; hue and saturation stay in brighter light."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest

from plimsoll.probes.images.weather import brightness, fog, frost, frosted, grey, snow
from worlds.pictures import draws_for, flat, photographs


@pytest.mark.parametrize("severity,more", [(1.0, 0.05), (3.0, 0.15), (5.0, 0.3), (4.5, 0.25)])
def test_brightness_is_the_v_of_hsv(severity: float, more: float) -> None:
    images = photographs(2, 32, 32, 3)
    images[0, 0, 0] = 0.0
    after = brightness(images, severity, draws_for(2))
    for was, now in zip(images.reshape(-1, 3)[::37], after.reshape(-1, 3)[::37], strict=True):
        hue, saturation, value = colorsys.rgb_to_hsv(*was)
        by_hand = colorsys.hsv_to_rgb(hue, saturation, min(value + more, 1.0))
        np.testing.assert_allclose(now, by_hand, atol=1e-12)


def test_grey_images_are_brighter_by_what_the_table_says() -> None:
    images = photographs(3, 28, 28, 1) * 0.4
    after = brightness(images, 4.0, draws_for(3))
    np.testing.assert_allclose(after - images, 0.4, atol=1e-12)


def test_fog_keeps_the_brightest_in_range_and_is_darkest_without_clouds() -> None:
    images = photographs(8, 32, 32, 3)
    brightest = images.max(axis=(1, 2, 3), keepdims=True)
    for severity, amount in ((1.0, 0.2), (5.0, 1.5)):
        after = fog(images, severity, draws_for(8))
        share = brightest / (brightest + amount)
        assert (after <= brightest + 1e-12).all()
        assert (after >= images * share - 1e-12).all()
        clouds = (after / share - images) / amount
        assert np.ptp(clouds, axis=3).max() < 1e-9  # the same in all colours
        assert clouds.min() == pytest.approx(0.0, abs=1e-9)
        assert clouds.max() == pytest.approx(1.0, abs=1e-9)


def test_a_black_image_stays_black_in_fog() -> None:
    assert (fog(flat(2, 8, 1, 0.0), 5.0, draws_for(2)) == 0.0).all()


def test_frost_is_laid_over_with_the_published_weights() -> None:
    images = photographs(4, 32, 32, 3)
    over = frosted(draws_for(4), 32, 32, 3)
    for severity, keep, add in ((1.0, 1.0, 0.2), (5.0, 0.75, 0.45)):
        after = frost(images, severity, draws_for(4))
        np.testing.assert_allclose(after, keep * images + add * over, atol=1e-12)


def test_frost_is_light_bluish_and_of_each_image_its_own() -> None:
    over = frosted(draws_for(50), 64, 64, 3)
    assert over.min() > 0.1 and over.max() <= 1.0
    assert 0.25 < over.mean() < 0.65
    assert (over[..., 2] > over[..., 0]).all()
    assert frosted(draws_for(1), 20, 30, 1).shape == (1, 20, 30, 1)
    between = np.corrcoef(over.mean(axis=3).reshape(50, -1))[np.triu_indices(50, 1)]
    assert between.max() < 0.95


def test_snow_adds_flakes_to_an_image_that_is_whitened() -> None:
    images = photographs(6, 32, 32, 3) * 0.6
    after = snow(images, 5.0, draws_for(6))
    keep = 0.8
    whitened = keep * images + (1 - keep) * np.maximum(images, 1.5 * grey(images) + 0.5)
    flakes = after - whitened
    assert flakes.min() > -1e-12 and flakes.max() > 0.2
    assert np.ptp(flakes, axis=3).max() < 1e-9  # flakes are white
    np.testing.assert_allclose(flakes, flakes[:, ::-1, ::-1], atol=1e-12)  # and lie there twice


def test_snow_falls() -> None:
    """Flakes are longer from top to bottom than from side to side."""
    layers = snow(flat(40, 64, 1, 0.0), 5.0, draws_for(40))[..., 0]
    down, across = (np.abs(np.diff(layers, axis=axis)).mean() for axis in (1, 2))
    assert down < 0.7 * across


def test_snow_fades_in() -> None:
    images = flat(5, 32, 1, 0.2)
    means = [snow(images, s, draws_for(5)).mean() for s in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert means[0] == pytest.approx(0.2)
    np.testing.assert_allclose(np.diff(means), means[1] - means[0], rtol=1e-9)


def test_grey_is_the_luma_of_colours() -> None:
    assert grey(np.array([[[[1.0, 0.0, 0.0]]]])).item() == 0.299
    assert grey(np.full((1, 1, 1, 3), 0.5)).item() == pytest.approx(0.5)
    assert grey(np.array([[[[0.2, 0.4]]]])).item() == pytest.approx(0.3)
