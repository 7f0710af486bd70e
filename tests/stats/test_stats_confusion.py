import numpy as np
import pytest
from sklearn import metrics

from plimsoll.stats import class_average, confusion
from plimsoll.stats.confusion import ConfusionCounts
from plimsoll.stats.proportion import wilson

RNG = np.random.default_rng(7)


def rows(classes, n=300, right=0.6):
    y = RNG.integers(0, classes, n)
    said = np.where(RNG.random(n) < right, y, RNG.integers(0, classes, n))
    return y, said


def table(y, said, classes, weights=None, groups=None):
    held = 1 if groups is None else int(groups.max()) + 1
    out = []
    for power in (0, 1, 2):
        w = np.ones(y.size) if weights is None else weights**power
        cells = np.zeros((held, classes, classes))
        np.add.at(cells, (np.zeros_like(y) if groups is None else groups, y, said), w)
        out.append(cells if groups is not None else cells[0])
    counts = np.rint(out[0]).astype(int)
    return ConfusionCounts(counts) if weights is None else ConfusionCounts(counts, *out[1:])


@pytest.mark.parametrize("weighted", [False, True])
def test_binary_values_are_scikit_learns(weighted):
    y, said = rows(2)
    w = RNG.lognormal(0, 1, y.size) if weighted else None
    t = table(y, said, 2, w)
    expected = {
        confusion.accuracy: metrics.accuracy_score(y, said, sample_weight=w),
        confusion.precision: metrics.precision_score(y, said, sample_weight=w),
        confusion.recall: metrics.recall_score(y, said, sample_weight=w),
        confusion.specificity: metrics.recall_score(y, said, pos_label=0, sample_weight=w),
        confusion.f1: metrics.f1_score(y, said, sample_weight=w),
        confusion.selection_rate: np.average(said, weights=w),
        confusion.base_rate: np.average(y, weights=w),
        class_average.balanced_accuracy: metrics.balanced_accuracy_score(y, said, sample_weight=w),
        class_average.matthews_corrcoef: metrics.matthews_corrcoef(y, said, sample_weight=w),
    }
    for measure, value in expected.items():
        found = measure(t)
        assert found.value == pytest.approx(value, abs=1e-12), measure
        assert found.low < value < found.high
        assert found.name == measure.__name__
    for one, other in (
        (confusion.false_positive_rate, confusion.specificity),
        (confusion.false_negative_rate, confusion.recall),
    ):
        assert one(t).value == pytest.approx(1 - other(t).value)
        assert one(t).low == pytest.approx(1 - other(t).high)


@pytest.mark.parametrize("classes", [3, 5])
@pytest.mark.parametrize("weighted", [False, True])
def test_multiclass_values_are_scikit_learns(classes, weighted):
    y, said = rows(classes)
    w = RNG.lognormal(0, 1, y.size) if weighted else None
    t = table(y, said, classes, w)
    macro = {"average": "macro", "sample_weight": w}
    expected = {
        class_average.macro_precision: metrics.precision_score(y, said, **macro),
        class_average.macro_recall: metrics.recall_score(y, said, **macro),
        class_average.macro_f1: metrics.f1_score(y, said, **macro),
        class_average.matthews_corrcoef: metrics.matthews_corrcoef(y, said, sample_weight=w),
        class_average.balanced_accuracy: metrics.balanced_accuracy_score(y, said, sample_weight=w),
    }
    for measure, value in expected.items():
        assert measure(t).value == pytest.approx(value, abs=1e-12)
    of_class = metrics.f1_score(y, said, average=None, sample_weight=w)
    for label in range(classes):
        assert confusion.f1(t, label).value == pytest.approx(of_class[label])


def test_absent_and_never_predicted_classes_are_as_in_scikit_learn():
    y, said = np.array([0, 0, 1, 1, 2]), np.array([0, 0, 1, 0, 0])
    t = table(y, said, 4)
    zero = {"average": "macro", "zero_division": 0}
    found = class_average.macro_precision(t)
    assert found.value == pytest.approx(metrics.precision_score(y, said, **zero))
    assert class_average.macro_f1(t).value == pytest.approx(metrics.f1_score(y, said, **zero))
    # Nothing is known of the precision of a class that was never predicted.
    assert found.high - found.value > 1 / 3


