"""The folder that the guides start from, made once."""

from __future__ import annotations

import runpy
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def guide_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that examples/guide_data.py writes."""
    folder = tmp_path_factory.mktemp("guide_data")
    make = runpy.run_path(str(ROOT / "examples" / "guide_data.py"))["main"]
    make(folder)
    return folder


@pytest.fixture
def guides(guide_data: Path, tmp_path: Path) -> Path:
    """A fresh copy of them for one test."""
    folder = tmp_path / "guides"
    shutil.copytree(guide_data, folder)
    shutil.copy(ROOT / "examples" / "my_model.py", folder)
    return folder
