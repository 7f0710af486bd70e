"""STR005: several stresses in the same rows, held to the same stresses put there by hand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

import plimsoll
from plimsoll.core.finding import Status
from worlds.asked import MU, gaussian_rows

FRAME, Y = gaussian_rows(4000, 1)
DATA = FRAME.with_columns(y=pl.Series(Y.astype(int)))


def model(frame: pl.DataFrame) -> np.ndarray:
    x = frame.select(pl.col("a", "b").cast(pl.Float64).fill_null(0.0)).to_numpy()
    return 1 / (1 + np.exp(-np.clip(2 * (x @ MU), -500, 500)))


def run(contexts, made=model, **more):
    settings = {"contexts": contexts}
    return plimsoll.evaluate(
        DATA, model=made, target="y", only=["STR005"], settings=settings, **more
    )


def estimate(record, name: str, context: str):
    (found,) = (
        e for _, e in record.all_estimates() if e.name == name and e.where.variant == context
    )
    return found


def test_all_stresses_of_a_context_are_in_the_rows_at_once() -> None:
    record = run({"field": {"missing:a": 1.0, "missing:b": 1.0}, "half": {"missing:a": 0.5}})
    nothing_left = estimate(record, "roc_auc", "field")
    assert nothing_left.value == pytest.approx(0.5)
    rng, aucs = np.random.default_rng(0), []
    for _ in range(20):
        gone = FRAME.with_columns(a=pl.when(pl.Series(rng.random(4000) < 0.5)).then(pl.col("a")))
        aucs.append(roc_auc_score(Y, model(gone)))
    half = estimate(record, "roc_auc", "half")
    assert half.value == pytest.approx(np.mean(aucs), abs=4 * np.std(aucs))
    clean = roc_auc_score(Y, model(FRAME))
    gap = estimate(record, "difference", "half")
    assert gap.value == pytest.approx(half.value - clean, abs=1e-9)
    assert gap.high < 0


def test_a_context_that_breaks_a_limit_of_the_policy_fails_the_run() -> None:
    limit = {"roc_auc": {"min": 0.8}}
    broken = run({"field": {"missing:a": 1.0}, "calm": {"missing:b": 0.01}}, policy=limit)
    (told,) = broken.checks[0].findings
    assert told.status is Status.FAIL
    assert "in the context field" in told.title
    assert broken.exit_code() == 1
    assert [
        f.title for f in run({"calm": {"missing:b": 0.01}}, policy=limit).checks[0].findings
    ] == []


def test_a_context_with_which_the_model_does_not_run_is_told() -> None:
    def strict(frame: pl.DataFrame) -> np.ndarray:
        if frame["a"].null_count():
            raise ValueError("a must not be missing")
        return model(frame)

    (told,) = run({"field": {"missing:a": 0.2}}, strict).checks[0].findings
    assert told.status is Status.FAIL
    assert "gave no answer in the context field" in told.title
