from __future__ import annotations

import pytest

from plimsoll.reports import palette


@pytest.mark.parametrize("name", ["LIGHT", "DARK"])
def test_text_keeps_a_contrast_of_four_and_a_half(name: str) -> None:
    colours = getattr(palette, name)
    poor = {
        (text, ground): palette.contrast(colours[text], colours[ground])
        for text, ground in palette.PAIRS
        if palette.contrast(colours[text], colours[ground]) < 4.5
    }
    assert poor == {}


@pytest.mark.parametrize("name", ["LIGHT", "DARK"])
def test_lines_keep_a_contrast_of_three(name: str) -> None:
    colours = getattr(palette, name)
    assert all(palette.contrast(colours[a], colours[b]) >= 3 for a, b in palette.SHAPES)


def test_known_contrasts() -> None:
    # WCAG's own worked figures: black on white 21, #767676 on white just above 4.5.
    assert palette.contrast("#ffffff", "#000000") == pytest.approx(21.0)
    assert palette.contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_both_palettes_name_the_same_colours() -> None:
    assert list(palette.LIGHT) == list(palette.DARK)