def test_each_share_has_wilson_on_its_own_denominator():
    t = ConfusionCounts(np.array([[80, 20], [6, 14]]))
    assert (confusion.recall(t).low, confusion.recall(t).high) == wilson(14, 20)
    assert confusion.recall(t).n == 20
    assert (confusion.precision(t).low, confusion.precision(t).high) == wilson(14, 34)
    assert (confusion.specificity(t).low, confusion.specificity(t).high) == wilson(80, 100)
    low, high = wilson(14, 40)
    assert confusion.f1(t).low == pytest.approx(2 * low / (1 + low))
    assert confusion.f1(t).high == pytest.approx(2 * high / (1 + high))


def test_without_denominator_there_is_no_number():
    never = ConfusionCounts(np.array([[90, 0], [10, 0]]))
    assert confusion.precision(never) is None
    assert class_average.matthews_corrcoef(never) is None
    one_class = ConfusionCounts(np.array([[90, 10], [0, 0]]))
    assert confusion.recall(one_class) is None
    assert class_average.balanced_accuracy(one_class) is None
    nothing = ConfusionCounts(np.zeros((2, 2), int))
    assert confusion.accuracy(nothing) is None
    assert class_average.macro_f1(nothing) is None


def test_perfect_decisions_are_not_certain():
    t = ConfusionCounts(np.array([[490, 0], [0, 10]]))
    for measure in (class_average.matthews_corrcoef, class_average.balanced_accuracy, confusion.f1):
        found = measure(t)
        assert found.value == found.high == 1.0
        assert found.low < 0.9


def test_one_group_is_no_group_and_empty_groups_do_not_matter():
    y, said = rows(2)
    plain = table(y, said, 2)
    alone = ConfusionCounts(plain.counts[np.newaxis])
    assert not alone.grouped
    groups = RNG.integers(0, 20, y.size)
    grouped = table(y, said, 2, groups=groups)
    padded = ConfusionCounts(np.concatenate([grouped.counts, np.zeros((44, 2, 2), int)]))
    for measure in (
        confusion.accuracy,
        confusion.recall,
        confusion.f1,
        class_average.balanced_accuracy,
        class_average.matthews_corrcoef,
        class_average.macro_f1,
    ):
        assert measure(alone) == measure(plain) == measure(grouped.ungrouped())
        one, two = measure(grouped), measure(padded)
        assert (one.low, one.high) == pytest.approx((two.low, two.high))
        assert one.method.endswith(("jackknife", "of TP/(TP+FP+FN)"))


def test_a_class_in_one_group_alone_cannot_be_judged_by_groups():
    counts = np.zeros((10, 2, 2), int)
    counts[:, 0, 0] = 20
    counts[0, 1] = 5, 5
    t = ConfusionCounts(counts)
    assert class_average.matthews_corrcoef(t) is None
    assert class_average.balanced_accuracy(t) is None


@pytest.mark.parametrize("classes", [2, 4])
def test_values_without_a_row_and_slopes_are_those_of_the_formula(classes):
    y, said = rows(classes, 80)
    matrix = table(y, said, classes).matrix

    def macro(m):
        return class_average.f1s(m).mean()

    for of, without, slopes in (
        (
            class_average.matthews,
            class_average.matthews_without_row(matrix),
            class_average._matthews_slopes(matrix),
        ),
        (
            macro,
            class_average.macro_f1_without_row(matrix),
            class_average._macro_f1_slopes(matrix, list(range(classes))),
        ),
    ):
        for i in range(classes):
            for j in range(classes):
                one = np.zeros_like(matrix)
                one[i, j] = 1.0
                assert without[i, j] == pytest.approx(float(of(matrix - one)), abs=1e-12)
                slope = (of(matrix + 1e-5 * one) - of(matrix - 1e-5 * one)) / 2e-5
                assert slopes[i, j] == pytest.approx(float(slope), abs=1e-8)


def test_shapes_and_labels_are_checked():
    with pytest.raises(ValueError, match="must be"):
        ConfusionCounts(np.zeros((2, 3), int))
    with pytest.raises(ValueError, match="come together"):
        ConfusionCounts(np.zeros((2, 2), int), weights=np.zeros((2, 2)))
    with pytest.raises(ValueError, match="class code"):
        confusion.recall(ConfusionCounts(np.ones((2, 2), int)), 2)
