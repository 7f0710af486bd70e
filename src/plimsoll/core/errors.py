"""Every error that Plimsoll raises on purpose, and the exit code each ends in.

::

    PlimsollError
    |-- UsageError              wrong usage or unreadable input           exit 2
    |   |-- SettingsError       plimsoll.toml or a flag
    |   |-- DataError           a table, a column or a value in it
    |   |-- ModelError          a model that cannot be loaded or asked
    |   |   `-- UntrustedModelError   loading it could run code
    |   |-- RecordError         a stored record that cannot be read
    |   |-- OutputError         a report that cannot be written
    |   |-- MissingExtraError   an optional part that is not installed
    |   `-- Interrupted         stopped from the keyboard
    `-- CheckError              a check broke                             exit 4
        `-- NotInProfileError   the profile given as reference does not hold what it needs: skipped

A message says what was expected, what came, what to do, in that order, in one sentence or two,
and holds no data value of a person.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import ClassVar


class PlimsollError(Exception):
    """The root of the tree; catch it to catch everything that Plimsoll says on purpose."""

    exit_code: ClassVar[int] = 2


class UsageError(PlimsollError):
    """Wrong usage or unreadable input."""


class SettingsError(UsageError):
    """The settings file or a command-line flag is wrong."""


class DataError(UsageError):
    """A table, a column or a value cannot be used as it is."""


class ModelError(UsageError):
    """A model cannot be loaded, does not fit the data, or raised when asked."""


class UntrustedModelError(ModelError):
    """Loading this model could run code and nobody said ``--trust-model``."""


class RecordError(UsageError):
    """A stored record or profile cannot be read."""


class OutputError(UsageError):
    """A report cannot be written where it should go."""


class Interrupted(UsageError):
    """The run was stopped from the keyboard before a verdict."""


class MissingExtraError(UsageError):
    """An optional part is needed that is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} needs an optional part that is not installed; "
            f"run: pip install 'plimsoll[{extra}]'"
        )
        self.extra = extra


class CheckError(PlimsollError):
    """A check broke while it judged; the others went on."""

    exit_code: ClassVar[int] = 4


class NotInProfileError(CheckError):
    """A check needs of the reference what a profile does not hold; the check is skipped."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is spelled most like ``name``, or None if none is close.

    >>> nearest("incme", ["age", "income"])
    'income'
    """
    names = list(known)
    folded = {n.casefold(): n for n in names}
    close = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the nearest known name, or an empty string.

    >>> did_you_mean("tagret", ["target"])
    " Did you mean 'target'?"
    """
    close = nearest(name, known)
    return f" Did you mean '{close}'?" if close is not None else ""
