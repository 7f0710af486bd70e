"""New categories are new, a code book is a bijection that moves all, and the rarest levels merge first."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from plimsoll.core.subject import Subject, Task
from plimsoll.probes.stress.categories import merged, recoded, unseen
from plimsoll.probes.stress.learnt import learn
from worlds.stressing import applied, learnt_of, made

TOWNS = ["York"] * 60 + ["Bath"] * 30 + ["Ely"] * 6 + ["Wells"] * 3 + ["Ripon"]
REFERENCE = pl.DataFrame({"town": TOWNS, "yes": [True, False] * 50})


def test_what_is_unseen_is_never_in_the_reference() -> None:
    frame = pl.DataFrame({"town": ["York", "new town", "new town'", None]})
    stress = made(unseen, learnt_of(frame))["unseen:town"]
    after = applied(stress, frame)["town"]
    assert not set(after.drop_nulls()) & set(frame["town"].drop_nulls())
    assert after.null_count() == 1


def test_today_shows_the_share_of_categories_that_the_reference_has_not() -> None:
    stress = made(unseen, learnt_of(REFERENCE))["unseen:town"]
    assert stress.exposure is not None
    today = pl.DataFrame({"town": ["York", "Leeds", None, "leeds", "Ely"]})
    assert stress.exposure(today) == pytest.approx(0.4)
    assert stress.exposure(REFERENCE) == 0.0
    assert stress.exposure(today[:0]) == 0.0


def test_without_a_reference_nobody_knows_what_is_new() -> None:
    learnt = learn(
        REFERENCE, Subject("x", Task.BINARY, learnt_of(REFERENCE).subject.roles), on_reference=False
    )
    assert made(unseen, learnt)["unseen:town"].exposure is None


@pytest.mark.parametrize("levels", [2, 3, 40])
def test_a_code_book_is_one_to_one_and_leaves_none_in_its_place(levels: int) -> None:
    words = [f"level {i}" for i in np.random.default_rng(0).permutation(levels)]
    frame = pl.DataFrame({"word": words * 2})
    after = applied(made(recoded, learnt_of(frame))["recoded:word"], frame)["word"].to_list()
    turned = dict(zip(frame["word"].to_list(), after, strict=True))
    assert sorted(turned.values()) == sorted(words)
    assert all(old != new for old, new in turned.items())
    assert after[:levels] == after[levels:]


def test_a_code_book_leaves_what_it_does_not_hold_and_keeps_an_enumeration() -> None:
    kinds = pl.Enum(["a", "b", "c"])
    frame = pl.DataFrame({"kind": pl.Series(["a", "b", "a", "b"], dtype=kinds)})
    stress = made(recoded, learnt_of(frame))["recoded:kind"]
    after = applied(stress, pl.DataFrame({"kind": pl.Series(["a", "c", None, "b"], dtype=kinds)}))
    assert after["kind"].to_list() == ["b", "c", None, "a"]
    assert after.schema["kind"] == kinds


def test_yes_or_no_is_turned_around() -> None:
    stress = made(recoded, learnt_of(REFERENCE))["recoded:yes"]
    assert applied(stress, REFERENCE)["yes"].to_list() == [False, True] * 50


def test_the_rarest_categories_are_put_together_up_to_the_share() -> None:
    stress = made(merged, learnt_of(REFERENCE))["merged:town"]
    for severity, gone in (
        (0.0, set()),
        (0.01, set()),  # one level alone is merged with nothing
        (0.039, set()),
        (0.04, {"Ripon", "Wells"}),
        (0.10, {"Ripon", "Wells", "Ely"}),
        (0.40, {"Ripon", "Wells", "Ely", "Bath"}),
        (0.50, {"Ripon", "Wells", "Ely", "Bath"}),
    ):
        after = applied(stress, REFERENCE, severity)["town"]
        assert {a for a, b in zip(TOWNS, after, strict=True) if a != b} == gone, severity
        assert (after == "other").sum() == sum(town in gone for town in TOWNS)


def test_an_other_that_exists_takes_them_in() -> None:
    frame = pl.DataFrame({"town": [*TOWNS, "Other", "Other"]})
    after = applied(made(merged, learnt_of(frame))["merged:town"], frame, 0.1)["town"]
    assert set(after) == {"York", "Bath", "Ely", "Other"}
    assert made(merged, learnt_of(pl.DataFrame({"two": ["a", "b"]}))) == {}
