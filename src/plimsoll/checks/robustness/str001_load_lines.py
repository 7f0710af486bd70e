"""STR001  How much of every kind of trouble does it carry before it breaks its limit?

## What it measures
For every stress that the inputs can suffer (missing cells, noise, wrong units, misspelt categories,
outliers, stale or swapped columns and more) the severity at which the model crosses its limit: the *load
line*, with an interval. Beside it stands how much of that stress today's rows hold (the *exposure*) and
what is left between the two (the *freeboard*).

## Why it matters
A model meets its policy on clean rows. Launched, it meets an empty field, a sensor that drifts, a partner
who sends cents for euros. A load line says before launch how much of each it survives, in the unit in
which it will come, so that an owner can put the guard where the load line is low.

## How
The same rows are asked clean and under stress. Where a severity is a share of rows, the model is asked
once with the fault in every row; at a share s each row counts 1 - s times with its clean answer and s
times with the other, so every share follows exactly. Where it is a magnitude, it is searched for: the top
first, then where the curve so far crosses. Intervals are from the influence of every row on the measure
(doi:10.1080/01621459.1974.10482962; DeLong's for the area under the ROC curve, doi:10.2307/2531595),
paired between clean and stressed rows; that of a load line holds the severities whose margin may be 0.
Where a curve dips and comes back, its first crossing counts. A share is told on the scale of the exposure:
what today's rows hold already counts in it. Stresses are fitted on the reference alone, where there is
one. The limit is the policy's; without one that stress can be judged by, the model must keep nine tenths
of what it gains over chance. *Retention* is the mean share of that gain left over all severities; the
least of all has an interval that holds for all stresses at once (max-t).

## When it cannot tell
Without a model that can be asked, or without labels. With few rows intervals are wide: the safe load is
their low end. A model that does not run under a stress has no load line for it, which is a finding. A
stress changes the inputs and not the truth: noise so large that a person could not tell either is no fair
test. A constant answer carries everything, so the clean measure always stands beside.

## What to do
Begin with the lines that have the least freeboard. Guard the input (a range check, a default that is
said), train with the fault, or drop an input the model does not need (ABL001). Make it a gate:
`"robustness.missing" = { load_line_min = 0.10 }`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plimsoll.checks.robustness.line_words import (
    holds_to,
    lanes,
    line_table,
    measured_at,
    retention_table,
)
from plimsoll.checks.robustness.trial import load_line_trial, why_not
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Finding, Judgement, Status, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.core.trial import Trial
from plimsoll.stats.row_measures import title
from plimsoll.trials.lines import Line, LoadLines, State

CARD = Card(
    "STR001",
    title="Load lines",
    question="How much of every kind of trouble does it carry before it breaks its limit?",
    area="robustness",
    needs="a model that can be asked, and labels",
    cost="about two calls of the model a stress, each for up to 20,000 rows",
    measures=(
        Measure("load_line", "load line", "higher", None, 0.0, None),
        Measure("exposure", "exposure today", "lower", None, 0.0, None),
        Measure(
            "retention", "share of the gain over chance that is left", "higher", None, None, None
        ),
    ),
    suites=("stress", "full"),
    evidence=("robustness.stress", "robustness.limits"),
    sources=("doi:10.1080/01621459.1974.10482962", "doi:10.2307/2531595"),
    gated_by="robustness",
)
LINES = "lines"
WEAKEST = 3
"""Lines that are told in a sentence as those with the least."""
METHOD = "paired influence functions; severities whose margin may be 0"


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Nothing of the scan; see :func:`trials`."""
    return {}


