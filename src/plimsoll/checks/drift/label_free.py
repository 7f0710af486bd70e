"""What DRF004 expects of rows without labels, and whether labels bear it out. Not a check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from plimsoll.core.batch import score_column
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Finding, Status
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Rows, Side, Tallies
from plimsoll.stats.confusion import ConfusionCounts, accuracy, precision, recall
from plimsoll.stats.label_free import (
    Calibrated,
    calibrated,
    expected_accuracy,
    expected_log_loss,
    expected_precision,
    expected_recall,
)
from plimsoll.tallies.confusion import Confusion
from plimsoll.tallies.histogram import Histogram
from plimsoll.tallies.shared import confusion, score_cells, weighted

VARIANT = "expected from scores"
SCORES_THEN, SCORES_NOW, DECIDED = "scores then", "scores now", "decided now"
_REALISED = {"accuracy": accuracy, "recall": recall, "precision": precision}


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected of today, and what it means."""

    estimates: tuple[Estimate, ...] = ()
    findings: tuple[Finding, ...] = ()


def label_free_needs(subject: Subject) -> dict[str, Need]:
    """Return scores and labels of the reference, and scores of today with or without a label."""
    binary = subject.task is Task.BINARY and subject.has_scores and subject.reference_answered
    if not binary or weighted(subject, Side.REFERENCE):
        return {}
    out = {
        SCORES_THEN: Need(score_cells(subject, side=Side.REFERENCE), Side.REFERENCE),
        SCORES_NOW: Need(Histogram(score_column()), rows=Rows.ANSWERED),
    }
    if subject.labelled and subject.has_prediction:
        out[DECIDED] = Need(confusion(subject))
    return out


def expected_measures(tallies: Tallies, subject: Subject, level: float) -> Expected:
    """Return the measures that today's scores let expect, and a finding where labels disagree."""
    if SCORES_NOW not in tallies:
        return Expected()
    cells = _calibrated(tallies)
    if cells is None:
        return Expected()
    found: list[Estimate | None] = []
    if subject.threshold is not None:
        for formula in (expected_accuracy, expected_recall, expected_precision):
            found.append(formula(cells, subject.threshold, level=level))
    if subject.has_probabilities:
        found.append(expected_log_loss(cells, level=level))
    estimates = tuple(e.at(Where(variant=VARIANT)) for e in found if e is not None)
    findings = tuple(_borne_out(estimates, tallies, level)) if DECIDED in tallies else ()
    return Expected(estimates, findings)


def _calibrated(tallies: Tallies) -> Calibrated | None:
    then, now = tallies.take(SCORES_THEN, Histogram), tallies.take(SCORES_NOW, Histogram)
    scores, negatives, positives, _, _ = then.by_label()
    today = now.settle()
    both = np.union1d(scores, today.values)
    place_then, place_now = np.searchsorted(both, scores), np.searchsorted(both, today.values)
    rows = np.zeros((3, both.size))
    rows[0, place_then], rows[1, place_then] = negatives, positives
    rows[2, place_now] = today.level()
    return calibrated(both, rows[0], rows[1], rows[2])


def _borne_out(
    estimates: tuple[Estimate, ...], tallies: Tallies, level: float
) -> Iterator[Finding]:
    """Say where the labels of today show what the scores did not let expect."""
    table = ConfusionCounts(*tallies.take(DECIDED, Confusion).parts())
    for expected in estimates[:1]:
        formula = _REALISED.get(expected.name)
        realised = None if formula is None else formula(table, level=level)
        if realised is None or expected.low <= realised.value <= expected.high:
            continue
        worse = realised.value < expected.value
        yield Finding(
            Status.FAIL if worse else Status.PASS,
            "It does worse than its scores let one expect."
            if worse
            else "It does better than its scores let one expect.",
            f"The {expected.name} is {100 * realised.value:.1f} %; from the scores, likely "
            f"{100 * expected.low:.1f} to {100 * expected.high:.1f} % was expected. Either the model was "
            "fitted on the reference, which flatters it there, or inputs and label relate in another way.",
            "Compare with rows the model has not seen; if it is worse than on those, look for a change in "
            "what the label means or in how people behave."
            if worse
            else "Nothing; a fresh calibration would say what the scores mean today.",
            estimates=(expected,),
        )
