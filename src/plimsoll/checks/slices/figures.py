"""Pictures of slices: one measure by slice, and a map of two columns crossed. Not a check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from plimsoll.checks.slices.sliced import Place, Slice, Slices
from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Figure

MOST_SLICES = 12
MOST_SETS = 6


class Measured(Protocol):
    """A slice that was measured."""

    @property
    def one(self) -> Slice:
        """The slice."""

    @property
    def own(self) -> Estimate:
        """Its measure."""


def slice_figures(
    kinds: Sequence[Slices], measured: Mapping[Place, Measured]
) -> tuple[Figure, ...]:
    """Return a picture of one measure in every set of slices with few enough of them."""
    out: list[Figure] = []
    for slices in kinds:
        own = [measured[s.where].own for s in slices.found if s.where in measured]
        names = [s for s in slices.found if s.where in measured]
        if not own or len(own) > MOST_SLICES or len(out) == MOST_SETS:
            continue
        out.append(
            Figure(
                "interval",
                f"{own[0].name.replace('_', ' ').capitalize()} by {slices.kind.name}",
                "One line a slice: the measure and where it likely lies.",
                {
                    own[0].name: {
                        "label": [", ".join(v for _, v in s.where) for s in names],
                        "value": [e.value for e in own],
                        "low": [e.low for e in own],
                        "high": [e.high for e in own],
                    }
                },
                {"x_title": own[0].name.replace("_", " ")},
            )
        )
    return tuple(out)
