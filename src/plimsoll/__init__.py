"""How much can a machine-learning model take before it breaks its promises?

``plimsoll.evaluate`` judges a model, ``plimsoll.compare`` two of them; ``plimsoll.load_record`` reads
what a run stored and ``plimsoll.profile`` keeps a reference without its rows. Names are imported when they
are first used, so ``import plimsoll`` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plimsoll.api import (
        Profile,
        Record,
        cards,
        check,
        compare,
        evaluate,
        explain,
        load_record,
        profile,
        relation,
        stress,
    )
    from plimsoll.core.settings import Settings

__all__ = [
    "Profile",
    "Record",
    "Settings",
    "cards",
    "check",
    "compare",
    "evaluate",
    "explain",
    "load_record",
    "profile",
    "relation",
    "stress",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'plimsoll' has no attribute '{name}'")
    from plimsoll import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return sorted(__all__)
