"""A gate at the true value: how often it passes and fails a model that stands on its limit.

The interval is two-sided at 95 %, so in at most 2.5 of 100 tables it should lie wholly inside and in at
most 2.5 wholly outside, give or take what a simulation of this size strays and, for shares of few rows,
what whole numbers of rows cost (a share of 50 rows takes 51 values; those figures are exact).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import binom

from plimsoll.checks.performance import prf001_decisions, prf002_ranking, prf003_probabilities
from plimsoll.core.check import Card
from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Status
from plimsoll.core.limit import Limit
from plimsoll.core.record import CheckEntry, GateLine
from plimsoll.policy.gate import gate
from plimsoll.stats.auc import roc_auc
from plimsoll.stats.confusion import ConfusionCounts, accuracy
from plimsoll.stats.mean import LossSums, log_loss
from plimsoll.stats.score_cells import cells_of

Draw = Callable[[np.random.Generator, int], Estimate]


def held(card: Card, estimate: Estimate | None, kind: str, bound: float, rows: int) -> GateLine:
    assert estimate is not None
    entry = CheckEntry(card.code, card.title, Status.PASS, None, 0.0, card, (estimate,))
    (line,) = gate([Limit(estimate.name, kind, bound)], [entry], rows)
    return line


def of_right(right: int, n: int) -> Estimate:
    wrong = n - right
    counts = np.array([[right // 2, wrong // 2], [wrong - wrong // 2, right - right // 2]])
    found = accuracy(ConfusionCounts(counts))
    assert found is not None
    return found


# Accuracy, exactly


@pytest.mark.parametrize(
    ("n", "most"),
    [(50, 0.040), (500, 0.031), (5000, 0.027)],
)
@pytest.mark.parametrize("truth", [0.5, 0.7, 0.8, 0.9, 0.95])
def test_an_accuracy_on_its_limit(n: int, most: float, truth: float) -> None:
    reach = 6 * np.sqrt(n * truth * (1 - truth)) + 2
    right = np.arange(max(0, int(n * truth - reach)), min(n, int(n * truth + reach)) + 1)
    statuses = [
        held(prf001_decisions.CARD, of_right(int(k), n), "min", truth, n).status for k in right
    ]
    chance = binom.pmf(right, n, truth)
    passed = chance[[s is Status.PASS for s in statuses]].sum()
    failed = chance[[s is Status.FAIL for s in statuses]].sum()
    assert passed <= most
    assert failed <= most
    assert passed + failed <= 0.065


# Area and log loss, by simulation

APART = 1.2
AREA = float(ndtr(APART / np.sqrt(2)))


def area(r: np.random.Generator, n: int) -> Estimate:
    y = r.random(n) < 0.3
    found = roc_auc(cells_of(r.normal(size=n) + APART * y, y.astype(int)))
    assert found is not None
    return found


def loss(r: np.random.Generator, n: int) -> Estimate:
    p = 1 / (1 + np.exp(-1.5 * r.normal(size=n)))
    y = r.random(n) < p
    own = -np.log(np.where(y, p, 1 - p))
    sums = LossSums.unweighted(n, own.sum(), (own**2).sum(), (own**3).sum())
    found = log_loss(sums)
    assert found is not None
    return found


def true_loss() -> float:
    x = np.linspace(-9, 9, 40_001)
    p = 1 / (1 + np.exp(-1.5 * x))
    entropy = -p * np.log(p) - (1 - p) * np.log(1 - p)
    weight = np.exp(-(x**2) / 2)
    return float(weight @ entropy / weight.sum())


@pytest.mark.parametrize(("n", "runs"), [(50, 1500), (500, 1500), (5000, 600)])
@pytest.mark.parametrize(
    ("card", "draw", "kind", "truth"),
    [
        (prf002_ranking.CARD, area, "min", AREA),
        (prf003_probabilities.CARD, loss, "max", true_loss()),
    ],
    ids=["area", "log loss"],
)
def test_a_measure_on_its_limit(
    n: int, runs: int, card: Card, draw: Draw, kind: str, truth: float
) -> None:
    r = np.random.default_rng([n, runs])
    statuses = [held(card, draw(r, n), kind, truth, n).status for _ in range(runs)]
    strays = 3 * np.sqrt(0.025 * 0.975 / runs)
    assert statuses.count(Status.PASS) / runs <= 0.025 + strays
    assert statuses.count(Status.FAIL) / runs <= 0.025 + strays
    assert statuses.count(Status.UNSURE) / runs >= 0.95 - 1.5 * strays


# The rows that a doubtful gate asks for


@pytest.mark.parametrize("kind", ["min", "max"])
def test_the_rows_it_asks_for_settle_it_in_four_of_five_tables(
    kind: str,
) -> None:
    measured, bound = 0.87, 0.85 if kind == "min" else 0.89
    line = held(prf001_decisions.CARD, of_right(int(400 * measured), 400), kind, bound, 400)
    assert line.status is Status.UNSURE
    assert line.rows_needed is not None

    def settled(rows: int) -> float:
        right = np.random.default_rng(rows).binomial(rows, measured, 400)
        lines = [
            held(prf001_decisions.CARD, of_right(int(k), rows), kind, bound, rows) for k in right
        ]
        assert all(x.status is not Status.FAIL for x in lines)
        return float(np.mean([x.status is Status.PASS for x in lines]))

    assert 0.7 <= settled(line.rows_needed) <= 0.9
    assert settled(2 * line.rows_needed) >= 0.95


def test_the_power_it_states_is_how_often_it_passes() -> None:
    r = np.random.default_rng(5)
    line = held(prf001_decisions.CARD, of_right(1760, 2000), "min", 0.86, 2000)
    right = r.binomial(2000, 0.88, 1000)
    passed = [
        held(prf001_decisions.CARD, of_right(int(k), 2000), "min", 0.86, 2000).status is Status.PASS
        for k in right
    ]
    assert line.power == pytest.approx(np.mean(passed), abs=0.05)
