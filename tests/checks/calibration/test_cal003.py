"""CAL003: slope and intercept are those that were planted; both directions are named rightly."""

from __future__ import annotations

import pytest

from plimsoll.core.finding import Status
from worlds.judging import judge
from worlds.planted import stated

SURE = "The model is too sure of itself."
SHY = "The model is not sure enough."
MORE = "The positive class occurs more often than the model says."
LESS = "The positive class occurs less often than the model says."


@pytest.mark.parametrize(
    ("fault", "titles"),
    [
        ({"sure": 2.0}, [SURE]),
        ({"sure": 0.5}, [SHY]),
        ({"shift": -1.0}, [MORE]),
        ({"shift": 1.0}, [LESS]),
        ({}, []),
    ],
    ids=str,
)
def test_the_planted_fault_is_named(fault: dict[str, float], titles: list[str]) -> None:
    judged = judge(stated(5000, 1, **fault), "CAL003", target="y", score="p")
    assert judged.titles("CAL003", Status.FAIL) == titles
    slope = judged.estimate("calibration_slope")
    assert slope.low <= 1 / fault.get("sure", 1.0) <= slope.high
    if "sure" not in fault:
        intercept = judged.estimate("calibration_intercept")
        assert intercept.low <= -fault.get("shift", 0.0) <= intercept.high


@pytest.mark.parametrize("sure", [3.0, 0.33])
def test_spiegelhalter_sees_both_sides(sure: float) -> None:
    judged = judge(stated(3000, 2, sure=sure), "CAL003", target="y", score="p")
    assert judged.estimate("spiegelhalter_p").value < 1e-3


def test_spiegelhalter_leaves_a_true_model_alone() -> None:
    values = [
        judge(stated(500, s), "CAL003", target="y", score="p").estimate("spiegelhalter_p").value
        for s in range(20)
    ]
    assert sum(v < 0.05 for v in values) <= 4
    assert 0.2 < sum(values) / 20 < 0.8


def test_a_slope_that_labels_do_not_determine_is_said_not_guessed() -> None:
    frame = stated(60, 3)
    frame = frame.with_columns(y=(frame["p"] > 0.5).cast(int))
    judged = judge(frame, "CAL003", target="y", score="p")
    assert not judged.has("calibration_slope")
    unknown = {row[0] for row in judged["CAL003"].tables[0].rows}
    assert "calibration_slope" in unknown


def test_a_fault_too_small_to_matter_raises_nothing() -> None:
    judged = judge(stated(5000, 4, sure=1.05), "CAL003", target="y", score="p")
    assert judged["CAL003"].status is Status.PASS
