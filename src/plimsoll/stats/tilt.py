"""What a measure becomes where the same kinds of rows come in another mix.

Rows are weighted by ``exp(t z)`` along one number ``z`` of the row: of all mixes in which the mean of ``z``
is as wanted, this one changes the rest of the population least (the I-projection; Csiszar 1975,
doi:10.1214/aop/1176996454). No row is changed, so the model need not be asked again. A 0/1 column is the
same thing: the share of its rows becomes another, and within and without the mix stays (``prior_shift``).

The farther the shift, the fewer rows carry it. Kish's effective number says how many rows the weighted ones
are worth; below 100 nothing is said. For a normal column it is ``n exp(-t^2)``: with 20,000 rows the mean
can be moved by 2.3 standard deviations.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import cast

import numpy as np
import numpy.typing as npt

from plimsoll.stats.influence import MeanMix, Mix, Value
from plimsoll.stats.interval import spread_of, t_quantile

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
LEAST = 100.0
"""Effective rows below which a weighted measure says nothing."""
FARTHEST = 30.0
"""The largest tilt that is looked at; a 0/1 column is then all 1."""


def effective_rows(weights: Floats) -> float:
    """Return how many rows of equal weight these are worth: ``(sum w)^2 / sum w^2`` (Kish 1965).

    >>> effective_rows(np.array([2.0, 2.0, 0.0]))
    2.0
    """
    largest = float(weights.max(initial=0.0))
    if largest <= 0:
        return 0.0
    unit = weights / largest
    return float(unit.sum() ** 2 / (unit @ unit))


@dataclass(frozen=True, eq=False)
class Mixed:
    """One other mix of the rows: ``weights`` (rows,) of mean 1, and what they make of the population.

    ``tilt`` is ``t``, ``mean`` the new mean of ``z`` over the rows that have one, ``effective`` the rows that
    the weighted ones are worth, ``divergence`` how far the mix is from today's (Kullback-Leibler, in nats),
    the one scale on which shifts of different columns compare.
    """

    weights: Floats
    tilt: float
    mean: float
    effective: float
    divergence: float


@dataclass(frozen=True, eq=False)
class Axis:
    """One direction in which the mix of the rows may move.

    ``z`` (rows,) is NaN where a row has no value; such rows keep their share. ``base`` (rows,) are the sample
    weights.

    A weighted measure can be read in two ways: the weights are known, then ``stats.influence`` gives its
    influence as it stands; or the new mean is known, see :meth:`held`. Intervals take the wider of the two
    (:func:`tail_error`). Simulated coverage at nominal 95 % (2,000 rows; accuracy, precision, recall, area
    under the ROC curve, average precision, log loss, Brier score): a normal column moved by one standard
    deviation, 740 effective rows: 95 to 98 %; moved by 1.6, 150 effective rows: 92 to 96 %, but 88 % for
    average precision.
    """

    z: Floats
    base: Floats

    @staticmethod
    def standardised(x: Floats, base: Floats) -> Axis | None:
        """Return the direction of a column, in its standard deviations from its mean.

        None where it is constant, or fewer than two rows have a finite value.
        """
        there = np.isfinite(x) & (base > 0)
        if int(there.sum()) < 2:
            return None
        weights = base[there] / base[there].sum()
        held = x[there]
        scale = float(np.abs(held).max())
        if scale == 0.0:
            return None
        held = held / scale
        mean = float(weights @ held)
        sd = float(np.sqrt(weights @ np.square(held - mean)))
        if not sd > 1e-9:
            return None
        z = np.full(x.size, np.nan)
        z[there] = (held - mean) / sd
        return Axis(z, base)

    @cached_property
    def there(self) -> Mask:
        """Which rows have a value, shape (rows,)."""
        return np.isfinite(self.z)

    @cached_property
    def _filled(self) -> Floats:
        return np.where(self.there, self.z, 0.0)

    @cached_property
    def mean(self) -> float:
        """The mean of ``z`` today."""
        base = self.base[self.there]
        return float(base @ self.z[self.there] / base.sum())

    def at(self, tilt: float) -> Mixed:
        """Return the mix with weights ``exp(tilt z)``, normalised over the rows that have a value."""
        held, base = self.there, self.base
        power = tilt * self._filled
        power = np.where(held, power - power[held].max(initial=0.0), 0.0)
        grown = np.where(held, base * np.exp(power), 0.0)
        weights = np.where(held, grown * (base[held].sum() / grown.sum()), base)
        of = weights[held] / weights[held].sum()
        log = power[held] + np.log(base[held].sum() / grown.sum())
        share = float(weights[held].sum() / weights.sum())
        return Mixed(
            weights=weights * (weights.size / weights.sum()),
            tilt=tilt,
            mean=float(of @ self.z[held]),
            effective=effective_rows(weights),
            divergence=max(share * float(of @ log), 0.0),
        )

    def farthest(self, sign: float, least: float = LEAST, *, until: float = FARTHEST) -> float:
        """Return the largest tilt in this direction at which ``least`` effective rows are left.

        0 where today's mix has no more; at most ``until``. The effective number only falls as the tilt grows.
        """
        if self.at(0.0).effective < least:
            return 0.0
        low, high = 0.0, until
        if self.at(sign * high).effective >= least:
            return sign * high
        for _ in range(40):
            middle = (low + high) / 2.0
            if self.at(sign * middle).effective >= least:
                low = middle
            else:
                high = middle
        return sign * low

    def tilt_for(self, mean: float) -> float:
        """Return the tilt at which the mean of ``z`` is this one, as far as ``FARTHEST`` reaches."""
        low, high = -FARTHEST, FARTHEST
        for _ in range(60):
            middle = (low + high) / 2.0
            if self.at(middle).mean < mean:
                low = middle
            else:
                high = middle
        return (low + high) / 2.0

    def held(self, found: Value, mixed: Mixed) -> Value:
        """Return the same measure with the influence that it has where the new mean is known.

        The weights follow the rows: with other rows the same mean takes another tilt. What moves with ``z``
        is then no longer random, so the part of the influence that ``z`` explains falls away, as in
        calibration of survey weights (Deville and Sarndal 1992, doi:10.1080/01621459.1992.10475217). Each
        row's part is divided by one minus its leverage, for a fit hides some of it (MacKinnon and White 1985,
        doi:10.1016/0304-4076(85)90158-7). For a 0/1 column this is the variance within the two groups.
        """
        held, weights = self.there, mixed.weights
        apart = np.where(held, self._filled - mixed.mean, 0.0)
        mass = float(weights[held].sum())
        if mass <= 0:
            return found
        centre = float(found.influence[held].sum() / mass)
        spread = float(weights @ np.square(apart))
        slope = float(found.influence @ apart) / spread if spread > 0 else 0.0
        left = found.influence - weights * (centre + slope * apart)
        leverage = weights * (1.0 / mass + (np.square(apart) / spread if spread > 0 else 0.0))
        share = centre * self.base * (self.base.size / self.base.sum())
        own = left / np.maximum(1.0 - leverage, 0.05) + share
        return Value(found.value, np.where(held, own, found.influence))


def tail_error(
    influence: Floats, clusters: Ints | None = None, *, level: float = 0.95, df: float = math.inf
) -> float:
    """Return the standard error, larger where few rows carry most of it.

    Weights let some rows count a hundred times. The interval must then reach as far as Student's with the
    degrees of freedom that the parts show (Satterthwaite, see :func:`plimsoll.stats.interval.spread_of`); the
    error is enlarged so that the quantile of ``df`` degrees of freedom takes it there. Infinite for fewer
    than two rows or clusters.
    """
    sums = influence if clusters is None else np.bincount(clusters, influence)
    parts = sums.size
    found = spread_of(sums / max(influence.size, 1), scale=parts / max(parts - 1.0, 1.0))
    if found is None:
        return math.inf
    wider = t_quantile(level, min(found.df, df)) / t_quantile(level, df)
    return found.se * max(wider, 1.0)


def with_weights(mix: Mix, weights: Floats) -> Mix:
    """Return the same measure of the same answers under other weights, without sorting anything again."""
    if isinstance(mix, MeanMix):
        return MeanMix(tuple(with_weights(part, weights) for part in mix.parts))
    if "weights" not in {f.name for f in fields(mix)}:  # type: ignore[arg-type]
        raise TypeError(f"a {type(mix).__name__} has no weights")
    again = cast(Callable[..., Mix], replace)
    return again(mix, weights=weights)


def first_component(columns: Floats) -> tuple[Floats, Floats]:
    """Return the direction in which the columns vary most together: scores (rows,) and loadings (k,).

    ``columns`` (rows, k) are standardised; a missing cell counts as the mean. The sign is such that the
    largest loading is above 0.
    """
    filled = np.where(np.isfinite(columns), columns, 0.0)
    _, axes = np.linalg.eigh(filled.T @ filled)
    loadings: Floats = axes[:, -1]
    if loadings[np.argmax(np.abs(loadings))] < 0:
        loadings = -loadings
    return filled @ loadings, loadings
