import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from plimsoll.stats import confusion, threshold
from plimsoll.stats.score_cells import cells_of

RNG = np.random.default_rng(8)


def rows(n=400, base=0.3, separation=1.5):
    y = RNG.random(n) < base
    return np.round(RNG.normal(separation * y, 1.0), 2), y


def best(cells, false_positive=1.0, false_negative=4.0, **more):
    return threshold.best_threshold(
        cells,
        false_positive=false_positive,
        false_negative=false_negative,
        rng=np.random.default_rng(0),
        **more,
    )


def test_every_threshold_decides_as_comparing_scores_does():
    scores, y = rows()
    every = threshold.decisions(cells_of(scores, y))
    assert every.threshold[0] > scores.max()
    for i in range(0, every.threshold.size, 9):
        said = scores >= every.threshold[i]
        tn, fp, fn, tp = confusion_matrix(y, said).ravel()
        assert (every.true_positives[i], every.false_positives[i]) == (tp, fp)
        assert (every.false_negatives[i], every.true_negatives[i]) == (fn, tn)


def test_confusion_at_a_threshold_keeps_groups_and_weights():
    scores, y = rows()
    w, groups = RNG.lognormal(size=y.size), RNG.integers(0, 6, y.size)
    table = threshold.confusion_at(cells_of(scores, y, weights=w, groups=groups), 0.5)
    assert table.counts.shape == (6, 2, 2)
    said = scores >= 0.5
    assert np.allclose(table.matrix, confusion_matrix(y, said, sample_weight=w))
    first = groups == 0
    assert np.allclose(
        table.by_group[0], confusion_matrix(y[first], said[first], sample_weight=w[first])
    )
    plain = threshold.confusion_at(cells_of(scores, y), 0.5)
    assert np.array_equal(plain.counts, confusion_matrix(y, said))
    assert confusion.recall(plain).value == pytest.approx(said[y].mean())


def test_best_threshold_is_the_cheapest_one():
    scores, y = rows()
    found = best(cells_of(scores, y))
    candidates = np.append(np.unique(scores), scores.max() + 1)
    costs = [((scores >= t) & ~y).sum() + 4 * ((scores < t) & y).sum() for t in candidates]
    assert found.cost_here == pytest.approx(1000 * min(costs) / y.size)
    own = (scores >= found.threshold) != y
    assert 1000 * (np.where(y, 4, 1) * own).sum() / y.size == pytest.approx(found.cost_here)
    # What was chosen on these rows flatters itself on these rows.
    assert found.cost.value > found.cost_here
    assert found.cost.low <= found.cost.value <= found.cost.high
    assert found.plateau_low <= found.threshold <= found.plateau_high
    assert found.cost.unit == "per 1,000 rows"


def test_dear_misses_lower_the_threshold_and_more_rows_narrow_the_plateau():
    scores, y = rows(2000)
    cells = cells_of(scores, y)
    assert best(cells, false_negative=20.0).threshold < best(cells, false_negative=1.0).threshold
    few, many = best(cells_of(*rows(200))), best(cells_of(*rows(20_000)))
    assert many.plateau_high - many.plateau_low < few.plateau_high - few.plateau_low


def test_free_errors_of_one_kind_cost_nothing_here():
    scores, y = rows()
    found = best(cells_of(scores, y), false_positive=0.0)
    assert found.cost_here == 0.0
    assert found.threshold <= scores[y].min()
    # A positive below all those seen is still to be feared.
    assert found.cost.high > 0.0


def test_same_seed_same_answer_and_groups_widen():
    scores, y = rows()
    cells = cells_of(scores, y)
    assert best(cells) == best(cells)
    cluster = np.repeat(np.arange(40), 10)
    shared = np.round(scores + 2 * RNG.normal(size=40)[cluster], 2)
    apart, together = best(cells_of(shared, y)), best(cells_of(shared, y, groups=cluster))
    assert together.threshold == apart.threshold
    assert together.cost.half_width != apart.cost.half_width


def test_weights_that_repeat_rows_choose_the_same_threshold():
    scores, y = rows()
    twice = cells_of(np.repeat(scores, 2), np.repeat(y, 2))
    weighted = cells_of(scores, y, weights=np.full(y.size, 2.0))
    assert best(weighted).threshold == best(twice).threshold
    assert best(weighted).cost_here == pytest.approx(best(twice).cost_here)


def test_one_class_or_bad_costs():
    assert best(cells_of([0.1, 0.2], [1, 1])) is None
    with pytest.raises(ValueError, match="costs"):
        best(cells_of([0.1, 0.2], [0, 1]), false_positive=-1.0)
    with pytest.raises(ValueError, match="costs"):
        best(cells_of([0.1, 0.2], [0, 1]), false_positive=0.0, false_negative=0.0)


def test_cheapest_of_a_run_is_its_middle():
    assert threshold.cheapest(np.array([3.0, 1, 1, 1, 2, 1])) == 2
    assert threshold.cheapest(np.array([1.0, 1.0, 1.0])) == 1
