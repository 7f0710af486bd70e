"""How far apart two sets of rows lie in one column, from their counts on the same cells.

Every distance here is the plain one of the two tables as they are: 0 where the shares of all cells are
equal, and larger than the distance of the populations by what chance adds. What chance adds, and the
intervals, are in ``drift_numbers.py``, ``drift_categories.py`` and ``drift_distances.py``.

Where each cell is one value, the values are SciPy's: ``ks_2samp``, ``wasserstein_distance``,
``distance.jensenshannon`` with base 2 and ``chi2_contingency`` without Yates' correction.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, rel_entr

from plimsoll.stats.interval import FloatArray

Counts = npt.NDArray[np.int64] | FloatArray
Starts = npt.NDArray[np.intp]

PSI_CELLS = 10
JENSEN_SHANNON_CELLS = 20
RESAMPLED_CELLS = 256
ENOUGH = 8.0
"""Rows of the smaller side that a category must let expect before a statistic leans on it.

The textbook's 5 do at one test in twenty; the far tail, where a family of columns decides, is twice too
heavy with them where one side has many more rows (simulated).
"""
CELL_ROWS = 5.0
"""Rows of the smaller side that a cell cut at quantiles lets expect."""
SMOOTHING = 0.5


@dataclass(frozen=True, eq=False)
class TwoSamples:
    """One column of two tables: rows by cell in the ``reference`` and in the ``current`` one, both (m,).

    Numbers have ascending ``values`` (m,) of the cells and, where a cell holds several values, its
    ``widths`` (m,), 0 for one value. Categories have neither; ``pooled`` (m,) marks cells that hold
    several of them. ``by_bucket`` (2, G, k) are the same rows by bucket of rows that hang together and
    by coarser cell (any cells, ascending for numbers), reference first; without it rows are independent.

    Raises
    ------
    ValueError
        If shapes do not match, values do not ascend or a count is negative: the tally is wrong.
    """

    reference: Counts
    current: Counts
    values: FloatArray | None = None
    widths: FloatArray | None = None
    pooled: npt.NDArray[np.bool_] | None = None
    by_bucket: Counts | None = None

    def __post_init__(self) -> None:
        shape = self.reference.shape
        parts = (self.current, self.values, self.widths, self.pooled)
        if len(shape) != 1 or any(x is not None and x.shape != shape for x in parts):
            raise ValueError(f"all arrays of two samples must have the shape {shape} of one column")
        if shape[0] and min(self.reference.min(), self.current.min()) < 0:
            raise ValueError("counts of rows must not be negative")
        if self.values is not None and bool(np.any(self.values[1:] <= self.values[:-1])):
            raise ValueError("values of cells must ascend strictly")
        if self.by_bucket is not None and (
            self.by_bucket.ndim != 3 or self.by_bucket.shape[0] != 2
        ):
            raise ValueError(f"counts by bucket must be (2, G, k), got {self.by_bucket.shape}")

    @property
    def ordered(self) -> bool:
        """Whether the cells are those of a number."""
        return self.values is not None

    @cached_property
    def rows(self) -> tuple[int, int]:
        """Rows of the reference and of the current table."""
        return int(self.reference.sum()), int(self.current.sum())

    @cached_property
    def shares(self) -> tuple[FloatArray, FloatArray]:
        """Share of the rows of each side in each cell, both (m,)."""
        return shares(self.reference), shares(self.current)

    @cached_property
    def middle(self) -> FloatArray:
        """Mean share of the two sides in each cell, (m,)."""
        return (self.shares[0] + self.shares[1]) / 2.0

    @property
    def lumped(self) -> float:
        """Mean share of the two sides in cells of several categories."""
        return 0.0 if self.pooled is None else float(self.middle[self.pooled].sum())

    def scaled(self) -> TwoSamples:
        """Return the same rows with the largest value 1 in size, so that squares cannot overflow."""
        most = 0.0 if self.values is None else float(np.abs(self.values).max(initial=0.0))
        if self.values is None or most == 0.0:
            return self
        widths = None if self.widths is None else self.widths / most
        return replace(self, values=self.values / most, widths=widths)

    def in_pools(self, starts: Starts) -> TwoSamples:
        """Return the same rows with neighbouring cells put together, each pool at its mean value."""
        if starts.size == self.reference.size:
            return self
        one, two = (np.add.reduceat(x, starts) for x in (self.reference, self.current))
        values = widths = None
        if self.values is not None:
            rows = np.add.reduceat(self.middle, starts)
            mean = np.add.reduceat(self.values * self.middle, starts)
            values = np.where(rows > 0, mean / np.where(rows > 0, rows, 1.0), self.values[starts])
            last = np.r_[starts[1:], self.values.size] - 1
            half = np.zeros_like(self.values) if self.widths is None else self.widths / 2
            with np.errstate(over="ignore"):  # A pool from -1e308 to 1e308 is infinitely wide.
                widths = self.values[last] + half[last] - self.values[starts] + half[starts]
        return TwoSamples(one, two, values, widths, by_bucket=self.by_bucket)

    @cached_property
    def coarse(self) -> TwoSamples:
        """Cells that statistics may lean on: at most 256 of a number, or all categories with enough rows.

        Numbers: neighbours, in pools of about equal mass of the two sides together. Categories of
        which the smaller side lets expect fewer than 8 rows stand in one last cell, ``pooled``.
        """
        if self.ordered:
            return self.in_pools(quantile_starts(self.middle, RESAMPLED_CELLS))
        n, m = self.rows
        both = self.reference + self.current
        rare = both * (min(n, m) / max(n + m, 1)) < ENOUGH
        several = rare if self.pooled is None else rare | self.pooled
        if not rare.any():
            return self
        one, two = (np.r_[x[~rare], x[rare].sum()] for x in (self.reference, self.current))
        marks = np.r_[several[~rare], True]
        return TwoSamples(one, two, pooled=marks, by_bucket=self.by_bucket)

    def in_quantiles(self, cells: int, *, of_reference: bool = False) -> TwoSamples:
        """Return a number in at most ``cells`` cells of about equal mass; categories as they are.

        Of equal mass of the two sides together, or of the reference alone. Fewer cells where one
        would let expect fewer than 5 rows of the smaller side.
        """
        if not self.ordered:
            return self
        fit = max(2, min(cells, int(min(self.rows) / CELL_ROWS)))
        mass = self.shares[0] if of_reference else self.middle
        return self.in_pools(quantile_starts(mass, fit))


def shares(counts: Counts) -> FloatArray:
    """Return counts as shares of their sum; all 0 where there are no rows."""
    out: FloatArray = counts / max(float(counts.sum()), 1.0)
    return out


def quantile_starts(mass: FloatArray, cells: int) -> Starts:
    """Return the first cell of each of at most ``cells`` pools of about equal mass.

    A cell goes to the pool that the mass below it says, so a pool begins where a quantile is passed, and
    a value that holds more than one pool's mass is a pool with what follows it up to the next quantile.
    """
    below = np.cumsum(mass) - mass
    total = float(mass.sum())
    if total <= 0:
        return np.zeros(1, np.intp)
    pool = np.minimum((cells * below / total + 1e-9).astype(np.int64), cells - 1)
    return np.flatnonzero(np.r_[True, pool[1:] != pool[:-1]])


def ks(reference: Counts, current: Counts) -> float:
    """Return the largest gap between the shares of rows at or below a value, from 0 to 1.

    So many of 100 rows, at most, would have to move for the two tables to agree at any one value
    (Kolmogorov-Smirnov). Cells ascend.

    >>> ks(np.array([2, 1, 1]), np.array([1, 1, 2]))
    0.25
    """
    gaps = np.cumsum(shares(reference)) - np.cumsum(shares(current))
    return float(np.abs(gaps).max(initial=0.0))


def wasserstein(values: FloatArray, reference: Counts, current: Counts) -> float:
    """Return how far rows must move on average for the two tables to agree, in units of the values.

    The area between the two distribution functions (Wasserstein's distance of order 1).

    >>> wasserstein(np.array([0.0, 1.0, 3.0]), np.array([1, 0, 1]), np.array([0, 1, 1]))
    0.5
    """
    gaps = np.cumsum(shares(reference)) - np.cumsum(shares(current))
    return float((np.abs(gaps[:-1]) * np.diff(values)).sum())


def total_variation(reference: Counts, current: Counts) -> float:
    """Return the share of rows that would have to change cell for the two tables to agree, 0 to 1.

    ``sum |p - q| / 2``, the largest gap in the share of any set of categories.

    >>> total_variation(np.array([1, 1, 2]), np.array([1, 2, 1]))
    0.25
    """
    return float(np.abs(shares(reference) - shares(current)).sum()) / 2.0


def jensen_shannon(reference: Counts, current: Counts) -> float:
    """Return the Jensen-Shannon distance (base 2) of two columns of counts: 0 equal, 1 disjoint.

    The root of the mean, in bits, of what one learns from a row about the table it came from (Lin 1991,
    doi:10.1109/18.61115; a metric: Endres and Schindelin 2003, doi:10.1109/TIT.2003.813506).

    >>> round(jensen_shannon(np.array([1, 0]), np.array([1, 1])), 4)
    0.5579
    """
    p, q = shares(reference), shares(current)
    middle = (p + q) / 2.0
    bits = float((rel_entr(p, middle) + rel_entr(q, middle)).sum()) / (2.0 * math.log(2.0))
    return math.sqrt(min(max(bits, 0.0), 1.0))


def psi(reference: Counts, current: Counts) -> float:
    """Return the population stability index, ``sum (q - p) ln(q / p)``; 0 for equal shares.

    Half a row is added to every cell of each side, so that an empty cell has a share; without it the
    index has no value there. The field's cells are the deciles of the reference for numbers
    (:meth:`TwoSamples.in_quantiles`) and the categories. Its rule of thumb "0.1 little, 0.25 much" knows
    nothing of the number of rows: chance alone adds ``(cells - 1)(1/n + 1/m)`` on average.

    Source: Siddiqi (2006), Credit Risk Scorecards; Yurdakul and Naranjo (2020),
    doi:10.21314/JRMV.2020.227, for what chance adds.

    >>> round(psi(np.array([50, 50]), np.array([70, 30])), 3)
    0.166
    """
    p, q = smoothed(reference), smoothed(current)
    return float(((q - p) * np.log(q / p)).sum())


def smoothed(counts: Counts) -> FloatArray:
    """Return shares with half a row more in every cell."""
    return shares(np.asarray(counts + SMOOTHING, np.float64))


@dataclass(frozen=True, slots=True)
class ChiSquared:
    """Pearson's test that two tables have the same shares."""

    statistic: float
    df: int
    p: float


def chi_squared(reference: Counts, current: Counts) -> ChiSquared:
    """Return Pearson's chi-squared of the 2 x m table, without correction; empty cells are left out.

    The p-value leans on at least 8 expected rows in each cell: take :attr:`TwoSamples.coarse`. With one
    cell, or no rows on one side, there is nothing to differ in: p is 1.

    >>> found = chi_squared(np.array([10, 20]), np.array([20, 10]))
    >>> round(found.statistic, 3), found.df, round(found.p, 4)
    (6.667, 1, 0.0098)
    """
    both = reference + current
    held = both > 0
    n, m = float(reference.sum()), float(current.sum())
    df = int(held.sum()) - 1
    if df < 1 or n <= 0 or m <= 0:
        return ChiSquared(0.0, max(df, 0), 1.0)
    gap = reference[held] / n - current[held] / m
    statistic = float((gap * gap / both[held]).sum()) * n * m
    return ChiSquared(statistic, df, float(chdtrc(df, statistic)))


def ks_cell_bound(reference: Counts, current: Counts, widths: FloatArray) -> float:
    """Return how much larger, at most, the KS of the values is than that of cells with widths.

    At the end of each cell the gap is exact; inside, all rows of one side could come before those of the
    other. The KS of cells is never too large.
    """
    p, q = shares(reference), shares(current)
    after = np.cumsum(p) - np.cumsum(q)
    before = after - p + q
    inside = np.maximum(before + p, q - before)[widths > 0]
    return float(max(inside.max(initial=0.0) - np.abs(after).max(initial=0.0), 0.0))


def wasserstein_cell_bound(reference: Counts, current: Counts, widths: FloatArray) -> float:
    """Return how far, at most, Wasserstein's distance of cells lies from that of the values.

    Each cell's rows were taken to lie at its middle: they are at most half its width away. In the unit of
    the values.
    """
    return float(((shares(reference) + shares(current)) * widths).sum()) / 2.0
