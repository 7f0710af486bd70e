"""The calibration rows of ``coverage.py``: worlds whose true probabilities are known at every score.

True probabilities are Beta(1, 1), Beta(1, 9) or Beta(1, 49): 50, 10 or 2 % positives. The score is
the truth, or lies too far from the base rate on the logit scale (overconfident: calibration slope
0.5) or too near to it (timid: slope 2). Gains of recalibration are held against the gain that the
fitted maps have over the whole population, which is known for each simulated test set.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit, logit, ndtr, ndtri

from plimsoll.core.estimate import Estimate
from plimsoll.stats import prediction_intervals
from plimsoll.stats.calibration_cells import Cells, Undetermined
from plimsoll.stats.calibration_error import BINS, calibration_error
from plimsoll.stats.calibration_tests import calibration_line, spiegelhalter
from plimsoll.stats.corp import corp_report
from plimsoll.stats.mean import LossSums
from plimsoll.stats.recalibration import FOLDS, recalibrate, recalibration

ICC = 0.3
SIZES, CLUSTERED_SIZES, CLUSTERS = (50, 500, 5000), (480,), 40
SLOPES = {"calibrated": 1.0, "overconfident": 0.5, "timid": 2.0}
"""Slope of the true logit on the logit of the score."""
GRID = 5_000
"""Points of equal mass that stand for the population."""
TEST_DRAWS, BAND_DRAWS = 99, 399
"""Simulated models behind the test of MCB and the null band of ECE; a user gets 1,000."""
PROMISED = 0.9
EVERY = 5
"""These rows are slow: one in so many replicates is counted."""


def latent(rng, cluster, n):
    """Return standard normal numbers, correlated within clusters."""
    own = rng.standard_normal(n)
    if cluster is None:
        return own
    shared = rng.standard_normal(int(cluster.max()) + 1)[cluster]
    return np.sqrt(ICC) * shared + np.sqrt(1 - ICC) * own


def tally(scores, labels, groups=None, *, clustered=None):
    values, place = np.unique(scores, return_inverse=True)
    held = 1 if groups is None else int(groups.max()) + 1
    where = place if groups is None else groups * values.size + place
    counts = [
        np.bincount(where[labels == label], minlength=held * values.size).reshape(held, -1)
        for label in (False, True)
    ]
    if groups is None:
        counts = [count[0] for count in counts]
    return Cells.of(values, *counts, clustered=clustered)


# ---------------------------------------------------------------- worlds of probabilities


@dataclass(frozen=True)
class Population:
    """Scores and true probabilities, as a formula and at points of equal mass."""

    base_rate: float
    slope: float

    def truth_at(self, place):
        """Return true probabilities at places in (0, 1) of their distribution."""
        return np.clip(
            -np.expm1(np.log1p(-place) * self.base_rate / (1 - self.base_rate)), 1e-12, 1
        )

    def score_of(self, truth):
        middle = logit(self.base_rate)
        return expit(middle + (logit(np.minimum(truth, 1 - 1e-12)) - middle) / self.slope)

    @cached_property
    def points(self):
        truth = self.truth_at((np.arange(GRID) + 0.5) / GRID)
        return self.score_of(truth), truth

    def gain(self, mapped, loss):
        """Return what mapped scores of the points win against the scores themselves."""
        scores, truth = self.points
        return float(
            np.mean(expected_loss(scores, truth, loss) - expected_loss(mapped, truth, loss))
        )

    def measures(self):
        s, p = self.points
        bins = np.searchsorted(np.arange(1, BINS) / BINS, s, side="left")
        share, gap = np.bincount(bins) / GRID, np.bincount(bins, s - p) / GRID
        square = np.divide(gap**2, share, out=np.zeros_like(gap), where=share > 0)
        return {
            "mcb": float(np.mean((s - p) ** 2)),
            "dsc": float(np.var(p)),
            "unc": float(p.mean() * (1 - p.mean())),
            "ece": float(np.abs(gap).sum()),
            "ece_squared_debiased": float(square.sum()),
            "calibration_slope": self.slope,
            "calibration_intercept": brentq(
                lambda a: float(np.mean(expit(logit(s) + a) - p)), -5, 5, xtol=1e-10
            ),
        }


def expected_loss(score, truth, loss):
    if loss == "brier_score":
        return truth * (1 - score) ** 2 + (1 - truth) * score**2
    return -truth * np.log(score) - (1 - truth) * np.log1p(-score)


@dataclass
class ProbabilitySample:
    population: Population
    y: np.ndarray
    s: np.ndarray
    bucket: np.ndarray | None
    rng: np.random.Generator

    @cached_property
    def cells(self):
        return tally(self.s, self.y, self.bucket)

    @cached_property
    def report(self):
        return corp_report(self.cells, rng=self.rng, resamples=TEST_DRAWS)

    @cached_property
    def error(self):
        return calibration_error(self.cells, rng=self.rng, resamples=BAND_DRAWS)

    @cached_property
    def line(self):
        return calibration_line(self.cells)

    def gain(self, method, loss):
        """Return the estimated gain and the mean true gain of the maps behind it."""
        dealt = self.rng.integers(0, FOLDS, self.y.size) if self.bucket is None else self.bucket
        _, group = np.unique(dealt, return_inverse=True)
        cells = tally(self.s, self.y, group, clustered=self.bucket is not None)
        found = recalibration(cells, methods=(method,))
        if isinstance(found, Undetermined):
            return None
        scores, true = self.population.points[0], 0.0
        for fold in range(FOLDS):
            held_out = group % FOLDS == fold
            if held_out.any():
                fitted = recalibrate(tally(self.s[~held_out], self.y[~held_out]), method)
                true += held_out.mean() * self.population.gain(fitted(scores), loss)
        return Gain(getattr(found[0], f"{loss.removesuffix('_score')}_gain"), true)


@dataclass(frozen=True)
class Gain:
    estimate: Estimate
    truth: float


def probability_world(make, base_rate, truth, clusters=None):
    population = Population(base_rate, SLOPES[truth])

    def draw(world, rng, n):
        cluster, bucket, _ = world.rows(rng, n)
        p = population.truth_at(ndtr(latent(rng, cluster, n)))
        y = latent(rng, cluster, n) < ndtri(p)
        s = np.clip(population.score_of(p), 1e-12, 1 - 1e-12)
        return ProbabilitySample(population, y, s, bucket, rng)

    name = f"{truth}, {100 * base_rate:.0f} % positives" + (
        f", {clusters} clusters" * bool(clusters)
    )
    sizes = SIZES if clusters is None else CLUSTERED_SIZES
    return make(name, draw, population.measures(), sizes, clusters)


# ---------------------------------------------------------------- worlds of prediction intervals


@dataclass
class IntervalSample:
    error: np.ndarray
    reach: float
    bucket: np.ndarray | None

    def by_bucket(self, x):
        return int(x.sum()) if self.bucket is None else np.bincount(self.bucket, x)

    @cached_property
    def report(self):
        reach = np.full_like(self.error, self.reach)
        score = prediction_intervals.interval_score(-reach, reach, self.error, PROMISED)
        width, score = (LossSums.of_rows(x, groups=self.bucket) for x in (2 * reach, score))
        held = np.abs(self.error) <= self.reach
        rows = np.ones_like(self.error)
        return prediction_intervals.interval_report(
            self.by_bucket(held), self.by_bucket(rows), width, score
        )

    def uniformity(self):
        """Test true deciles, which is to say a faithful model."""
        place = np.minimum((10 * ndtr(self.error)).astype(np.int64), 9)
        groups = np.zeros_like(place) if self.bucket is None else self.bucket
        held = int(groups.max()) + 1
        bands = np.bincount(groups * 10 + place, minlength=10 * held).reshape(held, 10)
        found = prediction_intervals.band_uniformity(bands, [k / 10 for k in range(1, 10)])
        return None if isinstance(found, Undetermined) else found.p_value


def interval_world(make, held, clusters=None):
    """Return a world of normal errors with intervals that hold this share of them."""
    reach = float(ndtri((1 + held) / 2))
    beyond = np.exp(-(reach**2) / 2) / np.sqrt(2 * np.pi) - reach * (1 - held) / 2
    truth = {
        "interval_coverage": held,
        "interval_score": 2 * reach + 2 * (2 / (1 - PROMISED)) * beyond,
    }

    def draw(world, rng, n):
        cluster, bucket, _ = world.rows(rng, n)
        return IntervalSample(latent(rng, cluster, n), reach, bucket)

    name = f"intervals that hold {100 * held:.0f} %" + (f", {clusters} clusters" * bool(clusters))
    sizes = SIZES if clusters is None else CLUSTERED_SIZES
    return make(name, draw, truth, sizes, clusters)


# ---------------------------------------------------------------- the rows of the tables


def _told(found):
    return None if isinstance(found, Undetermined) else found


def _spiegelhalter(sample):
    found = _told(spiegelhalter(sample.cells))
    return None if found is None else found.p.value


def add_rows(row, rejection, make):
    """Add the rows: ``row`` and ``rejection`` are the decorators of coverage.py, ``make`` its World."""
    worlds = [
        probability_world(make, base_rate, truth, clusters)
        for clusters in (None, CLUSTERS)
        for truth in SLOPES
        for base_rate in (0.5, 0.1, 0.02)
    ]
    intervals = [
        interval_world(make, held, clusters)
        for clusters in (None, CLUSTERS)
        for held in (0.5, 0.9, 0.98)
    ]
    _add_estimates(row, worlds, intervals)
    calibrated = [world for world in worlds if world.name.startswith("calibrated")]
    rejection("MCB null test", calibrated, every=EVERY)(lambda s: s.report.p_value)
    rejection("ECE beyond its null band", calibrated, every=EVERY)(
        lambda s: 0.0 if s.error.ece.value > s.error.ece_null_high.value else 1.0
    )
    rejection("Spiegelhalter", calibrated)(_spiegelhalter)
    rejection("band uniformity", [w for w in intervals if "90 %" in w.name])(
        lambda s: s.uniformity()
    )


def _add_estimates(row, worlds, intervals):
    for name in ("mcb", "dsc", "unc"):
        row(name, worlds, every=EVERY)(lambda s, name=name: getattr(s.report, name))
    row("ece", worlds, every=EVERY)(lambda s: s.error.ece)
    row("ece_squared_debiased", worlds, every=EVERY)(lambda s: s.error.squared)
    row("calibration_slope", worlds, every=EVERY)(lambda s: _told(s.line.slope))
    row("calibration_intercept", worlds, every=EVERY)(lambda s: _told(s.line.intercept))
    for method, loss in (("platt", "brier_score"), ("isotonic", "log_loss")):
        row(
            f"recalibration_gain, {method}, {loss}",
            worlds,
            truth=lambda world, found: found.truth,
            estimate=lambda found: found.estimate,
            every=EVERY,
        )(lambda s, method=method, loss=loss: s.gain(method, loss))
    row("interval_coverage", intervals)(lambda s: s.report.coverage)
    row("interval_score", intervals)(lambda s: s.report.score)
