import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.stats.interval import Spread
from plimsoll.stats.proportion import (
    ShareWeights,
    effective_wilson,
    mcnemar_exact,
    newcombe_difference,
    proportion,
    tango_difference,
    wilson,
    wilson_band,
)

counts = st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    "k, n, low, high",
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_as_published_by_newcombe(k, n, low, high):
    assert [round(x, 4) for x in wilson(k, n)] == [low, high]


def test_newcombe_difference_as_published():
    assert [round(x, 4) for x in newcombe_difference(56, 70, 48, 80)] == [0.0524, 0.3339]


def test_tango_as_published_for_airway_data():
    # Fagerland, Lydersen, Laake (2014), Stat. Med. 33:2850: 1 and 7 discordant of 21.
    assert [round(x, 3) for x in tango_difference(1, 7, 21)] == [-0.517, -0.026]


def test_tango_without_discordance_is_wilsons_of_zero():
    low, high = tango_difference(0, 0, 20)
    assert high == pytest.approx(wilson(0, 20)[1])
    assert low == pytest.approx(-high)


@given(b=st.integers(0, 60), c=st.integers(0, 60), rest=st.integers(0, 300))
def test_tango_holds_its_estimate_and_mirrors(b, c, rest):
    n = b + c + rest + 1
    low, high = tango_difference(b, c, n)
    assert -1 <= low <= (b - c) / n <= high <= 1
    assert tango_difference(c, b, n) == pytest.approx((-high, -low), abs=1e-9)


def test_mcnemar_is_the_two_sided_binomial_test():
    from scipy.stats import binomtest

    for b, c in ((1, 5), (0, 0), (7, 7), (40, 20), (0, 9)):
        expected = binomtest(b, b + c).pvalue if b + c else 1.0
        assert mcnemar_exact(b, c) == pytest.approx(expected, abs=1e-12)


@given(counts)
def test_wilson_holds_the_share_inside_0_and_1(kn):
    k, n = kn
    low, high = wilson(k, n)
    assert 0 <= low <= k / n <= high <= 1
    assert wilson(n - k, n) == pytest.approx((1 - high, 1 - low), abs=1e-12)


def test_band_is_wilson_pointwise_and_empty_is_anything():
    low, high = wilson_band(np.array([3.0, 0.0]), np.array([10.0, 0.0]))
    assert (low[0], high[0]) == wilson(3, 10)
    assert (low[1], high[1]) == (0.0, 1.0)
    with pytest.raises(ValueError, match="between 0 and n"):
        wilson(5, 4)


def test_plain_proportion_is_wilson_of_its_rows():
    found = proportion("accuracy", 81, 263)
    assert (found.low, found.high) == wilson(81, 263)
    assert (found.value, found.n, found.method) == (81 / 263, 263, "Wilson")


def test_no_rows_is_no_number():
    assert proportion("recall", 0, 0) is None
    assert proportion("recall", np.array([3, 0]), np.array([9, 0])) is None


def test_equal_weights_change_nothing_and_unequal_ones_widen():
    plain = proportion("accuracy", 30, 100)
    same = proportion("accuracy", 30, 100, weights=ShareWeights(60.0, 200.0, 120.0, 400.0))
    assert same.value == pytest.approx(plain.value)
    assert (same.low, same.high) == pytest.approx((plain.low, plain.high), abs=0.003)
    rng = np.random.default_rng(0)
    w = rng.lognormal(0, 1, 100)
    hits = np.arange(100) < 30
    sums = ShareWeights(w[hits].sum(), w.sum(), (w[hits] ** 2).sum(), (w**2).sum())
    assert proportion("accuracy", 30, 100, weights=sums).half_width > plain.half_width


def test_weights_of_no_hit_at_all_fall_back_on_the_effective_rows():
    found = proportion("recall", 0, 50, weights=ShareWeights(0.0, 100.0, 0.0, 400.0))
    assert (found.low, found.high) == wilson(0, 25)


def test_rows_that_agree_within_groups_are_worth_fewer():
    hits, rows = np.array([10, 0, 10, 0, 10, 0, 10, 0]), np.full(8, 10)
    clustered = proportion("accuracy", hits, rows)
    assert clustered.value == 0.5
    assert clustered.half_width > 3 * proportion("accuracy", 40, 80).half_width / 1.5
    assert clustered.n == 80


def test_groups_without_rows_and_their_order_do_not_matter():
    hits, rows = np.array([3, 4, 2, 5]), np.array([5, 6, 7, 8])
    one = proportion("accuracy", hits, rows)
    two = proportion("accuracy", np.append(hits[::-1], 0), np.append(rows[::-1], 0))
    assert (two.low, two.high) == pytest.approx((one.low, one.high))


def test_a_clustered_share_of_zero_counts_groups_not_rows():
    found = proportion("recall", np.zeros(10, int), np.full(10, 1000))
    assert (found.low, found.high) == wilson(0, 10)


@given(value=st.floats(-1, 1), se=st.floats(0, 2), df=st.floats(1, 100), unseen=st.floats(1, 1e6))
def test_effective_wilson_stays_in_range_around_its_value(value, se, df, unseen):
    low, high = effective_wilson(value, Spread(se, df), unseen=unseen, low=-1.0)
    assert -1 - 1e-12 <= low <= value + 1e-9
    assert value - 1e-9 <= high <= 1 + 1e-12


def test_effective_wilson_of_a_binomial_error_is_wilson():
    share, n = 0.3, 200
    spread = Spread((share * (1 - share) / n) ** 0.5)
    assert effective_wilson(share, spread, unseen=n) == pytest.approx(wilson(60, 200))
