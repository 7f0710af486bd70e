"""Noise: a figure measured, estimated or asked for a second time does not come out the same.

The truth about a row stands, its record scatters; so the right answer stays what it was. That holds for
errors of recording. Noise so strong that nobody would take the row for the same one is no test of it, and
every severity has a top for that reason.

Four ways, from the plainest to the most careful: in standard deviations of one column, in ranks (no value
that the reference does not have), in all columns at once, and in all at once as they go together.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.stress import Draws, Fault, Realism, Stress
from plimsoll.probes.stress.family import family
from plimsoll.probes.stress.learnt import Learnt, LearntColumn, listed
from plimsoll.probes.stress.writing import Change, changed, inside

Floats = npt.NDArray[np.float64]
DEVIATIONS = "standard deviations"
RANKS = "ranks"
MOST_NOISE = 3.0
MOST_RANKS = 0.5


@family("noise", "noise in one number")
def noise(learnt: Learnt) -> Iterator[Stress]:
    """A number scatters around its true value: value + s x (standard deviation of the reference) x N(0, 1).

    Whole numbers stay whole. The result is held at an edge of the column where the reference shows one: a
    column without negative values does not go below 0, one between 0 and 1 not above 1, and an end at which
    at least 1 % of the reference stands is not passed (a counter at 0, a scale that ends at 10). Elsewhere
    the farthest value of the reference is no edge, for larger ones can come.
    """
    for column in learnt.numeric():
        yield Stress(
            "noise",
            (column.name,),
            title=f"noise in {column.name}",
            life="The figure is measured or estimated less exactly than when the model was fitted.",
            fault=changed(column, _scattered(column)),
            unit=DEVIATIONS,
            top=MOST_NOISE,
            realism=Realism.PLAUSIBLE,
        )


@family("rank_noise", "noise in the rank of one number")
def rank_noise(learnt: Learnt) -> Iterator[Stress]:
    """A number becomes another of the reference that stands near to it in rank: rank + s x U(-1, 1).

    Ranks go from 0 to 1 and are reflected at the ends; the new rank is read back as the value of the
    reference that stands there, so no value is made that the reference does not have, and the noise is as
    strong where values are dense as where they are sparse. A value held by many rows fills the ranks of all
    of them: a row starts at a random one of these, and changes only where the noise leads out of them. A
    value that the reference does not have stands between its neighbours, and stays where the noise moves it
    by less than half a row. At s = 0.5 a value from the middle may land anywhere.
    """
    for column in learnt.numeric():
        yield Stress(
            "rank_noise",
            (column.name,),
            title=f"noise in the rank of {column.name}",
            life="The figure is mistaken for that of somebody who stands near in the order of all.",
            fault=changed(column, _moved_in_rank(column)),
            unit=RANKS,
            top=MOST_RANKS,
            realism=Realism.PLAUSIBLE,
        )


@family("noise_all", "noise in all numbers")
def noise_all(learnt: Learnt) -> Iterator[Stress]:
    """All numbers scatter at once and independently, each by s of its own standard deviations.

    Edges as in ``noise``. Independent errors make combinations that life does not have, such as a part
    that is larger than the whole; ``noise_correlated`` is the gentler twin.
    """
    columns = learnt.numeric()
    if len(columns) > 1:
        yield Stress(
            "noise_all",
            listed(columns),
            title="noise in all numbers at once",
            life="Every figure is measured less exactly, each with an error of its own.",
            fault=_all_scattered(columns, np.eye(len(columns))),
            unit=DEVIATIONS,
            top=MOST_NOISE,
            realism=Realism.PLAUSIBLE,
        )


@family("noise_correlated", "noise in all numbers that go together")
def noise_correlated(learnt: Learnt) -> Iterator[Stress]:
    """All numbers scatter at once as they go together: s x N(0, covariance of the reference).

    A column with no link to the others scatters as in ``noise``; two that rise together are moved
    together, and a linear relation that holds in every row of the reference (a sum and its parts) holds
    after the noise as well, up to whole numbers and edges. The covariance is that of the standardised
    columns with missing cells at their mean, so it is a covariance whatever is missing; the numbers are
    drawn through its symmetric root.
    """
    columns = learnt.numeric()
    if len(columns) > 1:
        yield Stress(
            "noise_correlated",
            listed(columns),
            title="noise in all numbers as they go together",
            life="Every figure is off, and figures that depend on each other are off together.",
            fault=_all_scattered(columns, _root(learnt.frame, columns)),
            unit=DEVIATIONS,
            top=MOST_NOISE,
            realism=Realism.PLAUSIBLE,
        )


def _scattered(column: LearntColumn) -> Change:
    def change(values: Floats, severity: float, draws: Draws) -> Floats:
        moved = values + severity * column.sd * draws.normal(column.name)
        return inside(column, values, moved)

    return change


def _moved_in_rank(column: LearntColumn) -> Change:
    held = column.values
    rows = held.size

    def change(values: Floats, severity: float, draws: Draws) -> Floats:
        left = np.searchsorted(held, values, "left")
        ties = np.searchsorted(held, values, "right") - left
        start = (left + ties * draws.uniform(f"tie of {column.name}")) / rows
        moved = start + severity * (2.0 * draws.uniform(column.name) - 1.0)
        moved = 1.0 - np.abs(1.0 - np.abs(moved))
        there = held[np.minimum((moved * rows).astype(np.int64), rows - 1)]
        stays = (ties == 0) & (np.abs(moved - start) < 0.5 / rows)
        out: Floats = np.where(np.isnan(values) | stays, values, there)
        return out

    return change


def _all_scattered(columns: list[LearntColumn], root: Floats) -> Fault:
    """Return the fault that adds independent normal numbers, mixed by ``root`` (columns x columns)."""

    def fault(frame: pl.DataFrame, severity: float, draws: Draws) -> pl.DataFrame:
        if severity == 0.0:
            return frame
        drawn = [draws.normal(column.name) for column in columns]
        for column, weights in zip(columns, root, strict=True):
            # Not a matrix product: its last digits depend on how many rows are asked about at once.
            mixed = np.zeros(frame.height)
            for weight, normal in zip(weights, drawn, strict=True):
                if weight != 0.0:
                    mixed += weight * normal
            values = column.numbers(frame)
            moved = values + severity * column.sd * mixed
            frame = column.put(frame, inside(column, values, moved))
        return frame

    return fault


def _root(frame: pl.DataFrame, columns: list[LearntColumn]) -> Floats:
    """Return the symmetric root of the correlation of columns; a column of one value has none with others."""
    scores = np.stack([_standardised(frame, column) for column in columns], axis=1)
    spread = np.sqrt((scores**2).mean(axis=0))
    scores /= np.where(spread > 0.0, spread, 1.0)
    correlation = scores.T @ scores / max(scores.shape[0], 1)
    np.fill_diagonal(correlation, 1.0)
    size, axes = np.linalg.eigh(correlation)
    out: Floats = (axes * np.sqrt(np.maximum(size, 0.0))) @ axes.T
    return out


def _standardised(frame: pl.DataFrame, column: LearntColumn) -> Floats:
    values = column.numbers(frame)
    good = np.isfinite(values)
    out = np.zeros(values.size)
    if good.any():
        scaled = values[good] / np.abs(column.values).max()
        out[good] = scaled - scaled.mean()
    return out
