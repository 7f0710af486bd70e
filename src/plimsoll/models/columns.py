"""From the rows that were read to the input that a model was fitted on.

A model is only judged fairly on the input it would see in use, so columns are picked by the names
the model states, types are kept, and a missing cell arrives as ``pandas.read_csv`` would leave it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.errors import ModelError, did_you_mean

_TEXT = (pl.String, pl.Categorical, pl.Enum)
_NOT_NUMBERS = (*_TEXT, pl.Date, pl.Datetime, pl.Time, pl.Duration, pl.Binary, pl.List, pl.Struct)


def pick(frame: pl.DataFrame, names: Sequence[str], who: str) -> pl.DataFrame:
    """Return the named columns in this order.

    Raises
    ------
    ModelError
        If a column is not there; the nearest one is offered.
    """
    missing = [name for name in names if name not in frame.columns]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise ModelError(
            f"{who} expects the feature '{missing[0]}'{more}, and the data has no such column."
            f"{did_you_mean(missing[0], frame.columns)}"
        )
    return frame.select(names)


def pick_respelled(
    frame: pl.DataFrame, names: Sequence[str], who: str, spell: Callable[[str], str]
) -> pl.DataFrame:
    """Return the named columns under the model's names, where its library respelled them.

    A column under the very name goes first; else the one whose name ``spell`` turns into it.

    Raises
    ------
    ModelError
        If a column is not there, or two columns are spelled alike.
    """
    written: dict[str, list[str]] = {}
    for column in frame.columns:
        written.setdefault(spell(column), []).append(column)
    found: dict[str, str] = {}
    for name in names:
        meant = [] if name in frame.columns else written.get(name, [])
        if len(meant) > 1:
            raise ModelError(
                f"{who} expects the feature '{name}', and the columns '{meant[0]}' and "
                f"'{meant[1]}' could both be meant; rename one."
            )
        found |= dict.fromkeys(meant, name)
    return pick(frame.rename(found), names, who)


def stated_features(names: tuple[str, ...] | None, *, respelled: bool) -> tuple[str, ...] | None:
    """Return the names by which the data holds the features, or None where only the data can tell.

    A library that respells names writes an underscore for other characters.
    """
    unclear = respelled and names is not None and any("_" in name for name in names)
    return None if unclear else names


def take_all(frame: pl.DataFrame, expected: int | None, who: str) -> pl.DataFrame:
    """Return every column, in order, for a model that was fitted without column names.

    Raises
    ------
    ModelError
        If their number is not the one that the model states.
    """
    if expected is not None and frame.width != expected:
        raise ModelError(
            f"{who} expects {expected} features and names none, and the data holds {frame.width} "
            "feature columns; leave the others out with --ignore, in the order of fitting."
        )
    return frame


def is_text(dtype: pl.DataType) -> bool:
    """Whether a column holds words."""
    return isinstance(dtype, _TEXT)


def floats(frame: pl.DataFrame, who: str) -> npt.NDArray[np.float64]:
    """Return the columns as float64, shape (rows, columns); a missing cell is NaN.

    Raises
    ------
    ModelError
        If a column holds words or times.
    """
    for name, dtype in frame.schema.items():
        if isinstance(dtype, _NOT_NUMBERS):
            raise ModelError(
                f"{who} expects numbers in every feature, and column '{name}' holds "
                f"{_kind(dtype)}; encode it as it was for the fit, or judge the whole pipeline."
            )
    numbers = frame.select(pl.all().cast(pl.Float64))
    out = np.empty((frame.height, frame.width))
    for place, column in enumerate(numbers.iter_columns()):
        out[:, place] = column.to_numpy()
    return out


def matrix(frame: pl.DataFrame, missing: object = np.nan) -> npt.NDArray[Any]:
    """Return the columns as one array, shape (rows, columns), in their common type.

    Whole numbers stay whole where no cell is missing; with words among them the array is of
    objects, as ``DataFrame.to_numpy`` of pandas gives it. ``missing`` stands for a missing word.
    """
    parts = [cells(column, missing) for column in frame.iter_columns()]
    if any(part.dtype.kind not in "biuf" for part in parts):
        out: npt.NDArray[Any] = np.empty((frame.height, frame.width), dtype=object)
        for place, part in enumerate(parts):
            out[:, place] = part
        return out
    return np.column_stack(parts) if parts else np.empty((frame.height, 0))


def cells(column: pl.Series, missing: object = np.nan) -> npt.NDArray[Any]:
    """Return one column as an array; a missing number is NaN, a missing word ``missing``."""
    if column.dtype.is_decimal() or isinstance(column.dtype, pl.Null):
        column = column.cast(pl.Float64)
    values: npt.NDArray[Any] = column.to_numpy()
    if values.dtype == object and column.null_count():
        values = values.copy()
        values[column.is_null().to_numpy()] = missing
    return values


def pandas_frame(
    pandas: Any,
    frame: pl.DataFrame,
    *,
    missing: object = np.nan,
    categories: Mapping[str, Sequence[Any] | None] | None = None,
) -> Any:
    """Return the rows as a pandas frame with the types that ``pandas.read_csv`` would give.

    Words get the type that this pandas infers for words. ``missing`` stands for a missing word;
    with None the column must be of objects, since pandas turns None into NaN elsewhere.
    ``categories`` names columns to hand over as pandas categories, with the list of categories in
    the order of the fit, or None to take those that occur.
    """
    word = pandas.Series(["x"]).dtype
    chosen = categories or {}
    columns: dict[str, Any] = {}
    for column in frame.iter_columns():
        name = column.name
        if name in chosen or isinstance(column.dtype, pl.Categorical | pl.Enum):
            listed = chosen.get(name)
            columns[name] = pandas.Categorical(cells(column), categories=listed)
        elif isinstance(column.dtype, pl.String):
            dtype = word if missing is not None else object
            columns[name] = pandas.Series(cells(column, missing), dtype=dtype)
        else:
            columns[name] = cells(column)
    return pandas.DataFrame(columns, columns=frame.columns)


def _kind(dtype: pl.DataType) -> str:
    return "words" if is_text(dtype) else f"values of type {dtype}"
