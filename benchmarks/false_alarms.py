"""Does drift cry wolf, and does it see what is there? By simulation, written to ``FALSE_ALARMS.md``.

Run ``python benchmarks/false_alarms.py`` (about twenty minutes on one core; ``--scale 0.1`` for a quick
look).

Six tables: how often a family of 30 columns without drift raises an alarm; how often a column whose true
effect stands at the floor is taken to be above it; how often rows in 40 clusters do either; what is found of
real changes, at which size; how often the intervals hold the truth; and all columns together.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.special import ndtr, ndtri, stdtr

from plimsoll.stats import two_samples as ts
from plimsoll.stats.domain_classifier import Joint, domain_classifier
from plimsoll.stats.drift import Statement, column_drift, judge_columns
from plimsoll.stats.effective_rows import design_effect
from plimsoll.stats.two_samples import TwoSamples

OUT = Path(__file__).with_name("FALSE_ALARMS.md")
BUCKETS, COARSE, CLUSTERS, ICC = 64, 256, 40, 0.3
FLOOR = 0.05
SIZES = ((100, 100), (300, 300), (1000, 1000), (10_000, 10_000), (10_000, 300), (300, 10_000))

# ---------------------------------------------------------------- columns: a uniform number to a value


@dataclass(frozen=True)
class Column:
    """How one column comes from a uniform number: a number, or the code of a category."""

    name: str
    of: Callable[[np.ndarray], np.ndarray]
    ordered: bool = True


def picked(weights):
    upto = np.cumsum(np.asarray(weights, float) / np.sum(weights))
    return lambda u: np.minimum(np.searchsorted(upto, u, side="right"), upto.size - 1)


def t3(u):
    """Return Student's t with three degrees of freedom, from a table of its inverse."""
    return np.interp(u, _T3[1], _T3[0])


_T3 = (np.sinh(np.linspace(-7, 7, 20_001)), stdtr(3, np.sinh(np.linspace(-7, 7, 20_001))))
ZIPF = 1.0 / np.arange(1, 501)
KINDS = {
    "normal": Column("normal", ndtri),
    "t3": Column("Student's t, 3 df", t3),
    "lognormal": Column("lognormal", lambda u: np.exp(1.5 * ndtri(u))),
    "counts": Column("counts, 8 values", picked([30, 25, 18, 12, 7, 4, 3, 1])),
    "zeros": Column("9 of 10 are zero", lambda u: np.where(u < 0.9, 0.0, ndtri(u))),
    "flag": Column("0 and 1, 3 % ones", lambda u: (u < 0.03).astype(float)),
    "yes": Column("yes or no", picked([30, 70]), False),
    "five": Column("5 categories", picked([50, 25, 15, 7, 3]), False),
    "twenty": Column("20 categories", picked(np.ones(20)), False),
    "zipf": Column("500 categories, few of them large", picked(ZIPF), False),
    "five hundred": Column("500 categories, equal", picked(np.ones(500)), False),
    "unique": Column("nearly unique texts", lambda u: np.floor(u * 1e7), False),
}
FAMILY = (
    *["normal"] * 6,
    *["t3"] * 5,
    *["lognormal"] * 4,
    *["counts"] * 2,
    *["zeros"] * 2,
    "flag",
    *["yes"] * 2,
    *["five"] * 2,
    *["twenty"] * 2,
    *["zipf"] * 2,
    "five hundred",
    "unique",
)


def sides(column, one, two, buckets=None):
    """Return two samples of values as counts on the same cells; ``buckets`` are those of either side."""
    values, place = np.unique(np.r_[one, two], return_inverse=True)
    parts = place[: one.size], place[one.size :]
    counts = [np.bincount(part, minlength=values.size) for part in parts]
    by_bucket = None
    if buckets is not None:
        pools = COARSE if values.size > COARSE else values.size
        coarse = np.arange(values.size) * pools // values.size
        by_bucket = np.stack(
            [
                np.bincount(b * pools + coarse[part], minlength=BUCKETS * pools)
                for part, b in zip(parts, buckets, strict=True)
            ]
        ).reshape(2, BUCKETS, pools)
    return TwoSamples(*counts, values if column.ordered else None, by_bucket=by_bucket)


