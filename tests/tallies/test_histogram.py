"""Cells are exact while values are few, follow from the set of values, and bound their own error."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from plimsoll.core.batch import SCORE, TARGET, WEIGHT, Batch
from plimsoll.core.subject import Roles, Subject, Task
from plimsoll.tallies.histogram import Histogram

SUBJECT = Subject("made", Task.BINARY, Roles(), ("0", "1"))


def counted(values: np.ndarray, labels: np.ndarray, **options: object) -> Histogram:
    frame = pl.DataFrame({SCORE: values, TARGET: labels, WEIGHT: np.ones(len(values)) * 2})
    empty = Histogram(SCORE, by=TARGET, levels=2, **options)  # type: ignore[arg-type]
    parts = [empty.of(Batch(part, SUBJECT)) for part in frame.iter_slices(97)]
    total = empty
    for part in parts:
        total = total.merge(part)
    return total.settle()


def auc(h: Histogram) -> float:
    neg, pos = h.level(0), h.level(1)
    below = np.cumsum(neg) - neg
    return float((pos * (below + neg / 2)).sum() / (neg.sum() * pos.sum()))


@pytest.mark.parametrize("scale,offset", [(1, 0), (1e-9, 0), (1, 1e6), (-1e300, 0), (5, -2)])
def test_exact_cells_are_the_values(scale: float, offset: float) -> None:
    r = np.random.default_rng(0)
    values = r.normal(size=500) * scale + offset
    values[:5] = 0.0
    values[5] = -0.0
    labels = r.integers(0, 2, 500)
    h = counted(values, labels)
    assert h.exact
    assert np.array_equal(h.values, np.unique(values))
    assert h.counts is not None
    assert int(h.counts.sum()) == 500
    assert auc(h) == pytest.approx(roc_auc_score(labels, values), abs=1e-14)


@pytest.mark.parametrize("make", ["uniform", "rare", "offset", "decision"])
def test_coarse_cells_keep_the_ranking_within_their_own_bound(make: str) -> None:
    r = np.random.default_rng(1)
    n = 60_000
    base = r.random(n)
    values = {
        "uniform": base,
        "rare": base**8 * 1e-3,
        "offset": 1000 + base / 100,
        "decision": r.normal(size=n) * 7,
    }[make]
    rank = values.argsort().argsort() / n
    labels = (r.random(n) < rank).astype(int)
    h = counted(values, labels, cells=4096, exact_cells=8192)
    assert not h.exact
    assert 1024 <= h.keys.size <= 4096
    assert np.all(np.diff(h.values) > 0)
    neg, pos = h.level(0), h.level(1)
    bound = (neg * pos).sum() / (2 * neg.sum() * pos.sum())
    assert bound < 1e-3
    assert abs(auc(h) - roc_auc_score(labels, values)) <= bound
    assert float((h.values * (neg + pos)).sum()) == pytest.approx(values.sum(), rel=1e-12)


def test_weights_and_squares_are_summed() -> None:
    r = np.random.default_rng(2)
    h = counted(r.random(50), r.integers(0, 2, 50), weighted=True)
    assert h.level(0).sum() + h.level(1).sum() == pytest.approx(100)
    assert h.squared(0).sum() + h.squared(1).sum() == pytest.approx(200)
    assert h.rows == 50


def test_values_that_are_not_finite_are_not_counted() -> None:
    values = np.array([0.1, np.nan, np.inf, -np.inf, 0.2])
    assert counted(values, np.zeros(5, int)).rows == 2
