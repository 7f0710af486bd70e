"""The catalogue of stresses: one file a kind of trouble, every family in it a decorated function.

A family looks at what was learnt of the reference and yields stresses ready to be applied. To add one,
add a file with a function under :func:`family`; it is found by itself.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from plimsoll.probes.stress.family import Family


@cache
def families() -> tuple[Family, ...]:
    """Return every family of this folder, in the order of their kinds."""
    found: dict[str, Family] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        for value in vars(module).values():
            if isinstance(value, Family):
                found[value.kind] = value
    return tuple(found[kind] for kind in sorted(found))