def draw(rng, n, cluster=None, icc=ICC):
    """Return uniform numbers, correlated within clusters."""
    if cluster is None:
        return rng.random(n)
    shared = rng.standard_normal(int(cluster.max()) + 1)[cluster]
    return ndtr(np.sqrt(icc) * shared + np.sqrt(1 - icc) * rng.standard_normal(n))


def family(rng, n, m, *, kinds=FAMILY, clusters=None, icc=ICC, both=False, move=None):
    """Return the columns of one pair of tables. ``move`` changes the current values of the first."""
    cluster = buckets = (None, None)
    if clusters is not None:
        cluster = np.arange(n) % clusters, np.arange(m) % clusters
        dealt = rng.integers(0, BUCKETS, clusters)
        again = dealt if both else rng.integers(0, BUCKETS, clusters)
        buckets = dealt[cluster[0]], again[cluster[1]]
    out = []
    for i, kind in enumerate(kinds):
        column = KINDS[kind]
        u = [draw(rng, rows, c, icc) for rows, c in zip((n, m), cluster, strict=True)]
        current = column.of(u[1])
        if move is not None and i == 0:
            current = move(current, rng)
        out.append(
            sides(column, column.of(u[0]), current, buckets if clusters is not None else None)
        )
    return out


def statements(columns, floor):
    measured = [column_drift(two, floor=floor) for two in columns]
    return [judged.statement for judged in judge_columns(measured, floor=floor)]


# ---------------------------------------------------------------- tables


@dataclass
class Rate:
    hits: int = 0
    tried: int = 0
    seen: list = field(default_factory=list)

    def add(self, hit):
        self.hits += int(bool(hit))
        self.tried += 1

    def __str__(self):
        share = self.hits / max(self.tried, 1)
        error = np.sqrt(share * (1 - share) / max(self.tried, 1))
        return f"{100 * share:.1f} ± {100 * error:.1f}"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(map(str, row)) + " |" for row in rows)])


def no_drift(scale, rng):
    """Families of 30 columns without drift."""
    rows = []
    for n, m in SIZES:
        repeats = max(int(scale * (600 if max(n, m) <= 1000 else 200)), 5)
        floor, zero, changed = Rate(), Rate(), Rate()
        for _ in range(repeats):
            columns = family(rng, n, m)
            said = statements(columns, FLOOR)
            floor.add(Statement.ALARM in said)
            changed.add(Statement.BELOW in said or Statement.ALARM in said)
            zero.add(Statement.ALARM in statements(columns, 0.0))
        rows.append((f"{n:,}", f"{m:,}", floor, zero, changed, repeats))
    head = (
        "reference",
        "current",
        "alarm, floor 0.05",
        "alarm, floor 0",
        "any change told",
        "runs",
    )
    return table(head, rows)


def _mass_moved(u, _):
    """Move the lowest 5 % of a uniform to the top: the gap is 0.05 at every value between."""
    return np.where(u < FLOOR, 2.0 - u, u)


def _gains(k, gain, winners=1):
    """Return shares of k equal categories of which some win ``gain`` together, the others losing."""
    shares = np.full(k, (1 - gain) / k)
    shares[:winners] += gain / winners
    scale = gain / (np.abs(shares - 1 / k).sum() / 2)
    return np.full(k, 1 / k) + scale * (shares - 1 / k)


