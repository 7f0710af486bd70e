"""Import a library that only some models need, or say which extra brings it."""

from __future__ import annotations

import importlib
from typing import Any

from plimsoll.core.errors import MissingExtraError


def library(module: str, what: str, extra: str) -> Any:
    """Return an optional library, imported now.

    Raises
    ------
    MissingExtraError
        If the library is not installed; the message names the extra that brings it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        if error.name is not None and error.name.split(".")[0] != module.split(".")[0]:
            raise
        raise MissingExtraError(what, extra) from None


def pandas_or_none() -> Any | None:
    """Return pandas where it is installed, else None."""
    try:
        return importlib.import_module("pandas")
    except ImportError:
        return None
