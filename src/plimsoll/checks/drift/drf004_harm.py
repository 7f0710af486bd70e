"""DRF004  Which changes do harm?

## What it measures
For every input column: how much of the model's answer it explains (importance), how many rows have
moved between its bins, and by how much the main measures are expected to change for that reason alone.
Where the labels are not there yet, what the measures of today are expected to be, from the scores.

## Why it matters
Most drift is harmless: a column that the model hardly uses may change as it likes. And a small change
of the column that it leans on can cost more than all others together. Alarms ranked by p-value put them
in the wrong order.

## How
The reference, which has labels and answers, is cut into ten bins of a column (texts into their 30 most
frequent values). Its rows are given the mix of bins of today and nothing else changes; the change of
accuracy, recall and losses that follows is the expected change (Kitagawa 1955,
doi:10.1080/01621459.1955.10501299), with the delta method's interval over the rows of both sides.
Importance is the share of the variance of the answer that lies between the bins. Without labels, scores
are calibrated on the reference by isotonic regression, and the expected counts of right and wrong
decisions at today's scores give the measures (Garg and others 2022, doi:10.48550/arXiv.2201.04234,
review such estimates). Findings are corrected by Holm over columns and measures.

## When it cannot tell
It takes the relation of inputs and label to be what it was (covariate shift), and the reference to show
the model as it is: on the rows it was fitted on every model looks too good. A new meaning of the label,
or a region of inputs that the reference never had, is invisible to it; the share of rows in such bins
is given. Columns that changed together are looked at one at a time, so their expected changes do not
add up.

## What to do
Begin with the column that is expected to cost most: repair its source, or fit the model again on rows
of today. Leave harmless drift alone. Label a few hundred rows drawn at random to see what cannot be
expected.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from plimsoll.checks.drift.label_free import expected_measures, label_free_needs
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import (
    Figure,
    Finding,
    Judgement,
    Status,
    Table,
    not_applicable,
    not_given,
)
from plimsoll.core.measure import Measure
from plimsoll.core.slicing import Cut
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Rows, Side, Tallies
from plimsoll.probes.coding import Coded, Coding, codings, learning_needs
from plimsoll.stats.difference import two_sided_p
from plimsoll.stats.family import holm
from plimsoll.stats.interval import FloatArray
from plimsoll.stats.reweighting import BinSums, Reweighted, explained_share, reweighted
from plimsoll.tallies.distribution import Distribution, Kind
from plimsoll.tallies.shared import clustered
from plimsoll.tallies.slice_cells import SliceCells, Within

CARD = Card(
    "DRF004",
    title="Harm of drift",
    question="Which changes do harm?",
    area="drift",
    needs="a reference with labels and the model's answers",
    cost="a look at the values of the columns, then one scan of the data and one of the reference",
    measures=(Measure("expected_change", "expected change", "neither", None, None, None),),
    evidence=("data.drift", "performance.monitoring"),
    sources=("doi:10.1080/01621459.1955.10501299", "doi:10.48550/arXiv.2201.04234"),
    labels=False,
)
MOST_COLUMNS = 300
BINS, VALUES = 10, 30
SMALL_GAP = 0.2
"""An expected change is worth a finding from a fifth of the gap of slices on: one point of a share."""
UNSEEN = 0.05
"""Share of rows in bins that the reference hardly had, from which on nothing is expected."""
MOSTLY_UNSEEN = 0.5
"""Share of rows in such bins from which on no number is given: it would speak of few of today's rows."""
LOWER = ("log_loss", "mean_absolute_error")
MOST_CLASSES = 10
MOST_DRAWN, WORTH_DRAWING = 12, 0.01


@dataclass(frozen=True, eq=False)
class _Column:
    """What is known of the shift of one column."""

    name: str
    coding: Coding
    then: FloatArray
    now: FloatArray
    importance: float
    changes: tuple[Estimate, ...]
    found: tuple[Reweighted, ...]
    unseen: float
    """Share of the rows of today in bins that the reference hardly had."""

    @property
    def moved(self) -> float:
        """Share of rows that would have to change their bin (total variation)."""
        return float(np.abs(self.then / self.then.sum() - self.now / self.now.sum()).sum() / 2)

    @property
    def worst(self) -> float:
        """How much worse the main measure is expected to be."""
        if not self.changes:
            return 0.0
        main = self.changes[0]
        return main.value if main.where.metric in LOWER else -main.value


