"""The nouns keep their word: no number without its interval, no status that is not one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plimsoll.core.check import Options
from plimsoll.core.errors import (
    CheckError,
    DataError,
    MissingExtraError,
    PlimsollError,
    SettingsError,
    UsageError,
    did_you_mean,
    nearest,
)
from plimsoll.core.estimate import EVERYWHERE, Estimate, Where
from plimsoll.core.finding import Judgement, Status, not_applicable, not_given, worst

ESTIMATE = Estimate("made", 0.5, 0.4, 0.6, 0.95, 10, "none")


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("field", ["value", "low", "high"])
def test_an_estimate_is_finite(field: str, bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        replace(ESTIMATE, **{field: bad})  # type: ignore[arg-type]


def test_an_interval_is_the_right_way_round() -> None:
    with pytest.raises(ValueError, match="above high"):
        replace(ESTIMATE, low=0.7)


def test_an_estimate_can_be_said_of_another_place() -> None:
    moved = ESTIMATE.at(Where(label="emu")).named("other")
    assert (moved.name, moved.where.label, moved.value) == ("other", "emu", 0.5)
    assert ESTIMATE.half_width == pytest.approx(0.1)


@pytest.mark.parametrize(
    "where",
    [
        EVERYWHERE,
        Where(slice=(("sex", "F"), ("age", "30 to 40"))),
        Where(label="emu", metric="roc_auc", model="champion"),
        Where(stress="missing", severity=0.2, variant="reference", window=("a", "b"), column="c"),
    ],
    ids=str,
)
def test_a_place_survives_the_record(where: Where) -> None:
    assert Where.from_json(where.to_json()) == where
    assert Where.from_json({**where.to_json(), "unknown": 1}) == where
    assert all(value not in (None, (), {}) for value in where.to_json().values())


def test_a_class_is_called_class_in_a_record() -> None:
    assert Where(label="emu").to_json() == {"class": "emu"}
    assert "emu" in str(Where(label="emu"))


def test_the_worst_status_wins() -> None:
    order = [Status.ERROR, Status.FAIL, Status.UNSURE, Status.PASS]
    for i, status in enumerate(order):
        assert worst(order[i:]) is status
    assert worst([]) is Status.PASS
    assert worst([Status.PASS, Status.SKIPPED]) is Status.PASS


def test_a_judgement_without_findings_passes() -> None:
    assert Judgement().overall is Status.PASS
    assert not_applicable("why").overall is Status.NOT_APPLICABLE
    assert not_given("what").overall is Status.SKIPPED
    assert not_given("what").reason == "what"


def test_a_generator_follows_from_seed_and_code_alone() -> None:
    one, two = (Options(seed=3).rng("CAL001").random() for _ in range(2))
    assert one == two
    assert Options(seed=4).rng("CAL001").random() != one
    assert Options(seed=3).rng("CAL002").random() != one


@pytest.mark.parametrize(
    ("name", "known", "found"),
    [
        ("tagret", ["target", "score"], "target"),
        ("INCOME", ["income"], "income"),
        ("xyz", ["target"], None),
        ("x", [], None),
    ],
)
def test_the_nearest_name_is_offered(name: str, known: list[str], found: str | None) -> None:
    assert nearest(name, known) == found
    assert did_you_mean(name, known) == (f" Did you mean '{found}'?" if found else "")


def test_every_error_has_the_exit_code_of_the_contract() -> None:
    for kind in (UsageError, SettingsError, DataError):
        assert kind("x").exit_code == 2
    assert CheckError("x").exit_code == 4
    assert not issubclass(CheckError, UsageError)
    assert issubclass(CheckError, PlimsollError)
    assert "pip install 'plimsoll[onnx]'" in str(MissingExtraError("ONNX", "onnx"))
