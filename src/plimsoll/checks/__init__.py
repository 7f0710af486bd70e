"""One folder a question, one file a check; a check is a module (see ``plimsoll.core.check``)."""

from __future__ import annotations

import importlib
import pkgutil
import re
from functools import cache
from importlib.metadata import entry_points
from types import ModuleType
from typing import cast

from plimsoll.core.check import Check
from plimsoll.core.errors import CheckError

GROUP = "plimsoll.checks"
_FILE = re.compile(r"[a-z]{3}\d{3}_\w+")


@cache
def discover() -> tuple[Check, ...]:
    """Return every check of this package and of the entry-point group, sorted by code.

    Raises
    ------
    CheckError
        If two checks bear one code, or an installed one cannot be imported or has no card.
    """
    modules = _own() + _installed()
    found: dict[str, Check] = {}
    for origin, module in modules:
        if not all(hasattr(module, name) for name in ("CARD", "needs", "judge")):
            raise CheckError(f"The check '{origin}' must have CARD, needs and judge; it has not.")
        check = cast(Check, module)
        code = check.CARD.code
        if code in found:
            raise CheckError(
                f"Two checks bear the code {code}; one of them is '{origin}'. Rename it."
            )
        found[code] = check
    return tuple(found[code] for code in sorted(found, key=_order))


def _order(code: str) -> tuple[int, str]:
    areas = ("INP", "PRF", "BAS", "STR", "ABL", "CAL", "SLC", "FAR", "DRF", "PWR")
    area = code[:3]
    return (areas.index(area) if area in areas else len(areas), code)


def _own() -> list[tuple[str, ModuleType]]:
    out = []
    for area in pkgutil.iter_modules(__path__):
        if not area.ispkg:
            continue
        package = importlib.import_module(f"{__name__}.{area.name}")
        for info in pkgutil.iter_modules(package.__path__):
            if _FILE.fullmatch(info.name):
                name = f"{package.__name__}.{info.name}"
                out.append((name, importlib.import_module(name)))
    return out


def _installed() -> list[tuple[str, ModuleType]]:
    out = []
    for point in entry_points(group=GROUP):
        try:
            out.append((point.value, point.load()))
        except Exception as error:  # whatever an installed package raises at import
            raise CheckError(
                f"The installed check '{point.value}' cannot be imported: "
                f"{type(error).__name__}: {error}. Repair or uninstall the package it comes from."
            ) from error
    return out
