"""Images that look a little like photographs: large soft shapes, some detail, colours that go together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from plimsoll.core.keys import mix
from plimsoll.core.stress import Draws

Floats = npt.NDArray[np.float64]


def photographs(n: int, height: int, width: int, channels: int, seed: int = 0) -> Floats:
    """Make images of mean 0.5 and standard deviation 0.2 inside 0 to 1, shape (n, h, w, c)."""
    rng = np.random.default_rng(seed)

    def soft(sd: float, deep: int) -> Floats:
        drawn = rng.normal(size=(n, height, width, deep))
        blurred = ndimage.gaussian_filter(drawn, (0, sd, sd, 0))
        return blurred / blurred.std(axis=(1, 2, 3), keepdims=True)

    side = min(height, width)
    drawn = soft(side / 8, 1) + 0.4 * soft(side / 8, channels) + 0.3 * soft(0.7, 1)
    centred = drawn - drawn.mean(axis=(1, 2, 3), keepdims=True)
    return np.clip(0.5 + 0.2 * centred / centred.std(axis=(1, 2, 3), keepdims=True), 0.0, 1.0)


def flat(n: int, side: int, channels: int, value: float) -> Floats:
    """Make images of one value."""
    return np.full((n, side, side, channels), value)


def draws_for(n: int, seed: int = 0) -> Draws:
    """Return random numbers for images that are all different."""
    return Draws(mix(np.arange(n, dtype=np.uint64) + np.uint64(7)), seed, "pictures")
