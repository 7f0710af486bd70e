"""What the documentation tells the reader to do works, and prints what it shows."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from page_runner import ROOT, Session, blocks, page_text, parse, shell_commands

from plimsoll.api import cards
from plimsoll.core.settings import parse_settings
from plimsoll.policy.limits import parse_policy

PAGES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")],
    key=lambda place: place.relative_to(ROOT).as_posix(),
)
# CONTRIBUTING has a test of its own; the page on pytest is run by pytest.
NOT_FOLLOWED = {"CONTRIBUTING.md", "docs/how-to/pytest.md"}


def name(place: Path) -> str:
    return place.relative_to(ROOT).as_posix()


def followed() -> list[Path]:
    return [
        place
        for place in PAGES
        if name(place) not in NOT_FOLLOWED
        and any(b.language in ("console", "python") for b in blocks(page_text(place)))
    ]


@pytest.mark.parametrize("place", followed(), ids=name)
def test_a_reader_can_follow_the_page(place: Path, guides: Path) -> None:
    session = Session(guides)
    session.follow(page_text(place))
    assert session.code in (0, 1, 3), session.output


@pytest.mark.parametrize("place", PAGES, ids=name)
def test_commands_parse(place: Path) -> None:
    found = blocks(page_text(place))
    for block in found:
        if block.language in ("console", "bash"):
            for command in shell_commands(block):
                parse(command)
    assert all(block.language for block in found), "every block needs a language"


@pytest.mark.parametrize("place", PAGES, ids=name)
def test_settings_and_policies_are_valid(place: Path) -> None:
    for block in blocks(page_text(place)):
        if block.language != "toml" or block.title == "pyproject.toml":
            continue
        data = tomllib.loads(block.text)
        if block.title == "policy.toml":
            data = {"policy": data}
        settings = parse_settings(data, f"line {block.line}")
        limits = parse_policy(settings.policy, cards())
        assert len(limits) >= len(settings.policy)


@pytest.mark.parametrize("place", PAGES, ids=name)
def test_yaml_is_yaml(place: Path) -> None:
    yaml = pytest.importorskip("yaml")
    for block in blocks(page_text(place)):
        if block.language == "yaml":
            assert isinstance(yaml.safe_load(block.text), dict), f"line {block.line}"


def test_there_is_something_to_follow() -> None:
    assert len(followed()) >= 12
