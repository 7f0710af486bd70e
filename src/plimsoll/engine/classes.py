"""The labels of a target column, and the classes they make."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from plimsoll.core.errors import DataError, SettingsError, did_you_mean
from plimsoll.core.labels import NATURAL_PAIRS, label_expr, label_text, match_label, sort_labels
from plimsoll.core.model import ModelCard
from plimsoll.core.settings import Settings
from plimsoll.core.source import Source
from plimsoll.core.subject import Task
from plimsoll.engine.score_roles import score_pairs

MOST_CLASSES = 1000
FEW_VALUES = 20
_TRUE_WORDS = {"true", "false", "yes", "no", "y", "n", "t", "f"}


@dataclass(frozen=True)
class Labels:
    """The different labels of a column: texts, whether more than could be held, rows without one."""

    texts: tuple[str, ...]
    many: bool
    missing: int
    rows: int


def look_at_labels(source: Source, column: str) -> Labels:
    """Read one column and return its different labels; stops collecting beyond MOST_CLASSES.

    Raises
    ------
    DataError
        If the cells are lists, structures or bytes.
    """
    dtype = source.schema[column]
    if dtype.is_nested() or dtype in (pl.Binary, pl.Object):
        raise DataError(
            f"Column '{column}' must hold labels or numbers; it holds {dtype}. Name another column."
        )
    seen: set[str] = set()
    missing = rows = 0
    for frame in source.batches([column], 1 << 19):
        cells = frame.get_column(column)
        if dtype.is_float():
            cells = cells.fill_nan(None)
        rows += cells.len()
        missing += cells.null_count()
        if len(seen) <= MOST_CLASSES:
            unique = cells.drop_nulls().unique().to_frame(column)
            if unique.height > MOST_CLASSES:
                unique = unique.head(MOST_CLASSES + 1)
            seen.update(unique.select(label_expr(pl.col(column), dtype)).to_series().to_list())
    return Labels(sort_labels(sorted(seen)), len(seen) > MOST_CLASSES, missing, rows)


def check_labels(settings: Settings, labels: Labels) -> None:
    """Raise DataError where the labels cannot be those of classes: none, or mixed kinds."""
    column = settings.columns.target
    if labels.rows == 0:
        raise DataError(
            "Rows to judge were expected and the table is empty; give a table with rows."
        )
    if not labels.texts:
        raise DataError(
            f"Target column '{column}' must hold labels; all {labels.rows} rows are empty. "
            "Name another column or join the labels by id."
        )
    words = {text.casefold() for text in labels.texts}
    numerals = {w for w in words if w.lstrip("+-").replace(".", "", 1).isdigit()}
    if len(words) <= FEW_VALUES and words & _TRUE_WORDS and numerals:
        raise DataError(
            f"Target column '{column}' must write each class in one way; it mixes numbers with words "
            f"({', '.join(labels.texts[:6])}). Map them to one kind of label first."
        )


def classes_of(
    task: Task,
    labels: Labels,
    settings: Settings,
    card: ModelCard | None,
    said: list[str],
    predicted: tuple[str, ...],
) -> tuple[str, ...]:
    """Return the classes in order; ``predicted`` are labels that only the predictions may hold."""
    column, texts = settings.columns.target, labels.texts
    if len(texts) == 1 and not (card and len(card.classes) > 1 and task is Task.MULTICLASS):
        raise DataError(
            f"Target column '{column}' must hold at least two classes; all {labels.rows - labels.missing} "
            f"labelled rows hold '{texts[0]}'. Give rows of both classes."
        )
    if labels.many:
        raise DataError(
            f"Target column '{column}' holds more than {MOST_CLASSES} different labels; "
            'a class target was expected. Name another column or set task = "regression".'
        )
    if task is Task.BINARY:
        if len(texts) != 2:
            raise DataError(
                f"A binary target must hold two labels; column '{column}' holds {len(texts)}"
                f'{_shown(texts)}. Set task = "multiclass" or mend the labels.'
            )
        return _ordered_pair((texts[0], texts[1]), settings.columns.positive, column or "", said)
    if settings.columns.positive is not None:
        raise SettingsError(
            f"A positive label belongs to a binary task; column '{column}' holds {len(texts)} labels. "
            "Leave --positive out, or give a binary target."
        )
    if settings.subject.threshold is not None:
        raise SettingsError(
            "A threshold belongs to a binary task; this one has several classes, and the one with the "
            "largest score is chosen. Leave --threshold out."
        )
    known = (
        card.classes
        if card
        else tuple(label for label, _ in score_pairs(settings.columns) if label)
    )
    if all_whole(texts) and not all_whole(predicted):
        predicted = ()  # numbers with a fraction name no class; the scan will say so
    extra = [c for c in (*known, *predicted) if match_label(c, texts) is None]
    classes = sort_labels([*texts, *dict.fromkeys(extra)])
    if len(classes) > MOST_CLASSES:
        raise DataError(
            f"The predictions hold more than {MOST_CLASSES} different labels; the classes of column "
            f"'{column}' were expected. Name another prediction column."
        )
    return classes


def _ordered_pair(
    texts: tuple[str, str], positive: object, column: str, said: list[str]
) -> tuple[str, ...]:
    if positive is not None:
        chosen = match_label(label_text(positive), texts)
        if chosen is None:
            raise SettingsError(
                f"The positive label '{label_text(positive)}' is not in column '{column}', which holds "
                f"'{texts[0]}' and '{texts[1]}'.{did_you_mean(label_text(positive), texts)}"
            )
        return (texts[1], texts[0]) if chosen == texts[0] else texts
    for pair in NATURAL_PAIRS:
        if set(pair) == set(texts):
            said.append(f"Positive class: '{pair[1]}'; override with --positive.")
            return pair
    raise SettingsError(
        f"Column '{column}' holds the labels '{texts[0]}' and '{texts[1]}', and which of them is the "
        f"positive one cannot be told; say it with --positive '{texts[1]}' or --positive '{texts[0]}'."
    )


def all_whole(texts: Iterable[str]) -> bool:
    """Whether no text is a number with a decimal point."""
    return not any(
        "." in text and text.replace(".", "", 1).lstrip("+-").isdigit() for text in texts
    )


def _shown(texts: tuple[str, ...]) -> str:
    """Return the labels in brackets where they are few; many may be names, which no message holds."""
    return f" ({', '.join(texts)})" if len(texts) <= FEW_VALUES else ""
