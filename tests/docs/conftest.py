"""The folder that the guides start from, made once."""

from __future__ import annotations

import runpy
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from threadpoolctl import threadpool_limits

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def guide_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that examples/guide_data.py writes."""
    folder = tmp_path_factory.mktemp("guide_data")
    make = runpy.run_path(str(ROOT / "examples" / "guide_data.py"))["main"]
    with threadpool_limits(1):  # the models are tiny, and threads that wait for each other are slow
        make(folder)
    return folder


@pytest.fixture
def guides(guide_data: Path, tmp_path: Path) -> Iterator[Path]:
    """A fresh copy of them for one test."""
    folder = tmp_path / "guides"
    shutil.copytree(guide_data, folder)
    shutil.copy(ROOT / "examples" / "my_model.py", folder)
    with threadpool_limits(1):
        yield folder