def trials(subject: Subject, options: Options) -> Mapping[str, Trial]:
    """Put the model under every stress of the suite."""
    trial = load_line_trial(subject, options)
    return {} if trial is None else {LINES: trial}


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Say how much of each stress the model carries."""
    if LINES not in context.outcomes:
        return not_given(why_not(context.subject))
    found = context.outcome(LINES, LoadLines)
    if found.reason or not found.judged:
        return not_given(found.reason)
    if not found.lines and not found.undone:
        return not_given("no stress fits these columns")
    if not found.lines:
        return Judgement(findings=tuple(_undone(found)))
    lines = sorted(found.lines, key=_weakest_first)
    estimates = [e for line in lines for e in _estimates(line, found, context)]
    estimates += [] if found.worst is None else [found.worst]
    findings = [*_findings(lines, found), *_undone(found)]
    figures = (lanes(lines, found, context.subject.name),)
    tables = tuple(t for t in (line_table(lines, found), retention_table(found)) if t is not None)
    return Judgement(tuple(estimates), tuple(findings), figures, tables)


def _weakest_first(line: Line) -> tuple[float, float, float, str]:
    """Order lines: below the limit, refused, then by what is surely left from today on."""
    order = {State.BELOW: 0.0, State.REFUSES: 1.0}.get(line.state, 2.0)
    return (order, line.spare, line.value / line.stress.top, line.stress.name)


def _estimates(line: Line, found: LoadLines, context: Context) -> Iterator[Estimate]:
    stress, level = line.stress, context.options.confidence
    where = Where(
        column=stress.column,
        metric=line.curve.metric,
        stress=stress.kind,
        variant=stress.variant or None,
    )
    method = METHOD if line.state is not State.REFUSES else "the model did not run"
    yield Estimate(
        "load_line", line.value, line.low, line.high, level, found.rows, method, stress.unit, where
    )
    if line.state is not State.REFUSES:
        yield measured_at(line, stress.top, found, level)


def _findings(lines: list[Line], found: LoadLines) -> Iterator[Finding]:
    below = [line for line in lines if line.state is State.BELOW]
    if below:
        first = found.judged[below[0].binding]
        yield Finding(
            Status.FAIL,
            "The model breaks its limit before there is any stress.",
            f"On the {found.rows:,} clean rows {title(first.metric)} is "
            f"{first.clean.value:.4g}, likely {first.clean.low:.4g} to {first.clean.high:.4g}; the limit is "
            f"{first.words}.",
            "Mend the model first; load lines say nothing of a model that does not float.",
        )
    yield from _refusals(lines)
    carried = [line for line in lines if line.state in (State.CROSSES, State.UNSURE)]
    if carried:
        told = "; ".join(holds_to(line) for line in carried[:WEAKEST])
        holding = sum(line.state is State.HOLDS for line in lines)
        yield Finding(
            Status.PASS,
            "What the model carries least of is known.",
            f"Load lines: {told}. Carried to the end: {holding} of {len(lines)}.",
            "Guard these inputs first: check their range, say their default, or train with the fault.",
        )
    elif not below:
        yield Finding(
            Status.PASS,
            "The model carried every stress to the end.",
            f"Under none of {len(lines)} stresses did it cross {found.judged[0].words}.",
            "See the clean measure: an answer that hardly depends on its inputs carries everything.",
        )


def _refusals(lines: list[Line]) -> Iterator[Finding]:
    refused = [line for line in lines if line.state is State.REFUSES]
    by_kind: dict[str, list[Line]] = {}
    for line in refused:
        by_kind.setdefault(line.stress.kind, []).append(line)
    for kind, group in by_kind.items():
        titles = ", ".join(line.stress.title for line in group[:6])
        more = f" and {len(group) - 6} more" if len(group) > 6 else ""
        yield Finding(
            Status.FAIL,
            f"The model does not run with {group[0].stress.title if len(group) == 1 else 'some faults'}.",
            f"It gave no answer with {titles}{more}. {group[0].refused}",
            "Handle the fault before the model (impute, map to a known category) or inside its pipeline.",
            Where(stress=kind, column=group[0].stress.column if len(group) == 1 else None),
        )


def _undone(found: LoadLines) -> Iterator[Finding]:
    if found.undone:
        names = ", ".join(found.undone[:5])
        more = f" and {len(found.undone) - 5} more" if len(found.undone) > 5 else ""
        yield Finding(
            Status.UNSURE,
            "Not every stress was run.",
            f"{len(found.undone)} of {len(found.undone) + len(found.lines)} were left out, for "
            f"{found.stopped or 'the model gave no answer'}: {names}{more}.",
            "Give more time with --budget, or fewer rows with --ask-rows.",
        )
    if found.broken:
        told = "; ".join(f"{name} ({why})" for name, why in found.broken[:3])
        yield Finding(
            Status.UNSURE,
            "Some stresses broke by themselves and say nothing of the model.",
            f"{told}.",
            "Mend the function if it is your own; please report it if it is not.",
        )
