"""The way a category is written: spaces around it, small and capital letters."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl

from plimsoll.core.relation import Ask, Change, Relation
from plimsoll.core.stress import Draws
from plimsoll.probes.relations.family import Declared, relations
from plimsoll.probes.stress.learnt import Learnt, LearntColumn

SPACES, LETTER_CASE = "spaces", "letter_case"
TOLERANCE = 1e-6
Write = Callable[[pl.Series], pl.Series]


@relations(SPACES, "spaces around a category")
def spaces(learnt: Learnt, declared: Declared) -> Iterator[Relation]:
    """Each cell of a column of categories gets a space before and after it.

    Left out where the reference has categories that differ in spaces alone.
    """
    for column in _of_one_spelling(learnt, str.strip):
        yield _relation(
            SPACES,
            column,
            f"spaces around {column.name}",
            "The value is the same to every reader.",
            "A fixed-width export, a form that keeps what was typed, a CSV file with ', '.",
            lambda texts: " " + texts + " ",
        )


@relations(LETTER_CASE, "a category in other letters")
def letter_case(learnt: Learnt, declared: Declared) -> Iterator[Relation]:
    """Each cell of a column of categories is written in capitals, or small where it is in capitals.

    Left out where the reference has categories that differ in case alone.
    """
    for column in _of_one_spelling(learnt, str.lower):
        if any(level.upper() != level or level.lower() != level for level in column.levels):
            yield _relation(
                LETTER_CASE,
                column,
                f"{column.name} in capitals or small letters",
                "The value is the same to every reader.",
                "Another source, or a new version of a form, writes its categories in capitals.",
                _other_case,
            )


def _of_one_spelling(learnt: Learnt, plain: Callable[[str], str]) -> list[LearntColumn]:
    """Return the columns of categories in which no two are the same once written plainly."""
    columns = learnt.categorical()
    return [c for c in columns if len({plain(level) for level in c.levels}) == len(c.levels)]


def _other_case(texts: pl.Series) -> pl.Series:
    upper = texts.str.to_uppercase()
    return upper.zip_with((upper != texts).fill_null(False), texts.str.to_lowercase())


def _relation(
    kind: str, column: LearntColumn, title: str, why: str, life: str, write: Write
) -> Relation:
    return Relation(
        kind,
        (column.name,),
        title=title,
        why=why,
        life=life,
        asks=(Ask(title, _written(column, write)),),
        tolerance=TOLERANCE,
    )


def _written(column: LearntColumn, write: Write) -> Change:
    def change(frame: pl.DataFrame, _: Draws) -> pl.DataFrame:
        return column.put_texts(frame, write(column.texts(frame)))

    return change
