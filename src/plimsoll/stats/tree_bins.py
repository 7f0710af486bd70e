"""Edges between bins of a number."""

from __future__ import annotations

import numpy as np

from plimsoll.stats.interval import FloatArray


def quantile_edges(values: FloatArray, counts: FloatArray, k: int) -> list[float]:
    """Return at most k - 1 inner edges between bins of about as many rows."""
    upto = np.cumsum(counts)
    at = np.searchsorted(upto, np.arange(1, k) / k * upto[-1], side="right")
    return sorted(set(values[np.minimum(at, values.size - 1)].tolist()) - {float(values[0])})


def tree_edges(values: FloatArray, counts: FloatArray, sums: FloatArray, k: int) -> list[float]:
    """Return at most k - 1 inner edges between bins whose mean loss differs most."""
    from sklearn.tree import DecisionTreeRegressor

    tree = DecisionTreeRegressor(max_leaf_nodes=k, min_weight_fraction_leaf=0.02)
    tree.fit(values[:, None], sums / np.maximum(counts, 1), sample_weight=counts)
    cut = tree.tree_.threshold[tree.tree_.feature >= 0]
    return sorted(set(cut.tolist()))
