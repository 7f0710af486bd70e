"""Both sides of a column as the formulas of drift take them. Not a check."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from plimsoll.core.measure import Measure
from plimsoll.core.probe import Probe
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Rows, Side, Tallies
from plimsoll.probes.time_blocks import TimeBlocks
from plimsoll.stats.two_samples import TwoSamples
from plimsoll.tallies.distribution import Distribution, Kind
from plimsoll.tallies.shared import clustered
from plimsoll.tallies.two_sides import TwoSides, two_sides

NOW, THEN = "now ", "then "
DISTANCES = (
    Measure("ks", "Kolmogorov-Smirnov distance", "lower"),
    Measure("total_variation", "share of rows that moved", "lower"),
    Measure("wasserstein_sigma", "Wasserstein distance in sigmas", "lower", high=None),
    Measure("jensen_shannon", "Jensen-Shannon distance", "lower"),
    Measure("psi", "population stability index", "lower", high=None),
)
"""What is said of the two sides of a column."""
_ZONE = re.compile(r"time_zone='([^']+)'")


def distribution_needs(column: str, subject: Subject, rows: Rows = Rows.ALL) -> dict[str, Need]:
    """Return how a column is spread on both sides, by bucket where rows hang together.

    Rows hang together in groups where a group column is on both sides, else in stretches of time where a
    time column is. A profile has no rows to put into stretches of time.
    """
    out = {}
    grouped = clustered(subject) and clustered(subject, Side.REFERENCE)
    for side, name in ((Side.CURRENT, NOW), (Side.REFERENCE, THEN)):
        probe = None if grouped else _blocks(subject, side)
        tally = Distribution(column, bucketed=grouped or probe is not None)
        out[f"{name}{column}"] = Need(tally, side, rows, probe)
    return out


def _blocks(subject: Subject, side: Side) -> Probe | None:
    time = subject.roles.time
    if time is None or time not in subject.reference_columns or subject.has_profile:
        return None
    return TimeBlocks(time, side)


@dataclass(frozen=True, eq=False)
class Both:
    """A column on both sides; ``cells`` is None where the two hold different kinds or nothing."""

    column: str
    then: Distribution
    now: Distribution
    cells: TwoSides | None

    @staticmethod
    def of(column: str, tallies: Tallies) -> Both:
        """Take both sides from the finished tallies."""
        then = tallies.take(f"{THEN}{column}", Distribution)
        now = tallies.take(f"{NOW}{column}", Distribution)
        return Both(column, then, now, two_sides(then, now))

    @property
    def samples(self) -> TwoSamples | None:
        """The rows with a value, as the formulas take them."""
        if self.cells is None:
            return None
        return samples_of(self.cells)

    @property
    def comparable(self) -> bool:
        """Whether both sides hold values of one kind."""
        return self.cells is not None and bool(
            self.cells.reference.any() and self.cells.current.any()
        )

    @property
    def zones(self) -> tuple[str, ...]:
        """The time zones of moments on the two sides where they differ, else nothing."""
        both = tuple(_zone(side.dtype) for side in (self.then, self.now))
        moments = all(side.kind is Kind.MOMENT for side in (self.then, self.now))
        return both if moments and both[0] != both[1] else ()

    @property
    def lengths(self) -> TwoSamples | None:
        """Lengths of texts in characters, or None where the column holds no free text."""
        then, now = self.then.lengths, self.now.lengths
        if then is None or now is None or self.now.kind is not Kind.TEXT:
            return None
        held = np.flatnonzero(then + now)
        return TwoSamples(then[held], now[held], values=held.astype(np.float64))


def _zone(dtype: str) -> str:
    named = _ZONE.search(dtype)
    return named[1] if named else "no zone"


def samples_of(cells: TwoSides) -> TwoSamples:
    """Return cells of both sides as the formulas take them."""
    if cells.ordered:
        held = np.flatnonzero(cells.reference + cells.current)
        assert cells.values is not None
        return TwoSamples(
            cells.reference[held],
            cells.current[held],
            values=cells.values[held],
            widths=cells.widths[held],
            by_bucket=cells.by_bucket,
        )
    pooled = np.array([label is None for label in cells.labels], bool)
    return TwoSamples(
        cells.reference,
        cells.current,
        pooled=pooled if pooled.any() else None,
        by_bucket=cells.by_bucket,
    )
