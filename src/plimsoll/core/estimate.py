"""A measured number never stands alone: an Estimate carries its interval and how it was found."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

Where_ = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Where:
    """Of what a number or a finding is; every field empty means the whole of the data.

    ``slice`` holds ``(column, value or range)`` pairs. ``label`` is written ``class`` in a record.
    """

    slice: tuple[tuple[str, str], ...] = ()
    column: str | None = None
    label: str | None = None
    metric: str | None = None
    model: str | None = None
    stress: str | None = None
    severity: float | None = None
    variant: str | None = None
    window: tuple[str, str] | None = None

    def to_json(self) -> Where_:
        """Return only the fields that say something, under the names of the record."""
        out: Where_ = {}
        if self.slice:
            out["slice"] = dict(self.slice)
        for field, key in _JSON_KEYS:
            value = getattr(self, field)
            if value is not None:
                out[key] = list(value) if isinstance(value, tuple) else value
        return out

    @staticmethod
    def from_json(data: Where_) -> Where:
        """Read what :meth:`to_json` wrote; unknown keys are left out."""
        fields: dict[str, Any] = {
            field: data[key] for field, key in _JSON_KEYS if data.get(key) is not None
        }
        if "window" in fields:
            fields["window"] = tuple(fields["window"])
        return Where(slice=tuple((data.get("slice") or {}).items()), **fields)

    def __str__(self) -> str:
        parts = [f"{column} = {value}" for column, value in self.slice]
        parts += [f"{key} {value}" for key, value in self.to_json().items() if key != "slice"]
        return ", ".join(parts)


_JSON_KEYS = (
    ("column", "column"),
    ("label", "class"),
    ("metric", "metric"),
    ("model", "model"),
    ("stress", "stress"),
    ("severity", "severity"),
    ("variant", "variant"),
    ("window", "window"),
)

EVERYWHERE = Where()


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval.

    ``low`` and ``high`` bound the number at confidence ``level`` (0.95 unless asked otherwise),
    two-sided. ``n`` is the number of rows, or of positives, pairs or groups, that the interval
    rests on. All floats are finite; a number that cannot be known is no Estimate but a finding.

    Raises
    ------
    ValueError
        If a float is not finite or ``low > high``: a formula is wrong, not the data.
    """

    name: str
    value: float
    low: float
    high: float
    level: float
    n: int
    method: str
    unit: str | None = None
    where: Where = EVERYWHERE

    def __post_init__(self) -> None:
        if not all(math.isfinite(x) for x in (self.value, self.low, self.high)):
            raise ValueError(f"{self.name}: value and interval must be finite, got {self}")
        if self.low > self.high:
            raise ValueError(f"{self.name}: low {self.low} is above high {self.high}")

    def at(self, where: Where) -> Estimate:
        """Return the same number said of ``where``."""
        return replace(self, where=where)

    def named(self, name: str, where: Where | None = None) -> Estimate:
        """Return the same number under another name."""
        return replace(self, name=name, where=self.where if where is None else where)

    @property
    def half_width(self) -> float:
        """Half the width of the interval, in the unit of the value."""
        return (self.high - self.low) / 2
