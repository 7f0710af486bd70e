"""From settings to a job: which checks, which tables, which models; what does not fit is said."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from plimsoll.api import with_flags
from plimsoll.checks import discover
from plimsoll.core.errors import PlimsollError, SettingsError
from plimsoll.core.model import Output
from plimsoll.core.settings import Settings
from plimsoll.engine.assemble import Given, assemble, choose
from plimsoll.engine.job import Job
from worlds.models import Made
from worlds.planted import stated
from worlds.tables import regression

WORLD = stated(60, 1)


def codes(**flags: Any) -> list[str]:
    return [c.CARD.code for c in choose(discover(), with_flags(Settings(), flags))]


def assembled(given: Given | None = None, **flags: Any) -> Job:
    settings = with_flags(Settings(), {"target": "y", **flags})
    return assemble(settings, discover(), (), given or Given(WORLD))


# Which checks


def test_suites_grow() -> None:
    quick, standard, full = (set(codes(suite=s)) for s in ("quick", "standard", "full"))
    assert quick < standard <= full
    assert "BAS002" not in quick
    assert full == {c.CARD.code for c in discover()}


def test_only_and_skip_take_codes_in_any_case_and_only_wins_over_the_suite() -> None:
    assert codes(only=["prf001", "BAS002"], suite="quick") == ["PRF001", "BAS002"]
    assert "PRF001" not in codes(skip=["Prf001"])


def test_no_check_at_all_is_no_pass() -> None:
    with pytest.raises(SettingsError, match="leave none"):
        codes(only=["PRF001"], skip=["PRF001"])


@pytest.mark.parametrize("flag", ["only", "skip"])
def test_an_unknown_code_is_answered_with_the_nearest(flag: str) -> None:
    with pytest.raises(SettingsError, match=r"no check 'PRF01'.*Did you mean 'PRF00"):
        codes(**{flag: ["PRF01"]})


# Which tables and models


def test_the_threads_are_those_of_the_machine_unless_said() -> None:
    assert assembled(score="p").jobs >= 1
    assert assembled(score="p", jobs=3).jobs == 3


def test_a_challenger_is_judged_and_the_model_becomes_the_champion() -> None:
    frame = WORLD.with_columns(old=pl.col("p") * 0.5)
    job = assembled(Given(frame, model="old", challenger="p"))
    assert job.subject.roles.scores == (("1", "p"),)
    assert [r.name for r in job.subject.rivals] == ["champion"]
    assert job.subject.roles.features == ("x", "true"), "neither answer is an input"


def test_three_models_are_one_too_many() -> None:
    with pytest.raises(SettingsError, match="where two are compared"):
        assembled(Given(WORLD, model="p", champion="true", challenger="x"))


def test_a_champion_of_another_kind_is_refused() -> None:
    numbers = Made(Output.VALUE, lambda f: f["x"].to_numpy(), (), ("x",))
    with pytest.raises(SettingsError, match="same kind of question"):
        assembled(Given(WORLD, champion=numbers), score="p")
    classes = Made(Output.LABEL, lambda f: f["x"].to_numpy(), ("0", "1"), ("x",))
    with pytest.raises(SettingsError, match="same kind of question"):
        assembled(Given(regression(40), champion=classes), prediction="yhat")


def test_a_column_of_decisions_is_a_model_too() -> None:
    frame = WORLD.with_columns(d=(pl.col("p") > 0.5).cast(pl.Int8))
    job = assembled(Given(frame, model="d"))
    assert job.subject.roles.prediction == "d"
    assert not job.subject.has_scores


def test_what_the_reference_can_say_is_known() -> None:
    whole = assembled(Given(WORLD, WORLD), score="p").subject
    assert (whole.has_reference, whole.reference_labelled, whole.reference_answered) == (True,) * 3
    silent = assembled(Given(WORLD, WORLD.drop("p")), score="p").subject
    assert (silent.reference_labelled, silent.reference_answered) == (True, False)
    blind = assembled(Given(WORLD, WORLD.drop("y")), score="p").subject
    assert (blind.reference_labelled, blind.reference_answered) == (False, False)
    model = Made(Output.PROBABILITY, lambda f: f.to_numpy(), ("0", "1"), ("x",))
    asked = assembled(Given(WORLD, WORLD.drop("p"), model)).subject
    assert asked.reference_answered
    lacking = assembled(Given(WORLD, WORLD.drop("x"), model)).subject
    assert not lacking.reference_answered


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"engine": "ray"}, "leave --engine at local"),
        ({"cost_false_positive": 1.0}, "Costs come in pairs"),
        ({"cost_false_negative": 1.0}, "Costs come in pairs"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_said(flags: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        assembled(score="p", **flags)


def test_no_data_is_asked_for() -> None:
    with pytest.raises(SettingsError, match="--data PATH"):
        assembled(Given(), score="p")


def test_tables_that_are_joined_need_an_id() -> None:
    with pytest.raises(SettingsError, match="--id COLUMN"):
        assembled(score="p", labels="labels.csv")


def test_a_table_that_is_no_table_is_refused() -> None:
    with pytest.raises(PlimsollError, match="data frame"):
        assembled(Given(3.5), score="p")
