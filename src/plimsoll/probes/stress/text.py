"""Text in prose: what typing, scanning, copying and other ways of saying the same do to it.

The tables behind it are short and English; a family is only there where the reference holds what it changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl

from plimsoll.core.stress import SHARE, Draws, Fault, Realism, Stress
from plimsoll.probes.stress.edits import LOOKALIKES, Edit, cased, edited, spaced
from plimsoll.probes.stress.family import family
from plimsoll.probes.stress.learnt import Kind, Learnt, LearntColumn
from plimsoll.probes.stress.letters import (
    Change,
    changed,
    lookalike_letters,
    misread_letters,
    typing_errors,
)
from plimsoll.probes.stress.phrases import (
    other_names,
    other_numbers,
    synonyms,
    unpunctuated,
    written_out,
)
from plimsoll.probes.stress.words import SCANNED

FEW = 0.01
"""Share of the reference's texts that must hold what a family changes."""
LOOKED_AT = 1000
"""Texts of the reference that are looked at for it."""
VARIANTS = 64
"""Ways in which one text is changed where chance has a part; every row draws one."""


@family("text_typo", "typing errors in text")
def text_typo(learnt: Learnt) -> Iterator[Stress]:
    """A share of the characters has a typing error: a key beside it, swapped with the next, lost, double.

    Each is as likely (Damerau 1964, doi:10.1145/363958.363994); a character is swapped only with one that has
    no error of its own.
    """
    yield from _by_letter(
        learnt,
        "text_typo",
        "typing errors in {}",
        "Somebody types in a hurry or on a small screen.",
        typing_errors,
        unit="share of characters",
    )


@family("text_scanned", "letters that a scanner misreads")
def text_scanned(learnt: Learnt) -> Iterator[Stress]:
    """A share of the characters that scanners confuse is read as another: 0 as O, m as rn, e as c."""
    yield from _by_letter(
        learnt,
        "text_scanned",
        "misread letters in {}",
        "The text was scanned from paper.",
        misread_letters,
        unit="share of the characters that can be misread",
        able="".join(SCANNED),
    )


@family("text_lookalike", "letters that only look alike")
def text_lookalike(learnt: Learnt) -> Iterator[Stress]:
    """A share of the Latin letters that have a Cyrillic double is replaced by it.

    Unicode Technical Standard 39. The eye sees no difference, and filters are passed so on purpose.
    """
    yield from _by_letter(
        learnt,
        "text_lookalike",
        "look-alike letters in {}",
        "Somebody writes so that a person reads it and a filter does not.",
        lookalike_letters,
        unit="share of the letters that have a look-alike",
        able="".join(LOOKALIKES),
        top=1.0,
        realism=Realism.ADVERSARIAL,
    )


@family("text_cut", "text cut off at the end")
def text_cut(learnt: Learnt) -> Iterator[Stress]:
    """A share of every text is lost from its end, in characters."""
    for column in learnt.of(Kind.TEXT):
        yield Stress(
            "text_cut",
            (column.name,),
            title=f"{column.name} cut off",
            life="A field is too short for what is written, and the rest is lost.",
            fault=_cut(column),
            unit="share of the text",
            top=0.9,
        )


@family("text_case", "text in capitals or small letters")
def text_case(learnt: Learnt) -> Iterator[Stress]:
    """A text in capitals, in small letters or in Title Case, whichever it is not in."""
    yield from _by_text(
        learnt,
        "text_case",
        "{} in another letter case",
        "Some write without capitals, and some in nothing else.",
        cased,
    )


@family("text_space", "text with stray spaces")
def text_space(learnt: Learnt) -> Iterator[Stress]:
    """A space too many before or after a text, all of its spaces doubled, or all such as break no line."""
    yield from _by_text(
        learnt,
        "text_space",
        "stray spaces in {}",
        "The text is copied from a web page or a document.",
        spaced,
    )


@family("text_punctuation", "text without punctuation")
def text_punctuation(learnt: Learnt) -> Iterator[Stress]:
    """All punctuation of a text is lost, apostrophes and hyphens too."""
    yield from _by_text(
        learnt,
        "text_punctuation",
        "{} without punctuation",
        "The text was dictated or typed as a quick message.",
        unpunctuated,
    )


