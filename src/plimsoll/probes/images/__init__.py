"""The fifteen corruptions of ImageNet-C, written anew for arrays of images: pure functions, no pictures.

Hendrycks and Dietterich 2019, arXiv:1903.12261. One file a group: noise, blur, weather, digital; ``tables``
holds how strong each severity is. Images are arrays (n, h, w, c) of numbers from 0 to 1, and every image
has random numbers of its own (:class:`plimsoll.core.stress.Draws`), so it comes out the same in whatever
order or batch it is given, and at every severity.

Where they differ from the published code is said at each: frost is drawn, not photographed; zooming and
warping read between pixels; swapped pixels are swapped; values are not rounded to 8 bits on the way (JPEG
is). A figure from here is no entry in a leader board.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from plimsoll.core.stress import Draws
from plimsoll.probes.images import blur, digital, noise, weather
from plimsoll.probes.images.tables import TOP

__all__ = ["CORRUPTIONS", "TOP", "UNIT", "Corruption", "corrupt"]

Floats = npt.NDArray[np.float64]
Corrupt = Callable[[Floats, float, Draws], Floats]
UNIT = "severities of ImageNet-C"
AT_ONCE = 1 << 20
"""Values that are corrupted at once, to bound the memory; it changes no result."""


@dataclass(frozen=True)
class Corruption:
    """One corruption: its name in the literature, its group, and what it looks like in life."""

    name: str
    group: str
    title: str
    life: str
    change: Corrupt = field(compare=False, repr=False)


CORRUPTIONS: dict[str, Corruption] = {
    found.name: found
    for found in (
        Corruption("gaussian_noise", "noise", "Gaussian noise in the image",
                   "It is dark, or the sensor is warm, and every value scatters.", noise.gaussian_noise),
        Corruption("shot_noise", "noise", "shot noise in the image",
                   "So little light falls in that single photons count.", noise.shot_noise),
        Corruption("impulse_noise", "noise", "impulse noise in the image",
                   "Pixels are dead or bits have flipped, and values are black or white.",
                   noise.impulse_noise),
        Corruption("defocus_blur", "blur", "an image out of focus",
                   "The lens is not focused on what is to be seen.", blur.defocus_blur),
        Corruption("glass_blur", "blur", "an image behind frosted glass",
                   "There is frosted or dirty glass in front of the camera.", blur.glass_blur),
        Corruption("motion_blur", "blur", "an image blurred by motion",
                   "The camera, or what it looks at, moves while the shutter is open.", blur.motion_blur),
        Corruption("zoom_blur", "blur", "an image blurred by approach",
                   "The camera moves fast towards what it looks at.", blur.zoom_blur),
        Corruption("snow", "weather", "snow in the image", "It snows.", weather.snow),
        Corruption("frost", "weather", "frost on the lens",
                   "Ice has formed on the lens or on the window.", weather.frost),
        Corruption("fog", "weather", "fog in the image", "It is foggy.", weather.fog),
        Corruption("brightness", "weather", "a brighter image",
                   "The light is stronger, or the exposure longer.", weather.brightness),
        Corruption("contrast", "digital", "an image of less contrast",
                   "The light is flat, or the camera adjusts to something else.", digital.contrast),
        Corruption("elastic_transform", "digital", "a warped image",
                   "What is seen is bent, stretched or seen from another side.",
                   digital.elastic_transform),
        Corruption("pixelate", "digital", "an image of larger pixels",
                   "An image of low resolution is enlarged.", digital.pixelate),
        Corruption("jpeg_compression", "digital", "an image compressed as JPEG",
                   "The image is stored or sent at a low quality.", digital.jpeg_compression),
    )
}  # fmt: skip
"""Every corruption by its name, in the order of the paper."""


def corrupt(name: str, images: Floats, severity: float, draws: Draws) -> Floats:
    """Return images after a corruption, inside 0 to 1.

    Parameters
    ----------
    name : str
        One of :data:`CORRUPTIONS`.
    images : array of shape (n, h, w, c)
        Values from 0 to 1.
    severity : float
        From 0 (unchanged) to 5; whole numbers are the severities of the paper.
    draws : Draws
        A key an image.

    Raises
    ------
    ValueError
        If the severity is not between 0 and 5, the array has not four axes, or the keys are not one an image.
    """
    if not 0.0 <= severity <= TOP:
        raise ValueError(f"severity must be between 0 and {TOP:g}; got {severity:g}")
    if images.ndim != 4 or draws.rows != images.shape[0]:
        raise ValueError(
            f"images must have shape (n, h, w, c) with one key an image; got {images.shape} "
            f"and {draws.rows} keys"
        )
    if severity == 0.0 or not images.size:
        return images.copy()
    change = CORRUPTIONS[name].change
    some = max(AT_ONCE // int(np.prod(images.shape[1:])), 1)
    out = np.empty_like(images)
    for start in range(0, images.shape[0], some):
        part = slice(start, start + some)
        mine = Draws(draws.keys[part], draws.seed, draws.name)
        out[part] = np.clip(change(images[part], severity, mine), 0.0, 1.0)
    return out
