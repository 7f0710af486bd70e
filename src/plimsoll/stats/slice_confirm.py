"""Is a slice that was put forward really worse? Asked of rows that did not put it forward.

For right or wrong it is Fisher's exact test, which never rejects a true hypothesis more often than it says.
For other losses it is the test of :mod:`plimsoll.stats.slice_difference`, or where rows hang together or
have weights Student's test of linearised differences, the larger p-value of it with and without Hall's
correction for skewness. Where it is known how much a loss should vary, as that of a stated probability, the
p-value is never less than that of a sum of gamma shape with this variance and skewness.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, stdtr

from plimsoll.core.estimate import Estimate
from plimsoll.stats.difference import NAME, difference_of_independent
from plimsoll.stats.interval import (
    FloatArray,
    Spread,
    Spreads,
    hall,
    skew_corrected,
    spread_of,
    symmetric,
)
from plimsoll.stats.mean import LossSums, mean
from plimsoll.stats.proportion import ShareWeights, proportion
from plimsoll.stats.slice_difference import gamma_tail, mean_tails

Mask = npt.NDArray[np.bool_]
Groups = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Expected:
    """Variance and third moment (n,) that the loss of each row has if nothing is wrong."""

    variance: FloatArray
    third: FloatArray


@dataclass(frozen=True, eq=False)
class Rows:
    """What is known of n rows: their loss, weight, group (whole numbers from 0) and expected moments.

    ``binary`` is said of a loss that is 0 or 1 in every row.
    """

    loss: FloatArray
    weights: FloatArray | None = None
    groups: Groups | None = None
    expected: Expected | None = None
    binary: bool = False

    def take(self, rows: Mask | npt.NDArray[np.intp]) -> Rows:
        """Return some of the rows, or all in another order."""
        expected = self.expected
        if expected is not None:
            expected = Expected(expected.variance[rows], expected.third[rows])
        groups = None if self.groups is None else whole_numbers(self.groups[rows])
        weights = None if self.weights is None else self.weights[rows]
        return Rows(self.loss[rows], weights, groups, expected, self.binary)

    @property
    def simple(self) -> bool:
        """Whether rows are independent and have no weights."""
        return self.weights is None and self.groups is None


@dataclass(frozen=True, slots=True)
class Apart:
    """A slice held against the rest: both means, the difference slice - rest, and a one-sided p-value.

    ``p`` is that of the hypothesis that the slice loses no more (where ``sign`` is 1) or no less (-1).
    """

    own: Estimate
    rest: Estimate
    effect: Estimate
    p: float


def hold_against_rest(inside: Mask, rows: Rows, sign: float, *, level: float) -> Apart | None:
    """Hold the rows ``inside`` against the others; None where one side is too small to know anything."""
    if min(np.count_nonzero(inside), np.count_nonzero(~inside)) < 2:
        return None
    own = _mean(rows.take(inside), level)
    rest = _mean(rows.take(~inside), level)
    if own is None or rest is None:
        return None
    if rows.simple:
        p = _fisher(inside, rows.loss, sign) if rows.binary else _simple_p(inside, rows, sign)
        effect = difference_of_independent(own, rest)
        return Apart(own, rest, effect, p)
    spread = _linearised(inside, rows)
    if spread is None:
        return None
    value = own.value - rest.value
    return Apart(own, rest, _effect(value, spread, own, level), _t_tail(value * sign, spread, sign))


def _mean(rows: Rows, level: float) -> Estimate | None:
    """Return the mean loss, a share where it is right or wrong."""
    if not rows.binary:
        low = 0.0 if bool((rows.loss >= 0).all()) else None
        sums = LossSums.of_rows(rows.loss, weights=rows.weights, groups=rows.groups)
        return mean("loss", sums, level=level, low=low)
    n = rows.loss.size
    groups = np.zeros(n, np.int64) if rows.groups is None else rows.groups
    hits, count = np.bincount(groups, rows.loss), np.bincount(groups).astype(np.float64)
    if rows.weights is None:
        return proportion("loss", hits, count, level=level)
    w, hit = rows.weights, rows.weights * rows.loss
    masses = (np.bincount(groups, x).astype(np.float64) for x in (hit, w, hit * w, w * w))
    return proportion("loss", hits, count, level=level, weights=ShareWeights(*masses))


def _fisher(inside: Mask, loss: FloatArray, sign: float) -> float:
    """Return Fisher's one-sided p-value that errors inside are no likelier (no rarer) than outside."""
    wrong = loss if sign > 0 else 1.0 - loss
    return hypergeometric_tail(
        float(wrong[inside].sum()),
        float(np.count_nonzero(inside)),
        float(wrong.sum()),
        float(loss.size),
    )


