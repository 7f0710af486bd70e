"""Digital: low contrast, warped images, blocks of pixels, and JPEG."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from plimsoll.core.stress import Draws
from plimsoll.probes.images.fields import uniform
from plimsoll.probes.images.jpeg import compressed
from plimsoll.probes.images.sampling import between
from plimsoll.probes.images.tables import mixture, numbers

Floats = npt.NDArray[np.float64]


def contrast(images: Floats, severity: float, draws: Draws) -> Floats:
    """Pull every value towards the mean of its channel: ``(x - mean) c + mean``."""
    (left,) = numbers("contrast", severity, *images.shape[1:3])
    mean = images.mean(axis=(1, 2), keepdims=True)
    out: Floats = mean + left * (images - mean)
    return out


def jpeg_compression(images: Floats, severity: float, draws: Draws) -> Floats:
    """Compress and read back as JPEG, of a quality that falls with severity; see :mod:`.jpeg`.

    Just above severity 0 the quality is 100, which is nearly but not quite no change: values are rounded,
    and differences of colour are kept at half the resolution.
    """
    (quality,) = numbers("jpeg_compression", severity, *images.shape[1:3])
    return compressed(images, quality)


def pixelate(images: Floats, severity: float, draws: Draws) -> Floats:
    """Make the image of fewer, larger pixels: each pixel becomes the mean of its block.

    Between severities the number of blocks along a side is in between. Where it is not a whole number, an
    image takes the next larger one with the probability of the remainder, else the next smaller one.
    """
    height, width = images.shape[1:3]
    down, across = (blocks(severity, height, width, axis) for axis in (0, 1))
    more = draws.uniform("blocks")
    counts = np.stack([np.floor(k) + (more < k - np.floor(k)) for k in (down, across)], axis=1)
    out = np.empty_like(images)
    for pair in np.unique(counts, axis=0):
        mine = (counts == pair).all(axis=1)
        out[mine] = _in_blocks(images[mine], int(pair[0]), int(pair[1]))
    return out


def blocks(severity: float, height: int, width: int, axis: int) -> float:
    """Return the number of blocks along the height (axis 0) or the width (1), whole at whole severities."""
    side = (height, width)[axis]
    rows = mixture("pixelate", severity, height, width)
    # A share such as 0.3 of 10 must not come out as 2 because a float says 2.9999999999999996.
    found = sum(weight * max(int(side * row[0] + 1e-9), 1) for weight, row in rows)
    return round(found, 9)


def _in_blocks(images: Floats, down: int, across: int) -> Floats:
    """Return the images with each pixel at the mean of its block; it is in the block its centre lies in."""
    out = images
    for axis, count in ((1, down), (2, across)):
        size = images.shape[axis]
        block = (2 * np.arange(size) + 1) * count // (2 * size)
        first = np.searchsorted(block, np.arange(count))
        length = np.bincount(block, minlength=count).reshape(
            [-1 if a == axis else 1 for a in range(images.ndim)]
        )
        out = (np.add.reduceat(out, first, axis=axis) / length).take(block, axis)
    return out


def elastic_transform(images: Floats, severity: float, draws: Draws) -> Floats:
    """Warp the image: three of its corners are moved and a rubber sheet is pulled here and there.

    The image is read once, where the published code reads it twice and so softens it more. Severity 2 of
    ImageNet-C warps more than 3: the published numbers do not rise.
    """
    y, x = warped(draws, severity, *images.shape[1:3])
    return between(images, y, x)


def warped(draws: Draws, severity: float, height: int, width: int) -> tuple[Floats, Floats]:
    """Return where every pixel is read, in pixels down and across, both (images, height, width).

    First each pixel is moved by at most the strength of the warp, along fields of uniform numbers that a
    normal curve has smoothed; then by the affine map that moves three points around the middle by a uniform
    number each. (The published code reads through the inverse of such a map, which has the same law to first
    order and can be singular.)
    """
    strength, sd, far = (
        min(height, width) * share
        for share in numbers("elastic_transform", severity, height, width)
    )
    pull = np.zeros((draws.rows, 2, height, width))
    if strength > 0.0:
        pull = strength * _smoothed(2.0 * uniform(draws, (2, height, width), "sheet") - 1.0, sd)
    y = np.arange(height)[:, None] + pull[:, 0]
    x = np.arange(width) + pull[:, 1]
    corners = far * (2.0 * uniform(draws, (2, 3), "corners") - 1.0)[..., None, None]
    # Weights of the three points (+, +), (+, -), (-, -) around the middle, which add up to 1 anywhere.
    reach = max(min(height, width) // 3, 1)
    down, across = (y - height // 2) / reach, (x - width // 2) / reach
    weights = np.stack([(1 + across) / 2, (down - across) / 2, (1 - down) / 2], axis=1)
    moved = (corners * weights[:, None]).sum(axis=2)
    return y + moved[:, 0], x + moved[:, 1]


def _smoothed(fields: Floats, sd: float) -> Floats:
    """Return fields (..., h, w) blurred by a normal curve cut off at 3 deviations, edges reflected."""
    height, width = fields.shape[-2:]
    sd = max(sd, 1e-3)
    down, across = (
        ndimage.gaussian_filter1d(np.eye(size), sd, axis=0, mode="reflect", truncate=3.0)
        for size in (height, width)
    )
    # One product an image, so that the last digits do not depend on how many images there are.
    out: Floats = np.matmul(np.matmul(down, fields), across.T)
    return out
