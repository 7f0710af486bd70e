"""The published answers come out here, and one that does not is told, not hidden."""

from __future__ import annotations

import json

import pytest

import plimsoll.selfcheck as room
from plimsoll.cli.app import run
from plimsoll.selfcheck import Case, cases, recompute


@pytest.fixture(scope="module")
def outcomes():
    return recompute()


def test_every_published_answer_is_found_again(outcomes):
    assert [outcome for outcome in outcomes if not outcome.agrees] == []


def test_every_kind_of_answer_is_there():
    names = [case.name for case in cases()]
    assert len(set(names)) == len(names)
    for kind in ("paired DeLong", "CORP", "Wilson", "Newcombe", "alarm at", "looks", "Koopman",
                 "Benjamini-Hochberg", "Local Law 144", "baseball", "four fifths", "binary:",
                 "multiclass:", "regression:"):  # fmt: skip
        assert any(kind in name for name in names), kind
    assert all(case.source for case in cases())


def test_texts_show_the_digits_that_were_printed():
    agrees = Case("x", "s", 0.2553, 0.5e-4, lambda: 0.25534).run()
    assert (agrees.agrees, agrees.expected_text, agrees.got_text) == (True, "0.2553", "0.2553")
    differs = Case("x", "s", 0.2553, 0.5e-4, lambda: 0.25536).run()
    assert (differs.agrees, differs.got_text) == (False, "0.2553600")
    whole = Case("x", "s", 27, 0, lambda: 28).run()
    assert (whole.agrees, whole.expected_text, whole.got_text) == (False, "27", "28.000")


def planted(monkeypatch: pytest.MonkeyPatch, compute) -> None:
    wrong = Case("planted", "nowhere", 1.0, 1e-9, compute)
    right = Case("true", "arithmetic", 4.0, 0, lambda: 2 + 2)
    monkeypatch.setattr(room, "cases", lambda: [wrong, right])


def broken() -> float:
    raise OverflowError("too large")


@pytest.mark.parametrize("compute", [lambda: 1.1, lambda: float("nan"), broken])
def test_one_that_differs_ends_in_4(monkeypatch, capsys, compute):
    planted(monkeypatch, compute)
    assert run(["selfcheck"]) == 4
    said = capsys.readouterr().out
    assert "1 of 2 answers do not agree" in said
    assert run(["selfcheck", "--json"]) == 4
    first, second = json.loads(capsys.readouterr().out)
    assert (first["agrees"], second["agrees"]) == (False, True)


def test_all_that_agree_end_in_0(capsys):
    assert run(["selfcheck"]) == 0
    said = capsys.readouterr().out
    assert "answers agree with their sources" in said
    assert "doi:10.1073/pnas.2016191118" in said
