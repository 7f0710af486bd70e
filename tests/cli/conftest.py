"""Runs the command line in this process, in an empty folder, and keeps what it said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest


@dataclass(frozen=True)
class Said:
    """What one command line ended with."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one line on standard error that an error ends in."""
        lines = [line for line in self.err.splitlines() if line.strip()]
        assert len(lines) == 1, self.err
        assert lines[0].startswith("plimsoll: "), self.err
        return lines[0].removeprefix("plimsoll: ")


Shell = Callable[..., Said]


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    from plimsoll.cli.app import run

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)

    def say(*words: object) -> Said:
        capsys.readouterr()
        code = run([str(word) for word in words])
        heard = capsys.readouterr()
        assert "Traceback" not in heard.err + heard.out
        return Said(code, heard.out, heard.err)

    return say


@pytest.fixture
def scored() -> pl.DataFrame:
    """400 rows with a score that is calibrated and good (AUC about .83)."""
    return make_scored(400)


def make_scored(rows: int, seed: int = 7) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=rows)
    p = 1 / (1 + np.exp(-2 * x))
    return pl.DataFrame(
        {
            "id": [f"r{i}" for i in range(rows)],
            "x": x,
            "noise": rng.normal(size=rows),
            "weight": rng.uniform(0.5, 1.5, rows),
            "p": p,
            "y": (rng.uniform(size=rows) < p).astype(np.int64),
        }
    )