@family("text_contraction", "contractions written out")
def text_contraction(learnt: Learnt) -> Iterator[Stress]:
    """Contractions are written in full, *don't* as *do not*; those of two readings stay."""
    yield from _by_text(
        learnt,
        "text_contraction",
        "contractions of {} written out",
        "Another author, or an editor, writes in a formal style.",
        written_out,
        realism=Realism.PLAUSIBLE,
    )


@family("text_number", "numbers in text written another way")
def text_number(learnt: Learnt) -> Iterator[Stress]:
    """Point and comma change places in numbers, 1,000.50 as 1.000,50."""
    yield from _by_text(
        learnt,
        "text_number",
        "numbers in {} with point for comma",
        "The text comes from a country that writes numbers the other way.",
        other_numbers,
    )


@family("text_name", "other names in text")
def text_name(learnt: Learnt) -> Iterator[Stress]:
    """Given names and places become others: who it is about and where should not matter.

    Where the place is part of the truth, switch this one off.
    """
    yield from _by_text(
        learnt,
        "text_name",
        "other names in {}",
        "The same is written about somebody else somewhere else.",
        other_names,
        realism=Realism.PLAUSIBLE,
    )


@family("text_synonym", "synonyms in text")
def text_synonym(learnt: Learnt) -> Iterator[Stress]:
    """Every word of a short table is replaced by its synonym; grammar may limp."""
    yield from _by_text(
        learnt,
        "text_synonym",
        "synonyms in {}",
        "The same is said in other words.",
        synonyms,
        realism=Realism.PLAUSIBLE,
    )


def _by_letter(
    learnt: Learnt,
    kind: str,
    title: str,
    life: str,
    change: Change,
    *,
    unit: str,
    able: str | None = None,
    top: float = 0.3,
    realism: Realism = Realism.OBSERVED,
) -> Iterator[Stress]:
    for column in learnt.of(Kind.TEXT):
        fault = _letters_changed(column, change, able)
        yield Stress(
            kind, (column.name,), title.format(column.name), life, fault,
            unit=unit, top=top, realism=realism,
        )  # fmt: skip


def _by_text(
    learnt: Learnt,
    kind: str,
    title: str,
    life: str,
    edit: Edit,
    *,
    realism: Realism = Realism.OBSERVED,
) -> Iterator[Stress]:
    for column in learnt.of(Kind.TEXT):
        if _holds(learnt, column, lambda text: edit(text, 0) != text):
            fault = _edited(column, edit)
            yield Stress(
                kind, (column.name,), title.format(column.name), life, fault,
                unit=SHARE, realism=realism,
            )  # fmt: skip


def _holds(learnt: Learnt, column: LearntColumn, does: Callable[[str], bool]) -> bool:
    """Whether enough texts of the reference hold what would be changed."""
    texts = column.texts(learnt.frame).drop_nulls().head(LOOKED_AT).to_list()
    return sum(map(does, texts)) >= max(FEW * len(texts), 1)


def _letters_changed(column: LearntColumn, change: Change, able: str | None) -> Fault:
    def fault(frame: pl.DataFrame, severity: float, draws: Draws) -> pl.DataFrame:
        new = changed(column.texts(frame), draws.bits("letters"), severity, change, able)
        return column.put_texts(frame, new)

    return fault


def _edited(column: LearntColumn, edit: Edit) -> Fault:
    def fault(frame: pl.DataFrame, _: float, draws: Draws) -> pl.DataFrame:
        choice = draws.whole(VARIANTS, "variant")
        return column.put_texts(frame, edited(column.texts(frame), edit, choice))

    return fault


def _cut(column: LearntColumn) -> Fault:
    def fault(frame: pl.DataFrame, severity: float, _: Draws) -> pl.DataFrame:
        text = pl.col(column.name).cast(pl.String)
        kept = ((1.0 - severity) * text.str.len_chars()).round().cast(pl.Int64)
        return column.put_texts(frame, frame.select(text.str.head(kept)).to_series())

    return fault
