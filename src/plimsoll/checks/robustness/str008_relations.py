"""STR008  Do its answers keep what must hold whatever the right answer is?

## What it measures
For each relation between the answers for a row and for a changed row, the share of changed rows that break
it: a protected column is changed and nothing else; an input that may only raise (or lower) the answer is
raised; an identifier is another row's; a row comes twice in one call; two inputs that are one quantity in
two units disagree; a category has spaces around it or is in capitals; a number is off by less than was
written down; and every relation of your own. For protected columns also how many decisions flip, which way,
and how far the answer moves (mean, and the 95th percentile of its size).

## Why it matters
Nobody may know the right answer for a row and still everybody knows that it must not change when the city
is written in capitals, nor fall when income rises. Such faults need no labels to be found, so they are found
before the first label comes, and each comes with a change that anybody can make and see.

## How
The same rows are asked as they are and changed. Only rows that the change changes count. A share has
Wilson's interval (doi:10.1080/01621459.1927.10502953), with weights and groups in it; a mean change that of
the influence of every row; the 95th percentile Woodruff's (doi:10.1080/01621459.1952.10483443). A relation
*holds* where surely no more than 1 of 100 changed rows break it, is *broken* where surely more do, and is
else *not told by these rows*. Decisions count for protected columns, two units and rounding; else any other
answer by more than a millionth (for monotone inputs, a thousandth the wrong way) of a probability, or of the
standard deviation of other answers. Changes are learnt on the reference, where there is one. Identifiers
are columns that hardly repeat, two units are inputs on an exact line. Metamorphic relations: Segura et al.
2016 (doi:10.1109/TSE.2016.2532875), Xie et al. 2011 (doi:10.1016/j.jss.2010.11.920).

## When it cannot tell
Changing a protected column alone says what the answer owes to it directly and nothing of other inputs that
go together with it, which stay as they were; the changed row may be one that hardly exists. Values of few
rows are not told apart. Monotone inputs are raised in two steps, so a dip between them is not seen. A model
that answers differently each time breaks everything: see the controls (STR006).

## What to do
Clean what is written inside the pipeline (strip, one case, round), leave identifiers out, constrain monotone
inputs, and decide whether a protected column may be an input. Make it a gate:
`"robustness.violations" = { max = 0.01 }`. Name monotone inputs with `increasing` and `decreasing` under
`[stress]`; write relations of your own with `plimsoll.relation`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plimsoll.checks.robustness.relation_words import (
    ORDER,
    direction,
    direction_table,
    of,
    relation_table,
    shown,
    strongest,
    titled,
    violations_figure,
    worst_first,
)
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Finding, Judgement, Status, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Tallies
from plimsoll.core.trial import Trial
from plimsoll.trials.relation_results import Answered, Relations, State
from plimsoll.trials.relations import RelationTrial

CARD = Card(
    "STR008",
    title="Relations between answers",
    question="Do its answers keep what must hold whatever the right answer is?",
    area="robustness",
    needs="a model that can be asked",
    cost="one or two calls of the model a relation, each for up to 20,000 rows",
    measures=(
        Measure("violations", "share of changed rows that break what must hold", "lower"),
        Measure("answer_change", "mean change of the answer", "neither", None, None, None),
        Measure(
            "answer_change_p95",
            "95th percentile of how far the answer moves",
            "lower",
            None,
            0.0,
            None,
        ),
        Measure("decisions_gained", "share of rows that flip to the positive decision", "neither"),
        Measure("decisions_lost", "share of rows that flip to the negative decision", "neither"),
    ),
    suites=("stress", "full"),
    evidence=("robustness.relations",),
    sources=("doi:10.1109/TSE.2016.2532875", "doi:10.1016/j.jss.2010.11.920"),
    labels=False,
    gated_by="robustness",
)
RELATIONS = "relations"
NAMED = 3
"""Relations of one kind that a sentence names."""
ALONE = frozenset({"protected", "monotone"})
"""Kinds of which every relation has a finding of its own."""


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Nothing of the scan; see :func:`trials`."""
    return {}


def trials(subject: Subject, options: Options) -> Mapping[str, Trial]:
    """Ask about changed rows."""
    if _why_not(subject):
        return {}
    trial = RelationTrial(
        subject,
        options.stress,
        level=options.confidence,
        seed=options.seed,
        least=options.min_rows,
    )
    return {RELATIONS: trial}


