"""DRF002  Do answers and labels come as they did?

## What it measures
How far the model's scores (or predicted numbers), its decisions and the labels have moved since the
reference. Answers are those of all rows that have one, with or without a label.

## Why it matters
If a model suddenly says yes twice as often, either the world changed or the model's inputs did;
somebody acts on those answers today, long before labels come. If labels come differently, thresholds
and calibration no longer fit.

## How
As DRF001: KS for numbers, the total variation for classes, an alarm only above the floor with Holm's
correction over what is compared here (Smirnov 1948, doi:10.1214/aoms/1177730256; McDiarmid 1989,
doi:10.1017/CBO9781107359949.008). For the share of the positive class the difference has Newcombe's
interval.

## When it cannot tell
Answers can stay as they were while the relation of inputs and label changes. Scores of a model that was
fitted on the reference look surer there than on new rows; a small shift of scores between training and
new rows is overfitting and not drift.

## What to do
If answers moved and inputs did not (DRF001), look at the model that serves. If labels moved, see
whether thresholds still suit the costs (PRF005) and whether probabilities still hold (CAL001).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from plimsoll.checks.drift.sides import DISTANCES, NOW, THEN, distribution_needs, samples_of
from plimsoll.core.batch import PREDICTION, TARGET, score_column
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Figure, Finding, Judgement, Status, not_applicable, not_given
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Rows, Tallies
from plimsoll.stats.drift import ColumnDrift, Judged, Statement, column_drift, judge_columns
from plimsoll.stats.proportion import newcombe_difference
from plimsoll.stats.two_samples import TwoSamples
from plimsoll.tallies.distribution import Distribution
from plimsoll.tallies.two_sides import TwoSides, two_sides

CARD = Card(
    "DRF002",
    title="Drift of answers and labels",
    question="Do answers and labels come as they did?",
    area="drift",
    needs="a reference with answers or labels",
    cost="one scan of the data and one of the reference",
    measures=(
        *DISTANCES,
        Measure("share_change", "change in the share of the positive class", "target", 0.0, -1.0),
    ),
    evidence=("data.drift", "performance.monitoring"),
    sources=("doi:10.1214/aoms/1177730256", "doi:10.1017/CBO9781107359949.008"),
    labels=False,
)
SCORES, DECISIONS, LABELS = "scores", "decisions", "labels"
DRAWN_BINS = 20


@dataclass(frozen=True, eq=False)
class _Part:
    """Scores, decisions or labels on both sides."""

    name: str
    cells: TwoSides
    samples: TwoSamples
    drift: ColumnDrift


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """How answers and labels are spread on both sides."""
    out: dict[str, Need] = {}
    for column, rows in _columns(subject):
        out |= distribution_needs(column, subject, rows)
    return out


def _columns(subject: Subject) -> Iterator[tuple[str, Rows]]:
    if not subject.has_reference:
        return
    if subject.reference_answered:
        if subject.has_scores and subject.task is Task.BINARY:
            yield score_column(), Rows.ANSWERED
        if subject.has_prediction:
            yield PREDICTION, Rows.ANSWERED
    if subject.reference_labelled and subject.labelled:
        yield TARGET, Rows.JUDGED


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Hold answers and labels against those of the reference."""
    subject, level = context.subject, context.options.confidence
    if not subject.has_reference:
        return not_given("no reference was given")
    if not tallies:
        return not_given("the reference has neither labels nor answers of the model")
    floor = context.options.drift_floor
    parts = [p for c, _ in _columns(subject) if (p := _part(c, tallies, subject, floor, level))]
    if not parts:
        return not_applicable("neither side has answers or labels to compare")
    said = judge_columns([p.drift for p in parts], floor=floor, alpha=1 - level)
    estimates = [e.at(Where(variant=p.name)) for p in parts for e in p.drift.estimates]
    shares = [e for p in parts if (e := _share(p, subject, level)) is not None]
    findings = [f for p, j in zip(parts, said, strict=True) if (f := _finding(p, j, floor))]
    there = {p.name for p in parts}
    names = [_name(column, subject) for column, _ in _columns(subject)]
    findings += [_lost(name) for name in names if name not in there]
    return Judgement(
        (*estimates, *shares), tuple(findings), _figures([p for p in parts if p.cells.ordered])
    )


