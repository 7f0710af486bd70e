"""INP002  Does every id name one row?

## What it measures
How many rows repeat an id that another row already bears.

## Why it matters
A row that stands in the table twice is counted twice: intervals become too narrow, and a row that
was easy or hard pulls the average. Repeated ids often betray a join that multiplied rows.

## How
Each id is hashed to 64 bits; equal ids have equal hashes. Up to 4 million different ids all are
held. Beyond, only ids whose hash ends in so many zero bits are, and every repeat among those is
found.

## When it cannot tell
Without an id column, or where the same case stands under two ids.

## What to do
Drop the repeats, or name the column whose values mark rows that hang together with `--group`, so
that the intervals take it into account. By default a repeated id stops the run; `duplicate_ids =
"keep"` under `[data]` has it reported here instead.
"""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.core.check import Card, Context, Options
from plimsoll.core.finding import Finding, Judgement, Status, not_given
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Rows, Tallies
from plimsoll.tallies.key_set import KeySet

CARD = Card(
    "INP002",
    title="Unique ids",
    question="Does every id name one row?",
    area="input",
    needs="an id column",
    evidence=("data.integrity",),
    labels=False,
)


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """The hashes of the ids."""
    return {"ids": Need(KeySet(), rows=Rows.ALL)} if subject.roles.id is not None else {}


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Say whether an id stands in more than one row."""
    if "ids" not in tallies:
        return not_given("no id column was named")
    ids = tallies.take("ids", KeySet)
    repeated = ids.duplicated_rows
    if not repeated:
        return Judgement(reason=None)
    among = "" if ids.exact else f" among the {ids.rows_examined} rows whose ids were held"
    return Judgement(
        findings=(
            Finding(
                Status.FAIL,
                "Some ids stand in more than one row.",
                f"{repeated} rows{among} repeat the id of another row; each counts as if it were a new "
                "case, so the intervals may be too narrow.",
                "Drop the repeats, or name what they share with --group.",
                critical=not context.subject.roles.group,
            ),
        )
    )
