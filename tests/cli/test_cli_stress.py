"""``plimsoll stress`` on the command line: a report, a budget, Ctrl-C that keeps what is done."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import polars as pl
import pytest

from plimsoll.cli.app import run

MODEL = """
import time
import numpy as np
import polars as pl

def quick(rows: pl.DataFrame):
    a = rows["a"].cast(pl.Float64).fill_null(0.0).fill_nan(0.0).to_numpy()
    return 1 / (1 + np.exp(-np.clip(2 * a, -500, 500)))

def slow(rows: pl.DataFrame):
    open("asked", "a").write("x")
    time.sleep(0.15)
    return quick(rows)
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    import numpy as np

    rng = np.random.default_rng(0)
    a = rng.normal(size=600)
    y = (a + rng.normal(size=600) > 0).astype(int)
    pl.DataFrame({"a": a, "b": rng.normal(size=600), "y": y}).write_csv(tmp_path / "d.csv")
    (tmp_path / "stress_model.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "stress_model", raising=False)
    return tmp_path


def arguments(model: str = "quick") -> list[str]:
    return ["stress", "--data", "d.csv", "--target", "y", "--model", f"stress_model:{model}",
            "--only", "STR001", "--json", "r.json", "-q"]  # fmt: skip


def lines_of(place) -> list[dict]:
    record = json.loads((place / "r.json").read_text())
    return [e for c in record["checks"] for e in c["estimates"] if e["name"] == "load_line"]


def test_one_command_finds_the_lines(place) -> None:
    assert run([*arguments(), "--html", "r.html", "--svg", "r.svg"]) in (0, 3)
    lines = lines_of(place)
    assert {line["where"]["stress"] for line in lines} >= {"missing", "noise", "outlier"}
    assert all(line["low"] <= line["value"] <= line["high"] for line in lines)
    assert "Load lines" in (place / "r.html").read_text()
    assert (place / "r.svg").read_text().lstrip().startswith("<svg")


def test_a_limit_that_breaks_is_exit_1(place) -> None:
    (place / "p.toml").write_text('"robustness.missing" = { load_line_min = 0.9 }\n')
    assert run([*arguments(), "--policy", "p.toml", "--kinds", "missing:a"]) == 1
    assert run([*arguments(), "--policy", "p.toml", "--kinds", "missing:b"]) == 0


def test_a_budget_is_kept_and_what_is_done_counts(place) -> None:
    run([*arguments("slow"), "--budget", "4s"])
    record = json.loads((place / "r.json").read_text())
    (check,) = record["checks"]
    told = [f for f in check["findings"] if f["title"] == "Not every stress was run."]
    assert told
    assert "the budget of 4 s was used up" in told[0]["meaning"]


def test_slips_are_answered_in_one_sentence(place, capsys) -> None:
    assert run([*arguments(), "--budget", "soon"]) == 2
    assert "must be a time such as 90s" in capsys.readouterr().err
    assert run([*arguments(), "--kinds", "mising"]) == 2
    assert "Did you mean 'missing'?" in capsys.readouterr().err
    assert run([*arguments(), "--image", "pixel_*"]) == 2
    assert "none is called 'pixel_*'" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_ctrl_c_keeps_what_is_done(place) -> None:
    command = [sys.executable, "-m", "plimsoll", *arguments("slow")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    asked = place / "asked"
    while not asked.exists() or asked.stat().st_size < 26:  # the controls take about 20 calls
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode in (0, 3), err
    record = json.loads((place / "r.json").read_text())
    (check,) = record["checks"]
    (told,) = [f for f in check["findings"] if f["title"] == "Not every stress was run."]
    assert "it was stopped from the keyboard" in told["meaning"]