def _part(
    column: str, tallies: Tallies, subject: Subject, floor: float, level: float
) -> _Part | None:
    then = tallies.take(f"{THEN}{column}", Distribution)
    now = tallies.take(f"{NOW}{column}", Distribution)
    cells = two_sides(then, now)
    if cells is None:
        return None
    classes = subject.is_classification and column in (PREDICTION, TARGET)
    samples = samples_of(cells)
    if classes:  # codes of classes have no order
        cells = TwoSides(
            cells.reference,
            cells.current,
            False,
            labels=tuple(_label(subject, code) for code in _codes(cells)),
            by_bucket=cells.by_bucket,
        )
        samples = samples_of(cells)
    drift = column_drift(samples, floor=floor, level=level)
    return None if drift is None else _Part(_name(column, subject), cells, samples, drift)


def _name(column: str, subject: Subject) -> str:
    if column == TARGET:
        return LABELS
    if column != PREDICTION:
        return SCORES
    return DECISIONS if subject.is_classification else "predictions"


def _codes(cells: TwoSides) -> list[int]:
    assert cells.values is not None
    return [round(float(x)) for x in cells.values]


def _label(subject: Subject, code: int) -> str:
    return subject.classes[code] if 0 <= code < len(subject.classes) else str(code)


def _share(part: _Part, subject: Subject, level: float) -> Estimate | None:
    """Return the change in the share of the positive class."""
    if subject.task is not Task.BINARY or subject.positive not in part.cells.labels:
        return None
    at = part.cells.labels.index(subject.positive)
    sides: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]] = (
        part.cells.reference,
        part.cells.current,
    )
    k0, k1 = (int(x[at]) for x in sides)
    n0, n1 = part.drift.rows
    low, high = newcombe_difference(k1, n1, k0, n0, level)
    value = k1 / n1 - k0 / n0
    where = Where(variant=part.name)
    return Estimate(
        "share_change", value, low, high, level, min(n0, n1), "Newcombe method 10", where=where
    )


def _finding(part: _Part, judged: Judged, floor: float) -> Finding | None:
    effect = part.drift.effect.estimate.at(Where(variant=part.name))
    if judged.statement is Statement.ALARM:
        return Finding(
            Status.FAIL,
            f"The {part.name} have changed since the reference.",
            f"About {100 * effect.value:.0f} of 100 rows would have to change to look as they did, likely "
            f"{100 * effect.low:.0f} to {100 * effect.high:.0f}; an alarm begins above {100 * floor:.0f}.",
            "See which inputs moved (DRF001) and which of them matter (DRF004).",
            Where(variant=part.name),
            (effect,),
        )
    if judged.statement is Statement.TOO_FEW:
        return Finding(
            Status.UNSURE,
            f"There are too few rows to say whether the {part.name} changed.",
            f"{part.drift.rows[1]:,} rows now, {part.drift.rows[0]:,} in the reference.",
            "Wait for more rows.",
            Where(variant=part.name),
        )
    return None


def _lost(name: str) -> Finding:
    return Finding(
        Status.UNSURE,
        f"The {name} cannot be compared with the reference.",
        f"One of the two tables has no row with {name}.",
        f"Give both tables their {name}, or leave them out of the reference.",
        Where(variant=name),
    )


def _figures(parts: list[_Part]) -> tuple[Figure, ...]:
    panels = {}
    for part in parts:
        few = part.samples.in_quantiles(DRAWN_BINS)
        if few.values is None or few.values.size < 2:
            continue
        edges = _edges(part, few)
        panels[part.name] = {
            "x": edges[:-1],
            "x2": edges[1:],
            "reference": few.shares[0].tolist(),
            "current": few.shares[1].tolist(),
        }
    if not panels:
        return ()
    return (
        Figure(
            "distributions",
            "Answers now and in the reference",
            "Shares of rows on both sides, in bins of about as many rows.",
            panels,
        ),
    )


def _edges(part: _Part, few: TwoSamples) -> list[float]:
    """Return edges between the pooled cells: half way between their means, and the ends of all."""
    assert few.values is not None and part.samples.values is not None
    inner = (few.values[1:] + few.values[:-1]) / 2
    low, high = float(part.samples.values[0]), float(part.samples.values[-1])
    first = min(low, float(few.values[0]) - 1e-9)
    last = max(high, float(few.values[-1]) + 1e-9)
    return [first, *inner.tolist(), last]
