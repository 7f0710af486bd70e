import numpy as np
import pytest

from plimsoll.stats.density_ratio import density_ratio, kish
from plimsoll.stats.domain_classifier import FOLDS, Joint, domain_classifier

RNG = np.random.default_rng(51)


def joint(n, m, change=None, *, columns=4, buckets=None, categorical=None):
    """Return rows of two tables; ``change`` (rows,) -> (rows,) is applied to the current ones."""
    x = RNG.normal(size=(n + m, columns))
    if change is not None:
        x[n:] = change(x[n:])
    keys = RNG.integers(0, 2**62, n + m)
    return Joint(x, np.arange(n + m) >= n, keys, categorical, buckets)


def shifted(x):
    return x + np.r_[0.6, np.zeros(x.shape[1] - 1)]


def entangled(x):
    """Make the second and third columns go together and leave each by itself as it was."""
    out = x.copy()
    out[:, 2] = 0.8 * x[:, 1] + 0.6 * x[:, 2]
    return out


def test_tables_that_are_alike_cannot_be_told_apart():
    found = domain_classifier(joint(400, 400), rng=np.random.default_rng(1))
    assert found.auc.name == "domain_classifier_auc"
    assert found.auc.low < 0.5 < found.auc.high
    assert found.p > 0.05
    assert found.effective_rows > 0.95 * 400
    assert found.weights.mean() == pytest.approx(1.0)


def test_a_shift_is_seen_and_its_column_named():
    found = domain_classifier(joint(1000, 800, shifted), rng=np.random.default_rng(1))
    assert found.auc.low > 0.55
    assert found.p < 1e-3
    assert np.argmax([drop.value for drop in found.drops]) == 0
    assert found.drops[0].low > 0.05
    assert all(drop.low < 0.01 for drop in found.drops[1:])
    assert found.drops[0].where.metric == "domain_classifier_auc"


def test_columns_that_only_go_together_in_another_way_are_seen():
    found = domain_classifier(joint(1500, 1500, entangled), rng=np.random.default_rng(1))
    assert found.auc.low > 0.55
    assert found.p < 1e-3
    assert {int(i) for i in np.argsort([-drop.value for drop in found.drops])[:2]} == {1, 2}


def test_columns_that_belong_together_are_asked_together():
    def same_news(x):
        out = shifted(x)
        out[:, 1] = out[:, 0] + 0.01 * x[:, 1]
        return out

    def both(x):
        return np.column_stack([x[:, 0], x[:, 0] + 0.01 * x[:, 1], x[:, 2:]])

    rows = joint(800, 800, same_news)
    features = rows.features.copy()
    features[:800] = both(features[:800])
    twins = Joint(features, rows.current, rows.keys)
    alone = domain_classifier(twins, rng=np.random.default_rng(1))
    together = domain_classifier(twins, rng=np.random.default_rng(1), columns=[[0, 1], [2], [3]])
    assert len(together.drops) == 3
    assert together.drops[0].value > max(drop.value for drop in alone.drops[:2])


def test_weights_carry_the_reference_over():
    rows = joint(3000, 3000, shifted)
    found = domain_classifier(rows, rng=np.random.default_rng(1))
    x = rows.features[~rows.current]
    carried = found.weights @ x[:, 0] / found.weights.sum()
    assert carried == pytest.approx(0.6, abs=0.1)
    assert found.weights @ x[:, 1] / found.weights.sum() == pytest.approx(x[:, 1].mean(), abs=0.06)
    assert 1500 < found.effective_rows < 2900


def test_the_true_odds_are_kept_and_noise_is_flattened():
    x = RNG.normal(size=4000)
    current = np.arange(4000) >= 2000
    assert density_ratio(2.0 * x, current) == pytest.approx(np.ones(2000), abs=0.25)
    x[current] += 1.0
    weights = density_ratio(5.0 * (x - 0.5), current)  # Five times too sure.
    true = np.exp(x[~current])
    assert np.corrcoef(np.log(weights), np.log(true))[0, 1] > 0.99
    assert np.polyfit(np.log(true), np.log(weights), 1)[0] == pytest.approx(1.0, abs=0.15)
    assert kish(np.array([1.0, 1.0, 2.0])) == pytest.approx(16 / 6)


def test_missing_values_and_categories_are_taken():
    def vanish(x):
        out = x.copy()
        out[: len(x) // 3, 1] = np.nan
        out[:, 3] = np.minimum(x[:, 3], 4)
        return out

    rows = joint(600, 600)
    features = rows.features
    features[:, 3] = RNG.integers(0, 8, 1200)
    features[600:] = vanish(features[600:])
    flags = np.array([False, False, False, True])
    found = domain_classifier(
        Joint(features, rows.current, rows.keys, flags), rng=np.random.default_rng(1)
    )
    assert {int(i) for i in np.argsort([-drop.value for drop in found.drops])[:2]} == {1, 3}


def test_buckets_stay_in_one_fold_and_widen():
    cluster = np.repeat(np.arange(40), 20)
    shared = RNG.normal(size=(40, 3))[cluster]
    x = np.concatenate([shared[:400], shared[400:]]) + 0.3 * RNG.normal(size=(800, 3))
    bucket = RNG.integers(0, 64, 40)[cluster]
    current = np.arange(800) >= 400
    keys = RNG.integers(0, 2**62, 800)
    held = Joint(x, current, keys, None, bucket)
    for b in np.unique(bucket):
        assert np.unique(held.folds[bucket == b]).size == 1
    assert held.folds.max() < FOLDS
    loose = domain_classifier(Joint(x, current, keys), rng=np.random.default_rng(1))
    found = domain_classifier(held, rng=np.random.default_rng(1))
    assert loose.p < 0.01  # Taken as independent, clusters give their table away.
    assert found.p > 0.02
    assert found.auc.half_width > 2 * loose.auc.half_width


def test_too_few_rows_are_no_answer():
    assert domain_classifier(joint(1000, 30), rng=np.random.default_rng(1)) is None
    bucket = np.r_[np.zeros(100, int), np.ones(100, int)]  # Each table is one bucket.
    rows = joint(100, 100, buckets=bucket)
    assert domain_classifier(rows, rng=np.random.default_rng(1)) is None


def test_constant_features_tell_nothing():
    rows = Joint(np.ones((300, 2)), np.arange(300) >= 150, np.arange(300))
    found = domain_classifier(rows, rng=np.random.default_rng(1))
    assert found.auc.value == 0.5
    assert found.p == 1.0
    assert found.effective_rows == pytest.approx(150)


def test_the_same_seed_gives_the_same_answer():
    rows = joint(200, 200, shifted)
    one, two = (domain_classifier(rows, rng=np.random.default_rng(3)) for _ in range(2))
    assert (one.auc, one.p, one.drops) == (two.auc, two.p, two.drops)


@pytest.mark.parametrize(
    "wrong",
    [
        {"keys": np.arange(9)},
        {"categorical": np.ones(3, bool)},
        {"categorical": np.array([True, False]), "features": np.full((10, 2), 400.0)},
    ],
)
def test_a_wrong_call_is_refused(wrong):
    right = {
        "features": np.ones((10, 2)),
        "current": np.arange(10) > 4,
        "keys": np.arange(10),
    }
    with pytest.raises(ValueError, match="must"):
        Joint(**{**right, **wrong})
