"""STR006: nothing changes where nothing was changed, and nothing is left where all was."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import plimsoll
from plimsoll.core.finding import Status
from worlds.asked import MU, gaussian_rows

FRAME, Y = gaussian_rows(3000, 1)
DATA = FRAME.with_columns(y=pl.Series(Y.astype(int)))


def model(frame: pl.DataFrame) -> np.ndarray:
    return 1 / (1 + np.exp(-2 * (frame.select("a", "b").to_numpy() @ MU)))


def run(made=model):
    record = plimsoll.evaluate(
        DATA, model=made, target="y", suite="stress", only=["STR006"], kinds=["missing:a"]
    )
    return record.checks[0]


def test_a_still_model_passes_and_falls_to_chance_when_all_is_destroyed() -> None:
    entry = run()
    assert [f.status for f in entry.findings] == [Status.PASS]
    changed = [e for e in entry.estimates if e.name == "changed_answers"]
    assert {e.where.variant for e in changed} == {"again", "order", "batch"}
    assert all(e.value == 0 and 0 < e.high < 0.01 for e in changed)
    (left,) = (e for e in entry.estimates if e.name == "roc_auc")
    assert left.low <= 0.5 <= left.high


def test_a_restless_model_is_told_with_how_many_answers_change() -> None:
    rng = np.random.default_rng(0)

    def restless(frame: pl.DataFrame) -> np.ndarray:
        moved = model(frame)
        return np.where(rng.random(frame.height) < 0.25, 1 - moved, moved)

    entry = run(restless)
    assert "The model changes its answers by itself." in [f.title for f in entry.findings]
    (again,) = (e for e in entry.estimates if e.where.variant == "again")
    # One of both calls swaps a row, and not the other: 2 * 0.25 * 0.75.
    assert again.low <= 0.375 <= again.high


@pytest.mark.parametrize(
    ("title", "made"),
    [
        (
            "Answers depend on which rows are asked together.",
            lambda f: 1 / (1 + np.exp(-(f["a"].to_numpy() - f["a"].mean()))),
        ),
        (
            "Answers depend on the order of the rows.",
            lambda f: 1 / (1 + np.exp(-f["a"].to_numpy() - (np.arange(f.height) % 2))),
        ),
    ],
)
def test_a_model_that_looks_past_its_row_is_told(title: str, made) -> None:
    entry = run(made)
    assert title in [f.title for f in entry.findings if f.status is Status.FAIL]
