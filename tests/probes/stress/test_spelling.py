"""Misspelt categories: every row draws its own way, and exposure counts what tidying would have saved."""

from __future__ import annotations

import polars as pl
import pytest

from plimsoll.probes.stress.spelling import VARIANTS, case, space, typo, unicode
from worlds.stressing import applied, learnt_of, made

FRAME = pl.DataFrame(
    {"job": ["Tech-support", "Sales", None] * 200, "code": ["12", "345", "6"] * 200}
)


def test_every_cell_is_mistyped_and_rows_differ() -> None:
    stress = made(typo, learnt_of(FRAME))["typo:job"]
    after = applied(stress, FRAME)["job"]
    assert (after == FRAME["job"]).sum() == 0
    assert after.null_count() == 200
    kinds = after.filter(FRAME["job"] == "Tech-support").n_unique()
    assert 5 < kinds <= VARIANTS
    assert not after.equals(applied(stress, FRAME, seed=1)["job"])


def test_digits_have_no_case() -> None:
    assert list(made(case, learnt_of(FRAME))) == ["case:job"]
    after = applied(made(case, learnt_of(FRAME))["case:job"], FRAME)["job"]
    assert set(after.drop_nulls()) == {
        "TECH-SUPPORT", "tech-support", "Tech-Support", "SALES", "sales"
    }  # fmt: skip


def test_what_differs_by_spaces_alone_is_the_same_word() -> None:
    after = applied(made(space, learnt_of(FRAME))["space:code"], FRAME)["code"]
    assert (after.str.strip_chars() == FRAME["code"]).all()
    assert (after != FRAME["code"]).all()


def test_only_letters_with_a_double_are_there_to_look_alike() -> None:
    stresses = made(unicode, learnt_of(FRAME))
    assert list(stresses) == ["unicode:job"]
    after = applied(stresses["unicode:job"], FRAME)["job"].drop_nulls()
    assert (after.str.len_chars() == FRAME["job"].drop_nulls().str.len_chars()).all()
    assert not after.str.contains(r"^[ -~]*$").any()


def test_exposure_counts_what_tidying_makes_known() -> None:
    learnt = learnt_of(FRAME)
    today = pl.DataFrame(
        {"job": ["SALES", "Sales", "sales ", " Sales", "Nurse", None, "sAlEs", "x"]}
    )
    for family, share in ((case, 2 / 8), (space, 1 / 8)):
        exposure = made(family, learnt)[f"{family.kind}:job"].exposure
        assert exposure is not None
        assert exposure(today) == pytest.approx(share)
        assert exposure(FRAME) == 0.0
