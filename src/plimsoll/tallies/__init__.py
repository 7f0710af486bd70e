"""Mergeable statistics, one file each."""

from __future__ import annotations

from plimsoll.core.tally import Tally


def kinds() -> dict[str, type[Tally]]:
    """Return every tally class by name, for reading stored ones."""
    from plimsoll.tallies.column_profile import ColumnProfile
    from plimsoll.tallies.confusion import Confusion
    from plimsoll.tallies.counted_rows import CountedRows
    from plimsoll.tallies.distribution import Distribution
    from plimsoll.tallies.histogram import Histogram
    from plimsoll.tallies.key_set import KeySet
    from plimsoll.tallies.losses import LossSums
    from plimsoll.tallies.paired_decisions import PairedDecisions
    from plimsoll.tallies.quantile_bands import QuantileBands
    from plimsoll.tallies.row_counts import RowCounts
    from plimsoll.tallies.sample import Sample
    from plimsoll.tallies.slice_cells import SliceCells
    from plimsoll.tallies.small_rows import SmallRows
    from plimsoll.tallies.spread import Spread

    found: tuple[type[Tally], ...] = (
        ColumnProfile,
        Confusion,
        CountedRows,
        Distribution,
        Histogram,
        KeySet,
        LossSums,
        PairedDecisions,
        QuantileBands,
        RowCounts,
        Sample,
        SliceCells,
        SmallRows,
        Spread,
    )
    return {kind.__name__: kind for kind in found}
