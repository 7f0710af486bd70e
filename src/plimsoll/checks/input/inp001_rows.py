"""INP001  Which rows were judged, and why were the others left out?

## What it measures
How many rows came, how many had both a label and an answer of the model, and how many were left out
for which reason.

## Why it matters
A number is about the rows behind it. Rows without a label are often not like the others: the loans
that were refused, the patients who did not come back. A model judged only on the rows that have
labels can look better, or worse, than it is.

## How
Every row is counted in the one scan; its reason for being left out is the first that applies: no
label, then no answer. The share left out carries a Wilson interval (Wilson 1927,
doi:10.1080/01621459.1927.10502953), for the next table of this kind.

## When it cannot tell
It counts what is missing and cannot know why. Whether missing labels follow the score is another
question.

## What to do
Join the labels that came late, or say in the report's reading which population the numbers are
about. Above 5 in 100 rows left out the check says that it is unsure.
"""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.core.check import Card, Context, Options
from plimsoll.core.finding import Finding, Judgement, Status, Table
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Rows, Tallies
from plimsoll.stats.proportion import proportion
from plimsoll.tallies.row_counts import RowCounts

CARD = Card(
    "INP001",
    title="Rows used",
    question="Which rows were judged, and why were the others left out?",
    area="input",
    needs="a target",
    measures=(
        Measure(
            "left_out_rate",
            "share of rows left out",
            better="lower",
            plain="Of 100 rows, {value} could not be judged (likely {low} to {high}).",
            style="per100",
        ),
    ),
    evidence=("data.completeness",),
    sources=("doi:10.1080/01621459.1927.10502953",),
    suites=("quick", "standard", "stress", "full"),
)
NOTABLE = 0.05


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Counts of all rows by reason."""
    return {"rows": Need(RowCounts(subject.roles.weight is not None), rows=Rows.ALL)}


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Say how many rows were used and why others were not."""
    counts = tallies.take("rows", RowCounts)
    missing = counts.rows - counts.used
    share = proportion("left_out_rate", missing, counts.rows, level=context.options.confidence)
    rows = [("rows read", counts.rows), ("rows judged", counts.used)]
    rows += [(f"left out: {reason}", n) for reason, n in counts.left_out.items()]
    table = Table("Rows", ("what", "rows"), tuple(rows))
    findings: tuple[Finding, ...] = ()
    if missing:
        why = ", ".join(f"{n} with {reason}" for reason, n in counts.left_out.items())
        many = missing / counts.rows > NOTABLE
        findings = (
            Finding(
                Status.UNSURE if many else Status.PASS,
                "Some rows could not be judged.",
                f"{missing} of {counts.rows} rows were left out ({why}); every number here is about "
                f"the other {counts.used}.",
                "Join the labels that are missing, or check that the rows left out are like the rest."
                if many
                else "Nothing, as long as the rows left out are like the rest.",
                estimates=() if share is None else (share,),
            ),
        )
    return Judgement(() if share is None else (share,), findings, tables=(table,))
