"""STR009: errors under stress beside a baseline, held to what a loop over severities and rows says."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import plimsoll
from plimsoll.core.errors import SettingsError
from plimsoll.core.finding import Status

RNG = np.random.default_rng(5)
N = 4000
X = RNG.normal(size=N)
Y = np.where(RNG.random(N) < 0.1, X <= 0, X > 0).astype(int)
DATA = pl.DataFrame({"x": X, "z": RNG.normal(size=N), "y": Y})
TRAIN = pl.DataFrame({"x": RNG.normal(size=N), "z": RNG.normal(size=N)}).with_columns(
    y=(pl.col("x") + 0.3 * pl.col("z") > 0).cast(pl.Int64)
)


@plimsoll.stress("x moved", unit="units", top=2.0, columns=["x"], life="A scale drifts.")
def moved(rows: pl.DataFrame, severity: float, rng: np.random.Generator) -> pl.DataFrame:
    return rows.with_columns(pl.col("x") + severity)


@plimsoll.stress("x turned round", columns=["x"], life="A sign is lost.")
def turned(rows: pl.DataFrame, severity: float, rng: np.random.Generator) -> pl.DataFrame:
    return rows.with_columns(-pl.col("x"))


def model(frame: pl.DataFrame) -> np.ndarray:
    return (frame["x"].to_numpy() > 0).astype(int)


def champion(frame: pl.DataFrame) -> np.ndarray:
    """A worse model on clean rows that a shift of x hurts less."""
    return (frame["x"].to_numpy() > 0.8).astype(int)


def run(made=model, **more):
    more = {
        "only": ["STR009"],
        "target": "y",
        "suite": "stress",
        "stresses": [moved, turned],
        "kinds": ["moved", "turned"],
        "champion": champion,
        "against": "champion",
    } | more
    return plimsoll.evaluate(DATA, model=made, **more)


def wrong(made, x: np.ndarray) -> np.ndarray:
    return (made(pl.DataFrame({"x": x})) != Y).astype(float)


def by_rows(made) -> dict[str, np.ndarray]:
    """Return by kind the mean error of each row over five severities, rows in their order."""
    parts = (0.2, 0.4, 0.6, 0.8, 1.0)
    clean, other = wrong(made, X), wrong(made, -X)
    return {
        "moved": np.mean([wrong(made, X + 2.0 * p) for p in parts], axis=0),
        "turned": np.mean([(1 - p) * clean + p * other for p in parts], axis=0),
    }


def found(record, name: str, kind: str | None = None):
    (one,) = (e for _, e in record.all_estimates() if e.name == name and e.where.stress == kind)
    return one


def test_ratios_are_those_of_a_loop_over_severities() -> None:
    record, own, theirs = run(), by_rows(model), by_rows(champion)
    for kind in own:
        assert found(record, "corruption_error", kind).value == pytest.approx(
            own[kind].mean() / theirs[kind].mean(), rel=1e-12
        )
    ce = [own[k].mean() / theirs[k].mean() for k in own]
    assert found(record, "mean_corruption_error").value == pytest.approx(np.mean(ce), rel=1e-12)
    base = [wrong(m, X).mean() for m in (model, champion)]
    added = [(own[k].mean() - base[0]) / (theirs[k].mean() - base[1]) for k in own]
    relative = found(record, "relative_mean_corruption_error")
    harmed = [k for k in own if theirs[k].mean() > base[1]]
    assert harmed == ["turned"]  # a shift of x makes the champion better
    assert relative.value == pytest.approx(added[1], rel=1e-12)
    assert relative.where.model == "champion"


def test_the_interval_is_that_of_a_bootstrap_of_rows() -> None:
    e, own, theirs = found(run(), "mean_corruption_error"), by_rows(model), by_rows(champion)
    rng = np.random.default_rng(0)
    again = []
    for _ in range(600):
        i = rng.integers(0, N, N)
        again.append(np.mean([own[k][i].mean() / theirs[k][i].mean() for k in own]))
    assert (e.high - e.low) / 2 / 1.96 == pytest.approx(np.std(again), rel=0.08)


def test_kinds_in_which_the_baseline_is_better_are_told() -> None:
    (whole, kinds) = run(kinds=["moved", "turned", "noise:z"]).checks[0].findings
    assert whole.status in (Status.PASS, Status.FAIL, Status.UNSURE)
    assert "For every 100 errors of the champion" in whole.meaning
    assert kinds.status is Status.FAIL
    assert kinds.meaning.startswith("For every 100 errors of the champion: moved 147 (")
    assert "noise" not in kinds.meaning  # z is no input, and on clean rows the model is better


def test_a_model_beside_itself_makes_as_many_errors() -> None:
    record = run(champion=model)
    for kind in (None, "moved", "turned"):
        name = "mean_corruption_error" if kind is None else "corruption_error"
        e = found(record, name, kind)
        assert e.value == pytest.approx(1.0)
        assert e.high - e.low == pytest.approx(0.0, abs=1e-9)
    assert [f.status for f in record.checks[0].findings] == [Status.UNSURE]


@pytest.mark.parametrize("kind", ["linear", "gradient_boosting", "best_feature", "constant"])
def test_simple_models_are_fitted_on_the_reference(kind) -> None:
    record = run(reference=TRAIN, champion=None, against=kind)
    e = found(record, "mean_corruption_error")
    assert e.where.model == kind
    assert 0 < e.low < e.value < e.high


def test_a_regression_counts_absolute_errors() -> None:
    y = 2.0 * X + RNG.normal(size=N)
    train = TRAIN.with_columns(y=2.0 * pl.col("x"))

    def twice(frame: pl.DataFrame) -> np.ndarray:
        return 2.0 * frame["x"].to_numpy()

    record = plimsoll.evaluate(
        DATA.with_columns(y=pl.Series(y)),
        model=twice,
        reference=train,
        target="y",
        task="regression",
        only=["STR009"],
        against="linear",
        kinds=["missing:x", "noise:x"],
        suite="stress",
    )
    (table,) = record.checks[0].tables
    assert "mean absolute error" in table.columns
    refused = [f for f in record.checks[0].findings if "did not run" in f.title]
    assert ["missing:x" in f.meaning for f in refused] == [True]
    assert found(record, "corruption_error", "noise").value == pytest.approx(1.0, abs=0.02)


def test_a_limit_on_it_gates_and_asks_for_it_in_any_suite() -> None:
    limits = {"robustness.mean_corruption_error": {"max": 0.2}}
    record = run(only=[], suite="quick", policy=limits)
    assert [line.status for line in record.gate] == [Status.FAIL]
    assert "STR009" in [entry.code for entry in record.checks]
    easy = run(policy={"robustness.mean_corruption_error": {"max": 9.0}})
    assert [line.status for line in easy.gate] == [Status.PASS]


def test_naming_a_baseline_asks_for_it_in_any_suite() -> None:
    assert "STR009" in [entry.code for entry in run(only=[], suite="quick").checks]


def test_without_a_baseline_it_says_how_to_name_one() -> None:
    (entry,) = run(against=None).checks
    assert entry.status is Status.SKIPPED
    assert "--against linear" in (entry.reason or "")


def test_a_baseline_that_is_not_there_is_refused() -> None:
    with pytest.raises(SettingsError, match="Did you mean 'linear'"):
        run(against="linaer")
    with pytest.raises(SettingsError, match="names the champion and there is none"):
        run(champion=None)
    logged = DATA.with_columns(other=pl.Series(champion(DATA)))
    with pytest.raises(SettingsError, match="is a column of the data"):
        plimsoll.evaluate(
            logged, model=model, champion="other", target="y", against="champion", suite="stress"
        )


def test_simple_models_without_a_reference_are_said_to_be_missing() -> None:
    (entry,) = run(champion=None, against="linear").checks
    assert "no reference was given to fit a linear model on" in (entry.reason or "").lower()


def test_a_baseline_that_does_not_run_with_a_fault_is_named_with_it() -> None:
    def narrow(frame: pl.DataFrame) -> np.ndarray:
        if frame["x"].max() > X.max() + 1.0:
            raise ValueError("out of range")
        return champion(frame)

    findings = run(champion=narrow).checks[0].findings
    (told,) = [f for f in findings if "did not run" in f.title]
    assert told.meaning.startswith("moved")
    assert told.status is Status.UNSURE


def test_a_baseline_that_answers_in_the_scan_and_not_again_is_said() -> None:
    asked = []

    def once(frame: pl.DataFrame) -> np.ndarray:
        asked.append(frame.height)
        if sum(asked) > 2 * N:
            raise ValueError("tired")
        return champion(frame)

    (entry,) = run(champion=once).checks
    assert "does not answer" in (entry.reason or "")


def test_each_corruption_of_images_counts_by_itself() -> None:
    from sklearn.datasets import load_digits
    from sklearn.linear_model import LogisticRegression

    pixels, digit = load_digits(return_X_y=True)
    names = [f"p{i:02}" for i in range(64)]
    frame = pl.DataFrame(pixels, schema=names).with_columns(digit=pl.Series(digit))
    fitted = LogisticRegression(max_iter=2000).fit(pixels[900:], digit[900:])
    record = plimsoll.evaluate(
        frame[:900],
        reference=frame[900:],
        model=fitted,
        target="digit",
        image="p*",
        only=["STR009"],
        kinds=["image_noise"],
        against="constant",
        suite="stress",
    )
    told = {e.where.variant: e.value for _, e in record.all_estimates() if e.where.stress}
    assert set(told) == {"gaussian_noise", "shot_noise", "impulse_noise"}
    whole = found(record, "mean_corruption_error")
    assert whole.value == pytest.approx(np.mean(list(told.values())))
    assert whole.value < 1.0


def test_the_full_suite_takes_a_linear_model_where_none_is_named() -> None:
    record = run(reference=TRAIN, champion=None, against=None, suite="full")
    assert found(record, "mean_corruption_error").where.model == "linear"
