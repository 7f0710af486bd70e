"""How many independent rows two tables are worth whose rows hang together.

Forty customers with twelve rows each say less than 480 customers. How much less is seen from the shares by
bucket: a bucket holds whole customers (or whole days), buckets are independent, so how the shares vary
from bucket to bucket is how they would vary from one table to the next.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit

from plimsoll.stats.interval import FloatArray, ratio
from plimsoll.stats.two_samples import ENOUGH, TwoSamples, shares

TAIL = 0.001
"""Where the tail of Student's law is held against the normal one: about where a family of columns decides."""
FEW_CELLS = 5
LEAST_BUCKETS = 4


@dataclass(frozen=True, slots=True)
class DesignEffect:
    """Rows that are worth one independent row, and how sure that figure is.

    ``factor`` is at least 1. ``df`` are the degrees of freedom behind it: few where a handful of buckets
    carry most of the variance, and infinite where rows are independent as told.
    """

    factor: float = 1.0
    df: float = math.inf


INDEPENDENT = DesignEffect()


def design_effect(two: TwoSamples, floor: float = 0.0) -> DesignEffect:
    """Return the design effect of the difference of two tables, from their counts by bucket.

    Kish's ratio: the variance of a difference of shares from bucket to bucket over that of independent
    rows. Asked of many sets of cells (all values up to one; every category large enough to move by more
    than the floor; the set of categories that varies most), and the worst is taken, so a test with it
    alarms too seldom rather than too often. A group that has rows on both sides stands in one bucket on
    both, and what it shares cancels. With rows of a side in fewer than four buckets nothing is known:
    they are taken to be worth one.

    For numbers with many values the variance is held against the largest that independent rows can have,
    1/4, for that is where Kolmogorov's law decides.

    Source: Kish (1965), Survey Sampling; degrees of freedom by Satterthwaite (1946), doi:10.2307/3002019.
    """
    if two.by_bucket is None:
        return INDEPENDENT
    counts = np.asarray(two.by_bucket, np.float64)
    sizes = counts.sum(axis=2)
    held = (sizes > 0).sum(axis=1)
    if int(held.min()) < LEAST_BUCKETS:
        return DesignEffect(float(max(two.rows)), 1.0)
    parts = _parts(counts, sizes, held)
    means = (shares(counts[0].sum(axis=0)), shares(counts[1].sum(axis=0)))
    middles = (means[0] + means[1]) / 2.0
    if two.ordered:  # Sets of all values up to one.
        one, other, middle = (np.cumsum(x, axis=-1)[..., :-1] for x in (*parts, middles))
    else:
        sets = _sets(parts, means)
        one, other, middle = (x @ sets for x in (*parts, middles))
    rows = sizes.sum(axis=1)
    many = two.ordered and counts.shape[2] > FEW_CELLS
    spread = np.full_like(middle, 0.25) if many else middle * (1.0 - middle)
    asked = np.ones(middle.size, bool) if many else _large(middle, rows, floor)
    if not asked.any():
        return INDEPENDENT
    expected = spread[asked] * (1.0 / rows[0] + 1.0 / rows[1])
    return _worst(one[:, asked], other[:, asked], held, expected)


def _large(middle: FloatArray, rows: FloatArray, floor: float) -> npt.NDArray[np.bool_]:
    """Return which sets have rows enough, inside and outside, to be asked by themselves.

    Where none has, all that are not empty.
    """
    inside = np.minimum(middle, 1.0 - middle)
    large = inside >= max(ENOUGH / float(rows.min()), floor / 2.0)
    return large if large.any() else inside > 0.0


def _parts(
    counts: FloatArray, sizes: FloatArray, held: npt.NDArray[np.intp]
) -> tuple[FloatArray, FloatArray]:
    """Return how each bucket moves the shares of its side, two arrays (G, k).

    Their squares add up to the variance of the shares; the second side has its sign turned.
    """
    out = []
    for side, sign in ((0, 1.0), (1, -1.0)):
        rows = sizes[side].sum()
        share = counts[side].sum(axis=0) / rows
        moved = (counts[side] - sizes[side][:, None] * share) / rows
        out.append(sign * math.sqrt(held[side] / (held[side] - 1.0)) * moved)
    return out[0], out[1]


def _sets(parts: tuple[FloatArray, FloatArray], means: tuple[FloatArray, FloatArray]) -> FloatArray:
    """Return sets of categories, columns of 0 and 1, (k, sets): each alone, and those that vary most."""
    cells = means[0].size
    both = parts[0] + parts[1]
    sign = np.where(means[0] >= means[1], 1.0, -1.0)
    seen = [sign]
    for _ in range(8):  # Climbs to the set whose share varies most; each step can only raise it.
        turned = np.where(both.T @ (both @ sign) >= 0, 1.0, -1.0)
        if (turned == sign).all():
            break
        sign = turned
    seen.append(sign)
    return np.column_stack([np.eye(cells), *((1.0 + s) / 2.0 for s in seen)])


def _worst(
    one: FloatArray, two: FloatArray, held: npt.NDArray[np.intp], expected: FloatArray
) -> DesignEffect:
    """Return the design effect that would hurt a test most, of sets with parts (G, sets) each."""
    part = one + two
    square = part * part
    variance = square.sum(axis=0)
    excess = (square * square).sum(axis=0) - variance * variance / held.max()
    df = ratio(2.0 * variance * variance, excess, math.inf)
    by_side = [(x * x).sum(axis=0) for x in (one, two)]
    spill = by_side[0] ** 2 / (held[0] - 1.0) + by_side[1] ** 2 / (held[1] - 1.0)
    df = np.clip(np.minimum(df, ratio((by_side[0] + by_side[1]) ** 2, spill, math.inf)), 1.0, None)
    seen = variance / expected
    factor = np.where(seen >= seen.max() / 2.0, np.maximum(seen, 1.0), 0.0)
    cost = factor * (stdtrit(np.minimum(df, 1e6), 1.0 - TAIL) / float(ndtri(1.0 - TAIL))) ** 2
    at = int(np.argmax(cost))
    return DesignEffect(float(factor[at]), float(df[at]))
