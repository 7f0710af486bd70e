"""One text for one label, so that a class is the same class in data, model and settings.

``1``, ``1.0`` and ``"1"`` are the label ``1``; booleans are ``true`` and ``false``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

NATURAL_PAIRS: tuple[tuple[str, str], ...] = (("0", "1"), ("false", "true"), ("-1", "1"))
"""Pairs of labels whose positive one nobody doubts: (negative, positive)."""


def label_text(value: Any) -> str:
    """Return the text of one label.

    >>> label_text(1.0), label_text(True), label_text("Poor")
    ('1', 'true', 'Poor')
    """
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def label_expr(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Return an expression that turns a column into the text of its labels; null stays null."""
    if dtype.is_float():
        whole = column.cast(pl.Int64, strict=False)
        return (
            pl.when(whole.cast(pl.Float64) == column)
            .then(whole.cast(pl.String))
            .otherwise(column.cast(pl.String))
        )
    return column.cast(pl.String)


def sort_labels(labels: Sequence[str]) -> tuple[str, ...]:
    """Return labels in the order their values have: numbers as numbers, words as words.

    >>> sort_labels(["10", "9", "-1"])
    ('-1', '9', '10')
    """
    try:
        return tuple(sorted(labels, key=float))
    except ValueError:
        return tuple(sorted(labels))


def match_label(text: str, classes: Sequence[str]) -> str | None:
    """Return the class that ``text`` names, reading 0/1 and false/true as the same, or None.

    >>> match_label("1", ["false", "true"])
    'true'
    """
    if text in classes:
        return text
    for first, second in (("0", "false"), ("1", "true")):
        for mine, theirs in ((first, second), (second, first)):
            if text.casefold() == mine and theirs in classes:
                return theirs
    folded = [c for c in classes if c.casefold() == text.casefold()]
    return folded[0] if len(folded) == 1 else None
