"""JPEG: the waves of a block land on multiples of the standard's steps, and Pillow loses the same."""

from __future__ import annotations

import io

import numpy as np
import pytest

from plimsoll.probes.images.jpeg import CHROMINANCE, LUMINANCE, compressed, steps
from worlds.pictures import flat, photographs


def waves() -> np.ndarray:
    """Return the cosine waves of the standard (ITU-T T.81, A.3.3), shape (8 waves, 8 samples)."""
    u, x = np.arange(8)[:, None], np.arange(8)
    return np.where(u == 0, np.sqrt(0.5), 1.0) / 2 * np.cos((2 * x + 1) * u * np.pi / 16)


def by_hand(block: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Return a block of 8 by 8 samples after its waves are rounded, by the sums of the standard."""
    c = waves()
    strength = c @ (block - 128.0) @ c.T
    whole = np.sign(strength) * np.floor(np.abs(strength) / step + 0.5 + 1e-9)
    return np.clip(np.rint(np.round(c.T @ (whole * step) @ c, 9)) + 128.0, 0, 255)


@pytest.mark.parametrize("quality", [7, 18, 40, 65, 90])
def test_every_block_is_that_of_the_sums_of_the_standard(quality: int) -> None:
    images = np.rint(255 * photographs(2, 16, 24, 1))
    after = 255 * compressed(images / 255, quality)[..., 0]
    for i in range(2):
        for y in (0, 8):
            for x in (0, 8, 16):
                block = np.s_[i, y : y + 8, x : x + 8]
                expected = by_hand(images[..., 0][block], steps(LUMINANCE, quality))
                np.testing.assert_allclose(after[block], expected, atol=1e-9)


def test_one_wave_is_rounded_to_its_step() -> None:
    """A block of one wave of strength 100 at quality 50, whose step there is 24: 96 is left of it."""
    c = waves()
    assert LUMINANCE[0, 4] == 24
    block = 128.0 + 100.0 * np.outer(c[0], c[4])
    after = 255 * compressed(block[None, ..., None] / 255, 50)[0, ..., 0]
    strength = c @ (after - 128.0) @ c.T
    assert strength[0, 4] == pytest.approx(96.0, abs=1.5)
    strength[0, 4] = 0.0
    assert np.abs(strength).max() < 2.0  # what is left is the rounding to whole samples


def test_steps_are_scaled_as_the_reference_program_scales_them() -> None:
    np.testing.assert_array_equal(steps(LUMINANCE, 50), LUMINANCE)
    np.testing.assert_array_equal(steps(CHROMINANCE, 100), np.ones((8, 8)))
    assert steps(LUMINANCE, 25)[0].tolist() == [32, 22, 20, 32, 48, 80, 102, 122]
    assert steps(LUMINANCE, 75)[0].tolist() == [8, 6, 5, 8, 12, 20, 26, 31]
    assert steps(LUMINANCE, 1).max() == 255


def test_steps_are_those_in_a_file_of_pillow() -> None:
    image = pytest.importorskip("PIL.Image")
    for quality in (7, 10, 25, 40, 58, 80, 95):
        file = io.BytesIO()
        image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(file, "JPEG", quality=quality)
        written = image.open(file).quantization
        for table, ours in ((0, LUMINANCE), (1, CHROMINANCE)):
            assert np.reshape(written[table], (8, 8)).tolist() == steps(ours, quality).tolist()


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("height,width", [(8, 8), (28, 28), (32, 32), (37, 45)])
def test_pillow_loses_the_same(height: int, width: int, channels: int) -> None:
    """Pillow's program computes in whole numbers, so a wave near the half goes the other way now and then."""
    image = pytest.importorskip("PIL.Image")
    images = np.rint(255 * photographs(12, height, width, channels))
    for quality in (10, 40, 80):
        ours = 255 * compressed(images / 255, quality)
        theirs = np.empty_like(ours)
        for i, was in enumerate(images.astype(np.uint8)):
            file = io.BytesIO()
            image.fromarray(was.squeeze()).save(file, "JPEG", quality=quality)
            theirs[i] = np.asarray(image.open(file)).reshape(was.shape)
        apart, lost = np.abs(ours - theirs).mean(), np.abs(theirs - images).mean()
        assert apart < (0.12 if channels == 1 else 0.25) * lost
        assert np.abs(ours - theirs).mean(axis=(1, 2, 3)).min() < 0.7


def test_quality_100_keeps_grey_values_and_lower_ones_lose_more() -> None:
    images = np.rint(255 * photographs(8, 32, 32, 1)) / 255
    assert np.abs(compressed(images, 100) - images).max() <= 2.01 / 255
    lost = [((compressed(images, q) - images) ** 2).mean() for q in (95, 80, 60, 40, 20, 10, 5)]
    assert lost == sorted(lost)


def test_one_value_stays_within_half_a_step() -> None:
    for value in (0.0, 0.2, 0.5, 1.0):
        for channels in (1, 2, 3):
            after = compressed(flat(1, 20, channels, value), 50)
            assert np.abs(after - value).max() <= (8 / 8 + 1) / 255
