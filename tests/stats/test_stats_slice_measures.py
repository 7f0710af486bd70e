"""What holds of one set of rows holds of many: the measures of slices are those of each slice alone."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn import metrics

from plimsoll.stats import auc, class_average, confusion, mean
from plimsoll.stats.adjust import widened
from plimsoll.stats.average_precision import average_precision
from plimsoll.stats.confusion import ConfusionCounts
from plimsoll.stats.mean import LossSums
from plimsoll.stats.score_cells import ScoreCells
from plimsoll.stats.slice_measures import (
    AT_ONCE,
    class_measures,
    decision_measures,
    probability_measures,
    regression_measures,
    score_measures,
)

BINARY = (
    confusion.accuracy,
    confusion.precision,
    confusion.recall,
    confusion.specificity,
    confusion.f1,
    confusion.selection_rate,
    confusion.base_rate,
    confusion.false_positive_rate,
    confusion.false_negative_rate,
    class_average.balanced_accuracy,
    class_average.matthews_corrcoef,
)
SEVERAL = {
    "accuracy": confusion.accuracy,
    "balanced_accuracy": class_average.balanced_accuracy,
    "precision": class_average.macro_precision,
    "recall": class_average.macro_recall,
    "f1": class_average.macro_f1,
    "matthews_corrcoef": class_average.matthews_corrcoef,
}


def same(band, i, alone):
    """Hold slice ``i`` of a band against the estimate of that slice alone."""
    found = band.estimate(i)
    assert (found is None) == (alone is None), (band.name, i)
    if alone is None:
        return
    assert (found.name, found.n, found.level) == (alone.name, alone.n, alone.level)
    expected = pytest.approx((alone.value, alone.low, alone.high), abs=1e-9, rel=1e-9)
    assert (found.value, found.low, found.high) == expected, (band.name, i)
    assert found.method == alone.method


def drawn(seed, shape, most):
    """Draw counts from almost nothing to ``most`` a cell."""
    rng = np.random.default_rng(seed)
    scale = np.exp(rng.uniform(np.log(0.05), np.log(most), (shape[0],) + (1,) * (len(shape) - 1)))
    return rng.poisson(scale * rng.uniform(0, 1.5, shape) ** 2)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.8, 0.95]))
def test_decisions_of_two_classes(seed, level):
    decisions = drawn(seed, (25, 2, 2), 300)
    found = decision_measures(decisions, level=level)
    for i, counts in enumerate(decisions):
        for formula in BINARY:
            same(found[formula.__name__], i, formula(ConfusionCounts(counts), level=level))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 6))
def test_decisions_of_several_classes(seed, classes):
    decisions = drawn(seed, (20, classes, classes), 60)
    decisions[:5, :, 0] = 0
    decisions[:5, 0, :] = 0
    found = class_measures(decisions)
    assert set(found.names) == set(SEVERAL)
    for i, counts in enumerate(decisions):
        for name, formula in SEVERAL.items():
            same(found[name], i, formula(ConfusionCounts(counts)))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([1, 2, 7, 40]), st.booleans())
def test_scores(seed, cells, binned):
    counts = drawn(seed, (25, cells, 2), 30)
    counts[:8, :, 1] = counts[:8, :, 1] > 2
    exact = np.arange(cells) % 2 == 0
    found = score_measures(counts, exact=exact, binned=binned)
    for i, one in enumerate(counts):
        alone = ScoreCells(np.arange(cells, dtype=float), one[:, 0], one[:, 1])
        slack = auc.binning_error(alone, exact) if binned else 0.0
        for formula in (auc.roc_auc, average_precision):
            expected = formula(alone)
            if expected is not None and slack > 0:
                method = f"{expected.method}, widened for binned scores"
                expected = widened(expected, slack, 0.0, 1.0)
                expected = type(expected)(**{**_fields(expected), "method": method})
            same(found[formula.__name__], i, expected)


def _fields(estimate):
    return {name: getattr(estimate, name) for name in estimate.__slots__}


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_losses(seed):
    rng = np.random.default_rng(seed)
    slices = [rng.gamma(0.3, 1.0, n) for n in (0, 1, 2, 3, 10, 50, 400)] + [np.full(9, 0.25)]
    # Losses that are nearly the same lose their digits in sums of cubes, whichever way they are added.
    assume(all(np.ptp(x) > 0.01 for x in slices[2:-1]))
    signed = [x - 0.3 for x in slices]
    rows = np.array([x.size for x in slices])

    def sums(parts):
        return np.array([[x.sum(), (x**2).sum(), (x**3).sum()] for x in parts])

    share = [np.minimum(x, 1.0) for x in slices]
    probable = probability_measures(rows, sums(slices), sums(share), classes=2)
    wrong = regression_measures(rows, sums(slices), sums(share), sums(signed), sums(slices))
    for i in range(rows.size):
        for band, formula, part in (
            (probable["log_loss"], mean.log_loss, slices),
            (probable["brier_score"], mean.brier_score, share),
            (wrong["mean_absolute_error"], mean.mean_absolute_error, slices),
            (wrong["root_mean_squared_error"], mean.root_mean_squared_error, share),
            (wrong["mean_error"], mean.mean_error, signed),
            (
                wrong["mean_absolute_percentage_error"],
                mean.mean_absolute_percentage_error,
                slices,
            ),
        ):
            alone = formula(LossSums.of_rows(part[i])) if rows[i] else None
            same(band, i, alone)


def test_without_sums_of_cubes_the_interval_is_students():
    x = np.random.default_rng(1).exponential(size=30)
    sums = np.array([[x.sum(), (x**2).sum()]])
    found = probability_measures(np.array([30]), sums, sums)["log_loss"].estimate(0)
    assert found.method == "t"
    assert found.high - found.value == pytest.approx(found.value - found.low)
    assert found.half_width == pytest.approx(2.0452296 * x.std(ddof=1) / np.sqrt(30))


def test_values_are_scikit_learns_across_the_borders_of_a_run():
    rng = np.random.default_rng(2)
    n, slices = 40_000, AT_ONCE + 3
    code, y = rng.integers(0, slices, n), rng.random(n) < 0.4
    cell = rng.integers(0, 8, n) + 2 * y
    counts = np.bincount((code * 10 + cell) * 2 + y, minlength=slices * 20).reshape(slices, 10, 2)
    said = cell > 5
    decisions = np.bincount(code * 4 + y * 2 + said, minlength=slices * 4).reshape(slices, 2, 2)
    scored, decided = score_measures(counts), decision_measures(decisions)
    for i in (0, AT_ONCE - 1, AT_ONCE, slices - 1):
        own = code == i
        of = {
            "roc_auc": metrics.roc_auc_score(y[own], cell[own]),
            "average_precision": metrics.average_precision_score(y[own], cell[own]),
        }
        for name, expected in of.items():
            assert scored[name].value[i] == pytest.approx(expected)
        assert decided["f1"].value[i] == pytest.approx(metrics.f1_score(y[own], said[own]))
        expected = metrics.matthews_corrcoef(y[own], said[own])
        assert decided["matthews_corrcoef"].value[i] == pytest.approx(expected)


def test_no_slices_have_no_measures_and_wrong_shapes_are_refused():
    assert decision_measures(np.zeros((0, 2, 2), int))["accuracy"].value.size == 0
    assert score_measures(np.zeros((0, 5, 2), int))["roc_auc"].value.size == 0
    with pytest.raises(ValueError, match=r"shape \(S, 2, 2\), got \(3, 4\)"):
        decision_measures(np.zeros((3, 4), int))
    with pytest.raises(KeyError, match="no measure 'auc'"):
        decision_measures(np.zeros((1, 2, 2), int))["auc"]
