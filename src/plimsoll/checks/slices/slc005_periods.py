"""SLC005  In which slices has it got worse since the reference?

## What it measures
For every slice that was asked for: the measure now against the same slice of the reference. And how the
change of the whole splits into two parts: slices that got worse, and a mix of slices that changed.

## Why it matters
A whole that stands still can hide one slice that falls while another rises. And a whole that falls only
because harder cases became more frequent needs another repair than a model that got worse.

## How
Both tables are cut alike. The two rates of a slice come from separate rows; their difference takes the
square-and-add interval (Zou and Donner 2008, doi:10.1002/sim.3095). Differences that are named are
clear after Holm's correction over all slices. The split is Kitagawa's (1955,
doi:10.1080/01621459.1955.10501299): with shares p and rates r, the change of the whole is the sum over
slices of `(p_now - p_then) * mean rate` (the mix) and of `mean share * (r_now - r_then)` (the slices),
with the intervals of a sum of independent slices.

## When it cannot tell
Without labels and answers in the reference. A split by one column says nothing about another, and a
slice can get worse for a reason that the column does not name.

## What to do
Where slices got worse, look for what changed in them: an input, the meaning of the label, the people.
Where only the mix changed, the model is as good as it was for each kind of case; see whether that is
still good enough.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from plimsoll.checks.slices.compared import LOWER, apart_text, clear, compared, place_text, plain
from plimsoll.checks.slices.measures import Counted
from plimsoll.checks.slices.sliced import (
    Slice,
    Slices,
    sets_on_reference,
    slice_needs,
    slices_of,
)
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Finding, Judgement, Status, Table, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Side, Tallies
from plimsoll.stats.difference import difference_of_independent, two_sided_p
from plimsoll.stats.interval import z_quantile

CARD = Card(
    "SLC005",
    title="Slices against the reference",
    question="In which slices has it got worse since the reference?",
    area="slices",
    needs="slices, and a reference with labels and answers",
    cost="a look at the values of these columns, then one scan of the data and one of the reference",
    measures=(
        Measure("difference", "difference", "neither", None, None, None),
        Measure("change_within_slices", "change from slices", "neither", None, None, None),
        Measure("change_of_mix", "change from the mix", "neither", None, None, None),
    ),
    evidence=("performance.slices", "data.drift"),
    sources=("doi:10.1002/sim.3095", "doi:10.1080/01621459.1955.10501299"),
)
THEN = "then "
MOST_SHOWN = 40


@dataclass(frozen=True, eq=False)
class _Pair:
    """One slice and measure on both sides."""

    slices: Slices
    one: Slice
    rows_then: int
    now: Estimate
    then: Estimate
    apart: Estimate

    @property
    def worse(self) -> float:
        """How much worse it is now."""
        return self.apart.value if self.now.name in LOWER else -self.apart.value


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Counts by slice on both sides."""
    sets = sets_on_reference(subject, subject.slice_sets)
    if not subject.reference_answered or not sets:
        return {}
    then = slice_needs(subject, sets, Side.REFERENCE, THEN)
    return slice_needs(subject, sets) | then


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Hold every slice against the same slice of the reference."""
    subject = context.subject
    if not subject.has_reference:
        return not_given("no reference was given")
    if not subject.slice_sets:
        return not_given("no slices were named; give --slice-by COLUMN")
    if not tallies:
        return not_given("the reference has no labels and answers to compare with by slice")
    sets = sets_on_reference(subject, subject.slice_sets)
    level = context.options.confidence
    now = Counted(subject, tallies, level)
    then = Counted(subject, tallies, level, THEN)
    pairs: list[_Pair] = []
    estimates: list[Estimate] = []
    for slices in slices_of(sets, tallies, context.options.min_rows):
        own = list(_pairs(slices, now, then, subject, context.options.min_rows))
        pairs += own
        estimates += _split(slices, own, compared(subject)[:1], level)
    if not pairs:
        return Judgement(reason="No slice has enough rows on both sides.")
    estimates += [pair.apart for pair in pairs]
    sure = clear([two_sided_p(pair.apart) for pair in pairs], level)
    findings = [
        _finding(p) for p, is_clear in zip(pairs, sure, strict=True) if is_clear and p.worse > 0
    ]
    return Judgement(tuple(estimates), tuple(findings), tables=(_table(pairs),))


def _pairs(
    slices: Slices, now: Counted, then: Counted, subject: Subject, min_rows: int
) -> Iterator[_Pair]:
    before = then.cells.set_counts(slices.position).sum(axis=(1, 2))
    for one in slices.found:
        rows = int(before[one.members].sum())
        if rows < min_rows or one.pooled:
            continue
        for name in compared(subject):
            here = now.named(slices, one.members, name)
            there = then.named(slices, one.members, name)
            if here is not None and there is not None:
                where = Where(slice=one.where, metric=name, variant="reference")
                apart = difference_of_independent(here, there).at(where)
                yield _Pair(slices, one, rows, here, there, apart)


def _split(
    slices: Slices, pairs: list[_Pair], names: tuple[str, ...], level: float
) -> Iterator[Estimate]:
    """Yield the two parts of the change of the main measure over the slices of one set."""
    own = [pair for pair in pairs if pair.now.name in names]
    if len(own) < 2:
        return
    p1, p0 = (
        np.array(x, np.float64) for x in zip(*((p.one.rows, p.rows_then) for p in own), strict=True)
    )
    rows = int(p1.sum())
    n1, n0 = p1.sum(), p0.sum()
    p1, p0 = p1 / n1, p0 / n0
    r1, r0 = np.array([p.now.value for p in own]), np.array([p.then.value for p in own])
    z = z_quantile(level)
    se1 = np.array([p.now.half_width / z for p in own])
    se0 = np.array([p.then.half_width / z for p in own])
    mean_rate, mean_share = (r1 + r0) / 2, (p1 + p0) / 2
    variance = se1**2 + se0**2
    within = float(mean_share @ (r1 - r0))
    spread = math.sqrt(float(mean_share**2 @ variance))
    yield _part("change_within_slices", slices, own[0], within, z * spread, level, rows)
    mix = float((p1 - p0) @ mean_rate)
    centred = (mean_rate - float(mean_share @ mean_rate)) ** 2
    shares = float(centred @ (p1 / n1 + p0 / n0)) + float((p1 - p0) ** 2 @ variance) / 4
    yield _part("change_of_mix", slices, own[0], mix, z * math.sqrt(shares), level, rows)


def _part(
    name: str, slices: Slices, first: _Pair, value: float, half: float, level: float, rows: int
) -> Estimate:
    where = Where(column=slices.kind.name, metric=first.now.name)
    method = "Kitagawa, delta method"
    return Estimate(name, value, value - half, value + half, level, rows, method, where=where)


def _finding(pair: _Pair) -> Finding:
    name = pair.now.name
    return Finding(
        Status.FAIL,
        f"The {plain(name)} has fallen in this slice since the reference."
        if name not in LOWER
        else f"The {plain(name)} has risen in this slice since the reference.",
        f"Where {place_text(pair.one)} ({pair.one.rows:,} rows, {pair.rows_then:,} in the reference) the "
        f"change is {apart_text(name, pair.apart)}.",
        "Look for what changed for these rows: an input, the meaning of the label, or who they are.",
        pair.apart.where,
        (pair.apart,),
    )


def _table(pairs: list[_Pair]) -> Table:
    ordered = sorted(pairs, key=lambda p: -p.worse)[:MOST_SHOWN]
    rows = tuple(
        (
            p.one.name, p.one.rows, p.rows_then, p.now.name, p.now.value, p.then.value,
            p.apart.value, p.apart.low, p.apart.high,
        )
        for p in ordered
    )  # fmt: skip
    more = len(pairs) - len(rows)
    return Table(
        "Slices now and in the reference, the worst change first",
        ("slice", "rows", "rows then", "measure", "now", "then", "difference", "from", "to"),
        rows,
        caption=f"{more} more changed less." if more else "",
    )
