"""STR005  Does it keep its limits in every context it is deployed in?

## What it measures
The measures that the policy limits, in each named context: a set of stresses at the severities that they
have there ("winter", "mobile app", "partner interface"), all at once on the same rows, and the paired
difference from the clean rows.

## Why it matters
Troubles do not come one by one. An app sends no income, rounds the age and mistypes the city in the same
row. A ship has one load line for summer and another for the winter North Atlantic; so has a model.

## How
The stresses of a context are applied one after another, each to rows drawn by the hash of their key (a
share of 0.3 hits three rows of ten), and the model is asked once. Intervals are from the influence of
every row, paired with the clean rows; a context breaks a limit where its whole interval does.

## When it cannot tell
A context is only as true as the severities that were written down for it: measure them where the context
is in use already (the exposure of STR001 is such a measure). Stresses that hang together (the same rows
lose two fields) are drawn as if they did not.

## What to do
Name contexts in the settings: `[contexts.mobile]` with lines such as `"missing:income" = 0.3`. In a
context that breaks a limit, serve a simpler model, ask for the missing field, or do not deploy there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plimsoll.checks.robustness.trial import load_line_trial, why_not
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Where
from plimsoll.core.finding import Figure, Finding, Judgement, Status, Table, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.core.trial import Trial
from plimsoll.stats.row_measures import title
from plimsoll.trials.lines import ContextResult, Judged, LoadLines

CARD = Card(
    "STR005",
    title="Contexts of use",
    question="Does it keep its limits in every context it is deployed in?",
    area="robustness",
    needs="named contexts, a model that can be asked, and labels",
    cost="one call of the model a context",
    measures=(Measure("difference", "difference", "neither", None, None, None),),
    suites=("stress", "full"),
    evidence=("robustness.contexts",),
    sources=("doi:10.1080/01621459.1974.10482962",),
    gated_by="contexts",
)
LINES = "lines"


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Nothing of the scan; see :func:`trials`."""
    return {}


def trials(subject: Subject, options: Options) -> Mapping[str, Trial]:
    """Put the model into every context."""
    trial = load_line_trial(subject, options) if options.stress.contexts else None
    return {} if trial is None else {LINES: trial}


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Say of every context whether the limits are kept there."""
    if not context.options.stress.contexts:
        return not_given("no context is named; write [contexts.NAME] into the settings")
    if LINES not in context.outcomes:
        return not_given(why_not(context.subject))
    found = context.outcome(LINES, LoadLines)
    if found.reason:
        return not_given(found.reason)
    estimates = [e for one in found.contexts for e in (*one.estimates, *one.differences)]
    findings = [f for one in found.contexts for f in _findings(one, found.judged)]
    return Judgement(tuple(estimates), tuple(findings), _figures(found), (_table(found),))


def _findings(one: ContextResult, judged: tuple[Judged, ...]) -> Iterator[Finding]:
    where = Where(variant=one.name)
    if one.refused:
        yield Finding(
            Status.UNSURE if "budget" in one.refused or "keyboard" in one.refused else Status.FAIL,
            f"The model gave no answer in the context {one.name}.",
            one.refused,
            "Handle the faults of this context before the model or inside its pipeline.",
            where,
        )
        return
    for i, (limit, kept) in enumerate(zip(judged, one.kept, strict=True)):
        if kept is True:
            continue
        e, gap = one.estimates[i], one.differences[i]
        named = title(limit.metric)
        yield Finding(
            Status.FAIL if kept is False else Status.UNSURE,
            f"The limit {'is broken' if kept is False else 'may be broken'} in the context {one.name}.",
            f"There {named} is {e.value:.4g}, likely {e.low:.4g} to {e.high:.4g}, {gap.value:+.3g} "
            f"({gap.low:+.3g} to {gap.high:+.3g}) from the clean rows; the limit is {limit.words}.",
            "See the load lines of its stresses for which of them to guard first.",
            where,
            (e, gap),
            critical=limit.from_policy,
        )


def _figures(found: LoadLines) -> tuple[Figure, ...]:
    first = found.judged[0]
    told = [one for one in found.contexts if one.estimates]
    if not told:
        return ()
    rows = [("clean rows", first.clean), *((one.name, one.estimates[0]) for one in told)]
    return (
        Figure(
            "interval",
            "The measure in every context",
            f"{title(first.metric)} on the same rows, clean and as they come in each context.",
            {
                "contexts": {
                    "label": [label for label, _ in rows],
                    "value": [e.value for _, e in rows],
                    "low": [e.low for _, e in rows],
                    "high": [e.high for _, e in rows],
                }
            },
            {"bound": first.limit, "x_title": title(first.metric)},
        ),
    )


def _table(found: LoadLines) -> Table:
    words = {True: "kept", False: "broken", None: "not settled"}
    rows: list[tuple[object, ...]] = []
    for one in found.contexts:
        parts = ", ".join(f"{name} {severity:g}" for name, severity in one.parts)
        if not one.estimates:
            rows.append((one.name, parts, None, None, None, None, None, one.refused))
        for e, gap, kept in zip(one.estimates, one.differences, one.kept, strict=True):
            rows.append((one.name, parts, e.name, e.value, e.low, e.high, gap.value, words[kept]))
    return Table(
        "Contexts",
        ("context", "stresses", "measure", "value", "from", "to", "difference from clean", "limit"),
        tuple(rows),
    )
