"""ABL002  Which inputs does the model rest on?

## What it measures
For every input (or declared group of inputs): what the measure loses when it is left out and all others
stay, and what the measure is when it alone is kept. Both are asked of the model itself, by masking, and of
the fit repeated without it, where it can be. Spearman's rank correlation says how alike the two rank the
inputs.

## Why it matters
What a model rests on is what must be guarded, explained and watched for drift. An input that carries it
alone is a single point of failure, or holds the answer. One that carries nothing is a cost without a gain.

## How
*Masked*: the input gets the value of a row drawn from the reference, and the answers are averaged over
draws. *Retrained*: the fit is repeated on the reference with the input held at one value, and compared with
the whole fitted again. Differences are paired on the same rows (influence functions); p-values are
corrected for the number of inputs by Holm's method (https://www.jstor.org/stable/4615733). Two questions
are asked of each: does leaving it out cost anything at all (then it is *used*), and is the cost surely
below the margin (then it is *not needed*)? Both can be true. What a fit with another seed changes is in the
intervals of what was fitted again.

## When it cannot tell
Without a model, labels and some hundred rows. Two inputs that say the same are each not needed alone and
may be needed together: ABL001 leaves them out together, this check one at a time. Masking asks about rows
that may never occur where inputs hang together. With more than 40 inputs, neighbours are taken together
unless groups are declared under `[stress.input_groups]`.

## What to do
Guard and watch what the model rests on first. Leave out what neither way needs. Where one input does it
alone, look for a leak.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from plimsoll.checks.ablation.trial import ABLATION, ablation_trials, listed, sentence, why_not
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Where
from plimsoll.core.finding import Figure, Finding, Judgement, Status, Table, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.core.trial import Trial
from plimsoll.stats.family import rejected
from plimsoll.stats.row_measures import title
from plimsoll.trials.stories import Ablation, Effect, Story

CARD = Card(
    "ABL002",
    title="Inputs left out and alone",
    question="Which inputs does the model rest on?",
    area="ablation",
    needs="a model that can be asked, and labels; a reference to draw from and to fit on",
    cost="shared with ABL001",
    measures=(
        Measure("left_out", "change when left out", "neither", None, None, None),
        Measure("alone", "with this input alone", "higher", None, None, None),
        Measure(
            "ranking_agreement",
            "agreement of masking and fitting again",
            "neither",
            None,
            -1.0,
            1.0,
        ),
    ),
    suites=("stress", "full"),
    evidence=("explainability.importance", "data.minimisation"),
    sources=("https://www.jstor.org/stable/4615733", "https://jmlr.org/papers/v22/20-1316.html"),
)
SHOWN = 20


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Nothing of the scan; see :func:`trials`."""
    return {}


