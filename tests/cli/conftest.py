"""Runs the command line in this process, in an empty folder, and keeps what it said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from cli_tables import make_scored


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
    """400 rows with a score that is calibrated and good."""
    return make_scored(400)
