"""Rows whose target is not known yet are compared with the reference, and never judged."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from plimsoll.core.errors import DataError
from plimsoll.core.finding import Status
from worlds.judging import judge
from worlds.planted import stated


def test_only_what_needs_no_labels_is_asked() -> None:
    judged = judge(stated(500, 1).drop("y"), reference=stated(500, 2), target="y", score="p")
    assert not judged.subject.labelled
    assert judged.scan.rows_used == 0
    for code, entry in judged.entries.items():
        if entry.card.labels:
            assert entry.status is Status.SKIPPED, code
            assert "not known" in (entry.reason or "")
        else:
            assert entry.status is not Status.ERROR, (code, entry.reason)
    assert judged["DRF004"].status is Status.PASS


def test_without_a_reference_that_has_the_target_it_is_a_missing_column() -> None:
    frame = stated(50, 1)
    with pytest.raises(DataError, match="'y', which the data does not have"):
        judge(frame.drop("y"), target="y", score="p")
    with pytest.raises(DataError, match="'y', which the data does not have"):
        judge(frame.drop("y"), reference=frame.drop("y"), target="y", score="p")


def test_what_is_expected_of_rows_without_labels_is_about_what_comes() -> None:
    """The mix of inputs shifts and the relation stays: the scores know."""
    then, now = stated(4000, 1), stated(4000, 2, base=1.0)
    blind = judge(now.drop("y"), "DRF004", reference=then, target="y", score="p")
    expected = blind.estimate("accuracy", "DRF004", variant="expected from scores")
    realised = float(((now["p"] >= 0.5) == (now["y"] == 1)).mean())
    assert expected.low <= realised <= expected.high
    assert expected.high - expected.low < 0.08


def test_rows_without_a_label_among_others_are_answered_but_not_judged() -> None:
    frame = stated(400, 3).with_columns(
        y=pl.when(pl.col("x") > 1).then(None).otherwise(pl.col("y"))
    )
    judged = judge(frame, reference=stated(400, 4), target="y", score="p")
    labelled = int(frame["y"].is_not_null().sum())
    assert judged.scan.rows_used == labelled < 400
    assert judged.estimate("accuracy", "PRF001").n == labelled
    assert judged.estimate("accuracy", "DRF004", variant="expected from scores").n == 400


def test_a_model_is_asked_once_whatever_must_be_learnt_first() -> None:
    asked: list[int] = []

    def model(frame: pl.DataFrame) -> np.ndarray:
        asked.append(frame.height)
        return np.clip(frame["x"].to_numpy() / 6 + 0.5, 0, 1)

    frame = stated(300, 5).select("x", "y")
    judge(frame, "SLC001", "PRF001", model=model, target="y", slice_by=["x"])
    assert sum(n for n in asked if n == 300) == 300
