"""What the search for weak slices shares: the rows that are searched, and what was found. Not a check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from plimsoll.core.batch import BUCKET, KEY, LOSS, TARGET, WEIGHT, score_column
from plimsoll.core.slicing import Cut
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Tallies
from plimsoll.probes.coding import (
    Coded,
    Coding,
    codings,
    condition_of,
    learning_needs,
    range_text,
)
from plimsoll.stats.interval import FloatArray
from plimsoll.stats.slice_found import FoundSlice
from plimsoll.stats.slice_lattice import Condition, SliceColumn
from plimsoll.stats.slice_search import discover_masks
from plimsoll.tallies.sample import Sample
from plimsoll.tallies.shared import clustered, weighted

ROWS = "searched rows"
MOST_ROWS = 1_000_000
BINS, VALUES, MOST_COLUMNS = 10, 12, 40
LEAST_ROWS = 100
Place = tuple[tuple[str, str], ...]


def search_cuts(subject: Subject) -> tuple[Cut, ...]:
    """Return a cut for every column that slices are searched by: inputs and protected columns."""
    apart = {subject.roles.time, subject.roles.group}
    columns = dict.fromkeys((*subject.roles.sensitive, *subject.roles.features))
    kept = [column for column in columns if column not in apart][:MOST_COLUMNS]
    return tuple(Cut(column, bins=BINS, most=VALUES) for column in kept)


def search_needs(subject: Subject) -> dict[str, Need]:
    """Return rows of codes and losses, as many as are searched."""
    cuts = search_cuts(subject)
    if not cuts:
        return {}
    takes = [*(cut.key for cut in cuts), LOSS]
    if subject.task is Task.BINARY and subject.has_probabilities:
        takes += [score_column(), TARGET]
    takes += [BUCKET] * clustered(subject) + [WEIGHT] * weighted(subject)
    sample = Sample(tuple(takes), size=MOST_ROWS)
    return {ROWS: Need(sample, probe=Coded(cuts))} | learning_needs(cuts)


@dataclass(frozen=True, eq=False)
class Searched:
    """The rows that are searched: ``codes`` (n, columns), and what each column's codes are."""

    codes: npt.NDArray[np.int16]
    columns: tuple[SliceColumn, ...]
    known: tuple[Coding, ...]
    sample: Sample

    @staticmethod
    def of(tallies: Tallies, subject: Subject) -> Searched | None:
        """Take the rows from the finished tallies; None for too few rows or groups, or nothing to cut by."""
        sample = tallies.take(ROWS, Sample).settle()
        if sample.frame is None or sample.frame.height < LEAST_ROWS:
            return None
        cuts = search_cuts(subject)
        found = codings(cuts, tallies)
        useful = [cut for cut in cuts if sample.frame.get_column(cut.key).n_unique() > 1]
        if not useful:
            return None
        codes = np.stack([sample.frame.get_column(cut.key).to_numpy() for cut in useful], axis=1)
        known = tuple(found[cut] for cut in useful)
        columns = tuple(
            SliceColumn(len(one.labels) - 1, ordered=one.ordered, missing=True) for one in known
        )
        searched = Searched(np.ascontiguousarray(codes), columns, known, sample)
        return searched if searched.masks.size else None

    def column(self, name: str) -> FloatArray | None:
        """Return a column of the rows as numbers, or None where it is not there."""
        assert self.sample.frame is not None
        if name not in self.sample.frame.columns:
            return None
        return self.sample.frame.get_column(name).to_numpy().astype(np.float64)

    @property
    def groups(self) -> npt.NDArray[np.int64] | None:
        """The bucket of each row where rows hang together."""
        found = self.column(BUCKET)
        return None if found is None else found.astype(np.int64)

    @property
    def masks(self) -> npt.NDArray[np.bool_]:
        """Which rows are searched in each trial; the others confirm. Groups stay together.

        Where rows are of few groups, trials that would search all or none are left out.
        """
        assert self.sample.frame is not None
        groups = self.groups
        keys = self.sample.frame.get_column(KEY).to_numpy() if groups is None else groups
        found = discover_masks(keys.astype(np.uint64))
        return found[found.any(axis=1) & ~found.all(axis=1)]

    @property
    def said(self) -> str | None:
        """How many rows were searched, where not all were."""
        if self.sample.used >= self.sample.rows:
            return None
        used, rows = self.sample.used, self.sample.rows
        return f"Searched on {used:,} of {rows:,} rows, chosen by the hash of their key."

    def place(self, conditions: Sequence[Condition]) -> Place:
        """Say which rows some conditions describe, column by column."""
        return tuple(
            (self.known[c.column].cut.column, range_text(self.known[c.column], c.low, c.high))
            for c in conditions
        )

    def condition(self, conditions: Sequence[Condition]) -> str | None:
        """Return the SQL condition of a slice, for the settings, or None where it has none."""
        parts = [condition_of(self.known[c.column], c.low, c.high) for c in conditions]
        known = [part for part in parts if part is not None]
        return " AND ".join(known) if len(known) == len(parts) else None


def in_words(place: Place) -> str:
    """Say a slice as a person would: ``age is 60 or more and contract is part-time``."""
    return " and ".join(f"{column} is {value}" for column, value in place)


def naming(condition: str | None) -> str:
    """Say how to hold a slice under watch from now on."""
    if condition is None:
        return ""
    text = condition.replace("\\", "\\\\").replace('"', '\\"')
    return f' To gate it from now on, name it: under [slices], named = {{ weak = "{text}" }}.'


def tree_of(
    found: Sequence[tuple[Place, FoundSlice]],
    whole: float,
    rows: int,
    say: Callable[[float], float],
) -> dict[str, list[Any]]:
    """Return the nodes of a tree: all rows, and under them every slice, under the one that holds it.

    ``say`` turns a mean loss into the number that is shown.
    """
    nodes: dict[str, list[Any]] = {
        "label": ["all rows"], "n": [rows], "value": [say(whole)], "parent": [-1],
    }  # fmt: skip
    order = sorted(range(len(found)), key=lambda i: (len(found[i][0]), -found[i][1].rows))
    placed: list[tuple[Place, int]] = []
    for i in order:
        place, one = found[i]
        holders = [at for held, at in placed if set(held) < set(place)]
        nodes["label"].append(in_words(place))
        nodes["n"].append(one.rows)
        nodes["value"].append(say(one.own.value))
        nodes["parent"].append(holders[-1] if holders else 0)
        placed.append((place, len(nodes["label"]) - 1))
    return nodes
