"""SLC004  Is it worse than the champion somewhere?

## What it measures
The paired difference between the model and the champion in every slice that was asked for.

## Why it matters
A challenger that is better on the whole can be worse for the people of one region, and they will notice
first.

## How
Both models answer the same rows, so only rows on which they differ tell. Shares (accuracy, recall,
specificity, selection rate) take Tango's score interval for two shares of the same rows
(doi:10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B), losses the mean of the
difference per row. Differences that are named are clear after Holm's correction over all slices and
measures. With a group column whole groups are left out in turn.

## When it cannot tell
In slices in which the two models hardly ever differ, the interval says that little is known. Slices of
fewer than 20 rows are pooled.

## What to do
If the challenger is clearly worse in a slice that matters, keep the champion there or mend the
challenger first. A limit `non_inferior_to = "champion"` is about the whole; one on `slices.recall`
holds in every slice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from plimsoll.checks.slices.compared import LOWER, apart_text, clear, place_text, plain
from plimsoll.checks.slices.sliced import (
    ERRORS,
    PROBABILITY_LOSSES,
    Slice,
    codes_of,
    cuts_of,
    losses_of,
    slices_of,
)
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Figure, Finding, Judgement, Status, Table, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.slicing import SliceSet
from plimsoll.core.subject import Rival, Subject, Task
from plimsoll.core.tally import Need, Tallies
from plimsoll.probes.coding import Coded, learning_needs
from plimsoll.stats.difference import two_sided_p
from plimsoll.stats.paired import accuracy_difference, loss_difference
from plimsoll.tallies.shared import clustered, weighted
from plimsoll.tallies.slice_cells import SliceCells, Within

CARD = Card(
    "SLC004",
    title="Slices against the champion",
    question="Is it worse than the champion somewhere?",
    area="slices",
    needs="a champion, and slices or protected columns",
    cost="a look at the values of these columns, then one scan and the answers of both models",
    measures=(Measure("difference", "difference", "neither", None, None, None),),
    evidence=("performance.slices", "change.control"),
    sources=("doi:10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B",),
)
MOST_CLASSES = 10
MOST_SHOWN = 40
_LOSS_NAMES = {"absolute_error": "mean_absolute_error", "squared_error": "mean_squared_error"}


@dataclass(frozen=True, eq=False)
class _Held:
    one: Slice | None
    rows: int
    metric: str
    apart: Estimate

    @property
    def better(self) -> float:
        """How much better the model is, whichever way its measure is better."""
        return -self.apart.value if self.metric in LOWER else self.apart.value


def _sets(subject: Subject) -> tuple[SliceSet, ...]:
    return tuple(dict.fromkeys((*subject.slice_sets, *subject.sensitive_sets)))


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Pairs of decisions and differences of losses by slice, for every rival."""
    sets = _sets(subject)
    if not sets or not subject.rivals:
        return {}
    probe = Coded(cuts_of(sets))
    out = dict(learning_needs(probe.cuts))
    for rival in subject.rivals:
        paired = (
            subject.is_classification
            and subject.has_prediction
            and rival.has_prediction
            and len(subject.classes) <= MOST_CLASSES
        )
        losses: tuple[str, ...] = ()
        if subject.task is Task.REGRESSION:
            losses = ERRORS[:1]
        elif subject.has_probabilities and rival.has_probabilities:
            losses = PROBABILITY_LOSSES
        if paired or losses:
            cells = SliceCells(
                codes_of(sets),
                Within.PAIRS if paired else Within.ROWS,
                len(subject.classes),
                losses=losses,
                against=rival.name,
                bucketed=clustered(subject),
                weighted=weighted(subject),
            )
            out[rival.name] = Need(cells, probe=probe)
    return out


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Compare the two models in every slice and say where one is clearly better."""
    subject = context.subject
    if not subject.rivals:
        return not_given("no champion was given")
    if not _sets(subject):
        return not_given("no slices were named; give --slice-by COLUMN or --sensitive COLUMN")
    estimates: list[Estimate] = []
    findings: list[Finding] = []
    tables: list[Table] = []
    figures: list[Figure] = []
    for rival in subject.rivals:
        if rival.name not in tallies:
            continue
        held = list(_held(tallies, context, rival))
        sliced = [one for one in held if one.one is not None]
        estimates += [one.apart for one in sliced]
        sure = clear([two_sided_p(one.apart) for one in sliced], context.options.confidence)
        named = [one for one, is_clear in zip(sliced, sure, strict=True) if is_clear]
        findings += _findings(held, named, rival)
        tables.append(_table(sliced, rival))
        figures += _figure(sliced, rival)
    if not tables:
        return not_given("the two models answer with nothing that can be compared by slice")
    return Judgement(tuple(estimates), tuple(findings), tuple(figures), tuple(tables))


def _held(tallies: Tallies, context: Context, rival: Rival) -> Iterator[_Held]:
    """Yield the differences on the whole (without a slice), then those of every slice."""
    cells = tallies.take(rival.name, SliceCells)
    first = True
    for slices in slices_of(
        _sets(context.subject), tallies, context.options.min_rows, name=rival.name
    ):
        if first:
            every = np.arange(cells.slices[slices.position])
            rows = int(cells.set_counts(slices.position).sum())
            for metric, found in _differences(cells, slices.position, every, context):
                yield _Held(None, rows, metric, found.at(Where(metric=metric, model=rival.name)))
            first = False
        for one in slices.found:
            for metric, found in _differences(cells, slices.position, one.members, context):
                where = Where(slice=one.where, metric=metric, model=rival.name)
                yield _Held(one, one.rows, metric, found.at(where))


def _differences(
    cells: SliceCells, position: int, members: npt.NDArray[np.intp], context: Context
) -> Iterator[tuple[str, Estimate]]:
    level = context.options.confidence
    if cells.within is Within.PAIRS:
        yield from _shares(cells, position, members, context.subject, level)
    for loss in cells.losses:
        metric = _LOSS_NAMES.get(loss, loss)
        found = loss_difference(metric, losses_of(cells, position, members, loss), level=level)
        if found is not None:
            yield metric, found


def _shares(
    cells: SliceCells, position: int, members: npt.NDArray[np.intp], subject: Subject, level: float
) -> Iterator[tuple[str, Estimate]]:
    k = cells.classes
    shape = (cells.groups, k, k, k)
    counts = cells.set_counts(position)[members].sum(axis=0).reshape(shape).astype(np.float64)
    masses = cells.set_masses(position)
    weights = counts if masses is None else masses[members, ..., 0].sum(axis=0).reshape(shape)
    squares = None if masses is None else masses[members, ..., 1].sum(axis=0).reshape(shape)
    right = np.eye(k, dtype=bool)
    mine = right[:, :, None] & ~right[:, None, :]
    theirs = ~right[:, :, None] & right[:, None, :]
    asked = {"accuracy": (mine, theirs, np.ones((k, k, k), bool))}
    if subject.task is Task.BINARY:
        for name, code in (("recall", 1), ("specificity", 0)):
            here = np.zeros((k, k, k), bool)
            here[code] = True
            asked[name] = (mine & here, theirs & here, here)
    for name, (more, less, of) in asked.items():
        b, c, n = (weights[:, mask].sum(axis=1) for mask in (more, less, of))
        effective = None
        if squares is not None and n.sum() > 0:
            effective = float(n.sum()) ** 2 / float(squares[:, of].sum())
        found = accuracy_difference(b, c, n, level=level, metric=name, effective_rows=effective)
        if found is not None:
            yield name, found


def _findings(held: list[_Held], named: list[_Held], rival: Rival) -> Iterator[Finding]:
    """Yield a finding for every slice that is clearly worse, and one that names the clearly better."""
    main = [one for one in held if one.one is None]
    overall = {one.metric: one for one in main}
    for one in sorted(named, key=lambda x: x.better):
        assert one.one is not None
        if one.better >= 0:
            continue
        whole = overall.get(one.metric)
        said = ""
        if whole is not None:
            word = (
                "better" if whole.apart.low > 0 or whole.apart.high < 0 else "not clearly different"
            )
            word = "worse" if word == "better" and whole.better < 0 else word
            said = f"On the whole it is {word} ({apart_text(one.metric, whole.apart)}). "
        yield Finding(
            Status.FAIL,
            f"The {plain(one.metric)} is worse than the {rival.name}'s in this slice.",
            f"{said}Where {place_text(one.one)} ({one.rows:,} rows) the difference is "
            f"{apart_text(one.metric, one.apart)}, on the same rows.",
            "Keep the other model there, or mend this one before it takes over.",
            one.apart.where,
            (one.apart,),
        )
    better = [one for one in named if one.better > 0 and one.one is not None]
    if better:
        best = max(better, key=lambda x: x.better)
        assert best.one is not None
        yield Finding(
            Status.PASS,
            f"It is clearly better than the {rival.name} in some slices.",
            f"In {len(better)} comparisons; the furthest where {place_text(best.one)}: the "
            f"{plain(best.metric)} differs by {apart_text(best.metric, best.apart)}.",
            "Nothing.",
            best.apart.where,
            (best.apart,),
        )


def _table(held: list[_Held], rival: Rival) -> Table:
    ordered = sorted(held, key=lambda one: one.better)[:MOST_SHOWN]
    rows = tuple(
        (
            "" if one.one is None else one.one.name,
            one.rows,
            one.metric,
            one.apart.value,
            one.apart.low,
            one.apart.high,
        )
        for one in ordered
    )
    more = len(held) - len(rows)
    return Table(
        f"Difference from the {rival.name} by slice, the worst first",
        ("slice", "rows", "measure", "difference", "from", "to"),
        rows,
        caption=f"{more} more are less bad." if more else "",
    )


def _figure(held: list[_Held], rival: Rival) -> Iterator[Figure]:
    if not held:
        return
    metric = held[0].metric
    own = [one for one in held if one.metric == metric and one.one is not None]
    own = sorted(own, key=lambda one: one.better)[:20]
    yield Figure(
        "interval",
        f"{plain(metric).capitalize()} against the {rival.name}, by slice",
        "The model minus the other, on the same rows. The dashed line is no difference.",
        {
            metric: {
                "label": ["" if one.one is None else one.one.name for one in own],
                "value": [one.apart.value for one in own],
                "low": [one.apart.low for one in own],
                "high": [one.apart.high for one in own],
            }
        },
        {"bound": 0.0, "x_title": "Difference"},
    )
