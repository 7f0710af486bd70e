"""ABL001  How little would do the same job?

## What it measures
A ladder from nothing to the whole model: a constant, answers drawn by the frequency of the classes, the
best single input, the smallest set of inputs that is as good as all, and all. Each step has its measure
with an interval and the paired difference from the whole. Beside it stands how many inputs a set in random
order needs.

## Why it matters
An input that is not needed still has to be delivered, cleaned, explained and defended, and can break. A
model that is no better than one input alone is one input with a large bill.

## How
*Masked*: the model itself is asked with the inputs left out replaced by those of rows drawn from the
reference, and its answers are averaged over draws. *Retrained*: the fit is repeated on the reference with
the inputs left out held at one value, and compared with the whole fitted again on the same rows; what a fit
with another seed changes is in the interval. Half of the rows, by the hash of their key, choose: inputs are
left out backwards, the least important first, as long as the lower end of the paired difference (influence
functions, doi:10.1080/01621459.1974.10482962) is above minus the margin. The other half tells: the sets on
that path are tested from the largest on, and the last before the first doubt is the smallest set. The
margin is the policy's for this measure, else 0.01 (a hundredth of the gain over chance where the measure
has no scale), and never more than the room that a limit leaves. Groups declared under
`[stress.input_groups]` go together.

## When it cannot tell
Without a model, labels and some hundred rows. The smallest set is one that does, not the only one: of two
inputs that say the same, either may stay. Masking shows rows that may never occur, so a model can look as
if it needed an input whose like it still has; fitting again shows what the task needs, and not what this
model uses. The disagreement is told and explained by how well the others tell that input. Fits with other
settings, or on more rows than were fitted on, are not tried.

## What to do
Leave out what neither way needs, fit again, and judge the smaller model as a challenger. Give the fit with
`--fit module:function` where the model cannot be fitted again by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plimsoll.checks.ablation.trial import (
    ABLATION,
    ablation_trials,
    counted,
    listed,
    sentence,
    why_not,
)
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Figure, Finding, Judgement, Status, Table, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject
from plimsoll.core.tally import Need, Tallies
from plimsoll.core.trial import Trial
from plimsoll.stats.row_measures import title
from plimsoll.trials.stories import Ablation, Disagreement, Rung, Story

CARD = Card(
    "ABL001",
    title="The ladder",
    question="How little would do the same job?",
    area="ablation",
    needs="a model that can be asked, and labels; a reference to draw from and to fit on",
    cost="some fifty calls of the model, and up to 40 fits where the fit can be repeated",
    measures=(
        Measure("inputs_needed", "inputs needed", "neither", None, 0.0, None),
        Measure("difference", "difference", "neither", None, None, None),
    ),
    suites=("stress", "full"),
    evidence=("performance.baseline", "data.minimisation"),
    sources=("doi:10.1080/01621459.1974.10482962", "https://jmlr.org/papers/v22/20-1316.html"),
)
TOLD = 0.5
"""From so much on an input is said to be told by the others."""


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Nothing of the scan; see :func:`trials`."""
    return {}


