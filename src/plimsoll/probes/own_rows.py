"""Rows that a function of the user changed, checked before anyone asks a model about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from plimsoll.core.errors import CheckError
from plimsoll.models.function import hand_to


def changed_by(
    function: Callable[..., Any], what: str, name: str, frame: pl.DataFrame, *more: object
) -> pl.DataFrame:
    """Call a function with rows, and with ``more``, and return the rows that it changed.

    It is handed a Polars frame, or a pandas frame where the annotation of its first argument says so.
    ``what`` is what it is meant to be, for messages: a stress, a relation.

    Raises
    ------
    CheckError
        If it raises, or returns something else than as many rows with all their columns.
    MissingExtraError
        If it wants pandas and that is not installed.
    """
    given = hand_to(function, f"The {what} '{name}', which takes a pandas frame,")(frame)
    try:
        back = function(given, *more)
    except Exception as error:
        raise CheckError(
            f"The {what} '{name}' was expected to return changed rows and raised "
            f"{type(error).__name__}: {error}"
        ) from error
    if not isinstance(back, pl.DataFrame):
        if type(back).__module__.split(".")[0] != "pandas":
            raise CheckError(
                f"The {what} '{name}' must return a frame of rows; it returned a {type(back).__name__}."
            )
        back = pl.from_pandas(back)
    lost = [column for column in frame.columns if column not in back.columns]
    if back.height != frame.height or lost:
        of = f"without '{lost[0]}'" if lost else f"of {back.height} rows"
        raise CheckError(
            f"The {what} '{name}' must return the {frame.height} rows it was handed with all their "
            f"columns; it returned a frame {of}."
        )
    changed: pl.DataFrame = back.select(frame.columns)
    return changed
