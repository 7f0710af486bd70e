"""Text families are there where the reference holds what they change, and change it by what they say."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from plimsoll.probes.stress import families, text
from plimsoll.probes.stress.family import Family
from worlds.stressing import applied, learnt_of, made

RNG = np.random.default_rng(0)
PLAIN = ["the", "parcel", "came", "late", "and", "broken", "once", "more", "so", "we", "sent", "it"]
NOTES = [" ".join(RNG.choice(PLAIN, 14)) + f" {i}" for i in range(300)]
RICH = [f"{note}. Maria isn't glad: it was 3.50!" for note in NOTES]
FAMILIES = [v for v in vars(text).values() if isinstance(v, Family)]


def one(family: Family, notes: list[str]):  # type: ignore[no-untyped-def]
    return made(family, learnt_of({"note": notes}))[f"{family.kind}:note"]


def test_a_family_is_left_out_where_it_would_change_nothing() -> None:
    there = {f.kind for f in FAMILIES if made(f, learnt_of({"note": NOTES}))}
    assert {f.kind for f in FAMILIES} - there == {
        "text_punctuation", "text_contraction", "text_number", "text_name", "text_synonym"
    }  # fmt: skip
    assert all(made(f, learnt_of({"note": RICH})) for f in FAMILIES)


def test_categories_are_no_text() -> None:
    frame = {"word": ["red", "green", "blue"] * 50}
    assert not any(made(f, learnt_of(frame)) for f in FAMILIES)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_the_stated_share_of_a_text_is_lost_from_its_end(share: float) -> None:
    after = applied(one(text.text_cut, NOTES), pl.DataFrame({"note": NOTES}), share)["note"]
    for old, new in zip(NOTES, after, strict=True):
        assert old.startswith(new)
        assert abs(len(old) * (1 - share) - len(new)) <= 0.5


@pytest.mark.parametrize(
    "family", [f for f in FAMILIES if f.kind not in ("text_typo", "text_scanned", "text_lookalike")]
)
def test_every_text_is_changed_and_missing_ones_are_not(family: Family) -> None:
    stress = one(family, RICH)
    frame = pl.DataFrame({"note": [*RICH, None]})
    after = applied(stress, frame, stress.top)["note"]
    assert (after != frame["note"])[:-1].all()
    assert after[-1] is None


def test_more_typing_errors_at_a_greater_severity() -> None:
    stress = one(text.text_typo, NOTES)
    assert (stress.unit, stress.top) == ("share of characters", 0.3)
    frame = pl.DataFrame({"note": NOTES})
    same = [
        np.mean([a == b for a, b in zip(NOTES, applied(stress, frame, s)["note"], strict=True)])
        for s in (0.0, 0.002, 0.02, 0.3)
    ]
    assert same[0] == 1.0 and same[3] == 0.0
    assert same == sorted(same, reverse=True)


def test_names_vary_from_row_to_row() -> None:
    note = f"{NOTES[0]} Maria"
    frame = pl.DataFrame({"note": [note] * 200})
    after = applied(one(text.text_name, RICH), frame)["note"]
    assert 10 < after.n_unique() < 60


def test_no_change_of_words_changes_what_is_true() -> None:
    rules = {s.rule for f in FAMILIES for s in made(f, learnt_of({"note": RICH})).values()}
    assert rules == {"invariant"}
    assert all(f.standard for f in FAMILIES)
    assert {f.kind for f in FAMILIES} <= {f.kind for f in families()}
