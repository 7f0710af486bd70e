"""How strong each corruption is at each severity, for images of 28, 32, 64 and 224 pixels.

The numbers are those of the published benchmarks, which tuned them by eye for one size each:

* 224: ImageNet-C, 64: Tiny ImageNet-C, 32: CIFAR-10-C (Hendrycks and Dietterich 2019, arXiv:1903.12261;
  https://github.com/hendrycks/robustness, ``ImageNet-C/create_c``, Apache-2.0);
* 28: MNIST-C (Mu and Gilmer 2019, arXiv:1906.02337; https://github.com/google-research/mnist-c,
  Apache-2.0), which takes the numbers of ImageNet-C as they are. MNIST-C itself publishes one severity a
  corruption, often the mildest. It passes over half of the pixels where it shuffles them (glass blur), so
  its number of passes is halved here.

What they leave open is filled in as follows. A severity between two whole ones takes numbers between
theirs, in a straight line; severity 0 is no change. A size between 32 and 224 takes numbers between those
of its neighbours, in a straight line of the logarithm of the size. The table of 28 is for images of 28 by
28 alone, since it is that of another size. Below 32 the table of 32 is kept, in pixels, for a blur over
less than a pixel is none; above 224 lengths grow with the size. The lengths of the elastic transform are
shares of the side at every size, as published. The size of an oblong is its shorter side.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

Row = tuple[float, ...]
Rows = tuple[Row, ...]
TOP = 5.0
"""The greatest severity."""
SIZES = (32, 64, 224)
DIGITS = 28


@dataclass(frozen=True)
class Table:
    """The numbers of one corruption.

    ``still`` are those of severity 0, None for the same as at severity 1. ``rows`` hold severities 1 to 5
    by size. ``lengths`` are the places in a row of lengths in pixels.
    """

    still: tuple[float | None, ...]
    rows: dict[int, Rows]
    lengths: tuple[int, ...] = ()

    def row(self, size: int, severity: int) -> Row:
        """Return the numbers at a whole severity, 0 to 5, of one of the four sizes."""
        if severity > 0:
            return self.rows[size][severity - 1]
        first = self.rows[size][0]
        return tuple(v if s is None else s for s, v in zip(self.still, first, strict=True))


def _one(*values: float) -> Rows:
    return tuple((value,) for value in values)


def _like_imagenet(imagenet: Rows, tiny: Rows, cifar: Rows) -> dict[int, Rows]:
    return {224: imagenet, 64: tiny, 32: cifar, DIGITS: imagenet}


_GLASS_PASSES = ((0.7, 1, 2), (0.9, 2, 1), (1, 2, 3), (1.1, 3, 2), (1.5, 4, 2))
_SNOW_64 = ((0.1, 0.2, 1, 0.6, 8, 3, 0.8), (0.1, 0.2, 1, 0.5, 10, 4, 0.8),
            (0.15, 0.3, 1.75, 0.55, 10, 4, 0.7), (0.25, 0.3, 2.25, 0.6, 12, 6, 0.65),
            (0.3, 0.3, 1.25, 0.65, 14, 12, 0.6))  # fmt: skip
_SNOW_KEEPS_32 = (0.95, 0.9, 0.9, 0.85, 0.8)
_ZOOM_SMALL = ((1.06, 0.01), (1.11, 0.01), (1.16, 0.01), (1.21, 0.01), (1.26, 0.01))
_ELASTIC = (
    (2, 0.7, 0.1),
    (2, 0.08, 0.2),
    (0.05, 0.01, 0.02),
    (0.07, 0.01, 0.02),
    (0.12, 0.01, 0.02),
)
_OFF = 244 / 224
"""ImageNet-C multiplies by 244 where it says that it should have been 224."""

TABLES: dict[str, Table] = {
    # The standard deviation of the noise.
    "gaussian_noise": Table((0.0,), _like_imagenet(
        _one(0.08, 0.12, 0.18, 0.26, 0.38), _one(0.04, 0.08, 0.12, 0.15, 0.18),
        _one(0.04, 0.06, 0.08, 0.09, 0.10))),
    # Variance over brightness: one over the number of photons that make white.
    "shot_noise": Table((0.0,), _like_imagenet(
        _one(1 / 60, 1 / 25, 1 / 12, 1 / 5, 1 / 3), _one(1 / 250, 1 / 100, 1 / 50, 1 / 30, 1 / 15),
        _one(1 / 500, 1 / 250, 1 / 100, 1 / 75, 1 / 50))),
    # The share of values that become black or white.
    "impulse_noise": Table((0.0,), _like_imagenet(
        _one(0.03, 0.06, 0.09, 0.17, 0.27), _one(0.01, 0.02, 0.05, 0.08, 0.14),
        _one(0.01, 0.02, 0.03, 0.05, 0.07))),
    # The radius of the disk, and the standard deviation that softens its edge.
    "defocus_blur": Table((0.0, 0.0), _like_imagenet(
        ((3, 0.1), (4, 0.5), (6, 0.5), (8, 0.5), (10, 0.5)),
        ((0.5, 0.6), (1, 0.1), (1.5, 0.1), (2.5, 0.01), (3, 0.1)),
        ((0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1, 0.2), (1.5, 0.1))), lengths=(0,)),
    # Standard deviation of the blur before and after, farthest swap, passes over the image.
    "glass_blur": Table((0.0, None, 0.0), {
        224: _GLASS_PASSES,
        64: ((0.1, 1, 1), (0.5, 1, 1), (0.6, 1, 2), (0.7, 2, 1), (0.9, 2, 2)),
        32: ((0.05, 1, 1), (0.25, 1, 1), (0.4, 1, 1), (0.25, 1, 2), (0.4, 1, 2)),
        DIGITS: tuple((sd, far, passes / 2) for sd, far, passes in _GLASS_PASSES)}, lengths=(0, 1)),
    # Half the length of the trace, and the standard deviation along it.
    "motion_blur": Table((0.0, 0.0), _like_imagenet(
        ((10, 3), (15, 5), (15, 8), (15, 12), (20, 15)),
        ((10, 1), (10, 1.5), (10, 2), (10, 2.5), (12, 3)),
        ((6, 1), (6, 1.5), (6, 2), (8, 2), (9, 2.5))), lengths=(0, 1)),
    # Magnifications from 1 up to below the first number, in steps of the second.
    "zoom_blur": Table((1.0, None), _like_imagenet(
        ((1.11, 0.01), (1.16, 0.01), (1.21, 0.02), (1.26, 0.02), (1.31, 0.03)),
        _ZOOM_SMALL, _ZOOM_SMALL)),
    # Mean and standard deviation of the flakes, their size, the least that shows, half the length and
    # standard deviation of their trace, and how much of the image is kept.
    "snow": Table((None, None, None, None, None, None, 1.0), _like_imagenet(
        ((0.1, 0.3, 3, 0.5, 10, 4, 0.8), (0.2, 0.3, 2, 0.5, 12, 4, 0.7), (0.55, 0.3, 4, 0.9, 12, 8, 0.7),
         (0.55, 0.3, 4.5, 0.85, 12, 8, 0.65), (0.55, 0.3, 2.5, 0.85, 12, 12, 0.55)),
        _SNOW_64,
        tuple((*row[:6], keep) for row, keep in zip(_SNOW_64, _SNOW_KEEPS_32, strict=True))),
        lengths=(2, 4, 5)),
    # How much of the image is kept, and how much of the frost is laid over it.
    "frost": Table((1.0, 0.0), _like_imagenet(
        ((1, 0.4), (0.8, 0.6), (0.7, 0.7), (0.65, 0.7), (0.6, 0.75)),
        ((1, 0.3), (0.9, 0.4), (0.8, 0.45), (0.75, 0.5), (0.7, 0.55)),
        ((1, 0.2), (1, 0.3), (0.9, 0.4), (0.85, 0.4), (0.75, 0.45)))),
    # How much fog, and by how much its wisps weaken from one scale to the next finer one.
    "fog": Table((0.0, None), _like_imagenet(
        ((1.5, 2), (2, 2), (2.5, 1.7), (2.5, 1.5), (3, 1.4)),
        ((0.4, 3), (0.7, 3), (1, 2.5), (1.5, 2), (2, 1.75)),
        ((0.2, 3), (0.5, 3), (0.75, 2.5), (1, 2), (1.5, 1.75)))),
    # What is added to the brightness.
    "brightness": Table((0.0,), _like_imagenet(
        _one(0.1, 0.2, 0.3, 0.4, 0.5), _one(0.1, 0.2, 0.3, 0.4, 0.5),
        _one(0.05, 0.1, 0.15, 0.2, 0.3))),
    # What is left of the contrast.
    "contrast": Table((1.0,), _like_imagenet(
        _one(0.4, 0.3, 0.2, 0.1, 0.05), _one(0.4, 0.3, 0.2, 0.1, 0.05),
        _one(0.75, 0.5, 0.4, 0.3, 0.15))),
    # In shares of the side: strength and standard deviation of the warp, how far three corners are moved.
    "elastic_transform": Table((0.0, None, 0.0), {
        224: tuple((a * _OFF, sd * _OFF, far * _OFF) for a, sd, far in _ELASTIC),
        64: ((0, 0, 0.08), (0.05, 0.3, 0.06), (0.1, 0.08, 0.06), (0.1, 0.03, 0.03), (0.16, 0.03, 0.02)),
        32: ((0, 0, 0.08), (0.05, 0.2, 0.07), (0.08, 0.06, 0.06), (0.1, 0.04, 0.05), (0.1, 0.03, 0.03)),
        DIGITS: _ELASTIC}),
    # Blocks along a side, as a share of its pixels.
    "pixelate": Table((1.0,), _like_imagenet(
        _one(0.6, 0.5, 0.4, 0.3, 0.25), _one(0.9, 0.8, 0.7, 0.6, 0.5),
        _one(0.95, 0.9, 0.85, 0.75, 0.65))),
    # The quality that JPEG is asked for, 1 to 100.
    "jpeg_compression": Table((100.0,), _like_imagenet(
        _one(25, 18, 15, 10, 7), _one(65, 58, 50, 40, 25), _one(80, 65, 58, 50, 40))),
}  # fmt: skip


def mixture(name: str, severity: float, height: int, width: int) -> list[tuple[float, Row]]:
    """Return published rows and the weights, which add up to 1, that make a severity at a size.

    One row at a whole severity of a published size, up to four elsewhere.
    """
    table = TABLES[name]
    low = min(math.floor(severity), int(TOP) - 1)
    part = severity - low
    side = min(height, width)
    grown = max(side / SIZES[-1], 1.0)
    rows = []
    for by_size, size in _sizes(height, width):
        for by_severity, whole in ((1.0 - part, low), (part, low + 1)):
            if by_size * by_severity > 0.0:
                row = table.row(size, whole)
                scaled = (v * grown if i in table.lengths else v for i, v in enumerate(row))
                rows.append((by_size * by_severity, tuple(scaled)))
    return rows


def numbers(name: str, severity: float, height: int, width: int) -> Row:
    """Return the numbers of a corruption at a severity from 0 to 5 for images of a size.

    >>> numbers("gaussian_noise", 2.0, 32, 32), numbers("contrast", 0.5, 64, 64)
    ((0.06,), (0.7,))
    """
    rows = mixture(name, severity, height, width)
    return tuple(
        sum(weight * row[i] for weight, row in rows) for i in range(len(TABLES[name].still))
    )


def _sizes(height: int, width: int) -> list[tuple[float, int]]:
    """Return the tables that a size is between, with weights that add up to 1."""
    if height == width == DIGITS:
        return [(1.0, DIGITS)]
    side = min(max(min(height, width), SIZES[0]), SIZES[-1])
    for below, above in pairwise(SIZES):
        if side <= above:
            part = math.log(side / below) / math.log(above / below)
            return [(1.0 - part, below), (part, above)]
    raise AssertionError(side)
