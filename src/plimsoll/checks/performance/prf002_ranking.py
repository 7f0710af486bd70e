"""PRF002  Do higher scores go with the positive class?

## What it measures
The area under the ROC curve: how often a positive row scores above a negative one, ties counted
half. And the average precision, which looks at the top of the list, where an alarm or an offer is
made. With more than two classes the area is the mean of each class against the rest.

## Why it matters
Ranking needs no threshold and no calibration. A model that cannot rank cannot be mended by moving a
threshold; one that ranks well and is badly calibrated can be.

## How
Up to a million different scores every one is kept; beyond, narrow cells, whose largest possible
effect on the area is added to the interval. The area has DeLong's interval (DeLong, DeLong and
Clarke-Pearson 1988, doi:10.2307/2531595, ties included), a score interval where a class has fewer
than 30 rows or hardly a pair is wrong. Average precision follows scikit-learn's definition; its
interval is Wilson's at the effective size that leaving out single rows shows. With a group column
whole groups are left out in turn.

## When it cannot tell
With one class only. An average precision cannot be compared between data sets whose base rates
differ.

## What to do
Look at the curve: where it leaves the corner tells which thresholds are worth having. If the area
is close to 0.5, see BAS001 before anything else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Figure, Judgement, not_applicable
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Side, Tallies
from plimsoll.stats.adjust import recentred, widened
from plimsoll.stats.auc import binning_error, macro_roc_auc, roc_auc
from plimsoll.stats.average_precision import average_precision
from plimsoll.stats.curve import CurvePoints, precision_recall_points, roc_points
from plimsoll.stats.score_cells import ScoreCells
from plimsoll.tallies.histogram import Histogram
from plimsoll.tallies.shared import bucketed_score_cells, clustered, score_cells

CARD = Card(
    "PRF002",
    title="Ranking",
    question="Do higher scores go with the positive class?",
    area="performance",
    needs="scores",
    measures=(
        Measure(
            "roc_auc",
            "area under the ROC curve",
            plain="Of 100 pairs of one positive and one negative row, it puts about {value} in the right "
            "order (likely {low} to {high}).",
            style="per100",
        ),
        Measure("average_precision", "average precision"),
    ),
    evidence=("performance.ranking",),
    sources=("doi:10.2307/2531595",),
    suites=("quick", "standard", "stress", "full"),
)
MOST_CLASSES = 50
_UNIT = {"x_domain": [0, 1], "y_domain": [0, 1]}


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Histograms of score and label, by hash bucket too where rows hang together or classes are many."""
    if not subject.has_scores:
        return {}
    out = _side(subject, Side.CURRENT, "now")
    if options.on_reference and subject.reference_answered:
        out |= _side(subject, Side.REFERENCE, "then")
    return out


def _side(subject: Subject, side: Side, name: str) -> dict[str, Need]:
    codes = _codes(subject)
    out = {}
    for code in codes:
        out[f"{name} {code}"] = Need(score_cells(subject, code, side), side)
        if clustered(subject, side) or subject.task is Task.MULTICLASS:
            coarse = bucketed_score_cells(subject, code, side)
            out[f"{name} {code} by bucket"] = Need(coarse, side)
    return out


