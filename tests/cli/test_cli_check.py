"""``plimsoll check``: the exit code is the verdict, and standard output holds what was asked for."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from cli_tables import make_scored

from plimsoll.cli.app import run

ROLES = ("--target", "y", "--score", "p", "--id", "id")


@pytest.fixture
def data(shell, scored) -> str:
    scored.write_parquet("d.parquet")
    return "d.parquet"


def limits(text: str) -> str:
    Path("policy.toml").write_text(text)
    return "policy.toml"


@pytest.mark.parametrize(
    ("limit", "code", "verdict"),
    [
        ("roc_auc = { min = 0.70 }", 0, "pass"),
        ("roc_auc = { min = 0.95 }", 1, "fail"),
        ("roc_auc = { min = 0.85 }", 3, "unsure"),
    ],
)
def test_the_exit_code_is_the_verdict(shell, data, limit, code, verdict):
    said = shell("check", "--data", data, *ROLES, "--policy", limits(limit), "--json", "-")
    assert said.code == code
    record = json.loads(said.out)
    assert record["verdict"] == verdict
    (line,) = record["gate"]
    assert line["status"] == verdict.upper()
    assert (line["rows_needed"] is not None) == (verdict == "unsure")


@pytest.mark.parametrize(("counts_as", "code"), [("pass", 0), ("fail", 1), ("unsure", 3)])
def test_unsure_counts_as_the_owner_says(shell, data, counts_as, code):
    policy = limits("roc_auc = { min = 0.85 }")
    words = ("--policy", policy, "--unsure", counts_as, "--only", "PRF002", "--quiet")
    assert shell("check", "--data", data, *ROLES, *words).code == code


def test_a_check_that_breaks_ends_in_4_and_stops_no_other(shell, data, monkeypatch):
    from plimsoll.checks import discover

    broken = next(check for check in discover() if check.CARD.code == "PRF002")

    def fall(*_: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(broken, "judge", fall)
    said = shell("check", "--data", data, *ROLES, "--json", "-")
    assert said.code == 4
    status = {entry["code"]: entry["status"] for entry in json.loads(said.out)["checks"]}
    assert status.pop("PRF002") == "ERROR"
    assert "ERROR" not in status.values()
    assert status["PRF001"] == "PASS"


def test_a_defect_ends_in_4_and_shows_its_place_only_when_asked(shell, data, monkeypatch):
    import plimsoll.api

    def fall(*_: object, **__: object) -> None:
        raise KeyError("Anna Bell")

    monkeypatch.setattr(plimsoll.api, "run", fall)
    said = shell("check", "--data", data, *ROLES)
    assert said.code == 4
    assert "defect of Plimsoll" in said.complaint
    assert "KeyError" in said.complaint
    assert "PLIMSOLL_TRACEBACK=1" in said.complaint
    assert "Anna" not in said.err
    monkeypatch.setenv("PLIMSOLL_TRACEBACK", "1")
    assert run(["check", "--data", data, *ROLES]) == 4


def test_a_traceback_is_printed_when_asked(data, monkeypatch, capsys):
    monkeypatch.setenv("PLIMSOLL_TRACEBACK", "1")
    assert run(["check", "--data", "none.csv", *ROLES]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_the_report_for_people_is_the_answer_where_nothing_else_is(shell, data):
    said = shell("check", "--data", data, *ROLES, "--only", "PRF002")
    assert said.code == 0
    assert "Pass" in said.out
    assert said.err == ""


def test_a_report_on_standard_output_is_alone_there(shell, data):
    said = shell("check", "--data", data, *ROLES, "--only", "PRF002", "--junit", "-")
    assert said.out.startswith("<?xml")
    assert "<?xml" not in said.err
    assert "Pass" in said.err


def test_quiet_says_nothing_but_what_was_asked_for(shell, data):
    words = ("check", "--data", data, *ROLES, "--only", "PRF002", "--quiet")
    said = shell(*words)
    assert (said.code, said.out, said.err) == (0, "", "")
    said = shell(*words, "--json", "-", "--html", "r.html")
    assert json.loads(said.out)["schema"] == "plimsoll.record/1"
    assert said.err == ""
    assert Path("r.html").read_text().startswith("<!doctype html>")


def test_every_report_is_written_and_said(shell, data):
    names = {"json": "r.json", "html": "r.html", "markdown": "r.md", "junit": "r.xml",
             "sarif": "r.sarif"}  # fmt: skip
    words = [word for form, name in names.items() for word in (f"--{form}", name)]
    said = shell("check", "--data", data, *ROLES, "--only", "PRF002", *words)
    assert said.code == 0
    for name in names.values():
        assert Path(name).stat().st_size > 200
        assert f"written to {name}" in said.err


def test_settings_found_here_are_used_and_said_and_flags_win(shell, data):
    Path("plimsoll.toml").write_text(
        '[data]\ncurrent = "gone.parquet"\n[columns]\ntarget = "y"\nscore = "p"\n'
        "[policy]\nroc_auc = { min = 0.95 }\n[report]\njson = 'r.json'\n[run]\nonly = ['PRF002']\n"
    )
    said = shell("check", "--data", data)
    assert said.code == 1
    assert "settings are those of plimsoll.toml" in said.err
    record = json.loads(Path("r.json").read_text())
    assert record["settings"]["data"]["current"] == data
    assert [entry["code"] for entry in record["checks"]] == ["PRF002"]


def test_paths_in_settings_are_relative_to_their_file(shell, scored):
    folder = Path("models/credit")
    folder.mkdir(parents=True)
    scored.write_parquet(folder / "d.parquet")
    (folder / "mine.toml").write_text(
        '[data]\ncurrent = "d.parquet"\n[columns]\ntarget = "y"\nscore = "p"\n'
        "[report]\nhtml = 'r.html'\n[run]\nonly = ['PRF002']\n"
    )
    assert shell("check", folder / "mine.toml", "--quiet").code == 0
    assert (folder / "r.html").exists()
    Path("d2.parquet").write_bytes((folder / "d.parquet").read_bytes())
    text = (folder / "mine.toml").read_text().replace("d.parquet", "d2.parquet")
    (folder / "mine.toml").write_text(text)
    assert shell("check", folder / "mine.toml", "--quiet").code == 0


def test_rows_without_a_label_are_counted_and_said(shell, scored):
    scored.with_columns(
        y=pl.when(pl.int_range(pl.len()) < 37).then(None).otherwise("y")
    ).write_parquet("d.parquet")
    said = shell("check", "--data", "d.parquet", *ROLES, "--json", "r.json")
    scan = json.loads(Path("r.json").read_text())["scan"]
    assert (scan["rows"], scan["rows_used"], scan["left_out"]) == (400, 363, {"label missing": 37})
    assert "37" in said.out
    assert said.code in (0, 3)


def test_names_may_be_of_any_script(shell, scored):
    scored.rename({"y": "标签", "p": "möglich, %", "id": "№"}).write_csv("データ.csv")
    said = shell("check", "--data", "データ.csv", "--target", "标签", "--score", '"möglich, %"',
                 "--id", "№", "--json", "-")  # fmt: skip
    assert said.code == 0
    assert json.loads(said.out)["subject"]["columns"]["target"] == "标签"


def test_the_same_rows_as_csv_and_parquet_give_the_same_numbers(shell, scored):
    scored.write_csv("d.csv")
    scored.sample(fraction=1, shuffle=True, seed=3).write_parquet("d.parquet")
    found = []
    for name in ("d.csv", "d.parquet"):
        said = shell("check", "--data", name, *ROLES, "--json", "-")
        checks = json.loads(said.out)["checks"]
        found.append({(c["code"], e["name"], json.dumps(e["where"])): e for c in checks
                      for e in c["estimates"]})  # fmt: skip
    assert list(found[0]) == list(found[1])
    for key, one in found[0].items():
        for name in ("value", "low", "high"):
            assert one[name] == pytest.approx(found[1][key][name], rel=1e-9, abs=1e-12), key


def test_github_gets_its_summary_and_annotations(shell, data, monkeypatch):
    words = ("check", "--data", data, *ROLES, "--policy", limits("roc_auc = { min = 0.95 }"))
    assert "GITHUB_STEP_SUMMARY" in shell(*words, "--github").complaint
    Path("summary.md").write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(Path("summary.md").resolve()))
    said = shell(*words, "--github")
    assert said.code == 1
    assert "::error title=" in said.out
    text = Path("summary.md").read_text()
    assert text.startswith("before\n")
    assert "roc_auc" in text or "ROC" in text
    said = shell(*words, "--github", "--json", "-")
    assert json.loads(said.out)["verdict"] == "fail"
    assert "::error title=" in said.err


def test_compare_judges_the_challenger_against_the_champion(shell, scored):
    rng = np.random.default_rng(1)
    worse = np.clip(scored["p"].to_numpy() + rng.normal(0, 0.35, scored.height), 0, 1)
    scored.with_columns(old=pl.Series(worse)).write_parquet("d.parquet")
    words = ("--data", "d.parquet", "--target", "y", "--id", "id", "--only", "PRF002,BAS003")
    said = shell("compare", "old", "p", *words, "--margin", "roc_auc=0.01", "--json", "-")
    assert said.code == 0
    (line,) = json.loads(said.out)["gate"]
    assert line["limit"] == "challenger.roc_auc.non_inferior_to"
    assert line["estimate"]["value"] > 0
    assert shell("compare", "p", "old", *words, "--margin", "roc_auc=0.01", "-q").code == 1


def test_compare_puts_aside_the_models_of_the_settings(shell, scored):
    scored.with_columns(old=pl.col("p")).write_parquet("d.parquet")
    Path("plimsoll.toml").write_text(
        "[subject]\nmodel = 'gone.onnx'\nchampion = 'lost.onnx'\n[data]\ncurrent = 'd.parquet'\n"
        "[columns]\ntarget = 'y'\n[run]\nonly = ['BAS003']\n"
    )
    assert shell("compare", "old", "p", "-q").code == 0


def test_a_reader_who_leaves_changes_nothing(data):
    """``plimsoll check ... | head -1``: no complaint, and the exit code stays the verdict."""
    command = [sys.executable, "-m", "plimsoll", "check", "--data", data, *ROLES, "--only",
               "PRF002"]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    complaint = process.stderr.read()
    assert process.wait(timeout=60) == 0
    assert complaint == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_behind_standard_output_is_said(data):
    command = [sys.executable, "-m", "plimsoll", "list"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith("plimsoll: The answer was expected to be written to standard")
    assert len(done.stderr.splitlines()) == 1


def test_without_standard_streams_the_verdict_is_still_the_exit_code(shell, data, monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    policy = limits("roc_auc = { min = 0.95 }")
    assert run(["check", "--data", data, *ROLES, "--policy", policy, "--only", "PRF002"]) == 1


def test_a_terminal_that_knows_only_ascii(data):
    command = [sys.executable, "-m", "plimsoll", "check", "--data", data, *ROLES]
    plain = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(command, capture_output=True, env=plain, timeout=60)
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert b"Pass" in done.stdout


def test_progress_is_drawn_on_a_terminal_only(monkeypatch):
    from plimsoll.cli import progress as room

    with room.progress() as tick:
        assert tick is None

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(room, "PATIENCE_S", 0.0)
    with room.progress() as tick:
        assert tick is not None
        import time

        time.sleep(0.05)
        tick(12_345)
        time.sleep(0.25)
    assert "12,345 rows" in screen.getvalue()
    with room.progress(quiet=True) as tick:
        assert tick is None


def test_short_work_shows_no_bar(monkeypatch):
    from plimsoll.cli import progress as room

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with room.progress() as tick:
        assert tick is not None
        tick(10)
    assert "rows" not in screen.getvalue()


def test_the_table_of_the_tests_is_what_it_says():
    from sklearn.metrics import roc_auc_score

    frame = make_scored(400)
    assert 0.82 < roc_auc_score(frame["y"], frame["p"]) < 0.88
