"""The catalogue of relations between answers: one file a family, every family a decorated function.

A family looks at what was learnt of the reference and at what the owner declared, and yields relations
ready to be asked. To add one, add a file with a function under :func:`relations`; it is found by itself.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from plimsoll.probes.relations.family import RelationFamily


@cache
def relation_families() -> tuple[RelationFamily, ...]:
    """Return every family of this folder, in the order of their kinds."""
    found: dict[str, RelationFamily] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        for value in vars(module).values():
            if isinstance(value, RelationFamily):
                found[value.kind] = value
    return tuple(found[kind] for kind in sorted(found))
