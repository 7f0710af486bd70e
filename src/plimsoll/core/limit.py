"""One line of the owner's policy, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound on one measure.

    ``kind`` is ``min``, ``max``, ``max_drop`` (against the reference), ``load_line_min`` or
    ``non_inferior_to`` (a rival in ``rival``, the margin in ``bound``, the measure in ``measure``).
    ``area`` is the word before the dot, or empty; ``by`` are the columns of slices. ``label`` names a
    class in a multiclass task.
    """

    measure: str
    kind: str
    bound: float
    area: str = ""
    rival: str | None = None
    by: tuple[str, ...] = ()
    label: str | None = None

    @property
    def name(self) -> str:
        """The limit as a report names it: ``calibration.mcb.max``."""
        measure = f"{self.area}.{self.measure}" if self.area else self.measure
        return f"{measure}.{self.kind}"
