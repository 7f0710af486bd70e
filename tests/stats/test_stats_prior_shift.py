"""Another prevalence: Bayes' rule, what must not change, and intervals by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from plimsoll.stats.influence import Graded, standard_error
from plimsoll.stats.prior_shift import (
    Prior,
    accuracy_at,
    precision_at,
    under_prevalence,
)
from plimsoll.stats.row_measures import MEASURES
from plimsoll.stats.tilt import tail_error


def world(n: int, seed: int, prevalence: float = 0.3) -> Graded:
    r = np.random.default_rng(seed)
    y = (r.random(n) < prevalence).astype(float)
    p = expit(1.5 * (1.3 * y + r.normal(size=n)) - 1.5)
    return Graded(y, p, (p > 0.5).astype(float), 2)


G = world(3000, 1)
BASE = np.ones(G.rows)
PRIOR = Prior.of(G.target == 1, BASE)
assert PRIOR is not None


def at(name: str, prevalence: float) -> float:
    assert PRIOR is not None
    return under_prevalence(MEASURES[name].mix(G, G, BASE), PRIOR, prevalence).value


@pytest.mark.parametrize("q", [0.01, 0.2, 0.7, 0.95])
@pytest.mark.parametrize("name", ["recall", "specificity", "roc_auc", "balanced_accuracy"])
def test_what_is_said_of_each_label_stays(name: str, q: float) -> None:
    clean = MEASURES[name].mix(G, G, BASE).at(0.0)
    assert at(name, q) == pytest.approx(clean.value)
    assert PRIOR is not None
    found = under_prevalence(MEASURES[name].mix(G, G, BASE), PRIOR, q)
    assert standard_error(found.influence) == pytest.approx(
        standard_error(clean.influence), rel=0.01
    )


@pytest.mark.parametrize("q", [0.01, 0.2, 0.7, 0.95])
def test_the_others_follow_their_closed_forms(q: float) -> None:
    recall, specificity = at("recall", 0.3), at("specificity", 0.3)
    assert at("precision", q) == pytest.approx(precision_at(q, recall, 1 - specificity))
    assert at("accuracy", q) == pytest.approx(accuracy_at(q, recall, specificity))
    assert G.scores is not None
    of_positives = -np.log(G.scores[G.target == 1]).mean()
    of_negatives = -np.log(1 - G.scores[G.target == 0]).mean()
    assert at("log_loss", q) == pytest.approx(q * of_positives + (1 - q) * of_negatives)


def test_the_published_textbook_case() -> None:
    """A test with recall 0.99 and specificity 0.99 on a disease of one in a thousand is right in 9 of 100."""
    assert precision_at(0.001, 0.99, 0.01) == pytest.approx(0.0902, abs=5e-5)
    assert precision_at(0.5, 0.0, 0.0) == 0.0


def test_the_ends_keep_a_hundred_rows_and_do_not_leave_the_range() -> None:
    assert PRIOR is not None
    low, high = PRIOR.ends()
    assert (low, high) == pytest.approx((0.01, 0.99))
    rare = Prior.of(np.arange(5000) < 40, np.ones(5000))
    assert rare is not None
    low, high = rare.ends()
    assert low == pytest.approx(0.0008, rel=1e-6)
    assert rare.at(high).effective == pytest.approx(100, rel=1e-3)
    assert high == pytest.approx(np.sqrt(40 / 100), abs=0.02), "1 / (q^2/40 + (1-q)^2/4960) = 100"
    few = Prior.of(np.arange(60) < 30, np.ones(60))
    assert few is not None
    assert few.ends() == pytest.approx((0.5, 0.5)), "60 rows are no more than 60"


def test_the_share_is_what_was_asked_for_with_sample_weights_too() -> None:
    base = np.random.default_rng(3).exponential(size=G.rows)
    prior = Prior.of(G.target == 1, base)
    assert prior is not None
    mixed = prior.at(0.62)
    assert mixed.mean == pytest.approx(0.62)
    assert mixed.weights @ G.target / mixed.weights.sum() == pytest.approx(0.62)
    assert prior.prevalence(prior.tilt(0.62)) == pytest.approx(0.62)


@pytest.mark.parametrize("target", [np.zeros(9), np.ones(9), np.zeros(0)])
def test_one_label_has_no_prior_to_shift(target: np.ndarray) -> None:
    assert Prior.of(target == 1, np.ones(target.size)) is None
    assert Prior.of(target == 0, np.zeros(target.size)) is None


@pytest.mark.parametrize("name", ["precision", "accuracy", "log_loss", "average_precision"])
@pytest.mark.parametrize("q", [0.05, 0.8])
def test_the_interval_holds_the_measure_there(name: str, q: float) -> None:
    measure = MEASURES[name]
    far = world(400_000, 98, q)
    truth = measure.mix(far, far, np.ones(far.rows)).at(0.0).value
    held, runs, n = 0, 100, 2000
    for seed in range(runs):
        g = world(n, seed)
        prior = Prior.of(g.target == 1, np.ones(n))
        assert prior is not None
        found = under_prevalence(measure.mix(g, g, np.ones(n)), prior, q)
        held += abs(found.value - truth) <= 1.96 * tail_error(found.influence)
    assert held / runs >= 0.89
