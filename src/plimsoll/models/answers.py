"""What a model answered, checked before anyone believes it: length, shape, finite numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from plimsoll.core.errors import ModelError
from plimsoll.core.labels import label_text
from plimsoll.core.model import Output

FloatArray = npt.NDArray[np.float64]


def scores(
    answer: Any, rows: int, who: str, output: Output, classes: tuple[str, ...] = ()
) -> FloatArray:
    """Return scores of shape (rows, classes), or (rows, 1) for the second class of two.

    A decision score with two columns becomes one, of the second class: the second column where the
    first is its negative, else the difference, which is what orders rows by the second class.

    Raises
    ------
    ModelError
        At a wrong length, a wrong number of columns, words, NaN or infinity.
    """
    values = _numbers(answer, rows, who)
    if values.ndim == 1:
        values = values.reshape(-1, 1)
    if values.ndim != 2 or values.shape[1] == 0:
        raise ModelError(
            f"{who} must answer with one score a class and row; "
            f"its answer has shape {values.shape} for {rows} rows."
        )
    width = values.shape[1]
    if classes and width != len(classes) and not (width == 1 and len(classes) == 2):
        raise ModelError(
            f"{who} states {len(classes)} classes and answered with {width} scores a row; "
            "a model must give one score a class."
        )
    _finite(values, who)
    if output is Output.DECISION and width == 2:
        first, second = values[:, :1], values[:, 1:]
        return second if np.array_equal(first, -second) else second - first
    return values


def values(answer: Any, rows: int, who: str) -> FloatArray:
    """Return predicted numbers, shape (rows,).

    Raises
    ------
    ModelError
        At a wrong length, several targets, words, NaN or infinity.
    """
    numbers = _numbers(answer, rows, who)
    if numbers.ndim == 2 and numbers.shape[1] == 1:
        numbers = numbers[:, 0]
    if numbers.ndim != 1:
        raise ModelError(
            f"{who} must answer with one number a row; its answer has shape {numbers.shape}. "
            "Models with several targets are judged one target at a time."
        )
    _finite(numbers, who)
    return numbers


def labels(answer: Any, rows: int, who: str) -> npt.NDArray[Any]:
    """Return label texts, shape (rows,), as an array of str objects.

    Raises
    ------
    ModelError
        At a wrong length, several targets or a missing label.
    """
    found = np.asarray(answer)
    if found.ndim == 2 and found.shape[1] == 1:
        found = found[:, 0]
    _length(found, rows, who)
    if found.ndim != 1:
        raise ModelError(
            f"{who} must answer with one label a row; its answer has shape {found.shape}. "
            "Models with several targets are judged one target at a time."
        )
    if found.dtype == object:
        texts = {value: label_text(value) for value in set(found.tolist()) if value is not None}
        out = np.array([texts.get(value) for value in found.tolist()], dtype=object)
        lost = sum(text is None or text == "nan" for text in out.tolist())
    else:
        distinct, place = np.unique(found, return_inverse=True)
        named = np.array([label_text(value) for value in distinct], dtype=object)
        out = named[place] if len(named) else np.empty(0, dtype=object)
        lost = int(np.isnan(found).sum()) if found.dtype.kind == "f" else 0
    if lost:
        raise ModelError(
            f"{who} must answer with a label for every row; {lost} of {rows} rows got none."
        )
    return out


def _numbers(answer: Any, rows: int, who: str) -> FloatArray:
    if isinstance(answer, list) and answer and getattr(answer[0], "ndim", 0) == 2:
        raise ModelError(
            f"{who} answers for {len(answer)} targets at once; "
            "models with several targets are judged one target at a time."
        )
    try:
        numbers = np.asarray(answer, dtype=np.float64)
    except (TypeError, ValueError):
        raise ModelError(
            f"{who} must answer with numbers; it answered with {_kind(answer)}."
        ) from None
    _length(numbers, rows, who)
    return numbers


def _length(found: npt.NDArray[Any], rows: int, who: str) -> None:
    got = "one value" if found.ndim == 0 else f"{found.shape[0]} answers"
    if found.ndim == 0 or found.shape[0] != rows:
        raise ModelError(f"{who} must answer once a row; it gave {got} for {rows} rows.")


def _finite(found: FloatArray, who: str) -> None:
    bad = ~np.isfinite(found)
    if bad.any():
        lost = int(bad.any(axis=-1).sum()) if found.ndim > 1 else int(bad.sum())
        raise ModelError(
            f"{who} must answer with finite numbers; {lost} of {found.shape[0]} rows got NaN or "
            "infinity. Look for missing cells that the model does not handle."
        )


def _kind(answer: Any) -> str:
    dtype = getattr(answer, "dtype", None)
    return f"values of type {dtype}" if dtype is not None else f"a {type(answer).__name__}"
