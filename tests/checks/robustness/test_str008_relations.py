"""STR008 end to end: what a user sees of relations, limits on them, and models of every kind."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest

import plimsoll
from plimsoll.checks.robustness.relation_words import of
from plimsoll.core.errors import ModelError, SettingsError
from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Status
from plimsoll.reports.charts import why_not

ROWS = 3000
RNG = np.random.default_rng(21)


def rows(n: int, seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    return pl.DataFrame(
        {
            "x": x,
            "sex": rng.choice(["f", "m"], n),
            "race": rng.choice(["a", "b", "c"], n, p=[0.7, 0.2, 0.1]),
            "y": (rng.random(n) < 1 / (1 + np.exp(-x))).astype(int),
        }
    )


DATA, REFERENCE = rows(ROWS, 1), rows(ROWS, 2)


def plain(frame: pl.DataFrame) -> np.ndarray:
    return 1 / (1 + np.exp(-frame["x"].to_numpy()))


def partial(frame: pl.DataFrame) -> np.ndarray:
    z = frame["x"].to_numpy() + 0.3 * (frame["sex"] == "m").to_numpy()
    return 1 / (1 + np.exp(-z))


def run(model=plain, data=DATA, **more):
    more = {
        "only": ["STR008"],
        "reference": REFERENCE,
        "target": "y",
        "sensitive": ["sex", "race"],
    } | more
    return plimsoll.evaluate(data, model=model, **more)


def titles(record, status: Status) -> list[str]:
    return [f.title for f in record.checks[0].findings if f.status is status]


def test_a_model_that_keeps_everything_passes() -> None:
    record = run(increasing=["x"])
    (entry,) = record.checks
    assert entry.status is Status.PASS
    assert "Every relation holds." in titles(record, Status.PASS)
    assert {e.where.stress for e in entry.estimates if e.name == "violations"} == {
        "duplicate", "letter_case", "monotone", "protected", "rounding", "spaces",
    }  # fmt: skip
    assert all(e.value == 0.0 and e.high < 0.01 for e in entry.estimates if e.name == "violations")


def test_a_protected_column_that_decides_is_told_with_its_direction() -> None:
    record = run(partial)
    (entry,) = record.checks
    assert entry.status is Status.FAIL
    (finding,) = (f for f in entry.findings if f.where.stress == "protected")
    assert finding.title == "Decisions change where only sex is changed."
    assert re.search(r"f to m: 1\d of 100 rows \(likely [\d.]+ to \d+\) flip to 1", finding.meaning)
    assert "stayed as they were" in finding.meaning
    found = {
        (e.name, e.where.variant): e
        for e in entry.estimates
        if e.where.stress == "protected" and e.where.column == "sex"
    }
    assert found["violations", None].low < 0.118 < found["violations", None].high
    assert found["decisions_gained", "m to f"].value == 0.0
    assert found["decisions_lost", "m to f"].low < 0.118 < found["decisions_lost", "m to f"].high
    assert found["answer_change", "f to m"].low > 0 > found["answer_change", "m to f"].high
    assert 0 < found["answer_change_p95", None].value < 0.3 / 4 + 1e-9
    relations, moves = entry.tables
    assert len(moves.rows) == 2 + 6
    assert len(relations.rows) == len([e for e in entry.estimates if e.name == "violations"])
    (figure,) = entry.figures
    assert why_not(figure) is None


@pytest.mark.parametrize("model", [plain, partial])
def test_no_word_is_said_that_was_not_measured(model) -> None:
    entry = run(model, increasing=["x"]).checks[0]
    said = repr((entry.findings, entry.tables, entry.figures))
    assert "changed" in said
    assert not re.search(r"\b(un)?fair|discriminat", said)


def test_a_limit_on_violations_is_kept_or_broken() -> None:
    policy = {"robustness.violations": {"max": 0.01}}
    assert [g.status for g in run(policy=policy).gate] == [Status.PASS]
    broken = run(partial, policy=policy)
    assert [g.status for g in broken.gate] == [Status.FAIL]
    by = {"robustness.violations": {"max": 0.01, "by": ["race"]}}
    assert [g.status for g in run(partial, policy=by).gate] == [Status.PASS]
    few = run(data=DATA.head(100), policy=policy)
    assert [g.status for g in few.gate] == [Status.UNSURE]


def test_a_limit_on_violations_asks_for_the_check_in_any_suite() -> None:
    record = plimsoll.evaluate(
        DATA,
        model=plain,
        target="y",
        suite="quick",
        skip=["STR001"],
        policy={"robustness.violations": {"max": 0.01}},
    )
    assert "STR008" in [c.code for c in record.checks]
    assert [g.status for g in record.gate] == [Status.PASS]


def test_rows_without_a_target_are_asked_as_well() -> None:
    with_target = run(partial).checks[0]
    without = run(partial, DATA.drop("y")).checks[0]
    assert without.status is Status.FAIL
    place = [e.where for e in with_target.estimates]
    assert [e.where for e in without.estimates] == place
    share = [e.value for e in without.estimates if e.name == "violations"]
    assert share == [e.value for e in with_target.estimates if e.name == "violations"]


def test_few_rows_are_not_told() -> None:
    record = run(data=DATA.head(3))
    (entry,) = record.checks
    assert entry.status is Status.UNSURE
    assert "These rows do not tell whether every relation holds." in titles(record, Status.UNSURE)


def test_a_model_that_refuses_is_a_finding() -> None:
    def strict(frame: pl.DataFrame) -> np.ndarray:
        if not frame["sex"].is_in(["f", "m"]).all():
            raise ValueError("unknown category in sex")
        return plain(frame)

    record = run(strict, policy={"robustness.violations": {"max": 0.01}})
    (finding,) = (f for f in record.checks[0].findings if f.status is Status.FAIL)
    assert finding.title == "The model does not run with some changed rows."
    assert "sex in capitals or small letters, spaces around sex" in finding.meaning
    assert "The function 'strict' was expected to answer" in finding.meaning
    assert [g.status for g in record.gate] == [Status.FAIL]


def test_a_hung_or_stopped_run_says_what_was_left() -> None:
    record = run(budget="0.000001s")
    assert record.checks[0].status in (Status.SKIPPED, Status.UNSURE)
    said = [f.title for f in record.checks[0].findings] or [record.checks[0].reason]
    assert any("Not every relation" in s or "budget" in s for s in said if s)


def test_a_relation_of_ones_own_is_asked() -> None:
    @plimsoll.relation("one more x", expect="lower")
    def one_more(frame: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
        return frame.with_columns(x=pl.col("x") + 1)

    record = run(stresses=[one_more])
    (finding,) = (f for f in record.checks[0].findings if f.where.stress == "one_more")
    assert finding.title == "The answers break a relation of your own."
    assert "one more x: 100 of 100 rows" in finding.meaning


def test_a_typing_error_in_monotone_inputs_is_told() -> None:
    with pytest.raises(SettingsError, match=r"[Dd]id you mean"):
        run(increasing=["sexx"])


def test_without_a_model_there_is_nothing_to_ask() -> None:
    record = plimsoll.evaluate(
        DATA.with_columns(p=pl.lit(0.5)), target="y", score="p", only=["STR008"]
    )
    (entry,) = record.checks
    assert entry.status is Status.SKIPPED
    assert entry.reason is not None and "no model was given" in entry.reason


def test_a_regression_is_asked_as_well() -> None:
    record = run(
        lambda f: f["x"].to_numpy() + 0.5 * (f["sex"] == "m").to_numpy(),
        DATA.with_columns(y=pl.col("x") + pl.Series(RNG.normal(size=ROWS))),
        reference=REFERENCE.with_columns(y=pl.col("x")),
        task="regression",
        increasing=["x"],
    )
    (finding,) = (f for f in record.checks[0].findings if f.where.stress == "protected")
    assert finding.title == "Answers change where only sex is changed."
    assert "the answer moves by -0.5" in finding.meaning or "moves by +0.5" in finding.meaning


def test_an_identifier_that_the_model_reads_is_found() -> None:
    data = DATA.with_columns(customer_id=pl.Series(RNG.permutation(ROWS)))
    reference = REFERENCE.with_columns(customer_id=pl.Series(RNG.permutation(ROWS)))

    def leaks(frame: pl.DataFrame) -> np.ndarray:
        return np.clip(plain(frame) + frame["customer_id"].to_numpy() / ROWS / 10, 0, 1)

    record = run(leaks, data, reference=reference)
    assert "The answer hangs on a column that only names a row." in titles(record, Status.FAIL)


def test_shares_are_said_in_parts_that_can_be_read() -> None:
    def e(value: float, low: float, high: float) -> Estimate:
        return Estimate("violations", value, low, high, 0.95, 100, "Wilson")

    assert of(e(0.0347, 0.032, 0.0376)) == "3.5 of 100 rows (likely 3.2 to 3.8)"
    assert of(e(0.0, 0.0, 0.0008)) == "0 of 10,000 rows (likely 0 to 8)"
    assert of(e(0.9998, 0.9994, 0.99993)) == "99.98 of 100 rows (likely 99.94 to 99.99)"
    assert of(e(1.0, 0.99, 1.0)) == "100 of 100 rows (likely 99 to 100)"


def test_a_model_that_answers_the_scan_and_nothing_after_is_told() -> None:
    calls = []

    def once(frame: pl.DataFrame) -> np.ndarray:
        calls.append(frame.height)
        if len(calls) > 4:
            raise ModelError("It is tired.")
        return plain(frame)

    record = run(once, reference=None, data=DATA.head(600))
    assert record.checks[0].status is Status.FAIL