def _why_not(subject: Subject) -> str:
    if subject.task is Task.NONE:
        return "no model is judged"
    if not subject.has_model:
        return (
            "no model was given that can be asked; its logged answers say nothing of changed rows"
        )
    return "" if subject.roles.features else "the table has no input column to change"


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Say which relations hold, which are broken and which these rows do not tell."""
    if RELATIONS not in context.outcomes:
        return not_given(_why_not(context.subject))
    found = context.outcome(RELATIONS, Relations)
    findings = tuple(_findings(found, context.subject))
    if not found.answered:
        reason = found.stopped or "no relation fits these columns"
        return Judgement((), findings) if findings else not_given(reason)
    estimates = tuple(e for one in worst_first(found.answered) for e in _estimates(one))
    figure, moves = violations_figure(found.answered), direction_table(found.answered)
    tables = (relation_table(found.answered), *(() if moves is None else (moves,)))
    return Judgement(estimates, findings, () if figure is None else (figure,), tables)


def _estimates(one: Answered) -> Iterator[Estimate]:
    yield one.violations
    if one.far is not None:
        yield one.far
    for d in one.directions:
        yield from (e for e in (d.change, d.gained, d.lost) if e is not None)


def _findings(found: Relations, subject: Subject) -> Iterator[Finding]:
    by_kind: dict[str, list[Answered]] = {}
    for one in found.answered:
        if one.state is State.BROKEN:
            alone = one.relation.kind in ALONE
            by_kind.setdefault(one.relation.name if alone else one.relation.kind, []).append(one)
    for group in sorted(by_kind.values(), key=_place):
        yield _broken(sorted(group, key=lambda one: -one.violations.value), subject)
    yield from _refused([one for one in found.answered if one.state is State.REFUSES])
    untold = [one for one in found.answered if one.state is State.UNTOLD]
    if untold:
        yield Finding(
            Status.UNSURE,
            "These rows do not tell whether every relation holds.",
            f"{_list(untold)}. To hold, surely no more than 1 of 100 changed rows may break it, which takes "
            "about 400 changed rows of which none does.",
            "Give more rows.",
            estimates=tuple(one.violations for one in untold[:NAMED]),
        )
    held = [one for one in found.answered if one.state is State.HOLDS]
    if held:
        yield _held(held, len(found.answered))
    if found.unread:
        yield Finding(
            Status.PASS,
            "The model does not read every protected column.",
            f"{', '.join(found.unread)} is not among its inputs, so no answer depends on it directly; other "
            "inputs may go together with it.",
            "See the rates by group (FAR001).",
        )
    yield from _undone(found)


def _place(group: list[Answered]) -> int:
    kind = group[0].relation.kind
    return ORDER.index(kind) if kind in ORDER else len(ORDER)


def _broken(group: list[Answered], subject: Subject) -> Finding:
    title, action = titled(group, subject)
    first = group[0]
    said = [f"Broken by: {_list(group)}."]
    if first.relation.groups is not None:
        many = "decision" if subject.is_classification else "answer"
        said = [
            f"The {many} is another in {of(first.violations)} when {first.relation.column} is changed "
            "and all else is kept."
        ]
        most = strongest(first)
        told = "" if most is None else direction(most, subject)
        said += [f"Most of it: {told}."] if told else []
        said.append(
            f"Inputs that go together with {first.relation.column} stayed as they were; what reaches the "
            "answer through them is not in these figures."
        )
    one = len(group) == 1
    where = Where(stress=first.relation.kind, column=first.relation.column if one else None)
    estimates = tuple(x.violations for x in group[:NAMED])
    return Finding(Status.FAIL, title, " ".join(said), action, where, estimates)


def _list(group: list[Answered]) -> str:
    more = f"; and {len(group) - NAMED} more" if len(group) > NAMED else ""
    return "; ".join(shown(one) for one in group[:NAMED]) + more


def _refused(refused: list[Answered]) -> Iterator[Finding]:
    if refused:
        titles = ", ".join(one.relation.title for one in refused[:NAMED])
        more = f" and {len(refused) - NAMED} more" if len(refused) > NAMED else ""
        one = refused[0].relation
        alone = len(refused) == 1
        yield Finding(
            Status.FAIL,
            f"The model does not run with {one.title if alone else 'some changed rows'}.",
            f"It gave no answer with {titles}{more}. {refused[0].refused}",
            "Handle such rows before the model (strip, map to a known category) or inside its pipeline.",
            Where(stress=one.kind, column=one.column) if alone else Where(),
            tuple(x.violations for x in refused[:NAMED]),
        )


def _held(held: list[Answered], total: int) -> Finding:
    worst = max(held, key=lambda one: one.violations.high)
    return Finding(
        Status.PASS,
        "Every relation holds." if len(held) == total else "Some relations hold.",
        f"{len(held)} of {total} hold: {', '.join(one.relation.title for one in held[:NAMED])}"
        f"{f' and {len(held) - NAMED} more' if len(held) > NAMED else ''}. Nearest to what is allowed: "
        f"{shown(worst)}.",
        "Nothing.",
    )


def _undone(found: Relations) -> Iterator[Finding]:
    if found.undone:
        names = ", ".join(found.undone[:NAMED])
        more = f" and {len(found.undone) - NAMED} more" if len(found.undone) > NAMED else ""
        yield Finding(
            Status.UNSURE,
            "Not every relation was asked.",
            f"{len(found.undone)} were left out, for {found.stopped or 'the model gave no answer'}: "
            f"{names}{more}.",
            "Give more time with --budget, or fewer rows with --ask-rows.",
        )
    if found.broken:
        told = "; ".join(f"{name} ({why})" for name, why in found.broken[:3])
        yield Finding(
            Status.UNSURE,
            "Some relations broke by themselves and say nothing of the model.",
            f"{told}.",
            "Mend the function if it is your own; please report it if it is not.",
        )
    if found.left:
        told = "; ".join(f"{name}: {why}" for name, why in found.left[:NAMED])
        more = f"; and {len(found.left) - NAMED} more" if len(found.left) > NAMED else ""
        yield Finding(
            Status.PASS,
            "Some relations could not be asked of these rows.",
            f"{told}{more}.",
            "Nothing, unless one of them matters: then give rows that have what it changes.",
        )
