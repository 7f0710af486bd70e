"""What holds for all fifteen: no change at 0, in range, of an image its own, smooth, worse with severity."""

from __future__ import annotations

import numpy as np
import pytest

from plimsoll.core.stress import Draws
from plimsoll.probes.images import CORRUPTIONS, TOP, corrupt
from worlds.pictures import draws_for, photographs

NAMES = tuple(CORRUPTIONS)
SHAPES = ((8, 8, 1), (28, 28, 1), (32, 32, 3), (5, 11, 3), (17, 9, 2))
ROUGH = {
    # Here the published numbers themselves do not rise from one severity to the next, or what rises is not
    # the distance: blur after shuffling takes some of its distance away, frost darkens what it covers.
    "elastic_transform": (),
    "glass_blur": (0.25, 0.5, 1.0),
    "frost": (0.5, 1.0, 2.0),
    "snow": (0.5, 1.0, 2.0, 4.0, 5.0),
}
WHOLE = (0.5, 1.0, 2.0, 3.0, 4.0, 5.0)


def far(images: np.ndarray, name: str, severity: float) -> float:
    """Return the mean squared distance to the images as they were."""
    after = corrupt(name, images, severity, draws_for(images.shape[0]))
    return float(((after - images) ** 2).mean())


def test_they_are_the_fifteen_of_the_paper_in_four_groups() -> None:
    groups = [found.group for found in CORRUPTIONS.values()]
    assert [groups.count(g) for g in ("noise", "blur", "weather", "digital")] == [3, 4, 4, 4]
    for found in CORRUPTIONS.values():
        assert found.life.endswith(".") and found.title


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", SHAPES)
def test_range_shape_and_images_are_kept(name: str, shape: tuple[int, int, int]) -> None:
    images = photographs(4, *shape)
    images[0], images[1] = 0.0, 1.0
    before = images.copy()
    for severity in (0.3, 1.0, 2.6, TOP):
        after = corrupt(name, images, severity, draws_for(4))
        assert after.shape == images.shape
        assert np.isfinite(after).all()
        assert after.min() >= 0.0 and after.max() <= 1.0
    assert (images == before).all()


@pytest.mark.parametrize("name", NAMES)
def test_severity_0_changes_nothing_and_a_little_next_to_nothing(name: str) -> None:
    images = np.rint(255 * photographs(20, 32, 32, 1)) / 255
    assert (corrupt(name, images, 0.0, draws_for(20)) == images).all()
    assert far(images, name, 0.01) < 0.02 * far(images, name, 5.0)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(8, 8, 1), (32, 32, 3)])
def test_an_image_comes_out_the_same_in_any_order_and_batch(
    name: str, shape: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    images, draws = photographs(9, *shape), draws_for(9)
    whole = corrupt(name, images, 2.4, draws)
    order = np.array([5, 2, 8, 0])
    some = corrupt(name, images[order], 2.4, Draws(draws.keys[order], draws.seed, draws.name))
    assert (some == whole[order]).all()
    monkeypatch.setattr("plimsoll.probes.images.AT_ONCE", 2 * images[0].size)
    assert (corrupt(name, images, 2.4, draws) == whole).all()
    assert (corrupt(name, images, 2.4, draws_for(9)) == whole).all()


@pytest.mark.parametrize("name", NAMES)
def test_luck_goes_with_the_seed_where_there_is_luck(name: str) -> None:
    images = photographs(9, 32, 32, 3)
    one, two = (corrupt(name, images, 2.4, draws_for(9, seed)) for seed in (0, 1))
    without = {"defocus_blur", "zoom_blur", "brightness", "contrast", "jpeg_compression"}
    assert (one == two).all() == (name in without)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("side", [32, 64])
def test_images_are_farther_from_what_they_were_as_severity_grows(name: str, side: int) -> None:
    images = photographs(2400 // side, side, side, 3)
    severities = ROUGH.get(name, WHOLE)
    found = [far(images, name, severity) for severity in severities]
    assert (np.diff(found) >= -1e-6 * np.array(found[:-1])).all(), found
    assert far(images, name, 5.0) > 1e-4


@pytest.mark.parametrize("name", NAMES)
def test_the_curve_over_severity_has_no_jumps(name: str) -> None:
    """A step of a fiftieth of a severity moves images by little of what the whole severity does."""
    images = photographs(150, 8, 8, 1)
    draws = draws_for(150)
    for severity in (0.5, 1.0, 1.7, 3.0, 4.4):
        here, near, beyond = (
            corrupt(name, images, s, draws) for s in (severity, severity + 0.02, severity + 0.5)
        )
        step, stride = ((other - here).__pow__(2).mean() for other in (near, beyond))
        assert step <= 0.25 * stride + 2e-5, (severity, step, stride)


@pytest.mark.parametrize("severity", [-0.1, 5.01, float("nan")])
def test_a_severity_out_of_range_is_refused(severity: float) -> None:
    with pytest.raises(ValueError, match="severity must be between 0 and 5"):
        corrupt("fog", photographs(1, 8, 8, 1), severity, draws_for(1))


def test_keys_must_be_one_an_image() -> None:
    with pytest.raises(ValueError, match="one key an image"):
        corrupt("fog", photographs(3, 8, 8, 1), 1.0, draws_for(2))
    with pytest.raises(ValueError, match="shape"):
        corrupt("fog", np.zeros((8, 8)), 1.0, draws_for(8))


def test_no_image_is_no_error() -> None:
    for name in NAMES:
        assert corrupt(name, np.zeros((0, 8, 8, 1)), 3.0, draws_for(0)).shape == (0, 8, 8, 1)
