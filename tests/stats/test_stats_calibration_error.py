from __future__ import annotations

import numpy as np
import pytest
from calibration_worlds import World, tally

from plimsoll.core.errors import SettingsError
from plimsoll.stats.calibration_cells import Cells
from plimsoll.stats.calibration_error import Binning, CalibrationError, calibration_error, classwise


def _error(cells: Cells, seed: int = 0, **options: object) -> CalibrationError:
    return calibration_error(cells, rng=np.random.default_rng(seed), **options)  # type: ignore[arg-type]


def _by_hand(scores: np.ndarray, labels: np.ndarray, bins: int) -> float:
    place = np.maximum(np.ceil(scores * bins).astype(int) - 1, 0)
    return sum(
        abs(scores[place == b].sum() - labels[place == b].sum()) / scores.size for b in range(bins)
    )


@pytest.mark.parametrize("bins", [1, 10, 15])
def test_value_is_the_textbook_one(bins: int) -> None:
    scores, labels = World("half", "overconfident").rows(2000, np.random.default_rng(1))
    scores = np.round(scores, 3)
    found = _error(tally(scores, labels), bins=bins)
    assert found.ece.value == pytest.approx(_by_hand(scores, labels, bins), abs=1e-12)


def test_a_score_on_an_edge_belongs_to_the_bin_below() -> None:
    found = _error(Cells.of([0.0, 0.5, 0.6, 1.0], [1, 0, 0, 0], [0, 1, 1, 1]), bins=2)
    assert [(n, s) for n, s, _ in found.bins] == [(2.0, 0.25), (2.0, 0.8)]


def test_bins_of_equal_mass_hold_equal_rows() -> None:
    cells = World("tenth", "calibrated").cells(3000, np.random.default_rng(2))
    found = _error(cells, bins=10, binning=Binning.MASS)
    assert [n for n, _, _ in found.bins] == [300.0] * 10
    assert "equal mass" in found.ece.method


def test_null_band_is_what_a_perfect_model_shows() -> None:
    # Mean ECE of a calibrated model with uniform scores and 15 bins: .121, .038, .012.
    rng = np.random.default_rng(3)
    for rows, mean in ((100, 0.121), (1000, 0.038), (10_000, 0.012)):
        found = _error(World("half", "calibrated").cells(rows, rng))
        assert found.ece_null_mean == pytest.approx(mean, abs=0.006)
        assert mean < found.ece_null_high.value < 2 * mean
        assert found.ece_null_high.low <= found.ece_null_high.value <= found.ece_null_high.high


def test_debiased_squared_error_is_zero_on_average_for_a_perfect_model() -> None:
    rng = np.random.default_rng(4)
    world = World("half", "calibrated")
    found = [_error(world.cells(300, rng), resamples=9).squared.value for _ in range(300)]
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(300) + 2e-4


def test_debiased_squared_error_finds_a_planted_gap() -> None:
    rows = np.full(10, 100_000)
    scores = np.linspace(0.05, 0.75, 10)
    positives = np.rint(rows * (scores + 0.1)).astype(int)
    found = _error(Cells.of(scores, rows - positives, positives), bins=10)
    assert found.squared.value == pytest.approx(0.01, abs=1e-4)
    assert found.ece.value == pytest.approx(0.1, abs=1e-4)
    assert found.ece.low > 0.09
    assert found.p_value < 0.002


def test_scores_that_are_certain_and_right_have_no_error() -> None:
    found = _error(Cells.of([0.0, 1.0], [50, 0], [0, 50]))
    assert found.ece.value == found.ece.low == found.ece_null_high.value == 0
    assert found.p_value == 1


def test_classwise_is_the_mean_over_classes() -> None:
    rng = np.random.default_rng(5)
    parts = [_error(World(name, "too low").cells(500, rng)) for name in ("half", "tenth")]
    found = classwise(parts)
    assert found.ece.value == pytest.approx((parts[0].ece.value + parts[1].ece.value) / 2)
    assert parts[1].ece_null_high.value < found.ece_null_high.value < parts[0].ece_null_high.value
    assert found.p_value == min(1.0, 2 * min(part.p_value for part in parts))
    with pytest.raises(ValueError, match="at least one class"):
        classwise([])


def test_finer_cells_give_the_value() -> None:
    rng = np.random.default_rng(6)
    scores, labels = World("half", "overconfident").rows(3000, rng)
    exact = tally(scores, labels)
    coarse = tally(np.round(scores, 2), labels, rng.integers(0, 64, 3000))
    found = _error(coarse, exact=exact)
    assert found.ece.value == _error(exact).ece.value
    assert "groups" in found.ece.method


def test_no_bins_are_refused() -> None:
    with pytest.raises(SettingsError, match="at least 1; got 0"):
        _error(Cells.of([0.5], [1], [1]), bins=0)


@pytest.mark.parametrize(
    ("scores", "truth", "n"),
    [
        ("half", "calibrated", 50),
        ("half", "calibrated", 500),
        ("half", "timid", 500),
        ("tenth", "overconfident", 500),
        ("fiftieth", "calibrated", 500),
        ("fiftieth", "timid", 500),
    ],
)
def test_interval_covers(scores: str, truth: str, n: int) -> None:
    rng = np.random.default_rng(7)
    world = World(scores, truth)
    s = world.draw(300_000, rng)
    gap = np.bincount(np.minimum((s * 15).astype(int), 14), s - world.probability(s)) / s.size
    true = 0.0 if truth == "calibrated" else float(np.abs(gap).sum())
    found = [calibration_error(world.cells(n, rng), rng=rng, resamples=200) for _ in range(120)]
    held = np.mean([e.ece.low <= true <= e.ece.high for e in found])
    assert held >= 0.91, held


def test_interval_covers_with_clusters() -> None:
    rng = np.random.default_rng(8)
    world = World("half", "calibrated")
    found = [
        calibration_error(world.clustered(60, 10, rng, 0.6), rng=rng, resamples=200)
        for _ in range(120)
    ]
    assert np.mean([e.ece.low == 0 for e in found]) >= 0.91
    assert np.mean([e.ece.value > e.ece_null_high.value for e in found]) <= 0.11