def cuts(subject: Subject) -> tuple[Cut, ...]:
    """Return one cut for every input column that both sides have."""
    there = set(subject.reference_columns)
    apart = (subject.roles.time, subject.roles.group)
    columns = [c for c in subject.roles.features if c in there and c not in apart][:MOST_COLUMNS]
    return tuple(Cut(column, bins=BINS, most=VALUES) for column in columns)


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Rows by bin on both sides, and decisions and losses by bin of the reference."""
    own = cuts(subject)
    if not subject.reference_answered or not own:
        return {}
    probe = Coded(own)
    sets = tuple(((cut.key, cut.levels),) for cut in own)
    group = clustered(subject) and clustered(subject, Side.REFERENCE)
    rows = SliceCells(sets, Within.ROWS, bucketed=group)
    decided = subject.is_classification and subject.has_prediction
    judged = SliceCells(
        sets,
        Within.DECISIONS if decided else Within.ROWS,
        len(subject.classes),
        losses=_losses(subject),
        moments=2,
        bucketed=group,
    )
    out = {
        "now": Need(rows, Side.CURRENT, Rows.ALL, probe),
        "then": Need(rows, Side.REFERENCE, Rows.ALL, probe),
        "judged": Need(judged, Side.REFERENCE, Rows.JUDGED, probe),
    }
    return out | learning_needs(own) | label_free_needs(subject)


def _losses(subject: Subject) -> tuple[str, ...]:
    if subject.task is Task.REGRESSION:
        return ("absolute_error", "answer")
    own = ("log_loss",) if subject.has_probabilities else ()
    if subject.task is Task.BINARY:
        return (*own, *(("answer",) if subject.has_scores else ()))
    if not subject.has_scores or len(subject.classes) > MOST_CLASSES:
        return own
    return (*own, *(f"answer:{code}" for code in range(len(subject.classes))))


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Rank the columns by what their shift is expected to do."""
    subject = context.subject
    if not subject.has_reference:
        return not_given("no reference was given")
    if not subject.reference_answered:
        return not_given("the reference has no labels and answers to expect anything from")
    if "now" not in tallies:
        return not_applicable("no input column is in both the data and the reference")
    if not tallies.take("judged", SliceCells).set_counts(0).any():
        return not_applicable("no row of the reference has both a label and an answer")
    columns = sorted(_columns(tallies, context), key=lambda c: (-c.worst, -c.moved, c.name))
    free = expected_measures(tallies, subject, context.options.confidence)
    estimates = [e for column in columns for e in _estimates(column, context)]
    estimates += free.estimates
    findings = [*_findings(columns, context), *free.findings]
    figures = _figures(columns, tallies)
    return Judgement(tuple(estimates), tuple(findings), figures, (_table(columns),))


def _columns(tallies: Tallies, context: Context) -> Iterator[_Column]:
    own = cuts(context.subject)
    known = codings(own, tallies)
    now, then = (tallies.take(name, SliceCells) for name in ("now", "then"))
    judged = tallies.take("judged", SliceCells)
    for i, cut in enumerate(own):
        today, before = now.set_counts(i)[:, :, 0], then.set_counts(i)[:, :, 0]
        if not today.sum() or not before.sum():
            continue
        changes, all_found, unseen = [], [], 0.0
        for metric, sums in _sums(judged, i, context.subject):
            found = reweighted(sums, _shaped(today), level=context.options.confidence)
            if found is None:
                continue
            unseen = found.unseen
            if unseen > MOSTLY_UNSEEN:
                continue
            all_found.append(found)
            where = Where(column=cut.column, metric=metric)
            changes.append(_estimate(found, int(judged.set_counts(i).sum()), where, context))
        yield _Column(
            cut.column,
            known[cut],
            before.sum(axis=1).astype(np.float64),
            today.sum(axis=1).astype(np.float64),
            _importance(judged, i),
            tuple(changes),
            tuple(all_found),
            unseen,
        )


