"""The stress that leaves least, with an interval that holds for all stresses at once.

The least of many measured numbers is too low by luck alone; a max-t interval (simultaneous over all of
them) is wide enough for whichever comes out worst.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from plimsoll.core.estimate import Estimate, Where
from plimsoll.stats.influence import Value
from plimsoll.stats.simultaneous import simultaneous
from plimsoll.trials.judged import Judge

NAME = "retention"
METHOD = "mean over severities of the gain over chance that is left; max-t over all stresses"


def worst_of(
    areas: Mapping[str, Value], judge: Judge, seed: int
) -> tuple[Estimate | None, tuple[Estimate, ...]]:
    """Return the stress with the least retention, and the retention of each, with simultaneous intervals.

    The interval of the least is one for the least of all true values, whichever stress it belongs to.
    """
    if not areas:
        return None, ()
    names = sorted(areas)
    found = simultaneous(
        np.array([areas[name].value for name in names]),
        np.stack([areas[name].influence for name in names], axis=1),
        judge.rows.clusters,
        level=judge.level,
        seed=seed,
    )
    each = tuple(
        _estimate(judge, name, float(value), float(low), float(high))
        for name, value, low, high in zip(names, found.values, found.low, found.high, strict=True)
    )
    return _estimate(judge, names[found.least], *found.of_least()), each


def _estimate(judge: Judge, name: str, value: float, low: float, high: float) -> Estimate:
    where = Where(stress=name, metric=judge.measure.name)
    return Estimate(NAME, value, low, high, judge.level, judge.rows.rows, METHOD, where=where)
