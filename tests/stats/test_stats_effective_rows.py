import math

import numpy as np
import pytest
from drift_worlds import bucketed
from scipy.special import ndtr

from plimsoll.stats.effective_rows import INDEPENDENT, DesignEffect, design_effect
from plimsoll.stats.two_samples import TwoSamples

RNG = np.random.default_rng(11)
CLUSTERS, EACH = 40, 12


def table(icc, cells, *, clusters=CLUSTERS, each=EACH, ordered=True):
    """Draw two tables of clustered rows, values in so many cells, clusters hashed to 64 buckets."""
    out, buckets = [], []
    for _ in range(2):
        cluster = np.repeat(np.arange(clusters), each)
        z = math.sqrt(icc) * RNG.normal(size=clusters)[cluster]
        z += math.sqrt(1 - icc) * RNG.normal(size=cluster.size)
        cell = np.floor(cells * ndtr(z)).astype(int)
        out.append(cell.astype(float) if ordered else cell)
        buckets.append(RNG.integers(0, 64, clusters)[cluster])
    return bucketed(*out, buckets)


def factors(runs, *args, **options):
    return [design_effect(table(*args, **options)).factor for _ in range(runs)]


def test_without_buckets_rows_are_independent():
    assert design_effect(TwoSamples(np.array([3, 4]), np.array([5, 6]))) == INDEPENDENT
    assert DesignEffect() == DesignEffect(1.0, math.inf)


@pytest.mark.parametrize("ordered", [True, False])
def test_it_is_kishs_design_effect(ordered):
    # All rows of a cluster alike: a cluster is worth one row.
    assert np.median(factors(40, 1.0, 2, ordered=ordered)) == pytest.approx(EACH, rel=0.15)
    # The correlation within a cluster of a normal cut at its median is 2 asin(icc) / pi.
    alike = 2 * math.asin(0.3) / math.pi
    expected = 1 + (EACH - 1) * alike
    assert np.median(factors(40, 0.3, 2, ordered=ordered)) == pytest.approx(expected, rel=0.15)


@pytest.mark.parametrize("cells, ordered", [(2, True), (50, True), (2, False), (8, False)])
def test_independent_rows_are_worth_about_themselves(cells, ordered):
    found = factors(40, 0.0, cells, each=EACH, clusters=300, ordered=ordered)
    assert min(found) >= 1.0
    assert np.median(found) < 1.45


def test_a_side_in_few_buckets_is_worth_a_row():
    two = bucketed(
        RNG.normal(size=300),
        RNG.normal(size=200),
        (RNG.integers(0, 64, 300), RNG.integers(0, 3, 200)),
    )
    found = design_effect(two)
    assert found.factor == 300
    assert found.df == 1.0


def test_what_both_sides_share_cancels():
    shared = RNG.normal(size=CLUSTERS)
    cluster = np.repeat(np.arange(CLUSTERS), EACH)
    bucket = np.arange(CLUSTERS)[cluster]
    sides = [np.round(shared[cluster] + 0.05 * RNG.normal(size=cluster.size), 1) for _ in range(2)]
    together = design_effect(bucketed(*sides, (bucket, bucket)))
    apart = design_effect(bucketed(*sides, (bucket, (bucket + 17) % CLUSTERS)))
    assert together.factor < 2 < 6 < apart.factor


def test_few_buckets_that_carry_all_are_known_to_be_few():
    values = (RNG.random(1280) < 0.02).astype(float)
    values[:40] = 1.0  # Two buckets of 20 rows are all ones.
    bucket = np.repeat(np.arange(64), 20)
    other = (RNG.random(1280) < 0.02).astype(float)
    found = design_effect(bucketed(values, other, (bucket, bucket)))
    assert found.factor > 3
    assert found.df < 12


def test_small_categories_are_left_to_a_floor_that_they_could_exceed():
    cluster = np.repeat(np.arange(60), 20)
    # One cluster is a category of its own.
    small = np.where(cluster == 0, 0, RNG.integers(1, 4, cluster.size))
    other = np.where(cluster == 59, 0, RNG.integers(1, 4, cluster.size))
    two = bucketed(small, other, (cluster, cluster))
    assert design_effect(two, 0.0).df < 6
    assert design_effect(two, 0.05).df > 10
