"""Blur: the lens is out of focus, the glass is frosted, the camera moves or zooms."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from plimsoll.core.stress import Draws
from plimsoll.probes.images.fields import uniform
from plimsoll.probes.images.sampling import traced, zoomed
from plimsoll.probes.images.tables import mixture, numbers

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
ANGLES = (-np.pi / 4.0, np.pi / 4.0)
"""The camera moves within 45 degrees of the horizontal."""


def defocus_blur(images: Floats, severity: float, draws: Draws) -> Floats:
    """Average over a disk: the lens is out of focus."""
    kernel = disk(severity, *images.shape[1:3])
    out: Floats = ndimage.correlate(images, kernel[None, :, :, None], mode="mirror")
    return out


def disk(severity: float, height: int, width: int) -> Floats:
    """Return the disk of a severity, a square array of odd side that adds up to 1.

    Pixels whose centre lies within the radius count alike, and a small normal curve (3 by 3 pixels up to a
    radius of 8, else 5 by 5) softens the edge. Between two severities the disks are mixed, for one with a
    radius in between would grow in jumps.
    """
    rows = mixture("defocus_blur", severity, height, width)
    half = max(int(row[0]) + (1 if row[0] <= 8 else 2) for _, row in rows)
    steps = np.arange(-half, half + 1)
    away = np.hypot(steps[:, None], steps)
    out = np.zeros_like(away)
    for weight, (radius, soft) in rows:
        whole = (away <= radius).astype(np.float64)
        near = np.arange(-1, 2) if radius <= 8 else np.arange(-2, 3)
        edge = np.exp(-(near**2) / (2.0 * max(soft, 1e-3) ** 2))
        edge /= edge.sum()
        out += weight * ndimage.correlate(
            whole / whole.sum(), np.outer(edge, edge), mode="constant"
        )
    return out


def glass_blur(images: Floats, severity: float, draws: Draws) -> Floats:
    """Blur, swap pixels that are near to each other, blur again: seen through frosted glass."""
    height, width = images.shape[1:3]
    sd, far, passes = numbers("glass_blur", severity, height, width)
    blurred = _softened(images, sd)
    place = shuffled(draws, height, width, far, passes)
    flat = blurred.reshape(images.shape[0], height * width, -1)
    return _softened(np.take_along_axis(flat, place[:, :, None], axis=1).reshape(images.shape), sd)


def shuffled(draws: Draws, height: int, width: int, far: float, passes: float) -> Ints:
    """Return which pixel stands at each place after swaps, shape (images, height x width).

    From the last pixel to the first, each is swapped with one that is at most ``far`` away, up or left by
    ``far`` or down or right by ``far - 1``; pixels nearer to an edge stay. The order and the partners are
    those of the published code. (That code swaps only where images are grey: of colours its swap copies
    the one pixel over the other, because both are views. Here they are swapped in any image.) Of a part of
    a pass each pixel takes part with that probability, and ``far`` between two whole numbers is the one or
    the other.

    The order of the pixels depends on one another, images do not: each swap is made in all images at once.
    """
    n, last = draws.rows, height * width
    place = np.tile(np.arange(last, dtype=np.int64)[:, None], (1, n))
    image = np.arange(n)
    for i in range(int(np.ceil(passes))):
        partner = _partners(draws, height, width, far, min(passes - i, 1.0), i)
        for pixel in np.flatnonzero((partner != np.arange(last)[:, None]).any(axis=1))[::-1]:
            other = partner[pixel]
            mine, theirs = place[pixel].copy(), place[other, image]
            place[other, image] = mine
            place[pixel] = theirs
    return place.T


def _partners(draws: Draws, height: int, width: int, far: float, share: float, which: int) -> Ints:
    """Return the pixel that each one is swapped with in a pass, shape (height x width, images)."""
    drawn = uniform(draws, (4, height, width), f"pass {which}")
    reach = np.floor(far) + (drawn[:, 2] < far - np.floor(far))
    down, right = (np.floor(drawn[:, i] * 2.0 * reach) - reach for i in (0, 1))
    y, x = np.arange(height)[:, None], np.arange(width)
    stays = (y <= reach) | (y > height - reach) | (x <= reach) | (x > width - reach)
    stays |= (drawn[:, 3] >= share) | (reach < 1)
    moved = np.where(stays, 0.0, down * width + right).astype(np.int64)
    return (moved + y * width + x).reshape(draws.rows, -1).T


def _softened(images: Floats, sd: float) -> Floats:
    out: Floats = ndimage.gaussian_filter(images, (0.0, sd, sd, 0.0), mode="nearest")
    return out


def motion_blur(images: Floats, severity: float, draws: Draws) -> Floats:
    """Blur along a line at an angle of its own for each image: the camera moves."""
    radius, sd = numbers("motion_blur", severity, *images.shape[1:3])
    low, high = ANGLES
    return traced(images, radius, sd, low + (high - low) * draws.uniform("angle"))


def zoom_blur(images: Floats, severity: float, draws: Draws) -> Floats:
    """Average the image with magnified ones: the camera moves towards it.

    Each is magnified about its centre and read between pixels. The published code cuts out whole pixels
    instead, so that of small images the first few magnifications are none.
    """
    out = np.zeros_like(images)
    for by, weight in zooms(severity, *images.shape[1:3]).items():
        out += weight * (images if by == 1.0 else zoomed(images, by))
    return out


def zooms(severity: float, height: int, width: int) -> dict[float, float]:
    """Return the magnifications and their weights, which add up to 1; the image itself counts twice."""
    out: dict[float, float] = {}
    for weight, (stop, step) in mixture("zoom_blur", severity, height, width):
        each = [1.0, *(round(float(by), 6) for by in np.arange(1.0, stop, step))]
        for by in each:
            out[by] = out.get(by, 0.0) + weight / len(each)
    return out
