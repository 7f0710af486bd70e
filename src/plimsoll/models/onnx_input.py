"""From feature columns to the tensors that an ONNX model takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.errors import ModelError
from plimsoll.models.columns import floats, is_text

_FLOATS: dict[str, Any] = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
}
_WHOLE: dict[str, Any] = {
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(int16)": np.int16,
    "tensor(int8)": np.int8,
    "tensor(uint8)": np.uint8,
    "tensor(bool)": np.bool_,
}
_TEXT = "tensor(string)"


def respelled(name: str) -> str:
    """Return a column name as converters of scikit-learn models write it in an ONNX file.

    Source: ``Topology._generate_unique_name`` in https://github.com/onnx/sklearn-onnx

    >>> respelled("net-income"), respelled("2nd")
    ('net_income', '_2nd')
    """
    plain = re.sub(r"[^\w+]", "_", name)
    return f"_{plain}" if plain[:1].isdigit() else plain


@dataclass(frozen=True)
class _Input:
    name: str
    type: str
    flat: bool


@dataclass(frozen=True)
class Feed:
    """What a model takes: ``features`` by name, or ``width`` columns in order (None: any number)."""

    inputs: tuple[_Input, ...]
    features: tuple[str, ...] | None
    width: int | None
    who: str

    def tensors(self, frame: pl.DataFrame) -> dict[str, npt.NDArray[Any]]:
        """Return the tensors for the picked columns.

        Raises
        ------
        ModelError
            If a column cannot be of the type that the model takes.
        """
        if self.features is None:
            only = self.inputs[0]
            table = _table(frame, only, self.who)
            return {only.name: table[:, 0] if only.flat else table}
        return {
            one.name: _table(frame.select(one.name), one, self.who).reshape(
                (-1,) if one.flat else (-1, 1)
            )
            for one in self.inputs
        }


def feed(inputs: Sequence[Any], who: str) -> Feed:
    """Return what a model takes, from the inputs that onnxruntime lists.

    Raises
    ------
    ModelError
        If the inputs are not those of a model of a table.
    """
    found = []
    for one in inputs:
        shape = list(one.shape)
        if one.type not in (*_FLOATS, *_WHOLE, _TEXT) or len(shape) not in (1, 2):
            raise ModelError(
                f"{who} must take a table; its input '{one.name}' is a {one.type} of shape {shape}. "
                "Export it with one row a line and one feature a column."
            )
        if isinstance(shape[0], int) and shape[0] > 0:
            raise ModelError(
                f"{who} must take any number of rows; its input '{one.name}' takes exactly "
                f"{shape[0]}. Export it with a dynamic first dimension."
            )
        found.append((_Input(one.name, one.type, len(shape) == 1), shape))
    tensors = tuple(one for one, _ in found)
    if len(found) == 1:
        width = 1 if tensors[0].flat else found[0][1][1]
        return Feed(tensors, None, width if isinstance(width, int) else None, who)
    for one, shape in found:
        if not one.flat and shape[1] != 1:
            raise ModelError(
                f"{who} must take one tensor with all features or one input a column; its input "
                f"'{one.name}' of several takes {shape[1]} columns. Export it in one of these forms."
            )
    return Feed(tensors, tuple(one.name for one in tensors), None, who)


def _table(frame: pl.DataFrame, wanted: _Input, who: str) -> npt.NDArray[Any]:
    if wanted.type in _FLOATS:
        return floats(frame, who).astype(_FLOATS[wanted.type])
    make = _words if wanted.type == _TEXT else _whole_numbers
    columns = [make(column, wanted.type, who) for column in frame.iter_columns()]
    return np.stack(columns, axis=1)


def _whole_numbers(column: pl.Series, kind: str, who: str) -> npt.NDArray[Any]:
    numbers = floats(column.to_frame(), who)[:, 0]
    if not np.array_equal(numbers, np.round(numbers)):  # NaN is not equal to itself
        raise ModelError(
            f"{who} expects whole numbers without gaps in '{column.name}', and the column has missing "
            "cells or fractions; fill them as was done for the fit."
        )
    if column.dtype.is_integer():
        return column.to_numpy().astype(_WHOLE[kind])
    return numbers.astype(_WHOLE[kind])


def _words(column: pl.Series, kind: str, who: str) -> npt.NDArray[Any]:
    if column.null_count():
        raise ModelError(
            f"{who} expects a word in every row of '{column.name}', and {column.null_count()} cells "
            "are missing, for which ONNX has no word; fill them as was done for the fit."
        )
    if not (is_text(column.dtype) or column.dtype.is_integer()):
        raise ModelError(
            f"{who} expects words in '{column.name}', and the column holds {column.dtype}; "
            "hand it over as words."
        )
    return column.cast(pl.String).to_numpy().astype(object)
