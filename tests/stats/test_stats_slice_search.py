import numpy as np
import pytest
from scipy import stats

from plimsoll.stats.slice_lattice import Condition, SliceColumn, members
from plimsoll.stats.slice_search import (
    SearchRules,
    discover_masks,
    find_miscalibrated_slices,
    find_weak_slices,
)

COLUMNS = (
    SliceColumn(4),
    SliceColumn(10, ordered=True),
    SliceColumn(6),
    SliceColumn(5, ordered=True, missing=True),
    SliceColumn(3),
)


def table(rng, n):
    return np.stack([rng.integers(0, column.size, n) for column in COLUMNS], axis=1)


def keys(rng, n):
    return rng.integers(0, 2**63, n).astype(np.uint64)


def planted(codes):
    return (codes[:, 0] == 1) & (codes[:, 1] >= 7)


def world(n=5000, seed=0, bad=0.4, good=0.2):
    rng = np.random.default_rng(seed)
    codes = table(rng, n)
    loss = (rng.random(n) < np.where(planted(codes), bad, good)).astype(float)
    return codes, loss, discover_masks(keys(rng, n))


def jaccard(one, two):
    return (one & two).sum() / (one | two).sum()


def test_a_planted_slice_is_found_and_nothing_else():
    codes, loss, discover = world()
    found = find_weak_slices(codes, COLUMNS, loss, discover)
    (one,) = found.confirmed
    assert jaccard(members(codes, one.conditions), planted(codes)) > 0.8
    assert one.rows == members(codes, one.conditions).sum()
    assert one.own.low < 0.4 < one.own.high
    assert one.effect.low < 0.2 < one.effect.high
    assert 0 < one.shrunken.value < one.effect.value
    assert one.adjusted_p <= 0.05
    assert found.gap == 0.05 and found.trials == 4 and found.slices > 5000


def test_every_number_comes_from_the_rows_that_did_not_propose_the_slice():
    codes, loss, discover = world()
    found = find_weak_slices(codes, COLUMNS, loss, discover)
    for one in found.tested:
        confirming = ~discover[one.trial]
        inside = members(codes, one.conditions)[confirming]
        own = loss[confirming]
        assert one.own.n == inside.sum()
        assert one.own.value == pytest.approx(own[inside].mean())
        assert one.rest.value == pytest.approx(own[~inside].mean())
        counts = [[own[part].sum(), (1 - own[part]).sum()] for part in (inside, ~inside)]
        fisher = stats.fisher_exact(np.array(counts), alternative="greater").pvalue
        assert one.p == pytest.approx(fisher)
        assert one.adjusted_p >= one.p
    # What the rows say that are not searched can change nothing about what is put forward.
    turned = np.where(discover[0], loss, 1 - loss)
    again = find_weak_slices(codes, COLUMNS, turned, discover[0])
    first = [one.conditions for one in found.tested if one.trial == 0]
    assert [one.conditions for one in again.tested] == first


def test_pure_noise_raises_no_alarm():
    alarms = 0
    for seed in range(40):
        codes, loss, discover = world(700, seed, bad=0.2)
        alarms += bool(find_weak_slices(codes, COLUMNS, loss, discover).confirmed)
    assert alarms <= 4


def test_a_difference_too_small_to_matter_is_told_as_tested_but_not_confirmed():
    codes, loss, discover = world(60_000, bad=0.27)
    found = find_weak_slices(codes, COLUMNS, loss, discover)
    assert jaccard(members(codes, found.confirmed[0].conditions), planted(codes)) > 0.6
    quiet = find_weak_slices(codes, COLUMNS, loss, discover, rules=SearchRules(gap=0.1))
    assert not quiet.confirmed


def test_a_missing_cell_can_be_the_weak_slice():
    rng = np.random.default_rng(5)
    codes = table(rng, 4000)
    loss = (rng.random(4000) < np.where(codes[:, 3] == 5, 0.35, 0.15)).astype(float)
    found = find_weak_slices(codes, COLUMNS, loss, discover_masks(keys(rng, 4000)))
    assert found.confirmed[0].conditions == (Condition(3, 5, 5),)


def test_losses_of_a_regression_and_a_gap_in_their_own_unit():
    rng = np.random.default_rng(6)
    codes = table(rng, 3000)
    loss = 1000.0 * rng.exponential(np.where(planted(codes), 2.0, 1.0))
    found = find_weak_slices(codes, COLUMNS, loss, discover_masks(keys(rng, 3000)))
    assert found.gap == pytest.approx(0.2 * loss.std())
    assert jaccard(members(codes, found.confirmed[0].conditions), planted(codes)) > 0.5
    tenth = find_weak_slices(codes, COLUMNS, loss / 10.0, discover_masks(keys(rng, 3000)))
    assert tenth.gap == pytest.approx(found.gap / 10.0)


