"""The owner's limits are read as they are meant, and what cannot be meant is refused in a sentence."""

from __future__ import annotations

from typing import Any

import pytest

from plimsoll.api import cards
from plimsoll.core.errors import SettingsError
from plimsoll.core.limit import Limit
from plimsoll.policy.limits import FOREIGN_AREAS, RIVALS, parse_policy

CARDS = cards()


def parsed(**policy: Any) -> tuple[Limit, ...]:
    return parse_policy(policy, CARDS)


def test_the_policy_of_the_contract_is_read() -> None:
    limits = parse_policy(
        {
            "roc_auc": {"min": 0.75},
            "log_loss": {"max": 0.40},
            "calibration.mcb": {"max": 0.01},
            "slices.recall": {"max_drop": 0.10, "by": ["region"]},
            "fairness.selection_rate_ratio": {"min": 0.8},
            "robustness.missing": {"load_line_min": 0.10},
            "baseline": {"non_inferior_to": "champion", "metric": "roc_auc", "margin": 0.01},
        },
        CARDS,
    )
    assert [limit.name for limit in limits] == [
        "roc_auc.min",
        "log_loss.max",
        "calibration.mcb.max",
        "slices.recall.max_drop",
        "fairness.selection_rate_ratio.min",
        "robustness.missing.load_line_min",
        "baseline.roc_auc.non_inferior_to",
    ]
    assert limits[3].by == ("region",)
    assert (limits[6].rival, limits[6].measure, limits[6].bound) == ("champion", "roc_auc", 0.01)


def test_an_area_is_the_same_measure_by_its_full_name() -> None:
    (bare,) = parsed(mcb={"max": 0.01})
    (full,) = parsed(**{"calibration.mcb": {"max": 0.01}})
    assert (bare.area, full.area) == ("", "calibration")
    assert bare.measure == full.measure == "mcb"


def test_two_bounds_and_lists_make_several_limits() -> None:
    assert [x.kind for x in parsed(selection_rate={"min": 0.1, "max": 0.3})] == ["min", "max"]
    several = parsed(recall=[{"min": 0.8}, {"min": 0.5, "class": "emu"}])
    assert [x.label for x in several] == [None, "emu"]


@pytest.mark.parametrize(
    ("label", "text"), [("emu", "emu"), (3, "3"), (1.0, "1"), (True, "true"), ("Yes", "Yes")]
)
def test_a_class_is_spelled_as_labels_are(label: Any, text: str) -> None:
    assert parsed(recall={"min": 0.5, "class": label})[0].label == text


@pytest.mark.parametrize("by", ["region", ["region"], ("region",)])
def test_columns_of_slices_are_one_or_several(by: Any) -> None:
    assert parsed(**{"slices.recall": {"max_drop": 0.1, "by": by}})[0].by == ("region",)


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ({"roc_aux": {"min": 0.7}}, "'roc_aux', which no check has. Did you mean 'roc_auc'?"),
        ({"calibraton.mcb": {"max": 0.1}}, "Did you mean 'calibration.mcb'?"),
        ({"nothing like it at all": {"min": 1}}, "'plimsoll list' shows"),
        ({"roc_auc": 0.7}, "must be a table such as { min = 0.75 }; got 0.7"),
        ({"roc_auc": []}, "must be a table"),
        ({"roc_auc": [0.7]}, "must be a table"),
        ({"roc_auc": {}}, "sets no bound"),
        ({"roc_auc": {"by": "x"}}, "sets no bound"),
        ({"roc_auc": {"mim": 0.7}}, "unknown key 'mim'"),
        ({"roc_auc": {"mim": 0.7}}, "Did you mean 'min'?"),
        ({"roc_auc": {"min": "0.7"}}, "a finite number for min; got '0.7'"),
        ({"roc_auc": {"min": True}}, "finite number"),
        ({"roc_auc": {"min": float("nan")}}, "finite number"),
        ({"roc_auc": {"min": float("inf")}}, "finite number"),
        ({"roc_auc": {"min": None}}, "finite number"),
        ({"roc_auc": {"min": 75}}, "cannot reach: it lies between 0 and 1"),
        ({"recall": {"max": -0.1}}, "cannot reach"),
        ({"matthews_corrcoef": {"min": -2}}, "between -1 and 1"),
        ({"log_loss": {"max": -1}}, "between 0 and infinity"),
        ({"recall": {"max_drop": -0.1}}, "max_drop of 0 or more"),
        ({"selection_rate": {"min": 0.4, "max": 0.2}}, "min = 0.4 above max = 0.2"),
        ({"slices.recall": {"max_drop": 0.1, "by": 5}}, "column names for by; got 5"),
        ({"slices.recall": {"max_drop": 0.1, "by": [1]}}, "column names for by"),
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_refused(policy: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError) as error:
        parse_policy(policy, CARDS)
    assert words in str(error.value)
    assert str(error.value).count(".") <= 12, "a sentence or two"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            {"non_inferior_to": "champoin", "metric": "recall", "margin": 0.1},
            "Did you mean 'champion'?",
        ),
        ({"non_inferior_to": "champion", "margin": 0.1}, "needs a metric and a margin"),
        ({"non_inferior_to": "champion", "metric": "recall"}, "needs a metric and a margin"),
        (
            {"non_inferior_to": "champion", "metric": "recal", "margin": 0.1},
            "Did you mean 'recall'?",
        ),
        (
            {"non_inferior_to": "champion", "metric": "recall", "margin": -0.1},
            "margin of 0 or more",
        ),
        (
            {"non_inferior_to": "champion", "metric": "recall", "margin": "x"},
            "finite number for margin",
        ),
        (
            {"non_inferior_to": "champion", "metric": "recall", "margin": 0.1, "mn": 1},
            "unknown key 'mn'",
        ),
        (
            {"non_inferior_to": "champion", "metric": "selection_rate", "margin": 0.1},
            "no better and worse",
        ),
        (
            {"non_inferior_to": "champion", "metric": "slices.recall", "margin": 0.1},
            "no better and worse",
        ),
    ],
    ids=str,
)
def test_a_margin_that_cannot_be_meant_is_refused(body: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError) as error:
        parsed(baseline=body)
    assert words in str(error.value)


def test_every_rival_that_is_offered_is_read() -> None:
    for rival in RIVALS:
        (limit,) = parsed(b={"non_inferior_to": rival, "metric": "roc_auc", "margin": 0})
        assert limit.rival == rival


def test_every_measure_of_every_check_can_be_limited() -> None:
    for card in CARDS:
        for measure in card.measures:
            bound = next(x for x in (measure.aim, measure.low, measure.high, 1.0) if x is not None)
            (limit,) = parsed(**{f"{card.area}.{measure.name}": {"max": bound}})
            assert limit.area == card.area


@pytest.mark.parametrize("area", FOREIGN_AREAS)
def test_an_area_without_a_check_may_stand_in_a_file(area: str) -> None:
    others = [card for card in CARDS if card.area != area]
    bound = "load_line_min" if area == "robustness" else "min"
    (limit,) = parse_policy({f"{area}.anything": {bound: 0.1}}, others)
    assert (limit.area, limit.measure) == (area, "anything")