def trials(subject: Subject, options: Options) -> Mapping[str, Trial]:
    """Leave inputs out, by masking and by fitting again."""
    return ablation_trials(subject, options)


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Say how few inputs would do."""
    if ABLATION not in context.outcomes:
        return not_given(why_not(context.subject))
    found = context.outcome(ABLATION, Ablation)
    if found.reason:
        return not_given(found.reason)
    rungs = _rungs(found)
    estimates: list[Estimate] = []
    for rung in rungs:
        estimates += [rung.value] if rung.change is None else [rung.value, rung.change]
    estimates += [e for e in (found.masked.size, found.retrained.size, found.random) if e]
    findings = [
        *_single(found),
        *_smallest(found, found.masked),
        *_smallest(found, found.retrained),
        *_random(found),
        *(_explained(each) for each in found.disagreements),
        *_undone(found),
    ]
    return Judgement(
        tuple(estimates),
        tuple(findings),
        (_figure(rungs, found),),
        (_table(rungs, found),),
        reason=_said(found),
    )


def _rungs(found: Ablation) -> list[Rung]:
    *blind, full = found.base
    return [*blind, *found.masked.rungs, *found.retrained.rungs, full]


def _single(found: Ablation) -> Iterator[Finding]:
    for story in (found.masked, found.retrained):
        rung = next((r for r in story.rungs if r.name.startswith("best single")), None)
        if rung is None or rung.change is None or rung.status is not Status.PASS:
            continue
        yield Finding(
            Status.FAIL,
            f"One input alone does as well as the whole model ({rung.inputs[0]}).",
            f"{sentence(story.way)[:-1]}, {rung.inputs[0]} alone reaches {_likely(rung.value)}; the "
            f"difference from all inputs is {_likely(rung.change, signed=True)}, within the margin of "
            f"{found.margin_said}.",
            "Check that it does not hold the answer; if it is fair, use it alone.",
            rung.change.where,
            (rung.value, rung.change),
        )


def _smallest(found: Ablation, story: Story) -> Iterator[Finding]:
    if story.smallest is None or story.size is None:
        return
    total, kept = len(found.units), story.smallest.kept
    way = "Masked" if story.way == "masked" else "Fitted again"
    rung = next((r for r in story.rungs if r.name.startswith("smallest")), None)
    cut_short = "" if story.smallest.complete else " Not every smaller set was tried."
    if rung is None or rung.change is None or len(kept) == total:
        yield Finding(
            Status.PASS,
            f"{way}, the model needs all of its inputs, as far as these rows show.",
            f"No smaller set of the {total} inputs was surely as good within {found.margin_said}; the "
            f"smallest that these rows do not rule out has {story.smallest.possible}.{cut_short}",
            "Nothing, or judge on more rows.",
            story.size.where,
            (story.size,),
        )
        return
    yield Finding(
        Status.PASS,
        f"{way}, {len(kept)} of {total} inputs do as well as all.",
        f"With {listed(list(kept), 12)} {title(found.metric)} is {_likely(rung.value)}; the "
        f"difference from all inputs is {_likely(rung.change, signed=True)}, within the margin of "
        f"{found.margin_said}.{cut_short}",
        "Fit a model with these inputs and judge it as a challenger.",
        story.size.where,
        (story.size, rung.value, rung.change),
    )


def _random(found: Ablation) -> Iterator[Finding]:
    size, dealt = found.masked.size, found.random
    if size is None or dealt is None or size.value < dealt.low:
        return
    if size.value >= len(found.base[-1].inputs):
        return  # where all are needed, no order can tell more than another
    yield Finding(
        Status.UNSURE,
        "The ranking of the inputs tells no more than a random one.",
        f"In random order a set needs {dealt.value:.1f} inputs (likely {dealt.low:.1f} to {dealt.high:.1f}), "
        f"and the smallest set found has {size.value:.0f}.",
        "Do not read the order of the inputs as their importance.",
        dealt.where,
        (size, dealt),
    )


def _explained(each: Disagreement) -> Finding:
    name = each.unit.name
    where = Where(column=name, variant="disagreement")
    if not each.masked_needs:
        return Finding(
            Status.UNSURE,
            f"The model hardly uses '{name}', and a fit without it is worse.",
            "Masked it costs nothing that matters, yet fits without it lose more than the margin: it steers "
            "the fit, or the model judged was fitted otherwise than it is repeated.",
            "Compare the fit that is repeated with the one that made the model.",
            where,
        )
    told = each.share is not None and each.share >= TOLD
    why = (
        f"The other inputs tell {100 * (each.share or 0):.0f} of 100 parts of it ('{each.by}' most), so "
        "masking shows the model rows that never occur, and its loss there says little of real rows."
        if told
        else "The other inputs do not tell it, but what it says of the target they say as well: a fit "
        "without it finds that, this model does not."
    )
    return Finding(
        Status.PASS,
        f"The model leans on '{name}', but could do without it.",
        f"Masked it is needed, fitted again without it the model is as good. {why}",
        "Leave it out at the next fit; until then guard it, for this model breaks without it.",
        where,
    )


def _undone(found: Ablation) -> Iterator[Finding]:
    for story, give in (
        (found.masked, "Give more time with --budget, or mend what the model refuses."),
        (found.retrained, "Give more time with --budget, or fewer inputs as groups."),
    ):
        if story.stopped and not (story is found.retrained and found.why_no_refit):
            yield Finding(
                Status.UNSURE,
                f"Not everything was asked, {story.way}.",
                f"{sentence(story.stopped)} What was asked by then counts.",
                give,
                Where(variant=story.way),
            )


def _said(found: Ablation) -> str:
    source = (
        "the reference" if found.on_reference else "the rows judged, for there was no reference"
    )
    said = (
        f"{sentence(found.rows_said)[:-1]} were asked about; masked values are drawn from {source}."
    )
    if found.why_no_refit:
        return f"{said} Nothing was fitted again: {found.why_no_refit}."
    fitted = f"{counted(found.fits)} on {found.fitted_said} took {found.fit_seconds:.1f} s"
    return f"{said} {fitted}; asking the model took {found.asked.seconds:.1f} s."


def _likely(e: Estimate, *, signed: bool = False) -> str:
    sign = "+" if signed else ""
    return f"{e.value:{sign}.4f}, likely {e.low:{sign}.4f} to {e.high:{sign}.4f}"


def _figure(rungs: list[Rung], found: Ablation) -> Figure:
    full = rungs[-1].value
    return Figure(
        "interval",
        "From nothing to the whole model",
        f"{title(found.metric)} of every step, on rows that chose none of them; the line is the "
        "whole model less the margin.",
        {
            "ladder": {
                "label": [_label(rung) for rung in rungs],
                "value": [rung.value.value for rung in rungs],
                "low": [rung.value.low for rung in rungs],
                "high": [rung.value.high for rung in rungs],
            }
        },
        {
            "bound": full.value - (found.margin if found.higher_is_better else -found.margin),
            "x_title": title(found.metric),
        },
    )


def _label(rung: Rung) -> str:
    if rung.name.startswith("best single"):
        return f"{rung.name}: {rung.inputs[0]}"
    return f"{rung.name} ({len(rung.inputs)})" if rung.name.startswith("smallest") else rung.name


def _table(rungs: list[Rung], found: Ablation) -> Table:
    rows = [
        (
            rung.name,
            len(rung.inputs),
            rung.value.value,
            rung.value.low,
            rung.value.high,
            None if rung.change is None else rung.change.value,
            listed(list(rung.inputs), 40) if rung.name.startswith(("best", "smallest")) else "",
        )
        for rung in rungs
    ]
    return Table(
        "The ladder",
        ("step", "inputs", found.metric, "from", "to", "difference from all", "which"),
        tuple(rows),
        caption=f"On {rungs[-1].value.n:,} rows that did not choose. As good means within "
        f"{found.margin_said}. The difference of a step that was fitted again is from all inputs "
        "fitted again.",
    )
