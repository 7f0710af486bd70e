"""INP003  Does every input column say something?

## What it measures
Which input columns hold nothing, or one and the same value in every row, and how many cells are
missing, NaN or infinite.

## Why it matters
An empty or constant column cannot help a model. Where the model was trained on a column that
varied, a constant one is usually a broken export, and the model works with one eye shut.

## How
Counts and bounds of every column are taken in the one scan; a column is constant where its smallest
and largest value are equal. The missing rate carries a Wilson interval.

## When it cannot tell
It sees that a column is constant in this table and not whether it may be (a single site, a single
day).

## What to do
Repair the export, or leave the column out with `--ignore`.
"""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Finding, Judgement, Status, Table
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Rows, Tallies
from plimsoll.stats.proportion import proportion
from plimsoll.tallies.column_profile import ColumnProfile

CARD = Card(
    "INP003",
    title="Columns that say nothing",
    question="Does every input column say something?",
    area="input",
    needs="input columns",
    measures=(Measure("missing_rate", "share of missing cells", better="lower", style="per100"),),
    evidence=("data.quality",),
    labels=False,
    suites=("quick", "standard", "stress", "full"),
)
MOST_SHOWN = 40
FEW, SHOWN = 2, 8


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """A profile of every input column."""
    return {c: Need(ColumnProfile(c), rows=Rows.ALL) for c in subject.roles.features}


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Name the empty and the constant columns."""
    profiles = [tallies.take(name, ColumnProfile) for name in tallies]
    empty = [p.column for p in profiles if p.is_empty]
    constant = [p.column for p in profiles if p.is_constant and p.rows > 1]
    findings = _named(
        empty,
        "is empty",
        "No row holds a value in it, so whatever the model learnt from it is lost.",
        "Repair the export, or leave the column out with --ignore.",
    )
    findings += _named(
        constant,
        "holds one value only",
        "It is the same in every row and cannot tell one row from another.",
        "Check whether that is meant; if not, repair the export.",
    )
    estimates = _missing(profiles, context.options.confidence)
    return Judgement(tuple(estimates), tuple(findings), tables=_table(profiles))


def _named(columns: list[str], what: str, meaning: str, action: str) -> list[Finding]:
    """Return a finding a column, or one for all where they are many: they would hide the rest."""
    if len(columns) <= FEW:
        return [
            Finding(Status.FAIL, f"The column '{c}' {what}.", meaning, action, Where(column=c))
            for c in columns
        ]
    shown = ", ".join(columns[:SHOWN]) + (
        f" and {len(columns) - SHOWN} more" if len(columns) > SHOWN else ""
    )
    title = f"Of {len(columns)} columns each {what}."
    return [Finding(Status.FAIL, title, f"They are {shown}. {meaning}", action)]


def _missing(profiles: list[ColumnProfile], level: float) -> list[Estimate]:
    out = []
    for p in profiles:
        gone = p.missing + p.nans + p.infinities
        share = proportion("missing_rate", gone, p.rows, level=level) if gone else None
        if share is not None:
            out.append(share.at(Where(column=p.column)))
    return out


def _table(profiles: list[ColumnProfile]) -> tuple[Table, ...]:
    gaps = [p for p in profiles if p.missing or p.nans or p.infinities or p.empty_texts]
    if not gaps:
        return ()
    gaps.sort(key=lambda p: (-(p.missing + p.nans), p.column))
    rows = tuple(
        (p.column, p.dtype, p.missing, p.nans, p.infinities, p.empty_texts, p.rows)
        for p in gaps[:MOST_SHOWN]
    )
    left = len(gaps) - len(rows)
    return (
        Table(
            "Cells without a value",
            ("column", "type", "missing", "NaN", "infinite", "empty text", "rows"),
            rows,
            caption=f"{left} more columns have gaps." if left else "",
        ),
    )
