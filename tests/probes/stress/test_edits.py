"""Edits of short texts: a typing error is one edit, and the rest change nothing that a reader sees."""

from __future__ import annotations

import unicodedata

import numpy as np
import polars as pl
import pytest

from plimsoll.probes.stress.edits import (
    LOOKALIKES,
    NEIGHBOURS,
    cased,
    edited,
    luck_of,
    mistyped,
    other_unicode,
    spaced,
    unspaced,
)

WORDS = [
    "a",
    "aa",
    "é",
    "12",
    "Self-emp-not-inc",
    "Holand-Netherlands",
    "  ",
    "Ärger",
    "東京",
    "x y",
]


def distance(a: str, b: str) -> int:
    """Edits between two texts: a letter put in, left out, exchanged, or two neighbours swapped."""
    d = np.zeros((len(a) + 1, len(b) + 1), int)
    d[:, 0], d[0] = np.arange(len(a) + 1), np.arange(len(b) + 1)
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            d[i, j] = min(
                d[i - 1, j] + 1, d[i, j - 1] + 1, d[i - 1, j - 1] + (a[i - 1] != b[j - 1])
            )
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                d[i, j] = min(d[i, j], d[i - 2, j - 2] + 1)
    return int(d[-1, -1])


@pytest.mark.parametrize("word", WORDS)
def test_a_typing_error_is_one_edit(word: str) -> None:
    found = [mistyped(word, luck_of(word, variant)) for variant in range(60)]
    assert {distance(word, new) for new in found} == {1}
    assert "" not in found
    assert mistyped("", 5) == ""


def test_every_kind_of_typing_error_is_as_likely() -> None:
    word = "education"  # no letter twice in a row, so the kinds can be told apart
    found = [mistyped(word, luck_of(word, variant)) for variant in range(4000)]
    lost = sum(len(new) < len(word) for new in found)
    double = sum(len(new) > len(word) for new in found)
    swapped = sum(sorted(new) == sorted(word) for new in found)
    assert np.array([lost, double, swapped]) / 4000 == pytest.approx(np.full(3, 0.25), abs=0.06)


def test_keys_that_touch_are_as_on_a_keyboard() -> None:
    assert set(NEIGHBOURS["g"]) == set("ftyhvb")
    assert set(NEIGHBOURS["a"]) == set("qwsz")
    assert set(NEIGHBOURS["M"]) == set("NJK")
    assert set(NEIGHBOURS["5"]) == set("46")
    assert all(
        b in NEIGHBOURS and a in NEIGHBOURS[b] for a, keys in NEIGHBOURS.items() for b in keys
    )


@pytest.mark.parametrize("word", WORDS)
def test_case_and_spaces_leave_the_word(word: str) -> None:
    for luck in range(12):
        assert cased(word, luck).casefold() == word.casefold()
        assert unspaced(spaced(word, luck)) == unspaced(word)
        assert spaced(word, luck) != word
        assert (cased(word, luck) == word) == (word.upper() == word.lower())


@pytest.mark.parametrize("word", WORDS)
def test_other_code_points_look_the_same(word: str) -> None:
    back = {new: old for old, new in LOOKALIKES.items()}
    plain = unicodedata.normalize("NFC", word)
    able = (
        any(letter in LOOKALIKES for letter in word) or unicodedata.normalize("NFD", word) != word
    )
    for variant in range(20):
        new = other_unicode(word, luck_of(word, variant))
        seen = "".join(back.get(letter, letter) for letter in new)
        assert unicodedata.normalize("NFC", seen) == plain
        assert (new != word) == able


def test_look_alike_letters_are_cyrillic() -> None:
    assert all(unicodedata.name(new).startswith("CYRILLIC") for new in LOOKALIKES.values())


def test_an_edit_goes_by_text_and_choice_whatever_else_there_is() -> None:
    texts = pl.Series("word", ["b", None, "a", "b", "a"])
    choice = np.array([0, 1, 2, 1, 2])
    after = edited(texts, lambda text, luck: f"{text}{luck % 1000}", choice)
    assert after.name == "word"
    assert after.to_list() == [
        None if text is None else f"{text}{luck_of(text, int(c)) % 1000}"
        for text, c in zip(texts, choice, strict=True)
    ]
    assert edited(texts, lambda text, _: text * 2).to_list() == ["bb", None, "aa", "bb", "aa"]
    assert edited(texts[:0], lambda text, _: text).to_list() == []
