"""DRF005  When did it change?

## What it measures
The rows are cut into windows of time with about as many rows each. For every input column: how far its
values in a window are from those of the reference (or, without one, from all rows), as the share of
rows that would have to move. And for rows with labels, the main measure in every window.

## Why it matters
A change that came on one day points to a release or a broken sensor; one that crept in over months
points to the world. The window says where to look.

## How
Columns are cut into ten bins (texts into their 30 most frequent values); the distance of a window is
the total variation between shares of bins. By chance alone it is above 0; what the number of rows lets
expect is taken off, and a window is marked only if the distance is clearly above 0.05 after Holm's
correction over all columns and windows (McDiarmid's bound on the distance,
doi:10.1017/CBO9781107359949.008). The main measure has the interval of the whole.

## When it cannot tell
Without a time column. Rows within a window are taken to be independent. Seasons look like drift where
the reference does not hold the same season.

## What to do
Look at what happened at the first marked window. If a measure fell with it, begin there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

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
from plimsoll.stats.confusion import ConfusionCounts, accuracy
from plimsoll.stats.family import holm
from plimsoll.stats.interval import FloatArray
from plimsoll.stats.mean import LossSums, log_loss, mean_absolute_error
from plimsoll.tallies.shared import weighted
from plimsoll.tallies.slice_cells import SliceCells, Within

CARD = Card(
    "DRF005",
    title="Drift over time",
    question="When did it change?",
    area="drift",
    needs="a time column",
    cost="a look at the values of the columns, then one scan",
    measures=(Measure("total_variation", "share of rows that moved", "lower"),),
    evidence=("data.drift", "performance.monitoring"),
    sources=("doi:10.1017/CBO9781107359949.008",),
    labels=False,
)
WINDOWS = 12
BINS, VALUES = 10, 30
MOST_COLUMNS = 100
MOST_DRAWN = 6


@dataclass(frozen=True, eq=False)
class _Series:
    """One column over the windows."""

    column: str
    values: FloatArray
    low: FloatArray
    high: FloatArray
    p: FloatArray
    rows: FloatArray


def _cuts(subject: Subject) -> tuple[Cut, tuple[Cut, ...]]:
    time = subject.roles.time
    assert time is not None
    columns = [c for c in subject.roles.features if c != time]
    if subject.has_reference:
        columns = [c for c in columns if c in subject.reference_columns]
    cuts = tuple(Cut(c, bins=BINS, most=VALUES) for c in columns[:MOST_COLUMNS])
    return Cut(time, bins=WINDOWS, most=WINDOWS), cuts


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Rows by window and bin, rows by bin of the reference, and the main measure by window."""
    if subject.roles.time is None:
        return {}
    time, own = _cuts(subject)
    if not own:
        return {}
    probe = Coded((time, *own))
    window = (time.key, time.levels)
    counts = SliceCells(tuple((window, (cut.key, cut.levels)) for cut in own))
    out = {"windows": Need(counts, rows=Rows.ALL, probe=probe)}
    if subject.has_reference:
        then = SliceCells(tuple(((cut.key, cut.levels),) for cut in own))
        out["then"] = Need(then, Side.REFERENCE, Rows.ALL, Coded(own))
    measured = _measured(subject, window)
    if measured is not None and subject.labelled:
        out["measure"] = Need(measured, probe=Coded((time,)))
    return out | learning_needs(probe.cuts)


