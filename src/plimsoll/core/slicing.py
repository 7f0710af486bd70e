"""How rows are cut into slices: one column cut into values or ranges, and the crossing of such cuts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

CODE = "@code"
"""Columns of whole-number codes that a cut adds begin with this."""


@dataclass(frozen=True, slots=True)
class Cut:
    """One column, or one condition, turned into codes.

    A column of numbers is cut at ``edges`` where they are given, else into at most ``bins`` bins:
    ``binning`` is ``quantile`` (bins of about as many rows) or ``tree`` (bins whose losses differ most);
    up to ``most`` different numbers each is a slice by itself. A column of texts has a slice for each of
    its ``most`` most frequent values with at least ``min_rows`` rows; the others are one slice, and so
    are the missing cells. With ``condition``, an SQL expression over raw columns, there are two slices: where
    it holds and where it does not; ``column`` is then its name.
    """

    column: str
    edges: tuple[float, ...] = ()
    bins: int = 4
    binning: str = "quantile"
    most: int = 50
    min_rows: int = 20
    condition: str = ""

    @property
    def key(self) -> str:
        """Name of the column of codes; equal cuts have equal names."""
        facts = (self.edges, self.bins, self.binning, self.most, self.min_rows, self.condition)
        digest = hashlib.sha256(repr(facts).encode()).hexdigest()[:8]
        return f"{CODE}/{self.column}/{digest}"

    @property
    def levels(self) -> int:
        """Most codes that there can be: values or bins, other values, missing."""
        if self.condition:
            return 2
        return max(self.most, self.bins, len(self.edges) + 1) + 2


@dataclass(frozen=True, slots=True)
class SliceSet:
    """One way of cutting all rows: the crossing of one or more cuts. ``name`` is as the user wrote it."""

    name: str
    cuts: tuple[Cut, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are crossed."""
        return tuple(cut.column for cut in self.cuts)

    @property
    def levels(self) -> int:
        """Most slices that there can be."""
        product = 1
        for cut in self.cuts:
            product *= cut.levels
        return product
