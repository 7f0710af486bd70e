"""What a measure is called, which way is better, and how to say it to a person."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure that a check reports, under the one name it has everywhere.

    ``better`` is ``higher``, ``lower``, or ``target`` (a value such as 1 or 0 in ``aim``), or
    ``neither``. ``plain`` is a sentence for a person without statistics with ``{value}``, ``{low}``
    and ``{high}`` in it; ``style`` says how they are written: ``per100`` (of 100, as whole numbers),
    ``number`` or ``unit`` (in the unit of the target).
    """

    name: str
    title: str
    better: str = "higher"
    aim: float | None = None
    low: float | None = 0.0
    high: float | None = 1.0
    plain: str = ""
    style: str = "number"
