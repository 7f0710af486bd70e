"""Blur spreads light and neither makes nor loses any; its kernels are those of their published numbers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from plimsoll.probes.images.blur import (
    defocus_blur,
    disk,
    glass_blur,
    motion_blur,
    shuffled,
    zoom_blur,
    zooms,
)
from plimsoll.probes.images.sampling import mirrored, trace, traced, zoomed
from worlds.pictures import draws_for, flat, photographs

BLURS = (defocus_blur, glass_blur, motion_blur, zoom_blur)
SEVERITIES = (0.4, 1.0, 2.5, 4.0, 5.0)


@pytest.mark.parametrize("blur", BLURS)
@pytest.mark.parametrize("side", [8, 28, 32, 40])
def test_an_image_of_one_value_stays_as_it_is(blur, side: int) -> None:
    images = flat(3, side, 3, 0.37)
    for severity in SEVERITIES:
        np.testing.assert_allclose(blur(images, severity, draws_for(3)), images, atol=1e-12)


@pytest.mark.parametrize("blur", BLURS)
def test_blur_is_linear_and_takes_detail_away(blur) -> None:
    images = photographs(6, 32, 32, 1)
    draws = draws_for(6)
    after = blur(images, 5.0, draws)
    np.testing.assert_allclose(blur(0.5 * images + 0.1, 5.0, draws), 0.5 * after + 0.1, atol=1e-9)
    if blur is not glass_blur:
        assert np.abs(np.diff(after, axis=1)).mean() < 0.9 * np.abs(np.diff(images, axis=1)).mean()


@pytest.mark.parametrize("side", [8, 28, 32, 48, 64, 224])
def test_disks_add_up_to_1_and_grow(side: int) -> None:
    spread = []
    for severity in (0.5, 1.0, 2.0, 3.0, 4.0, 5.0):
        kernel = disk(severity, side, side)
        assert kernel.sum() == pytest.approx(1.0)
        assert kernel.min() >= 0.0
        np.testing.assert_allclose(kernel, kernel.T, atol=1e-15)
        np.testing.assert_allclose(kernel, kernel[::-1, ::-1], atol=1e-15)
        away = np.arange(kernel.shape[0]) - kernel.shape[0] // 2
        spread.append((kernel.sum(axis=0) * away**2).sum())
    assert spread == sorted(spread)


def test_a_disk_is_round_and_its_pixels_count_alike() -> None:
    kernel = disk(1.0, 224, 224)  # radius 3, edge softened by 0.1 pixels, which is nothing
    away = np.hypot(*np.meshgrid(*[np.arange(kernel.shape[0]) - kernel.shape[0] // 2] * 2))
    inside = away <= 3
    assert inside.sum() == 29
    np.testing.assert_allclose(kernel[inside], 1 / 29, atol=1e-9)
    assert kernel[~inside].max() < 1e-9


def test_a_disk_between_two_severities_is_between_them() -> None:
    one, two = disk(1.0, 32, 32), disk(2.0, 32, 32)
    np.testing.assert_allclose(disk(1.25, 32, 32), 0.75 * one + 0.25 * two, atol=1e-12)


def test_traces_add_up_to_1_and_are_half_a_normal_curve() -> None:
    weights = trace(10, 3.0)
    assert weights.sum() == pytest.approx(1.0)
    assert weights.size == 22 and weights[-1] == 0.0  # 2 x 10 + 1 pixels
    np.testing.assert_allclose(weights[:-1] / weights[0], np.exp(-(np.arange(21) ** 2) / 18.0))
    assert trace(0.0, 0.0).tolist() == [1.0, 0.0]
    assert trace(2.5, 8.0)[5] > trace(2.25, 8.0)[5] > trace(2.0, 8.0)[5] == 0.0


def test_motion_goes_along_its_angle() -> None:
    images = np.zeros((3, 21, 21, 1))
    images[:, 10, 10] = 1.0
    angle = np.array([0.0, np.pi / 2, np.pi / 4])
    after = traced(images, 4, 2.0, angle)[..., 0]
    weights = trace(4, 2.0)[:9]
    np.testing.assert_allclose(after[0, 10, 10 - np.arange(9)], weights, atol=1e-12)
    np.testing.assert_allclose(after[1, 10 - np.arange(9), 10], weights, atol=1e-12)
    diagonal = after[2][np.arange(21), np.arange(21)]
    assert diagonal.sum() == pytest.approx(1.0)


def test_the_camera_moves_within_45_degrees_of_the_horizontal() -> None:
    images = np.zeros((40, 41, 41, 1))
    images[:, 20, 20] = 1.0
    after = motion_blur(images, 5.0, draws_for(40))[..., 0]
    y, x = np.arange(41)[:, None] - 20, np.arange(41) - 20
    down, across = (after * y).sum(axis=(1, 2)), (after * x).sum(axis=(1, 2))
    assert (np.abs(down) <= np.abs(across) + 0.5).all()
    assert np.unique(down).size > 10


def test_magnifying_keeps_the_middle_and_reads_a_ramp_exactly() -> None:
    ramp = np.broadcast_to(np.arange(9.0)[None, :, None, None], (1, 9, 9, 1))
    after = zoomed(ramp, 2.0)[0, :, 4, 0]
    np.testing.assert_allclose(after, 4 + (np.arange(9) - 4) / 2)
    np.testing.assert_allclose(zoomed(ramp, 1.0), ramp)


def test_the_published_magnifications_are_averaged_with_the_image_once_more() -> None:
    found = zooms(3.0, 224, 224)
    each = np.arange(1, 1.21, 0.02)
    assert sorted(found) == pytest.approx(list(each))
    assert sum(found.values()) == pytest.approx(1.0)
    assert found[1.0] == pytest.approx(2 / (len(each) + 1))
    assert zooms(0.0, 224, 224) == {1.0: 1.0}


@pytest.mark.parametrize("far,passes", [(1.0, 2.0), (2.0, 0.5), (3.3, 1.5), (0.25, 1.0)])
def test_shuffling_keeps_every_pixel_and_moves_none_at_the_edge(far: float, passes: float) -> None:
    place = shuffled(draws_for(7), 16, 12, far, passes)
    assert place.shape == (7, 192)
    assert (np.sort(place, axis=1) == np.arange(192)).all()
    assert (place != np.arange(192)).any(axis=1).all()


def test_glass_keeps_the_values_of_every_channel_where_nothing_is_blurred() -> None:
    """At severity 1 and 32 pixels the blur is of 0.05 pixels, that is none: only swaps are left."""
    images = photographs(5, 32, 32, 3)
    after = glass_blur(images, 1.0, draws_for(5))
    assert (after != images).any(axis=3).mean() > 0.3
    for channel in range(3):
        was, now = (np.sort(i[..., channel].reshape(5, -1)) for i in (images, after))
        np.testing.assert_array_equal(now, was)
    whole = np.unique(images.reshape(-1, 3), axis=0)
    assert (np.unique(after.reshape(-1, 3), axis=0) == whole).all()  # pixels move as one


def test_swaps_are_those_of_the_loop_over_pixels_one_image_at_a_time() -> None:
    """The swaps made in all images at once, against one image that is walked through alone."""
    n, side, far = 3, 10, 2
    place = shuffled(draws_for(n), side, side, float(far), 1.0)
    from plimsoll.probes.images.fields import uniform

    drawn = uniform(draws_for(n), (4, side, side), "pass 0")
    for image in range(n):
        pixels = np.arange(side * side).reshape(side, side)
        for y in range(side - far, far, -1):
            for x in range(side - far, far, -1):
                dy, dx = (int(drawn[image, i, y, x] * 2 * far) - far for i in (0, 1))
                other = pixels[y + dy, x + dx]
                pixels[y + dy, x + dx], pixels[y, x] = pixels[y, x], other
        assert (pixels.ravel() == place[image]).all()


def test_swaps_go_as_far_as_the_table_says_and_no_farther_at_a_time() -> None:
    from plimsoll.probes.images.blur import _partners

    partner = _partners(draws_for(30), 28, 28, 3.0, 1.0, 0)
    own = np.arange(784)[:, None]
    down, across = partner // 28 - own // 28, partner % 28 - own % 28
    assert (down.min(), down.max()) == (-3, 2)
    assert (across.min(), across.max()) == (-3, 2)
    inner = (partner != own).any(axis=1).reshape(28, 28)
    assert inner[4:26, 4:26].all() and not inner[:4].any() and not inner[26:].any()


def test_places_beyond_the_edge_are_those_of_a_mirror() -> None:
    places = np.arange(-9, 12)
    padded = np.pad(np.arange(4), (9, 8), mode="reflect")
    assert (mirrored(places, 4) == padded).all()
    assert (mirrored(places, 1) == 0).all()


def test_defocus_is_the_convolution_with_its_disk() -> None:
    images = photographs(2, 32, 32, 1)
    after = defocus_blur(images, 5.0, draws_for(2))
    kernel = disk(5.0, 32, 32)
    by_hand = ndimage.convolve(images[1, ..., 0], kernel, mode="mirror")
    np.testing.assert_allclose(after[1, ..., 0], by_hand, atol=1e-12)
