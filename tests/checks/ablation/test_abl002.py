"""ABL002: what is used, what is not needed and what does it alone, in worlds where that is known."""

from __future__ import annotations

import pytest
from ablation_runs import estimate, run, titles
from scipy.stats import spearmanr

from plimsoll.core.finding import Status
from plimsoll.core.record import CheckEntry
from worlds.ablated import INPUTS, OnlyFirst, copied, logistic


def verdicts(entry: CheckEntry) -> dict[str, tuple[str, ...]]:
    (table,) = entry.tables
    places = [i for i, name in enumerate(table.columns) if name == "verdict"]
    return {row[0]: tuple(row[i] for i in places) for row in table.rows}


def test_masking_tells_what_the_model_uses_and_refitting_what_the_task_needs() -> None:
    train, test = copied(4000, 1), copied(4000, 2)
    entry = run(test, "ABL002", reference=train, model=OnlyFirst(), fit=logistic)
    told = verdicts(entry)
    assert told["x2"] == ("used", "used")
    assert told["x1"] == ("used", "not needed")
    assert told["x3"] == ("not needed", "not needed")
    assert told["x4"][0] == "not needed"
    assert any("Masked, the model does not need" in t and "x3" in t for t in titles(entry))
    left = estimate(entry, "left_out", column="x2", variant="masked")
    assert left.high < -0.01
    assert not titles(entry, Status.FAIL)


def test_the_loss_of_a_masked_input_is_the_one_that_is_known() -> None:
    """Accuracy of sign(x1 + x2): 1 - 1/3 with one x2 drawn anew (the angle between two normal vectors),
    1 - 1/4 with the mean over all of them (the sign of x1 alone)."""
    train, test = copied(4000, 3, weight=500.0), copied(4000, 4, weight=500.0)
    entry = run(
        test,
        "ABL002",
        reference=train,
        model=OnlyFirst(),
        settings={"stress": {"judge_by": "accuracy"}},
    )
    found = estimate(entry, "left_out", column="x2", variant="masked")
    assert -1 / 3 < found.value < -1 / 4 + 0.02
    alone = estimate(entry, "alone", column="x2", variant="masked")
    assert alone.value == pytest.approx(0.75, abs=0.03), "sign(x2) against sign(x1 + x2)"


def test_an_input_that_does_it_alone_is_a_warning() -> None:
    train = copied(2000, 5)
    first = train.with_columns(y=(train["x4"] > 0).cast(int))
    test = copied(2000, 6)
    judged = test.with_columns(y=(test["x4"] > 0).cast(int))
    entry = run(judged, "ABL002", reference=first, model=logistic(first))
    assert any("rests on x4 alone" in t for t in titles(entry, Status.FAIL))


def test_noise_is_not_found_to_be_used_more_often_than_the_level_allows() -> None:
    used = 0
    for seed in range(20):
        train, test = copied(600, 10 + seed), copied(600, 50 + seed)
        entry = run(test, "ABL002", model=logistic(train))
        used += verdicts(entry)["x4"][0] in ("used", "gives a little")
    assert used <= 3


def test_the_agreement_of_both_rankings_is_spearmans() -> None:
    train, test = copied(2000, 7), copied(2000, 8)
    entry = run(test, "ABL002", reference=train, model=logistic(train))
    costs = {
        way: [estimate(entry, "left_out", column=c, variant=way).value for c in INPUTS]
        for way in ("masked", "retrained")
    }
    found = estimate(entry, "ranking_agreement")
    theirs = spearmanr(costs["masked"], costs["retrained"]).statistic
    assert found.value == pytest.approx(theirs)
    assert -1.0 <= found.low <= found.value <= found.high <= 1.0


def test_it_shares_the_trial_with_the_ladder() -> None:
    import plimsoll

    calls = 0

    class Counting(OnlyFirst):
        def predict_proba(self, frame: object) -> object:
            nonlocal calls
            calls += 1
            return super().predict_proba(frame)

    test = copied(1000, 9)
    counts = []
    for only in (["ABL001"], ["ABL001", "ABL002"]):
        calls = 0
        plimsoll.evaluate(test, model=Counting(), target="y", positive=1, only=only)
        counts.append(calls)
    assert counts[0] == counts[1]


def test_a_budget_that_is_spent_is_said_and_what_was_asked_counts() -> None:
    train, test = copied(3000, 10), copied(3000, 11)
    entry = run(test, "ABL002", reference=train, model=OnlyFirst(), fit=slow, budget="1s")
    assert any("Not every input was left out, retrained" in t for t in titles(entry, Status.UNSURE))
    assert estimate(entry, "left_out", column="x2", variant="masked")


def slow(frame: object) -> object:
    import time

    time.sleep(0.3)
    return logistic(frame)  # type: ignore[arg-type]
