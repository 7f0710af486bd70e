"""One kind of trouble that the world makes, as a change to rows that a model is asked with.

A stress comes in severities with a unit. Two kinds differ in what a severity is:

* a *share*: the fault is always the same and hits that share of the rows (a missing income in 22 % of
  the rows). The model is asked once with the fault in every row; every share follows from that and from
  the clean answers, exactly and without luck (decisions/0006);
* a *magnitude*: every row is changed, by more as the severity grows (noise of 0.3 standard deviations).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import ndtri

from plimsoll.core.keys import Keys, mix

Floats = npt.NDArray[np.float64]
SHARE = "share of rows"
"""The unit of a severity that says how many rows are hit."""


class Realism(StrEnum):
    """How the change comes about."""

    OBSERVED = "observed fault"
    PLAUSIBLE = "plausible"
    ADVERSARIAL = "adversarial"


@dataclass(frozen=True)
class Draws:
    """Random numbers that belong to rows: the same for a row in whatever order or batch it comes.

    ``keys`` are the hashes of the rows, shape (rows,). The same ``what`` gives the same numbers again,
    at every severity, so that a curve over severities is not ragged by luck.
    """

    keys: Keys
    seed: int = 0
    name: str = ""

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.keys.size)

    @cached_property
    def _base(self) -> Keys:
        return mix(self.keys ^ np.uint64(_digest(f"{self.seed}/{self.name}")))

    def bits(self, what: str = "") -> Keys:
        """Return 64 random bits a row."""
        return mix(self._base ^ np.uint64(_digest(what)))

    def uniform(self, what: str = "") -> Floats:
        """Return numbers between 0 and 1, both excluded, shape (rows,)."""
        whole = (self.bits(what) >> np.uint64(11)).astype(np.float64)
        out: Floats = (whole + 0.5) * 2.0**-53
        return out

    def normal(self, what: str = "") -> Floats:
        """Return standard normal numbers, shape (rows,)."""
        out: Floats = ndtri(self.uniform(what))
        return out

    def whole(self, below: int, what: str = "") -> npt.NDArray[np.int64]:
        """Return whole numbers from 0 to ``below`` - 1, shape (rows,)."""
        return np.minimum((self.uniform(what) * below).astype(np.int64), below - 1)

    def order(self, what: str = "") -> npt.NDArray[np.int64]:
        """Return the positions of the rows in random order, shape (rows,)."""
        return np.argsort(self.bits(what), kind="stable")


def _digest(text: str) -> int:
    import hashlib

    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


Fault = Callable[[pl.DataFrame, float, Draws], pl.DataFrame]
"""Raw rows, severity and random numbers to changed rows: as many, in the same order, of the same columns.

Where the severity is a share, it is handed 1.0 and changes every row."""
Hit = Callable[[pl.DataFrame, float], Floats]
"""Raw rows and a share to the probability of each row to be hit, shape (rows,), mean = the share."""
Exposure = Callable[[pl.DataFrame], float | None]
"""Raw rows of today to the severity that they show already; None where it cannot be told."""
Truth = Callable[[pl.DataFrame, Floats], Floats]
"""Changed rows and their targets (codes or numbers) to the targets after the change."""


@dataclass(frozen=True)
class Stress:
    """One stress, fitted on the reference and ready to be applied.

    ``kind`` is the family (``missing``), ``columns`` what it changes, ``variant`` tells apart several of
    one kind on the same columns. ``title`` completes "how much ... does it take" (*missing income*);
    ``life`` says what it looks like in life. ``top`` is the greatest severity that makes sense. ``hit``
    says which rows a share hits; without it all are as likely. ``truth`` computes the truth again where the
    change alters it; without it the truth about a row stays. ``destroys`` marks the stress that must take a
    model to chance, a control.
    """

    kind: str
    columns: tuple[str, ...]
    title: str
    life: str
    fault: Fault = field(compare=False, repr=False)
    variant: str = ""
    unit: str = SHARE
    top: float = 1.0
    realism: Realism = Realism.OBSERVED
    hit: Hit | None = field(default=None, compare=False, repr=False)
    exposure: Exposure | None = field(default=None, compare=False, repr=False)
    truth: Truth | None = field(default=None, compare=False, repr=False)
    destroys: bool = False

    @property
    def is_share(self) -> bool:
        """Whether a severity says how many rows are hit."""
        return self.unit == SHARE

    @property
    def rule(self) -> str:
        """What the right answer is after the change: ``invariant``, or ``recomputed``."""
        return "invariant" if self.truth is None else "recomputed"

    @property
    def column(self) -> str | None:
        """The one column it changes, or None where it changes several."""
        return self.columns[0] if len(self.columns) == 1 else None

    @property
    def name(self) -> str:
        """The stress in one word for settings and records: ``missing:income``, ``unit:income:x1000``.

        >>> Stress("unit", ("income",), "", "", lambda f, s, d: f, variant="x1000").name
        'unit:income:x1000'
        """
        parts = [self.kind]
        if self.column is not None:
            parts.append(self.column)
        if self.variant:
            parts.append(self.variant)
        return ":".join(parts)
