"""PWR001  What difference could these rows show?

## What it measures
For every measure that the policy limits (and, without a policy, for the main ones): the minimum
detectable effect, that is how far beyond its limit the truth must be for these rows to show it in 80 of
100 cases. Said before the verdict.

## Why it matters
A limit or a margin finer than the data can resolve is a coin toss with a pass stamp, and a gate that is
always unsure gets switched off. Better to know beforehand what the rows can carry.

## How
From the interval itself: half its width taken as normal gives the standard error, and
`effect = (z_level + z_power) * standard error`, about 2.8 standard errors at 95 % and 80 %. It shrinks with
the root of the number of rows.

## When it cannot tell
It takes the spread that was measured for the spread there is. For a measure close to its end (a recall of
0.99) the normal curve is a rough guide.

## What to do
If a margin is finer than the effect, ask for a wider margin or for more rows; the check says how many.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Finding, Judgement, Status, Table, not_applicable
from plimsoll.core.limit import Limit
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.stats.adjust import rounded_up, shown
from plimsoll.stats.power import minimum_detectable_effect

CARD = Card(
    "PWR001",
    title="What these rows can show",
    question="What difference could these rows show?",
    area="power",
    needs="a measured estimate",
    cost="nothing beyond the other checks",
    evidence=("performance.power",),
    last=True,
)
POWER = 0.8
_LOWER = ("log_loss", "brier_score", "mean_absolute_error", "root_mean_squared_error")
_MARGINS = ("non_inferior_to", "max_drop")
_MAIN = (
    "roc_auc",
    "accuracy",
    "recall",
    "precision",
    "log_loss",
    "r2",
    "mean_absolute_error",
)


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Nothing: it judges from the estimates of the others."""
    return {}


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Say what each limited measure can resolve, and which margins are too fine."""
    rows: list[tuple[str, str, float, float, str]] = []
    findings: list[Finding] = []
    for name, estimate, limit in _asked(context):
        effect = minimum_detectable_effect(estimate, power=POWER)
        fine = limit is not None and limit.kind in _MARGINS and limit.bound < effect
        margin = f"{limit.bound:g}" if limit is not None else "none set"
        rows.append((name, margin, estimate.half_width, effect, "too fine" if fine else "yes"))
        if fine and limit is not None and not _settled(estimate, limit):
            findings.append(_too_fine(name, estimate, limit, effect, context.rows))
    if not rows:
        return not_applicable("nothing was measured that a limit could hold")
    table = Table(
        "Smallest difference these rows can show",
        (
            "measure",
            "limit or margin",
            "half width of the interval",
            "shown in 80 of 100",
            "resolved",
        ),
        tuple(rows),
        caption="How far beyond its limit the truth must be for the verdict to show it.",
    )
    return Judgement(findings=tuple(findings), tables=(table,))


def _settled(estimate: Estimate, limit: Limit) -> bool:
    """Whether the interval is on one side of the margin already: then nothing finer was needed."""
    low, high = estimate.low, estimate.high
    if (limit.measure in _LOWER) != (limit.kind == "max_drop"):
        low, high = -high, -low
    return low > -limit.bound or high < -limit.bound


def _asked(context: Context) -> list[tuple[str, Estimate, Limit | None]]:
    out: list[tuple[str, Estimate, Limit | None]] = []
    for limit in context.limits:
        estimate = _limited(context, limit)
        if estimate is not None:
            out.append((limit.name, estimate, limit))
    if out:
        return out
    main = [(name, _find(context, name, Where())) for name in _MAIN]
    return [(name, estimate, None) for name, estimate in main if estimate is not None]


def _limited(context: Context, limit: Limit) -> Estimate | None:
    """Return what a limit is held against, or None where it was not measured."""
    if limit.by or limit.kind not in ("min", "max", *_MARGINS):
        return None
    if limit.kind == "non_inferior_to":
        return _find(context, "difference", Where(metric=limit.measure, model=limit.rival))
    now = _find(context, limit.measure, Where(label=limit.label))
    if limit.kind != "max_drop" or now is None:
        return now
    then = _find(context, limit.measure, Where(label=limit.label, variant="reference"))
    if then is None:
        return None
    half = math.hypot(now.half_width, then.half_width)  # two samples, each with its own error
    drop = then.value - now.value
    return replace(now, name="difference", value=drop, low=drop - half, high=drop + half)


def _find(context: Context, name: str, where: Where) -> Estimate | None:
    return next((e for e in context.measured if e.name == name and e.where == where), None)


def _too_fine(name: str, estimate: Estimate, limit: Limit, effect: float, rows: int) -> Finding:
    if limit.bound > 0:
        needed = math.ceil(rows * (effect / limit.bound) ** 2)
        more = f"About {rounded_up(needed):,} rows like these would resolve it."
    else:
        more = "No number of rows resolves a margin of 0."
    return Finding(
        Status.UNSURE,
        "A margin is finer than these rows can resolve.",
        f"The margin of {limit.bound:g} in {limit.measure} is asked for; these rows show a difference of "
        f"{shown(effect)} or more in 80 of 100 cases. {more}",
        "Take a wider margin, or judge on more rows.",
        Where(metric=limit.measure, model=limit.rival),
        (estimate,) if limit.kind == "non_inferior_to" else (),
    )
