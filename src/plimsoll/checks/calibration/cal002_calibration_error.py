"""CAL002  How large is the calibration error, and how large would it be by chance?

## What it measures
The expected calibration error (ECE): the mean gap between stated probability and outcome over 15
equal bins. Beside it, always, the null band: how large the ECE of a perfectly calibrated model
would be on these very scores.

## Why it matters
ECE is asked for everywhere and misread as often. A perfectly calibrated model shows an ECE of about
0.12 at 100 rows and 0.04 at 1,000 rows with 15 bins, for the error of each bin counts without its
sign. Only what stands above the null band is error.

## How
`sum over bins of (rows in bin / rows) * |mean score - share of positives|` (Naeini, Cooper and
Hauskrecht 2015). The null band draws labels from the scores; `ece_null_high` is its upper end. The
interval is found by asking which true errors would show such an ECE.

## When it cannot tell
It depends on the bins. Two errors of opposite sign within a bin cancel. CAL001 needs no bins and is
the better guide.

## What to do
If the ECE is inside the null band there is nothing to mend. If it is above, see CAL001 and CAL004.
"""

from __future__ import annotations

from collections.abc import Mapping

from plimsoll.core.check import Card, Context, Options
from plimsoll.core.errors import DataError
from plimsoll.core.finding import Finding, Judgement, Status, not_applicable
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Tallies
from plimsoll.stats.calibration_cells import Cells
from plimsoll.stats.calibration_error import CalibrationError, calibration_error
from plimsoll.tallies.histogram import Histogram
from plimsoll.tallies.shared import bucketed_score_cells, clustered, score_cells

CARD = Card(
    "CAL002",
    title="Calibration error",
    question="How large is the calibration error, and how large would it be by chance?",
    area="calibration",
    needs="probabilities of a binary task",
    measures=(
        Measure("ece", "expected calibration error", better="lower"),
        Measure("ece_null_high", "upper end of the null band of the ECE", better="neither"),
    ),
    evidence=("performance.calibration",),
    sources=("doi:10.1609/aaai.v29i1.9602",),
)
NOTABLE = 0.02


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """The histogram of score and label, by group where rows hang together."""
    if not (subject.has_probabilities and subject.task is Task.BINARY):
        return {}
    out = {"cells": Need(score_cells(subject))}
    if clustered(subject):
        out["by group"] = Need(bucketed_score_cells(subject))
    return out


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Measure the error beside its null band."""
    if "cells" not in tallies:
        return not_applicable("there are no probabilities of a binary task")
    options = context.options
    fine = Cells.of(*tallies.take("cells", Histogram).calibration_parts())
    cells = fine
    try:
        if "by group" in tallies:
            cells = Cells.of(*tallies.take("by group", Histogram).calibration_parts())
    except DataError as error:
        return not_applicable(str(error))
    found = calibration_error(
        cells, rng=options.rng(CARD.code), level=options.confidence, exact=fine
    )
    return Judgement((found.ece, found.ece_null_high), _findings(found))


def _findings(found: CalibrationError) -> tuple[Finding, ...]:
    if found.ece.value <= max(found.ece_null_high.value, NOTABLE):
        return ()
    return (
        Finding(
            Status.FAIL,
            "The calibration error is larger than chance makes it.",
            f"Stated and observed shares are {100 * found.ece.value:.1f} points apart on "
            "average; a calibrated model would show at most "
            f"{100 * found.ece_null_high.value:.1f} on this table.",
            "See the reliability diagram of CAL001 for where, and CAL004 for what recalibration wins.",
            estimates=(found.ece, found.ece_null_high),
        ),
    )
