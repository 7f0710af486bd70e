import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.stats.equal_rates import differences, gap_by_chance, people_needed, rate_gap
from plimsoll.stats.proportion import newcombe_difference, proportion
from plimsoll.stats.share_ratio import GroupShares, score_ratio

groups = st.lists(
    st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=2,
    max_size=6,
)


def shares(*counts):
    hits, rows = zip(*counts, strict=True)
    return GroupShares.of_counts(hits, rows)


@given(groups)
def test_the_gap_is_largest_less_smallest_inside_its_interval(counts):
    found = rate_gap("recall", shares(*counts))
    rate = np.array([k / n for k, n in counts])
    apart = found.difference
    assert apart.value == pytest.approx(np.ptp(rate))
    assert 0 <= apart.low <= apart.value <= apart.high <= 1
    assert rate[found.largest] == rate.max() and rate[found.smallest] == rate.min()
    assert apart.name == "recall_difference" and apart.n == sum(n for _, n in counts)
    if rate.max() == 0:
        assert found.ratio is None
    else:
        assert found.ratio.value == pytest.approx(rate.min() / rate.max())
        assert 0 <= found.ratio.low <= found.ratio.value <= found.ratio.high <= 1
    assert 0 <= found.by_chance <= 1


def test_two_groups_are_a_pair():
    found = rate_gap("recall", shares((12, 40), (48, 80)))
    low, high = newcombe_difference(48, 80, 12, 40)
    assert (found.difference.low, found.difference.high) == pytest.approx((low, high))
    assert found.difference.method == "Newcombe"
    assert (found.ratio.low, found.ratio.high) == pytest.approx(score_ratio(12, 40, 48, 80))


def test_limits_of_all_pairs_are_newcombes():
    some = shares((3, 20), (30, 60), (7, 7), (0, 11))
    low, high = differences(some, 0.9)
    for i in range(4):
        for j in range(4):
            if i != j:
                args = some.hits[i], some.rows[i], some.hits[j], some.rows[j]
                assert (low[i, j], high[i, j]) == pytest.approx(newcombe_difference(*args, 0.9))


def test_more_groups_need_more_to_be_sure():
    two = rate_gap("recall", shares((30, 100), (50, 100))).difference
    five = rate_gap("recall", shares((30, 100), *[(40, 100)] * 3, (50, 100))).difference
    assert five.value == two.value
    assert five.low < two.low
    assert five.high == pytest.approx(two.high)
    assert "10 pairs" in five.method


def test_one_group_has_no_gap_and_clusters_widen_it():
    assert rate_gap("recall", shares((3, 9))) is None
    plain = [proportion("recall", k, 80) for k in (20, 44)]
    clustered = [
        proportion("recall", np.array(hits), np.full(8, 10))
        for hits in ([10, 0, 0, 10, 0, 0, 0, 0], [10, 10, 10, 10, 4, 0, 0, 0])
    ]
    sure = rate_gap("recall", GroupShares.of_estimates(plain)).difference
    unsure = rate_gap("recall", GroupShares.of_estimates(clustered)).difference
    assert sure.value == unsure.value == pytest.approx(0.3)
    assert sure.low > 0.1 and unsure.low == 0.0


def test_the_gap_by_chance_is_that_of_simulation():
    rows = np.array([15, 60, 150, 400])
    hits = np.random.default_rng(1).binomial(rows, 0.3, (20_000, 4))
    seen = np.ptp(hits / rows, axis=1).mean()
    even = GroupShares(0.3 * rows, rows.astype(float), rows)
    assert gap_by_chance(even) == pytest.approx(seen, rel=0.03)
    assert gap_by_chance(shares((0, 10), (0, 20))) == 0.0


@pytest.mark.parametrize(
    "rows, rates",
    [
        ((15, 25, 60, 150, 400), (0.2,) * 5),
        ((20, 200), (0.2, 0.2)),
        ((200, 200, 200), (0.5, 0.6, 0.7)),
        ((20, 200), (0.1, 0.4)),
    ],
)
def test_the_interval_covers_the_true_gap(rows, rates):
    rng = np.random.default_rng(2)
    rates = np.array(rates)
    gap, quotient = np.ptp(rates), rates.min() / rates.max()
    missed = []
    for hits in rng.binomial(rows, rates, (250, len(rows))):
        found = rate_gap("x", GroupShares.of_counts(hits, rows))
        apart, ratio = found.difference, found.ratio
        missed.append(
            (apart.low > gap + 1e-12, apart.high < gap, ratio.low > quotient, ratio.high < quotient)
        )
    difference, fraction = np.mean(missed, axis=0).reshape(2, 2).sum(axis=1)
    assert difference < 0.08 and fraction < 0.08


@pytest.mark.parametrize("bound, within", [(0.2, True), (0.05, False)])
def test_the_people_that_are_needed_settle_it_in_80_of_100(bound, within):
    rows, rates = np.array([60, 100, 240]), np.array([0.5, 0.62, 0.58])
    rng = np.random.default_rng(3)
    now = GroupShares(rates * rows, rows.astype(float), rows)
    needed = people_needed(now, bound)
    more = np.rint(rows * needed / rows.sum()).astype(int)
    settled = []
    for hits in rng.binomial(more, rates, (250, 3)):
        apart = rate_gap("x", GroupShares.of_counts(hits, more)).difference
        settled.append(apart.high <= bound if within else apart.low > bound)
    assert 0.7 < np.mean(settled) < 0.9


def test_no_number_of_people_settles_a_gap_at_its_bound():
    assert people_needed(shares((10, 20), (15, 20)), 0.25) is None
    assert people_needed(shares((10, 20), (12, 20)), 0.1 + 1e-8) is None
    clear = shares((100, 1000), (500, 1000))
    assert people_needed(clear, 0.1) == 2001


def test_values_are_fairlearns():
    pytest.importorskip("fairlearn")
    from fairlearn.metrics import (
        MetricFrame,
        false_positive_rate,
        selection_rate,
        true_positive_rate,
    )

    rng = np.random.default_rng(4)
    group = rng.choice(["a", "b", "c", "d"], 600, p=[0.5, 0.3, 0.15, 0.05])
    truth, said = rng.integers(0, 2, (2, 600))
    for name, metric, of in (
        ("selection_rate", selection_rate, np.ones(600, bool)),
        ("recall", true_positive_rate, truth == 1),
        ("false_positive_rate", false_positive_rate, truth == 0),
    ):
        frame = MetricFrame(metrics=metric, y_true=truth, y_pred=said, sensitive_features=group)
        counts = [
            (said[of & (group == g)].sum(), (of & (group == g)).sum()) for g in np.unique(group)
        ]
        found = rate_gap(name, shares(*counts))
        assert found.difference.value == pytest.approx(frame.difference(method="between_groups"))
        assert found.ratio.value == pytest.approx(frame.ratio(method="between_groups"))
