"""PRF004  How far off are the predicted numbers?

## What it measures
Mean and median absolute error, root mean squared error, mean error (whether it says too much or too
little), mean absolute percentage error, and R2, the share of the target's variance that is
explained.

## Why it matters
The mean absolute error is what one is off by as a rule; the root mean squared error counts large
misses more; the median forgets them. A mean error away from 0 adds up over many rows.

## How
Errors are prediction minus target, in the unit of the target; definitions are scikit-learn's. Means
have Student's t with Hall's correction for skewness (doi:10.1111/j.2517-6161.1992.tb01876.x), the
median the order statistics that hold it, R2 a jackknife over 64 hash buckets of rows. With a group
column whole groups are left out in turn.

## When it cannot tell
A percentage error explodes where the target is close to 0. R2 depends on how much the target varies
in these rows and cannot be compared between tables. Single huge errors make every interval wide.

## What to do
Look at the residual curve: where it leaves 0 the model is off for a whole range of predictions.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from plimsoll.core.batch import ABSOLUTE_ERROR, ERROR, PREDICTION
from plimsoll.core.check import Card, Context, Options
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Figure, Judgement, not_applicable
from plimsoll.core.measure import Measure
from plimsoll.core.subject import Subject, Task
from plimsoll.core.tally import Need, Side, Tallies
from plimsoll.stats.mean import LossSums as Sums
from plimsoll.stats.mean import (
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_error,
    root_mean_squared_error,
)
from plimsoll.stats.regression import TargetSums, ValueCells, median_absolute_error, r2
from plimsoll.stats.resample import pool_starts
from plimsoll.tallies.histogram import Histogram
from plimsoll.tallies.losses import LossSums
from plimsoll.tallies.shared import COARSE_CELLS, clustered, error_losses, weighted
from plimsoll.tallies.spread import Spread

CARD = Card(
    "PRF004",
    title="Errors of numbers",
    question="How far off are the predicted numbers?",
    area="performance",
    needs="a regression",
    measures=(
        Measure(
            "mean_absolute_error",
            "mean absolute error",
            "lower",
            high=None,
            plain="On average it is off by about {value} (likely {low} to {high}).",
            style="unit",
        ),
        Measure(
            "root_mean_squared_error", "root mean squared error", "lower", high=None, style="unit"
        ),
        Measure(
            "median_absolute_error",
            "median absolute error",
            "lower",
            high=None,
            plain="For half of the rows it is off by less than about {value} (likely {low} to {high}).",
            style="unit",
        ),
        Measure("mean_error", "mean error", "target", 0.0, None, None, style="unit"),
        Measure(
            "mean_absolute_percentage_error", "mean absolute percentage error", "lower", high=None
        ),
        Measure("r2", "explained variance (R2)", low=None),
    ),
    evidence=("performance.accuracy",),
    sources=("doi:10.1111/j.2517-6161.1992.tb01876.x", "doi:10.1080/01621459.1952.10483443"),
    suites=("quick", "standard", "stress", "full"),
)
GROUPS_DRAWN = 30


def needs(subject: Subject, options: Options) -> Mapping[str, Need]:
    """Sums of the errors, their histogram and the spread of the target."""
    if subject.task is not Task.REGRESSION:
        return {}
    curve = Histogram(PREDICTION, sums=(ERROR, ABSOLUTE_ERROR))
    out = {"curve": Need(curve)} | _side(subject, Side.CURRENT, "now")
    if options.on_reference and subject.reference_answered:
        out |= _side(subject, Side.REFERENCE, "then")
    return out


def _side(subject: Subject, side: Side, name: str) -> dict[str, Need]:
    grouped = clustered(subject, side)
    cells = Histogram(
        ABSOLUTE_ERROR,
        bucketed=grouped,
        weighted=weighted(subject, side),
        cells=COARSE_CELLS if grouped else Histogram.cells,
        exact_cells=COARSE_CELLS if grouped else Histogram.exact_cells,
    )
    return {
        f"{name} losses": Need(error_losses(subject, side), side),
        f"{name} cells": Need(cells, side),
        f"{name} spread": Need(Spread(weighted=weighted(subject, side)), side),
    }


def judge(tallies: Tallies, context: Context) -> Judgement:
    """Measure the errors."""
    if "curve" not in tallies:
        return not_applicable("the task is no regression")
    level = context.options.confidence
    estimates = measure(tallies, "now", level)
    if "then losses" in tallies:
        estimates += [e.at(Where(variant="reference")) for e in measure(tallies, "then", level)]
    figure = _residuals(tallies.take("curve", Histogram))
    return Judgement(tuple(estimates), figures=() if figure is None else (figure,))


def measure(tallies: Tallies, side: str, level: float) -> list[Estimate]:
    """Return every error with its interval."""
    losses = tallies.take(f"{side} losses", LossSums)

    def sums(name: str) -> Sums:
        return Sums.of_table(losses.of_loss(name))

    found = (
        mean_absolute_error(sums("absolute_error"), level=level),
        root_mean_squared_error(sums("squared_error"), level=level),
        median_absolute_error(value_cells(tallies.take(f"{side} cells", Histogram)), level=level),
        mean_error(sums("error"), level=level),
        mean_absolute_percentage_error(sums("absolute_percentage_error"), level=level),
        r2(TargetSums.of_table(tallies.take(f"{side} spread", Spread).parts), level=level),
    )
    return [e for e in found if e is not None]


def value_cells(histogram: Histogram) -> ValueCells:
    """Return a histogram of one number as the formulas take it."""
    settled = histogram.settle()
    assert settled.counts is not None
    counts = settled.counts[:, :, 0] if histogram.bucketed else settled.counts[0, :, 0]
    if settled.masses is None:
        return ValueCells(settled.values, counts)
    masses = settled.masses[:, :, 0] if histogram.bucketed else settled.masses[0, :, 0]
    return ValueCells(settled.values, counts, masses[..., 0], masses[..., 1])


def _residuals(histogram: Histogram) -> Figure | None:
    settled = histogram.settle()
    rows = settled.level()
    if rows.size < 2:
        return None
    starts = pool_starts(rows, GROUPS_DRAWN)
    n = np.add.reduceat(rows, starts)
    x = np.add.reduceat(settled.values * rows, starts) / n
    y = np.add.reduceat(settled.sum_of(ERROR), starts) / n
    off = np.add.reduceat(settled.sum_of(ABSOLUTE_ERROR), starts) / n
    return Figure(
        "line",
        "Residuals",
        "Mean of prediction minus truth for rows with about the same prediction; above 0 it says too "
        "much. The shaded band is as wide as the mean absolute error on either side.",
        {
            "mean error": {
                "x": x.tolist(),
                "y": y.tolist(),
                "low": (y - off).tolist(),
                "high": (y + off).tolist(),
            },
            "no error": {"x": [float(x[0]), float(x[-1])], "y": [0.0, 0.0]},
        },
        {"x_title": "Prediction", "y_title": "Prediction minus truth"},
    )