def test_two_weak_slices_are_both_found():
    rng = np.random.default_rng(7)
    codes = table(rng, 12_000)
    other = (codes[:, 2] == 3) & (codes[:, 4] == 0)
    wrong = np.where(planted(codes) | other, 0.45, 0.2)
    loss = (rng.random(12_000) < wrong).astype(float)
    found = find_weak_slices(codes, COLUMNS, loss, discover_masks(keys(rng, 12_000)))
    rows = [members(codes, one.conditions) for one in found.confirmed]
    assert max(jaccard(r, planted(codes)) for r in rows) > 0.8
    assert max(jaccard(r, other) for r in rows) > 0.8
    assert len(rows) == 2


def test_weights_and_groups():
    rng = np.random.default_rng(8)
    codes, loss, _ = world(8000, 8)
    weights = rng.lognormal(0.0, 0.5, 8000)
    group = np.arange(8000) // 4
    discover = discover_masks(group.astype(np.uint64) * np.uint64(7919))
    for options in ({"weights": weights}, {"groups": group}, {"weights": weights, "groups": group}):
        found = find_weak_slices(codes, COLUMNS, loss, discover, **options)
        assert jaccard(members(codes, found.confirmed[0].conditions), planted(codes)) > 0.6
    one = found.confirmed[0]
    confirming = ~discover[one.trial]
    inside = members(codes, one.conditions)[confirming]
    w = weights[confirming][inside]
    assert one.own.value == pytest.approx(np.average(loss[confirming][inside], weights=w))


def test_the_order_of_the_rows_does_not_matter():
    codes, loss, discover = world()
    order = np.random.default_rng(1).permutation(loss.size)
    one = find_weak_slices(codes, COLUMNS, loss, discover)
    two = find_weak_slices(codes[order], COLUMNS, loss[order], discover[:, order])
    assert one == two


@pytest.mark.parametrize("shift", [0.25, -0.2])
def test_a_slice_whose_probabilities_are_off_is_found_in_both_directions(shift):
    rng = np.random.default_rng(9)
    codes = table(rng, 6000)
    scores = rng.beta(3, 5, 6000)
    truth = np.clip(scores + np.where(planted(codes), shift, 0.0), 0.0, 1.0)
    labels = (rng.random(6000) < truth).astype(float)
    discover = discover_masks(keys(rng, 6000))
    found = find_miscalibrated_slices(codes, COLUMNS, labels, scores, discover)
    one = found.confirmed[0]
    assert jaccard(members(codes, one.conditions), planted(codes)) > 0.6
    assert np.sign(one.effect.value) == np.sign(shift)
    assert one.effect.low < one.effect.value < one.effect.high
    honest = (rng.random(6000) < scores).astype(float)
    assert not find_miscalibrated_slices(codes, COLUMNS, honest, scores, discover).confirmed


def test_masks_are_halves_that_follow_from_the_keys_alone():
    rng = np.random.default_rng(10)
    some = keys(rng, 9000)
    masks = discover_masks(some)
    assert masks.shape == (4, 9000)
    assert (masks[0] == ~masks[1]).all() and (masks[2] == ~masks[3]).all()
    assert masks.mean(axis=1) == pytest.approx(0.5, abs=0.03)
    assert (masks[0] == masks[2]).mean() == pytest.approx(0.5, abs=0.03)
    assert (discover_masks(some[::-1])[:, ::-1] == masks).all()
    assert len(discover_masks(np.arange(50_000, dtype=np.uint64))) == 2
    assert len(discover_masks(np.arange(200_000, dtype=np.uint64))) == 1


def test_nothing_to_find_is_an_empty_answer():
    codes, loss, discover = world(500)
    for same in (np.zeros(500), np.ones(500), np.full(500, 0.3)):
        found = find_weak_slices(codes, COLUMNS, same, discover)
        assert found.confirmed == () and found.tested == ()
    few = find_weak_slices(codes[:60], COLUMNS, loss[:60], np.arange(60) < 30)
    assert few.confirmed == ()


@pytest.mark.parametrize(
    "change, word",
    [
        ({"loss": np.zeros(9)}, "of one length"),
        ({"loss": np.full(100, np.nan)}, "not finite"),
        ({"discover": np.ones(100, bool)}, "other rows to confirm"),
        ({"groups": np.zeros(100, int)}, "one group"),
    ],
)
def test_wrong_calls_are_refused(change, word):
    codes = table(np.random.default_rng(0), 100)
    given = {"loss": np.zeros(100), "discover": np.arange(100) < 50, "groups": None} | change
    with pytest.raises(ValueError, match=word):
        find_weak_slices(codes, COLUMNS, given["loss"], given["discover"], groups=given["groups"])
    with pytest.raises(ValueError, match="probabilities"):
        find_miscalibrated_slices(
            codes, COLUMNS, np.zeros(100), np.full(100, 1.5), given["discover"]
        )
