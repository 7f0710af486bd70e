"""Limits that must be kept in many places: every slice, every group, every column, every stress of a kind.

Kept (PASS) only if the interval of every place lies inside, which needs no correction. Broken (FAIL) if
that of some place lies outside after Holm's correction over all places: of fifty slices two or three would
else break a limit by chance. Between, UNSURE.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr

from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.finding import Status
from plimsoll.core.limit import Limit
from plimsoll.core.record import CheckEntry, GateLine
from plimsoll.stats.family import holm
from plimsoll.stats.interval import z_quantile

AREAS = ("slices", "fairness", "drift", "robustness")
WHOLE = "whole"
"""The ``where.variant`` of a difference between a slice and all rows."""

Compare = Callable[[Limit, Estimate, float, bool], GateLine]


@dataclass(frozen=True, slots=True)
class _Place:
    estimate: Estimate
    line: GateLine
    beyond: float
    """How far beyond the bound, in half widths of its interval; negative inside."""


def in_many_places(limit: Limit) -> bool:
    """Whether a limit is about slices, groups, columns or stresses."""
    return limit.area in AREAS


def over_places(
    limit: Limit, entries: Sequence[CheckEntry], lower_is_better: bool, compare: Compare
) -> GateLine | None:
    """Return the line of a limit over all its places, or None where it was measured nowhere.

    The line bears the estimate of the place that decides. ``compare`` makes the line of one place.
    """
    found = _candidates(limit, entries, lower_is_better)
    if not found:
        return None
    at_least = limit.kind in ("min", "load_line_min")
    places = [
        _Place(e, compare(limit, e, limit.bound, at_least), _beyond(e, limit.bound, at_least))
        for e in found
    ]
    p = np.array([2.0 * ndtr(-max(x.beyond, 0.0) * z_quantile(x.estimate.level)) for x in places])
    level = places[0].estimate.level
    broken = [x for x, adjusted in zip(places, holm(p), strict=True) if adjusted < 1 - level]
    broken = [x for x in broken if x.line.status is Status.FAIL]
    kept = [x for x in places if x.line.status is Status.PASS]
    undecided = [x for x in places if x not in broken and x not in kept]
    status, of = Status.PASS, kept
    if broken:
        status, of = Status.FAIL, broken
    elif undecided:
        status, of = Status.UNSURE, undecided
    worst = max(of, key=lambda x: x.beyond)
    return replace(
        worst.line,
        status=status,
        meaning=_meaning(worst, status, len(broken), len(undecided), len(places), limit),
    )


def _candidates(
    limit: Limit, entries: Sequence[CheckEntry], lower_is_better: bool
) -> list[Estimate]:
    own = [e for entry in entries if entry.card.area == limit.area for e in entry.estimates]
    if limit.area == "robustness":
        return [e for e in own if _of_stress(limit, e)]
    if limit.area == "drift":
        return [
            e
            for e in own
            if e.name == limit.measure
            and e.where == Where(column=e.where.column)  # no window of time, no metric
            and (not limit.by or e.where.column in limit.by)
        ]
    wanted = [frozenset(part.strip() for part in name.split("*")) for name in limit.by]
    out = []
    for e in own:
        columns = frozenset(column for column, _ in e.where.slice)
        if not columns and e.where.column is not None:  # a gap between the groups of a column
            columns = frozenset(e.where.column.split("*"))
        if not columns or (wanted and columns not in wanted):
            continue
        if limit.area == "fairness" and not wanted and len(columns) > 1:
            continue  # crossings have few rows; a limit holds for them where it names them
        if e.where.label != limit.label or e.where.model is not None:
            continue
        if limit.kind == "max_drop":
            if (
                e.name == "difference"
                and e.where.metric == limit.measure
                and e.where.variant == WHOLE
            ):
                out.append(_drop(e, lower_is_better))
        elif e.name == limit.measure and e.where.variant is None and e.where.metric is None:
            out.append(e)
    return out


def _of_stress(limit: Limit, e: Estimate) -> bool:
    """Whether an estimate is a load line of the kind of stress, or the measure, that a limit names."""
    if limit.by and e.where.column not in limit.by:
        return False
    if limit.kind == "load_line_min":
        return e.name == "load_line" and f"{stress_name(e.where)}:".startswith(f"{limit.measure}:")
    of_stress = e.where.stress is not None or e.where.model is not None
    return e.name == limit.measure and of_stress


def stress_name(where: Where) -> str:
    """Return the name of the stress that an estimate is of: ``missing:income``."""
    return ":".join(part for part in (where.stress, where.column, where.variant) if part)


def _drop(difference: Estimate, lower_is_better: bool) -> Estimate:
    """Return how much worse a slice is than the whole, from the difference of slice and whole."""
    if lower_is_better:
        return difference
    return replace(difference, value=-difference.value, low=-difference.high, high=-difference.low)


def _beyond(estimate: Estimate, bound: float, at_least: bool) -> float:
    if at_least:
        gap, half = bound - estimate.value, estimate.high - estimate.value
        inner = estimate.value - estimate.low
    else:
        gap, half = estimate.value - bound, estimate.value - estimate.low
        inner = estimate.high - estimate.value
    width = half if gap > 0 else inner
    return float(np.sign(gap)) * 1e9 if width <= 0 and gap else gap / width if width > 0 else 0.0


def _meaning(
    worst: _Place, status: Status, broken: int, undecided: int, places: int, limit: Limit
) -> str:
    first, dot, rest = worst.line.meaning.partition(". ")
    of = {"slices": "slices", "fairness": "groups", "drift": "columns", "robustness": "changes"}
    named = "load lines" if limit.kind == "load_line_min" else of[limit.area]
    where = str(worst.estimate.where)
    said = f"{first} ({where}){dot}" if where else f"{first}{dot}"
    if status is Status.PASS:
        if places == 1:
            return f"{said}It is the only one."
        return f"{said}All {places} {named} keep the limit; this one is closest to it."
    if places == 1:
        return f"{said}{rest}".strip()
    if status is Status.FAIL:
        also = f", {undecided} more are not settled" if undecided else ""
        return f"{said}{broken} of {places} {named} break the limit{also}."
    settle = rest[rest.rfind("about ") :] if "about " in rest else ""
    more = f" For this one {settle}" if settle else ""
    return f"{said}{undecided} of {places} {named} are not settled.{more}"
