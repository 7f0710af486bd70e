"""Tables that are already in memory: Polars, pandas, PyArrow, NumPy, a dict of columns."""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.errors import DataError, MissingExtraError
from plimsoll.sources.digest import FRAME_ROWS, digest_frame, slices
from plimsoll.sources.dtypes import settle
from plimsoll.sources.place import Place, reason, translating
from plimsoll.sources.streaming import stream
from plimsoll.sources.table import Table


def open_frame(ref: object, role: str) -> Table | None:
    """Return a table that is already in memory, or None where ``ref`` is none.

    Takes a Polars DataFrame or LazyFrame, a pandas DataFrame, a PyArrow Table or RecordBatch (or
    whatever else offers the Arrow C stream), a NumPy structured array, or a dict of columns. NaN in
    a pandas DataFrame is missing, as pandas means it; in a NumPy array it is NaN.

    Raises
    ------
    DataError
        If names stand twice, columns differ in length, or a column mixes values of several kinds.
    """
    if isinstance(ref, pl.LazyFrame):
        return _lazy(Place(role, "Polars LazyFrame"), ref)
    if isinstance(ref, pl.DataFrame):
        return _held(Place(role, "Polars DataFrame"), ref)
    if isinstance(ref, np.ndarray):
        place = Place(role, "NumPy array")
        return _held(place, _from_columns(place, _fields(place, ref)))
    if isinstance(ref, Mapping):
        place = Place(role, "dict of columns")
        unique(place, [str(name) for name in ref])
        return _held(place, _from_columns(place, {str(k): v for k, v in ref.items()}))
    if _is_pandas(ref):
        place = Place(role, "pandas DataFrame")
        return _held(place, _from_pandas(place, ref))
    if hasattr(ref, "__arrow_c_stream__") or hasattr(ref, "__arrow_c_array__"):
        place = Place(role, f"Arrow {type(ref).__name__}")
        return _held(place, _from_arrow(place, ref))
    return None


def _held(place: Place, frame: pl.DataFrame) -> Table:
    lazy, schema = settle(frame.lazy(), frame.schema)
    for name, dtype in schema.items():
        if dtype == pl.Object:
            raise _of_several_kinds(place, name)

    def digest() -> str:
        plain = lazy.collect()
        return digest_frame(schema, slices(plain))

    return Table(
        place=place,
        schema=schema,
        frame=lazy,
        explain=partial(_broken, place),
        digest=digest,
        rows=frame.height if frame.width else 0,
    )


def _lazy(place: Place, frame: pl.LazyFrame) -> Table:
    explain = partial(_broken, place)
    with translating(explain):
        lazy, schema = settle(frame, frame.collect_schema())

    def digest() -> str:
        return digest_frame(schema, stream(lazy, FRAME_ROWS))

    return Table(place=place, schema=schema, frame=lazy, explain=explain, digest=digest)


def _is_pandas(ref: object) -> bool:
    return type(ref).__module__.split(".")[0] == "pandas" and hasattr(ref, "columns")


def _from_pandas(place: Place, frame: Any) -> pl.DataFrame:
    """Return a pandas DataFrame as Polars', with its index as columns where the index has names."""
    if importlib.util.find_spec("pyarrow") is None:
        raise MissingExtraError("Reading a pandas DataFrame", "pandas")
    index = [name for name in frame.index.names if name is not None]
    unique(place, [str(name) for name in (*index, *frame.columns)])
    if index:
        frame = frame.reset_index()
    columns = []
    for at, name in enumerate(frame.columns):
        values = frame.iloc[:, at]
        try:
            columns.append(pl.from_pandas(values, nan_to_null=True).alias(str(name)))
        except (Exception, pl.exceptions.PanicException) as error:
            raise _of_several_kinds(place, str(name)) from error
    return pl.DataFrame(columns)


def _from_arrow(place: Place, table: Any) -> pl.DataFrame:
    names = getattr(getattr(table, "schema", None), "names", None)
    if isinstance(names, list):
        unique(place, names)
    with translating(partial(_no_table, place)):
        return pl.DataFrame(table)


def _no_table(place: Place, error: BaseException) -> DataError:
    return DataError(
        f"{place} must be a table of named columns but cannot be read as one ({type(error).__name__}); "
        "convert it to a data frame or a dict of columns."
    )


def _fields(place: Place, array: npt.NDArray[Any]) -> dict[str, npt.NDArray[Any]]:
    if array.dtype.names is None or array.ndim != 1:
        raise DataError(
            f"{place} must be a structured array of one dimension, but has type {array.dtype} and "
            f"shape {array.shape}; give a dict of column name to array instead."
        )
    return {name: array[name] for name in array.dtype.names}


def _from_columns(place: Place, columns: Mapping[str, Any]) -> pl.DataFrame:
    series = [_series(place, name, values) for name, values in columns.items()]
    lengths = {one.name: one.len() for one in series}
    if len(set(lengths.values())) > 1:
        short, long = min(lengths, key=lengths.__getitem__), max(lengths, key=lengths.__getitem__)
        raise DataError(
            f"{place}: all columns must have the same length, but '{short}' has {lengths[short]} "
            f"values and '{long}' has {lengths[long]}."
        )
    return pl.DataFrame(series)


def _series(place: Place, name: str, values: Any) -> pl.Series:
    try:
        if isinstance(values, str | bytes):
            raise TypeError("one text is no column")
        if isinstance(values, np.ndarray) and values.dtype.kind == "S":
            values = np.char.decode(values, "utf-8")
        if isinstance(values, np.ndarray) and values.dtype.kind == "O":
            values = [None if _is_nan(value) else value for value in values.tolist()]
        return series_of(name, values)
    except (Exception, pl.exceptions.PanicException) as error:
        raise _of_several_kinds(place, name) from error


def _is_nan(value: object) -> bool:
    """Whether a cell of an array of objects is NaN, which is how such arrays write missing."""
    return isinstance(value, float) and value != value


def series_of(name: str, values: Any) -> pl.Series:
    """Return a column of Python values or an array.

    Whole numbers beside decimal ones are Float64 and UUIDs are text. Raises TypeError, or whatever
    Polars raises, where the values are of several kinds or of one that no table holds.
    """
    if isinstance(values, list):
        kinds = {type(value) for value in values if value is not None}
        if kinds == {int, float}:
            return pl.Series(name, values, dtype=pl.Float64, strict=False)
        if kinds == {UUID}:
            values = [None if value is None else str(value) for value in values]
    column = pl.Series(name, values, strict=True)
    if column.dtype == pl.Object:
        raise TypeError(f"column '{name}' holds Python objects")
    return column


def unique(place: Place, names: list[str]) -> None:
    """Raise DataError if a column name stands twice."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError(
            f"{place}: every column needs its own name, but '{twice[0]}' stands "
            f"{names.count(twice[0])} times; rename the columns."
        )


def _of_several_kinds(place: Place, name: str) -> DataError:
    return DataError(
        f"{place}: column '{name}' must hold values of one kind (numbers, text, true/false, dates) "
        "but mixes several or holds other objects; convert it."
    )


def _broken(place: Place, error: BaseException) -> DataError:
    if isinstance(error, pl.exceptions.ColumnNotFoundError | pl.exceptions.SchemaError):
        return DataError(f"{place} cannot be computed ({reason(error)}); correct its query.")
    return DataError(
        f"{place} cannot be read ({type(error).__name__}); check that it can be collected on its own."
    )
