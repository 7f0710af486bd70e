"""The site builds in strict mode: every link resolves and every page is in the navigation."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from page_runner import ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for part in ("mkdocs", "material", "mkdocstrings_handlers.python"):
        pytest.importorskip(part)
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_it_has_a_page_for_every_check(site: Path) -> None:
    from plimsoll.api import cards

    for card in cards():
        page = site / "reference" / "checks" / card.code / "index.html"
        assert card.question in page.read_text(encoding="utf-8").replace("&#39;", "'")


def test_the_generator_itself_is_not_published(site: Path) -> None:
    assert list(site.rglob("*.py")) == []
