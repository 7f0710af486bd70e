"""Groups of people and their counts, for the checks of this folder. Not a check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from plimsoll.checks.slices.measures import Counted, Measured
from plimsoll.checks.slices.sliced import (
    Place,
    Slice,
    Slices,
    confusion_of,
    slice_needs,
    slices_of,
)
from plimsoll.core.check import Context
from plimsoll.core.estimate import Estimate
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.stats.confusion import ConfusionCounts, selection_rate
from plimsoll.stats.share_ratio import GroupShares

UNKNOWN = "missing"
MOST_GROUPS = 60


def group_needs(subject: Subject) -> dict[str, Need]:
    """Return the counts by group of people, and by their crossings."""
    return slice_needs(subject, subject.sensitive_sets)


@dataclass(frozen=True, eq=False)
class Groups:
    """The groups of one protected column, or of a crossing; people of unknown group are left out."""

    slices: Slices
    measured: Measured
    counted: Counted
    kept: tuple[int, ...]

    @property
    def name(self) -> str:
        """The column, or the crossing, in words."""
        return self.slices.kind.name

    @property
    def groups(self) -> tuple[Slice, ...]:
        """The groups."""
        return tuple(self.slices.found[i] for i in self.kept)

    @property
    def places(self) -> tuple[Place, ...]:
        """What each group is."""
        return tuple(one.where for one in self.groups)

    def shares(self, name: str, *, favourable: bool = True) -> tuple[list[int], list[Estimate]]:
        """Return a share of every group that has one, with its position.

        ``favourable`` false asks for how often the negative decision came instead of the positive.
        """
        found = [
            (j, e)
            for j, i in enumerate(self.kept)
            if (e := self._share(i, name, favourable)) is not None
        ]
        return [j for j, _ in found], [e for _, e in found]

    def _share(self, i: int, name: str, favourable: bool) -> Estimate | None:
        if name == "selection_rate" and not favourable:
            return unselected(self.table(i), self.counted.level)
        return self.counted.named(self.slices, self.slices.found[i].members, name)

    def table(self, i: int) -> ConfusionCounts:
        """Return the decisions in group ``i`` of the set."""
        return confusion_of(self.counted.cells, self.slices.position, self.slices.found[i].members)


def unselected(table: ConfusionCounts, level: float) -> Estimate | None:
    """Return how often the negative decision came: what people want where a yes is bad for them."""
    found = selection_rate(table, 0, level=level)
    return None if found is None else found.named("selection_rate")


def group_sets(tallies: Tallies, context: Context) -> Iterator[Groups]:
    """Yield the groups of every protected column and crossing; only with two groups or more."""
    subject = context.subject
    counted = Counted(subject, tallies, context.options.confidence)
    for slices in slices_of(subject.sensitive_sets, tallies, context.options.min_rows):
        kept = tuple(
            i
            for i, one in enumerate(slices.found)
            if not one.pooled and UNKNOWN not in [value for _, value in one.where]
        )
        if 2 <= len(kept) <= MOST_GROUPS:
            yield Groups(slices, counted.measured(slices), counted, kept)


def of_estimates(shares: list[Estimate]) -> GroupShares:
    """Return shares as the formulas of groups take them."""
    return GroupShares.of_estimates(shares)


def said(place: Place) -> str:
    """Say a group in words."""
    return ", ".join(value for _, value in place)
