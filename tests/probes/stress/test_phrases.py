"""Words change by the tables and nothing else does."""

from __future__ import annotations

import pytest

from plimsoll.probes.stress.phrases import (
    other_names,
    other_numbers,
    synonyms,
    written_out,
)
from plimsoll.probes.stress.words import CONTRACTED, GIVEN_NAMES, PLACES, SYNONYMS


@pytest.mark.parametrize(
    "before, after",
    [
        ("I can’t; we WON'T.", "I cannot; we WILL NOT."),
        ("Isn't it? It's John's.", "Is not it? It's John's."),
        ("He said 'don't'.", "He said 'do not'."),
        ("cant", "cant"),
    ],
)
def test_contractions_are_written_out(before: str, after: str) -> None:
    assert written_out(before) == after


@pytest.mark.parametrize(
    "before, after",
    [
        ("it costs 3.50.", "it costs 3,50."),
        ("1,234,567 people", "1.234.567 people"),
        ("1.000,50 EUR", "1,000.50 EUR"),
        ("on 12.05.2024, in 2024, v1.2", "on 12.05.2024, in 2024, v1.2"),
        ("rows 1, 2, 3", "rows 1, 2, 3"),
    ],
)
def test_numbers_are_written_another_way(before: str, after: str) -> None:
    assert other_numbers(before) == after


def test_a_name_becomes_one_other_name_throughout() -> None:
    text = "Anna saw Maria in Paris; Anna left Paris."
    for luck in range(200):
        words = other_names(text, luck).replace(";", "").replace(".", "").split()
        assert words[0] == words[5] and words[4] == words[7]
        assert len({words[0], words[2], "Anna"}) == 3 or words[2] == "Anna"
        assert words[0] in GIVEN_NAMES and words[0] != "Anna" and words[2] != "Maria"
        assert words[4] in PLACES and words[4] != "Paris"
        assert [words[1], words[3], words[6]] == ["saw", "in", "left"]
    assert other_names("John's", 0) == "Jorge's"
    assert other_names("Annabel and Parisian", 3) == "Annabel and Parisian"


def test_synonyms_go_both_ways_and_keep_capitals() -> None:
    assert synonyms("Begin big, or START LARGE?") == "Start large, or BEGIN BIG?"
    assert synonyms("beginner, unhappily") == "beginner, unhappily"


def test_the_tables_are_clean() -> None:
    words = [word for pair in SYNONYMS for word in pair]
    assert len(words) == len(set(words))
    assert len(set(GIVEN_NAMES)) == len(GIVEN_NAMES) and len(set(PLACES)) == len(PLACES)
    assert not set(GIVEN_NAMES) & set(PLACES)
    assert all(short == short.lower() and "'" in short for short in CONTRACTED)
