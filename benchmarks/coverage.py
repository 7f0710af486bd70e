"""Do the intervals keep their word? Coverage by simulation, written to ``benchmarks/COVERAGE.md``.

Run ``python benchmarks/coverage.py`` (about seven minutes on one core; ``--scale 0.1`` for a quick
look). Each world knows the true value of each measure; a row of the table says in how many of the
simulated test sets the 95 % interval held it.

To add a row, write a function from a sample to an Estimate (or None) and decorate it with the worlds
that it belongs to; the world must know the truth under the name given::

    @row("my_measure", BINARY)
    def _(sample): return my_measure(sample.cells)

``@rejection`` does the same with a function from a sample to a p-value, in worlds where the test should
not reject. The rows of calibration are in ``coverage_calibration.py``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy.special import expit, ndtr

from plimsoll.stats import auc, average_precision, class_average, confusion, mean, paired, threshold
from plimsoll.stats.regression import TargetSums, ValueCells, median_absolute_error, r2
from plimsoll.stats.score_cells import cells_of

BUCKETS = 64
ICC = 0.3


def clustered_noise(rng, cluster, n):
    if cluster is None:
        return rng.normal(size=n)
    shared = rng.normal(size=int(cluster.max()) + 1)[cluster]
    return np.sqrt(ICC) * shared + np.sqrt(1 - ICC) * rng.normal(size=n)


@dataclass(frozen=True)
class World:
    """A way to draw test sets of n rows, and the true values of its measures."""

    name: str
    draw: Callable
    truth: dict[str, float]
    sizes: tuple[int, ...] = (50, 500, 5000)
    clusters: int | None = None
    weighted: bool = False

    def rows(self, rng, n):
        """Return cluster, hash bucket and weight of each of n rows; None where there are none."""
        cluster = None if self.clusters is None else np.arange(n) % self.clusters
        bucket = None
        if cluster is not None:
            bucket = rng.integers(0, BUCKETS, self.clusters)[cluster]
        weights = rng.lognormal(0.0, 0.7, n) if self.weighted else None
        return cluster, bucket, weights


# ---------------------------------------------------------------- binary worlds


@dataclass
class BinarySample:
    y: np.ndarray
    s: np.ndarray
    rival: np.ndarray
    p: np.ndarray
    cut: float
    bucket: np.ndarray | None
    weights: np.ndarray | None
    rng: np.random.Generator

    @cached_property
    def cells(self):
        return cells_of(self.s, self.y, weights=self.weights, groups=self.bucket)

    @cached_property
    def rival_cells(self):
        return cells_of(self.rival, self.y, weights=self.weights, groups=self.bucket)

    @cached_property
    def table(self):
        return threshold.confusion_at(self.cells, self.cut)

    def loss(self, x):
        return mean.LossSums.of_rows(x, weights=self.weights, groups=self.bucket)

    @cached_property
    def log_losses(self):
        return -np.log(np.where(self.y, self.p, 1 - self.p))

    def by_bucket(self, x):
        if self.bucket is None:
            return np.array([np.sum(x)])
        return np.bincount(self.bucket, x)


SEPARATION, RIVAL, ALIKE, FALSE_NEGATIVE_COST = 1.5, 1.2, 0.7, 4.0


def binary_world(name, prevalence, *, sizes=(50, 500, 5000), clusters=None, weighted=False):
    cut = SEPARATION / 2 + (0.0 if prevalence == 0.5 else 0.5)
    shift = np.log(prevalence / (1 - prevalence)) - SEPARATION**2 / 2

    def draw(world, rng, n):
        cluster, bucket, weights = world.rows(rng, n)
        chance = prevalence
        if cluster is not None:
            a = prevalence * (1 / ICC - 1)
            chance = rng.beta(a, a * (1 - prevalence) / prevalence, clusters)[cluster]
        y = rng.random(n) < chance
        noise = clustered_noise(rng, cluster, n)
        s = SEPARATION * y + noise
        other = clustered_noise(rng, cluster, n)
        rival = RIVAL * y + ALIKE * noise + np.sqrt(1 - ALIKE**2) * other
        p = expit(shift + SEPARATION * s)
        return BinarySample(y, s, rival, p, cut, bucket, weights, rng)

    return World(name, draw, binary_truth(prevalence, cut, shift), sizes, clusters, weighted)


def binary_truth(prevalence, cut, shift):
    grid = np.linspace(-9, 11, 40001)
    step = grid[1] - grid[0]

    def density(centre):
        return np.exp(-((grid - centre) ** 2) / 2) / np.sqrt(2 * np.pi) * step

    pos, neg = prevalence * density(SEPARATION), (1 - prevalence) * density(0.0)
    p = expit(shift + SEPARATION * grid)
    tp, fn = prevalence * ndtr(SEPARATION - cut), prevalence * ndtr(cut - SEPARATION)
    fp, tn = (1 - prevalence) * ndtr(-cut), (1 - prevalence) * ndtr(cut)
    above = prevalence * ndtr(SEPARATION - grid)
    precision_at = above / (above + (1 - prevalence) * ndtr(-grid))
    rival_cut = cut  # Both are cut at the same score.
    rival_right = prevalence * ndtr(RIVAL - rival_cut) + (1 - prevalence) * ndtr(rival_cut)
    own_auc, rival_auc = ndtr(SEPARATION / np.sqrt(2)), ndtr(RIVAL / np.sqrt(2))
    return {
        "accuracy": tp + tn,
        "balanced_accuracy": (tp / prevalence + tn / (1 - prevalence)) / 2,
        "precision": tp / (tp + fp),
        "recall": tp / prevalence,
        "specificity": tn / (1 - prevalence),
        "f1": 2 * tp / (2 * tp + fp + fn),
        "matthews_corrcoef": (tp * tn - fp * fn)
        / np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)),
        "selection_rate": tp + fp,
        "base_rate": prevalence,
        "roc_auc": own_auc,
        "average_precision": float(pos @ precision_at) / prevalence,
        "log_loss": -float(pos @ np.log(p) + neg @ np.log1p(-p)),
        "brier_score": float(pos @ (1 - p) ** 2 + neg @ p**2),
        "difference of accuracy": tp + tn - rival_right,
        "difference of roc_auc": own_auc - rival_auc,
        "difference of squared score error": 0.0,
    }


# ---------------------------------------------------------------- multiclass worlds


@dataclass
class ClassSample:
    table: confusion.ConfusionCounts
    cells: list


def class_world(name, shares, *, sizes=(50, 500, 5000), clusters=None):
    shares = np.asarray(shares)
    k = shares.size
    signal = 1.8

    def draw(world, rng, n):
        cluster, bucket, _ = world.rows(rng, n)
        if bucket is None:
            bucket = rng.integers(0, BUCKETS, n)  # Rows are dealt out by a hash of their own key.
        y = rng.choice(k, n, p=shares)
        scores = np.stack([clustered_noise(rng, cluster, n) for _ in range(k)])
        scores[y, np.arange(n)] += signal
        decided = scores.argmax(axis=0)
        place = (bucket * k + y) * k + decided
        counts = np.bincount(place, minlength=BUCKETS * k * k).reshape(BUCKETS, k, k)
        table = confusion.ConfusionCounts(counts)
        cells = [cells_of(scores[c], y == c, groups=bucket) for c in range(k)]
        return ClassSample(table if clusters else table.ungrouped(), cells)

    grid = np.linspace(-9, 11, 4001)
    density = np.exp(-((grid - signal) ** 2) / 2) / np.sqrt(2 * np.pi)
    right = float(np.trapezoid(density * ndtr(grid) ** (k - 1), grid))
    matrix = shares[:, None] * np.where(np.eye(k, dtype=bool), right, (1 - right) / (k - 1))
    truth = {
        "accuracy": right,
        "balanced_accuracy": right,
        "macro precision": float(class_average.precisions(matrix).mean()),
        "macro recall": right,
        "macro f1": float(class_average.f1s(matrix).mean()),
        "matthews_corrcoef": float(class_average.matthews(matrix)),
        "macro roc_auc": float(ndtr(signal / np.sqrt(2))),
    }
    return World(name, draw, truth, sizes, clusters)


# ---------------------------------------------------------------- regression worlds


@dataclass
class NumberSample:
    y: np.ndarray
    error: np.ndarray
    bucket: np.ndarray
    clustered: bool
    weights: np.ndarray | None

    def loss(self, x):
        groups = self.bucket if self.clustered else None
        return mean.LossSums.of_rows(x, weights=self.weights, groups=groups)

    @cached_property
    def cells(self):
        size = np.abs(self.error)
        order = np.argsort(size)
        held = BUCKETS if self.clustered else 1
        group = self.bucket if self.clustered else np.zeros(size.size, np.int64)
        counts = np.zeros((held, size.size), np.int64)
        counts[group[order], np.arange(size.size)] = 1
        weights = squares = None
        if self.weights is not None:
            weights, squares = counts * self.weights[order], counts * self.weights[order] ** 2
        return ValueCells(size[order], counts, weights, squares)


def number_world(name, kind, *, sizes=(50, 500, 5000), clusters=None, weighted=False):
    explained = 0.7

    def make(rng, cluster, n):
        x, e = clustered_noise(rng, cluster, n), clustered_noise(rng, cluster, n)
        if kind == "long tails":
            x = (rng.lognormal(0, 0.7, n) - np.exp(0.245)) / np.sqrt(np.exp(0.98) - np.exp(0.49))
            e = rng.standard_t(5, n) / np.sqrt(5 / 3)
        error = np.sqrt(1 - explained) * e
        return 10 + np.sqrt(explained) * x - error, error

    def draw(world, rng, n):
        cluster, bucket, weights = world.rows(rng, n)
        if bucket is None:
            bucket = rng.integers(0, BUCKETS, n)
        y, error = make(rng, cluster, n)
        return NumberSample(y, error, bucket, clusters is not None, weights)

    y, error = make(np.random.default_rng(0), None, 1_000_000)
    size = np.abs(error)
    truth = {
        "mean_absolute_error": size.mean(),
        "mean_error": 0.0,
        "root_mean_squared_error": np.sqrt(1 - explained),
        "mean_absolute_percentage_error": (size / np.abs(y)).mean(),
        "median_absolute_error": float(np.median(size)),
        "r2": explained,
    }
    return World(name, draw, truth, sizes, clusters, weighted)


# ---------------------------------------------------------------- the rows of the table

BINARY = (
    binary_world("50 % positives", 0.5),
    binary_world("10 % positives", 0.1),
    binary_world("2 % positives", 0.02),
    binary_world("10 % positives, weights", 0.1, weighted=True),
    binary_world("50 % positives, 40 clusters", 0.5, sizes=(480,), clusters=40),
    binary_world("10 % positives, 40 clusters", 0.1, sizes=(480,), clusters=40),
    binary_world("2 % positives, 40 clusters", 0.02, sizes=(480,), clusters=40),
)
CLASSES = (
    class_world("3 equal classes", [1 / 3] * 3),
    class_world("5 classes, 50 to 3 %", [0.5, 0.25, 0.15, 0.07, 0.03]),
    class_world("20 equal classes", [0.05] * 20, sizes=(500,)),
    class_world("3 equal classes, 40 clusters", [1 / 3] * 3, sizes=(480,), clusters=40),
)
NUMBERS = (
    number_world("normal errors", "normal"),
    number_world("long tails", "long tails"),
    number_world("normal errors, weights", "normal", weighted=True),
    number_world("normal errors, 40 clusters", "normal", sizes=(480,), clusters=40),
)


@dataclass
class Row:
    """One measure in one set of worlds; ``every`` thins the replicates of a slow one.

    ``truth`` is for a true value that depends on what was found. With ``test`` the function returns
    a p-value and not an Estimate, and rejections are counted.
    """

    name: str
    worlds: Sequence[World]
    of: Callable
    truth: Callable | None = None
    estimate: Callable = lambda found: found
    every: int = 1
    test: bool = False
    tally: dict = field(default_factory=dict)


ROWS: list[Row] = []


def row(name, worlds, *, truth=None, estimate=lambda found: found, every=1):
    def add(of):
        ROWS.append(Row(name, worlds, of, truth, estimate, every))
        return of

    return add


def rejection(name, worlds, *, every=1):
    def add(of):
        ROWS.append(Row(name, worlds, of, every=every, test=True))
        return of

    return add


for _name in (
    "accuracy",
    "precision",
    "recall",
    "specificity",
    "f1",
    "selection_rate",
    "base_rate",
):
    row(_name, BINARY)(lambda s, name=_name: getattr(confusion, name)(s.table))
for _name in ("balanced_accuracy", "matthews_corrcoef"):
    row(_name, BINARY)(lambda s, name=_name: getattr(class_average, name)(s.table))
row("roc_auc", BINARY)(lambda s: auc.roc_auc(s.cells))
row("average_precision", BINARY)(lambda s: average_precision.average_precision(s.cells))
row("log_loss", BINARY)(lambda s: mean.log_loss(s.loss(s.log_losses)))
row("brier_score", BINARY)(lambda s: mean.brier_score(s.loss((s.y - s.p) ** 2)))


@row("difference of accuracy", [w for w in BINARY if not w.weighted])
def _(s):
    own, rival = (s.s >= s.cut) == s.y, (s.rival >= s.cut) == s.y
    parts = (s.by_bucket(x) for x in (own & ~rival, rival & ~own, np.ones_like(s.s)))
    return paired.accuracy_difference(*parts)


@row("difference of roc_auc", BINARY)
def _(s):
    if s.bucket is None:
        found = paired.auc_difference(s.y, s.s, s.rival, weights=s.weights)
        return None if found is None else found.difference
    if s.cells.one_class:
        return None
    values = tuple(auc.delong(c).value for c in (s.cells, s.rival_cells))
    left_out = tuple(auc.left_out(c) for c in (s.cells, s.rival_cells))
    return paired.jackknife_difference(
        "roc_auc",
        values,
        left_out,
        s.by_bucket(np.ones_like(s.s)),
        rows=s.y.size,
        observations=float((s.by_bucket(s.y) > 0).sum()),
    )


@row("difference of squared score error", BINARY)
def _(s):
    # A difference of two losses whose mean is 0: errors of equal spread, one of them long-tailed.
    one, two = s.rng.normal(size=s.y.size), s.rng.standard_t(6, s.y.size) / np.sqrt(1.5)
    return paired.loss_difference("loss", s.loss(one**2 - two**2))


def _cost_truth(world, found):
    base = world.truth["base_rate"]
    missed = FALSE_NEGATIVE_COST * base * ndtr(found.threshold - SEPARATION)
    return 1000 * ((1 - base) * ndtr(-found.threshold) + missed)


@row("cost at the best threshold", BINARY, truth=_cost_truth, estimate=lambda f: f.cost, every=5)
def _(s):
    return threshold.best_threshold(
        s.cells, false_positive=1.0, false_negative=FALSE_NEGATIVE_COST, rng=s.rng, replicates=100
    )


row("accuracy", CLASSES)(lambda s: confusion.accuracy(s.table))
for _name, _of in (
    ("balanced_accuracy", class_average.balanced_accuracy),
    ("macro precision", class_average.macro_precision),
    ("macro recall", class_average.macro_recall),
    ("macro f1", class_average.macro_f1),
    ("matthews_corrcoef", class_average.matthews_corrcoef),
):
    row(_name, CLASSES)(lambda s, f=_of: f(s.table))


@row("macro roc_auc", CLASSES, every=2)
def _(s):
    found = auc.macro_roc_auc(s.cells)
    if found is None and not s.table.grouped:
        found = auc.macro_roc_auc([cells.ungrouped() for cells in s.cells])
    return found


for _name, _of in (
    ("mean_absolute_error", lambda s: mean.mean_absolute_error(s.loss(np.abs(s.error)))),
    ("mean_error", lambda s: mean.mean_error(s.loss(s.error))),
    ("root_mean_squared_error", lambda s: mean.root_mean_squared_error(s.loss(s.error**2))),
    (
        "mean_absolute_percentage_error",
        lambda s: mean.mean_absolute_percentage_error(s.loss(np.abs(s.error / s.y))),
    ),
    ("median_absolute_error", lambda s: median_absolute_error(s.cells)),
    (
        "r2",
        lambda s: r2(TargetSums.of_rows(s.y, s.y + s.error, s.bucket, weights=s.weights)),
    ),
):
    row(_name, NUMBERS)(_of)


# ---------------------------------------------------------------- running and printing


def simulate(world, n, replicates, rows, seed):
    rng = np.random.default_rng(seed)
    for i in range(replicates):
        sample = world.draw(world, rng, n)
        for one in rows:
            if i % one.every:
                continue
            kept = one.tally.setdefault((world.name, n), [0, 0, 0, 0])
            found = one.of(sample)
            kept[0] += 1
            if found is None:
                kept[1] += 1
                continue
            if one.test:
                kept[2] += found <= 0.05
                continue
            truth = one.truth(world, found) if one.truth else world.truth[one.name]
            estimate = one.estimate(found)
            kept[2] += truth < estimate.low
            kept[3] += truth > estimate.high


def table(rows):
    sizes = (50, 480, 500, 5000)
    head = "| measure | world | " + " | ".join(f"n = {n:,}" for n in sizes) + " |"
    lines = [head, "|---|---|" + "---|" * len(sizes)]
    for one in rows:
        for world in one.worlds:
            cells = [_cell(one.tally.get((world.name, n)), one.test) for n in sizes]
            lines.append(f"| {one.name} | {world.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(kept, test=False):
    if kept is None:
        return ""
    tried, undefined, low, high = kept
    known = tried - undefined
    if known == 0:
        return "undefined"
    share = 1 - (low + high) / known
    error = 100 * np.sqrt(max(share * (1 - share), 1e-4) / known)
    text = f"{100 * (1 - share if test else share):.1f} ± {error:.1f}"
    text = text if 0.93 - 2 * error / 100 <= share <= 0.97 + 2 * error / 100 else f"**{text}**"
    text += "" if test else f" ({100 * low / known:.1f} / {100 * high / known:.1f})"
    lost = undefined / tried
    return text + (f", {100 * lost:.0f} % undefined" if lost >= 0.005 else "")


PREFACE = """# Do the intervals keep their word?

