"""CAL005: several classes, top label and class by class."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from plimsoll.core.finding import Status
from worlds.judging import judge
from worlds.planted import stated
from worlds.tables import multiclass

COLUMNS = ["p_cat", "p_dog", "p_emu"]


def tempered(frame: pl.DataFrame, sure: float) -> pl.DataFrame:
    """Return the same world with its scores sharpened (above 1) or flattened."""
    raised = frame.select(COLUMNS).to_numpy() ** sure
    p = raised / raised.sum(axis=1, keepdims=True)
    return frame.with_columns(**{c: pl.Series(p[:, i]) for i, c in enumerate(COLUMNS)})


@pytest.mark.parametrize("sure", [3.0, 0.3])
def test_scores_that_do_not_hold_are_found_for_both(sure: float) -> None:
    judged = judge(tempered(multiclass(2500, 1), sure), "CAL005", target="y", score=COLUMNS)
    assert len(judged.titles("CAL005", Status.FAIL)) == 2
    for kind in ("top-label", "classwise"):
        assert judged.estimate("ece", variant=kind).low > 0


def test_true_probabilities_pass() -> None:
    judged = judge(multiclass(2500, 2), "CAL005", target="y", score=COLUMNS)
    assert judged["CAL005"].status is Status.PASS


def test_the_errors_are_those_of_fifteen_equal_bins() -> None:
    frame = tempered(multiclass(700, 3), 1.7)
    judged = judge(frame, "CAL005", target="y", score=COLUMNS)
    p = frame.select(COLUMNS).to_numpy()
    one_hot = frame["y"].to_numpy()[:, None] == np.array(["cat", "dog", "emu"])

    def ece(score: np.ndarray, hit: np.ndarray) -> float:
        place = np.clip(np.ceil(score * 15).astype(int) - 1, 0, 14)
        return float(sum(abs((hit - score)[place == b].sum()) for b in range(15)) / score.size)

    each = [ece(p[:, i], one_hot[:, i]) for i in range(3)]
    for label, value in zip(("cat", "dog", "emu"), each, strict=True):
        assert judged.estimate("ece", label=label).value == pytest.approx(value, abs=1e-9)
    assert judged.estimate("ece", variant="classwise").value == pytest.approx(
        np.mean(each), abs=1e-9
    )
    top = ece(p.max(axis=1), one_hot[np.arange(700), p.argmax(axis=1)])
    assert judged.estimate("ece", variant="top-label").value == pytest.approx(top, abs=1e-9)


def test_a_binary_task_is_left_to_the_others() -> None:
    assert (
        judge(stated(60), "CAL005", target="y", score="p")["CAL005"].status is Status.NOT_APPLICABLE
    )
