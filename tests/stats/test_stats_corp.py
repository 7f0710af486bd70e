from __future__ import annotations

import numpy as np
import pytest
from calibration_worlds import World, tally
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.core.errors import DataError
from plimsoll.stats.calibration_cells import Cells, centred
from plimsoll.stats.corp import corp, corp_report
from plimsoll.stats.published.niamey import FORECASTS, niamey

PUBLISHED = {
    "EMOS": (0.2320, 0.0183, 0.0305, 0.2442),
    "Logistic": (0.2057, 0.0171, 0.0555, 0.2442),
    "ENS": (0.2662, 0.0661, 0.0441, 0.2442),
    "EPC": (0.2343, 0.0223, 0.0323, 0.2442),
}


def _forecast(name: str) -> Cells:
    data = niamey()
    return tally(data.forecasts[:, FORECASTS.index(name)], data.rain.astype(np.int64))


@pytest.mark.parametrize("name", FORECASTS)
def test_decomposition_is_the_published_one(name: str) -> None:
    found = corp(_forecast(name))
    got = [round(x, 4) for x in (found.brier_score, found.mcb, found.dsc, found.unc)]
    assert got == list(PUBLISHED[name])


def test_only_the_ensemble_is_miscalibrated() -> None:
    p = {
        name: corp_report(_forecast(name), rng=np.random.default_rng(0)).p_value
        for name in FORECASTS
    }
    assert p["ENS"] < 0.005
    assert min(p["EMOS"], p["Logistic"], p["EPC"]) > 0.2


def test_recalibrated_values_are_those_of_scikit_learn() -> None:
    from sklearn.isotonic import IsotonicRegression

    rng = np.random.default_rng(1)
    scores = np.round(rng.random(3000), 2)
    labels = (rng.random(3000) < scores**2).astype(np.int64)
    cells = tally(scores, labels)
    expected = IsotonicRegression().fit(scores, labels).predict(cells.scores)
    np.testing.assert_allclose(corp(cells).recalibrated, expected, atol=1e-12)


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=31
    )
)
def test_parts_add_up_and_are_never_negative(parts: list[tuple[int, int, int]]) -> None:
    merged: dict[int, tuple[int, int]] = {}
    for score, negative, positive in parts:
        merged[score] = (negative, positive)
    keys = sorted(merged)
    negatives, positives = zip(*(merged[key] for key in keys), strict=True)
    if sum(negatives) + sum(positives) == 0:
        with pytest.raises(DataError, match="at least one row"):
            Cells.of(np.array(keys) / 30, negatives, positives)
        return
    found = corp(Cells.of(np.array(keys) / 30, negatives, positives))
    assert found.brier_score == pytest.approx(found.mcb - found.dsc + found.unc, abs=1e-12)
    assert min(found.mcb, found.dsc, found.unc) >= 0
    assert found.dsc <= found.unc + 1e-12
    assert (np.diff(found.recalibrated) >= 0).all()


def test_one_class_leaves_discrimination_open() -> None:
    report = corp_report(Cells.of([0.1, 0.2], [20, 30], [0, 0]), rng=np.random.default_rng(0))
    assert report.dsc.value == 0
    assert report.dsc.high == report.unc.high > 0.03
    assert report.unc.value == report.unc.low == 0


def test_weights_of_two_equal_each_row_twice_but_not_its_evidence() -> None:
    scores, negatives, positives = [0.2, 0.5, 0.9], np.array([30, 20, 5]), np.array([10, 20, 25])
    once = corp_report(Cells.of(scores, negatives, positives), rng=np.random.default_rng(0))
    heavy = Cells.of(
        scores, 2 * negatives, 2 * positives, 4 * np.stack([negatives, positives]), rows=110
    )
    twice = corp_report(heavy, rng=np.random.default_rng(0))
    assert twice.mcb == once.mcb
    assert twice.unc.low == pytest.approx(once.unc.low)
    assert twice.p_value == once.p_value


def test_curve_is_small_rises_and_lies_in_its_band_when_calibrated() -> None:
    rng = np.random.default_rng(2)
    scores = np.sort(rng.random(20_000))
    rows = np.full(20_000, 500)
    positives = rng.binomial(rows, scores)
    report = corp_report(Cells.of(scores, rows - positives, positives), rng=rng, resamples=300)
    curve = report.curve
    assert len(curve.score) <= 400
    assert list(curve.recalibrated) == sorted(curve.recalibrated)
    inside = np.mean(
        [a <= y <= b for a, y, b in zip(curve.low, curve.recalibrated, curve.high, strict=True)]
    )
    assert inside > 0.85
    assert sum(curve.rows) == 10_000_000


