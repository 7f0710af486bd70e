"""The ledger remembers every use, survives a torn line, and shows edits."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plimsoll.core.errors import OutputError, RecordError
from plimsoll.records.ledger import START, Ledger, LedgerEntry


def entry(number: int = 0, data: str = "d1", subject: str = "credit") -> LedgerEntry:
    return LedgerEntry(
        time=f"2026-11-23T03:00:{number:02d}Z",
        subject=subject,
        data_sha256=data,
        model_sha256=None if number % 2 else "m",
        plimsoll="0.1.0",
        verdict="pass",
        limits_sha256="l",
    )


def filled(path: Path, number: int = 4) -> Ledger:
    ledger = Ledger(path)
    for i in range(number):
        ledger.append(entry(i))
    return ledger


def test_uses_are_those_of_this_data_and_subject(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    assert ledger.uses("d1", "credit") == []
    for i, (data, subject) in enumerate([("d1", "credit"), ("d2", "credit"), ("d1", "other")]):
        ledger.append(entry(i, data, subject))
    ledger.append(entry(9))
    assert ledger.uses("d1", "credit") == [entry(0), entry(9)]
    assert Ledger(tmp_path / "ledger.jsonl").uses("d2", "credit") == [entry(1, "d2")]
    assert ledger.verify() == ()


def test_lines_are_plain_json_and_chained(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    filled(path)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines[0]["previous"] == START
    assert {key: lines[2][key] for key in asdict(entry())} == asdict(entry(2))
    assert len({line["previous"] for line in lines}) == 4


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_torn_last_line_is_survived(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "ledger.jsonl"
    path.unlink(missing_ok=True)
    ledger = filled(path, 3)
    whole = path.read_bytes()
    start = whole.rstrip(b"\n").rfind(b"\n") + 1
    cut = data.draw(st.integers(start, len(whole) - 1))
    path.write_bytes(whole[:cut])
    assert ledger.entries() == [entry(0), entry(1)]
    assert ledger.verify() == ()
    ledger.append(entry(7))
    assert ledger.entries()[:2] == [entry(0), entry(1)]
    assert ledger.entries()[-1] == entry(7)
    assert ledger.verify() == ()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_edit_shows(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "ledger.jsonl"
    path.unlink(missing_ok=True)
    ledger = filled(path)
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1).filter(lambda i: whole[i : i + 1] != b"\n"))
    letter = data.draw(st.sampled_from(b'0a}"x').filter(lambda c: c != whole[place]))
    path.write_bytes(whole[:place] + bytes([letter]) + whole[place + 1 :])
    assert ledger.verify() != ()


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_removed_line_shows(tmp_path: Path, gone: int) -> None:
    path = tmp_path / "ledger.jsonl"
    ledger = filled(path)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:gone] + lines[gone + 1 :]))
    assert any("does not follow" in problem for problem in ledger.verify())


def test_swapped_and_inserted_lines_show(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    ledger = filled(path)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([lines[0], lines[2], lines[1], lines[3]]))
    assert ledger.verify() != ()
    path.write_text("".join([lines[0], lines[0], *lines[1:]]))
    assert ledger.verify() != ()


def test_a_foreign_line_in_the_middle_is_not_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    ledger = filled(path)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([lines[0], "not json\n", *lines[1:]]))
    with pytest.raises(RecordError, match="line 2 is none"):
        ledger.uses("d1", "credit")
    assert "Line 2 is no entry." in ledger.verify()


def test_added_keys_are_tolerated(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_text(json.dumps(asdict(entry()) | {"new": 1}) + "\n")
    assert Ledger(path).uses("d1", "credit") == [entry()]


def test_unusable_places(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be"):
        Ledger(tmp_path / "none" / "ledger.jsonl").append(entry())
    with pytest.raises(OutputError, match="cannot be"):
        Ledger(tmp_path).append(entry())
    with pytest.raises(RecordError, match="readable"):
        Ledger(tmp_path).uses("d1", "credit")


def test_two_runs_at_once_both_get_in(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    code = (
        "import sys\nfrom plimsoll.records.ledger import Ledger, LedgerEntry\n"
        "for i in range(25):\n"
        "    Ledger(sys.argv[1]).append(LedgerEntry(str(i), sys.argv[2], 'd', None, 'v', 'pass'))\n"
    )
    runs = [
        subprocess.Popen([sys.executable, "-c", code, str(path), name]) for name in ("one", "two")
    ]
    assert [run.wait(60) for run in runs] == [0, 0]
    ledger = Ledger(path)
    assert len(ledger.uses("d", "one")) == len(ledger.uses("d", "two")) == 25
    assert ledger.verify() == ()
