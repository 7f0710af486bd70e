"""The loss of JPEG: blocks of 8 by 8 pixels as waves, and the waves rounded.

What comes after the rounding (Huffman codes) loses nothing, so it is left out. ITU-T T.81 (1992), its tables
K.1 and K.2, scaled by quality as the Independent JPEG Group does; colours as in JFIF 1.02 (ITU-T T.871),
their differences at half the resolution (4:2:0).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.fft import dctn, idctn

Floats = npt.NDArray[np.float64]
BLOCK = 8

LUMINANCE = np.array([
    [16, 11, 10, 16, 24, 40, 51, 61], [12, 12, 14, 19, 26, 58, 60, 55],
    [14, 13, 16, 24, 40, 57, 69, 56], [14, 17, 22, 29, 51, 87, 80, 62],
    [18, 22, 37, 56, 68, 109, 103, 77], [24, 35, 55, 64, 81, 104, 113, 92],
    [49, 64, 78, 87, 103, 121, 120, 101], [72, 92, 95, 98, 112, 100, 103, 99],
])  # fmt: skip
CHROMINANCE = np.array([
    [17, 18, 24, 47, 99, 99, 99, 99], [18, 21, 26, 66, 99, 99, 99, 99],
    [24, 26, 56, 99, 99, 99, 99, 99], [47, 66, 99, 99, 99, 99, 99, 99],
    *([99] * 8 for _ in range(4)),
])  # fmt: skip
TO_YCC = np.array([
    [0.299, 0.587, 0.114], [-0.168735892, -0.331264108, 0.5], [0.5, -0.418687589, -0.081312411],
])  # fmt: skip
TO_RGB = np.array([[1.0, 0.0, 1.402], [1.0, -0.344136286, -0.714136286], [1.0, 1.772, 0.0]])


def compressed(images: Floats, quality: float) -> Floats:
    """Return images (n, h, w, c) from 0 to 1 as they are after JPEG at a quality from 1 to 100.

    Three channels are red, green and blue; of any other number each is compressed as a grey image. Values
    have 8 bits before and after.
    """
    samples = np.rint(255.0 * np.clip(images, 0.0, 1.0))
    light, colour = (steps(table, quality) for table in (LUMINANCE, CHROMINANCE))
    if images.shape[3] != 3:
        return (
            np.clip(np.rint(_rounded(samples.transpose(0, 3, 1, 2), light)), 0, 255).transpose(
                0, 2, 3, 1
            )
            / 255.0
        )
    y, blue, red = _weighted(samples, TO_YCC)
    height, width = y.shape[1:]
    planes = [np.rint(np.clip(_rounded(np.rint(y), light), 0.0, 255.0))]
    for plane in (blue, red):
        small = _halved(np.rint(plane))
        kept = np.rint(np.clip(_rounded(small + 128.0, colour), 0.0, 255.0)) - 128.0
        kept = kept[..., : (width + 1) // 2]
        planes.append(_doubled(_doubled(kept, 1), 2)[:, :height, :width])
    back = np.stack(_weighted(np.stack(planes, axis=3), TO_RGB), axis=3)
    return np.clip(np.rint(back), 0.0, 255.0) / 255.0


def steps(table: npt.NDArray[np.int64], quality: float) -> Floats:
    """Return the step that each wave is rounded to, at a quality: whole numbers from 1 to 255.

    ``(table s + 50) / 100`` without remainder, s = 5000 / quality below 50, else 200 - 2 quality.
    """
    scale = 5000.0 / quality if quality < 50.0 else 200.0 - 2.0 * quality
    out: Floats = np.clip(np.floor((table * np.floor(scale + 1e-9) + 50.0) / 100.0), 1.0, 255.0)
    return out


def _rounded(plane: Floats, step: Floats) -> Floats:
    """Return planes (..., h, w) of 0 to 255 with the waves of each block at whole multiples of a step."""
    height, width = plane.shape[-2:]
    edge = [(0, 0)] * (plane.ndim - 2) + [(0, -height % BLOCK), (0, -width % BLOCK)]
    full = np.pad(plane - 128.0, edge, mode="edge")
    tall, wide = (size // BLOCK for size in full.shape[-2:])
    cut = full.reshape(*plane.shape[:-2], tall, BLOCK, wide, BLOCK).swapaxes(-3, -2)
    waves = dctn(cut, axes=(-2, -1), norm="ortho") / step
    # Halves go away from 0, and a little less than half counts as half: else the last digit of the
    # transform, which may differ from batch to batch, would decide.
    whole = np.sign(waves) * np.floor(np.abs(waves) + 0.5 + 1e-9)
    back = idctn(whole * step, axes=(-2, -1), norm="ortho").swapaxes(-3, -2).reshape(full.shape)
    out: Floats = np.round(back, 9)[..., :height, :width] + 128.0
    return out


def _weighted(images: Floats, weights: Floats) -> list[Floats]:
    """Return the weighted sums of the three channels (n, h, w, 3), each (n, h, w)."""
    return [sum((w * images[..., i] for i, w in enumerate(row)), np.zeros(1)) for row in weights]


def _halved(plane: Floats) -> Floats:
    """Return the means of 2 by 2 pixels, as wide as whole blocks.

    Edge pixels are repeated as in the reference program: columns before the mean is taken, rows after.
    """
    _, height, width = plane.shape
    even = np.pad(plane, ((0, 0), (0, height % 2), (0, -width % (2 * BLOCK))), mode="edge")
    rows = even[:, ::2] + even[:, 1::2]
    return np.rint((rows[..., ::2] + rows[..., 1::2]) / 4.0)


def _doubled(plane: Floats, axis: int) -> Floats:
    """Return twice as many pixels along an axis: three quarters of the nearer one, a quarter of the other."""
    size = plane.shape[axis]
    near = np.arange(2 * size) // 2
    other = np.clip(near + np.where(np.arange(2 * size) % 2, 1, -1), 0, size - 1)
    out: Floats = 0.75 * plane.take(near, axis) + 0.25 * plane.take(other, axis)
    return out