SHIFT = -2 * ndtri((1 - FLOOR) / 2)
AT_FLOOR = (
    ("numbers, 5 % of rows moved from one end to the other", "u", "u", _mass_moved),
    ("normal, shifted", "normal", "normal", lambda x, _: x + SHIFT),
    ("0 and 1, .50 to .55", [50, 50], [45, 55], None),
    ("0 and 1, .95 to 1", [5, 95], [0, 100], None),
    (
        "counts of 8 values, the lowest to the highest",
        [20, *[10] * 7, 10],
        [15, *[10] * 7, 15],
        None,
    ),
    ("yes or no, .02 to .07", ("c", [2, 98]), ("c", [7, 93]), None),
    ("20 categories, one wins", ("c", np.ones(20)), ("c", _gains(20, FLOOR)), None),
    ("20 categories, half win", ("c", np.ones(20)), ("c", _gains(20, FLOOR, 10)), None),
    ("20 categories, a new one", ("c", [*[5] * 20, 0]), ("c", [*[4.75] * 20, 5]), None),
    ("500 categories, half win", ("c", np.ones(500)), ("c", _gains(500, FLOOR, 250)), None),
    (
        "few to 500 categories",
        ("c", [*[9.5] * 10, *[0.01] * 500]),
        ("c", [*[9.0] * 10, *[0.02] * 500]),
        None,
    ),
)


def _column(spec):
    if spec == "u":
        return Column("u", lambda u: u)
    if isinstance(spec, str):
        return KINDS[spec]
    ordered = not isinstance(spec, tuple)
    return Column("", picked(spec if ordered else spec[1]), ordered)


def at_floor(scale, rng):
    """Single columns whose true effect is the floor itself."""
    rows = []
    for name, before, after, move in AT_FLOOR:
        one, two = _column(before), _column(after)
        cells = [name]
        for n, m in ((100, 100), (1000, 1000), (10_000, 10_000), (10_000, 300), (300, 10_000)):
            repeats = max(int(scale * (4000 if max(n, m) <= 1000 else 1000)), 20)
            at = (Rate(), Rate())
            for _ in range(repeats):
                current = two.of(rng.random(m))
                current = current if move is None else move(current, rng)
                found = column_drift(sides(one, one.of(rng.random(n)), current), floor=FLOOR)
                for rate, level in zip(at, (0.05, 0.002), strict=True):
                    rate.add(found.effect.p_above_floor <= level)
            cells.append(f"{at[0]} / {100 * at[1].hits / at[1].tried:.2f}")
        rows.append(cells)
    head = ("world", "100, 100", "1,000, 1,000", "10,000, 10,000", "10,000, 300", "300, 10,000")
    return table(head, rows)


def clustered(scale, rng):
    """Families of 30 columns without drift whose rows stand in 40 clusters on each side."""
    rows = []
    kinds = tuple(kind for kind in FAMILY if kind != "unique")
    kinds += ("normal",)
    for per, icc, both in ((12, 0.3, False), (12, 0.3, True), (120, 0.3, False), (12, 1.0, False)):
        repeats = max(int(scale * (500 if per < 100 else 250)), 5)
        naive, floor, zero, changed, factors = Rate(), Rate(), Rate(), Rate(), []
        n = CLUSTERS * per
        for _ in range(repeats):
            columns = family(rng, n, n, kinds=kinds, clusters=CLUSTERS, icc=icc, both=both)
            said = statements(columns, FLOOR)
            floor.add(Statement.ALARM in said)
            changed.add(Statement.BELOW in said or Statement.ALARM in said)
            zero.add(Statement.ALARM in statements(columns, 0.0))
            plain = [TwoSamples(t.reference, t.current, t.values) for t in columns]
            naive.add(Statement.ALARM in statements(plain, FLOOR))
            factors.append(design_effect(columns[0]).factor)
        where = "the same on both sides" if both else "other ones"
        rows.append(
            (per, icc, where, floor, zero, changed, naive, f"{np.median(factors):.1f}", repeats)
        )
    head = (
        "rows each",
        "correlation",
        "current clusters",
        "alarm, floor 0.05",
        "alarm, floor 0",
        "any change told",
        "alarm, floor 0.05, rows taken as independent",
        "design effect of a normal column",
        "runs",
    )
    return table(head, rows)


def _share_up(points):
    """Return a change of 20 equal categories: the first one wins so many points from the others."""
    weights = np.full(20, 0.05 - points / 19)
    weights[0] = 0.05 + points
    pick = picked(weights)
    return lambda x, rng: pick(rng.random(x.size))


