from __future__ import annotations

import numpy as np
import pytest

from plimsoll.core.errors import DataError
from plimsoll.stats.calibration_cells import Undetermined
from plimsoll.stats.mean import LossSums
from plimsoll.stats.prediction_intervals import (
    Uniformity,
    band_uniformity,
    interval_report,
    interval_score,
    pinball_loss,
    quantile_coverage,
)

DECILES = tuple(k / 10 for k in range(1, 10))


def _test(found: Uniformity | Undetermined) -> Uniformity:
    assert isinstance(found, Uniformity)
    return found


def test_report_of_a_faithful_interval() -> None:
    rng = np.random.default_rng(0)
    target = rng.standard_normal(5000)
    lower, upper = np.full(5000, -1.6449), np.full(5000, 1.6449)
    covered = int(np.sum((target >= lower) & (target <= upper)))
    score = interval_score(lower, upper, target, 0.9)
    report = interval_report(
        covered, 5000, LossSums.of_rows(upper - lower), LossSums.of_rows(score), unit="kg"
    )
    assert report.coverage is not None
    assert report.width is not None
    assert report.score is not None
    assert report.coverage.low <= 0.9 <= report.coverage.high
    assert report.width.value == pytest.approx(3.2898)
    # The score of the true central interval of a normal: 2 (phi(q) / (a / 2)) = 4.1254.
    assert report.score.low <= 4.1254 <= report.score.high
    assert report.score.unit == "kg"


def test_groups_widen_the_coverage_interval() -> None:
    covered = np.array([50, 0] * 10)
    rows = np.full(20, 50)
    table = LossSums.of_table(np.tile([50, 50, 50, 100, 200, 400, 100, 200], (20, 1)))
    grouped = interval_report(covered, rows, table, table).coverage
    alone = interval_report(int(covered.sum()), 1000, table, table).coverage
    assert grouped is not None
    assert alone is not None
    assert grouped.half_width > 3 * alone.half_width


def test_pinball_loss_is_scikit_learns() -> None:
    from sklearn.metrics import mean_pinball_loss

    rng = np.random.default_rng(1)
    q, y = rng.random(100), rng.random(100)
    for p in (0.1, 0.5, 0.9):
        assert pinball_loss(q, y, p).mean() == pytest.approx(mean_pinball_loss(y, q, alpha=p))


def test_uniform_bands_pass_and_narrow_quantiles_fail() -> None:
    rng = np.random.default_rng(2)
    fine = np.bincount(rng.integers(0, 10, 3000), minlength=10)
    assert _test(band_uniformity(fine, DECILES)).p_value > 0.01
    narrow = fine + np.array([200, 0, 0, 0, 0, 0, 0, 0, 0, 200])
    assert _test(band_uniformity(narrow, DECILES)).p_value < 1e-6
    shares = quantile_coverage(narrow, DECILES)
    assert [e.where.variant for e in shares] == [f"{p:g}" for p in DECILES]
    assert shares[0].low > 0.1
    assert shares[-1].high < 0.9


def test_pearson_by_hand() -> None:
    found = _test(band_uniformity([30, 20, 10], (0.25, 0.75)))
    assert found.statistic == pytest.approx(15**2 / 15 + 10**2 / 30 + 5**2 / 15)
    assert found.df == 2


def test_bands_that_expect_little_are_joined() -> None:
    found = _test(band_uniformity([1, 4, 40, 4, 1], (0.01, 0.1, 0.9, 0.99)))
    assert len(found.expected) == 3
    assert found.expected == pytest.approx((0.1, 0.8, 0.1))
    assert sum(found.seen) == pytest.approx(1)
    assert isinstance(band_uniformity([3, 3], (0.5,)), Undetermined)
    assert isinstance(band_uniformity([0, 0], (0.5,)), Undetermined)


def test_clusters_of_copies_do_not_raise_the_alarm() -> None:
    rng = np.random.default_rng(3)
    p = []
    for _ in range(300):
        counts = np.zeros((64, 10))
        np.add.at(counts, (rng.integers(0, 64, 200), rng.integers(0, 10, 200)), 6)
        p.append(_test(band_uniformity(counts, DECILES)).p_value)
    assert 0.01 <= np.mean(np.array(p) < 0.05) <= 0.09


def test_size_of_the_test() -> None:
    rng = np.random.default_rng(4)
    drawn = rng.multinomial(50, np.full(10, 0.1), 1000)
    p = [_test(band_uniformity(counts, DECILES)).p_value for counts in drawn]
    assert 0.03 <= np.mean(np.array(p) < 0.05) <= 0.07


def test_promises_outside_0_to_1_are_refused() -> None:
    one = np.ones(1)
    with pytest.raises(DataError, match="coverage that an interval promises must lie between"):
        interval_score(one, one, one, 90)
    with pytest.raises(DataError, match="probability of a quantile"):
        pinball_loss(one, one, 0)
    with pytest.raises(DataError, match="must rise"):
        band_uniformity([1, 1, 1], (0.5, 0.5))
    with pytest.raises(ValueError, match="make 3 bands"):
        band_uniformity([1, 1], (0.2, 0.5))
