"""One class is one class in data, model and settings."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from plimsoll.core.labels import label_expr, label_text, match_label, sort_labels


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (1.0, "1"),
        ("1", "1"),
        (True, "true"),
        (False, "false"),
        (0.5, "0.5"),
        (-0.0, "0"),
        ("Poor", "Poor"),
        (np.int64(3), "3"),
        (np.float32(2.0), "2"),
        (np.bool_(True), "true"),
        (np.str_("a"), "a"),
    ],
    ids=repr,
)
def test_a_label_has_one_text(value: Any, text: str) -> None:
    assert label_text(value) == text


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        (pl.Series([1, 0, None]), ["1", "0", None]),
        (pl.Series([1.0, 0.0, 0.5, None]), ["1", "0", "0.5", None]),
        (pl.Series([True, False, None]), ["true", "false", None]),
        (pl.Series(["a", "", None]), ["a", "", None]),
        (pl.Series(["a", "b"], dtype=pl.Categorical), ["a", "b"]),
        (pl.Series([1 / 3, -2.0, 1e15]), ["0.3333333333333333", "-2", "1000000000000000"]),
    ],
    ids=str,
)
def test_a_column_has_the_same_texts(column: pl.Series, texts: list[str | None]) -> None:
    frame = column.alias("c").to_frame()
    found = frame.select(label_expr(pl.col("c"), column.dtype)).to_series().to_list()
    assert found == texts


def test_labels_sort_by_value() -> None:
    assert sort_labels(["10", "9", "-1"]) == ("-1", "9", "10")
    assert sort_labels(["b", "10", "a"]) == ("10", "a", "b")


@pytest.mark.parametrize(
    ("text", "classes", "found"),
    [
        ("1", ("0", "1"), "1"),
        ("1", ("false", "true"), "true"),
        ("False", ("0", "1"), "0"),
        ("YES", ("no", "yes"), "yes"),
        ("a", ("A", "a"), "a"),
        ("B", ("b", "B "), "b"),
        ("aa", ("Aa", "aA"), None),
        ("2", ("0", "1"), None),
        ("true", ("no", "yes"), None),
    ],
    ids=str,
)
def test_a_class_is_found_however_it_is_spelled_or_not_at_all(
    text: str, classes: tuple[str, ...], found: str | None
) -> None:
    assert match_label(text, classes) == found