def test_groups_that_repeat_each_row_widen_the_interval() -> None:
    rng = np.random.default_rng(3)
    scores, labels = World("half", "overconfident").rows(300, rng)
    rows = corp_report(tally(scores, labels), rng=rng)
    repeated = np.repeat(np.arange(300) % 64, 4)
    grouped = tally(np.repeat(scores, 4), np.repeat(labels, 4), repeated)
    found = corp_report(grouped, rng=rng)
    assert found.mcb.value == pytest.approx(rows.mcb.value)
    assert found.mcb.half_width == pytest.approx(rows.mcb.half_width, rel=0.35)
    assert "64 groups" in found.mcb.method


def test_values_of_finer_cells_move_the_intervals() -> None:
    rng = np.random.default_rng(4)
    scores, labels = World("half", "overconfident").rows(5000, rng)
    exact = tally(scores, labels)
    coarse = tally(np.round(scores * 200) / 200, labels, rng.integers(0, 64, 5000))
    report = corp_report(coarse, rng=rng, resamples=99, exact=exact)
    assert report.mcb.value == corp(exact).mcb
    assert report.brier_score == corp(exact).brier_score
    assert report.mcb.low <= report.mcb.value <= report.mcb.high


def test_an_end_on_a_bound_stays_there() -> None:
    report = corp_report(Cells.of([0.5], [5], [5]), rng=np.random.default_rng(0))
    assert report.mcb.low == 0
    assert centred(report.mcb, 0.01, 0.0, 1.0).low == 0


@pytest.mark.parametrize(
    ("scores", "message"),
    [([0.2, 1.2], r"probabilities in \[0, 1\]"), ([0.2, np.nan], "probabilities")],
)
def test_scores_that_are_no_probabilities_are_refused(scores: list[float], message: str) -> None:
    with pytest.raises(DataError, match=message):
        Cells.of(scores, [1, 1], [1, 1])


def test_one_group_gives_no_interval() -> None:
    with pytest.raises(DataError, match="at least 2 groups"):
        Cells.of([0.2, 0.4], [[1, 1], [0, 0]], [[1, 1], [0, 0]])


def test_pooling_keeps_rows_and_mean_score() -> None:
    rng = np.random.default_rng(5)
    cells = World("tenth", "calibrated").cells(5000, rng)
    pooled = cells.pooled(100)
    assert pooled.scores.size <= 100
    assert pooled.total == cells.total
    assert pooled.scores @ pooled.weights == pytest.approx(cells.scores @ cells.weights)
    assert pooled.weights.max() <= 2 * cells.total / 100


@pytest.mark.parametrize(
    ("scores", "truth", "n"),
    [
        ("half", "calibrated", 500),
        ("half", "overconfident", 500),
        ("tenth", "too low", 500),
        ("tenth", "timid", 500),
        ("fiftieth", "overconfident", 500),
    ],
)
def test_intervals_cover(scores: str, truth: str, n: int) -> None:
    rng = np.random.default_rng(6)
    world = World(scores, truth)
    s = world.draw(200_000, rng)
    p = world.probability(s)
    true = {"mcb": np.mean((s - p) ** 2), "dsc": np.var(p), "unc": p.mean() * (1 - p.mean())}
    reports = [corp_report(world.cells(n, rng), rng=rng, resamples=49) for _ in range(100)]
    for name, value in true.items():
        found = [getattr(report, name) for report in reports]
        held = np.mean([e.low <= value + 1e-12 and value - 1e-12 <= e.high for e in found])
        assert held >= 0.89, (name, held)


def test_the_test_of_calibration_keeps_its_size_with_and_without_clusters() -> None:
    rng = np.random.default_rng(7)
    world = World("half", "calibrated")
    alone = [corp_report(world.cells(200, rng), rng=rng, resamples=99).p_value for _ in range(150)]
    together = [
        corp_report(world.clustered(60, 10, rng, 0.6), rng=rng, resamples=99).p_value
        for _ in range(80)
    ]
    assert np.mean(np.array(alone) <= 0.05) <= 0.1
    assert np.mean(np.array(together) <= 0.05) <= 0.12
