"""Whether the lanes of a load-line diagram and its head hold what they must."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

STATES = ("crosses", "holds", "refuses", "unsure", "below")
_WITHOUT_LINE = ("refuses", "below")
_HEAD = ("limit", "clean", "clean_low", "clean_high")


def lanes(series: Mapping[str, list[Any]]) -> Iterator[str]:
    """Yield what is wrong with the lanes, as the end of "The series ... "."""
    if any(state not in STATES for state in series["state"]):
        yield f"holds a state that is none of {', '.join(STATES)}"
        return
    if any(top <= 0 for top in series["top"]):
        yield "holds a greatest severity that is not above 0"
        return
    ends = zip(*(series[name] for name in ("state", "low", "value", "high", "top")), strict=True)
    for state, low, value, high, top in ends:
        if state in _WITHOUT_LINE:
            continue
        if None in (low, value, high):
            yield "has a load line without a value or without one end of its interval"
            return
        slack = 1e-9 * top  # ends that are found by a search meet only so far
        if not all(a <= b + slack for a, b in pairwise((0.0, low, value, high, top))):
            yield "has a load line outside its interval, or an interval outside 0 to the top"
            return
    if any(exposure is not None and exposure < 0 for exposure in series.get("exposure", ())):
        yield "holds an exposure below 0"


def head(about: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the head, as a whole sentence."""
    missing = [name for name in ("metric", *_HEAD) if about.get(name) is None]
    if missing:
        yield f"What the figure is about lacks {', '.join(missing)}."
        return
    chance = about.get("chance")
    given = [about[name] for name in _HEAD] + ([] if chance is None else [chance])
    if not all(isinstance(v, numbers.Real) and math.isfinite(v) for v in given):
        yield "The limit, the clean value and its interval must be finite numbers."
