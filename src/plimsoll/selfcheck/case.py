"""One answer that somebody else printed, and what came of recomputing it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Case:
    """One published answer.

    ``tolerance`` is absolute: half a unit of the last digit printed, 0 for whole numbers, 1e-9 where
    the source prints in full.
    """

    name: str
    source: str
    expected: float
    tolerance: float
    compute: Callable[[], float] = field(repr=False)

    def run(self) -> Outcome:
        """Recompute the answer; a formula that fails here does not agree, and says why."""
        got, reason = math.nan, None
        try:
            got = float(self.compute())
        except Exception as error:  # the table shows every case, whatever one of them does
            reason = f"{type(error).__name__}: {error}"
        return Outcome(self.name, self.source, self.expected, self.tolerance, got, reason)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one case; ``reason`` says why there is no number where there is none."""

    name: str
    source: str
    expected: float
    tolerance: float
    got: float
    reason: str | None = None

    @property
    def agrees(self) -> bool:
        """Whether the number found is the number published, to the digits published."""
        return abs(self.got - self.expected) <= self.tolerance

    @property
    def expected_text(self) -> str:
        """The published number with the digits that were published."""
        return f"{self.expected:.{self._places}f}"

    @property
    def got_text(self) -> str:
        """The number found, with more digits where it does not agree, or why there is none."""
        if not math.isfinite(self.got):
            return self.reason or "no number"
        return f"{self.got:.{self._places + (0 if self.agrees else 3)}f}"

    @property
    def _places(self) -> int:
        """Digits after the point that the tolerance lets one trust, at most ten."""
        if self.tolerance == 0:
            return 0
        return min(10, max(0, math.ceil(-math.log10(2 * self.tolerance) - 1e-9)))

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as words and finite numbers."""
        return {
            "name": self.name,
            "source": self.source,
            "expected": self.expected,
            "tolerance": self.tolerance,
            "got": self.got if math.isfinite(self.got) else None,
            "agrees": self.agrees,
            "reason": self.reason,
        }
