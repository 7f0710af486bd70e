"""STR007  Would anybody notice?

## What it measures
For every stress at its load line, where the model breaks its limit: what the stress does to the columns,
and after how many rows the drift checks (DRF001) would raise an alarm. A stress that breaks the limit and
that no drift check sees is a *silent failure*.

## Why it matters
A fault that breaks the model and rings a bell is an incident. One that breaks it and rings none is found
by the customers. What to guard by hand is exactly where harm is high and detection is low.

## How
The same rows are compared with themselves under the stress at its load line, column by column: the KS
distance of numbers, the total variation of categories, the change of the share of missing cells, the
largest of them. That is the effect by which drift alarms decide. From it, the floor of drift
(`--drift-floor`), the rows of the reference and the number of columns (Holm) follows the number of current
rows at which an alarm is likely in 80 of 100 cases; an effect at or below the floor is never an alarm.

## When it cannot tell
It speaks of the drift checks of this package with these settings and of labels that come late or never;
other monitors may see more (a range check sees one negative age). Joint changes that leave every column as
it was, such as two columns swapped in distribution, are seen by DRF003 and not counted here.

## What to do
For each silent failure put a check where the data come in (range, unit, set of known values), watch the
model's answers (DRF002), or buy labels. Or make the model carry more of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.checks.robustness.line_words import amount, holds_to
from plimsoll.checks.robustness.trial import load_line_trial, why_not
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Where
from plimsoll.core.finding import Finding, Judgement, Status, Table, not_given
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.core.trial import Trial
from plimsoll.trials.lines import Line, LoadLines, State

CARD = Card(
    "STR007",
    title="Silent failures",
    question="Would anybody notice?",
    area="robustness",
    needs="a model that can be asked, and labels",
    cost="no further call of the model",
    suites=("stress", "full"),
    evidence=("robustness.detectability", "monitoring.drift"),
    sources=("https://arxiv.org/abs/1810.11953",),
)
LINES = "lines"
LATE = 10_000
"""An alarm after more rows than this is late."""


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Nothing of the scan; see :func:`trials`."""
    return {}


def trials(subject: Subject, options: Options) -> Mapping[str, Trial]:
    """The trial of the load lines, which also looks at what would be seen."""
    trial = load_line_trial(subject, options)
    return {} if trial is None else {LINES: trial}


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Name the stresses that break the limit without a bell."""
    if LINES not in context.outcomes:
        return not_given(why_not(context.subject))
    found = context.outcome(LINES, LoadLines)
    if found.reason or not found.lines:
        return not_given(found.reason or found.stopped or "no stress fits these columns")
    crossing = [
        line for line in found.lines if line.state is State.CROSSES and line.notice is not None
    ]
    silent = [line for line in crossing if _is_silent(line)]
    findings = [_finding(line) for line in sorted(silent, key=lambda x: x.low / x.stress.top)]
    if not findings:
        findings = [_all_seen(crossing)]
    return Judgement((), tuple(findings), tables=(_table(crossing),) if crossing else ())


def _is_silent(line: Line) -> bool:
    rows = line.notice.rows if line.notice is not None else None
    return rows is None or rows > LATE


def _finding(line: Line) -> Finding:
    notice, stress = line.notice, line.stress
    assert notice is not None
    when = "never" if notice.rows is None else f"after about {notice.rows:,} rows"
    floor = f"the floor of {100 * notice.floor:.0f}"
    if notice.effect <= notice.floor:
        why = f"is no more than {floor}"
    elif notice.rows is None:
        why = f"is too little above {floor} for so few rows of the reference"
    else:
        why = f"is hardly more than {floor}"
    return Finding(
        Status.UNSURE,
        f"Enough {stress.title} to break the limit would go unnoticed.",
        f"{_capital(f'load line: {holds_to(line)}')}. At {amount(line.value, stress)} the column moves by "
        f"{100 * notice.effect:.1f} of 100 rows, which {why}: drift alarms ring {when}.",
        "Check this input where it comes in (range, unit, known values), or watch the model's answers.",
        Where(stress=stress.kind, column=stress.column, variant=stress.variant or None),
    )


def _all_seen(crossing: list[Line]) -> Finding:
    rows = [line.notice.rows for line in crossing if line.notice and line.notice.rows]
    told = (
        f"Each of {len(crossing)} stresses that break the limit rings a drift alarm by then, the slowest "
        f"after about {max(rows):,} rows."
        if rows
        else "No stress broke the limit."
    )
    return Finding(
        Status.PASS, "No silent failure was found.", told, "Keep the drift checks running."
    )


def _table(crossing: list[Line]) -> Table:
    ordered = sorted(
        crossing, key=lambda x: (x.notice.rows or 10**12) if x.notice else 0, reverse=True
    )
    return Table(
        "What drift checks see of each stress at its load line",
        ("stress", "load line", "unit", "rows moved", "rows until an alarm"),
        tuple(
            (
                line.stress.title,
                line.value,
                line.stress.unit,
                line.notice.effect if line.notice else None,
                "never" if line.notice is None or line.notice.rows is None else line.notice.rows,
            )
            for line in ordered
        ),
        caption="Rows moved: the share of rows that would have to move back for the column to be as before.",
    )


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"
