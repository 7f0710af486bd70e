"""Reading an image between its pixels, and blurring it along lines."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def between(images: Floats, y: Floats, x: Floats) -> Floats:
    """Return the images (n, h, w, c) read at the places y and x, both (n, h, w), in pixels.

    Linear between the four neighbours; beyond an edge the image is seen in a mirror that stands on the
    last pixel.
    """
    top, left = np.floor(y), np.floor(x)
    down, right = (y - top)[..., None], (x - left)[..., None]
    n, height, width = images.shape[:3]
    rows = [mirrored(top.astype(np.int64) + i, height) * width for i in (0, 1)]
    columns = [mirrored(left.astype(np.int64) + i, width) for i in (0, 1)]
    flat = images.reshape(n * height * width, -1)
    first = np.arange(n)[:, None, None] * (height * width)
    corner = [[flat[first + r + c] for c in columns] for r in rows]
    upper = corner[0][0] + right * (corner[0][1] - corner[0][0])
    lower = corner[1][0] + right * (corner[1][1] - corner[1][0])
    out: Floats = upper + down * (lower - upper)
    return out


def mirrored(place: Ints, size: int) -> Ints:
    """Return places inside 0 to size - 1, reflected at the first and the last as often as it takes."""
    if size == 1:
        return np.zeros_like(place)
    period = 2 * size - 2
    inside = np.mod(place, period)
    out: Ints = np.minimum(inside, period - inside)
    return out


def zoomed(images: Floats, by: float) -> Floats:
    """Return the middle of the images (n, h, w, c), magnified to their whole size; ``by`` is 1 or more."""
    out = images
    for axis in (1, 2):
        size = images.shape[axis]
        centre = (size - 1) / 2.0
        at = centre + (np.arange(size) - centre) / by
        low = np.minimum(np.floor(at).astype(np.int64), max(size - 2, 0))
        part = (at - low).reshape([-1 if a == axis else 1 for a in range(images.ndim)])
        first = out.take(low, axis)
        out = first + part * (out.take(np.minimum(low + 1, size - 1), axis) - first)
    return out


def traced(images: Floats, radius: float, sd: float, angle: Floats) -> Floats:
    """Return images (n, h, w, c) blurred along a line at an angle a picture, shape (n,), in radians.

    The trace starts at the pixel and goes one way, over 2 ``radius`` pixels and with the weights of half a
    normal curve of standard deviation ``sd``; its steps are on whole pixels, and edge pixels repeat beyond
    the edge. This is how ImageMagick blurs motion.
    """
    weights = trace(radius, sd)
    n, height, width = images.shape[:3]
    flat = images.reshape(n, height * width, -1)
    out = weights[0] * flat
    rows, columns = np.arange(height)[:, None], np.arange(width)
    for i in np.flatnonzero(weights[1:] > 1e-9) + 1:
        down = np.ceil(i * np.sin(angle) - 0.5).astype(np.int64)[:, None, None]
        right = np.ceil(i * np.cos(angle) - 0.5).astype(np.int64)[:, None, None]
        place = np.clip(rows + down, 0, height - 1) * width + np.clip(columns + right, 0, width - 1)
        out += weights[i] * np.take_along_axis(flat, place.reshape(n, -1, 1), axis=1)
    blurred: Floats = out.reshape(images.shape)
    return blurred


def trace(radius: float, sd: float) -> Floats:
    """Return the weights along a trace, which add up to 1; all on the first pixel where it has no length."""
    steps = np.arange(int(2.0 * radius) + 2)
    if sd < 0.05:
        still: Floats = (steps == 0).astype(np.float64)
        return still
    weights = np.exp(-(steps**2) / (2.0 * sd**2)) * np.clip(2.0 * radius + 1.0 - steps, 0.0, 1.0)
    out: Floats = weights / weights.sum()
    return out
