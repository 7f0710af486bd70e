"""How far many slices are from the rest of the rows and from the whole, and how surely.

The interval of slice minus rest takes the nearer limits of the two (square-and-add; Newcombe 1998,
method 10, for shares; Zou and Donner 2008, doi:10.1002/sim.3095). The whole holds the slice: slice minus
whole is slice minus rest, shrunk by the share of the rest. Its p-value is the same.

p-values are two-sided and those of a test, not read off the interval: a family of hundreds of slices is
corrected to p-values of 0.0001, where a 95 % interval has nothing to say.

The test takes the slice for a random draw of all the rows: the permutation test, from its first three
moments (Mielke and Berry 2007, doi:10.1007/978-0-387-69813-7). For shares this is Fisher's test in its
mid-p form without its sums, and where less than one row is expected in some cell, Fisher's exact test takes
its place. The chi-squared test is too bold where it matters, for slices of few rows that are much worse:
at a nominal 0.05 % it rejects true hypotheses in up to 0.2 %. For means a draw says too much where a slice's
losses vary more than the others, so the p-value is never less than that of Welch's test with Hall's
correction for skewness, which in turn is too bold where the few large losses happen to be missing from a
slice. Together they reject a true hypothesis, at a nominal 1 %, in at most 0.9 % for losses that are normal,
exponential, t(3) or the log loss of rare positives, in slices of 20 to 200 of 1,000 rows. Lognormal losses
in a slice of 20 are too much for them: 1.1 %, and 0.36 % at a nominal 0.1 %, nearly all of it for slices
that look better (``benchmarks/SLICE_POWER.md``).

For independent rows without weights.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import gammainc, gammaincc, gammaln, ndtr, stdtr

from plimsoll.core.estimate import Where
from plimsoll.stats.difference import NAME
from plimsoll.stats.interval import FloatArray, Spreads, hall, ratio
from plimsoll.stats.mean import POWERS, spreads_of_means
from plimsoll.stats.slice_bands import Band, mean_band, share_band

Counts = npt.ArrayLike
WIDTH = 60
"""Where fewer than one is expected, more than this are never seen (their probability is below 1e-80)."""


@dataclass(frozen=True, eq=False)
class SliceDifferences:
    """One measure of S slices held against the rest of the rows and against all of them.

    ``own`` and ``rest`` are the measure in the slice and outside; ``from_rest`` and ``from_whole`` the
    differences, slice minus other; ``p`` (S,) is the two-sided p-value of no difference, NaN
    where one of the two is not defined.
    """

    own: Band
    rest: Band
    from_rest: Band
    from_whole: Band
    p: FloatArray


def share_differences(
    name: str,
    hits: Counts,
    rows: Counts,
    all_hits: Counts,
    all_rows: Counts,
    *,
    level: float = 0.95,
) -> SliceDifferences:
    """Hold shares ``hits / rows`` (S,) of slices against the rest of ``all_hits`` of ``all_rows``.

    The rows of all, the slice among them, are one number, or (S,) where they differ.
    """
    k, n = np.asarray(hits, np.float64), np.asarray(rows, np.float64)
    every_k = np.broadcast_to(np.asarray(all_hits, np.float64), k.shape)
    every_n = np.broadcast_to(np.asarray(all_rows, np.float64), k.shape)
    _expect_parts(n, every_n)
    own = share_band(name, k, n, level)
    rest = share_band(name, every_k - k, every_n - n, level)
    p = share_p(k, n, every_k, every_n)
    return _held_against(own, rest, ratio(every_k, every_n), p)


def mean_differences(
    name: str,
    rows: Counts,
    sums: FloatArray,
    all_rows: Counts,
    all_sums: FloatArray,
    *,
    level: float = 0.95,
    low: float | None = None,
    high: float | None = None,
) -> SliceDifferences:
    """Hold mean losses of slices against the rest, from sums (S, 3) and (3,) of x, x^2, x^3.

    ``low`` and ``high`` bound the loss itself. Sums of x and x^2 alone give Student's intervals.
    """
    n = np.asarray(rows, np.float64)
    every = np.broadcast_to(np.asarray(all_rows, np.float64), n.shape)
    _expect_parts(n, every)
    others, left = all_sums - sums, every - n
    own = mean_band(name, n, sums, level, low=low, high=high)
    rest = mean_band(name, left, others, level, low=low, high=high)
    p = mean_p(n, sums, left, others)
    whole = ratio(np.broadcast_to(np.asarray(all_sums)[..., 0], n.shape), every)
    return _held_against(own, rest, whole, p)


def share_p(
    hits: FloatArray, rows: FloatArray, all_hits: FloatArray, all_rows: FloatArray
) -> FloatArray:
    """Return two-sided p-values that a share is the same inside and outside; arrays (S,)."""
    n, k, whole = rows, all_hits, np.maximum(all_rows, 1.0)
    margins = np.stack([n, whole - n]), np.stack([k, whole - k])
    expected = margins[0][:, np.newaxis] * margins[1] / whole
    possible = (n > 0) & (n < all_rows)
    upper, lower = _draw_tails(n, _hits(hits), whole - n, _hits(k - hits))
    p = np.minimum(2.0 * np.minimum(upper, lower), 1.0)
    few = np.flatnonzero(possible & (expected.min(axis=(0, 1)) < 1.0))
    if few.size:
        p[few] = _fisher(hits[few], n[few], k[few], whole[few])
    return np.where(possible, p, math.nan)


def _hits(hits: FloatArray) -> FloatArray:
    """Return the sums of x, x^2 and x^3 of numbers that are 0 or 1."""
    return np.repeat(hits[:, np.newaxis], 3, axis=1)


def mean_p(
    rows: FloatArray, sums: FloatArray, other_rows: FloatArray, others: FloatArray
) -> FloatArray:
    """Return two-sided p-values that a mean is the same in two separate sets of rows; arrays (S,)."""
    upper, lower = mean_tails(rows, sums, other_rows, others)
    return np.minimum(2.0 * np.minimum(upper, lower), 1.0)


def mean_tails(
    rows: FloatArray, sums: FloatArray, other_rows: FloatArray, others: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return one-sided p-values, (S,) each: that the first mean is no larger, and that it is no smaller.

    From rows (S,) and sums (S, 3) of x, x^2, x^3 of the slices and of the others. See the module.
    """
    drawn = _draw_tails(rows, sums, other_rows, others)
    welch = _welch_tails(rows, sums, other_rows, others)
    known = (rows >= 2) & (other_rows >= 2)
    upper, lower = (np.maximum(a, b) for a, b in zip(drawn, welch, strict=True))
    return np.where(known, upper, math.nan), np.where(known, lower, math.nan)


