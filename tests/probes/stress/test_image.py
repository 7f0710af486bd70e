"""Pixels in columns: corrupted as images, and put back in the columns' own types and range."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from plimsoll.core.keys import mix
from plimsoll.core.stress import Draws, Stress
from plimsoll.core.subject import Roles, Subject, Task
from plimsoll.probes.images import CORRUPTIONS, corrupt
from plimsoll.probes.stress.image import (
    image_blur,
    image_digital,
    image_noise,
    image_weather,
    pixels,
)
from plimsoll.probes.stress.learnt import Learnt, learn
from worlds.pictures import photographs
from worlds.stressing import applied, made

FAMILIES = (image_noise, image_blur, image_weather, image_digital)


def picture_table(images: np.ndarray, white: float, dtype: pl.DataType) -> pl.DataFrame:
    """Return a table of images: a column of something else, and one a pixel."""
    flat = images.reshape(images.shape[0], -1) * white
    flat = np.rint(flat) if dtype.is_integer() else flat
    columns = [pl.Series(f"pixel_{i}", flat[:, i]).cast(dtype) for i in range(flat.shape[1])]
    return pl.DataFrame([pl.Series("age", np.arange(flat.shape[0])), *columns])


def learnt_from(table: pl.DataFrame, shape: tuple[int, ...]) -> Learnt:
    names = tuple(name for name in table.columns if name.startswith("pixel_"))
    roles = Roles(target="outcome", features=tuple(table.columns))
    return learn(table, Subject("made", Task.BINARY, roles, ("0", "1")), image=(names, shape))


def stresses(learnt: Learnt) -> dict[str, Stress]:
    return {name: s for family in FAMILIES for name, s in made(family, learnt).items()}


def pixel_values(table: pl.DataFrame) -> np.ndarray:
    return table.select(pl.col("^pixel_.*$").cast(pl.Float64)).to_numpy()


def test_all_fifteen_are_there_with_the_unit_of_the_paper() -> None:
    table = picture_table(photographs(30, 8, 8, 1), 16.0, pl.UInt8())
    found = stresses(learnt_from(table, (8, 8)))
    assert set(found) == {f"image_{c.group}:{c.name}" for c in CORRUPTIONS.values()}
    for stress in found.values():
        assert (stress.unit, stress.top) == ("severities of ImageNet-C", 5.0)
        assert len(stress.columns) == 64


@pytest.mark.parametrize("name", list(CORRUPTIONS))
def test_columns_hold_the_corrupted_image_row_by_row(name: str) -> None:
    images = photographs(6, 8, 10, 3)
    table = picture_table(images, 1.0, pl.Float64())
    stress = stresses(learnt_from(table, (8, 10, 3)))[f"image_{CORRUPTIONS[name].group}:{name}"]
    after = applied(stress, table, 3.5)
    draws = Draws(mix(np.arange(6, dtype=np.uint64)), 0, stress.name)
    expected = corrupt(name, images, 3.5, draws)
    np.testing.assert_allclose(pixel_values(after).reshape(images.shape), expected, atol=1e-12)
    assert after["age"].to_list() == table["age"].to_list()


@pytest.mark.parametrize(
    "white,dtype",
    [
        (16.0, pl.UInt8()),
        (255.0, pl.UInt8()),
        (255.0, pl.Int64()),
        (1.0, pl.Float32()),
        (16.0, pl.Float64()),
    ],
)
def test_types_and_range_stay(white: float, dtype: pl.DataType) -> None:
    images = photographs(30, 8, 8, 1)
    images[0, 0, 0], images[1, 0, 0] = 0.0, 1.0
    table = picture_table(images, white, dtype)
    for name, stress in stresses(learnt_from(table, (8, 8))).items():
        after = applied(stress, table, 5.0)
        assert after.schema == table.schema
        values = pixel_values(after)
        assert values.min() >= 0.0 and values.max() <= white * (1 + 1e-6), name
        assert (values != pixel_values(table)).mean() > 0.02, name


@pytest.mark.parametrize(
    "brightest,white",
    [(1.0, 1.0), (0.95, 1.0), (16.0, 16.0), (15.0, 16.0), (255.0, 255.0), (240.0, 255.0), (65535.0, 65535.0),
     (200.0, 200.0), (9.0, 9.0)],
)  # fmt: skip
def test_white_is_what_white_usually_is_or_the_brightest_pixel(
    brightest: float, white: float
) -> None:
    images = np.linspace(0.0, 1.0, 40 * 16).reshape(40, 4, 4, 1)
    found = pixels(learnt_from(picture_table(images, brightest, pl.Float64()), (4, 4)))
    assert found is not None
    assert (found.black, found.white) == (0.0, white)


def test_values_around_0_are_between_their_ends() -> None:
    images = np.linspace(-1.0, 1.0, 40 * 16).reshape(40, 4, 4, 1)
    table = picture_table(images, 1.0, pl.Float64())
    learnt = learnt_from(table, (4, 4))
    found = pixels(learnt)
    assert found is not None and (found.black, found.white) == (-1.0, 1.0)
    after = pixel_values(applied(stresses(learnt)["image_noise:impulse_noise"], table, 5.0))
    changed = after[after != pixel_values(table)]
    assert set(changed) == {-1.0, 1.0}


def test_flags_are_pixels_too() -> None:
    images = np.rint(photographs(20, 8, 8, 1))
    table = picture_table(images, 1.0, pl.Boolean())
    after = applied(stresses(learnt_from(table, (8, 8)))["image_noise:impulse_noise"], table, 5.0)
    assert after.schema == table.schema
    assert (
        0.01 < (pixel_values(after) != pixel_values(table)).mean() < 0.07
    )  # half of 7 % are as they were


def test_pixels_that_never_change_are_changed_as_well() -> None:
    images = photographs(50, 8, 8, 1)
    images[:, :, 0] = 0.0
    table = picture_table(images, 16.0, pl.Int16())
    after = applied(stresses(learnt_from(table, (8, 8)))["image_weather:brightness"], table, 5.0)
    assert (after["pixel_0"] == 5).all()  # 0.3 of 16, rounded


def test_missing_pixels_stay_missing_and_spoil_no_others() -> None:
    images = photographs(12, 8, 8, 1)
    table = picture_table(images, 1.0, pl.Float64())
    holed = table.with_columns(
        pl.when(pl.col("age") == 3).then(None).otherwise(pl.col("pixel_9")).alias("pixel_9")
    )
    for name, stress in stresses(learnt_from(table, (8, 8))).items():
        after = applied(stress, holed, 4.0)
        assert after["pixel_9"].null_count() == 1 and after["pixel_9"][3] is None, name
        assert after.select(pl.col("^pixel_.*$").is_nan().any()).sum_horizontal().item() == 0, name
        others = [row for row in range(12) if row != 3]
        whole = applied(stress, table, 4.0)
        assert after[others].equals(whole[others]), name


def test_severity_0_gives_the_rows_back() -> None:
    table = picture_table(photographs(5, 8, 8, 1), 16.0, pl.UInt8())
    for stress in stresses(learnt_from(table, (8, 8))).values():
        assert applied(stress, table, 0.0).equals(table)


def test_without_an_image_there_is_nothing_to_corrupt() -> None:
    table = picture_table(photographs(5, 4, 4, 1), 1.0, pl.Float64())
    roles = Roles(target="outcome", features=tuple(table.columns))
    without = learn(table, Subject("made", Task.BINARY, roles, ("0", "1")))
    texts = table.with_columns(pl.col("pixel_3").cast(pl.String))
    dark = table.with_columns(pl.col("^pixel_.*$") * 0.0)
    fewer = Learnt(
        table, {"age": without.columns["age"]}, without.subject, image=(("pixel_0",), (1, 1))
    )
    for learnt in (without, learnt_from(texts, (4, 4)), learnt_from(dark, (4, 4)), fewer):
        assert stresses(learnt) == {}


def test_digits_of_scikit_learn_are_read_less_well_the_worse_they_are_seen() -> None:
    from sklearn.datasets import load_digits
    from sklearn.linear_model import LogisticRegression

    digits = load_digits()
    table = picture_table(digits.data.reshape(-1, 8, 8, 1) / 16.0, 16.0, pl.UInt8())
    learnt = learnt_from(table[:900], (8, 8))
    model = LogisticRegression(max_iter=3000, C=0.02).fit(
        pixel_values(table[:900]), digits.target[:900]
    )
    test, truth = table[900:1500], digits.target[900:1500]
    clean = model.score(pixel_values(test), truth)
    found = stresses(learnt)
    for name in ("image_noise:gaussian_noise", "image_blur:defocus_blur", "image_digital:pixelate"):
        lost = [
            clean - model.score(pixel_values(applied(found[name], test, s)), truth)
            for s in (1.0, 5.0)
        ]
        assert lost[0] < lost[1], name
        assert lost[1] > 0.005, name