def _measured(subject: Subject, window: tuple[str, int]) -> SliceCells | None:
    classes, weigh = len(subject.classes), weighted(subject)
    if subject.task is Task.REGRESSION:
        return SliceCells(((window,),), losses=("absolute_error",), weighted=weigh)
    if subject.has_prediction:
        return SliceCells(((window,),), Within.DECISIONS, classes, weighted=weigh)
    if subject.has_probabilities:
        return SliceCells(((window,),), Within.ROWS, classes, losses=("log_loss",), weighted=weigh)
    return None


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Follow every column and the main measure over the windows."""
    if context.subject.roles.time is None:
        return not_given("no time column was named")
    if "windows" not in tallies:
        return not_applicable("no input column is left beside the time column")
    time, own = _cuts(context.subject)
    known = codings((time, *own), tallies)
    windows = known[time]
    if not windows.ordered or len(windows.labels) < 3:
        return not_applicable("the time column holds fewer than two different times")
    series = [s for s in _all_series(tallies, own, windows, context) if s is not None]
    if not series:
        return not_applicable("no input column holds a value in two windows")
    p = np.concatenate([s.p for s in series])
    sure = np.split(
        holm(p) < 1 - context.options.confidence, np.cumsum([s.p.size for s in series])[:-1]
    )
    order = sorted(range(len(series)), key=lambda i: -float(series[i].low.max()))
    estimates = [e for s in series for e in _estimates(s, windows, context)]
    findings = [
        f for i in order if (f := _finding(series[i], sure[i], windows, context)) is not None
    ]
    figures = _figures([series[i] for i in order], [sure[i] for i in order], windows, context)
    figures += _measure_figure(tallies, windows, context)
    return Judgement(tuple(estimates), tuple(findings), figures, (_table(series, order, windows),))


def _all_series(
    tallies: Tallies, own: tuple[Cut, ...], windows: Coding, context: Context
) -> Iterator[_Series | None]:
    counted = tallies.take("windows", SliceCells)
    then = tallies.take("then", SliceCells) if "then" in tallies else None
    many = len(windows.labels) - 1
    for i, cut in enumerate(own):
        table = counted.set_counts(i)[:, 0, 0].reshape(-1, cut.levels)[:many].astype(np.float64)
        rows = table.sum(axis=1)
        before = (
            table.sum(axis=0) if then is None else then.set_counts(i)[:, 0, 0].astype(np.float64)
        )
        yield _series(cut.column, table, rows, before, then is not None, context)


def _series(
    column: str,
    table: FloatArray,
    rows: FloatArray,
    before: FloatArray,
    apart: bool,
    context: Context,
) -> _Series | None:
    """Return the distance of every window from the reference, or from the other windows together."""
    total = before.sum()
    if total <= 0 or int((rows > 0).sum()) < 2:
        return None
    value, low, high, p = np.zeros((4, rows.size))
    alpha = 1 - context.options.confidence
    for w in range(rows.size):
        other = before if apart else before - table[w]
        n, m = rows[w], other.sum()
        if n <= 0 or m <= 0:
            p[w] = 1.0
            continue
        share, base = table[w] / n, other / m
        pooled = (table[w] + other) / (n + m)
        value[w] = np.abs(share - base).sum() / 2
        noise = np.sqrt(2 / math.pi * pooled * (1 - pooled) * (1 / n + 1 / m)).sum() / 2
        spread = 1 / n + 1 / m
        reach = math.sqrt(spread * math.log(2 / alpha) / 2)
        low[w] = max(value[w] - noise - reach, 0.0)
        high[w] = min(value[w] + reach, 1.0)
        excess = max(value[w] - noise - context.options.drift_floor, 0.0)
        p[w] = math.exp(-2 * excess**2 / spread)
    return _Series(column, value, low, high, p, rows)


def _estimates(s: _Series, windows: Coding, context: Context) -> Iterator[Estimate]:
    for w in np.flatnonzero(s.rows > 0).tolist():
        yield Estimate(
            "total_variation",
            float(s.values[w]),
            float(min(s.low[w], s.values[w])),
            float(max(s.high[w], s.values[w])),
            context.options.confidence,
            int(s.rows[w]),
            "total variation of bins, McDiarmid",
            where=Where(column=s.column, window=_window(windows, w)),
        )


def _window(windows: Coding, w: int) -> tuple[str, str]:
    if windows.values:
        return windows.labels[w], windows.labels[w]
    start, end = windows.ends(w, w)
    return start or "the beginning", end or "the end"


def _finding(s: _Series, sure: np.ndarray, windows: Coding, context: Context) -> Finding | None:
    marked = np.flatnonzero(sure)
    if not marked.size:
        return None
    first, worst = int(marked[0]), int(marked[np.argmax(s.values[marked])])
    start, end = _window(windows, worst)
    against = "the reference" if context.subject.has_reference else "the other windows"
    return Finding(
        Status.FAIL,
        "This column changed within the time looked at.",
        f"It is clearly away from {against} in {marked.size} of {s.rows.size} windows, the first from "
        f"{_window(windows, first)[0]}; most from {start} to {end}, where {100 * s.values[worst]:.0f} of 100 "
        f"rows would have to move (likely at least {100 * s.low[worst]:.0f}).",
        "See what happened at the first of these windows.",
        Where(column=s.column),
    )


def _starts(windows: Coding) -> list[str]:
    return [_window(windows, w)[0] for w in range(len(windows.labels) - 1)]


def _figures(
    series: list[_Series], sure: list[np.ndarray], windows: Coding, context: Context
) -> tuple[Figure, ...]:
    panels: dict[str, dict[str, list[Any]]] = {
        s.column: {
            "x": _starts(windows),
            "value": [float(v) if n else None for v, n in zip(s.values, s.rows, strict=True)],
            "low": [float(v) if n else None for v, n in zip(s.low, s.rows, strict=True)],
            "high": [float(v) if n else None for v, n in zip(s.high, s.rows, strict=True)],
            "alarm": [bool(x) for x in mark],
        }
        for s, mark in zip(series[:MOST_DRAWN], sure[:MOST_DRAWN], strict=True)
    }
    return (
        Figure(
            "strip",
            "Columns over time",
            "Share of rows of a window that would have to move to look like "
            f"{'the reference' if context.subject.has_reference else 'the other windows'}.",
            panels,
            {"floor": context.options.drift_floor, "floor_title": "floor"},
        ),
    )


def _measure_figure(tallies: Tallies, windows: Coding, context: Context) -> tuple[Figure, ...]:
    if "measure" not in tallies:
        return ()
    cells = tallies.take("measure", SliceCells)
    found = [_of_window(cells, w, context) for w in range(len(windows.labels) - 1)]
    name = next((e.name for e in found if e is not None), None)
    if name is None:
        return ()
    panel: dict[str, list[Any]] = {
        "x": _starts(windows),
        "value": [None if e is None else e.value for e in found],
        "low": [None if e is None else e.low for e in found],
        "high": [None if e is None else e.high for e in found],
    }
    title = name.replace("_", " ")
    return (
        Figure(
            "strip",
            f"{title.capitalize()} over time",
            "The main measure in every window, with its likely range.",
            {title: panel},
        ),
    )


def _of_window(cells: SliceCells, w: int, context: Context) -> Estimate | None:
    level = context.options.confidence
    if cells.within is Within.DECISIONS:
        k = cells.classes
        masses = cells.set_masses(0)
        table = cells.set_counts(0)[w].reshape(-1, k, k)
        if masses is None:
            return accuracy(ConfusionCounts(table), level=level)
        held = masses[w].reshape(-1, k, k, 2)
        return accuracy(ConfusionCounts(table, held[..., 0], held[..., 1]), level=level)
    loss = cells.losses[0]
    sums = LossSums.of_table(cells.set_sums(0, loss)[w])
    if loss == "log_loss":
        return log_loss(sums, level=level)
    return mean_absolute_error(sums, level=level)


def _table(series: list[_Series], order: list[int], windows: Coding) -> Table:
    shown = order[:20]
    heads = ("from", "rows", *(series[i].column for i in shown[:6]))
    rows = tuple(
        (
            _starts(windows)[w],
            int(series[0].rows[w]),
            *(float(series[i].values[w]) for i in shown[:6]),
        )
        for w in range(len(windows.labels) - 1)
    )
    return Table("Share of rows moved, by window", heads, rows, "The six columns that moved most.")
