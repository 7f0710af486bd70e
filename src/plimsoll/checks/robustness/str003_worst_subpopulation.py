"""STR003  How bad is it for the worst part of the rows?

## What it measures
The mean loss of the worst half, fifth, tenth and twentieth of the rows, read in two ways. The *bound* is of
the rows that turned out to lose most: no part of that size, however it is chosen, loses more. The
*described* one is of rows that their inputs alone point to, by a model of the loss that was learnt on other
rows. And the share of the rows that may fall away, the good ones first, before the limit on the loss breaks.

## Why it matters
A good mean can hide a tenth of the customers for whom the model is worse than no model. Slices show it only
where somebody thought of the columns to cut by. The bound says it of every group at once, also of groups
that no column names; a limit that holds there holds for any of them.

## How
The bound is the conditional value at risk (doi:10.21314/JOR.2000.038; as a bound on subpopulations
arXiv:2107.00741), with the influence of every row and an interval corrected for skewness. The described one:
a small boosted model of the loss is fitted on each half of the rows and picks the worst of the other half
(honest splitting, doi:10.1073/pnas.1510489113), so what it finds is not its own luck. The losses are log
loss, Brier score or absolute error, never right or wrong, which says nothing as soon as more rows are wrong
than the share. In the described worst rows the model is held against a constant answer, the best that looks
at no row. A rule in words is the worst leaf of a tree of three conditions, found on one half and measured on
the other.

## When it cannot tell
The bound is far too dark by itself: the rows that lose most are there for bad luck as well, and a model
that knows all there is to know has them, too. The truth for groups that can be told lies between the two; the
described one is only as bad as a small model could find. Both need 100 rows in the part, and
probabilities or predicted numbers.

## What to do
Where the described rows are no better served than by a constant, find out what they share (the rule says a
part of it), collect more of them or leave them to a person. Set a limit with
`"robustness.subpopulation" = { load_line_min = 0.2 }`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plimsoll.checks.robustness.str002_population import why_not
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Figure, Finding, Judgement, Status, Table, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.stress import SHARE
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.core.trial import Trial
from plimsoll.stats.row_measures import title
from plimsoll.trials.lines import Judged, State
from plimsoll.trials.subpopulation import (
    ANY,
    DESCRIBED,
    STRESS,
    SubpopulationTrial,
    TailLine,
    Worst,
)

CARD = Card(
    "STR003",
    title="Worst subpopulation",
    question="How bad is it for the worst part of the rows?",
    area="robustness",
    needs="labels, and probabilities or predicted numbers",
    cost="one scan and two small fits; the model is not asked again",
    measures=(
        Measure("load_line", "load line", "higher", None, 0.0, None),
        Measure(
            "conditional_value_at_risk", "loss in the worst rows, at most", "lower", None, 0.0, None
        ),
        Measure(
            "predicted_worst_loss",
            "loss in the worst rows that inputs tell",
            "lower",
            None,
            0.0,
            None,
        ),
        Measure("worst_gain", "gain over a constant in the worst rows", "higher", None, None, None),
    ),
    suites=("stress", "full"),
    evidence=("robustness.subpopulation", "performance.slices"),
    sources=(
        "doi:10.21314/JOR.2000.038",
        "https://arxiv.org/abs/2107.00741",
        "doi:10.1073/pnas.1510489113",
    ),
    gated_by="robustness",
)
WORST = "worst"
METHOD = "mean loss of the worst rows; first share whose margin may be 0"


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Nothing of the scan; see :func:`trials`."""
    return {}