def _shaped(x: np.ndarray) -> FloatArray:
    """Return rows by bin, and by group where there are groups."""
    out: FloatArray = (x if x.shape[1] > 1 else x[:, 0]).astype(np.float64)
    return out


def _sums(cells: SliceCells, i: int, subject: Subject) -> Iterator[tuple[str, BinSums]]:
    """Yield the main measures of the task as ratios of sums by bin."""
    counts = cells.set_counts(i)
    rows = _shaped(counts.sum(axis=2))
    if cells.within is Within.DECISIONS:
        k = cells.classes
        table = counts.reshape(*counts.shape[:2], k, k)
        right = _shaped(np.trace(table, axis1=2, axis2=3))
        yield "accuracy", BinSums.of_share(rows, right, rows)
        if subject.task is Task.BINARY:
            found, true = _shaped(table[:, :, 1, 1]), _shaped(table[:, :, 1].sum(axis=2))
            yield "recall", BinSums.of_share(rows, found, true)
            said = _shaped(table[:, :, :, 1].sum(axis=2))
            yield "precision", BinSums.of_share(rows, found, said)
    for loss, name in (("log_loss", "log_loss"), ("absolute_error", "mean_absolute_error")):
        if loss in cells.losses:
            sums = cells.set_sums(i, loss)
            yield name, BinSums.of_mean(rows, _shaped(sums[:, :, 3]), _shaped(sums[:, :, 4]))


def _importance(cells: SliceCells, i: int) -> float:
    shares = []
    for loss in cells.losses:
        if loss.startswith("answer"):
            sums = cells.set_sums(i, loss).sum(axis=1)
            shares.append(explained_share(sums[:, 0], sums[:, 3], sums[:, 4]))
    return float(np.mean(shares)) if shares else 0.0


def _estimate(found: Reweighted, rows: int, where: Where, context: Context) -> Estimate:
    return Estimate(
        "expected_change",
        found.value,
        found.low,
        found.high,
        context.options.confidence,
        max(1, min(rows, round(found.effective))),
        "reweighted reference, delta method",
        where=where,
    )


def _estimates(column: _Column, context: Context) -> Iterator[Estimate]:
    yield from column.changes


def _findings(columns: list[_Column], context: Context) -> Iterator[Finding]:
    changes = [
        (column, e, found)
        for column in columns
        for e, found in zip(column.changes, column.found, strict=True)
    ]
    if not changes:
        return
    adjusted = holm(np.array([two_sided_p(e) for _, e, _ in changes]))
    level = context.options.confidence
    named: set[str] = set()
    for (column, e, found), p in zip(changes, adjusted, strict=True):
        metric = e.where.metric or ""
        worse = (
            e.low if metric in LOWER else -e.high
        )  # the nearer end, as with every alarm of drift
        if p >= 1 - level or worse < _gap(found, metric, context) or column.name in named:
            continue
        named.add(column.name)
        yield _harmful(column, e)
    moved = [c for c in columns if c.name not in named and c.moved >= context.options.drift_floor]
    unseen = [c for c in moved if c.unseen > UNSEEN]
    if unseen:
        yield Finding(
            Status.UNSURE,
            "What some changed columns do cannot be told from the reference.",
            f"{_listed(unseen)}: more than {100 * UNSEEN:.0f} of 100 rows have values that the reference "
            "hardly had, and nothing says how the model does there.",
            "Label some of these rows, or take them into the reference.",
        )
    harmless = [c for c in moved if c not in unseen]
    if harmless:
        yield Finding(
            Status.PASS,
            "Some columns changed and are expected to do no harm.",
            f"{_listed(harmless)}. With the mix of today the reference would be judged about as it was.",
            "Nothing, unless what a column means has changed.",
        )


def _listed(columns: list[_Column]) -> str:
    names = [column.name for column in columns]
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return ", ".join(names[:8]) + more


def _gap(found: Reweighted, metric: str, context: Context) -> float:
    """Return from what size on a change is worth a finding: a point of a share, a tenth of a loss."""
    if metric in LOWER:
        return 2 * context.options.gap * abs(found.before)
    return SMALL_GAP * context.options.gap


