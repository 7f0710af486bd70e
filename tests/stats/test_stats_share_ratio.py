import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import binom, chi2_contingency, fisher_exact
from scipy.stats.contingency import relative_risk

from plimsoll.core.estimate import Estimate
from plimsoll.stats.proportion import ShareWeights, proportion
from plimsoll.stats.share_ratio import (
    GroupShares,
    fisher_p,
    independent_rows,
    katz,
    koopman,
    score_of_ratio,
    score_ratio,
    score_ratio_band,
)

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def score(k1, n1, k2, n2, at, **more):
    return float(score_of_ratio(*(np.array(float(x)) for x in (k1, n1, k2, n2)), at, **more))


def test_koopmans_own_example():
    # Koopman (1984): 36 of 40 against 16 of 80.
    assert [round(x, 2) for x in koopman(36, 40, 16, 80)] == [2.94, 7.15]


def test_twelve_of_forty_against_forty_eight_of_eighty():
    assert [round(x, 3) for x in score_ratio(12, 40, 48, 80)] == [0.293, 0.795]
    assert [round(x, 3) for x in katz(12, 40, 48, 80)] == [0.301, 0.829]
    assert round(fisher_p(12, 40, 48, 80), 4) == 0.0034


@given(counts, counts)
def test_log_interval_and_fisher_are_scipys(one, two):
    (k1, n1), (k2, n2) = one, two
    expected = fisher_exact([[k1, n1 - k1], [k2, n2 - k2]]).pvalue
    assert fisher_p(k1, n1, k2, n2) == pytest.approx(expected)
    if k1 == 0 or k2 == 0:
        assert katz(k1, n1, k2, n2) is None
        return
    found = relative_risk(k1, n1, k2, n2)
    if found.relative_risk < 1e3 and (k1, k2) != (n1, n2):
        limits = found.confidence_interval(0.9)
        assert katz(k1, n1, k2, n2, 0.9) == pytest.approx((limits.low, limits.high))


@given(counts, counts)
def test_at_equality_the_score_is_pearsons(one, two):
    (k1, n1), (k2, n2) = one, two
    if 0 < k1 + k2 < n1 + n2:
        table = [[k1, n1 - k1], [k2, n2 - k2]]
        square = chi2_contingency(table, correction=False).statistic
        assert score(k1, n1, k2, n2, 1.0, small_sample=False) ** 2 == pytest.approx(square)
        assert score(k1, n1, k2, n2, 1.0) ** 2 == pytest.approx(square * (1 - 1 / (n1 + n2)))


@pytest.mark.parametrize("k1, n1, k2, n2", [(3, 20, 30, 90), (18, 20, 70, 90), (0, 10, 45, 100)])
@pytest.mark.parametrize("at", [0.2, 0.8, 1.0, 1.1])
def test_the_variance_is_that_of_the_likeliest_shares(k1, n1, k2, n2, at):
    def unlikely(second):
        return -binom.logpmf(k1, n1, at * second) - binom.logpmf(k2, n2, second)

    best = minimize_scalar(
        unlikely, bounds=(1e-9, min(1, 1 / at) - 1e-9), method="bounded", options={"xatol": 1e-12}
    ).x
    variance = at * best * (1 - at * best) / n1 + at**2 * best * (1 - best) / n2
    expected = (k1 / n1 - at * k2 / n2) / np.sqrt(variance)
    assert score(k1, n1, k2, n2, at, small_sample=False) == pytest.approx(expected, rel=1e-4)


@given(counts, counts)
def test_limits_are_where_the_score_reaches_the_quantile(one, two):
    (k1, n1), (k2, n2) = one, two
    low, high = score_ratio(k1, n1, k2, n2)
    if k1 > 0:
        assert score(k1, n1, k2, n2, low) == pytest.approx(1.959964, abs=1e-4)
    else:
        assert low == 0.0
    if k2 > 0:
        assert score(k1, n1, k2, n2, high) == pytest.approx(-1.959964, abs=1e-4)
        assert low <= (k1 / n1) / (k2 / n2) <= high < np.inf
    else:
        assert high == np.inf


@given(counts, counts)
def test_turning_the_ratio_turns_the_limits(one, two):
    (k1, n1), (k2, n2) = one, two
    low, high = score_ratio(k1, n1, k2, n2)
    under, over = score_ratio(k2, n2, k1, n1)
    assert low * over == pytest.approx(1.0, rel=1e-6) or (low == 0 and over == np.inf)
    assert high * under == pytest.approx(1.0, rel=1e-6) or (high == np.inf and under == 0)


def test_many_at_once_are_the_single_ones():
    shares = GroupShares.of_counts([0, 3, 12, 40], [10, 20, 40, 40])
    low, high = shares.ratios(0.9)
    for i in range(4):
        for j in range(4):
            single = score_ratio(
                shares.hits[i], shares.rows[i], shares.hits[j], shares.rows[j], 0.9
            )
            assert (low[i, j], high[i, j]) == pytest.approx(single)
    assert shares.ratio_scores(0.8)[1, 2] == pytest.approx(score(3, 20, 12, 40, 0.8))


@pytest.mark.parametrize("n1, n2", [(20, 200), (200, 20), (150, 150)])
def test_coverage_adding_up_all_tables(n1, n2):
    k1, k2 = np.arange(n1 + 1.0)[:, None], np.arange(n2 + 1.0)[None, :]
    low, high = score_ratio_band(k1, np.array(float(n1)), k2, np.array(float(n2)))
    for second in (0.1, 0.3, 0.6):
        for truth in (0.5, 0.8, 1.0):
            chance = binom.pmf(k1, n1, truth * second) * binom.pmf(k2, n2, second)
            covered = (chance * ((low <= truth) & (truth <= high))).sum()
            assert 0.937 < covered < 0.97


@given(counts, st.sampled_from([0.8, 0.95, 0.99]))
def test_a_plain_share_is_worth_its_rows(kn, level):
    k, n = kn
    assert independent_rows(proportion("recall", k, n, level=level)) == pytest.approx(n)


def test_effective_rows_of_weights_and_clusters_are_found_again():
    weighted = proportion("recall", 0, 50, weights=ShareWeights(0.0, 100.0, 0.0, 400.0))
    assert independent_rows(weighted) == pytest.approx(25)
    clustered = proportion("recall", np.array([10, 0] * 6), np.full(12, 10))
    assert independent_rows(clustered) < 12
    nothing_known = Estimate("recall", 0.5, 0.0, 1.0, 0.95, 3, "Wilson")
    assert 0 < independent_rows(nothing_known) < 0.01
    certain = Estimate("recall", 0.5, 0.5, 0.5, 0.95, 10**9, "Wilson")
    assert independent_rows(certain) == 10**9


def test_what_are_no_shares_is_said():
    with pytest.raises(ValueError, match="at least one row"):
        GroupShares.of_counts([0, 1], [0, 2])
    with pytest.raises(ValueError, match="between 0 and the rows"):
        score_ratio(5, 4, 1, 2)
    with pytest.raises(ValueError, match="same length"):
        GroupShares.of_counts([1, 2], [3])
