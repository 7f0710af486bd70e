import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plimsoll.stats.interval import (
    Spread,
    clipped,
    on_log,
    ratio,
    skew_corrected,
    spread_of,
    symmetric,
    t_quantile,
    z_quantile,
)


def test_quantiles_are_those_of_the_tables():
    assert z_quantile(0.95) == pytest.approx(1.959963984540054, abs=1e-12)
    assert t_quantile(0.95, 10) == pytest.approx(2.228138851964939, abs=1e-9)
    assert t_quantile(0.95, math.inf) == z_quantile(0.95)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0, -0.1])
def test_a_level_outside_0_to_1_is_refused(level):
    with pytest.raises(ValueError, match="level"):
        z_quantile(level)


def test_spread_of_a_mean_is_the_textbook_standard_error():
    x = np.random.default_rng(0).normal(size=200)
    spread = spread_of((x - x.mean()) / x.size, scale=200 / 199)
    assert spread.se == pytest.approx(x.std(ddof=1) / math.sqrt(200))
    # For normal parts nearly all of them count.
    assert 150 < spread.df <= 199


def test_degrees_of_freedom_fall_when_two_parts_carry_the_variance():
    parts = np.full(60, 1e-3)
    parts[:2] = 1.0, -1.0
    assert spread_of(parts).df < 5


def test_spread_needs_two_parts_and_knows_when_nothing_varies():
    assert spread_of(np.array([1.0])) is None
    assert spread_of(np.zeros(5)).se == 0.0


def test_repeats_count_like_rows():
    parts = np.array([1.0, -2.0, 3.0])
    repeats = np.array([2.0, 3.0, 1.0])
    assert spread_of(parts, repeats) == spread_of(np.repeat(parts, [2, 3, 1]))


def test_without_skew_the_correction_does_nothing():
    spread = Spread(2.0, 30.0, 0.0)
    assert skew_corrected(5.0, spread) == pytest.approx(symmetric(5.0, spread))


@given(skew=st.floats(-1, 1), df=st.floats(1, 1000))
def test_skew_correction_keeps_the_value_inside_and_mirrors(skew, df):
    spread = Spread(1.0, df, skew)
    low, high = skew_corrected(0.0, spread)
    assert low <= 0.0 <= high
    mirrored = skew_corrected(0.0, Spread(1.0, df, -skew))
    assert mirrored == pytest.approx((-high, -low), abs=1e-6)


def test_right_skew_reaches_further_up():
    low, high = skew_corrected(0.0, Spread(1.0, 100.0, 0.3))
    assert high > -low


def test_log_interval_is_symmetric_in_ratios_and_clipping_keeps_order():
    low, high = on_log(4.0, Spread(1.0))
    assert low * high == pytest.approx(16.0)
    assert clipped((-2.0, -1.0), low=0.0) == (0.0, 0.0)
    assert clipped((0.4, 1.7), low=0.0, high=1.0) == (0.4, 1.0)


def test_evidence_can_only_take_degrees_of_freedom_away():
    assert Spread(1.0, 50.0).rests_on(5).df == 4
    assert Spread(1.0, 2.5).rests_on(5).df == 2.5
    assert Spread(1.0, 50.0).rests_on(1).df == 1


def test_ratio_fills_what_has_no_denominator():
    assert ratio([1.0, 2.0], [2.0, 0.0], 7.0).tolist() == [0.5, 7.0]
    assert np.isnan(ratio(1.0, 0.0))
