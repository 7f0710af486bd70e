"""Intervals that hold together: published limits, SciPy's multivariate t, and coverage by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import multivariate_normal, multivariate_t

from plimsoll.stats.simultaneous import max_t_quantile, simultaneous


def rows_with(correlation: np.ndarray, n: int = 4000, seed: int = 0) -> np.ndarray:
    """Rows whose sample correlation is exactly this one."""
    r = np.random.default_rng(seed)
    z = r.normal(size=(n, correlation.shape[0]))
    z -= z.mean(axis=0)
    white = z @ np.linalg.inv(np.linalg.cholesky(z.T @ z / n)).T
    return white @ np.linalg.cholesky(correlation + 1e-14 * np.eye(correlation.shape[0])).T


def test_one_measure_needs_what_it_always_needed() -> None:
    r = np.random.default_rng(0)
    assert max_t_quantile(r.normal(size=(50, 1))) == pytest.approx(1.959964, abs=1e-6)


@pytest.mark.parametrize("k", [2, 10, 40])
def test_independent_measures_need_sidaks(k: int) -> None:
    sidak = float(ndtri((1 + 0.95 ** (1 / k)) / 2))
    assert max_t_quantile(rows_with(np.eye(k))) == pytest.approx(sidak, abs=0.025)


def test_equal_measures_need_no_more_than_one() -> None:
    one = np.random.default_rng(1).normal(size=(300, 1))
    assert max_t_quantile(np.repeat(one, 5, axis=1)) == pytest.approx(1.96, abs=0.03)
    assert max_t_quantile(one * np.array([1.0, -3.0, 1e-9])) == pytest.approx(1.96, abs=0.03)


def test_correlated_measures_agree_with_scipy() -> None:
    correlation = 0.7 * np.ones((4, 4)) + 0.3 * np.eye(4)
    q = max_t_quantile(rows_with(correlation))
    box = multivariate_normal(np.zeros(4), correlation)
    assert box.cdf(np.full(4, q), lower_limit=np.full(4, -q)) == pytest.approx(0.95, abs=0.004)


def test_few_clusters_need_students_law() -> None:
    correlation = 0.5 * np.ones((3, 3)) + 0.5 * np.eye(3)
    influence = rows_with(correlation, n=12)
    q = max_t_quantile(influence, np.arange(12))
    law = multivariate_t(np.zeros(3), correlation, df=11, seed=1)
    drawn = np.abs(law.rvs(200_000)).max(axis=1)
    assert q == pytest.approx(float(np.quantile(drawn, 0.95)), abs=0.04)


def test_what_no_row_moves_is_left_out_and_nothing_overflows() -> None:
    r = np.random.default_rng(2)
    influence = np.column_stack([r.normal(size=60) * 1e200, np.zeros(60), r.normal(size=60)])
    assert 2.1 < max_t_quantile(influence) < 2.35
    assert max_t_quantile(np.zeros((5, 3))) == pytest.approx(1.96, abs=1e-3)
    assert max_t_quantile(np.zeros((5, 0))) == pytest.approx(1.96, abs=1e-3)


def test_the_same_seed_gives_the_same_answer() -> None:
    influence = np.random.default_rng(3).normal(size=(100, 6))
    assert max_t_quantile(influence, seed=4) == max_t_quantile(influence, seed=4)


def test_all_intervals_hold_at_once_and_so_does_that_of_the_least() -> None:
    r = np.random.default_rng(5)
    truth = np.linspace(0.0, 0.1, 12)
    together = least = alone = 0
    runs = 100
    for seed in range(runs):
        shared = r.exponential(size=(400, 1)) - 1.0
        rows = truth + 0.7 * shared + r.normal(size=(400, 12))
        values = rows.mean(axis=0)
        found = simultaneous(values, rows - values, seed=seed)
        together += bool(((found.low <= truth) & (truth <= found.high)).all())
        _, low, high = found.of_least()
        least += low <= truth.min() <= high
        reach = 1.96 * found.errors
        alone += bool((np.abs(values - truth) <= reach).all())
    assert 0.90 <= together / runs <= 0.99
    assert least / runs >= 0.95
    assert alone / runs < 0.85, "intervals of one each do not hold together"


def test_clusters_widen_the_intervals() -> None:
    r = np.random.default_rng(6)
    groups = np.repeat(np.arange(40), 10)
    rows = r.normal(size=(40, 3))[groups]
    influence = rows - rows.mean(axis=0)
    by_row = simultaneous(np.zeros(3), influence)
    by_group = simultaneous(np.zeros(3), influence, groups)
    assert (by_group.errors > 2.5 * by_row.errors).all()
    assert by_group.least == 0