MOVES = (
    ("normal, 0.02 sigma (effect .008)", "normal", lambda x, _: x + 0.02),
    ("normal, 0.2 sigma (effect .080)", "normal", lambda x, _: x + 0.2),
    ("normal, 0.5 sigma (effect .197)", "normal", lambda x, _: x + 0.5),
    ("normal, 1.5 times as wide (effect .097)", "normal", lambda x, _: 1.5 * x),
    ("lognormal, 0.3 log sigma (effect .119)", "lognormal", lambda x, _: x * np.exp(0.45)),
    ("one of 20 categories, 5 % to 15 % (effect .10)", "twenty", _share_up(0.10)),
    ("one of 20 categories, 5 % to 25 % (effect .20)", "twenty", _share_up(0.20)),
    ("yes, 70 % to 60 % (effect .10)", "yes", lambda x, rng: x * (rng.random(x.size) < 6 / 7)),
)


def power(scale, rng):
    """Families of 30 columns of which the first changed."""
    rows = []
    for name, kind, move in MOVES:
        cells = [name]
        for n in (300, 1000, 3000, 10_000, 100_000):
            repeats = max(
                int(scale * {300: 200, 1000: 200, 3000: 150, 10_000: 60, 100_000: 20}[n]), 4
            )
            alarm, told = Rate(), Rate()
            for _ in range(repeats):
                kinds = (kind,)
                (two,) = family(rng, n, n, kinds=kinds, move=move)
                measured = [column_drift(two)]
                # The other 29 columns of a family without drift have p-values near 1: only their
                # number counts for Holm's first step.
                quiet = [column_drift(_same(two))] * 29
                said = judge_columns([*measured, *quiet])[0].statement
                alarm.add(said is Statement.ALARM)
                told.add(said in (Statement.ALARM, Statement.BELOW))
            cells.append(
                f"{100 * alarm.hits / alarm.tried:.0f} ({100 * told.hits / told.tried:.0f})"
            )
        rows.append(cells)
    return table(("change", "n = 300", "n = 1,000", "n = 3,000", "n = 10,000", "n = 100,000"), rows)


def _same(two):
    return TwoSamples(two.reference, two.reference, two.values)


# ---------------------------------------------------------------- coverage


@dataclass(frozen=True)
class Truth:
    """A column before and after, as distribution functions of its values or shares of its categories."""

    name: str
    before: Column
    after: Callable
    cdf: tuple[Callable, Callable] | None = None
    grid: np.ndarray | None = None
    shares: tuple[np.ndarray, np.ndarray] | None = None

    def of(self, two):
        """Return the true distances, those of cells on the cells of these two samples."""
        if self.shares is not None:
            p, q = self.shares
            return {
                "total_variation": ts.total_variation(p, q),
                "jensen_shannon": ts.jensen_shannon(p, q),
                **self._psi(two),
            }
        f, g = (cdf(self.grid) for cdf in self.cdf)
        mean = np.trapezoid(self.grid * np.gradient(f, self.grid), self.grid)
        square = np.trapezoid(self.grid**2 * np.gradient(f, self.grid), self.grid)
        return {
            "ks": float(np.abs(f - g).max()),
            "wasserstein_sigma": float(np.trapezoid(np.abs(f - g), self.grid))
            / np.sqrt(square - mean**2),
            "jensen_shannon": ts.jensen_shannon(*self._cells(two, 20, False)),
            "psi": self._index(*self._cells(two, 10, True)),
        }

    def _cells(self, two, cells, of_reference):
        """Return the true shares of the cells that were cut on these samples."""
        pools = two.in_quantiles(cells, of_reference=of_reference)
        starts = np.searchsorted(
            np.cumsum(two.reference + two.current), np.cumsum(pools.reference + pools.current)
        )[:-1]
        edges = (two.values[starts] + two.values[starts + 1]) / 2
        return [np.diff(np.r_[0.0, cdf(edges), 1.0]) for cdf in self.cdf]

    @staticmethod
    def _index(p, q):
        return float((q - p) @ np.log(q / p))

    def _psi(self, two):
        values = np.flatnonzero(two.reference + two.current)
        if values.size < self.shares[0].size or two.coarse.reference.size < values.size:
            return {}
        return {"psi": self._index(*self.shares)}


