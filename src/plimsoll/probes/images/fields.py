"""Random numbers for every pixel of an image, the same whatever other images it comes with."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from plimsoll.core.keys import mix
from plimsoll.core.stress import Draws

Floats = npt.NDArray[np.float64]
_GOLDEN = 0x9E3779B97F4A7C15


def uniform(draws: Draws, shape: tuple[int, ...], what: str) -> Floats:
    """Return numbers between 0 and 1, both excluded, shape (images, *shape).

    Each image has a stream of its own (SplitMix64, doi:10.1145/2660193.2660195) that starts from its key.
    """
    steps = np.arange(math.prod(shape), dtype=np.uint64) * np.uint64(_GOLDEN)
    bits = mix(draws.bits(what)[:, None] + steps)
    out: Floats = ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    return out.reshape(draws.rows, *shape)


def normal(draws: Draws, shape: tuple[int, ...], what: str) -> Floats:
    """Return standard normal numbers, shape (images, *shape)."""
    out: Floats = ndtri(uniform(draws, shape, what))
    return out


def plasma(draws: Draws, side: int, decay: float, what: str) -> Floats:
    """Return clouds by the diamond-square algorithm, from 0 to 1, shape (images, size, size).

    ``size`` is the smallest power of two that is at least ``side``; the clouds wrap around. Between the
    points of a grid lies the mean of four neighbours plus a uniform number, whose spread is divided by
    ``decay`` squared from each grid to the next finer one. Each cloud is stretched to reach from 0 to 1.
    Fournier, Fussell and Carpenter 1982, doi:10.1145/358523.358553.
    """
    grid = np.zeros((draws.rows, 1, 1))
    spread = 1.0
    while grid.shape[1] < side or grid.shape[1] < 2:
        size = grid.shape[1]
        drawn = 2.0 * uniform(draws, (3, size, size), f"{what} of {size}") - 1.0
        grid = _finer(grid, spread * drawn)
        spread /= decay**2
    lowest = grid.min(axis=(1, 2), keepdims=True)
    width = grid.max(axis=(1, 2), keepdims=True) - lowest
    out: Floats = (grid - lowest) / np.where(width > 0.0, width, 1.0)
    return out


def _finer(grid: Floats, wobble: Floats) -> Floats:
    """Return the grid (images, k, k) with a point between any two, (images, 2k, 2k)."""
    right, below = np.roll(grid, -1, axis=2), np.roll(grid, -1, axis=1)
    middle = (grid + right + below + np.roll(right, -1, axis=1)) / 4.0 + wobble[:, 0]
    out = np.empty((grid.shape[0], 2 * grid.shape[1], 2 * grid.shape[2]))
    out[:, ::2, ::2] = grid
    out[:, 1::2, 1::2] = middle
    out[:, ::2, 1::2] = (grid + right + middle + np.roll(middle, 1, axis=1)) / 4.0 + wobble[:, 1]
    out[:, 1::2, ::2] = (grid + below + middle + np.roll(middle, 1, axis=2)) / 4.0 + wobble[:, 2]
    return out
