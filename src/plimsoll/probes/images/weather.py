"""Weather: snow, frost, fog and light.

Frost is not the paper's. ImageNet-C lays photographs of frosted windows over the images; here the frost is
drawn: branching veins and cloudy patches from plasma, bluish on colour images. Its severities have the
paper's weights, but a load line under frost is one under this texture.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from plimsoll.core.stress import Draws
from plimsoll.probes.images.fields import normal, plasma
from plimsoll.probes.images.sampling import traced, zoomed
from plimsoll.probes.images.tables import numbers

Floats = npt.NDArray[np.float64]
FALLS = (-3.0 * np.pi / 4.0, -np.pi / 4.0)
"""Snow falls within 45 degrees of the vertical."""
LUMA = np.array([0.299, 0.587, 0.114])
"""How bright red, green and blue are (ITU-R BT.601)."""
FROST_TINT = np.array([0.86, 0.94, 1.0])
VEINS = 4.0
"""How thin the veins of the frost are: the power of the ridges."""


def snow(images: Floats, severity: float, draws: Draws) -> Floats:
    """Let flakes fall past and whiten the image: noise, enlarged, cut off, and blurred as it falls.

    Between severities 0 and 1 the snow of severity 1 is faded in. The flakes are laid over the image twice,
    once turned round.
    """
    height, width = images.shape[1:3]
    mean, sd, size, least, radius, long, keep = numbers("snow", severity, height, width)
    flakes = mean + sd * normal(draws, (height, width), "flakes")[..., None]
    flakes = zoomed(flakes, max(size, 1.0))
    flakes = np.clip(np.where(flakes < least, 0.0, flakes), 0.0, 1.0)
    low, high = FALLS
    flakes = traced(flakes, radius, long, low + (high - low) * draws.uniform("fall"))
    whitened = np.maximum(images, 1.5 * grey(images) + 0.5)
    falling = min(severity, 1.0) * (flakes + flakes[:, ::-1, ::-1])
    return keep * images + (1.0 - keep) * whitened + falling


def frost(images: Floats, severity: float, draws: Draws) -> Floats:
    """Lay frost over the image, ``a x image + b x frost``; see the module for what frost it is."""
    keep, add = numbers("frost", severity, *images.shape[1:3])
    return keep * images + add * frosted(draws, *images.shape[1:])


def frosted(draws: Draws, height: int, width: int, channels: int) -> Floats:
    """Return frost from 0 to 1, shape (images, height, width, channels).

    ``0.15 + 0.85 (veins + patches) / 2``, where veins are ``(1 - |2 p - 1|)^4`` of one plasma, which is
    ridged along the line where p is one half, and patches are another plasma. Ridges of noise: Musgrave 1994
    (in Texturing and Modeling, ISBN 0-12-228760-6).
    """
    side = max(height, width)
    ridge = 1.0 - np.abs(2.0 * plasma(draws, side, 1.6, "veins") - 1.0)
    texture = 0.15 + 0.425 * (ridge**VEINS + plasma(draws, side, 1.4, "patches"))
    tint = FROST_TINT if channels == 3 else np.ones(channels)
    out: Floats = texture[:, :height, :width, None] * tint
    return out


def fog(images: Floats, severity: float, draws: Draws) -> Floats:
    """Add clouds, then darken so that the brightest pixel stays in range: ``(x + c clouds) m / (m + c)``.

    ``m`` is the brightest value of the image; an image that is black all over stays black. The clouds are
    plasma of the smallest power of two that holds the image (MNIST-C cuts 28 pixels out of 256).
    """
    height, width = images.shape[1:3]
    amount, decay = numbers("fog", severity, height, width)
    clouds = plasma(draws, max(height, width), decay, "clouds")[:, :height, :width, None]
    brightest = images.max(axis=(1, 2, 3), keepdims=True)
    scale = brightest + amount
    out: Floats = (images + amount * clouds) * brightest / np.where(scale > 0.0, scale, 1.0)
    return out


def brightness(images: Floats, severity: float, draws: Draws) -> Floats:
    """Raise the brightness of every pixel and leave its hue and saturation: daylight is not always alike.

    The V of its HSV colour, the largest channel, becomes ``min(V + c, 1)`` and the channels grow in
    proportion; a black pixel turns grey.
    """
    (more,) = numbers("brightness", severity, *images.shape[1:3])
    value = images.max(axis=3, keepdims=True)
    brighter = np.minimum(value + more, 1.0)
    dark = value <= 0.0
    out: Floats = np.where(dark, brighter, images * (brighter / np.where(dark, 1.0, value)))
    return out


def grey(images: Floats) -> Floats:
    """Return how bright each pixel is, shape (n, h, w, 1): the luma of colours, else the mean channel."""
    channels = images.shape[3]
    weights = LUMA if channels == 3 else np.full(channels, 1.0 / channels)
    out: Floats = (images * weights).sum(axis=3, keepdims=True)
    return out
