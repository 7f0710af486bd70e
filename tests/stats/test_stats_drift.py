"""The contract: alarms, changes below the floor, too few rows."""

import dataclasses
import math
import time

import numpy as np
import pytest
from drift_worlds import bucketed, categories, numbers

from plimsoll.stats.drift import (
    ColumnDrift,
    Statement,
    column_drift,
    detectable_effect,
    judge_columns,
    rows_to_see,
)
from plimsoll.stats.two_samples import TwoSamples

RNG = np.random.default_rng(41)


def family(n, m, shift=0.0):
    """Return ten columns of all kinds, of which the first is shifted."""
    columns = [numbers(RNG.normal(size=n), RNG.normal(shift, size=m))]
    columns += [numbers(RNG.standard_t(3, n), RNG.standard_t(3, m)) for _ in range(3)]
    columns.append(numbers(np.exp(2 * RNG.normal(size=n)), np.exp(2 * RNG.normal(size=m))))
    columns += [categories(RNG.integers(0, k, n), RNG.integers(0, k, m)) for k in (2, 20, 500)]
    columns.append(numbers(RNG.poisson(1, n), RNG.poisson(1, m)))
    columns.append(categories(RNG.integers(0, 10**9, n), RNG.integers(0, 10**9, m)))
    return columns


def judged(columns, floor=0.05):
    return judge_columns([column_drift(two, floor=floor) for two in columns], floor=floor)


@pytest.mark.parametrize("n, m", [(100, 100), (1000, 60), (1000, 1000)])
def test_a_family_without_drift_rarely_alarms(n, m):
    runs = 120
    alarms = dict.fromkeys((0.05, 0.0), 0)
    for _ in range(runs):
        columns = family(n, m)
        for floor in alarms:
            said = [found.statement for found in judged(columns, floor)]
            alarms[floor] += Statement.ALARM in said
    assert alarms[0.05] == 0
    assert alarms[0.0] <= runs * 0.05 + 4 * math.sqrt(runs * 0.05)


def test_clusters_do_not_alarm():
    runs, naive, alarms = 40, 0, 0
    cluster = np.repeat(np.arange(40), 12)
    for _ in range(runs):
        columns, plain = [], []
        for _ in range(6):
            sides = [RNG.normal(size=40)[cluster] + RNG.normal(size=480) for _ in range(2)]
            buckets = [RNG.integers(0, 64, 40)[cluster] for _ in range(2)]
            two = bucketed(*(np.round(x, 1) for x in sides), buckets)
            columns.append(two)
            plain.append(TwoSamples(two.reference, two.current, two.values))
        alarms += any(found.statement is Statement.ALARM for found in judged(columns, 0.0))
        naive += any(found.statement is Statement.ALARM for found in judged(plain, 0.0))
    assert alarms <= 6
    assert naive > 20


def test_a_real_shift_is_an_alarm_and_a_harmless_one_is_told_and_is_none():
    real, harmless = family(100_000, 100_000, 0.2), family(100_000, 100_000, 0.03)
    said = [judged([columns[0], *real[1:]])[0].statement for columns in (real, harmless)]
    assert said == [Statement.ALARM, Statement.BELOW]
    (effect,) = [column_drift(harmless[0]).effect.estimate]
    assert effect.high < 0.05


def test_three_rows_never_alarm_and_the_rows_that_would_do_are_said():
    far = numbers(RNG.normal(size=5000), np.array([50.0, 60.0, 70.0]))
    (found,) = judged([far])
    assert found.statement is Statement.TOO_FEW
    assert 60 <= found.rows_needed <= 200
    assert found.p_above_floor == found.p_changed == 1.0
    (again,) = judged([numbers(RNG.normal(size=3), RNG.normal(size=3))])
    assert again.rows_needed > found.rows_needed  # On both sides.


def test_the_rows_said_do():
    (needed,) = [found.rows_needed for found in judged([numbers(np.arange(5000.0), [1.0])])]
    shift = 2 * 0.2533  # An effect of 0.2.
    hits = [
        judged([numbers(RNG.normal(size=5000), RNG.normal(shift, size=needed))])[0].statement
        is Statement.ALARM
        for _ in range(60)
    ]
    assert np.mean(hits) > 0.6


def test_unique_texts_say_nothing_and_are_no_part_of_the_family():
    unique = categories(np.arange(500), np.arange(500, 1000))
    shifted = numbers(RNG.normal(size=2000), RNG.normal(0.23, size=2000))
    alone = judged([shifted])[0].p_above_floor
    found = judged([unique, shifted, *[unique] * 20])
    assert found[0].statement is Statement.TOO_FEW
    assert found[0].rows_needed is found[0].detectable is None
    assert found[1].p_above_floor == pytest.approx(alone)


def test_rows_of_one_group_are_one_row_whatever_their_number():
    one, two = RNG.normal(size=3000), RNG.normal(2, size=3000)
    two_sides = bucketed(one, two, (RNG.integers(0, 64, 3000), np.zeros(3000, int)))
    (found,) = judged([two_sides])
    assert found.statement is Statement.TOO_FEW
    assert found.rows_needed is found.detectable is None


def test_more_columns_ask_for_more_evidence():
    shifted = numbers(RNG.normal(size=1500), RNG.normal(0.26, size=1500))
    quiet = numbers(RNG.normal(size=1500), RNG.normal(size=1500))
    one, many = judged([shifted])[0], judged([shifted, *[quiet] * 49])[0]
    assert many.p_above_floor == pytest.approx(min(50 * one.p_above_floor, 1.0))
    assert many.detectable > one.detectable


def test_a_side_without_values_is_not_measured():
    assert column_drift(TwoSamples(np.array([5, 5]), np.array([0, 0]), np.arange(2.0))) is None


def test_numbers_carry_their_names():
    names = [e.name for e in column_drift(family(200, 300)[0]).estimates]
    assert names == ["ks", "wasserstein_sigma", "jensen_shannon", "psi"]
    names = [e.name for e in column_drift(family(200, 300)[5]).estimates]
    assert names == ["total_variation", "jensen_shannon", "psi"]


def test_the_detectable_effect_is_detected():
    effect = detectable_effect(2000, 2000, alpha=0.025)
    shift = 2 * 0.1383  # A KS of 0.11.
    assert effect == pytest.approx(0.11, abs=0.001)
    hits = [
        column_drift(
            numbers(RNG.normal(size=2000), RNG.normal(shift, size=2000))
        ).effect.p_above_floor
        < 0.025
        for _ in range(150)
    ]
    assert 0.7 < np.mean(hits) < 0.97


def test_rows_and_effect_are_inverse():
    for tests in (0, 4):
        rows = rows_to_see(0.15, reference=3000, alpha=0.01, tests=tests)
        assert detectable_effect(3000, rows, alpha=0.01, tests=tests) == pytest.approx(
            0.15, abs=1e-3
        )
    assert rows_to_see(0.05) is None
    assert rows_to_see(0.06, reference=1000) is None
    assert rows_to_see(0.9) == 20
    assert detectable_effect(5, 5) is None
    assert detectable_effect(0, 5) is None


def test_no_columns_are_no_family():
    assert judge_columns([]) == ()


def test_it_is_quick_enough_for_a_scan():
    two = numbers(RNG.normal(size=8192), RNG.normal(size=8192))
    columns = [dataclasses.replace(two) for _ in range(20)]
    start = time.process_time()
    measured = [column_drift(column) for column in columns]
    assert time.process_time() - start < 20 * 0.01  # 2 ms on the machine it was written on.
    assert all(isinstance(found, ColumnDrift) for found in measured)
