"""FAR001  How far apart are the rates of different groups?

## What it measures
For every protected column and the crossing of any two: selection rate, recall (true positive rate),
false positive rate, precision, accuracy and base rate of every group, and the gap between the groups
with the highest and the lowest rate. Recall and false positive rate are the two halves of equalised
odds, and are told as two numbers.

## Why it matters
A model can be right equally often for two groups and wrong in opposite ways: the one refused too often,
the other granted too much. One average of gaps would hide it. Which gap matters is a question of what
the decision does to people, and no number answers it.

## How
Rates are shares with Wilson's interval. The gap is the largest less the smallest rate, as Fairlearn's
`MetricFrame.difference()` has it. The data choose which groups these are, so the gap seen is larger
than the true one: the interval allows for all pairs of groups (Newcombe 1998, method 10,
doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I), and what chance alone would show
is given beside it. A gap is a finding only if its whole interval lies above 5 points. In a crossing every
rate also stands in the light of the others (empirical Bayes, doi:10.1080/01621459.1997.10474013), for most
of its groups are small.

## When it cannot tell
In groups of few people. Groups of fewer than 20 are pooled and not shown; people of unknown group are
left out. It measures decisions and errors as the labels have them: labels that were themselves made by
people with a bias carry it into these numbers.

## What to do
Look at base rates and at how labels came about before changing a threshold. Set limits such as
`"fairness.recall_difference" = { max = 0.1 }` on what the owner decided matters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from plimsoll.checks.fairness.groups import (
    Groups,
    group_needs,
    group_sets,
    of_estimates,
    said,
)
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Figure, Finding, Judgement, Status, Table, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Tallies
from plimsoll.stats.equal_rates import RateGap, rate_gap
from plimsoll.stats.shrinkage import LEAST, steadied_shares

_LOWER = ("false_positive_rate", "false_negative_rate")
RATES = {
    "selection_rate": "selection rate",
    "recall": "recall",
    "false_positive_rate": "false positive rate",
    "precision": "precision",
    "accuracy": "accuracy",
}
CARD = Card(
    "FAR001",
    title="Rates of groups",
    question="How far apart are the rates of different groups?",
    area="fairness",
    needs="protected columns, and decisions",
    cost="a look at the values of these columns, then one scan",
    measures=(
        Measure("accuracy", "accuracy", style="per100"),
        Measure("precision", "precision", style="per100"),
        Measure("recall", "recall", style="per100"),
        Measure("selection_rate", "selection rate", better="neither", style="per100"),
        Measure("base_rate", "base rate", better="neither", style="per100"),
        Measure("false_positive_rate", "false positive rate", better="lower", style="per100"),
        Measure("mean_absolute_error", "mean absolute error", "lower", high=None, style="unit"),
        *(
            Measure(f"{name}_difference", f"largest gap in {title}", "lower", style="per100")
            for name, title in RATES.items()
        ),
    ),
    evidence=("fairness.measurement",),
    sources=("doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I",),
)
NOTABLE = 0.05
BINARY = (*RATES, "base_rate")


@dataclass(frozen=True, eq=False)
class _Gap:
    groups: Groups
    name: str
    gap: RateGap
    high: str
    low: str
    rates: tuple[Estimate, ...]

    @property
    def difference(self) -> Estimate:
        return self.gap.difference.at(Where(column=self.groups.name))


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Counts by group."""
    return group_needs(subject)


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Measure every group, and the gaps between groups."""
    if not context.subject.sensitive_sets:
        return not_given("no protected columns were named; give --sensitive COLUMN")
    sets = list(group_sets(tallies, context))
    if not sets:
        return Judgement(reason="No protected column has two groups with enough people.")
    estimates: list[Estimate] = []
    gaps: list[_Gap] = []
    for groups in sets:
        for name in _names(context.subject):
            at, shares = groups.shares(name)
            estimates += [
                e.at(Where(slice=groups.places[j])) for j, e in zip(at, shares, strict=True)
            ]
            if name in RATES and len(shares) > 1:
                found = rate_gap(name, of_estimates(shares), level=context.options.confidence)
                if found is not None:
                    names = [said(groups.places[j]) for j in at]
                    high, low = names[found.largest], names[found.smallest]
                    gaps.append(_Gap(groups, name, found, high, low, tuple(shares)))
    estimates += [gap.difference for gap in gaps]
    findings = tuple(f for gap in gaps if (f := _finding(gap)) is not None)
    tables = ((_table(gaps),) if gaps else ()) + tuple(_steadied(sets, context))
    return Judgement(tuple(estimates), findings, tuple(_figures(sets, context.subject)), tables)


def _names(subject: Subject) -> tuple[str, ...]:
    if subject.task is Task.REGRESSION:
        return ("mean_absolute_error",)
    if subject.task is Task.BINARY and subject.has_prediction:
        return BINARY
    return ("accuracy",)


def _finding(gap: _Gap) -> Finding | None:
    difference = gap.difference
    if difference.low <= NOTABLE:
        return None
    name = RATES[gap.name]
    return Finding(
        Status.FAIL,
        f"The {name} differs between groups.",
        f"By {gap.groups.name}: {100 * gap.rates[gap.gap.largest].value:.0f} of 100 for {gap.high} and "
        f"{100 * gap.rates[gap.gap.smallest].value:.0f} of 100 for {gap.low}, "
        f"{100 * difference.value:.1f} points apart, likely {100 * difference.low:.1f} to "
        f"{100 * difference.high:.1f}; by chance alone about {100 * gap.gap.by_chance:.1f}.",
        "Look at base rates and at how the labels came about; decide which gap matters, and limit it.",
        Where(column=gap.groups.name),
        (difference,),
    )


def _table(gaps: list[_Gap]) -> Table:
    rows = tuple(
        (
            gap.groups.name,
            RATES[gap.name],
            gap.high,
            gap.rates[gap.gap.largest].value,
            gap.low,
            gap.rates[gap.gap.smallest].value,
            gap.difference.value,
            gap.difference.low,
            gap.difference.high,
            gap.gap.by_chance,
        )
        for gap in gaps
    )
    return Table(
        "Largest gaps between groups",
        (
            "by", "rate", "highest", "its rate", "lowest", "its rate", "gap", "from", "to", "by chance",
        ),
        rows,
    )  # fmt: skip


def _steadied(sets: list[Groups], context: Context) -> Iterator[Table]:
    """Yield the rates of crossings, each also in the light of the others: small ones tell little alone."""
    level = context.options.confidence
    for groups in sets:
        if len(groups.slices.kind.cuts) < 2:
            continue
        rows: list[tuple[object, ...]] = []
        for name in _names(context.subject)[:3]:
            at, rates = groups.shares(name)
            if name not in RATES or len(rates) < LEAST:
                continue
            shares = of_estimates(rates)
            found = steadied_shares(shares.hits, shares.rows, level=level)
            rows += [
                (
                    RATES[name], said(groups.places[j]), rate.n, rate.value, rate.low, rate.high,
                    float(found.value[i]), float(found.low[i]), float(found.high[i]),
                )
                for i, (j, rate) in enumerate(zip(at, rates, strict=True))
            ]  # fmt: skip
        if rows:
            yield Table(
                f"Rates by {groups.name}, alone and in the light of the others",
                ("rate", "group", "people", "alone", "from", "to", "with the others", "from", "to"),
                tuple(rows),
                caption="With the others: pulled towards the common rate by as much as chance could have "
                "moved it (empirical Bayes, beta-binomial). Right on average over the groups; a group "
                "that is truly unlike the others is pulled too far.",
            )


def _figures(sets: list[Groups], subject: Subject) -> Iterator[Figure]:
    """Yield one figure a rate, one panel a protected column."""
    names: tuple[str, ...] = ("selection_rate", "recall", "false_positive_rate")
    if subject.task is not Task.BINARY or not subject.has_prediction:
        names = ("mean_absolute_error",) if subject.task is Task.REGRESSION else ("accuracy",)
    for name in names:
        panels: dict[str, dict[str, list[Any]]] = {}
        for groups in sets:
            at, shares = groups.shares(name)
            if len(groups.slices.kind.cuts) > 1 or len(shares) < 2:
                continue
            panels[groups.name] = {
                "label": [said(groups.places[j]) for j in at][:20],
                "value": [e.value for e in shares][:20],
                "low": [e.low for e in shares][:20],
                "high": [e.high for e in shares][:20],
            }
        whole = sets[0].measured.whole(name)
        if panels and whole is not None:
            title = name.replace("_", " ")
            yield Figure(
                "multiples",
                f"{title.capitalize()} by group",
                "One line a group, with where its rate likely lies.",
                panels,
                {"rule": whole.value, "rule_title": "everybody"},
            )
