"""CAL004: recalibration wins where there is something to win, on rows that its fit did not see."""

from __future__ import annotations

import polars as pl
import pytest

from plimsoll.core.finding import Status
from worlds.judging import judge
from worlds.planted import stated

TITLE = "Recalibration would make the probabilities better."


@pytest.mark.parametrize(
    ("fault", "method"),
    [({"sure": 2.5}, "temperature"), ({"shift": 1.0}, "platt"), ({"sure": 0.4}, "beta")],
    ids=str,
)
def test_the_map_that_undoes_the_fault_wins(fault: dict[str, float], method: str) -> None:
    frame = stated(4000, 1, **fault)
    judged = judge(frame, "CAL004", target="y", score="p")
    assert judged.titles("CAL004", Status.FAIL) == [TITLE]
    gain = judged.estimate("recalibration_gain", metric="brier_score", variant=method)
    best = float(
        ((frame["p"] - frame["y"]) ** 2).mean() - ((frame["true"] - frame["y"]) ** 2).mean()
    )
    assert gain.value == pytest.approx(best, abs=0.004)
    assert gain.low > 0


def test_there_is_nothing_to_win_for_a_true_model() -> None:
    judged = judge(stated(3000, 2), "CAL004", target="y", score="p")
    assert judged["CAL004"].status is Status.PASS
    for gain in judged["CAL004"].estimates:
        assert gain.value < 0.003


def test_isotonic_recalibration_of_few_rows_does_not_win() -> None:
    gains = [
        judge(stated(120, s), "CAL004", target="y", score="p")
        .estimate("recalibration_gain", metric="brier_score", variant="isotonic")
        .value
        for s in range(8)
    ]
    assert sum(gains) / len(gains) < 0


@pytest.mark.parametrize("digits", [1, 2])
def test_rounded_scores_without_an_id_are_dealt_to_folds_row_by_row(digits: int) -> None:
    frame = stated(4000, 3, sure=2.5).select("y", pl.col("p").round(digits)).with_row_index("id")
    where = {"metric": "brier_score", "variant": "isotonic"}
    with_id = judge(frame, "CAL004", target="y", score="p", id="id")
    without = judge(frame.drop("id"), "CAL004", target="y", score="p")
    expected = with_id.estimate("recalibration_gain", **where).value
    assert expected > 0.01
    found = without.estimate("recalibration_gain", **where).value
    assert found == pytest.approx(expected, abs=0.003), (
        "equal rows are different rows: all in one fold, the fit never sees their label"
    )


def test_too_few_rows_are_said_to_be_too_few() -> None:
    entry = judge(stated(6, 4), "CAL004", target="y", score="p")["CAL004"]
    assert entry.status is Status.NOT_APPLICABLE
    assert "at least" in (entry.reason or "")
