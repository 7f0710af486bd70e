"""What a table is called in a message, and how a foreign error becomes one clear sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import polars as pl

from plimsoll.core.errors import DataError, PlimsollError

_NOUNS = {
    "data": "Data",
    "reference": "Reference data",
    "labels": "Labels",
    "predictions": "Predictions",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A table as messages name it: the part it plays and where the user said it is.

    >>> print(Place("reference", "train.csv"))
    Reference data 'train.csv'
    """

    role: str
    origin: str

    def __str__(self) -> str:
        noun = _NOUNS.get(self.role, self.role.capitalize())
        return f"{noun} '{self.origin}'"

    def within(self, name: str) -> Place:
        """Return the place of one file of a table that has several."""
        return self if name == self.origin else replace(self, origin=name)


Explain = Callable[[BaseException], DataError]


@contextmanager
def translating(explain: Explain) -> Iterator[None]:
    """Turn whatever a reading library raises into the DataError that ``explain`` words.

    The foreign error stays on as the cause. What Plimsoll itself said, lack of memory and the
    keyboard pass through as they are. Polars' panics do not derive from Exception.
    """
    try:
        yield
    except (PlimsollError, MemoryError):
        raise
    except (Exception, pl.exceptions.PanicException) as error:
        raise explain(error) from error


def reason(error: BaseException, limit: int = 160) -> str:
    """Return the first line of a library's message, short and without a full stop at its end.

    Only for libraries whose messages hold no cell of the table: those of CSV and JSON parsers do.
    """
    lines = str(error).strip().splitlines()
    text = lines[0].strip() if lines else type(error).__name__
    return text[:limit].rstrip(" .:")
