import numpy as np
import pytest
from sklearn.metrics import auc as area
from sklearn.metrics import precision_recall_curve, roc_auc_score, roc_curve

from plimsoll.stats.curve import precision_recall_points, roc_points, share_band, thin
from plimsoll.stats.proportion import wilson
from plimsoll.stats.score_cells import cells_of

RNG = np.random.default_rng(2)


def rows(n=300, digits=1):
    y = RNG.random(n) < 0.3
    return np.round(RNG.normal(y, 1.0), digits), y


def test_roc_points_are_scikit_learns():
    scores, y = rows()
    x, recall, _ = roc_curve(y, scores, drop_intermediate=False)
    found = roc_points(cells_of(scores, y))
    assert np.allclose(found.x, x)
    assert np.allclose(found.y, recall)
    assert np.isfinite(found.threshold).all()
    # Each threshold does what the point says.
    for i in range(0, found.x.size, 5):
        assert (scores[y] >= found.threshold[i]).mean() == pytest.approx(found.y[i])


def test_precision_recall_points_are_scikit_learns():
    scores, y = rows()
    precision, recall, _ = precision_recall_curve(y, scores)
    found = precision_recall_points(cells_of(scores, y))
    assert np.allclose(found.x, recall[:-1][::-1])
    assert np.allclose(found.y, precision[:-1][::-1])


def test_few_points_keep_the_shape():
    scores, y = rows(20_000, 6)
    found = roc_points(cells_of(scores, y))
    assert found.x.size <= 400
    assert (found.x[0], found.y[0], found.x[-1], found.y[-1]) == (0, 0, 1, 1)
    assert area(found.x, found.y) == pytest.approx(roc_auc_score(y, scores), abs=2e-3)
    assert precision_recall_points(cells_of(scores, y)).x.size <= 400


def test_thinning_keeps_a_corner():
    x = np.concatenate([np.zeros(5000), np.linspace(0, 1, 5000)])
    y = np.concatenate([np.linspace(0, 1, 5000), np.ones(5000)])
    kept = thin(x, y, 50)
    assert kept.size <= 50
    assert np.hypot(x[kept], 1 - y[kept]).min() < 2 / 49
    assert thin(x[:30], y[:30], 50).size == 30


def test_band_is_wilson_at_each_threshold():
    scores, y = rows()
    found = roc_points(cells_of(scores, y))
    positives = int(y.sum())
    for i in range(0, found.x.size, 7):
        low, high = wilson(round(found.y[i] * positives), positives)
        assert (found.low[i], found.high[i]) == pytest.approx((low, high))


def test_band_of_clusters_is_wider_and_ordered():
    cluster = np.repeat(np.arange(30), 10)
    y = RNG.random(300) < 0.4
    scores = y + 1.5 * RNG.normal(size=30)[cluster] + 0.3 * RNG.normal(size=300)
    apart = roc_points(cells_of(scores, y))
    together = roc_points(cells_of(scores, y, groups=cluster))
    assert ((together.low <= together.y) & (together.y <= together.high)).all()
    assert (together.high - together.low).mean() > 1.3 * (apart.high - apart.low).mean()


def test_band_without_rows_is_anything():
    low, high = share_band(np.zeros((1, 1)), np.zeros((1, 1)), np.zeros(1))
    assert (low[0], high[0]) == (0.0, 1.0)


def test_one_class_has_no_curve():
    assert roc_points(cells_of([0.1, 0.2], [1, 1])) is None
    assert precision_recall_points(cells_of([0.1, 0.2], [0, 0])) is None
