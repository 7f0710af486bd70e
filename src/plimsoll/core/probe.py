"""A change to rows before they are tallied: ask a model, corrupt, ablate, attack, travel in time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from plimsoll.core.batch import Batch
from plimsoll.core.tally import Need, Tally

Apply = Callable[[Batch], Batch]


@dataclass(frozen=True)
class Probe(ABC):
    """Describes one change to rows; equal probes are applied once per batch.

    A probe is a value: frozen, hashable, without data. What it must learn first (quantiles of a
    column, a baseline fitted on the reference) it asks for with ``needs`` and receives in
    ``prepare``, which returns the function that the scan applies to every batch.
    """

    def needs(self) -> Mapping[str, Need]:
        """Tallies to have before the probe can be applied; computed in an earlier pass."""
        return {}

    def reads(self) -> tuple[str, ...]:
        """Raw columns that the applied probe reads; the scan must carry them."""
        return ()

    @abstractmethod
    def prepare(self, tallies: Mapping[str, Tally]) -> Apply:
        """Return the function to apply to each batch; called once, after the needs are met."""
