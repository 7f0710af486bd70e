"""Checks are found in their folder and in installed packages; two of one code are refused."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from plimsoll import checks
from plimsoll.core.errors import CheckError
from worlds.plugins import check


class Point:
    """An entry point that loads what it was given."""

    def __init__(self, loaded: Any) -> None:
        self.value, self.loaded = "other.package:check", loaded

    def load(self) -> Any:
        if isinstance(self.loaded, Exception):
            raise self.loaded
        return self.loaded


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    def install(*found: Any) -> None:
        checks.discover.cache_clear()
        monkeypatch.setattr(checks, "entry_points", lambda group: [Point(x) for x in found])

    yield install
    checks.discover.cache_clear()


def test_an_installed_check_stands_after_our_own(installed: Any) -> None:
    installed(check("AAA001"))
    codes = [c.CARD.code for c in checks.discover()]
    assert codes[-1] == "AAA001"
    assert codes[0].startswith("INP")
    assert len(codes) == len(set(codes))


def test_a_code_that_is_taken_is_refused(installed: Any) -> None:
    installed(check("PRF001"))
    with pytest.raises(CheckError, match="Two checks bear the code PRF001"):
        checks.discover()


def test_a_check_without_a_card_is_refused(installed: Any) -> None:
    installed(ModuleType("empty"))
    with pytest.raises(CheckError, match="must have CARD, needs and judge"):
        checks.discover()


def test_an_installed_check_that_cannot_be_imported_is_named(installed: Any) -> None:
    installed(ImportError("no module named numpie"))
    with pytest.raises(CheckError, match=r"'other.package:check' cannot be imported.*numpie"):
        checks.discover()


def test_our_own_are_in_the_order_of_a_reader() -> None:
    areas = [c.CARD.code[:3] for c in checks.discover()]
    assert list(dict.fromkeys(areas)) == [
        "INP", "PRF", "BAS", "STR", "ABL", "CAL", "SLC", "FAR", "DRF", "PWR",
    ]  # fmt: skip
