"""Contrast, warping and blocks: moments, bounds and structure that follow from the numbers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from plimsoll.probes.images.digital import _smoothed, blocks, contrast, pixelate, warped
from plimsoll.probes.images.digital import elastic_transform as elastic
from plimsoll.probes.images.sampling import between
from plimsoll.probes.images.tables import numbers
from worlds.pictures import draws_for, photographs


@pytest.mark.parametrize(
    "side,left", [(32, [0.75, 0.5, 0.4, 0.3, 0.15]), (28, [0.4, 0.3, 0.2, 0.1, 0.05])]
)
def test_contrast_keeps_the_mean_and_scales_deviations(side: int, left: list[float]) -> None:
    images = photographs(5, side, side, 3)
    for severity, share in enumerate(left, start=1):
        after = contrast(images, float(severity), draws_for(5))
        np.testing.assert_allclose(after.mean(axis=(1, 2)), images.mean(axis=(1, 2)), atol=1e-12)
        np.testing.assert_allclose(after.std(axis=(1, 2)), share * images.std(axis=(1, 2)))


def test_blocks_are_the_published_number_at_whole_severities() -> None:
    assert [blocks(float(s), 32, 32, 0) for s in range(6)] == [32, 30, 28, 27, 24, 20]
    assert [blocks(float(s), 224, 224, 1) for s in range(1, 6)] == [134, 112, 89, 67, 56]
    assert [blocks(float(s), 8, 8, 0) for s in range(6)] == [8, 7, 7, 6, 6, 5]
    assert blocks(0.5, 32, 32, 0) == 31.0
    assert (blocks(5.0, 8, 20, 0), blocks(5.0, 8, 20, 1)) == (5.0, 13.0)


def test_even_blocks_hold_their_mean() -> None:
    images = photographs(3, 28, 28, 2)
    after = pixelate(images, 5.0, draws_for(3))  # 28 pixels in 7 blocks
    means = images.reshape(3, 7, 4, 7, 4, 2).mean(axis=(2, 4))
    np.testing.assert_allclose(after, means.repeat(4, axis=1).repeat(4, axis=2), atol=1e-12)


@pytest.mark.parametrize("side,severity", [(8, 5.0), (32, 3.0), (28, 2.5)])
def test_uneven_blocks_are_rectangles_and_keep_the_mean_of_each(side: int, severity: float) -> None:
    images = photographs(40, side, side, 1)
    after = pixelate(images, severity, draws_for(40))
    lines = [np.unique((np.diff(after, axis=a) != 0).any(axis=(0, 2 if a == 1 else 1, 3)), return_counts=True)
             for a in (1, 2)]  # fmt: skip
    assert all(found[1].sum() == side - 1 for found in lines)
    np.testing.assert_allclose(after.mean(axis=(1, 2)), images.mean(axis=(1, 2)), atol=1e-9)
    wanted = blocks(severity, side, side, 0)
    steps = (np.diff(after, axis=1) != 0).any(axis=(2, 3)).sum(axis=1) + 1
    assert set(steps) <= {np.floor(wanted), np.ceil(wanted)}


def test_pixels_are_resized_as_pillow_does_it() -> None:
    image = pytest.importorskip("PIL.Image")
    images = np.rint(255 * photographs(2, 28, 28, 1)) / 255
    after = pixelate(images, 3.0, draws_for(2))  # 11 blocks, of 2 and 3 pixels
    for was, now in zip(images, after, strict=True):
        whole = image.fromarray((was[..., 0] * 255).astype(np.uint8))
        small = whole.resize((11, 11), image.Resampling.BOX)
        theirs = np.asarray(small.resize((28, 28), image.Resampling.BOX)) / 255
        assert np.abs(theirs - now[..., 0]).max() <= 1.01 / 255


@pytest.mark.parametrize("height,width", [(8, 8), (28, 28), (32, 32), (20, 36)])
def test_no_pixel_is_moved_farther_than_the_numbers_allow(height: int, width: int) -> None:
    side = min(height, width)
    y, x = np.arange(height)[:, None], np.arange(width)
    for severity in (0.5, 1.0, 2.0, 3.3, 5.0):
        strength, _, far = (side * v for v in numbers("elastic_transform", severity, height, width))
        at_y, at_x = warped(draws_for(30), severity, height, width)
        # An affine map moves a point by a mix of what it does to three: weights of at most 1 in sum
        # between them, and as far outside as the point lies beyond.
        reach = side // 3
        slack = strength * (1 + 3 * far / reach)
        down, across = (y - height // 2) / reach, (x - width // 2) / reach
        bound = far * (
            np.abs((1 + across) / 2) + np.abs((down - across) / 2) + np.abs((1 - down) / 2)
        )
        assert (np.abs(at_y - y) <= bound + slack + 1e-9).all()
        assert (np.abs(at_x - x) <= bound + slack + 1e-9).all()
        assert np.abs(at_y - y).max() > 0.05 * far


def test_without_a_sheet_the_three_points_move_by_at_most_their_share_and_lines_stay_straight() -> (
    None
):
    at_y, at_x = warped(
        draws_for(200), 1.0, 32, 32
    )  # severity 1 at 32 pixels: the affine map alone
    for y, x in ((26, 26), (26, 6), (6, 6)):
        moved = np.stack([at_y[:, y, x] - y, at_x[:, y, x] - x])
        assert np.abs(moved).max() <= 2.56
        assert np.abs(moved).max() > 2.3
        assert moved.std() == pytest.approx(2.56 / np.sqrt(3), rel=0.1)
    for places in (at_y, at_x):
        assert np.abs(np.diff(places, n=2, axis=1)).max() < 1e-9
        assert np.abs(np.diff(places, n=2, axis=2)).max() < 1e-9


def test_the_sheet_is_smoothed_as_scipy_does_it() -> None:
    fields = np.random.default_rng(0).normal(size=(2, 3, 20, 31))
    for sd in (0.3, 2.0, 25.0):
        theirs = ndimage.gaussian_filter(fields, (0, 0, sd, sd), mode="reflect", truncate=3.0)
        np.testing.assert_allclose(_smoothed(fields, sd), theirs, atol=1e-12)


def test_reading_between_pixels_is_scipys() -> None:
    images = photographs(3, 9, 12, 2)
    rng = np.random.default_rng(1)
    y, x = rng.uniform(-12, 25, (3, 9, 12)), rng.uniform(-12, 25, (3, 9, 12))
    after = between(images, y, x)
    for i in range(3):
        for channel in range(2):
            theirs = ndimage.map_coordinates(
                images[i, ..., channel], [y[i], x[i]], order=1, mode="mirror"
            )
            np.testing.assert_allclose(after[i, ..., channel], theirs, atol=1e-9)


def test_a_warped_image_has_no_new_values_at_its_ends() -> None:
    images = photographs(10, 32, 32, 3)
    after = elastic(images, 5.0, draws_for(10))
    assert (after.max(axis=(1, 2)) <= images.max(axis=(1, 2)) + 1e-12).all()
    assert (after.min(axis=(1, 2)) >= images.min(axis=(1, 2)) - 1e-12).all()
