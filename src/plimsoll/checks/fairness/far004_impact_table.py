"""FAR004  What would a bias audit table of New York City show?

## What it measures
The tables of Local Law 144 of 2021: by sex, by race or ethnicity and by both, the number of people, the
selection rate, and the impact ratio, the rate of a category over that of the most selected category.

## Why it matters
Employers in New York City that use an automated tool to decide on hiring or promotion must publish such
tables of an independent audit each year.

## How
As 6 RCNY 5-301 describes them (Department of Consumer and Worker Protection 2023). The law names no
ratio that would be good enough, and neither does this check: it shows numbers and passes nothing.
Intervals are added to what the rule asks for (Koopman 1984, doi:10.2307/2531405).

## When it cannot tell
The columns of sex and of race or ethnicity must be named under `[fairness]`. Categories must be those
that the rule wants (EEO-1). The data must be those that the rule allows. Categories of fewer than 20
people are counted and not shown. This is no audit and no legal advice.

## What to do
Compare with the tables of your auditor. See FAR002 for how sure the ratios are.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from plimsoll.checks.fairness.groups import group_needs
from plimsoll.checks.slices.sliced import DECISIONS, cuts_of
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.finding import Judgement, Table, not_applicable, not_given
from plimsoll.core.slicing import SliceSet
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Tallies
from plimsoll.probes.coding import codings
from plimsoll.stats.local_law_144 import Category, ImpactTable, bias_audit
from plimsoll.tallies.slice_cells import SliceCells

CARD = Card(
    "FAR004",
    title="Impact table of Local Law 144",
    question="What would a bias audit table of New York City show?",
    area="fairness",
    needs="columns of sex and of race, and decisions of a binary task",
    cost="a look at the values of these columns, then one scan",
    evidence=("fairness.measurement", "fairness.local_law_144"),
    sources=(
        "doi:10.2307/2531405",
        "https://rules.cityofnewyork.us/rule/automated-employment-decision-tools-updated/",
    ),
)


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Counts by sex, race and decision."""
    binary = subject.task is Task.BINARY and subject.has_prediction
    return group_needs(subject) if binary and options.audit is not None else {}


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Show the three tables."""
    audit = context.options.audit
    if audit is None:
        return not_given(
            "the columns of sex and of race were not named; give --audit-sex COLUMN and --audit-race COLUMN"
        )
    if not tallies:
        return not_applicable("there are no decisions of a binary task")
    crossing = next(
        (
            (i, one)
            for i, one in enumerate(context.subject.sensitive_sets)
            if set(one.columns) == set(audit) and len(one.cuts) == 2
        ),
        None,
    )
    if crossing is None:
        return not_applicable("the crossing of sex and race was not counted")
    position, kind = crossing
    applicants, selected, names = _counts(tallies, position, kind, audit, context)
    found = bias_audit(names[0], names[1], selected, applicants, level=context.options.confidence)
    least = context.options.min_rows
    return Judgement(
        tables=(
            _table("By sex", found.sex, least),
            _table("By race or ethnicity", found.race, least),
            _table("By sex and race or ethnicity", found.crossing, least),
        ),
        reason="The law sets no pass mark, and none is set here: the tables were made, no more.",
    )


def _counts(
    tallies: Tallies, position: int, kind: SliceSet, audit: tuple[str, str], context: Context
) -> tuple[
    np.ndarray[tuple[int, int], np.dtype[np.int64]],
    np.ndarray[tuple[int, int], np.dtype[np.int64]],
    tuple[list[str | None], list[str | None]],
]:
    """Return people and selected people by sex and race, and the names of both."""
    cells = tallies.take(DECISIONS, SliceCells)
    known = codings(cuts_of(context.subject.sensitive_sets), tallies)
    decisions = cells.set_decisions(position)[0].sum(axis=1)
    shape = tuple(cut.levels for cut in kind.cuts)
    people = decisions.sum(axis=(1, 2)).reshape(shape)
    chosen = decisions[:, :, int(context.options.favourable)].sum(axis=1).reshape(shape)
    names: list[list[str | None]] = []
    for cut in kind.cuts:
        labels = known[cut].labels
        names.append([None if i == known[cut].missing else label for i, label in enumerate(labels)])
    people = people[: len(names[0]), : len(names[1])]
    chosen = chosen[: len(names[0]), : len(names[1])]
    if kind.columns != audit:
        people, chosen, names = people.T, chosen.T, names[::-1]
    rows = [i for i in range(people.shape[0]) if people[i].sum()]
    columns = [j for j in range(people.shape[1]) if people[:, j].sum()]
    held = np.ix_(rows, columns)
    return people[held], chosen[held], ([names[0][i] for i in rows], [names[1][j] for j in columns])


def _table(title: str, table: ImpactTable, least: int) -> Table:
    shown = [row for row in table.rows if row.applicants >= least]
    hidden = [row for row in table.rows if 0 < row.applicants < least]
    said = (
        [f"{table.unknown:,} people of unknown category are not in this table."]
        if table.unknown
        else []
    )
    if hidden:
        people = sum(row.applicants for row in hidden)
        said.append(
            f"{len(hidden)} categories of fewer than {least} people ({people} in all) are not shown."
        )
    return Table(
        title,
        ("category", "applicants", "selected", "selection rate", "impact ratio", "from", "to"),
        tuple(_row(row) for row in shown),
        caption=" ".join(said),
    )


def _row(row: Category) -> tuple[object, ...]:
    rate, ratio = row.rate, row.impact_ratio
    return (
        ", ".join(row.names),
        row.applicants,
        row.selected,
        None if rate is None else rate.value,
        None if ratio is None else ratio.value,
        None if ratio is None else ratio.low,
        None if ratio is None else ratio.high,
    )