Share, in per cent, of simulated test sets whose 95 % interval holds the true value, with the standard
error of that share; in brackets, the share whose interval lies wholly above / wholly below it, which
is how often a gate set at the true value would pass / fail wrongly. Bold: outside 93 to 97 by more
than two standard errors. *Undefined*: the measure has no value there (no positives, or all of them in
one group) and none is given; those sets are left out.

Binary scores are normal, 1.5 standard deviations apart (AUC .86), decided at one threshold.
Weights are lognormal (sigma .7). Clusters: 40 of 12 rows, correlation .3 within a cluster in
labels and in errors, hashed into 64 buckets. 2 % positives of 50 rows are one positive: nothing
can be promised there. A share of few rows takes few values, so its coverage jumps around 95 with the
true value; 98 and more means wider than needed, which a gate answers with *unsure*, not with an error.

In the worlds of calibration the true probabilities are Beta(1, 1), Beta(1, 9) or Beta(1, 49). A score
is the truth, or lies from the base rate twice as far (overconfident) or half as far (timid) on the
logit scale; clusters correlate by .3 in the scores and in what decides the labels, on a normal scale.
A gain of recalibration is held against the mean gain, over the whole population, of the very maps
that were fitted. MCB and ECE of a calibrated model are 0, an end of their range, and their interval
promises at least 95: near 100 is meant.

"""

SIZES = """
## How often tests reject a true hypothesis

Share, in per cent, of test sets of a faithful model that the test rejects at 5 %. Bold: outside 3 to
7 by more than two standard errors.

"""


def main():
    import coverage_calibration  # Beside this file, so importable where this file is the script.

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=1.0, help="share of the replicates to run")
    parser.add_argument("--only", default="", help="only measures whose name holds this")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("COVERAGE.md"))
    arguments = parser.parse_args()
    coverage_calibration.add_rows(row, rejection, World)
    started = time.process_time()
    rows = [one for one in ROWS if arguments.only in one.name]
    worlds = list({id(w): w for one in rows for w in one.worlds}.values())
    for seed, world in enumerate(worlds):
        own = [one for one in rows if any(w is world for w in one.worlds)]
        for n in world.sizes:
            replicates = max(20, int((2000 if n < 5000 else 600) * arguments.scale))
            simulate(world, n, replicates, own, [seed, n])
    seconds = time.process_time() - started
    intervals, tests = ([one for one in rows if one.test == kind] for kind in (False, True))
    text = f"{PREFACE}{table(intervals)}\n{SIZES}{table(tests)}\n\n"
    text += f"Simulated in {seconds:.0f} s of one core.\n"
    arguments.output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
