"""A gate inside a test suite: `python guide_data.py && pytest test_model.py --plimsoll-html reports`."""

from __future__ import annotations

from typing import Any

TUMOURS = {"target": "malignant", "id": "id"}


def test_the_model_is_good_enough(plimsoll: Any) -> None:
    record = plimsoll.check(
        "tumours.csv",
        score="p",
        ignore=["p_older"],
        policy={"roc_auc": {"min": 0.95}, "recall": {"min": 0.85}},
        name="tumours",
        **TUMOURS,
    )
    record.assert_passes()


def test_the_challenger_may_replace_the_champion(plimsoll: Any) -> None:
    record = plimsoll.compare(
        "p_older",
        "p",
        "tumours.csv",
        policy={"ranking": {"non_inferior_to": "champion", "metric": "roc_auc", "margin": 0.01}},
        **TUMOURS,
    )
    record.assert_passes()