def hypergeometric_tail(hits: float, rows: float, all_hits: float, all_rows: float) -> float:
    """Return the chance of ``hits`` or more among ``rows`` drawn from ``all_rows`` with ``all_hits``.

    >>> round(hypergeometric_tail(4, 5, 6, 20), 4)
    0.0139
    """
    if hits <= max(0.0, rows + all_hits - all_rows):
        return 1.0
    x = np.arange(hits, min(rows, all_hits) + 1.0)

    def choose(of: float, take: FloatArray | float) -> FloatArray:
        return np.asarray(gammaln(of + 1.0) - gammaln(take + 1.0) - gammaln(of - take + 1.0))

    log = choose(all_hits, x) + choose(all_rows - all_hits, rows - x) - choose(all_rows, rows)
    return min(float(np.exp(log).sum()), 1.0)


def _simple_p(inside: Mask, rows: Rows, sign: float) -> float:
    x = rows.loss

    def sums(part: FloatArray) -> tuple[FloatArray, FloatArray]:
        powers = [part.sum(), (part * part).sum(), (part * part * part).sum()]
        return np.array([float(part.size)]), np.array([powers])

    upper, lower = mean_tails(*sums(x[inside]), *sums(x[~inside]))
    p = float((upper if sign > 0 else lower)[0])
    if rows.expected is None:
        return p
    return max(p, _expected_p(inside, rows, rows.expected, sign))


def _expected_p(inside: Mask, rows: Rows, expected: Expected, sign: float) -> float:
    value = variance = third = 0.0
    for part, side in ((inside, 1.0), (~inside, -1.0)):
        n = float(np.count_nonzero(part))
        value += side * float(rows.loss[part].sum()) / n
        variance += float(expected.variance[part].sum()) / n**2
        third += side * float(expected.third[part].sum()) / n**3
    if variance <= 0.0:
        return 1.0
    z, skew = value / math.sqrt(variance), third / variance**1.5
    return float(gamma_tail(np.array([z * sign]), np.array([skew * sign]))[0])


def _linearised(inside: Mask, rows: Rows) -> Spread | None:
    """Return the spread of the difference of the two means, from what each row or group adds to it.

    It is never less than if the slice were a random draw of the rows: rows that all lose the same show no
    variance, which is no sign that there is none.
    """
    w = np.ones(rows.loss.size) if rows.weights is None else rows.weights
    mass = float(w.sum())
    centre = float(w @ rows.loss) / mass
    variance = float(w @ (rows.loss - centre) ** 2) / mass
    parts, drawn = np.zeros(rows.loss.size), 0.0
    for part, side in ((inside, 1.0), (~inside, -1.0)):
        own, loss = w[part], rows.loss[part]
        mass = float(own.sum())
        if mass <= 0.0:
            return None
        parts[part] = side * own * (loss - float(own @ loss) / mass) / mass
        drawn += variance * float(own @ own) / mass**2
    held = [int(np.count_nonzero(inside)), int(np.count_nonzero(~inside))]
    if rows.groups is not None:
        parts = np.bincount(rows.groups, parts).astype(np.float64)
        held = [np.unique(rows.groups[part]).size for part in (inside, ~inside)]
    spread = spread_of(parts, scale=parts.size / max(parts.size - 1.0, 1.0))
    if spread is None or min(held) < 2 or drawn <= 0.0:
        return None
    return replace(spread, se=max(spread.se, math.sqrt(drawn))).rests_on(float(min(held)))


def _effect(value: float, spread: Spread, own: Estimate, level: float) -> Estimate:
    plain = symmetric(value, spread, level=level)
    bent = skew_corrected(value, spread, level=level)
    low, high = min(plain[0], bent[0], value), max(plain[1], bent[1], value)
    return Estimate(NAME, value, low, high, level, own.n, "t, linearised difference")


def _t_tail(towards: float, spread: Spread, sign: float) -> float:
    of = Spreads.of(spread)
    t = np.asarray(towards / spread.se)
    least = np.minimum(t, hall(t, of.skew * sign))
    return float(stdtr(spread.df, -least))


def whole_numbers(groups: npt.NDArray[np.integer]) -> Groups:
    """Return groups numbered from 0 without gaps."""
    numbers: Groups = np.unique(groups, return_inverse=True)[1].astype(np.int64)
    return numbers
