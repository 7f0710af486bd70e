"""The cells that the calibration checks of a binary task share. Not a check itself."""

from __future__ import annotations

from dataclasses import dataclass

from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Tallies
from plimsoll.stats.calibration_cells import Cells
from plimsoll.tallies.histogram import Histogram
from plimsoll.tallies.shared import bucketed_score_cells, clustered, score_cells


@dataclass(frozen=True)
class BinaryCells:
    """``exact`` cells hold the values; ``spread`` are grouped, and coarser, where rows hang together."""

    exact: Cells
    spread: Cells


def binary_needs(subject: Subject) -> dict[str, Need]:
    """Return the histogram of score and label, by group too where rows hang together; or nothing."""
    if not (subject.has_probabilities and subject.task is Task.BINARY):
        return {}
    out = {"cells": Need(score_cells(subject))}
    if clustered(subject):
        out["by group"] = Need(bucketed_score_cells(subject))
    return out


def binary_cells(tallies: Tallies) -> BinaryCells | None:
    """Return the cells, or None where the task has no probabilities of two classes.

    Raises
    ------
    DataError
        If rows hang together in a single group, so that no interval can be had.
    """
    if "cells" not in tallies:
        return None
    exact = Cells.of(*tallies.take("cells", Histogram).calibration_parts())
    if "by group" not in tallies:
        return BinaryCells(exact, exact)
    return BinaryCells(exact, Cells.of(*tallies.take("by group", Histogram).calibration_parts()))
