"""``plimsoll demo`` tells its whole story by itself, again and again, and spoils nobody's files."""

from __future__ import annotations

import json
from pathlib import Path

from plimsoll.cli.demo import SETTINGS
from plimsoll.core.settings import parse_settings


def test_the_story_runs_through_and_shows_pass_and_unsure(shell):
    said = shell("demo", "--dir", "story")
    assert said.code == 0
    assert "Verdict: unsure." in said.out
    assert "cases like these would settle it" in said.out
    assert "ends with exit code 3" in said.out
    assert str(Path("story/report.html").resolve()) in said.out
    record = json.loads(Path("story/record.json").read_text())
    status = {line["limit"]: line["status"] for line in record["gate"]}
    assert status["roc_auc.min"] == "PASS"
    assert status["recall.min"] == "UNSURE"
    assert status["replacement.roc_auc.non_inferior_to"] == "PASS"
    assert record["subject"]["reference"]["rows"] + record["subject"]["data"]["rows"] == 569
    assert [c["code"] for c in record["checks"] if c["status"] == "ERROR"] == []

    again = shell("check", "story/plimsoll.toml", "--quiet")
    assert again.code == 3
    second = json.loads(Path("story/record.json").read_text())
    assert second["gate"] == record["gate"]
    assert shell("report", "story/record.json").code == 0


def test_a_folder_with_other_files_is_left_alone(shell):
    Path("mine").mkdir()
    Path("mine/plimsoll.toml").write_text("# my own\n")
    said = shell("demo", "--dir", "mine")
    assert said.code == 2
    assert "holds other files" in said.complaint
    assert [path.name for path in Path("mine").iterdir()] == ["plimsoll.toml"]


def test_a_folder_that_cannot_be_made(shell):
    Path("file").write_text("")
    said = shell("demo", "--dir", "file/demo")
    assert said.code == 2
    assert "cannot be used" in said.complaint


def test_its_settings_are_sound():
    import tomllib

    assert parse_settings(tomllib.loads(SETTINGS)).columns.positive == "malignant"
