"""CAL005  Are the probabilities of several classes calibrated?

## What it measures
Two errors, each beside its null band. Top-label: does the class it is surest of occur as often as
it says? Classwise: the mean over classes of the calibration error of each class against the rest.

## Why it matters
A model can be right about how sure it is of its favourite and wrong about every other class.
Whoever uses more than the first answer (a ranking of diagnoses, a cost for each class) needs both.

## How
The expected calibration error over 15 equal bins, of the largest score against being right (Guo et
al. 2017, arXiv:1706.04599), and of each class's score against that class, averaged (Kull et al.
2019, arXiv:1910.12656). The null bands draw labels from the scores.

## When it cannot tell
Classes with few rows have wide bands. Errors that cancel within a bin are not seen.

## What to do
Temperature scaling mends the top label; a map for each class (Dirichlet calibration) mends the
rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from plimsoll.core.batch import CORRECT, TOP
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.errors import DataError
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Finding, Judgement, Status, not_applicable
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Tallies
from plimsoll.stats.calibration_cells import Cells
from plimsoll.stats.calibration_error import calibration_error, classwise
from plimsoll.tallies.histogram import Histogram
from plimsoll.tallies.shared import (
    COARSE_CELLS,
    bucketed_score_cells,
    clustered,
    score_cells,
    weighted,
)

CARD = Card(
    "CAL005",
    title="Calibration of classes",
    question="Are the probabilities of several classes calibrated?",
    area="calibration",
    needs="probabilities of a multiclass task",
    measures=(
        Measure("ece", "expected calibration error", better="lower"),
        Measure("ece_null_high", "upper end of the null band of the ECE", better="neither"),
    ),
    evidence=("performance.calibration",),
    sources=("arXiv:1706.04599", "arXiv:1910.12656"),
)
MOST_CLASSES = 50
NOTABLE = 0.02


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Histograms of the largest score and of every class's score."""
    if not (subject.has_probabilities and subject.task is Task.MULTICLASS):
        return {}
    grouped = clustered(subject)
    top = Histogram(
        TOP,
        by=CORRECT,
        levels=2,
        bucketed=grouped,
        weighted=weighted(subject),
        cells=COARSE_CELLS if grouped else Histogram.cells,
        exact_cells=COARSE_CELLS if grouped else Histogram.exact_cells,
    )
    make = bucketed_score_cells if grouped else score_cells
    codes = range(min(len(subject.classes), MOST_CLASSES))
    return {"top": Need(top)} | {str(code): Need(make(subject, code)) for code in codes}


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Measure both errors beside their null bands."""
    if "top" not in tallies:
        return not_applicable("there are no probabilities of a multiclass task")
    options, subject = context.options, context.subject
    rng, level = options.rng(CARD.code), options.confidence
    try:
        top = calibration_error(_cells(tallies, "top"), rng=rng, level=level)
        parts = [
            calibration_error(_cells(tallies, name), rng=rng, level=level)
            for name in tallies
            if name != "top"
        ]
    except DataError as error:
        return not_applicable(str(error))
    several = [(top, "top-label")]
    reason = None
    if len(parts) == len(subject.classes):
        several.append((classwise(parts), "classwise"))
    else:
        reason = (
            f"Given for the first {len(parts)} of {len(subject.classes)} classes, each by itself; "
            "there is no mean over all."
        )
    estimates: list[Estimate] = []
    findings = []
    for found, kind in several:
        ece, null = (
            replace(e, where=Where(variant=kind)) for e in (found.ece, found.ece_null_high)
        )
        estimates += [ece, null]
        if ece.value > max(null.value, NOTABLE):
            findings.append(_finding(ece, null, kind))
    for part, label in zip(parts, subject.classes, strict=False):
        estimates += [e.at(Where(label=label)) for e in (part.ece, part.ece_null_high)]
    return Judgement(tuple(estimates), tuple(findings), reason=reason)


def _cells(tallies: Tallies, name: str) -> Cells:
    return Cells.of(*tallies.take(name, Histogram).calibration_parts())


def _finding(ece: Estimate, null: Estimate, kind: str) -> Finding:
    whose = "of its first choice" if kind == "top-label" else "of the classes, on average,"
    return Finding(
        Status.FAIL,
        f"The probabilities {whose} do not mean what they say.",
        f"Stated and observed shares are {100 * ece.value:.1f} points apart; a calibrated "
        f"model would show at most {100 * null.value:.1f} on this table.",
        "Scale the scores (temperature), or fit a map for each class, on rows kept for it.",
        ece.where,
        (ece, null),
    )
