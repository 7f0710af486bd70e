"""SLC001  How good is it in each of these slices?

## What it measures
Every measure of the task in every slice that was asked for, by column, by crossing columns, by bins of
numbers or by condition; and how far the slice is from the rest of the rows and from the whole.

## Why it matters
An average hides who is failed. A model can be right for 95 of 100 people and for 60 of 100 in one town.

## How
Slices are counted in the scan. A column of numbers is cut at its quartiles unless edges are given; of a
column of texts the most frequent values are slices. Measures and intervals are those of the whole
(PRF001 to PRF004). The area under the curve is exact up to 20,000 rows; beyond, scores fall into cells,
and what that can do to it is added to the interval. A slice is compared with the rest of the rows by
square-and-add (Newcombe 1998, method 10; Zou and Donner 2008, doi:10.1002/sim.3095). It is a finding
only if it is worse by 5 points or more (a quarter of a standard deviation for a loss) and clearly so
after Holm's correction over all slices and measures compared (Holm 1979, jstor:4615733). Slices are
ranked by their distance shrunken towards 0 (empirical Bayes), so that a small slice does not lead by
chance.

## When it cannot tell
In a slice of few rows the interval is wide, and that is the answer. Slices of fewer than 20 rows are
pooled and never shown by themselves. Slices of one column overlap with those of another; they are not
independent.

## What to do
See what the weak slices share: too few training rows, another meaning of an input, another base rate.
Set `"slices.recall" = { max_drop = 0.10, by = ["region"] }` for those that must not fall behind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from plimsoll.checks.slices.compared import (
    LOWER,
    SHARES,
    apart_text,
    clear,
    compared,
    place_text,
    plain,
    shrunken,
    value_text,
)
from plimsoll.checks.slices.figures import slice_figures
from plimsoll.checks.slices.measures import LOSS_OF, Counted, Held, Measured
from plimsoll.checks.slices.sliced import Place, Slice, Slices, slice_needs, slices_of
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Finding, Judgement, Status, Table, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.stats.difference import difference_of_independent
from plimsoll.stats.interval import z_quantile

CARD = Card(
    "SLC001",
    title="Slices",
    question="How good is it in each of these slices?",
    area="slices",
    needs="columns, crossings or conditions to slice by",
    cost="a look at the values of these columns, then one scan",
    measures=(Measure("difference", "difference", "neither", None, None, None),),
    evidence=("performance.slices", "fairness.measurement"),
    sources=("doi:10.1002/sim.3095", "jstor:4615733"),
)
LOSS_GAP = 5.0
"""A share of 0.05 is a gap; of a loss so many times as many standard deviations are."""
MOST_SHOWN = 100
MOST_ROWS = 60
MOST_FINDINGS = 20
"""Slices beyond which only the weakest are reported."""


@dataclass(frozen=True, eq=False)
class _Compared:
    """One slice held against the rest by one measure; what ranking does not need is made when asked for."""

    kind: int
    slices: Slices
    index: int
    name: str
    worse: float
    """How much worse it is than the rest, in its own unit; negative where it is better."""
    error: float
    gap: float
    p: float
    at: Callable[[int], Held]

    @property
    def one(self) -> Slice:
        """The slice."""
        return self.slices.found[self.index]

    @cached_property
    def held(self) -> Held:
        """The measure in the slice and outside, with the differences."""
        return self.at(self.index)

    @property
    def own(self) -> Estimate:
        """The measure in the slice."""
        return self.held.own

    @property
    def apart(self) -> Estimate:
        """The difference from the rest."""
        return self.held.apart


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Counts by slice, and the values of the columns that are cut."""
    return slice_needs(subject, subject.slice_sets)


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Measure every slice, hold each against the rest, and name those that are clearly worse."""
    subject = context.subject
    if not subject.slice_sets:
        return not_given("no slices were named; give --slice-by COLUMN")
    counted = Counted(subject, tallies, context.options.confidence)
    kinds = list(slices_of(subject.slice_sets, tallies, context.options.min_rows))
    measured = [counted.measured(slices) for slices in kinds]
    held = [
        one
        for kind, own in enumerate(measured)
        for one in _against_rest(kind, kinds[kind], own, counted, context)
    ]
    if not held:
        return Judgement(reason=_left_out(kinds) or "No slice has enough rows.")
    order = _order(held)
    shown = _shown(kinds, held, order)
    estimates = [
        e.at(Where(slice=kinds[kind].found[i].where, label=e.where.label))
        for kind, i in shown
        for e in measured[kind].of(i)
    ]
    limited = context.options.slice_measures
    estimates += _differences(held, set(shown), limited)
    estimates += _from_whole(estimates, counted, kinds[0], {one.name for one in held}, limited)
    sure = clear([one.p for one in held], context.options.confidence)
    findings = [held[i] for i in order if sure[i] and held[i].worse >= held[i].gap]
    return Judgement(
        tuple(estimates),
        tuple(_finding(one) for one in findings[:MOST_FINDINGS]),
        slice_figures(kinds, _drawn(held), measured[0].whole(held[0].name)),
        (_table(held, order),),
        reason=_left_out(kinds, len(shown), len(findings)),
    )


def _against_rest(
    kind: int, slices: Slices, measured: Measured, counted: Counted, context: Context
) -> Iterator[_Compared]:
    for name in dict.fromkeys((*compared(context.subject), *context.options.slice_measures)):
        held = measured.held(name)
        if held is None:
            continue
        gap = context.options.gap
        if name not in SHARES:
            gap *= LOSS_GAP * _deviation(counted, slices, name)
        worse = held.value if name in LOWER else -held.value
        error = held.half / z_quantile(counted.level)
        for i in np.flatnonzero(np.isfinite(held.value)).tolist():
            facts = (float(worse[i]), float(error[i]), gap, float(held.p[i]))
            yield _Compared(kind, slices, i, name, *facts, held.at)


def _deviation(counted: Counted, slices: Slices, name: str) -> float:
    """Return the standard deviation of a loss over all rows."""
    sums = counted.cells.set_sums(slices.position, LOSS_OF[name]).sum(axis=(0, 1))
    if sums[1] <= 0:
        return 0.0
    mean = sums[3] / sums[1]
    return math.sqrt(max(sums[4] / sums[1] - mean * mean, 0.0))


def _order(held: Sequence[_Compared]) -> tuple[int, ...]:
    """Return positions, the weakest slice first; measures are brought together in units of their gap."""
    gap = np.array([one.gap or 1.0 for one in held])
    worse = np.array([one.worse for one in held]) / gap
    return shrunken(worse, np.array([one.error for one in held]) / gap).order


def _drawn(held: Sequence[_Compared]) -> dict[Place, _Compared]:
    """Return the first measure compared of each slice of sets that are small enough to draw."""
    first = held[0].name
    return {
        one.one.where: one
        for one in held
        if one.name == first and len(one.slices.found) <= MOST_SHOWN
    }


def _shown(
    kinds: Sequence[Slices], held: Sequence[_Compared], order: Sequence[int]
) -> list[tuple[int, int]]:
    """Return the slices that are reported, as positions of set and slice: all, or the weakest."""
    every = [(kind, i) for kind, slices in enumerate(kinds) for i in range(len(slices.found))]
    if len(every) <= MOST_SHOWN:
        return every
    weakest = dict.fromkeys((held[i].kind, held[i].index) for i in order)
    return list(weakest)[:MOST_SHOWN]


def _differences(
    held: Sequence[_Compared], shown: set[tuple[int, int]], limited: Sequence[str]
) -> Iterator[Estimate]:
    """Yield the distance from the rest and from the whole, for every measure compared or limited."""
    for one in held:
        if (one.kind, one.index) not in shown and one.name not in limited:
            continue
        where = one.one.where
        yield one.apart.at(Where(slice=where, metric=one.name, variant="rest"))
        yield one.held.from_whole.at(Where(slice=where, metric=one.name, variant="whole"))


def _from_whole(
    estimates: Sequence[Estimate],
    counted: Counted,
    slices: Slices,
    known: set[str],
    limited: Sequence[str],
) -> list[Estimate]:
    """Return the distance from the whole of limited measures that no test of slice and rest is known for.

    Slice and whole are taken for separate rows, which makes the interval too wide, never too narrow.
    """
    asked = set(limited) - known
    if not asked:
        return []
    whole = {e.name: e for e in counted.everything(slices) if e.name in asked}
    return [
        difference_of_independent(e, whole[e.name]).at(
            Where(slice=e.where.slice, metric=e.name, variant="whole")
        )
        for e in estimates
        if e.name in whole and e.where.label is None
    ]


def _finding(one: _Compared) -> Finding:
    name = one.name
    return Finding(
        Status.FAIL,
        f"The {plain(name)} is worse in this slice.",
        f"Where {place_text(one.one)} ({one.one.rows:,} rows) it is {value_text(name, one.own.value)}, and "
        f"{value_text(name, one.held.rest.value)} in the rest: {apart_text(name, one.apart)}.",
        "See what these rows share that the model has not learnt; collect more of them, or say that it is "
        "not for them.",
        Where(slice=one.one.where),
        (one.own, one.apart.at(Where(slice=one.one.where, metric=name, variant="rest"))),
    )


def _table(held: Sequence[_Compared], order: Sequence[int]) -> Table:
    rows = tuple(
        (
            held[i].one.name,
            held[i].one.rows,
            held[i].name,
            held[i].own.value,
            held[i].held.rest.value,
            held[i].apart.value,
            held[i].apart.low,
            held[i].apart.high,
        )
        for i in order[:MOST_ROWS]
    )
    more = len(order) - len(rows)
    return Table(
        "Slices, the weakest first",
        ("slice", "rows", "measure", "here", "rest", "difference", "from", "to"),
        rows,
        caption=f"{more} more comparisons are less weak." if more else "",
    )


def _left_out(kinds: Sequence[Slices], shown: int | None = None, found: int = 0) -> str | None:
    said = []
    if found > MOST_FINDINGS:
        said.append(f"the {MOST_FINDINGS} weakest of {found:,} weak slices are named")
    total = sum(len(slices.found) for slices in kinds)
    if shown is not None and shown < total:
        said.append(f"the {shown} weakest of {total:,} slices are reported")
    lost = max((slices.left_out for slices in kinds), default=0)
    if lost:
        said.append(f"up to {lost:,} rows lie in slices too small to be shown")
    return "; ".join(said).capitalize() or None if said else None
