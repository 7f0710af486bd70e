import numpy as np
import pytest

from plimsoll.stats.resample import (
    influence,
    jackknife,
    leave_one_out,
    multinomial_draws,
)
from plimsoll.stats.score_cells import ScoreCells

RNG = np.random.default_rng(11)


def without(x):
    return (x.sum() - x) / (x.size - 1)


def test_jackknife_of_a_mean_is_its_standard_error():
    x = RNG.normal(size=40)
    spread = jackknife(without(x))
    assert spread.se == pytest.approx(x.std(ddof=1) / np.sqrt(40))
    assert spread.parts == 40


def test_jackknife_skew_has_the_sign_of_the_rows():
    x = RNG.exponential(size=200)
    assert jackknife(without(x)).skew > 0
    assert jackknife(without(-x)).skew < 0


def test_empty_groups_are_passed_over_and_an_indispensable_one_is_not():
    x = RNG.normal(size=10)
    left_out = np.append(without(x), [np.nan, np.nan])
    sizes = np.append(np.ones(10), [0.0, 0.0])
    assert jackknife(left_out, sizes) == jackknife(without(x))
    assert jackknife(left_out) == jackknife(without(x))
    assert jackknife(left_out, np.ones(12)) is None
    assert jackknife(np.array([0.3]), np.ones(1)) is None


def test_ratio_with_groups_of_unequal_size_matches_the_linearised_variance():
    size = RNG.integers(1, 60, 64).astype(float)
    share = RNG.beta(3, 7, 64)
    hits = size * share
    rest = size.sum() - size
    spread = jackknife((hits.sum() - hits) / rest, size)
    value = hits.sum() / size.sum()
    apart = (hits - value * size) / size.sum()
    assert spread.se == pytest.approx(np.sqrt(64 / 63 * (apart**2).sum()), rel=0.03)


def test_leaving_cells_out_is_leaving_rows_out():
    values, counts = np.array([1.0, 2.0, 5.0]), np.array([3.0, 4.0, 2.0])
    x = np.repeat(values, counts.astype(int))
    by_row, total = jackknife(without(x)), x.sum()
    by_cell = leave_one_out((total - values) / (x.size - 1), counts)
    assert by_cell.se == pytest.approx(by_row.se)
    assert by_cell.df == pytest.approx(by_row.df)
    assert leave_one_out(np.array([np.nan, 1.0]), np.array([1.0, 5.0])) is None


def test_influence_of_a_mean_with_and_without_weights():
    x = RNG.normal(size=500)
    one = np.ones(500)
    plain = influence((x - x.mean()) / 500, one)
    assert plain.se == pytest.approx(x.std(ddof=1) / np.sqrt(500))
    w = RNG.lognormal(0, 0.5, 500)
    mean = np.average(x, weights=w)
    slopes = (x - mean) / w.sum()
    weighted = influence(slopes, one, w, w * w)
    assert weighted.se**2 == pytest.approx(500 / 499 * ((slopes * w) ** 2).sum())
    # With one row in a cell nothing has to be assumed of the weights' fourth powers.
    parts = slopes * w
    second = (parts**2).sum()
    df = 2 * second**2 / ((parts**4).sum() - second**2 / 500)
    assert weighted.df == pytest.approx(df)


def test_pooling_keeps_rows_and_order():
    scores = np.arange(1000.0)
    negatives, positives = np.ones(1000), (scores > 700).astype(float)
    cells = ScoreCells(scores, negatives, positives).pooled(64)
    pooled, less, more = cells.scores, cells.negatives, cells.positives
    assert pooled.size <= 64
    assert less.sum() == 1000
    assert more.sum() == positives.sum()
    assert (np.diff(pooled) > 0).all()
    assert (pooled * (less + more)).sum() == pytest.approx((scores * (negatives + positives)).sum())


def test_draws_have_the_moments_of_the_bootstrap_and_the_seed_decides():
    counts = np.array([50.0, 30.0, 0.0, 20.0])
    draws = multinomial_draws(counts, np.random.default_rng(0), 4000)
    assert (draws.sum(axis=1) == 100).all()
    assert draws.mean(axis=0) == pytest.approx(counts, abs=0.5)
    assert draws[:, 0].var() == pytest.approx(25.0, rel=0.1)
    assert (draws == multinomial_draws(counts, np.random.default_rng(0), 4000)).all()
    with pytest.raises(ValueError, match="without rows"):
        multinomial_draws(np.zeros(3), np.random.default_rng(0), 10)
