"""Ctrl-C in the middle of a scan: it ends by itself, says so, and leaves no file behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from plimsoll.cli.app import run

SLOW = """
import time
import numpy as np

class Slow:
    classes_ = np.array([0, 1])
    feature_names_in_ = np.array(["x"], dtype=object)
    def predict_proba(self, frame):
        open("asked", "w").close()
        time.sleep(0.3)
        return np.full((len(frame), 2), 0.5)

slow = Slow()
"""


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_in_mid_scan(tmp_path, jobs):
    rows = 300_000
    (tmp_path / "slow_model.py").write_text(SLOW)
    table = "import polars as pl; i = pl.int_range(12_000_000, eager=True); "
    table += "pl.DataFrame({'x': (i % 7).cast(pl.Float64), 'y': (i % 2).cast(pl.Int8)})"
    table += f".write_parquet('d.parquet', row_group_size={rows})"
    subprocess.run([sys.executable, "-c", table], cwd=tmp_path, check=True, timeout=60)
    command = [sys.executable, "-m", "plimsoll", "check", "--data", "d.parquet", "--target", "y",
               "--model", "slow_model:slow", "--jobs", str(jobs), "--only", "PRF001",
               "--json", "r.json", "--html", "r.html"]  # fmt: skip
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "asked").exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    start = time.monotonic()
    out, err = process.communicate(timeout=30)
    assert time.monotonic() - start < 5
    assert process.returncode == 2, err
    assert out == ""
    assert err.startswith("plimsoll: Stopped from the keyboard")
    assert len(err.splitlines()) == 1
    left = {path.name for path in tmp_path.iterdir()} - {"__pycache__"}
    assert left == {"asked", "d.parquet", "slow_model.py"}


def test_ctrl_c_before_the_scan(monkeypatch, capsys):
    import plimsoll.api

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(plimsoll.api, "cards", stop)
    assert run(["list"]) == 2
    assert capsys.readouterr().err.startswith("plimsoll: Stopped from the keyboard")
