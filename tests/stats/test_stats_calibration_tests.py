from __future__ import annotations

import numpy as np
import pytest
from calibration_worlds import World, tally
from scipy.special import expit, logit

from plimsoll.core.estimate import Estimate
from plimsoll.stats.calibration_cells import Cells, Undetermined
from plimsoll.stats.calibration_tests import (
    CalibrationLine,
    Spiegelhalter,
    calibration_line,
    spiegelhalter,
    spiegelhalter_from_sums,
)


def _number(found: Estimate | Undetermined) -> Estimate:
    assert isinstance(found, Estimate)
    return found


def _test(found: Spiegelhalter | Undetermined) -> Spiegelhalter:
    assert isinstance(found, Spiegelhalter)
    return found


def test_line_is_the_logistic_regression_of_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression

    scores, labels = World("tenth", "overconfident").rows(4000, np.random.default_rng(0))
    fit = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(logit(scores)[:, None], labels)
    line = calibration_line(tally(scores, labels))
    assert _number(line.slope).value == pytest.approx(fit.coef_[0, 0], rel=1e-5)
    assert _number(line.joint_intercept).value == pytest.approx(fit.intercept_[0], rel=1e-5)


def test_calibration_in_the_large_makes_the_mean_right() -> None:
    scores, labels = World("half", "too low").rows(3000, np.random.default_rng(1))
    a = _number(calibration_line(tally(scores, labels)).intercept).value
    assert expit(logit(scores) + a).mean() == pytest.approx(labels.mean(), abs=1e-9)


def test_pooling_changes_no_value() -> None:
    # 3,000 distinct scores are pooled for the intervals; the values come from all of them.
    scores, labels = World("half", "timid").rows(3000, np.random.default_rng(2))
    line = calibration_line(tally(scores, labels))
    x, a, b = logit(scores), _number(line.joint_intercept).value, _number(line.slope).value
    residual = labels - expit(a + b * x)
    assert abs(residual.sum()) < 1e-6
    assert abs(residual @ x) < 1e-6


def _separated(cells: Cells) -> CalibrationLine:
    line = calibration_line(cells)
    assert isinstance(line.slope, Undetermined)
    assert isinstance(line.joint_intercept, Undetermined)
    return line


def test_separated_labels_leave_the_slope_undetermined() -> None:
    for positives, negatives in (
        ([0, 0, 5, 5], [5, 5, 0, 0]),
        ([0, 2, 5, 5], [5, 5, 0, 0]),
        ([5, 5, 0, 0], [0, 0, 5, 5]),
    ):
        line = _separated(Cells.of([0.1, 0.3, 0.6, 0.9], negatives, positives))
        assert isinstance(line.intercept, Estimate)
        assert "separates" in line.slope.reason  # type: ignore[union-attr]


def test_one_class_and_one_score_are_undetermined() -> None:
    line = _separated(Cells.of([0.1, 0.3], [5, 5], [0, 0]))
    assert isinstance(line.intercept, Undetermined)
    assert "same label" in line.intercept.reason
    line = _separated(Cells.of([0.3], [5], [3]))
    assert _number(line.intercept).value == pytest.approx(logit(3 / 8) - logit(0.3))


def test_certain_scores_are_clipped_not_infinite() -> None:
    line = calibration_line(Cells.of([0.0, 0.5, 1.0], [9, 5, 1], [1, 5, 9]))
    slope = _number(line.slope)
    assert 0 < slope.low <= slope.value <= slope.high < 1


def test_clusters_that_repeat_rows_do_not_narrow_the_interval() -> None:
    rng = np.random.default_rng(3)
    scores, labels = World("half", "overconfident").rows(400, rng)
    alone = _number(calibration_line(tally(scores, labels)).slope)
    grouped = tally(np.repeat(scores, 5), np.repeat(labels, 5), np.repeat(np.arange(400) % 64, 5))
    together = _number(calibration_line(grouped).slope)
    assert together.value == pytest.approx(alone.value, abs=1e-6)
    assert together.half_width == pytest.approx(alone.half_width, rel=0.35)


def test_spiegelhalter_looks_both_ways() -> None:
    rng = np.random.default_rng(4)
    timid = _test(spiegelhalter(World("half", "timid").cells(3000, rng)))
    bold = _test(spiegelhalter(World("half", "overconfident").cells(3000, rng)))
    assert timid.z.value < -5 < 5 < bold.z.value
    assert timid.p.value < 1e-6
    assert bold.p.value < 1e-6


def test_spiegelhalter_by_hand_and_from_sums() -> None:
    scores, labels = np.array([0.2, 0.4, 0.7, 0.9]), np.array([0, 1, 1, 1])
    tilt = 1 - 2 * scores
    top = float(np.sum((labels - scores) * tilt))
    variance = float(np.sum(tilt**2 * scores * (1 - scores)))
    found = _test(spiegelhalter(tally(scores, labels)))
    assert found.z.value == pytest.approx(top / np.sqrt(variance), rel=1e-12)
    assert spiegelhalter_from_sums(top, variance, 4) == found
    assert isinstance(spiegelhalter(Cells.of([0.5], [5], [5])), Undetermined)


def test_spiegelhalter_keeps_its_size() -> None:
    rng = np.random.default_rng(5)
    for name, rows in (("half", 50), ("tenth", 500), ("fiftieth", 500)):
        world = World(name, "calibrated")
        p = [_test(spiegelhalter(world.cells(rows, rng))).p.value for _ in range(400)]
        assert 0.02 <= np.mean(np.array(p) < 0.05) <= 0.09


TRUE = {"calibrated": (1.0, 0.0), "too low": (1.0, 0.5), "overconfident": (0.5, None)}


@pytest.mark.parametrize(
    ("scores", "truth", "n"),
    [
        ("half", "calibrated", 50),
        ("half", "too low", 500),
        ("tenth", "calibrated", 50),
        ("tenth", "overconfident", 500),
        ("fiftieth", "calibrated", 500),
    ],
)
def test_intervals_cover(scores: str, truth: str, n: int) -> None:
    rng = np.random.default_rng(6)
    world, (slope, intercept) = World(scores, truth), TRUE[truth]
    lines = [calibration_line(world.cells(n, rng)) for _ in range(90)]
    for true, found in (
        (slope, [line.slope for line in lines]),
        (intercept, [line.intercept for line in lines]),
    ):
        if true is None:
            continue
        told = [e for e in found if isinstance(e, Estimate)]
        assert len(told) >= 80
        held = np.mean([e.low <= true <= e.high for e in told])
        assert held >= 0.89, held


def test_intervals_cover_with_clusters() -> None:
    rng = np.random.default_rng(7)
    lines = [
        calibration_line(World("half", "calibrated").clustered(60, 10, rng, 0.6))
        for _ in range(120)
    ]
    intercepts = [_number(line.intercept) for line in lines]
    assert np.mean([e.low <= 0 <= e.high for e in intercepts]) >= 0.89
