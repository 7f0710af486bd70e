"""README, CONTRIBUTING and CHANGELOG: links lead somewhere, and the changelog keeps its form."""

from __future__ import annotations

import re

import pytest
from page_runner import ROOT

_LINK = re.compile(r"(?<!`)\[[^\]]*\]\(([^)\s]+)\)")
PLAIN = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "benchmarks/README.md"]


def slug(heading: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def anchors(text: str) -> set[str]:
    return {slug(line.lstrip("#")) for line in text.splitlines() if line.startswith("#")}


@pytest.mark.parametrize("page", PLAIN)
def test_links_lead_somewhere(page: str) -> None:
    place = ROOT / page
    found = _LINK.findall(place.read_text(encoding="utf-8"))
    assert found, f"{page} has no links"
    for target in found:
        if target.startswith(("https://", "http://")):
            continue
        path, _, anchor = target.partition("#")
        other = (place.parent / path).resolve() if path else place
        if path.endswith(("RESULTS.md", "COVERAGE.md")):
            continue  # written by the benchmarks
        assert other.exists(), f"{page} links to {target}"
        if anchor:
            assert anchor in anchors(other.read_text(encoding="utf-8")), f"{page}: {target}"


def test_the_changelog_has_the_form_of_keep_a_changelog() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert text.startswith("# Changelog\n")
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    headings = re.findall(r"^### (.+)$", text, re.M)
    assert set(headings) <= kinds
    versions = re.findall(r"^## (.+)$", text, re.M)
    assert versions[0] == "[Unreleased]"
    entries = re.findall(r"^- (.+(?:\n  .+)*)$", text, re.M)  # with the lines that go on
    assert entries
    for entry in entries:
        assert len(entry.split()) <= 25, entry


def test_the_changelog_names_the_version_of_the_package() -> None:
    from importlib.metadata import version

    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[?{re.escape(version('plimsoll'))}\]?", text, re.M)


def test_the_readme_names_every_exit_code() -> None:
    from plimsoll.core.errors import UsageError
    from plimsoll.core.record import Verdict

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for verdict in Verdict:
        assert f"\n| {verdict.exit_code} | {verdict.value} |" in text
    assert f"\n| {UsageError.exit_code} | |" in text
