import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr
from scipy.stats import false_discovery_control, norm

from plimsoll.core.estimate import Estimate
from plimsoll.stats.family import (
    at_level,
    benjamini_hochberg,
    benjamini_yekutieli,
    holm,
    level_for_each,
    rejected,
)
from plimsoll.stats.proportion import wilson

# Benjamini and Hochberg (1995), section 4.1: 15 comparisons of two treatments after infarction.
PRINTED = np.array(
    [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
     0.6528, 0.7590, 1.0]
)  # fmt: skip
# Few digits, so that ties are common.
p_values = st.lists(st.integers(0, 20).map(lambda x: x / 20), max_size=12)


def test_benjamini_and_hochbergs_own_example():
    assert rejected(PRINTED, by="benjamini_hochberg").sum() == 4
    assert (PRINTED * PRINTED.size <= 0.05).sum() == 3  # Bonferroni
    assert rejected(PRINTED, by="holm").sum() == 3


@given(p_values)
def test_step_up_is_scipys(p):
    if not p:
        return
    for ours, name in ((benjamini_hochberg, "bh"), (benjamini_yekutieli, "by")):
        assert ours(p) == pytest.approx(false_discovery_control(p, method=name), abs=1e-12)


@given(p_values, st.sampled_from([0.01, 0.05, 0.2]))
def test_rejections_are_those_of_the_rules_as_printed(p, alpha):
    ordered, m = np.sort(p), len(p)
    down = 0
    while down < m and ordered[down] <= alpha / (m - down) + 1e-12:
        down += 1
    up = max((i + 1 for i in range(m) if ordered[i] <= (i + 1) * alpha / m + 1e-12), default=0)
    assert (holm(p) <= alpha + 1e-9).sum() == down
    assert (benjamini_hochberg(p) <= alpha + 1e-9).sum() == up


@given(p_values)
def test_order_does_not_matter_and_equals_stay_equal(p):
    p = np.array(p)
    turn = np.random.default_rng(0).permutation(p.size)
    for adjust in (holm, benjamini_hochberg, benjamini_yekutieli):
        out = adjust(p)
        assert adjust(p[turn]) == pytest.approx(out[turn])
        assert (out >= p - 1e-12).all() and (out <= 1).all()
        assert all(np.ptp(out[p == x]) < 1e-12 for x in set(p.tolist()))


def test_nothing_to_test_is_no_member():
    assert holm([]).shape == benjamini_hochberg([]).shape == benjamini_yekutieli([]).shape == (0,)
    for adjust in (holm, benjamini_hochberg, benjamini_yekutieli):
        out = adjust([0.01, np.nan, 0.03])
        assert np.isnan(out[1])
        assert out[[0, 2]] == pytest.approx(adjust([0.01, 0.03]))
    assert rejected([0.001, np.nan]).tolist() == [True, False]


def test_what_is_no_p_value_is_said():
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm([0.5, 1.2])
    with pytest.raises(ValueError, match="one list"):
        benjamini_hochberg([[0.1, 0.2]])
    with pytest.raises(ValueError, match="alpha"):
        rejected([0.1], alpha=5)


@pytest.mark.parametrize("shared", [0.0, 0.7])
def test_families_cry_wolf_in_at_most_5_of_100(shared):
    rng = np.random.default_rng(4)
    worlds, m, true = 4000, 12, 4
    common = rng.normal(size=(worlds, 1))
    z = np.sqrt(shared) * common + np.sqrt(1 - shared) * rng.normal(size=(worlds, m))
    z[:, :true] += 3.5
    p = 2 * ndtr(-np.abs(z))
    noise = 3 * np.sqrt(0.05 * 0.95 / worlds)
    assert np.mean([rejected(row)[true:].any() for row in p]) < 0.05 + noise
    for by in ("benjamini_hochberg", "benjamini_yekutieli"):
        found = np.array([rejected(row, by=by) for row in p])
        false = found[:, true:].sum(axis=1) / np.maximum(found.sum(axis=1), 1)
        assert false.mean() < 0.05 + noise
    assert found[:, :true].mean() > 0.3


def test_another_level_moves_each_end_as_the_quantile_does():
    value, se = 0.4, 0.03
    z = norm.ppf(0.975)
    one = Estimate("x", value, value - z * se, value + 2 * z * se, 0.95, 9, "normal")
    other = at_level(one, 0.99)
    wide = norm.ppf(0.995)
    assert (other.low, other.high) == pytest.approx((value - wide * se, value + 2 * wide * se))
    assert other.level == 0.99 and "95 %" in other.method
    back = at_level(other, 0.95)
    assert (back.low, back.high) == pytest.approx((one.low, one.high))
    assert at_level(one, 0.95) is one
    cut = at_level(one, 0.999999, low=0.35, high=0.5)
    assert (cut.low, cut.high) == (0.35, 0.5)


def test_another_level_of_a_share_is_near_wilsons_own():
    low, high = wilson(30, 100)
    made = at_level(Estimate("x", 0.3, low, high, 0.95, 100, "Wilson"), 0.995)
    assert (made.low, made.high) == pytest.approx(wilson(30, 100, 0.995), abs=0.008)


def test_levels_for_each_add_up():
    assert level_for_each(0.95, 1) == pytest.approx(0.95)
    assert level_for_each(0.95, 5) == pytest.approx(0.99)
    assert level_for_each(0.9, 0) == pytest.approx(0.9)
    with pytest.raises(ValueError, match="level"):
        level_for_each(95, 3)