def trials(subject: Subject, options: Options) -> Mapping[str, Trial]:
    """Look at the worst rows; no model is asked."""
    if why_not(subject):
        return {}
    return {
        WORST: SubpopulationTrial(
            subject, options.stress, options.confidence, options.seed, options.min_rows
        )
    }


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Say what the worst rows lose."""
    if WORST not in context.outcomes:
        return not_given(why_not(context.subject))
    found = context.outcome(WORST, Worst)
    if found.reason or found.loss is None:
        return not_given(found.reason)
    level = context.options.confidence
    estimates = [_load_line(line, found, level) for line in found.lines]
    for tail in found.tails:
        estimates += [tail.bound] + ([] if tail.described is None else [tail.described])
    estimates += [] if found.gain is None else [found.gain]
    estimates += found.measures
    return Judgement(
        tuple(estimates),
        tuple(_findings(found, found.loss)),
        (_figure(found, found.loss),),
        (_table(found, found.loss),),
        reason=_reason(found),
    )


def _load_line(line: TailLine, found: Worst, level: float) -> Estimate:
    crossing = line.crossing
    high = crossing.high if crossing.surely else 1.0
    metric = None if found.loss is None else found.loss.metric
    return Estimate(
        "load_line",
        crossing.value,
        crossing.low,
        max(high, crossing.value),
        level,
        found.rows,
        METHOD,
        SHARE,
        Where(metric=metric, stress=STRESS, variant=line.kind),
    )


def _findings(found: Worst, loss: Judged) -> Iterator[Finding]:
    if not found.lines:
        yield Finding(
            Status.FAIL,
            "On all rows together the model loses no less than a constant answer.",
            f"{_capital(title(loss.metric))} is {loss.clean.value:.4g}, likely {loss.clean.low:.4g} to "
            f"{loss.clean.high:.4g}; that of a constant is {loss.chance:.4g}. So no gain can be kept in a "
            "part of the rows.",
            "See whether the probabilities are calibrated before looking at parts of the rows.",
        )
    elif any(line.state is State.BELOW for line in found.lines):
        yield Finding(
            Status.FAIL,
            "The model breaks its limit on all rows together.",
            f"{_capital(title(loss.metric))} is {loss.clean.value:.4g}, likely {loss.clean.low:.4g} to "
            f"{loss.clean.high:.4g}; the limit is {loss.words}.",
            "Mend the model first; then look at its worst rows.",
        )
    else:
        yield Finding(
            Status.PASS,
            "How small a part of the rows may be that keeps the limit is known.",
            f"{_carried(found)} The limit: {loss.words}.",
            "Compare with how small the groups are that the model must serve.",
        )
    if found.gain is not None:
        yield _against_constant(found, loss, found.gain)
    if found.rule is not None:
        rule = found.rule
        yield Finding(
            Status.PASS,
            "Some of the rows on which the model loses most can be told in a few words.",
            f"Where {rule.words} ({_parts(rule.share)} rows) {title(loss.metric)} is {rule.loss.value:.3g}, "
            f"likely {rule.loss.low:.3g} to {rule.loss.high:.3g}; elsewhere {rule.elsewhere:.3g}. "
            "The rule was found on other rows than those it was measured on.",
            "See what these rows share that the model does not know.",
            Where(slice=rule.conditions),
        )


def _against_constant(found: Worst, loss: Judged, gain: Estimate) -> Finding:
    part, named = _parts(found.part), title(loss.metric)
    less = gain.value >= 0
    low, high = (gain.low, gain.high) if less else (-gain.high, -gain.low)
    numbers = (
        f"In the {part} rows whose inputs make a large loss most likely, {named} is {abs(gain.value):.3g} "
        f"{'below' if less else 'above'} a constant's ({low:.3g} to {high:.3g}).{_measured(found)}"
    )
    where = Where(stress=STRESS, variant=DESCRIBED)
    if gain.low > 0:
        return Finding(
            Status.PASS,
            "Also where it is expected to do worst the model beats a constant answer.",
            numbers,
            "Nothing.",
            where,
            (gain,),
        )
    if gain.high < 0:
        return Finding(
            Status.FAIL,
            "Where it is expected to do worst the model is worse than a constant answer.",
            numbers,
            "Find out what these rows share; until then leave them to a person or to a simple rule.",
            where,
            (gain,),
        )
    return Finding(
        Status.UNSURE,
        "These rows do not show whether the model beats a constant answer where it is expected to do worst.",
        numbers,
        "Judge the model on more rows of that kind.",
        where,
        (gain,),
    )


def _measured(found: Worst) -> str:
    if not found.measures:
        return ""
    told = []
    for e, on_all in zip(found.measures, found.judged, strict=True):
        told.append(
            f"{title(e.name)} is {e.value:.3g} there ({e.low:.3g} to {e.high:.3g}), "
            f"{on_all.clean.value:.3g} on all rows"
        )
    return f" {_capital('; '.join(told))}."


def _carried(found: Worst) -> str:
    """Say which parts of the rows keep the limit."""
    parts = []
    for line in found.lines:
        whose = (
            "Every part of the rows, however chosen, keeps it if it is at least"
            if line.kind == ANY
            else "The part that inputs say is worst keeps it if it is at least"
        )
        left, crossing = 1.0 - line.crossing.value, line.crossing
        sure = f"surely {_cent(1.0 - crossing.low)}"
        if line.state is State.CROSSES:
            parts.append(f"{whose} {_cent(left)} of them ({sure}).")
        else:
            parts.append(f"{whose} {_cent(left)} of them, the least that can be told ({sure}).")
    return " ".join(parts)


def _cent(share: float) -> str:
    return f"{100 * share:.1f} %" if share < 0.095 or share > 0.995 else f"{100 * share:.0f} %"


def _parts(share: float) -> str:
    return f"{100 * share:.0f} of 100" if share >= 0.0095 else f"{1000 * share:.0f} of 1,000"


def _figure(found: Worst, loss: Judged) -> Figure:
    shown = [("any rows", tail.share, tail.bound) for tail in found.tails]
    shown += [
        ("told by inputs", tail.share, tail.described)
        for tail in found.tails
        if tail.described is not None
    ]
    return Figure(
        "interval",
        f"{_capital(title(loss.metric))} in the worst rows",
        "Mean loss of the worst part of the rows: of any part of that size at most, and of the part that "
        "inputs point to. The line is the limit.",
        {
            "loss": {
                "label": [f"{_parts(share)}, {what}" for what, share, _ in shown],
                "value": [e.value for _, _, e in shown],
                "low": [e.low for _, _, e in shown],
                "high": [e.high for _, _, e in shown],
            }
        },
        {"bound": loss.limit, "x_title": _capital(title(loss.metric))},
    )


def _table(found: Worst, loss: Judged) -> Table:
    rows = [
        (
            _parts(tail.share),
            tail.bound.value,
            tail.bound.low,
            tail.bound.high,
            None if tail.described is None else tail.described.value,
            None if tail.described is None else tail.described.low,
            None if tail.described is None else tail.described.high,
        )
        for tail in found.tails
    ]
    return Table(
        f"{_capital(title(loss.metric))} in the worst rows",
        ("worst rows", "any, at most", "from", "to", "told by inputs", "from", "to"),
        tuple(rows),
        caption=f"On all rows it is {loss.clean.value:.4g}; the limit is {loss.limit:.4g}.",
    )


def _reason(found: Worst) -> str:
    words = _capital(found.rows_said) + " were looked at"
    return f"{words}; no part is described: {found.why_not}." if found.why_not else f"{words}."


def _capital(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"