def _welch_tails(
    rows: FloatArray, sums: FloatArray, other_rows: FloatArray, others: FloatArray
) -> tuple[FloatArray, FloatArray]:
    own, rest = _spread(rows, sums), _spread(other_rows, others)
    one, two = _standing_in(own, rest, rows, other_rows)
    variance = one.se**2 + two.se**2
    error = np.sqrt(variance)
    apart = ratio(sums[..., 0], rows) - ratio(others[..., 0], other_rows)
    df = ratio(variance**2, one.se**4 / one.df + two.se**4 / two.df, 1.0)
    skew = ratio(one.skew * one.se**3 - two.skew * two.se**3, error**3, 0.0)
    t = hall(ratio(apart, error, 0.0), skew)
    # Without any variance a difference is either none or certain.
    still = np.where(apart > 0, 0.0, 1.0), np.where(apart < 0, 0.0, 1.0)
    upper, lower = stdtr(df, -t), stdtr(df, t)
    return np.where(error > 0, upper, still[0]), np.where(error > 0, lower, still[1])


def _draw_tails(
    rows: FloatArray, sums: FloatArray, other_rows: FloatArray, others: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Take the mean of a random draw of all rows as gamma distributed, with its first three moments."""
    every = sums + others
    whole = np.maximum(rows + other_rows, 3.0)
    n = np.clip(rows, 1.0, whole - 1.0)
    first, second = every[..., 0] / whole, every[..., 1] / whole
    variance = second - first * first
    still = variance <= 1e-13 * np.abs(second)
    variance = np.where(still, 1.0, variance)
    skew = np.zeros_like(variance)
    if every.shape[-1] > 2:
        third = every[..., 2] / whole - 3.0 * first * second + 2.0 * first**3
        skew = third / variance**1.5 * (whole - 2.0 * n) / (whole - 2.0)
        skew *= np.sqrt((whole - 1.0) / (n * (whole - n)))
    error = np.sqrt(variance * (whole - n) / (n * (whole - 1.0)))
    z = np.where(still, 0.0, (sums[..., 0] / n - first) / error)
    return gamma_tail(z, skew), gamma_tail(-z, -skew)


def gamma_tail(z: FloatArray, skew: FloatArray) -> FloatArray:
    """Return the chance of more than ``z`` for a number of mean 0, variance 1 and this skewness."""
    flat = np.abs(skew) < 1e-4
    bent = np.where(flat, 1.0, skew)
    shape = 4.0 / (bent * bent)
    x = np.maximum(shape + np.sign(bent) * z * np.sqrt(shape), 0.0)
    tail = np.where(bent > 0, gammaincc(shape, x), gammainc(shape, x))
    return np.where(flat, ndtr(-z), tail)


def _spread(rows: FloatArray, sums: FloatArray) -> Spreads:
    powers = np.zeros((*rows.shape, len(POWERS)))
    powers[..., :3] = rows[..., np.newaxis]
    powers[..., 3 : 3 + sums.shape[-1]] = sums
    powers[..., 6:] = sums[..., :2]
    return spreads_of_means(powers, skewed=sums.shape[-1] > 2)


def _standing_in(
    one: Spreads, two: Spreads, rows: FloatArray, other_rows: FloatArray
) -> tuple[Spreads, Spreads]:
    """Where all rows of one side have the same loss, let the variance of the other stand in."""

    def filled(own: Spreads, n: FloatArray, other: Spreads, m: FloatArray) -> Spreads:
        borrowed = other.se * np.sqrt(ratio(m, n, 0.0))
        return replace(own, se=np.where(own.se == 0.0, borrowed, own.se))

    return filled(one, rows, two, other_rows), filled(two, other_rows, one, rows)


def _fisher(
    hits: FloatArray, rows: FloatArray, all_hits: FloatArray, whole: FloatArray
) -> FloatArray:
    """Return Fisher's two-sided p-values, where fewer than one row is expected in some cell."""
    # Turn each table so that the cell with the fewest expected is the one that is counted.
    flip_rows, flip_hits = rows * 2 > whole, all_hits * 2 > whole
    x = np.where(flip_rows, all_hits - hits, hits)
    n = np.where(flip_rows, whole - rows, rows)
    x = np.where(flip_hits, n - x, x)
    k = np.where(flip_hits, whole - all_hits, all_hits)
    at = np.arange(WIDTH + 1.0)[:, np.newaxis]
    chance = _hypergeometric(at, n, k, whole)
    own = _hypergeometric(x, n, k, whole)
    no_likelier = chance <= own * (1.0 + 1e-7)
    p = (chance * no_likelier).sum(axis=0)
    return np.minimum(np.where(x > WIDTH, 2.0 * own, p), 1.0)


def _hypergeometric(x: FloatArray, n: FloatArray, k: FloatArray, whole: FloatArray) -> FloatArray:
    """Return the chance of ``x`` hits among ``n`` rows, with ``k`` hits in the whole."""
    possible = (x >= 0) & (x <= n) & (x <= k) & (n - x <= whole - k)
    x = np.where(possible, x, np.maximum(n + k - whole, 0.0))

    def choose(of: FloatArray, take: FloatArray) -> FloatArray:
        return np.asarray(gammaln(of + 1.0) - gammaln(take + 1.0) - gammaln(of - take + 1.0))

    log = choose(k, x) + choose(whole - k, n - x) - choose(whole, n)
    return np.where(possible, np.exp(log), 0.0)


def _held_against(own: Band, rest: Band, whole: FloatArray, p: FloatArray) -> SliceDifferences:
    apart = _apart(own, rest)
    every = np.maximum(own.n + rest.n, 1)
    shrink = rest.n / every
    value = own.value - whole
    from_whole = replace(
        apart,
        value=np.where(apart.known, value, math.nan),
        low=value - shrink * (apart.value - apart.low),
        high=value + shrink * (apart.high - apart.value),
    )
    return SliceDifferences(own, rest, apart, from_whole, np.where(apart.known, p, math.nan))


def _apart(own: Band, rest: Band) -> Band:
    value = own.value - rest.value
    down = np.hypot(own.value - own.low, rest.high - rest.value)
    up = np.hypot(own.high - own.value, rest.value - rest.low)
    words = tuple(f"square-and-add of {word}" for word in rest.methods)
    limits = (value, value - down, value + up)
    n = np.minimum(own.n, rest.n).astype(np.float64)
    band = Band.of(NAME, own.level, limits, n, words, rest.method)
    return replace(band, where=Where(metric=own.name))


def _expect_parts(rows: FloatArray, every: FloatArray) -> None:
    if bool(np.any(rows > every)):
        raise ValueError(
            "a slice has more rows than there are; give the rows of all, not of the rest"
        )
