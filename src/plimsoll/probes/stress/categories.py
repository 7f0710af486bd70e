"""Categories: words that the model was not trained on, code books that moved, small levels put together."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from plimsoll.core.stress import Draws, Exposure, Fault, Realism, Stress
from plimsoll.probes.stress.family import family
from plimsoll.probes.stress.learnt import Kind, Learnt, LearntColumn

MERGED = "share of the reference's cells"
"""The unit of a severity that says how many cells of the reference are in levels put together."""


@family("unseen", "categories the model has not seen")
def unseen(learnt: Learnt) -> Iterator[Stress]:
    """Cells hold a category that the reference does not have.

    One new word stands for all of them. Today's exposure is the share of cells whose category the rows
    taken from the reference do not hold; a category rarer than one in so many rows can be missed by luck.
    """
    for column in learnt.categorical():
        known = _known(learnt, column)
        yield Stress(
            "unseen",
            (column.name,),
            title=f"unseen categories in {column.name}",
            life="A new product, code or place comes up that did not exist when the model was trained.",
            fault=_all(column, _new_word(column, known)),
            exposure=_share_unseen(column, known) if learnt.on_reference else None,
        )


@family("recoded", "categories under each other's codes")
def recoded(learnt: Learnt) -> Iterator[Stress]:
    """Every category comes under the name of another one, as when an encoder is fitted again.

    The levels of the reference in the order of the alphabet move on by one, the last becomes the first: a
    one-to-one change that leaves none in its place, and what a code book does that gains an entry. A
    yes-or-no column is turned around. Categories that the reference does not have stay.
    """
    for column in learnt.of(Kind.CATEGORY, Kind.BOOLEAN):
        yield Stress(
            "recoded",
            (column.name,),
            title=f"{column.name} under another code book",
            life="The encoder is fitted again or a code list is renumbered, and the model is not told.",
            fault=_turned(column) if column.kind is Kind.BOOLEAN else _recoded(column),
        )


@family("merged", "small categories put together", standard=False)
def merged(learnt: Learnt) -> Iterator[Stress]:
    """The rarest categories become one, *other*.

    The severity is the share of the reference's cells that the merged levels hold, the rarest first, so it
    grows in steps. Levels that the reference does not have stay.
    """
    for column in learnt.categorical():
        if len(column.levels) > 2 and column.shares[-1] + column.shares[-2] <= 0.5:
            yield Stress(
                "merged",
                (column.name,),
                title=f"small categories of {column.name} put together",
                life="A form is shortened, or a source sends only its most common answers and 'other'.",
                fault=_merged(column),
                unit=MERGED,
                top=0.5,
                realism=Realism.PLAUSIBLE,
            )


def _known(learnt: Learnt, column: LearntColumn) -> pl.Series:
    """Return every category that the rows of the reference hold, as texts."""
    return column.texts(learnt.frame).drop_nulls().unique()


def _new_word(column: LearntColumn, known: pl.Series) -> str:
    taken = set(known.to_list())
    word = f"new {column.name}"
    while word in taken:
        word += "'"
    return word


def _all(column: LearntColumn, word: str) -> Fault:
    """Return the fault that puts one word into every cell that is not missing."""

    def fault(frame: pl.DataFrame, _: float, __: Draws) -> pl.DataFrame:
        texts = column.texts(frame)
        new = pl.select(pl.when(texts.is_null()).then(None).otherwise(pl.lit(word))).to_series()
        return column.put_texts(frame, new)

    return fault


def _share_unseen(column: LearntColumn, known: pl.Series) -> Exposure:
    def exposure(frame: pl.DataFrame) -> float | None:
        texts = column.texts(frame)
        new = texts.drop_nulls().is_in(known.implode())
        return float((~new).sum()) / max(texts.len(), 1)

    return exposure


def _recoded(column: LearntColumn) -> Fault:
    old = sorted(column.levels)
    new = [*old[1:], old[0]]

    def fault(frame: pl.DataFrame, _: float, __: Draws) -> pl.DataFrame:
        return replaced(column, frame, old, new)

    return fault


def _turned(column: LearntColumn) -> Fault:
    def fault(frame: pl.DataFrame, _: float, __: Draws) -> pl.DataFrame:
        return frame.with_columns(~pl.col(column.name))

    return fault


def _merged(column: LearntColumn) -> Fault:
    rest = next((level for level in column.levels if level.lower() in ("other", "others")), "other")
    rarest = list(zip(reversed(column.levels), reversed(column.shares), strict=True))

    def fault(frame: pl.DataFrame, severity: float, _: Draws) -> pl.DataFrame:
        small, held = [], 0.0
        for level, share in rarest:
            held += share
            if held > severity + 1e-12:
                break
            small.append(level)
        if len(small) < 2:  # one level alone is merged with nothing
            return frame
        return column.put_texts(frame, column.texts(frame).replace(small, [rest] * len(small)))

    return fault


def replaced(
    column: LearntColumn, frame: pl.DataFrame, old: list[str], new: list[str]
) -> pl.DataFrame:
    """Return the frame with categories replaced by others; an enumeration stays one if it has them all."""
    dtype = frame.schema[column.name]
    changed = column.put_texts(frame, column.texts(frame).replace(old, new))
    if isinstance(dtype, pl.Enum) and set(new) <= set(dtype.categories):
        changed = changed.with_columns(pl.col(column.name).cast(dtype))
    return changed
