"""INP004  Do the columns still look as they did in the reference?

## What it measures
Columns that came or went since the reference, columns whose type changed, and the change in the
share of missing cells.

## Why it matters
A number that arrives as text, a column that vanished, a sensor that went silent: these break a
model before any statistic sees drift, and often without an error.

## How
Types are compared by kind (number, text, date, boolean). The change in the missing rate is the
difference of two proportions with Newcombe's interval (Newcombe 1998, method 10,
doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I). A change is a finding only
where the whole interval lies above 5 in 100 rows.

## When it cannot tell
Without a reference. A unit that changed (metres to feet) has the same type; that is drift.

## What to do
Repair the export or the feature pipeline; if the change is meant, accept a new reference.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Finding, Judgement, Status, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Rows, Side, Tallies
from plimsoll.stats.proportion import newcombe_difference
from plimsoll.tallies.column_profile import ColumnProfile

CARD = Card(
    "INP004",
    title="Columns against the reference",
    question="Do the columns still look as they did in the reference?",
    area="input",
    needs="a reference",
    cost="one scan of the data and one of the reference",
    measures=(
        Measure(
            "missing_rate_change",
            "change in the share of missing cells",
            better="target",
            aim=0.0,
            low=-1.0,
        ),
    ),
    evidence=("data.integrity", "data.drift"),
    sources=("doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I",),
    labels=False,
)
NOTABLE = 0.05


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """A profile of every input column on both sides."""
    if not subject.has_reference:
        return {}
    out = {}
    for column in subject.roles.features:
        out[f"now {column}"] = Need(ColumnProfile(column), rows=Rows.ALL)
        if column in subject.reference_columns:
            out[f"then {column}"] = Need(ColumnProfile(column), Side.REFERENCE, Rows.ALL)
    return out


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Name columns that came, went, changed type or lost cells."""
    subject = context.subject
    if not subject.has_reference:
        return not_given("no reference was given")
    findings: list[Finding] = []
    estimates: list[Estimate] = []
    for column in subject.roles.features:
        if f"then {column}" not in tallies:
            findings.append(_came(column))
            continue
        now = tallies.take(f"now {column}", ColumnProfile)
        then = tallies.take(f"then {column}", ColumnProfile)
        if kind(now.dtype) != kind(then.dtype):
            findings.append(_changed(column, then, now))
        change = _change(then, now, context.options.confidence)
        if change is not None:
            estimates.append(change)
            if change.low > NOTABLE:
                findings.append(_lost(column, change))
    known = {c for _, c in subject.roles.named()} | {*subject.roles.ignore, *subject.roles.features}
    findings += [_went(c) for c in subject.reference_columns if c not in known]
    return Judgement(tuple(estimates), tuple(findings))


def kind(dtype: str) -> str:
    """Return the kind of a type by its name: number, text, boolean, date, or the name itself."""
    if dtype.startswith(("Int", "UInt", "Float", "Decimal")):
        return "number"
    if dtype.startswith(("String", "Categorical", "Enum")):
        return "text"
    if dtype.startswith(("Date", "Time", "Duration")):
        return "date"
    return "no value" if dtype == str(pl.Null) else dtype.lower()


def _change(then: ColumnProfile, now: ColumnProfile, level: float) -> Estimate | None:
    gone_then, gone_now = then.missing + then.nans, now.missing + now.nans
    if not (gone_then or gone_now) or not then.rows or not now.rows:
        return None
    low, high = newcombe_difference(gone_now, now.rows, gone_then, then.rows, level)
    return Estimate(
        "missing_rate_change",
        gone_now / now.rows - gone_then / then.rows,
        low,
        high,
        level,
        min(now.rows, then.rows),
        "Newcombe method 10",
        where=Where(column=now.column),
    )


def _came(column: str) -> Finding:
    return Finding(
        Status.FAIL,
        f"The column '{column}' is not in the reference.",
        "What the model does with it was not seen when the model was accepted.",
        "Check that it belongs to this table; leave it out with --ignore if the model does not use it.",
        Where(column=column),
    )


def _went(column: str) -> Finding:
    return Finding(
        Status.FAIL,
        f"The column '{column}' of the reference is gone.",
        "If the model learnt from it, it now works without it.",
        "Bring the column back, or accept a reference without it.",
        Where(column=column),
    )


def _changed(column: str, then: ColumnProfile, now: ColumnProfile) -> Finding:
    return Finding(
        Status.FAIL,
        f"The column '{column}' changed its type.",
        f"It held {kind(then.dtype)} in the reference and holds {kind(now.dtype)} now.",
        "Repair the export, so that the column arrives as it did.",
        Where(column=column),
        critical=True,
    )


def _lost(column: str, change: Estimate) -> Finding:
    return Finding(
        Status.FAIL,
        f"The column '{column}' has many more missing cells than in the reference.",
        f"About {100 * change.value:.0f} more of 100 rows hold nothing in it, "
        f"likely {100 * change.low:.0f} to {100 * change.high:.0f}.",
        "Find out where the values are lost before trusting what the model says.",
        Where(column=column),
        (change,),
    )
