"""Shares, means and percentiles over some of the rows of a trial, with their weights and what they share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from plimsoll.core.estimate import Estimate, Where
from plimsoll.stats.influence import standard_error
from plimsoll.stats.interval import t_quantile
from plimsoll.stats.proportion import ShareWeights, proportion, wilson
from plimsoll.trials.rows import TrialRows

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Counts:
    """Makes estimates of rows. ``level`` is the two-sided level of every interval."""

    rows: TrialRows
    level: float

    def share(self, name: str, hits: Mask, among: Mask, where: Where) -> Estimate | None:
        """Return the share of ``among`` that hits, Wilson; None where no row of ``among`` weighs anything.

        Rows that hang together count as their groups vary; with one group alone the share could be anything.
        """
        weights, clusters = self.rows.weights, self.rows.clusters
        among = among & (weights > 0.0)
        hits = hits & among
        if not among.any():
            return None
        groups = np.zeros(among.sum(), np.int64)
        if clusters is not None:
            _, groups = np.unique(clusters[among], return_inverse=True)
        hit, w = hits[among].astype(np.float64), weights[among]
        sums = [
            np.bincount(groups, x) for x in (hit, np.ones_like(hit), hit * w, w, hit * w * w, w * w)
        ]
        same = bool((w == w[0]).all())
        weighed = None if same else ShareWeights(sums[2], sums[3], sums[4], sums[5])
        one_group = clusters is not None and sums[0].size == 1
        found = None
        if not one_group:
            found = proportion(name, sums[0], sums[1], level=self.level, weights=weighed)
        if found is None:
            value = float(hit @ w / w.sum())
            method = "none: the rows are of one group"
            found = Estimate(name, value, 0.0, 1.0, self.level, hit.size, method)
        return found.at(where)

    def mean(self, name: str, values: Floats, among: Mask, where: Where) -> Estimate | None:
        """Return the mean over ``among``, Student's interval from the influence of every row.

        None of fewer than two rows, or of rows of one group.
        """
        w = self.rows.weights * among
        total = float(w.sum())
        if total <= 0.0:
            return None
        mean = float(w @ values / total)
        influence = w * (values - mean) * (values.size / total)
        error = standard_error(influence, self.rows.clusters)
        df = self._units(among) - 1.0
        if df < 1.0 or not np.isfinite(error):
            return None
        reach = t_quantile(self.level, df) * error
        n = int(among.sum())
        return Estimate(
            name, mean, mean - reach, mean + reach, self.level, n, "influence function", where=where
        )

    def percentile(
        self, name: str, values: Floats, among: Mask, share: float, where: Where
    ) -> Estimate | None:
        """Return the value that this share of ``among`` does not exceed.

        The limits are the values at Wilson's limits of the share (Woodruff 1952,
        doi:10.1080/01621459.1952.10483443), for as many rows as the weights are worth or as there are groups.
        None where there are too few rows for the largest to be a limit.
        """
        among = among & (self.rows.weights > 0.0)
        if not among.any():
            return None
        w, units = self.rows.weights[among], self._units(among)
        units = min(units, float(w.sum() ** 2 / (w @ w)))
        if share**units > (1.0 - self.level) / 2.0:
            return None
        order = np.argsort(values[among], kind="stable")
        held, upto = values[among][order], np.cumsum(w[order]) / w.sum()
        ends = (*wilson(share * units, units, self.level), share)
        low, high, value = (
            float(held[min(int(np.searchsorted(upto, end - 1e-12)), held.size - 1)]) for end in ends
        )
        return Estimate(
            name, value, low, high, self.level, held.size, "Woodruff, Wilson", where=where
        )

    def _units(self, among: Mask) -> float:
        """Return how many rows, or groups of rows, there are."""
        clusters = self.rows.clusters
        return float(among.sum() if clusters is None else np.unique(clusters[among]).size)
