"""CAL004  What would recalibration win?

## What it measures
How much the Brier score and the log loss would fall if the scores were mapped anew, by temperature,
Platt, beta or isotonic recalibration, each fitted on some rows and paid out on others.

## Why it matters
A calibration error is worth mending only if mending it wins something on rows the fit has not seen.
Isotonic recalibration of a few hundred rows often loses.

## How
Rows are dealt to five folds by lot, keyed by the seed; with a group column whole groups are, by
their hash. Each map is fitted without a fold and judged on it; the gain is the mean loss before
less after, with an interval over the held-out rows. Sources: Guo et al. 2017, arXiv:1706.04599;
Platt 1999; Kull, Silva Filho and Flach 2017, doi:10.1214/17-EJS1338SI; Zadrozny and Elkan 2002,
doi:10.1145/775047.775151.

## When it cannot tell
The gain is that of maps fitted on these rows. It says nothing of rows from elsewhere or later.

## What to do
If a gain is shown, fit that map on rows kept for it, put it behind the model, and judge the two
together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from plimsoll.core.check import Card, Context, Options
from plimsoll.core.errors import DataError
from plimsoll.core.finding import Figure, Finding, Judgement, Status, Table, not_applicable
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Tallies
from plimsoll.stats.calibration_cells import Cells, Undetermined
from plimsoll.stats.recalibration import FOLDS, Recalibration, recalibration
from plimsoll.tallies.histogram import Histogram
from plimsoll.tallies.shared import bucketed_score_cells, clustered, coarse_score_cells

CARD = Card(
    "CAL004",
    title="Recalibration",
    question="What would recalibration win?",
    area="calibration",
    needs="probabilities of a binary task",
    measures=(Measure("recalibration_gain", "gain by recalibration", "neither", None, None, None),),
    suites=("standard", "full"),
    evidence=("performance.calibration",),
    sources=("arXiv:1706.04599", "doi:10.1214/17-EJS1338SI", "doi:10.1145/775047.775151"),
)
NOTABLE = 0.01


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """The histogram of score and label, by bucket of groups where rows hang together."""
    if not (subject.has_probabilities and subject.task is Task.BINARY):
        return {}
    make = bucketed_score_cells if clustered(subject) else coarse_score_cells
    return {"cells": Need(make(subject))}


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Try the maps."""
    if "cells" not in tallies:
        return not_applicable("there are no probabilities of a binary task")
    level = context.options.confidence
    try:
        cells = _cells(tallies.take("cells", Histogram), context)
        found = recalibration(cells, level=level)
    except DataError as error:
        return not_applicable(str(error))
    if isinstance(found, Undetermined):
        return not_applicable(found.reason)
    base = cells.base_rate * (1 - cells.base_rate)
    estimates = [e for one in found for e in (one.brier_gain, one.log_loss_gain)]
    return Judgement(tuple(estimates), _findings(found, base), (_figure(found),), (_table(found),))


def _cells(histogram: Histogram, context: Context) -> Cells:
    """Return cells with a group axis to make folds of.

    Rows that stand alone are dealt to as many groups as there are folds, cell by cell: rows of one
    cell are alike, so which of them goes where does not matter, only how many. A hash of the row would
    put equal rows of a table without an id into one fold, and the fit would never see their label.
    """
    scores, negatives, positives, squared = histogram.calibration_parts()
    if histogram.bucketed:
        return Cells.of(scores, negatives, positives, squared, clustered=True)
    rng = context.options.rng(CARD.code)
    _, *rows = histogram.by_label()[:3]
    dealt = []
    for count, mass in zip(rows, (negatives, positives), strict=True):
        hands = rng.multinomial(count, np.full(FOLDS, 1 / FOLDS))
        dealt.append((hands * (mass / np.maximum(count, 1))[:, None]).T)
    return Cells.of(scores, dealt[0], dealt[1], squared, clustered=False)


def _findings(found: Sequence[Recalibration], base: float) -> tuple[Finding, ...]:
    best = max(found, key=lambda one: one.brier_gain.low)
    if best.brier_gain.low <= 0 or best.brier_gain.value < NOTABLE * base:
        return ()
    return (
        Finding(
            Status.FAIL,
            "Recalibration would make the probabilities better.",
            f"{best.method.capitalize()} recalibration wins {100 * best.brier_gain.value / base:.1f} of "
            "every 100 parts of the uncertainty there is, on rows that its fit did not see.",
            f"Fit {best.method} recalibration on rows kept for it and judge the model with it again.",
            estimates=(best.brier_gain,),
        ),
    )


def _figure(found: Sequence[Recalibration]) -> Figure:
    gains = [one.brier_gain for one in found]
    return Figure(
        "interval",
        "Gain in Brier score by recalibration",
        "Right of 0 helps. The line shows the likely range on rows that the fit did not see.",
        {
            "gain": {
                "label": [one.method for one in found],
                "value": [g.value for g in gains],
                "low": [g.low for g in gains],
                "high": [g.high for g in gains],
            }
        },
        {"bound": 0.0, "x_title": "Gain in Brier score"},
    )


def _table(found: Sequence[Recalibration]) -> Table:
    rows = tuple(
        (one.method, ", ".join(f"{name} {value:.4g}" for name, value in one.fitted.parameters))
        for one in found
    )
    return Table("Maps fitted to all rows", ("method", "parameters"), rows)
