"""Rules in words: ranges at round numbers, categories with rows enough, measured on other rows."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from plimsoll.core.subject import Roles, Subject, Task
from plimsoll.core.trial import Answers
from plimsoll.trials.rows import TrialRows
from plimsoll.trials.worst_rule import worst_rule

N = 4000


def rows_of(frame: pl.DataFrame, *, weights: np.ndarray | None = None) -> TrialRows:
    n = frame.height
    roles = Roles(target="y", features=tuple(frame.columns))
    return TrialRows(
        frame=frame,
        subject=Subject("made", Task.REGRESSION, roles),
        keys=np.arange(n, dtype=np.uint64),
        target=np.zeros(n),
        weights=np.ones(n) if weights is None else weights,
        clean=Answers(None, np.zeros(n)),
        of=n,
    )


def frame(seed: int = 0) -> pl.DataFrame:
    r = np.random.default_rng(seed)
    age = r.uniform(18, 90, N)
    return pl.DataFrame(
        {
            "age": np.where(r.random(N) < 0.1, np.nan, age),
            "job": r.choice(["none", "part", "full"], N),
            "pay": r.normal(size=N),
        }
    )


FOLD = np.arange(N) % 2


def test_a_planted_box_is_said_in_words() -> None:
    f = frame()
    inside = ((f["age"] >= 40) & (f["age"] < 60) & (f["job"] == "none")).to_numpy()
    losses = np.random.default_rng(1).exponential(size=N) * np.where(inside, 5.0, 1.0)
    rule = worst_rule(rows_of(f), losses, FOLD, 20, 0.95)
    assert rule is not None
    said = dict(rule.conditions)
    assert said["job"] == "= none"
    assert said["age"].startswith("40 to below 6"), "ends lie at the edges of ten bins"
    assert rule.loss.low > rule.elsewhere
    assert rule.apart.low > 0
    second = FOLD == 1
    assert rule.rows == pytest.approx(rule.share * second.sum())


def test_missing_cells_are_their_own_condition_or_said_beside_a_range() -> None:
    f = frame(2).with_columns(
        job=pl.when(pl.int_range(pl.len()) % 7 == 0).then(None).otherwise("job")
    )
    gone = f["job"].is_null().to_numpy()
    losses = np.random.default_rng(3).exponential(size=N) * np.where(gone, 4.0, 1.0)
    rule = worst_rule(rows_of(f), losses, FOLD, 20, 0.95)
    assert rule is not None
    assert dict(rule.conditions)["job"] == "= missing"


def test_noise_gives_no_rule_as_a_rule() -> None:
    found = 0
    for seed in range(15):
        losses = np.random.default_rng(100 + seed).exponential(size=N)
        found += worst_rule(rows_of(frame(seed)), losses, FOLD, 20, 0.95) is not None
    assert found <= 2, "one in forty by chance"


@pytest.mark.parametrize(
    "losses", [np.zeros(N), np.ones(N), np.where(np.arange(N) == 0, np.inf, 1.0)]
)
def test_losses_that_do_not_vary_give_none(losses: np.ndarray) -> None:
    assert worst_rule(rows_of(frame()), losses, FOLD, 20, 0.95) is None


def test_few_rows_or_no_columns_give_none() -> None:
    r = np.random.default_rng(4)
    few = frame().head(60)
    assert worst_rule(rows_of(few), r.random(60), FOLD[:60], 20, 0.95) is None
    names = pl.DataFrame({"name": [f"secret-{i}" for i in range(N)]})
    assert worst_rule(rows_of(names), r.random(N), FOLD, 20, 0.95) is None
