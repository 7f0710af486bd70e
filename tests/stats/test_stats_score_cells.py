import numpy as np
import pytest

from plimsoll.stats.score_cells import ScoreCells, cells_of

RNG = np.random.default_rng(1)


def test_cells_hold_the_rows_they_were_made_of():
    scores = np.round(RNG.normal(size=200), 1)
    y = RNG.random(200) < 0.4
    w, groups = RNG.lognormal(size=200), RNG.integers(0, 8, 200)
    cells = cells_of(scores, y, weights=w, groups=groups)
    assert cells.rows == 200
    assert cells.of_label == (int((~y).sum()), int(y.sum()))
    assert cells.masses.sum() == pytest.approx(w.sum())
    assert cells.squared[1].sum() == pytest.approx((w[y] ** 2).sum())
    assert cells.by_group.shape == (2, 8, cells.scores.size)
    assert cells.effective[1] == pytest.approx(w[y].sum() ** 2 / (w[y] ** 2).sum())
    loose = cells.ungrouped()
    assert not loose.grouped
    assert np.allclose(loose.masses, cells.masses)
    assert np.allclose(loose.squared, cells.squared)


def test_pooling_keeps_rows_order_and_groups():
    scores, y = RNG.normal(size=5000), RNG.random(5000) < 0.1
    cells = cells_of(scores, y, groups=RNG.integers(0, 5, 5000))
    pooled = cells.pooled(100)
    assert pooled.scores.size <= 100
    assert pooled.of_label == cells.of_label
    assert np.array_equal(pooled.by_group.sum(axis=2), cells.by_group.sum(axis=2))
    assert (np.diff(pooled.scores) > 0).all()
    assert pooled.counts.sum(axis=0).max() < 3 * 5000 / 100
    assert cells.pooled(10_000) is cells


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="match"):
        ScoreCells(np.array([0.1, 0.2]), np.array([1, 2]), np.array([1]))
    with pytest.raises(ValueError, match="ascend"):
        ScoreCells(np.array([0.2, 0.1]), np.array([1, 2]), np.array([1, 2]))
    with pytest.raises(ValueError, match="together"):
        ScoreCells(np.array([0.1]), np.array([1]), np.array([1]), weights=np.ones((2, 1)))