def _harmful(column: _Column, e: Estimate) -> Finding:
    metric = (e.where.metric or "").replace("_", " ")
    if e.where.metric in LOWER:
        said = f"{e.value:+.4g} of {metric}, likely {e.low:+.4g} to {e.high:+.4g}"
    else:
        said = f"{-100 * e.value:.1f} points of {metric}, likely {-100 * e.high:.1f} to {-100 * e.low:.1f}"
    unseen = ""
    if column.unseen > 0.01:
        unseen = (
            f" {100 * column.unseen:.0f} of 100 rows have values that the reference hardly had; what "
            "happens there is not known."
        )
    return Finding(
        Status.FAIL,
        "The shift of this column is expected to cost the model.",
        f"{100 * column.moved:.0f} of 100 rows have moved between its bins. That alone is expected to cost "
        f"{said}.{unseen}",
        "See whether the shift is real; if it is a fault, repair its source, else fit the model again.",
        Where(column=column.name),
        (e,),
    )


def _figures(columns: list[_Column], tallies: Tallies) -> tuple[Figure, ...]:
    """Return the spread of the columns on both sides, the most harmful first, then the most moved."""
    shown = [column for column in columns if column.moved >= WORTH_DRAWING][:MOST_DRAWN]
    if not shown:
        return ()
    panels = {column.name: _panel(column, tallies) for column in shown}
    return (
        Figure(
            "distributions",
            "Columns now and in the reference",
            "Shares of rows on both sides; first the column whose shift is expected to cost most.",
            panels,
            {"notes": {column.name: _note(column) for column in shown}},
        ),
    )


def _panel(column: _Column, tallies: Tallies) -> dict[str, list[Any]]:
    coding = column.coding
    k = len(coding.labels)
    then, now = column.then[:k] / column.then.sum(), column.now[:k] / column.now.sum()
    values = tallies.take(f"values of {column.name}", Distribution)
    if coding.edges and values.kind is Kind.NUMBER and values.numbers is not None:
        low, high = values.numbers.edges
        ends = [
            min(float(low[0]), coding.edges[0]),
            *coding.edges,
            max(float(high[-1]), coding.edges[-1]),
        ]
        if all(a < b for a, b in pairwise(ends)):
            return {
                "x": ends[:-1],
                "x2": ends[1:],
                "reference": then[:-1].tolist(),
                "current": now[:-1].tolist(),
            }
    held = [i for i in range(k) if then[i] + now[i] > 0]
    if not coding.ordered:  # what does not fit is added up, so the most frequent come first
        held.sort(key=lambda i: -max(then[i], now[i]))
    return {
        "label": [coding.labels[i] for i in held],
        "reference": [float(then[i]) for i in held],
        "current": [float(now[i]) for i in held],
    }


def _note(column: _Column) -> str:
    moved = f"{100 * column.moved:.0f} of 100 rows moved"
    if not column.changes:
        return moved
    main = column.changes[0]
    metric = (main.where.metric or "").replace("_", " ")
    if main.low <= 0 <= main.high:
        return f"{moved}, no clear effect on {metric}"
    if metric in ("log loss", "mean absolute error"):
        return f"{moved}, {main.value:+.3g} of {metric} expected"
    return f"{moved}, {100 * main.value:+.1f} points of {metric} expected"


def _table(columns: list[_Column]) -> Table:
    rows = []
    for column in columns[:60]:
        main = column.changes[0] if column.changes else None
        rows.append(
            (
                column.name,
                column.importance,
                column.moved,
                None if main is None else main.value,
                None if main is None else main.low,
                None if main is None else main.high,
                column.unseen,
            )
        )
    metric = next((c.changes[0].where.metric for c in columns if c.changes), "")
    more = len(columns) - len(rows)
    return Table(
        "Columns by the harm that is expected of their shift",
        (
            "column", "importance", "rows moved", f"expected change of {metric}", "from", "to",
            "rows in unseen bins",
        ),
        tuple(rows),
        caption=f"{more} more are expected to do less." if more else "",
    )  # fmt: skip
