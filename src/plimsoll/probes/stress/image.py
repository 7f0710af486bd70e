"""Images in a table: where columns are the pixels of a picture, what weather, lenses and storage do to it.

The corruptions are the fifteen of ImageNet-C (:mod:`plimsoll.probes.images`), at a severity from 0 to 5 that
means what it means in the literature for images of that size. They are put back into the columns as these
are: whole numbers stay whole, and nothing leaves the range of values that the reference shows. What is to be
seen in the image stays what it is, so the right answer does too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.stress import Draws, Fault, Realism, Stress
from plimsoll.probes.images import CORRUPTIONS, TOP, UNIT, corrupt
from plimsoll.probes.stress.family import family
from plimsoll.probes.stress.learnt import Kind, Learnt, LearntColumn
from plimsoll.probes.stress.typed import typed

Floats = npt.NDArray[np.float64]
WHITES = (1.0, 16.0, 255.0, 65535.0)
"""What white usually is: shares, the digits of scikit-learn, 8 bits, 16 bits."""
NEARLY = 0.9
"""The reference reaches white where its brightest pixel is at least this share of it."""


@dataclass(frozen=True)
class Pixels:
    """The columns that are pixels, the shape of the image, and the values of black and white."""

    columns: tuple[LearntColumn, ...]
    shape: tuple[int, int, int]
    black: float
    white: float

    def numbers(self, frame: pl.DataFrame) -> Floats:
        """Return the columns of a frame as floats, NaN where missing, shape (n, pixels)."""
        out = np.empty((frame.height, len(self.columns)))
        for i, column in enumerate(self.columns):
            out[:, i] = column.numbers(frame)
        return out

    def images(self, numbers: Floats) -> Floats:
        """Return the images, 0 black to 1 white, NaN where missing, shape (n, h, w, c)."""
        shares: Floats = (numbers - self.black) / (self.white - self.black)
        return shares.reshape(-1, *self.shape)

    def put(self, frame: pl.DataFrame, before: Floats, images: Floats) -> pl.DataFrame:
        """Return the frame with these images in place of the numbers ``before``, each column in its own type.

        A pixel that is what it was keeps its number to the last digit, and a missing one stays missing.
        """
        same = (images == self.images(before)).reshape(before.shape)
        after = images.reshape(before.shape) * (self.white - self.black) + self.black
        after = np.asfortranarray(np.where(same, before, after))
        holed: npt.NDArray[np.bool_] = np.asarray(np.isnan(before).any(axis=0))
        schema = frame.schema
        put = [
            column.put(frame.select(column.name), after[:, i]).get_column(column.name)
            if holed[i]
            else typed(column.name, after[:, i], schema[column.name])
            for i, column in enumerate(self.columns)
        ]
        return frame.with_columns(put)


def pixels(learnt: Learnt) -> Pixels | None:
    """Return how images stand in the table; None where there are none or they have but one value.

    Black is 0, or the least value where that is below 0. White is 1, 16, 255 or 65,535 where the brightest
    pixel of the reference lies at most a tenth below one of them, else the brightest pixel.
    """
    if learnt.image is None:
        return None
    names, shape = learnt.image
    found = [learnt.columns[name] for name in names if name in learnt.columns]
    numeric = (Kind.NUMBER, Kind.INTEGER, Kind.BOOLEAN)
    if len(found) < len(names) or any(column.kind not in numeric for column in found):
        return None
    ends = [_ends(column) for column in found]
    low = min((low for low, _ in ends), default=0.0)
    high = max((high for _, high in ends), default=0.0)
    low = min(low, 0.0)
    white = next((w for w in WHITES if low == 0.0 and NEARLY * w <= high <= w), high)
    if not white > low:
        return None
    height, width, channels = (*shape, 1)[:3]
    return Pixels(tuple(found), (height, width, channels), low, white)


def _ends(column: LearntColumn) -> tuple[float, float]:
    if column.kind is Kind.BOOLEAN:
        return 0.0, float("true" in column.levels)
    if not column.values.size:
        return np.inf, -np.inf
    return float(column.values[0]), float(column.values[-1])


@family("image_noise", "noise in an image")
def image_noise(learnt: Learnt) -> Iterator[Stress]:
    """Gaussian, shot and impulse noise in the pixels (ImageNet-C).

    Severities 1 to 5 are those published for the size of the image, and numbers between them are in a
    straight line; 0 is no change. The random numbers belong to a row. Hendrycks and Dietterich 2019,
    arXiv:1903.12261.
    """
    yield from _stresses(learnt, "noise")


@family("image_blur", "a blurred image")
def image_blur(learnt: Learnt) -> Iterator[Stress]:
    """An image out of focus, behind frosted glass, or blurred by motion or approach (ImageNet-C).

    Severities as in ``image_noise``. Hendrycks and Dietterich 2019, arXiv:1903.12261.
    """
    yield from _stresses(learnt, "blur")


@family("image_weather", "weather in an image")
def image_weather(learnt: Learnt) -> Iterator[Stress]:
    """Snow, frost, fog and more light (ImageNet-C); the frost is drawn, for the paper's are photographs.

    Severities as in ``image_noise``. Hendrycks and Dietterich 2019, arXiv:1903.12261.
    """
    yield from _stresses(learnt, "weather")


@family("image_digital", "an image of low quality")
def image_digital(learnt: Learnt) -> Iterator[Stress]:
    """Less contrast, a warped image, larger pixels, and compression as JPEG (ImageNet-C).

    Severities as in ``image_noise``. Hendrycks and Dietterich 2019, arXiv:1903.12261.
    """
    yield from _stresses(learnt, "digital")


def _stresses(learnt: Learnt, group: str) -> Iterator[Stress]:
    where = pixels(learnt)
    if where is None:
        return
    for corruption in CORRUPTIONS.values():
        if corruption.group == group:
            yield Stress(
                f"image_{group}",
                tuple(column.name for column in where.columns),
                title=corruption.title,
                life=corruption.life,
                fault=_corrupted(where, corruption.name),
                variant=corruption.name,
                unit=UNIT,
                top=TOP,
                realism=Realism.PLAUSIBLE,
            )


def _corrupted(where: Pixels, name: str) -> Fault:
    def fault(frame: pl.DataFrame, severity: float, draws: Draws) -> pl.DataFrame:
        if severity <= 0.0 or not frame.height:
            return frame
        numbers = where.numbers(frame)
        before = where.images(numbers)
        # A missing pixel is taken for black by its neighbours, and stays missing.
        seen = np.clip(np.nan_to_num(before, nan=0.0, posinf=1.0, neginf=0.0), 0.0, 1.0)
        after = corrupt(name, seen, min(severity, TOP), draws)
        return where.put(frame, numbers, np.where(np.isnan(before), np.nan, after))

    return fault
