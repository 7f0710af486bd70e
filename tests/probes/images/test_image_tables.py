"""Severities are the published ones at whole numbers and published sizes, and straight in between."""

from __future__ import annotations

import numpy as np
import pytest

from plimsoll.probes.images import CORRUPTIONS
from plimsoll.probes.images.tables import DIGITS, SIZES, TABLES, mixture, numbers

PUBLISHED = {
    ("gaussian_noise", 224): [0.08, 0.12, 0.18, 0.26, 0.38],
    ("gaussian_noise", 32): [0.04, 0.06, 0.08, 0.09, 0.10],
    ("impulse_noise", 64): [0.01, 0.02, 0.05, 0.08, 0.14],
    ("contrast", 32): [0.75, 0.5, 0.4, 0.3, 0.15],
    ("brightness", 224): [0.1, 0.2, 0.3, 0.4, 0.5],
    ("pixelate", 64): [0.9, 0.8, 0.7, 0.6, 0.5],
    ("jpeg_compression", 32): [80, 65, 58, 50, 40],
    ("jpeg_compression", 28): [25, 18, 15, 10, 7],
}


def test_every_corruption_has_a_table_and_every_table_five_rows_of_each_size() -> None:
    assert list(TABLES) and set(TABLES) == set(CORRUPTIONS)
    assert len(TABLES) == 15
    for name, table in TABLES.items():
        assert set(table.rows) == {*SIZES, DIGITS}, name
        for rows in table.rows.values():
            assert len(rows) == 5, name
            assert {len(row) for row in rows} == {len(table.still)}, name


@pytest.mark.parametrize("name,side", PUBLISHED)
def test_whole_severities_are_the_published_ones(name: str, side: int) -> None:
    found = [numbers(name, float(s), side, side)[0] for s in range(1, 6)]
    assert found == pytest.approx(PUBLISHED[name, side])


def test_severities_between_are_straight() -> None:
    assert numbers("gaussian_noise", 4.5, 32, 32) == pytest.approx((0.095,))
    assert numbers("motion_blur", 3.25, 64, 64) == pytest.approx((10, 2.125))
    assert numbers("contrast", 0.5, 224, 224) == pytest.approx((0.7,))


def test_severity_0_is_no_change() -> None:
    assert numbers("frost", 0.0, 32, 32) == (1.0, 0.0)
    assert numbers("fog", 0.0, 32, 32) == (0.0, 3.0)
    assert numbers("glass_blur", 0.0, 224, 224) == (0.0, 1.0, 0.0)


def test_sizes_between_are_straight_in_the_logarithm() -> None:
    middle = round(np.sqrt(32 * 64))
    (sd,) = numbers("gaussian_noise", 5.0, middle, middle)
    assert sd == pytest.approx((0.10 + 0.18) / 2, abs=0.001)
    assert [w for w, _ in mixture("defocus_blur", 3.5, 48, 48)] == pytest.approx(
        [0.5 * (1 - np.log2(1.5))] * 2 + [0.5 * np.log2(1.5)] * 2
    )


def test_the_weights_of_a_mixture_add_up_to_1() -> None:
    for side in (5, 8, 28, 29, 32, 50, 64, 100, 224, 300):
        for severity in (0.0, 0.3, 1.0, 2.7, 5.0):
            weights = [w for w, _ in mixture("snow", severity, side, side + 3)]
            assert sum(weights) == pytest.approx(1.0)
            assert min(weights) > 0.0


def test_28_is_its_own_size_and_no_other() -> None:
    assert numbers("defocus_blur", 5.0, 28, 28) == (10, 0.5)
    assert (
        numbers("defocus_blur", 5.0, 27, 27) == numbers("defocus_blur", 5.0, 32, 32) == (1.5, 0.1)
    )
    assert numbers("defocus_blur", 5.0, 28, 40) == (1.5, 0.1)


def test_below_32_pixels_are_kept_and_above_224_lengths_grow() -> None:
    assert numbers("motion_blur", 2.0, 8, 8) == numbers("motion_blur", 2.0, 32, 32)
    assert numbers("motion_blur", 2.0, 448, 600) == pytest.approx((30, 10))
    assert numbers("defocus_blur", 2.0, 448, 448) == pytest.approx((8, 0.5))
    assert numbers("gaussian_noise", 2.0, 448, 448) == pytest.approx((0.12,))
