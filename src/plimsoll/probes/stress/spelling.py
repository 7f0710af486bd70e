"""Spelling: the right category in the wrong letters, which a model that compares words does not know."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl

from plimsoll.core.stress import Draws, Exposure, Fault, Realism, Stress
from plimsoll.probes.stress.edits import (
    Edit,
    cased,
    edited,
    mistyped,
    other_unicode,
    spaced,
    unspaced,
)
from plimsoll.probes.stress.family import family
from plimsoll.probes.stress.learnt import Learnt, LearntColumn

VARIANTS = 12
"""Ways in which one category is misspelt; every row draws one."""


@family("typo", "mistyped categories")
def typo(learnt: Learnt) -> Iterator[Stress]:
    """One typing error in a cell: a key beside the right one, two letters swapped, one lost or one double.

    Each is as likely. The errors are those by which Damerau 1964 (doi:10.1145/363958.363994) found four in
    five misspellings to differ. A mistyped category may be another one that exists, as in life.
    """
    for column in learnt.categorical():
        yield Stress(
            "typo",
            (column.name,),
            title=f"mistyped {column.name}",
            life="Somebody types the value by hand, and a key goes wrong.",
            fault=misspelt(column, mistyped),
        )


@family("case", "categories in capitals or small letters")
def case(learnt: Learnt) -> Iterator[Stress]:
    """A cell in capitals, small letters or Title Case, whichever it does not have; digits stay.

    Today's exposure is the share of rows whose category is unknown as it is written and known without
    regard to case.
    """
    for column in learnt.categorical():
        if any(cased(level, 0) != level for level in column.levels):
            yield Stress(
                "case",
                (column.name,),
                title=f"{column.name} in another letter case",
                life="Another system sends the same words in capitals or in small letters.",
                fault=misspelt(column, cased),
                exposure=_known_after(learnt, column, str.casefold),
            )


@family("space", "categories with stray spaces")
def space(learnt: Learnt) -> Iterator[Stress]:
    """A space before or after the category, a double one inside, or one that does not break the line.

    Today's exposure is the share of rows whose category is unknown as it is written and known once spaces
    are tidied.
    """
    for column in learnt.categorical():
        yield Stress(
            "space",
            (column.name,),
            title=f"stray spaces in {column.name}",
            life="A file of fixed width, a spreadsheet or a web page leaves spaces around the words.",
            fault=misspelt(column, spaced),
            exposure=_known_after(learnt, column, unspaced),
        )


@family("unicode", "categories in other code points", standard=False)
def unicode(learnt: Learnt) -> Iterator[Stress]:
    """A category that looks the same to the eye: one look-alike letter, or accents written another way.

    Unicode Technical Standard 39 and Standard Annex 15. A cell without such a letter stays.
    """
    for column in learnt.categorical():
        if any(other_unicode(level, 0) != level for level in column.levels):
            yield Stress(
                "unicode",
                (column.name,),
                title=f"look-alike letters in {column.name}",
                life="Text is copied from another alphabet or system and looks right to the eye.",
                fault=misspelt(column, other_unicode),
                realism=Realism.PLAUSIBLE,
            )


def misspelt(column: LearntColumn, edit: Edit) -> Fault:
    """Return the fault that edits every cell, by one of a few variants that the row draws."""

    def fault(frame: pl.DataFrame, _: float, draws: Draws) -> pl.DataFrame:
        choice = draws.whole(VARIANTS, "variant")
        return column.put_texts(frame, edited(column.texts(frame), edit, choice))

    return fault


def _known_after(
    learnt: Learnt, column: LearntColumn, tidy: Callable[[str], str]
) -> Exposure | None:
    """Return the share of rows whose category a tidied spelling makes known; None without a reference."""
    if not learnt.on_reference:
        return None
    known = set(column.texts(learnt.frame).drop_nulls().unique().to_list())
    tidied = {tidy(level) for level in known}

    def exposure(frame: pl.DataFrame) -> float | None:
        counts = column.texts(frame).drop_nulls().alias("level").value_counts()
        hit = [n for level, n in counts.iter_rows() if level not in known and tidy(level) in tidied]
        return float(sum(hit)) / max(frame.height, 1)

    return exposure