def _normal_truth(name, shift, scale):
    grid = np.linspace(-12, 12, 48_001)
    cdf = (ndtr, lambda x: ndtr((x - shift) / scale))
    return Truth(name, KINDS["normal"], lambda x, _: shift + scale * x, cdf, grid)


def _t3_truth(name, shift):
    grid = np.sinh(np.linspace(-9, 9, 48_001))
    cdf = (lambda x: stdtr(3, x), lambda x: stdtr(3, x - shift))
    return Truth(name, KINDS["t3"], lambda x, _: x + shift, cdf, grid)


def _categories(name, before, after):
    p, q = (np.asarray(x, float) / np.sum(x) for x in (before, after))
    pick = picked(q)
    return Truth(
        name, Column("", picked(p), False), lambda x, rng: pick(rng.random(x.size)), shares=(p, q)
    )


TRUTHS = (
    _normal_truth("normal, no change", 0.0, 1.0),
    _normal_truth("normal, 0.1 sigma", 0.1, 1.0),
    _normal_truth("normal, 0.5 sigma", 0.5, 1.0),
    _normal_truth("normal, 1.3 times as wide", 0.0, 1.3),
    _t3_truth("t3, no change", 0.0),
    _t3_truth("t3, 0.3", 0.3),
    _categories("5 categories, no change", [50, 25, 15, 7, 3], [50, 25, 15, 7, 3]),
    _categories("5 categories, 10 points", [50, 25, 15, 7, 3], [40, 35, 15, 7, 3]),
    _categories("yes or no, 5 points", [50, 50], [45, 55]),
    _categories("20 categories, 10 points", np.ones(20), _gains(20, 0.1)),
    _categories("20 categories, spread", np.ones(20), _gains(20, 0.1, 10)),
    _categories("500 categories, no change", np.ones(500), np.ones(500)),
    _categories("500 categories, spread", np.ones(500), _gains(500, 0.2, 250)),
)


def coverage(scale, rng):
    """Return how often 95 % intervals hold the truth."""
    found = {}
    sizes = ((100, 100), (1000, 1000), (10_000, 10_000), (5000, 200))
    for truth in TRUTHS:
        for n, m in sizes:
            repeats = max(int(scale * (1000 if max(n, m) <= 1000 else 300)), 10)
            for _ in range(repeats):
                one = truth.before.of(rng.random(n))
                current = truth.after(truth.before.of(rng.random(m)), rng)
                two = sides(truth.before, one, current)
                measured, true = column_drift(two), truth.of(two)
                for estimate in measured.estimates:
                    if estimate.name in true:
                        key = (estimate.name, truth.name)
                        rates = found.setdefault(key, {size: (Rate(), []) for size in sizes})
                        rate, widths = rates[n, m]
                        value = true[estimate.name]
                        rate.add(estimate.low - 1e-12 <= value <= estimate.high + 1e-12)
                        widths.append(estimate.high - estimate.low)
    rows = []
    for (measure, world), rates in sorted(found.items(), key=lambda item: item[0][0]):
        cells = [
            f"{100 * rate.hits / rate.tried:.1f} ({np.mean(widths):.2g})" if rate.tried else ""
            for rate, widths in rates.values()
        ]
        rows.append((measure, world, *cells))
    return table(("measure", "world", *(f"{n:,}, {m:,}" for n, m in sizes)), rows)


# ---------------------------------------------------------------- all columns together


def _entangled(x, _):
    """Make the second and third column go together and leave each as it was."""
    out = x.copy()
    out[:, 2] = 0.6 * x[:, 1] + 0.8 * x[:, 2]
    return out


def _moved(x, _):
    return x + np.r_[0.3, np.zeros(x.shape[1] - 1)]


JOINT = (
    ("no drift", None, 150, None),
    ("no drift", None, 1000, None),
    ("no drift, 40 clusters on each side", None, 480, CLUSTERS),
    ("one column moved by 0.3 sigma", _moved, 1000, None),
    ("two columns now correlated by .6", _entangled, 300, None),
    ("two columns now correlated by .6", _entangled, 1000, None),
)


