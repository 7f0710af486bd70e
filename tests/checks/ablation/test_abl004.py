"""ABL004: selection outside the folds is found on scrambled labels, inside the folds it is not."""

from __future__ import annotations

import threading

import numpy as np
import pandas as pd
import polars as pl
import pytest
from ablation_runs import estimate, run, titles
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from plimsoll.core.finding import Status
from worlds.ablated import copied, logistic, noise

ROWS, COLUMNS, CHOSEN = 50, 1000, 30


def wide(seed: int) -> pl.DataFrame:
    """Pure noise, far more columns than rows."""
    r = np.random.default_rng(seed)
    columns = {f"x{i}": r.normal(size=ROWS) for i in range(COLUMNS)}
    return pl.DataFrame({**columns, "y": np.arange(ROWS) % 2})


def leaking(frame: pd.DataFrame) -> float:
    x, y = frame.drop(columns="y").to_numpy(), frame["y"].to_numpy()
    chosen = SelectKBest(f_classif, k=CHOSEN).fit_transform(x, y)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    return float(cross_val_score(KNeighborsClassifier(1), chosen, y, cv=folds).mean())


def honest(frame: pd.DataFrame) -> float:
    x, y = frame.drop(columns="y").to_numpy(), frame["y"].to_numpy()
    model = make_pipeline(SelectKBest(f_classif, k=CHOSEN), KNeighborsClassifier(1))
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    return float(cross_val_score(model, x, y, cv=folds).mean())


def error_of_leaking(frame: pd.DataFrame) -> float:
    return 1.0 - leaking(frame)


@pytest.mark.parametrize("experiment", [leaking, error_of_leaking])
def test_selection_outside_the_folds_is_an_alarm(experiment: object) -> None:
    frame = wide(1)
    entry = run(frame, "ABL004", model=logged, reference=frame, experiment=experiment)
    assert any("The experiment leaks" in t for t in titles(entry, Status.FAIL))
    score = estimate(entry, "canary_score")
    value = score.value if experiment is leaking else 1.0 - score.value
    assert value > 0.75
    (found,) = [f for f in entry.findings if "leaks" in f.title]
    assert "states no measure" in found.meaning
    assert not found.critical, "what the score is was assumed"


def test_selection_inside_the_folds_is_none() -> None:
    frame = wide(2)
    entry = run(frame, "ABL004", model=logged, reference=frame, experiment=honest)
    assert not titles(entry, Status.FAIL)
    assert estimate(entry, "canary_score").value == pytest.approx(0.5, abs=0.06)


def test_honest_experiments_are_rarely_accused() -> None:
    """Over worlds of noise, with and without balance, and for measures that state themselves."""
    accused = 0
    for seed in range(12):
        frame = noise(120, seed)
        if seed % 2:
            frame = frame.with_columns(y=(pl.col("x4") > 1.2).cast(pl.Int64)).with_columns(
                x4=pl.col("x3")
            )
        measure = ("accuracy", "roc_auc", None, "neg_log_loss")[seed % 4]
        name = {None: "accuracy"}.get(measure, measure)

        def experiment(table: pd.DataFrame, name: str | None = name) -> float:
            from sklearn.linear_model import LogisticRegression

            x, y = table[["x1", "x2", "x3", "x4"]], table["y"]
            folds = StratifiedKFold(4, shuffle=True, random_state=0)
            return float(cross_val_score(LogisticRegression(), x, y, cv=folds, scoring=name).mean())

        if measure is not None:
            experiment.measure = measure  # type: ignore[attr-defined]
        entry = run(frame, "ABL004", model=logged, reference=frame, experiment=experiment)
        accused += any("leaks:" in t for t in titles(entry, Status.FAIL))
    assert accused == 0


def test_a_leak_with_a_stated_measure_decides_the_verdict() -> None:
    def stated(frame: pd.DataFrame) -> float:
        return leaking(frame)

    stated.measure = "accuracy"  # type: ignore[attr-defined]
    frame = wide(3)
    entry = run(frame, "ABL004", model=logged, reference=frame, experiment=stated)
    (found,) = [f for f in entry.findings if "The experiment leaks" in f.title]
    assert found.critical
    assert found.status is Status.FAIL


def test_a_score_of_unknown_kind_is_not_guessed() -> None:
    def odd(frame: pd.DataFrame) -> float:
        return 17.0

    frame = noise(100, 4)
    entry = run(frame, "ABL004", model=logged, reference=frame, experiment=odd)
    assert any("its measure is not known" in t for t in titles(entry, Status.UNSURE))


def test_a_fit_that_learns_beats_its_scrambles_and_one_on_noise_does_not() -> None:
    train = copied(800, 5)
    entry = run(copied(800, 6), "ABL004", reference=train, model=logistic(train))
    p = estimate(entry, "scrambling_p")
    assert p.value == pytest.approx(1 / 21)
    assert "The fit learns from its labels." in titles(entry, Status.PASS)
    assert "--experiment" in (entry.reason or "")
    scrambled = estimate(entry, "scrambled")
    assert abs(scrambled.value - 0.5) < 0.15, (
        "a fit on few rows is off chance by luck, not by learning"
    )


def test_on_noise_the_p_values_are_spread_evenly() -> None:
    found = []
    for seed in range(24):
        train = noise(150, 100 + seed)
        entry = run(noise(200, 200 + seed), "ABL004", reference=train, model=logistic(train))
        found.append(estimate(entry, "scrambling_p").value)
    assert 0.3 < np.mean(found) < 0.7
    assert sum(p <= 0.05 for p in found) <= 4


def test_an_experiment_that_breaks_is_a_sentence() -> None:
    def broken(frame: pd.DataFrame) -> float:
        raise KeyError("Miller")

    frame = noise(100, 7)
    entry = run(frame, "ABL004", model=logged, reference=frame, experiment=broken)
    assert entry.status is Status.SKIPPED
    assert "raised KeyError" in (entry.reason or "")
    assert "Miller" not in (entry.reason or "")


def test_without_a_reference_the_experiment_runs_on_the_rows_judged() -> None:
    entry = run(wide(8), "ABL004", model=logged, experiment=leaking)
    assert any("The experiment leaks" in t for t in titles(entry, Status.FAIL))


def logged(frame: pl.DataFrame) -> object:
    return 0.3 + 0.4 * (frame["x1"] > 0).cast(pl.Float64).to_numpy()


def test_an_experiment_that_does_not_end_is_left_and_told() -> None:
    freed = threading.Event()

    def endless(frame: pd.DataFrame) -> float:
        freed.wait(30)
        return 0.5

    frame = noise(100, 4)
    entry = run(frame, "ABL004", model=logged, reference=frame, experiment=endless, budget="5s")
    freed.set()
    said = " ".join([entry.reason or "", *(f.meaning for f in entry.findings)])
    assert "The experiment did not end within 0.4 s" in said
