"""STR001 end to end: what a user sees of load lines, limits on them, and ugly models."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import plimsoll
from plimsoll.core.errors import SettingsError
from plimsoll.core.finding import Status
from worlds.asked import MU, gaussian_rows

FRAME, Y = gaussian_rows(3000, 1)
DATA = FRAME.with_columns(
    pl.Series("y", Y.astype(int)),
    city=pl.Series(np.where(np.arange(3000) % 3 == 0, "Oslo", "Bergen")),
    flat=pl.lit(7),
)
TRAIN_X, TRAIN_Y = gaussian_rows(3000, 2)
REFERENCE = TRAIN_X.with_columns(
    pl.Series("y", TRAIN_Y.astype(int)),
    city=pl.Series(np.where(np.arange(3000) % 2 == 0, "Oslo", "Bergen")),
    flat=pl.lit(7),
)


def model(frame: pl.DataFrame) -> np.ndarray:
    x = frame.select(pl.col("a", "b").cast(pl.Float64).fill_null(0.0).fill_nan(0.0)).to_numpy()
    return 1 / (1 + np.exp(-np.clip(2 * (x @ MU), -500, 500)))


def run(made=model, data=DATA, **more):
    more = {"only": ["STR001"], "reference": REFERENCE, "target": "y", "ask_rows": 1500} | more
    return plimsoll.evaluate(data, model=made, **more)


def line_of(record, stress: str, column: str | None = None):
    (found,) = (
        e
        for _, e in record.all_estimates()
        if e.name == "load_line" and e.where.stress == stress and e.where.column == column
    )
    return found


def test_lines_have_units_intervals_and_the_measure_beside_them() -> None:
    record = run(kinds=["missing", "noise"])
    gone = line_of(record, "missing", "a")
    assert gone.unit == "share of rows"
    assert 0 < gone.low < gone.value < gone.high < 1
    loud = line_of(record, "noise", "a")
    assert loud.unit == "standard deviations"
    at_top = [e for _, e in record.all_estimates() if e.where.stress == "noise"]
    assert {e.name for e in at_top} == {"load_line", "roc_auc"}
    (figure,) = record.checks[0].figures
    assert figure.kind == "load_lines"
    assert figure.about["limit_from"] == "default"
    assert figure.about["clean_low"] < figure.about["clean"] < figure.about["clean_high"]


def test_an_input_that_the_model_ignores_holds_to_the_end() -> None:
    record = run(kinds=["missing:city", "unseen:city", "missing:flat"])
    for stress, column in (("missing", "city"), ("unseen", "city"), ("missing", "flat")):
        found = line_of(record, stress, column)
        assert (found.value, found.low) == (1.0, 1.0)


def test_a_limit_on_a_load_line_is_kept_or_broken_by_its_interval() -> None:
    low = run(kinds=["missing"], policy={"robustness.missing": {"load_line_min": 0.02}})
    assert [g.status for g in low.gate] == [Status.PASS]
    high = run(kinds=["missing"], policy={"robustness.missing": {"load_line_min": 0.9}})
    (line,) = high.gate
    assert line.status is Status.FAIL
    assert "break the limit" in line.meaning
    near = line_of(low, "missing", "a")
    unsure = run(
        kinds=["missing:a"], policy={"robustness.missing": {"load_line_min": round(near.value, 4)}}
    )
    assert [g.status for g in unsure.gate] == [Status.UNSURE]


def test_a_limit_on_robustness_asks_for_the_check_in_any_suite() -> None:
    record = run(
        only=None,
        suite="quick",
        kinds=["missing:a"],
        policy={"robustness.missing": {"load_line_min": 0.01, "by": ["a"]}},
    )
    assert "STR001" in [c.code for c in record.checks]
    assert [g.status for g in record.gate] == [Status.PASS]


def test_a_limit_on_a_stress_that_was_not_run_is_never_met_by_silence() -> None:
    record = run(kinds=["missing"], policy={"robustness.mising": {"load_line_min": 0.1}})
    (line,) = record.gate
    assert line.status is Status.UNSURE
    assert "did you mean 'missing'" in line.meaning


def test_the_policy_decides_which_measure_and_limit() -> None:
    record = run(kinds=["missing:a"], policy={"accuracy": {"min": 0.78}})
    found = line_of(record, "missing", "a")
    assert found.where.metric == "accuracy"
    assert record.checks[0].figures[0].about["limit"] == 0.78


def test_a_model_that_refuses_missing_values_is_told_in_words() -> None:
    def refuses(frame: pl.DataFrame) -> np.ndarray:
        if frame["a"].null_count():
            raise ValueError("Input contains NaN.")
        return model(frame)

    record = run(refuses, kinds=["missing"])
    told = [f for f in record.checks[0].findings if f.status is Status.FAIL]
    assert [f.title for f in told] == ["The model does not run with missing a."]
    assert "ValueError" in told[0].meaning
    gone = line_of(record, "missing", "a")
    assert (gone.value, gone.high, gone.method) == (0.0, 0.0, "the model did not run")


def test_a_model_that_answers_nan_under_stress_refuses_it() -> None:
    def nan(frame: pl.DataFrame) -> np.ndarray:
        out = model(frame)
        return np.where(frame["b"].is_null().to_numpy(), np.nan, out)

    record = run(nan, kinds=["missing:b"])
    assert line_of(record, "missing", "b").high == 0.0
    assert any("NaN" in f.meaning for f in record.checks[0].findings)


def test_a_model_that_says_one_class_has_nothing_that_stress_could_take() -> None:
    def constant(frame: pl.DataFrame) -> np.ndarray:
        return np.full(frame.height, 0.3)

    record = run(constant, kinds=["missing"])
    assert record.checks[0].status is Status.SKIPPED
    assert "ROC AUC is no better than chance" in (record.checks[0].reason or "")
    limited = run(constant, kinds=["missing"], policy={"accuracy": {"min": 0.4}})
    assert line_of(limited, "missing", "a").value == 1.0
    assert limited.checks[0].figures[0].about["clean"] == pytest.approx(0.5, abs=0.05)


def test_a_share_is_told_with_what_the_rows_hold_already() -> None:
    """Wherever it begins, the same share of missing cells breaks the limit."""
    policy = {"accuracy": {"min": 0.76}}
    whole = line_of(run(kinds=["missing:a"], policy=policy), "missing", "a")
    gone = np.random.default_rng(3).random(3000) < 0.2
    holed = DATA.with_columns(a=pl.when(pl.Series(gone)).then(None).otherwise(pl.col("a")))
    record = run(kinds=["missing:a"], policy=policy, data=holed)
    again = line_of(record, "missing", "a")
    assert again.value == pytest.approx(whole.value, abs=0.08)
    assert again.low >= 0.2 - 0.03
    series = record.checks[0].figures[0].series["lines"]
    assert series["exposure"][0] == pytest.approx(0.2, abs=0.03)


def test_a_hung_model_ends_the_stress_and_not_the_run() -> None:
    import threading

    freed = threading.Event()

    def hangs(frame: pl.DataFrame) -> np.ndarray:
        if frame["a"].null_count():
            freed.wait(20)
        return model(frame)

    record = run(hangs, kinds=["missing", "noise:a"], answer_within=3.0)
    freed.set()
    (told,) = [f for f in record.checks[0].findings if f.title == "Not every stress was run."]
    assert "no answer within 3 s" in told.meaning


def test_without_a_model_or_labels_it_says_what_to_give() -> None:
    logged = DATA.with_columns(pl.Series("p", model(DATA)))
    record = plimsoll.evaluate(logged, score="p", target="y", only=["STR001"])
    assert record.checks[0].status is Status.SKIPPED
    assert "no model was given" in (record.checks[0].reason or "")


def test_without_a_reference_stresses_are_learnt_on_the_rows_and_it_is_said() -> None:
    record = run(reference=None, kinds=["noise:a"])
    assert "fitted on the rows judged" in record.checks[0].tables[0].caption
    given = run(kinds=["noise:a"])
    assert "fitted on the reference" in given.checks[0].tables[0].caption


def test_a_stress_of_ones_own_is_one_function() -> None:
    @plimsoll.stress("a shifted by a bias", unit="units", top=3.0, columns=["a"])
    def biased(rows: pl.DataFrame, severity: float, rng: np.random.Generator) -> pl.DataFrame:
        return rows.with_columns(pl.col("a") + severity * rng.normal(size=rows.height))

    record = run(stresses=[biased], kinds=["biased"])
    found = line_of(record, "biased", "a")
    assert found.unit == "units"
    assert 0 < found.low < found.high <= 3.0


def test_a_stress_of_ones_own_may_change_the_truth() -> None:
    """A model that is right about the moved rows loses nothing where the truth moves with them."""

    def truth(rows: pl.DataFrame, target: np.ndarray) -> np.ndarray:
        return (rows["a"].to_numpy() > 0).astype(float)

    def moved(rows: pl.DataFrame, severity: float, rng: np.random.Generator) -> pl.DataFrame:
        return rows.with_columns(pl.col("a") + severity * rng.normal(size=rows.height))

    def sign(frame: pl.DataFrame) -> np.ndarray:
        return 1 / (1 + np.exp(-5 * frame["a"].fill_null(0.0).to_numpy()))

    world = DATA.with_columns(y=(pl.col("a") > 0).cast(pl.Int64))
    blind = plimsoll.stress("a moved", unit="units", top=3.0, columns=["a"])(moved)
    line = line_of(run(sign, world, stresses=[blind], kinds=["moved"]), "moved", "a")
    assert line.high < 3.0
    seeing = plimsoll.stress("a moved", unit="units", top=3.0, columns=["a"], truth=truth)(moved)
    line = line_of(run(sign, world, stresses=[seeing], kinds=["moved"]), "moved", "a")
    assert line.low == 3.0


def test_a_share_changes_the_truth_of_the_rows_that_it_hits() -> None:
    """A model that is right about the turned rows loses nothing, in a line, a context or beside another."""

    def truth(rows: pl.DataFrame, target: np.ndarray) -> np.ndarray:
        return (rows["a"].to_numpy() > 0).astype(float)

    def turned(rows: pl.DataFrame, severity: float, rng: np.random.Generator) -> pl.DataFrame:
        return rows.with_columns(-pl.col("a"))

    def sign(frame: pl.DataFrame) -> np.ndarray:
        return 1 / (1 + np.exp(-5 * frame["a"].fill_null(0.0).to_numpy()))

    world = DATA.with_columns(y=(pl.col("a") > 0).cast(pl.Int64))
    context = {"contexts": {"half": {"turned": 0.5}}}
    for known, left in ((None, 0.5), (truth, 1.0)):
        own = plimsoll.stress("a turned", columns=["a"], truth=known)(turned)
        record = run(
            sign,
            world,
            stresses=[own],
            kinds=["turned"],
            settings=context,
            only=["STR001", "STR005"],
        )
        (there,) = (
            e.value
            for _, e in record.all_estimates()
            if e.name == "roc_auc" and e.where.variant == "half"
        )
        assert there == pytest.approx(left, abs=0.05)
        line = line_of(record, "turned", "a")
        assert (line.low == 1.0) == (known is not None)
        assert line.value < 0.5 or known is not None


def test_a_stress_of_ones_own_may_take_pandas() -> None:
    pd = pytest.importorskip("pandas")

    @plimsoll.stress("a doubled", columns=["a"])
    def doubled(rows: pd.DataFrame, severity: float, rng: np.random.Generator) -> pd.DataFrame:
        return rows.assign(a=2 * rows["a"])

    doubled.__annotations__["rows"] = "pd.DataFrame"
    record = run(stresses=[doubled], kinds=["doubled"])
    assert line_of(record, "doubled", "a").value == 1.0


def test_a_stress_of_ones_own_that_breaks_is_told_and_others_go_on() -> None:
    @plimsoll.stress("a mistake")
    def mistaken(rows: pl.DataFrame, severity: float, rng: np.random.Generator) -> pl.DataFrame:
        return rows.head(1)

    record = run(stresses=[mistaken], kinds=["mistaken", "missing:a"])
    assert line_of(record, "missing", "a").value > 0
    (told,) = [f for f in record.checks[0].findings if "broke by themselves" in f.title]
    assert "must return the 1500 rows" in told.meaning


def test_an_unknown_kind_or_context_is_an_error_with_the_nearest() -> None:
    with pytest.raises(SettingsError, match="Did you mean 'missing'"):
        run(kinds=["missng"])
    with pytest.raises(SettingsError, match="Did you mean 'missing:a'"):
        run(settings={"contexts": {"night": {"missing:aa": 0.2}}})
    with pytest.raises(SettingsError, match="must be a time such as 90s"):
        run(budget="soon")
    with pytest.raises(SettingsError, match="judge_by"):
        run(judge_by="speed")


def test_the_record_is_the_same_for_the_same_seed_and_another_order_of_rows() -> None:
    one = run(kinds=["noise:a", "missing:a", "shuffled:a"])
    two = run(kinds=["noise:a", "missing:a", "shuffled:a"], data=DATA.reverse())
    assert [e for _, e in one.all_estimates()] == [e for _, e in two.all_estimates()]


def test_rows_that_hang_together_widen_the_lines() -> None:
    groups = DATA.with_columns(pl.Series("site", np.arange(3000) % 25))
    alone = line_of(run(kinds=["missing:a"], data=groups, ignore=["site"]), "missing", "a")
    apart = line_of(run(kinds=["missing:a"], data=groups, group="site"), "missing", "a")
    assert apart.value == pytest.approx(alone.value, abs=0.02)
    assert apart.high - apart.low != alone.high - alone.low


def test_a_regression_and_a_multiclass_model_have_lines_too() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 2))
    number = pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "y": x @ [2.0, 1.0] + rng.normal(size=2000)})

    def line(frame: pl.DataFrame) -> np.ndarray:
        return frame.select(pl.col("a", "b").cast(pl.Float64).fill_null(0.0)).to_numpy() @ [
            2.0,
            1.0,
        ]

    record = run(line, number, reference=None, task="regression", kinds=["missing:a", "noise:a"])
    gone = line_of(record, "missing", "a")
    assert gone.where.metric == "r2"
    # R2 is 5/6 when clean and 1/6 without a; nine tenths of 5/6 are left at a share of 1/8.
    assert gone.low <= 0.125 <= gone.high
    three = pl.DataFrame({"a": x[:, 0], "y": np.digitize(x[:, 0], [-0.5, 0.5]).astype(str)})

    def classes(frame: pl.DataFrame) -> np.ndarray:
        return np.digitize(frame["a"].fill_null(0.0).to_numpy(), [-0.5, 0.5]).astype(str)

    record = run(classes, three, reference=None, kinds=["missing:a"])
    assert line_of(record, "missing", "a").where.metric == "accuracy"