def together(scale, rng):
    """Tables of 8 normal columns, told apart by the domain classifier."""
    rows = []
    for name, change, n, clusters in JOINT:
        repeats = max(int(scale * 100), 4)
        found, rates = [], (Rate(), Rate(), Rate())
        for _ in range(repeats):
            x, buckets = rng.standard_normal((2 * n, 8)), None
            if clusters is not None:
                of = np.arange(2 * n) % clusters + clusters * (np.arange(2 * n) >= n)
                shared = rng.standard_normal((2 * clusters, 8))
                x = np.sqrt(ICC) * shared[of] + np.sqrt(1 - ICC) * x
                buckets = rng.integers(0, BUCKETS, 2 * clusters)[of]
            x[n:] = x[n:] if change is None else change(x[n:], rng)
            keys = rng.integers(0, 2**62, 2 * n)
            joint = Joint(x, np.arange(2 * n) >= n, keys, None, buckets)
            said = domain_classifier(joint, rng=rng)
            if said is not None:
                found.append((said.auc.value, said.effective_rows / n))
                for rate, hit in zip(
                    rates, (said.p <= 0.05, said.p <= 0.01, said.auc.low > 0.5), strict=True
                ):
                    rate.add(hit)
        auc, worth = np.mean(found, axis=0)
        rows.append((name, n, f"{auc:.3f}", *rates, f"{100 * worth:.0f} %", repeats))
    head = (
        "world",
        "rows on each side",
        "mean AUC",
        "p at most 0.05",
        "p at most 0.01",
        "interval above 0.5",
        "effective rows of the weights",
        "runs",
    )
    return table(head, rows)


# ---------------------------------------------------------------- the page

PAGE = """# False alarms, and what is found

Written by `benchmarks/false_alarms.py` at scale {scale:g}, in {minutes:.0f} minutes. Per cent of runs, ± one
standard error.

## Without drift: 30 columns

6 normal, 5 of Student's t with 3 degrees of freedom, 4 lognormal, 2 of counts, 2 with nine zeros in ten, one
flag of 3 %, and of texts 2 yes-or-no, 2 of 5, 2 of 20, 3 of 500 categories (one equal) and one nearly unique.
An alarm: Holm-corrected p of "effect no larger than the floor" at most 0.05 and the lower limit above the
floor. At most 5 is promised. With the floor at 0 it is the plain test of no difference.

{no_drift}

## At the floor

One column whose true effect is 0.05, the floor. Share of p-values of at most 0.05 / at most 0.002: at most 5
and 0.2 are promised.

{at_floor}

## Rows that hang together: 40 clusters

The same 30 columns (a normal one in place of the unique), without drift. Clusters are hashed into 64 buckets.

{clustered}

## What is found

Per cent of runs in which the changed column, one of 30, raises an alarm (floor 0.05); in brackets, in which
it is told as changed at all. n rows on each side.

{power}

## Do the intervals hold the truth?

Per cent of 95 % intervals that hold the true distance (in brackets their mean width); reference, current
rows. Near 100 is meant where nothing changed, for 0 is an end of the range. Jensen-Shannon and PSI of numbers
are held against the true shares of the cells that were cut; PSI of categories where each had rows
enough.

{coverage}

## All columns together

The domain classifier on 8 normal columns. p is that of no difference; at most 5 and 1 are promised without
drift.

{together}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="times the number of runs")
    parser.add_argument("--only", default="", help="print one table: " + ", ".join(TABLES))
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.only:
        print(TABLES[given.only](given.scale, np.random.default_rng([given.seed, 0])))
        return
    start = time.perf_counter()
    made = {
        name: make(given.scale, np.random.default_rng([given.seed, i]))
        for i, (name, make) in enumerate(TABLES.items())
    }
    minutes = (time.perf_counter() - start) / 60
    OUT.write_text(PAGE.format(scale=given.scale, minutes=minutes, **made), encoding="utf-8")


TABLES = {
    "no_drift": no_drift,
    "at_floor": at_floor,
    "clustered": clustered,
    "power": power,
    "coverage": coverage,
    "together": together,
}

if __name__ == "__main__":
    main()
