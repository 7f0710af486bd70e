import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from plimsoll.core.estimate import Estimate
from plimsoll.stats import power
from plimsoll.stats.proportion import proportion


def estimate(value=0.9, half=0.05, n=100):
    return Estimate("accuracy", value, value - half, value + half, 0.95, n, "test")


def test_rows_to_settle_follow_the_root_of_n():
    assert power.rows_to_settle(estimate(), 0.85) == 101
    assert power.rows_to_settle(estimate(), 0.875) == 401
    assert power.rows_to_settle(estimate(), 0.95) == 101
    assert power.rows_to_settle(estimate(), 0.5) <= 100


def test_the_side_that_points_at_the_bound_counts():
    lopsided = Estimate("x", 0.9, 0.7, 0.92, 0.95, 100, "test")
    assert power.rows_to_settle(lopsided, 0.8) == 401
    assert power.rows_to_settle(lopsided, 0.94) < 100


def test_on_the_bound_no_number_of_rows_will_do():
    assert power.rows_to_settle(estimate(), 0.9) is None
    assert power.rows_to_settle(estimate(), 0.9 + 1e-15) is None


def test_rows_said_to_settle_it_do_for_a_proportion():
    bound = 0.86
    rows = power.rows_to_settle(proportion("accuracy", 180, 200), bound)
    at_rows = proportion("accuracy", round(0.9 * rows), rows)
    assert at_rows.low == pytest.approx(bound, abs=0.004)


def test_minimum_detectable_effect_is_2_8_standard_errors():
    assert power.minimum_detectable_effect(estimate(half=1.96)) == pytest.approx(2.8016, abs=1e-3)
    with pytest.raises(ValueError, match="power"):
        power.minimum_detectable_effect(estimate(), power=80)


@given(st.floats(0.05, 0.99), st.floats(0.001, 0.2))
def test_power_at_the_detectable_effect_is_the_power_asked_for(wanted, half):
    found = estimate(half=half)
    effect = power.minimum_detectable_effect(found, power=wanted)
    assert power.power_at(found, effect) == pytest.approx(wanted, abs=1e-9)
    assert power.power_at(found, 0.0) == pytest.approx(0.025, abs=1e-9)


def test_power_without_width_is_certain():
    assert power.power_at(estimate(half=0.0), 0.1) == 1.0
    assert power.power_at(estimate(half=0.0), 0.0) == 0.0


def test_ten_guardrails_need_nearly_all_their_power():
    assert power.joint_power([0.8] * 10) == pytest.approx(0.107, abs=5e-4)
    assert power.power_of_each(10) == pytest.approx(0.978, abs=5e-4)
    assert power.joint_power([]) == 1.0


@pytest.mark.parametrize(
    "expected, feared, rows, count",
    [(0.90, 0.85, 270, 234), (0.90, 0.80, 78, 65), (0.95, 0.92, 415, 386)],
)
def test_exact_binomial_rows(expected, feared, rows, count):
    assert power.binomial_rows(expected, feared) == (rows, count)
    assert binom.cdf(count, rows, expected) <= 0.05
    assert binom.cdf(count, rows, feared) >= 0.8


def test_binomial_rows_are_the_fewest():
    def fewest(expected, feared, alpha, wanted):
        for n in range(1, 3000):
            c = int(binom.ppf(alpha, n, expected))
            while c >= 0 and binom.cdf(c, n, expected) > alpha:
                c -= 1
            if c >= 0 and binom.cdf(c, n, feared) >= wanted:
                return n, c
        return None

    for case in ((0.7, 0.5, 0.05, 0.8), (0.99, 0.9, 0.01, 0.9), (0.3, 0.1, 0.2, 0.5)):
        found = power.binomial_rows(case[0], case[1], alpha=case[2], power=case[3])
        assert found == fewest(*case)


def test_large_binomial_rows_are_near_the_normal_figure():
    rows, _ = power.binomial_rows(0.9, 0.895)
    normal = ((1.6449 * 0.3 + 0.8416 * math.sqrt(0.895 * 0.105)) / 0.005) ** 2
    assert rows == pytest.approx(normal, rel=0.02)
    with pytest.raises(ValueError, match="below"):
        power.binomial_rows(0.8, 0.9)


def test_pairing_saves_more_than_half_of_the_rows():
    # Printed as 6,186 and 15,773 with quantiles rounded to 1.645 and .842.
    assert power.paired_rows(0.10, 0.01) == pytest.approx(6186, rel=1e-3)
    assert power.paired_rows(0.05, 0.01) == pytest.approx(3093, rel=1e-3)
    assert power.unpaired_rows(0.85, 0.01) == pytest.approx(15773, rel=1e-3)


def test_paired_rows_deliver_their_power():
    rng = np.random.default_rng(0)
    n = power.paired_rows(0.10, 0.01)
    draws = rng.multinomial(n, [0.05, 0.05, 0.90], size=4000)
    difference = (draws[:, 0] - draws[:, 1]) / n
    se = np.sqrt((draws[:, 0] + draws[:, 1]) / n / n)
    assert (difference - 1.6449 * se > -0.01).mean() == pytest.approx(0.8, abs=0.02)
