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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

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
from plimsoll.checks.slices.measures import SliceMeasures
from plimsoll.checks.slices.sliced import Slice, Slices, slice_needs, slices_of
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Finding, Judgement, Status, Table, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.stats.difference import difference_of_independent, from_whole, two_sided_p

CARD = Card(
    "SLC001",
    title="Slices",
    question="How good is it in each of these slices?",
    area="slices",
    needs="columns, crossings or conditions to slice by",
    cost="a look at the values of these columns, then one scan",
    measures=(Measure("difference", "difference of a slice", "neither", None, None, None),),
    evidence=("performance.slices", "fairness.measurement"),
    sources=("doi:10.1002/sim.3095", "jstor:4615733"),
)
LOSS_GAP = 5.0
"""A share of 0.05 is a gap; of a loss so many times as many standard deviations are."""
MOST_SHOWN = 100
MOST_ROWS = 60
"""Slices beyond which only the weakest are reported."""


@dataclass(frozen=True, eq=False)
class _Held:
    """One slice held against the rest by one measure."""

    slices: Slices
    one: Slice
    own: Estimate
    rest: Estimate
    apart: Estimate
    worse: float
    """How much worse it is than the rest, in its own unit; negative where it is better."""
    gap: float
    p: float


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Counts by slice, and the values of the columns that are cut."""
    return slice_needs(subject, subject.slice_sets)


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Measure every slice, hold each against the rest, and name those that are clearly worse."""
    subject = context.subject
    if not subject.slice_sets:
        return not_given("no slices were named; give --slice-by COLUMN")
    measures = SliceMeasures(subject, tallies, context.options.confidence)
    kinds = list(slices_of(subject.slice_sets, tallies, context.options.min_rows))
    held = [one for slices in kinds for one in _against_rest(slices, measures, context)]
    if not held:
        return Judgement(reason=_left_out(kinds) or "no slice has enough rows")
    order = _order(held)
    shown = _shown(kinds, held, order)
    estimates = [
        e.at(Where(slice=one.where, label=e.where.label))
        for slices in kinds
        for one in slices.found
        if one.where in shown
        for e in measures.of(slices, one)
    ]
    estimates += _differences(held, context, shown, measures)
    findings = [
        _finding(one)
        for one, is_clear in zip(held, clear([one.p for one in held], measures.level), strict=True)
        if is_clear and one.worse >= one.gap
    ]
    return Judgement(
        tuple(estimates),
        tuple(findings),
        slice_figures(kinds, held_by_slice(held), _whole(measures, held[0])),
        (_table(held, order),),
        reason=_left_out(kinds, len(shown)),
    )


def _against_rest(slices: Slices, measures: SliceMeasures, context: Context) -> Iterator[_Held]:
    everywhere = np.flatnonzero(measures.cells.set_counts(slices.position).sum(axis=(1, 2)))
    for one in slices.found:
        others = np.setdiff1d(everywhere, one.members)
        for name in compared(context.subject):
            own = measures.named(slices, one.members, name)
            rest = measures.named(slices, others, name) if others.size else None
            if own is None or rest is None or own.n < 1:
                continue
            apart = difference_of_independent(own, rest)
            worse = apart.value if name in LOWER else -apart.value
            gap = context.options.gap
            if name not in SHARES:
                gap *= LOSS_GAP * _deviation(measures, slices, others, name)
            yield _Held(slices, one, own, rest, apart, worse, gap, two_sided_p(apart))


def _deviation(measures: SliceMeasures, slices: Slices, members: np.ndarray, name: str) -> float:
    """Return the standard deviation of a loss in some slices."""
    loss = {"mean_absolute_error": "absolute_error"}.get(name, name)
    sums = measures.cells.set_sums(slices.position, loss)[members].sum(axis=(0, 1))
    mean = sums[3] / sums[1]
    return math.sqrt(max(sums[4] / sums[1] - mean * mean, 0.0))


def _order(held: Sequence[_Held]) -> tuple[int, ...]:
    """Return positions, the weakest slice first; measures are brought together in units of their gap."""
    gaps = [one.gap or 1.0 for one in held]
    worse = [one.worse / gap for one, gap in zip(held, gaps, strict=True)]
    errors = [one.apart.half_width / 1.96 / gap for one, gap in zip(held, gaps, strict=True)]
    return shrunken(worse, errors).order


def _whole(measures: SliceMeasures, first: _Held) -> Estimate | None:
    every = np.arange(measures.cells.slices[first.slices.position])
    return measures.named(first.slices, every, first.own.name)


def held_by_slice(held: Sequence[_Held]) -> dict[tuple[tuple[str, str], ...], _Held]:
    """Return the first measure compared of each slice, by what the slice is."""
    found: dict[tuple[tuple[str, str], ...], _Held] = {}
    for one in held:
        found.setdefault(one.one.where, one)
    return found


def _shown(
    kinds: Sequence[Slices], held: Sequence[_Held], order: Sequence[int]
) -> set[tuple[tuple[str, str], ...]]:
    every = [one.where for slices in kinds for one in slices.found]
    if len(every) <= MOST_SHOWN:
        return set(every)
    weakest = dict.fromkeys(held[i].one.where for i in order)
    return set(list(weakest)[:MOST_SHOWN])


def _differences(
    held: Sequence[_Held],
    context: Context,
    shown: set[tuple[tuple[str, str], ...]],
    measures: SliceMeasures,
) -> Iterator[Estimate]:
    """Yield the distance from the rest and from the whole, for every measure compared or limited."""
    asked = set(context.options.slice_measures)
    wholes: dict[tuple[int, str], float] = {}
    for one in held:
        name = one.own.name
        if one.one.where not in shown and name not in asked:
            continue
        key = (one.slices.position, name)
        if key not in wholes:
            every = np.arange(measures.cells.slices[one.slices.position])
            whole = measures.named(one.slices, every, name)
            wholes[key] = one.own.value if whole is None else whole.value
        where = one.one.where
        yield one.apart.at(Where(slice=where, metric=name, variant="rest"))
        from_all = from_whole(one.own, one.rest, wholes[key])
        yield from_all.at(Where(slice=where, metric=name, variant="whole"))


def _finding(one: _Held) -> Finding:
    name = one.own.name
    return Finding(
        Status.FAIL,
        f"The {plain(name)} is worse in this slice.",
        f"Where {place_text(one.one)} ({one.one.rows:,} rows) it is {value_text(name, one.own.value)}, and "
        f"{value_text(name, one.rest.value)} in the rest: {apart_text(name, one.apart)}.",
        "See what these rows share that the model has not learnt; collect more of them, or say that it is "
        "not for them.",
        Where(slice=one.one.where),
        (one.own, one.apart.at(Where(slice=one.one.where, metric=name, variant="rest"))),
    )


def _table(held: Sequence[_Held], order: Sequence[int]) -> Table:
    rows = tuple(
        (
            held[i].one.name,
            held[i].one.rows,
            held[i].own.name,
            held[i].own.value,
            held[i].rest.value,
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


def _left_out(kinds: Sequence[Slices], shown: int | None = None) -> str | None:
    said = []
    total = sum(len(slices.found) for slices in kinds)
    if shown is not None and shown < total:
        said.append(f"the {shown} weakest of {total:,} slices are reported")
    lost = max((slices.left_out for slices in kinds), default=0)
    if lost:
        said.append(f"up to {lost:,} rows lie in slices too small to be shown")
    return "; ".join(said).capitalize() or None if said else None
