"""FAR002  Is any group selected much less often than the most selected one?

## What it measures
The selection rate ratio (impact ratio) of every group: how often it gets the decision that people want,
over how often the most selected group does.

## Why it matters
In the United States a ratio below four fifths is taken as a sign of adverse impact in hiring (29 CFR
1607.4 D). As a rule of thumb it is used far beyond. With few people it is noise: of two groups with
equal true rates of 0.2, one of 20 people beside one of 200 is below four fifths in about 37 of 100
tables.

## How
Ratios have score intervals (Koopman 1984, doi:10.2307/2531405). A group is below the bound only if its
whole interval is, Fisher's exact test says that the rates differ (both corrected by Holm over all pairs
of groups, for the data choose which group is highest), and one person decided differently would not
bring it up to the bound (Questions and Answers to the guidelines, 44 FR 11996, question 21). It is
above only if its whole interval is. Between, there is not enough data, and the check says about how
many people would settle it. The bound is 0.8 unless the policy limits `fairness.selection_rate_ratio`.

## When it cannot tell
It says nothing about why rates differ, and nothing about whether a difference is justified or lawful.
Which decision people want must be right: set `favourable = "negative"` under `[fairness]` where a yes
is bad for them.

## What to do
Take a ratio that is clearly below the bound to those who own the decision and to counsel. Where it is
not settled, collect more decisions before concluding anything.
"""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.checks.fairness.groups import Groups, group_needs, group_sets, of_estimates, said
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Finding, Judgement, Status, Table, not_applicable, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Tallies
from plimsoll.stats.adjust import rounded_up
from plimsoll.stats.impact import FOUR_FIFTHS, GroupImpact, Impact, impact

CARD = Card(
    "FAR002",
    title="Impact ratios",
    question="Is any group selected much less often than the most selected one?",
    area="fairness",
    needs="protected columns, and decisions of a binary task",
    cost="a look at the values of these columns, then one scan",
    measures=(Measure("selection_rate_ratio", "selection rate ratio", "higher"),),
    evidence=("fairness.measurement", "fairness.adverse_impact"),
    sources=("doi:10.2307/2531405", "https://www.ecfr.gov/current/title-29/part-1607"),
)


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Counts by group."""
    binary = subject.task is Task.BINARY and subject.has_prediction
    return group_needs(subject) if binary else {}


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Hold every group against the most selected one."""
    if not context.subject.sensitive_sets:
        return not_given("no protected columns were named; give --sensitive COLUMN")
    if not tallies:
        return not_applicable("there are no decisions of a binary task")
    bound = _bound(context)
    estimates: list[Estimate] = []
    findings: list[Finding] = []
    tables: list[Table] = []
    for groups in group_sets(tallies, context):
        at, rates = groups.shares("selection_rate", favourable=context.options.favourable)
        if len(rates) < 2:
            continue
        found = impact(of_estimates(rates), bound=bound, level=context.options.confidence)
        if found is None:
            continue
        places = [groups.places[j] for j in at]
        estimates += [
            one.ratio.at(Where(slice=place))
            for place, one in zip(places, found.groups, strict=True)
        ]
        findings += _findings(groups, places, rates, found)
        tables.append(_table(groups, places, rates, found))
    if not tables:
        return Judgement(
            reason="No protected column has two groups with enough people, or nobody was selected."
        )
    return Judgement(tuple(estimates), tuple(findings), tables=tuple(tables))


def _bound(context: Context) -> float:
    """Return the owner's bound, or four fifths."""
    for limit in context.limits:
        if limit.measure == "selection_rate_ratio" and limit.kind == "min" and 0 < limit.bound < 1:
            return limit.bound
    return FOUR_FIFTHS


def _findings(
    groups: Groups, places: list[tuple[tuple[str, str], ...]], rates: list[Estimate], found: Impact
) -> list[Finding]:
    out = []
    top = said(places[found.highest])
    for place, rate, one in zip(places, rates, found.groups, strict=True):
        if one.status is Status.FAIL:
            out.append(_below(place, rate, rates[found.highest], one, top, found.bound))
    open_groups = [
        (place, one)
        for place, one in zip(places, found.groups, strict=True)
        if one.status is Status.UNSURE and one.ratio.value < found.bound
    ]
    if open_groups and len(groups.slices.kind.cuts) == 1:
        out.append(_unsettled(groups, open_groups, found.bound))
    return out


def _below(
    place: tuple[tuple[str, str], ...],
    rate: Estimate,
    highest: Estimate,
    one: GroupImpact,
    top: str,
    bound: float,
) -> Finding:
    ratio = one.ratio.at(Where(slice=place))
    return Finding(
        Status.FAIL,
        "This group is selected much less often than the most selected one.",
        f"{said(place)}: {100 * rate.value:.1f} of 100 selected, {top}: {100 * highest.value:.1f}. The ratio "
        f"is {ratio.value:.2f}, likely {ratio.low:.2f} to {ratio.high:.2f}, below {bound:g}; Fisher's p "
        f"{one.fisher_p:.2g}, corrected {one.corrected_p:.2g}.",
        "Take it to those who own the decision and to counsel; look at what leads to the difference.",
        ratio.where,
        (ratio,),
    )


def _unsettled(
    groups: Groups, found: list[tuple[tuple[tuple[str, str], ...], GroupImpact]], bound: float
) -> Finding:
    needed = [one.people_needed for _, one in found if one.people_needed]
    more = f" About {rounded_up(max(needed)):,} people in all would settle it." if needed else ""
    names = "; ".join(f"{said(place)} {one.ratio.value:.2f}" for place, one in found[:6])
    return Finding(
        Status.UNSURE,
        "There is not enough data to say whether some groups are selected less often.",
        f"By {groups.name} the ratio is below {bound:g} for {names}, and its likely range is on both sides, "
        f"or one person would change the answer.{more}",
        "Collect more decisions before concluding anything.",
        Where(column=groups.name),
    )


def _table(
    groups: Groups, places: list[tuple[tuple[str, str], ...]], rates: list[Estimate], found: Impact
) -> Table:
    words = {Status.PASS: "at or above", Status.FAIL: "below", Status.UNSURE: "not enough data"}
    rows = tuple(
        (
            said(place),
            rate.n,
            rate.value,
            one.ratio.value,
            one.ratio.low,
            one.ratio.high,
            one.fisher_p,
            "" if one.one_person is None else "yes" if one.one_person.mends else "no",
            words[one.status],
        )
        for place, rate, one in zip(places, rates, found.groups, strict=True)
    )
    return Table(
        f"Impact ratios by {groups.name}",
        (
            "group", "people", "selection rate", "ratio", "from", "to", "Fisher's p",
            "one person mends it", f"against {found.bound:g}",
        ),
        rows,
        caption=f"Against {said(places[found.highest])}, the group selected most often.",
    )  # fmt: skip
