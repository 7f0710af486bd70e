"""The check that CONTRIBUTING walks through is complete: it works here, as a plug-in, and its test passes."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from page_runner import ROOT, blocks, page_text

QUIET = ("-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")
MODULE, TEST = "sur001_almost_certain.py", "test_sur001_almost_certain.py"


def titled(page: str, title: str) -> str:
    found = [b.text for b in blocks(page_text(ROOT / page)) if b.title == title]
    assert len(found) == 1, f"{page} must hold the file {title} once"
    return found[0]


def run(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *args],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_its_test_passes_where_the_guide_puts_the_file(tmp_path: Path) -> None:
    checks = tmp_path / "checks"
    checks.mkdir()
    (checks / MODULE).write_text(titled("CONTRIBUTING.md", MODULE), encoding="utf-8")
    (tmp_path / TEST).write_text(titled("CONTRIBUTING.md", TEST), encoding="utf-8")
    # The folder of its question gets one more place to look in, instead of a file in the source tree.
    (tmp_path / "conftest.py").write_text(
        f"import plimsoll.checks.calibration as area\n\narea.__path__.append({str(checks)!r})\n",
        encoding="utf-8",
    )
    (tmp_path / "test_found.py").write_text(
        "from plimsoll.checks import discover\n\n\n"
        "def test_it_is_found() -> None:\n"
        "    assert 'SUR001' in [check.CARD.code for check in discover()]\n",
        encoding="utf-8",
    )
    done = run(tmp_path, "-m", "pytest", *QUIET, ".")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "6 passed" in done.stdout


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """The plug-in as an installed package looks on the path."""
    package, facts = tmp_path / "my_checks", tmp_path / "my_checks-0.1.0.dist-info"
    package.mkdir()
    facts.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / MODULE).write_text(titled("docs/how-to/write-a-check.md", MODULE), encoding="utf-8")
    project = tomllib.loads(titled("docs/how-to/write-a-check.md", "pyproject.toml"))["project"]
    (facts / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n",
        encoding="utf-8",
    )
    points = project["entry-points"]["plimsoll.checks"]
    lines = [f"{name} = {value}" for name, value in points.items()]
    (facts / "entry_points.txt").write_text(
        "\n".join(["[plimsoll.checks]", *lines, ""]), encoding="utf-8"
    )
    return tmp_path


def test_as_a_plug_in_it_is_explained_and_judges(plugin: Path, guide_data: Path) -> None:
    rows = str(guide_data / "tumours.csv")
    roles = ["--data", rows, "--target", "malignant", "--score", "p", "--id", "id"]
    done = run(
        plugin,
        "-c",
        "import sys; from plimsoll.cli.app import run; assert run(['explain', 'SUR001']) == 0; "
        f"sys.exit(run(['check', *{roles!r}, '--only', 'SUR001', '--json', '-']))",
    )
    assert "When the model is almost certain, is it right?" in done.stdout
    assert done.returncode in (0, 1, 3), done.stderr
    assert '"near_certain_error_rate"' in done.stdout


def test_the_guide_tells_the_same_check_as_contributing() -> None:
    assert titled("docs/how-to/write-a-check.md", MODULE) == titled("CONTRIBUTING.md", MODULE)
