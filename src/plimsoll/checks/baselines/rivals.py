"""What it takes to hold the model against another on the same rows, and the differences found.

Not a check: the two checks that compare share it. A difference is always that of the model judged
minus the rival.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from plimsoll.checks.baselines.decided import MOST_CLASSES, of_matrices, of_pairs
from plimsoll.core.batch import TARGET, WEIGHT, score_column
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.probe import Probe
from plimsoll.core.subject import Rival, Subject, Task
from plimsoll.core.tally import Need, Tallies
from plimsoll.stats import auc, average_precision
from plimsoll.stats.interval import FloatArray
from plimsoll.stats.mean import LossSums as Sums
from plimsoll.stats.paired import auc_difference, jackknife_difference, loss_difference
from plimsoll.stats.regression import TargetSums
from plimsoll.stats.score_cells import ScoreCells
from plimsoll.tallies.confusion import Confusion
from plimsoll.tallies.counted_rows import COUNT, CountedRows
from plimsoll.tallies.histogram import Histogram
from plimsoll.tallies.losses import LossSums
from plimsoll.tallies.paired_decisions import PairedDecisions
from plimsoll.tallies.shared import COARSE_CELLS, clustered, weighted
from plimsoll.tallies.spread import Spread

SAMPLE_ROWS = 200_000
"""Rows for the paired DeLong test; chosen by the hash of what they hold where there are more."""

_LOSS_NAMES = {
    "log_loss": "log_loss",
    "brier_score": "brier_score",
    "absolute_error": "mean_absolute_error",
    "error": "mean_error",
}


def rival_needs(
    subject: Subject, rival: Rival, probe: Probe | None, *, all_measures: bool
) -> dict[str, Need]:
    """Return the needs of one comparison, by name with the rival's name in front."""
    wanted = {}
    name, weigh, grouped = rival.name, weighted(subject), clustered(subject)
    if subject.task is Task.REGRESSION:
        losses = LossSums(("absolute_error",), against=name, bucketed=grouped, weighted=weigh)
        wanted["losses"] = Need(losses, probe=probe)
        wanted["own spread"] = Need(Spread(weighted=weigh))
        wanted["their spread"] = Need(Spread(model=name, weighted=weigh), probe=probe)
    if subject.has_probabilities and rival.has_probabilities:
        losses = LossSums(
            ("log_loss", "brier_score"),
            classes=len(subject.classes),
            against=name,
            bucketed=grouped,
            weighted=weigh,
        )
        wanted["losses"] = Need(losses, probe=probe)
    binary = subject.task is Task.BINARY
    if binary and subject.has_scores and rival.has_scores:
        if grouped or all_measures:
            wanted["own cells"] = Need(_cells(subject, ""))
            wanted["their cells"] = Need(_cells(subject, name), probe=probe)
        if not grouped:
            columns = (TARGET, score_column(), score_column(model=name), *([WEIGHT] * weigh))
            wanted["rows"] = Need(CountedRows(columns, size=SAMPLE_ROWS), probe=probe)
    decided = subject.has_prediction and rival.has_prediction and subject.is_classification
    scored = subject.has_probabilities or (binary and subject.has_scores)
    if decided and (all_measures or not scored):
        if len(subject.classes) <= MOST_CLASSES:
            pairs = PairedDecisions(len(subject.classes), name, bucketed=grouped, weighted=weigh)
            wanted["decisions"] = Need(pairs, probe=probe)
        else:
            wanted["own decisions"] = Need(_decisions(subject, ""))
            wanted["their decisions"] = Need(_decisions(subject, name), probe=probe)
    return {f"{name} {key}": need for key, need in wanted.items()}


