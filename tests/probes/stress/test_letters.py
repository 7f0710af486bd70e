"""Changes to characters hit the share that they say, in the characters that they can."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from plimsoll.core.keys import mix
from plimsoll.probes.stress import letters
from plimsoll.probes.stress.edits import LOOKALIKES, NEIGHBOURS
from plimsoll.probes.stress.letters import (
    changed,
    lookalike_letters,
    misread_letters,
    typing_errors,
)
from plimsoll.probes.stress.words import SCANNED

TEXT = "The quick brown fox, 100 years old; jumped over 5 lazy dogs and said nothing. "
TEXTS = pl.Series("note", [TEXT * 20] * 200)
BITS = mix(np.arange(200, dtype=np.uint64))


def test_no_share_changes_nothing() -> None:
    for change in (typing_errors, misread_letters, lookalike_letters):
        assert changed(TEXTS, BITS, 0.0, change).to_list() == TEXTS.to_list()


def test_the_share_of_characters_with_an_error_is_as_stated() -> None:
    able = "".join(LOOKALIKES)
    can = sum(letter in LOOKALIKES for letter in TEXT) / len(TEXT)
    after = changed(TEXTS, BITS, 0.2, lookalike_letters, able)
    foreign = np.mean([[ord(letter) > 127 for letter in text] for text in after])
    assert foreign / can == pytest.approx(0.2, abs=0.005)


def test_typing_errors_are_of_four_kinds() -> None:
    texts = pl.Series(["abcdefghij"] * 40_000)
    bits = mix(np.arange(40_000, dtype=np.uint64))
    after = changed(texts, bits, 0.005, typing_errors)
    one = [text for text in after if text != "abcdefghij"]
    lost = np.mean([len(t) == 9 for t in one])
    double = np.mean([len(t) == 11 for t in one])
    swapped = np.mean([len(t) == 10 and sorted(t) == list("abcdefghij") for t in one])
    beside = [t for t in one if len(t) == 10 and sorted(t) != list("abcdefghij")]
    # A tenth of the swaps would be of the last letter, which has no next, and changes nothing.
    assert [lost, double, swapped] == pytest.approx([0.25, 0.25, 0.23], abs=0.03)
    pairs = [(a, b) for t in beside for a, b in zip("abcdefghij", t, strict=True) if a != b]
    right = [b in NEIGHBOURS[a] for a, b in pairs]
    assert np.mean(right) > 0.95  # the rest lost one letter and doubled another


def test_scanned_letters_come_from_the_table() -> None:
    texts = pl.Series(["m0dxq"] * 500)
    after = changed(
        texts, mix(np.arange(500, dtype=np.uint64)), 1.0, misread_letters, "".join(SCANNED)
    )
    assert set(after) == {"rnOclxq"}


def test_more_errors_hold_those_of_fewer() -> None:
    able = "".join(LOOKALIKES)
    few, many = (changed(TEXTS, BITS, s, lookalike_letters, able) for s in (0.1, 0.3))
    for a, b in zip(few, many, strict=True):
        assert {i for i, c in enumerate(a) if ord(c) > 127} <= {
            i for i, c in enumerate(b) if ord(c) > 127
        }


def test_rows_of_any_length_come_back_in_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = pl.Series("t", ["ab", None, "", "çé東🙂", "x" * 50, "", None, "m"])
    bits = mix(np.arange(8, dtype=np.uint64))
    whole = changed(texts, bits, 0.5, typing_errors)
    assert whole.is_null().to_list() == texts.is_null().to_list()
    assert (whole[2], whole[5]) == ("", "")
    monkeypatch.setattr(letters, "_AT_ONCE", 3)
    assert changed(texts, bits, 0.5, typing_errors).equals(whole)
    assert changed(texts[:0], bits[:0], 0.5, typing_errors).len() == 0
    assert changed(texts[1:3], bits[1:3], 0.5, typing_errors).to_list() == [None, ""]