def _codes(subject: Subject) -> list[int | None]:
    if subject.task is Task.BINARY:
        return [None]
    return [*range(min(len(subject.classes), MOST_CLASSES))]


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Measure how well the scores rank."""
    subject, level = context.subject, context.options.confidence
    if not subject.has_scores:
        return not_applicable("there are no scores, only decisions")
    estimates = measure(tallies, subject, "now", level)
    if any(name.startswith("then") for name in tallies):
        then = measure(tallies, subject, "then", level)
        estimates += [replace(e, where=replace(e.where, variant="reference")) for e in then]
    figures: tuple[Figure, ...] = ()
    if subject.task is Task.BINARY:
        figures = _figures(cells_of(tallies, "now None"), level)
    reason = None
    if len(subject.classes) > MOST_CLASSES:
        reason = (
            f"Given for the first {MOST_CLASSES} of {len(subject.classes)} classes, each by itself; "
            "there is no mean over all."
        )
    return Judgement(tuple(estimates), figures=figures, reason=reason)


def cells_of(tallies: Tallies, name: str) -> ScoreCells:
    """Return a histogram as the formulas take it."""
    return ScoreCells(*tallies.take(name, Histogram).by_label())


def measure(tallies: Tallies, subject: Subject, side: str, level: float) -> list[Estimate]:
    """Return area and average precision, for a binary task or for all classes."""
    codes = _codes(subject)
    fine = [cells_of(tallies, f"{side} {code}") for code in codes]
    coarse = [
        cells_of(tallies, f"{side} {code} by bucket")
        for code in codes
        if f"{side} {code} by bucket" in tallies
    ]
    if subject.task is Task.BINARY:
        return _binary(fine[0], coarse[0] if coarse else fine[0], _slack(tallies, side), level)
    return _multiclass(fine, coarse, subject, level)


def _slack(tallies: Tallies, side: str) -> float:
    histogram = tallies.take(f"{side} None", Histogram)
    return 0.0 if histogram.exact else binning_error(cells_of(tallies, f"{side} None"))


def _binary(fine: ScoreCells, spread: ScoreCells, slack: float, level: float) -> list[Estimate]:
    out = []
    for formula in (roc_auc, average_precision):
        estimate = formula(spread, level=level)
        if estimate is not None and spread is not fine:
            exact = formula(fine.ungrouped(), level=level)
            estimate = None if exact is None else recentred(estimate, exact.value, 0.0, 1.0)
        if estimate is not None:
            out.append(widened(estimate, slack, 0.0, 1.0))
    return out


def _multiclass(
    fine: Sequence[ScoreCells], coarse: Sequence[ScoreCells], subject: Subject, level: float
) -> list[Estimate]:
    """Return the mean area over classes, and area and average precision of each class.

    ``coarse`` are bucketed by group where rows hang together, else by the hash of the row: the classes
    share rows, and only leaving out rows tells how their areas move together.
    """
    out: list[Estimate] = []
    grouped = subject.roles.group is not None
    exact = macro_roc_auc(fine, level=level)
    spread = macro_roc_auc(coarse, level=level)
    if len(subject.classes) > len(fine):
        exact = None  # a mean over some of the classes is not the mean
    if exact is not None and spread is not None:
        out.append(recentred(spread, exact.value, 0.0, 1.0))
    elif exact is not None and not grouped:
        out.append(exact)
    for i, label in enumerate(subject.classes[: len(fine)]):
        own = _binary(fine[i], coarse[i] if grouped else fine[i], 0.0, level)
        out += [estimate.at(Where(label=label)) for estimate in own]
    return out


def _figures(cells: ScoreCells, level: float) -> tuple[Figure, ...]:
    rates, found = roc_points(cells, level=level), precision_recall_points(cells, level=level)
    if rates is None or found is None:
        return ()
    base = float(cells.masses[1].sum() / cells.masses.sum())
    return (
        Figure(
            "line",
            "ROC curve",
            "How many positives are found for how many false alarms, at every threshold. "
            "The diagonal is chance.",
            {"model": _series(rates), "chance": {"x": [0.0, 1.0], "y": [0.0, 1.0]}},
            {**_UNIT, "x_title": "False positive rate", "y_title": "Recall"},
        ),
        Figure(
            "line",
            "Precision and recall",
            "How many of those flagged are right, for how many found. The level line flags everybody.",
            {"model": _series(found), "flag everybody": {"x": [0.0, 1.0], "y": [base, base]}},
            {**_UNIT, "x_title": "Recall", "y_title": "Precision"},
        ),
    )


def _series(points: CurvePoints) -> dict[str, list[float]]:
    return {
        "x": points.x.tolist(),
        "y": points.y.tolist(),
        "low": points.low.tolist(),
        "high": points.high.tolist(),
    }