def differences(tallies: Tallies, subject: Subject, rival: Rival, level: float) -> list[Estimate]:
    """Return the paired differences that the tallies of one comparison allow."""
    found: list[Estimate | None] = []
    name = rival.name

    def there(key: str) -> bool:
        return f"{name} {key}" in tallies

    if there("rows"):
        found.append(_auc_of_rows(tallies.take(f"{name} rows", CountedRows), name, level))
    if there("own cells"):
        cells = [
            ScoreCells(*tallies.take(f"{name} {whose} cells", Histogram).by_label())
            for whose in ("own", "their")
        ]
        found += _of_cells(cells[0], cells[1], level, with_auc=not there("rows"))
    if there("losses"):
        losses = tallies.take(f"{name} losses", LossSums)
        for loss in losses.losses:
            sums = Sums.of_table(losses.of_loss(loss))
            found.append(loss_difference(_LOSS_NAMES[loss], sums, level=level))
    if there("own spread"):
        found.append(
            _r2(
                tallies.take(f"{name} own spread", Spread),
                tallies.take(f"{name} their spread", Spread),
                level,
            )
        )
    if there("decisions"):
        pairs = tallies.take(f"{name} decisions", PairedDecisions)
        found += of_pairs(pairs, subject, level)
    if there("own decisions"):
        found += of_matrices(
            tallies.take(f"{name} own decisions", Confusion),
            tallies.take(f"{name} their decisions", Confusion),
            subject,
            level,
        )
    return [e.at(Where(metric=e.where.metric, model=name)) for e in found if e is not None]


def _cells(subject: Subject, model: str) -> Histogram:
    return Histogram(
        score_column(model=model),
        by=TARGET,
        levels=2,
        bucketed=True,
        weighted=weighted(subject),
        cells=COARSE_CELLS,
        exact_cells=COARSE_CELLS,
    )


def _decisions(subject: Subject, model: str) -> Confusion:
    return Confusion(len(subject.classes), model=model, bucketed=True, weighted=weighted(subject))


def _auc_of_rows(rows: CountedRows, name: str, level: float) -> Estimate | None:
    if rows.frame is None:
        return None
    frame, counted = rows.drawn()
    weights = frame[WEIGHT].to_numpy() if WEIGHT in frame.columns else None
    if counted:
        counts = frame[COUNT].to_numpy().astype(np.float64)
        weights = counts if weights is None else weights * counts
    found = auc_difference(
        frame[TARGET].to_numpy(),
        frame[score_column()].to_numpy(),
        frame[score_column(model=name)].to_numpy(),
        weights=weights,
        level=level,
    )
    return None if found is None else replace(found.difference, n=rows.used)


def rows_compared(tallies: Tallies) -> str | None:
    """Say on how many rows the area was compared, where some were left out."""
    for tally in tallies.values():
        if isinstance(tally, CountedRows) and (used := tally.used) < tally.rows:
            return f"the area was compared on {used:,} of {tally.rows:,} rows"
    return None


def _of_cells(
    own: ScoreCells, their: ScoreCells, level: float, *, with_auc: bool
) -> list[Estimate | None]:
    if own.one_class:
        return []
    sizes = own.by_group.sum(axis=(0, 2))
    left: list[tuple[str, FloatArray, FloatArray, tuple[float, float]]] = []
    if with_auc:
        values = [auc.delong(cells) for cells in (own, their)]
        if values[0] is not None and values[1] is not None:
            both = (values[0].value, values[1].value)
            left.append(("roc_auc", auc.left_out(own), auc.left_out(their), both))
    masses = [cells.by_group[:, :, ::-1] for cells in (own, their)]
    areas = [float(average_precision.precision_area(*m.sum(axis=1))) for m in masses]
    left.append(
        (
            "average_precision",
            average_precision.left_out(masses[0]),
            average_precision.left_out(masses[1]),
            (areas[0], areas[1]),
        )
    )
    held = float((own.by_group.sum(axis=2) > 0).sum(axis=1).min())  # groups with the rarer class
    return [
        jackknife_difference(
            metric, both, (a, b), sizes, rows=own.rows, level=level, observations=held
        )
        for metric, a, b, both in left
    ]


def _r2(own: Spread, their: Spread, level: float) -> Estimate | None:
    sums = [TargetSums.of_table(spread.parts) for spread in (own, their)]
    ratios = [s.unexplained for s in sums]
    if ratios[0] is None or ratios[1] is None:
        return None
    return jackknife_difference(
        "r2",
        (1 - ratios[0], 1 - ratios[1]),
        (1 - sums[0].left_out(), 1 - sums[1].left_out()),
        sums[0].rows,
        rows=int(sums[0].rows.sum()),
        level=level,
    )
