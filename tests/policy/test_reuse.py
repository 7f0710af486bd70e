"""The ledger counts different questions to one test set, and says what they leave of the claim."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from plimsoll.core.errors import RecordError, SettingsError
from plimsoll.core.limit import Limit
from plimsoll.core.record import DataFacts, ModelFacts, SubjectFacts, Verdict
from plimsoll.policy.reuse import consult_ledger, reuse_sentence

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LIMITS = (Limit("roc_auc", "min", 0.7),)


def asked(
    path: Path,
    model: str | None = "m1",
    data: str | None = "d1",
    name: str = "credit",
    limits: tuple[Limit, ...] = LIMITS,
) -> str:
    subject = SubjectFacts(name, "binary", ModelFacts("made", model), DataFacts(100, data))
    return consult_ledger(path, subject, limits, Verdict.PASS, level=0.95, version="0.1.0", now=NOW)


def test_the_first_look_costs_nothing(tmp_path: Path) -> None:
    assert "for the first time" in asked(tmp_path / "ledger")


def test_the_same_question_again_is_the_same_question(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    asked(ledger)
    assert "for the first time" in asked(ledger)


def test_another_model_or_another_limit_is_another_look(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    asked(ledger)
    assert "2 times" in asked(ledger, "m2")
    assert "3 times" in asked(ledger, "m2", limits=(Limit("roc_auc", "min", 0.65),))
    assert "3 times" in asked(ledger, "m1"), "this one was asked before"


def test_other_data_and_other_model_lines_are_not_counted(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    asked(ledger)
    assert "for the first time" in asked(ledger, data="d2")
    assert "for the first time" in asked(ledger, name="churn")


def test_data_without_a_fingerprint_cannot_be_known_again(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"have none"):
        asked(tmp_path / "ledger", data=None)
    assert not (tmp_path / "ledger").exists()


def test_a_claim_loses_with_every_look() -> None:
    said = [reuse_sentence(looks, 0.95) for looks in (2, 5, 50)]
    assert all("95 %" in s for s in said)
    assert len(set(said)) == 3
    assert "fresh rows" in said[-1]


def test_a_ledger_that_was_edited_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    for model in ("m1", "m2", "m3"):
        asked(ledger, model)
    lines = ledger.read_text().splitlines(keepends=True)
    ledger.write_text(lines[0] + lines[2])
    with pytest.raises(RecordError, match="does not follow"):
        asked(ledger, "m4")
    assert ledger.read_text() == lines[0] + lines[2]
