"""Noise has the size that it says, keeps types and edges, and goes together where it is meant to."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats

from plimsoll.probes.stress.noise import noise, noise_all, noise_correlated, rank_noise
from plimsoll.probes.stress.writing import edges
from worlds.stressing import applied, learnt_of, made, numbers, table

ROWS = 20_000
RNG = np.random.default_rng(1)
NORMAL = 50.0 + 8.0 * RNG.normal(size=ROWS)


def test_noise_has_the_stated_standard_deviation_and_is_normal() -> None:
    learnt = learnt_of({"x": NORMAL})
    after = applied(made(noise, learnt)["noise:x"], learnt.frame, 0.3)
    moved = (numbers(after, "x") - NORMAL) / NORMAL.std()
    assert moved.std() == pytest.approx(0.3, rel=0.02)
    assert moved.mean() == pytest.approx(0.0, abs=0.01)
    assert stats.kstest(moved / 0.3, "norm").pvalue > 0.001
    assert abs(np.corrcoef(moved, NORMAL)[0, 1]) < 0.03


def test_the_same_draws_serve_every_severity() -> None:
    learnt = learnt_of({"x": NORMAL})
    stress = made(noise, learnt)["noise:x"]
    little, much = (numbers(applied(stress, learnt.frame, s), "x") - NORMAL for s in (0.1, 0.4))
    np.testing.assert_allclose(much, 4.0 * little, rtol=1e-6, atol=1e-9)


def test_whole_numbers_stay_whole_and_missing_cells_missing() -> None:
    n = pl.Series([3, None, 9, 120, 40] * 20, dtype=pl.Int8)
    x = pl.Series([1.5, float("nan"), 2.5, None, float("inf")] * 20, dtype=pl.Float32)
    frame = pl.DataFrame({"n": n, "x": x})
    stresses = made(noise, learnt_of(frame))
    after = applied(stresses["noise:n"], frame, 2.0)["n"]
    assert after.dtype == pl.Int8
    assert (after.is_null() == n.is_null()).all()
    assert after.min() == 3 and (after != n).sum() > 50  # a fifth stands at 3: an edge
    after = applied(stresses["noise:x"], frame, 2.0)["x"]
    assert after.dtype == pl.Float32
    assert (after.is_null() == x.is_null()).all() and (after.is_nan() == x.is_nan()).sum() == 80
    assert after.is_infinite().sum() == 20


def test_noise_stops_at_an_edge_and_passes_the_farthest_value_seen() -> None:
    counter = np.where(RNG.random(ROWS) < 0.5, 0.0, RNG.exponential(10.0, ROWS))
    capped = np.minimum(RNG.normal(20.0, 60.0, ROWS), 100.0)
    share = RNG.beta(2.0, 2.0, ROWS)
    learnt = learnt_of(
        {"counter": counter, "capped": capped, "share": share, "free": NORMAL - 50.0}
    )
    found = {name: edges(column) for name, column in learnt.columns.items()}
    assert found["counter"] == (0.0, np.inf)
    assert found["capped"] == (-np.inf, 100.0)
    assert found["share"] == (0.0, 1.0)
    assert found["free"] == (-np.inf, np.inf)
    for name, stress in made(noise, learnt).items():
        column = stress.column
        assert column is not None
        values = numbers(applied(stress, learnt.frame, 3.0), column)
        low, high = found[column]
        assert values.min() >= low and values.max() <= high, name
        if np.isinf(high):
            assert values.max() > learnt.frame[column].max(), name


def test_a_value_beyond_an_edge_today_is_not_pulled_back() -> None:
    learnt = learnt_of({"x": np.abs(NORMAL)})
    today = table({"x": [-5.0] * 200})
    after = numbers(applied(made(noise, learnt)["noise:x"], today, 1.0), "x")
    assert after.min() == -5.0 and after.max() > 0.0


def test_in_a_short_table_every_value_is_no_edge() -> None:
    assert edges(learnt_of({"x": [-3.0, 1.0, 2.0]}).columns["x"]) == (-np.inf, np.inf)


def test_rank_noise_makes_no_value_that_the_reference_lacks() -> None:
    spiky = np.where(RNG.random(ROWS) < 0.6, 0.0, np.round(RNG.exponential(5000.0, ROWS)))
    learnt = learnt_of({"x": spiky})
    stress = made(rank_noise, learnt)["rank_noise:x"]
    for severity in (0.05, 0.5):
        after = numbers(applied(stress, learnt.frame, severity), "x")
        assert set(after) <= set(spiky)
        # Reflection and ties spread over their ranks keep the distribution of the column.
        assert stats.ks_2samp(after, spiky).statistic < 0.02


def test_rank_noise_moves_ranks_by_the_stated_amount() -> None:
    learnt = learnt_of({"x": NORMAL})
    column = learnt.columns["x"]
    stress = made(rank_noise, learnt)["rank_noise:x"]
    before = column.rank(NORMAL)
    moved = column.rank(numbers(applied(stress, learnt.frame, 0.1), "x")) - before
    inner = (before > 0.1) & (before < 0.9)
    assert np.abs(moved).max() <= 0.1 + 1.0 / ROWS
    assert moved[inner].std() == pytest.approx(0.1 / np.sqrt(3.0), rel=0.03)


def test_rank_noise_within_a_tie_changes_nothing_and_leads_out_as_often_as_it_should() -> None:
    # 0 fills the ranks 0 to 0.5. A row at rank r of it leaves it upwards where r + 0.1 u > 0.5.
    values = np.concatenate([np.zeros(ROWS // 2), 1.0 + np.arange(ROWS // 2)])
    learnt = learnt_of({"x": values})
    after = numbers(applied(made(rank_noise, learnt)["rank_noise:x"], learnt.frame, 0.1), "x")
    left = (after[: ROWS // 2] > 0.0).mean()
    # The mean of max(0.1 U - depth, 0) over a depth uniform on 0 to 0.5: 0.1 / 4 / 0.5.
    assert left == pytest.approx(0.05, abs=0.006)


def test_rank_noise_keeps_a_value_that_the_reference_lacks_until_it_moves_half_a_row() -> None:
    learnt = learnt_of({"x": np.arange(100.0)})
    today = table({"x": [10.5] * 50 + [500.0] * 50})
    stress = made(rank_noise, learnt)["rank_noise:x"]
    assert applied(stress, today, 0.004).equals(today)
    assert set(numbers(applied(stress, today, 0.3), "x")) <= set(np.arange(100.0)) | {10.5, 500.0}


def test_noise_in_all_columns_is_independent() -> None:
    twin = NORMAL + RNG.normal(size=ROWS)
    learnt = learnt_of({"a": NORMAL, "b": twin})
    after = applied(made(noise_all, learnt)["noise_all"], learnt.frame, 0.5)
    a, b = numbers(after, "a") - NORMAL, numbers(after, "b") - twin
    assert a.std() == pytest.approx(0.5 * NORMAL.std(), rel=0.02)
    assert b.std() == pytest.approx(0.5 * twin.std(), rel=0.02)
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.03


def test_correlated_noise_reproduces_the_covariance_of_the_reference() -> None:
    mean, covariance = [0.0, 5.0, -2.0], [[4.0, 1.5, 0.0], [1.5, 1.0, -0.4], [0.0, -0.4, 9.0]]
    values = RNG.multivariate_normal(mean, covariance, ROWS)
    learnt = learnt_of({name: values[:, i] for i, name in enumerate("abc")})
    after = applied(made(noise_correlated, learnt)["noise_correlated"], learnt.frame, 0.5)
    moved = np.stack([numbers(after, name) for name in "abc"], axis=1) - values
    np.testing.assert_allclose(np.cov(moved.T), 0.25 * np.cov(values.T), rtol=0.04, atol=0.03)


def test_correlated_noise_keeps_a_sum_and_its_parts_and_independent_noise_does_not() -> None:
    parts = RNG.normal(size=(500, 2)) * [3.0, 40.0]
    learnt = learnt_of({"a": parts[:, 0], "b": parts[:, 1], "sum": parts.sum(axis=1)})

    def broken(frame: pl.DataFrame) -> float:
        return float(
            np.abs(numbers(frame, "sum") - numbers(frame, "a") - numbers(frame, "b")).max()
        )

    together = applied(made(noise_correlated, learnt)["noise_correlated"], learnt.frame, 1.0)
    apart = applied(made(noise_all, learnt)["noise_all"], learnt.frame, 1.0)
    assert broken(together) < 1e-5
    assert broken(apart) > 10.0
    assert np.abs(numbers(together, "b") - parts[:, 1]).std() > 10.0


def test_with_one_column_of_numbers_there_is_no_noise_in_all() -> None:
    learnt = learnt_of({"x": NORMAL[:50], "word": ["a", "b"] * 25})
    assert made(noise_all, learnt) == {} == made(noise_correlated, learnt)
    assert list(made(noise, learnt)) == ["noise:x"]


def test_numbers_near_the_largest_float_make_no_infinity_of_the_deviation() -> None:
    learnt = learnt_of({"x": RNG.normal(size=300) * 1e300, "y": RNG.normal(size=300)})
    assert learnt.columns["x"].sd == pytest.approx(1e300, rel=0.2)
    after = applied(made(noise_correlated, learnt)["noise_correlated"], learnt.frame, 1.0)
    assert np.isfinite(numbers(after, "x")).all()
