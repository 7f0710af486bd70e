"""FAR003  Do stated probabilities mean the same for every group?

## What it measures
For every group the mean outcome less the mean stated probability: how much more often it happens than
the model says.

## Why it matters
If 30 % means 30 for one group and 40 for another, whoever acts on the number treats them differently
without knowing it.

## How
The mean of outcome minus probability over the rows of a group, with Student's interval corrected for
skewness (Hall 1992, doi:10.1111/j.2517-6161.1992.tb01876.x); by groups of rows that hang together a
jackknife. A group is named if its gap is clearly not 0 after Holm's correction over all groups and at
least 2 points.

## When it cannot tell
It looks at the mean only: a group for which low probabilities are too low and high ones too high can
show no gap. SLC003 searches for finer slices. In groups of few people the interval is wide.

## What to do
Recalibrate, with the group among the inputs where that is allowed; else look at which inputs mean
something else for this group.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from plimsoll.checks.fairness.groups import Groups, group_needs, group_sets, said
from plimsoll.checks.slices.sliced import DECISIONS, losses_of
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import (
    Figure,
    Finding,
    Judgement,
    Status,
    Table,
    not_applicable,
    not_given,
)
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Tallies
from plimsoll.probes.coding import Coded
from plimsoll.stats.difference import two_sided_p
from plimsoll.stats.family import holm
from plimsoll.stats.interval import z_quantile
from plimsoll.stats.mean import mean
from plimsoll.stats.shrinkage import LEAST, steadied
from plimsoll.tallies.slice_cells import SliceCells, Within

CARD = Card(
    "FAR003",
    title="Calibration of groups",
    question="Do stated probabilities mean the same for every group?",
    area="fairness",
    needs="protected columns, and probabilities of a binary task",
    cost="a look at the values of these columns, then one scan",
    measures=(Measure("calibration_gap", "outcome less stated probability", "target", 0.0, -1.0),),
    evidence=("fairness.measurement", "performance.calibration"),
    sources=("doi:10.1111/j.2517-6161.1992.tb01876.x",),
)
RESIDUALS = "residuals"
NOTABLE = 0.02


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Counts by group, and sums of outcome less probability."""
    if subject.task is not Task.BINARY or not subject.has_probabilities:
        return {}
    known = group_needs(subject)
    if not known:
        return {}
    counted = known[DECISIONS]
    assert isinstance(counted.tally, SliceCells) and isinstance(counted.probe, Coded)
    residuals = SliceCells(
        counted.tally.sets,
        Within.ROWS,
        2,
        losses=("residual",),
        bucketed=counted.tally.bucketed,
        weighted=counted.tally.weighted,
    )
    return known | {RESIDUALS: Need(residuals, probe=counted.probe)}


@dataclass(frozen=True, eq=False)
class _Gap:
    groups: Groups
    index: int
    gap: Estimate

    @property
    def place(self) -> tuple[tuple[str, str], ...]:
        return self.groups.places[self.index]


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Measure the gap of every group and name those that are clear."""
    subject, level = context.subject, context.options.confidence
    if not subject.sensitive_sets:
        return not_given("no protected columns were named; give --sensitive COLUMN")
    if RESIDUALS not in tallies:
        return not_applicable("there are no probabilities of a binary task")
    cells = tallies.take(RESIDUALS, SliceCells)
    gaps: list[_Gap] = []
    for groups in group_sets(tallies, context):
        for j, one in enumerate(groups.groups):
            sums = losses_of(cells, groups.slices.position, one.members, "residual")
            found = mean("calibration_gap", sums, level=level)
            if found is not None:
                low, high = max(found.low, -1.0), min(found.high, 1.0)
                gap = Estimate(
                    found.name, found.value, low, high, level, found.n, found.method,
                    where=Where(slice=one.where),
                )  # fmt: skip
                gaps.append(_Gap(groups, j, gap))
    if not gaps:
        return Judgement(reason="No protected column has two groups with enough people.")
    adjusted = holm(np.array([two_sided_p(one.gap) for one in gaps]))
    findings = tuple(
        _finding(one)
        for one, p in zip(gaps, adjusted, strict=True)
        if p < 1 - level and abs(one.gap.value) >= NOTABLE
    )
    estimates = tuple(one.gap for one in gaps)
    return Judgement(estimates, findings, _figures(gaps), tuple(_steadied(gaps, level)))


def _finding(one: _Gap) -> Finding:
    gap = one.gap
    word = "more" if gap.value > 0 else "less"
    return Finding(
        Status.FAIL,
        "Stated probabilities are off for this group.",
        f"{said(one.place)}: the outcome comes in {100 * abs(gap.value):.1f} of 100 rows {word} than stated, "
        f"likely {100 * gap.low:+.1f} to {100 * gap.high:+.1f}.",
        "Recalibrate, or look at which inputs mean something else for this group.",
        gap.where,
        (gap,),
    )


def _steadied(gaps: list[_Gap], level: float) -> Iterator[Table]:
    """Yield the gaps of crossings, each also in the light of the others: small ones tell little alone."""
    z = z_quantile(level)
    crossed = [one for one in gaps if len(one.groups.slices.kind.cuts) > 1]
    for name in dict.fromkeys(one.groups.name for one in crossed):
        own = [one for one in crossed if one.groups.name == name]
        if len(own) < LEAST:
            continue
        values, halves = ([getattr(x.gap, f) for x in own] for f in ("value", "half_width"))
        found = steadied(values, np.array(halves) / z, level=level)
        yield Table(
            f"Gaps by {name}, alone and in the light of the others",
            ("group", "people", "alone", "from", "to", "with the others", "from", "to"),
            tuple(
                (
                    said(one.place), one.gap.n, one.gap.value, one.gap.low, one.gap.high,
                    float(found.value[i]), float(found.low[i]), float(found.high[i]),
                )
                for i, one in enumerate(own)
            ),
            caption="With the others: pulled towards their common gap by as much as chance could have moved "
            "it (empirical Bayes, normal). Right on average over the groups.",
        )  # fmt: skip


def _figures(gaps: list[_Gap]) -> tuple[Figure, ...]:
    panels: dict[str, dict[str, list[Any]]] = {}
    for one in gaps:
        if len(one.groups.slices.kind.cuts) > 1:
            continue
        panel = panels.setdefault(
            one.groups.name, {"label": [], "value": [], "low": [], "high": []}
        )
        if len(panel["label"]) < 20:
            panel["label"].append(said(one.place))
            for name in ("value", "low", "high"):
                panel[name].append(getattr(one.gap, name))
    if not panels:
        return ()
    return (
        Figure(
            "multiples",
            "Outcome less stated probability, by group",
            "Right of the rule more happens than the model says, left of it less.",
            panels,
            {"rule": 0.0, "rule_title": "as stated"},
        ),
    )