def trials(subject: Subject, options: Options) -> Mapping[str, Trial]:
    """Leave inputs out, by masking and by fitting again."""
    return ablation_trials(subject, options)


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Say which inputs are used, which are not needed, and which would do alone."""
    if ABLATION not in context.outcomes:
        return not_given(why_not(context.subject))
    found = context.outcome(ABLATION, Ablation)
    if found.reason:
        return not_given(found.reason)
    alpha = 1.0 - context.options.confidence
    stories = [s for s in (found.masked, found.retrained) if any(e.left_out for e in s.effects)]
    if not stories:
        return not_given(found.masked.stopped or "there is one input and nothing to leave out")
    told = [
        e for s in stories for effect in s.effects for e in (effect.left_out, effect.alone) if e
    ]
    told += [found.agreement] if found.agreement is not None else []
    findings = [f for story in stories for f in _findings(story, found, alpha)]
    findings += list(_undone(found))
    if found.why_no_refit:
        reason = f"Only by masking: {found.why_no_refit}."
    else:
        reason = None
    figures = tuple(_figure(story, found) for story in stories)
    return Judgement(
        tuple(told), tuple(findings), figures, (_table(stories, found, alpha),), reason=reason
    )


def _findings(story: Story, found: Ablation, alpha: float) -> Iterator[Finding]:
    asked = [e for e in story.effects if e.left_out is not None]
    used, spared = words(asked, alpha)
    way = "Masked" if story.way == "masked" else "Fitted again"
    where = Where(variant=story.way)
    first = sorted((e for e in asked if used[e.unit.name]), key=lambda e: -e.harm)[:3]
    if first:
        costs = "; ".join(f"{e.unit.name} costs {_cost(e)}" for e in first)
        yield Finding(
            Status.PASS,
            f"{way}, the model rests on {listed([e.unit.name for e in first])} most.",
            f"Left out, {costs} of {title(found.metric)}. Of {len(asked)} inputs "
            f"{sum(used.values())} surely make a difference.",
            "Guard these first, and watch them for drift.",
            where,
            tuple(e.left_out for e in first if e.left_out is not None),
        )
    idle = [e for e in asked if spared[e.unit.name]]
    if idle:
        names = [e.unit.name for e in idle]
        together = " Together they may be needed: ABL001 tells." if len(idle) > 1 else ""
        yield Finding(
            Status.PASS,
            f"{way}, the model does not need {listed(names)}.",
            f"Without {'it' if len(idle) == 1 else 'any one of them'} the measure surely loses less than "
            f"{found.margin_said}.{together}",
            "Leave out what neither masking nor fitting again needs.",
            where,
            tuple(e.left_out for e in idle if e.left_out is not None),
        )
    alone = _alone(story.effects, alpha)
    if alone and len(story.effects) > 1:
        yield Finding(
            Status.FAIL,
            f"{way}, the model rests on {listed([e.unit.name for e in alone])} alone.",
            f"With {alone[0].unit.name} and no other input the measure surely loses less than "
            f"{found.margin_said}.",
            "Check that it does not hold the answer; if it is fair, use it alone.",
            where,
            tuple(e.alone for e in alone if e.alone is not None),
        )


def words(effects: Sequence[Effect], alpha: float) -> tuple[dict[str, bool], dict[str, bool]]:
    """Return by name which units surely make a difference, and which surely cost less than the margin."""
    if not effects:
        return {}, {}
    used = rejected([e.p_worse for e in effects], alpha=alpha)
    spared = rejected([e.p_spare for e in effects], alpha=alpha)
    names = [e.unit.name for e in effects]
    return dict(zip(names, used.tolist(), strict=True)), dict(
        zip(names, spared.tolist(), strict=True)
    )


def _alone(effects: Sequence[Effect], alpha: float) -> list[Effect]:
    asked = [e for e in effects if e.alone is not None]
    if not asked:
        return []
    stands = rejected([e.p_alone for e in asked], alpha=alpha)
    return [e for e, yes in zip(asked, stands, strict=True) if yes]


def _cost(effect: Effect) -> str:
    told = effect.left_out
    assert told is not None
    ends = sorted((abs(told.low), abs(told.high)))
    return f"{abs(told.value):.4f} (likely {ends[0]:.4f} to {ends[1]:.4f})"


def _undone(found: Ablation) -> Iterator[Finding]:
    for story in (found.masked, found.retrained):
        asked = {e.unit.name for e in story.effects if e.left_out is not None}
        missing = [unit.name for unit in found.units if unit.name not in asked]
        expected = story is found.masked or not found.why_no_refit
        if missing and story.stopped and expected:
            yield Finding(
                Status.UNSURE,
                f"Not every input was left out, {story.way}.",
                f"{sentence(story.stopped)} Not asked: {listed(missing)}.",
                "Give more time with --budget.",
                Where(variant=f"{story.way}, not asked"),
            )


def _figure(story: Story, found: Ablation) -> Figure:
    asked = sorted((e for e in story.effects if e.left_out is not None), key=lambda e: -e.harm)
    told = [(e.unit.name, e.left_out) for e in asked if e.left_out is not None][:SHOWN]
    metric = title(found.metric)
    side = "Left" if found.higher_is_better else "Right"
    way = "masked" if story.way == "masked" else "fitted again"
    return Figure(
        "interval",
        f"What {metric} loses without each input, {way}",
        f"Change of {metric} when the input is left out. {side} of 0 it is missed; the line is the margin.",
        {
            "left out": {
                "label": [name for name, _ in told],
                "value": [e.value for _, e in told],
                "low": [e.low for _, e in told],
                "high": [e.high for _, e in told],
            }
        },
        {
            "bound": -found.margin if found.higher_is_better else found.margin,
            "x_title": f"Change of {metric}",
        },
    )


def _table(stories: Sequence[Story], found: Ablation, alpha: float) -> Table:
    columns = ["input"]
    for story in stories:
        columns += [f"left out, {story.way}", "from", "to", "verdict", f"alone, {story.way}"]
    by_name = {unit.name: [unit.name] for unit in found.units}
    rows: dict[str, list[object]] = {name: list(cells) for name, cells in by_name.items()}
    for story in stories:
        used, spared = words([e for e in story.effects if e.left_out is not None], alpha)
        for effect in story.effects:
            name, told = effect.unit.name, effect.left_out
            cells: list[object] = [None, None, None, "not asked"]
            if told is not None:
                cells = [told.value, told.low, told.high, _word(used[name], spared[name])]
            rows[name] += [*cells, None if effect.alone is None else effect.alone.value]
    worst = {e.unit.name: -e.harm for e in stories[0].effects}
    ordered = sorted(rows, key=lambda name: (worst.get(name, 0.0), name))
    note = "" if found.agreement is None else _agreement(found)
    return Table(
        "Inputs left out and alone",
        tuple(columns),
        tuple(tuple(rows[name]) for name in ordered),
        caption=f"{sentence(found.rows_said)[:-1]} were asked about. The margin is "
        f"{found.margin_said}.{note}",
    )


def _agreement(found: Ablation) -> str:
    e = found.agreement
    assert e is not None
    return (
        f" Masking and fitting again rank the inputs with a correlation of {e.value:.2f} "
        f"(likely {e.low:.2f} to {e.high:.2f})."
    )


def _word(used: bool, spared: bool) -> str:
    if used:
        return "gives a little" if spared else "used"
    return "not needed" if spared else "cannot tell"
