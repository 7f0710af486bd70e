"""ABL001: the smallest set is found where it is known, by masking and by fitting again."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from ablation_runs import estimate, kept, run, titles
from sklearn.linear_model import LinearRegression, LogisticRegression

from plimsoll.core.errors import SettingsError
from plimsoll.core.finding import Status
from worlds.ablated import INPUTS, OnlyFirst, copied, logistic, noise


def test_two_of_four_inputs_do_and_a_copy_stands_in_for_its_twin() -> None:
    train, test = copied(4000, 1), copied(4000, 2)
    entry = run(test, "ABL001", reference=train, model=logistic(train))
    again = kept(entry, "retrained")
    assert "x2" in again
    assert len(again) == 2
    assert again & {"x1", "x3"}
    masked = kept(entry, "masked")
    assert {"x1", "x2", "x3"} == masked, "this model has shared x1 between the twins"
    assert estimate(entry, "inputs_needed", variant="retrained").value == 2
    assert not titles(entry, Status.FAIL)
    size = estimate(entry, "inputs_needed", variant=None)
    assert size.low <= 3 == size.value


def test_what_a_model_leans_on_and_a_fit_does_without_is_explained_by_its_twin() -> None:
    train, test = copied(3000, 3), copied(3000, 4)

    def fit(frame: pl.DataFrame) -> LogisticRegression:
        return logistic(frame)

    entry = run(test, "ABL001", reference=train, model=OnlyFirst(), fit=fit)
    assert kept(entry, "masked") == {"x1", "x2"}
    (told,) = [f for f in entry.findings if "leans on 'x1'" in f.title]
    assert "'x3' most" in told.meaning
    assert "rows that never occur" in told.meaning


def test_one_input_that_does_it_all_is_a_warning() -> None:
    train, test = copied(3000, 5), copied(3000, 6)
    only = train.with_columns(y=(pl.col("x2") > 0).cast(pl.Int64))
    judged = test.with_columns(y=(pl.col("x2") > 0).cast(pl.Int64))
    entry = run(judged, "ABL001", reference=only, model=logistic(only))
    assert any("One input alone" in t and "x2" in t for t in titles(entry, Status.FAIL))
    assert kept(entry, "masked") == {"x2"}


def test_every_input_is_needed_where_each_tells_its_part() -> None:
    r = np.random.default_rng(7)

    def world(n: int) -> pl.DataFrame:
        x = r.normal(size=(4, n))
        y = r.random(n) < 1 / (1 + np.exp(-1.5 * x.sum(axis=0)))
        return pl.DataFrame({**dict(zip(INPUTS, x, strict=True)), "y": y.astype(int)})

    train = world(3000)
    entry = run(world(3000), "ABL001", reference=train, model=logistic(train))
    assert any("needs all of its inputs" in t for t in titles(entry))
    size = estimate(entry, "inputs_needed", variant=None)
    assert (size.value, size.low) == (4, 4)


def test_the_steps_without_inputs_are_at_chance_and_all_inputs_are_the_model() -> None:
    train, test = copied(2000, 8), copied(3000, 9)
    entry = run(test, "ABL001", reference=train, model=logistic(train))
    assert estimate(entry, "roc_auc", variant="constant").value == 0.5
    prior = estimate(entry, "roc_auc", variant="prior")
    assert prior.low < 0.5 < prior.high
    whole = estimate(entry, "roc_auc", variant="all inputs")
    assert whole.low < 0.93 < whole.high + 0.05
    assert 1300 < whole.n < 1700, "half of the rows tell"


def test_a_regression_has_no_prior_and_is_judged_by_r2() -> None:
    r = np.random.default_rng(10)
    x = r.normal(size=(2000, 3))
    frame = pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "c": x[:, 2]})
    frame = frame.with_columns(y=3 * pl.col("a") + pl.col("b") + pl.Series(r.normal(size=2000)))
    table = frame.to_pandas()
    model = LinearRegression().fit(table[["a", "b", "c"]], table["y"])
    entry = run(frame, "ABL001", reference=frame, model=model, positive=None, task="regression")
    assert kept(entry, "masked") == {"a", "b"}
    assert kept(entry, "retrained") == {"a", "b"}
    assert not any(e.where.variant == "prior" for e in entry.estimates)
    assert estimate(entry, "r2", variant="constant").value == pytest.approx(0.0, abs=0.01)


def test_declared_groups_come_and_go_together() -> None:
    train, test = copied(3000, 11), copied(3000, 12)
    settings = {"stress": {"input_groups": {"twins": ["x1", "x3"]}}}
    entry = run(test, "ABL001", reference=train, model=logistic(train), settings=settings)
    assert kept(entry, "masked") == {"twins", "x2"}
    for groups in ({"twins": ["x1", "x9"]}, {"one": ["x1"], "two": ["x1"]}):
        with pytest.raises(SettingsError, match="input_groups"):
            run(test, "ABL001", reference=train, model=logistic(train),
                settings={"stress": {"input_groups": groups}})  # fmt: skip


def test_the_policys_margin_counts() -> None:
    train, test = copied(3000, 13, weight=1.0), copied(3000, 14, weight=1.0)
    wide = {"baseline": {"non_inferior_to": "linear", "metric": "roc_auc", "margin": 0.25}}
    entry = run(test, "ABL001", reference=train, model=logistic(train), policy=wide)
    assert "policy's margin of 0.25" in entry.tables[0].caption
    assert len(kept(entry, "masked")) < 3


def test_without_a_reference_values_are_drawn_from_the_rows_judged_and_it_is_said() -> None:
    test = copied(2000, 15)
    entry = run(test, "ABL001", model=logistic(test))
    assert "rows judged" in (entry.reason or "")
    assert "no reference" in (entry.reason or "")
    assert kept(entry, "masked")


def test_what_cannot_be_asked_says_why() -> None:
    logged = copied(300, 16).with_columns(p=pl.lit(0.5) + 0.1 * pl.col("x1").tanh())
    entry = run(logged, "ABL001", score="p")
    assert entry.status is Status.SKIPPED
    assert "--model" in (entry.reason or "")
    few = copied(80, 17)
    entry = run(few, "ABL001", model=logistic(few))
    assert entry.status is Status.SKIPPED
    assert "too few" in (entry.reason or "")


def test_a_model_that_refuses_masked_rows_is_told_and_nothing_breaks() -> None:
    train, test = copied(2000, 18), copied(2000, 19)

    class Fussy(OnlyFirst):
        def predict_proba(self, frame: object) -> object:
            table = frame
            if not np.allclose(table["x1"], table["x3"]):  # type: ignore[index]
                raise ValueError("twins must agree")
            return super().predict_proba(table)

    entry = run(test, "ABL001", reference=train, model=Fussy())
    assert any("Not everything was asked, masked" in t for t in titles(entry, Status.UNSURE))


def test_pure_noise_needs_no_input_or_says_so() -> None:
    train, test = noise(2000, 20), noise(2000, 21)
    entry = run(test, "ABL001", reference=train, model=logistic(train))
    assert not [f for f in entry.findings if f.critical]


def test_the_same_seed_says_the_same() -> None:
    train, test = copied(1500, 22), copied(1500, 23)
    model = logistic(train)
    one, two = (run(test, "ABL001", reference=train, model=model, seed=3) for _ in range(2))
    assert one.estimates == two.estimates
