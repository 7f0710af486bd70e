"""The stress that leaves least, with an interval that holds for all stresses at once.

The least of many measured numbers is too low by luck alone; a max-t interval (simultaneous over all of
them) is wide enough for whichever comes out worst.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from plimsoll.core.estimate import Estimate, Where
from plimsoll.stats.influence import Value
from plimsoll.stats.simultaneous import max_t_quantile
from plimsoll.trials.judged import Judge

NAME = "retention"
METHOD = "mean over severities of the gain over chance that is left; max-t over all stresses"


def worst_of(
    areas: Mapping[str, Value], judge: Judge, seed: int
) -> tuple[Estimate | None, tuple[Estimate, ...]]:
    """Return the stress with the least retention, and the retention of each, with simultaneous intervals."""
    if not areas:
        return None, ()
    names = sorted(areas)
    influence = np.stack([areas[name].influence for name in names], axis=1)
    reach = max_t_quantile(influence, judge.rows.clusters, level=judge.level, seed=seed)
    found = []
    for name in names:
        value, error = areas[name].value, judge.error(areas[name].influence)
        where = Where(stress=name, metric=judge.measure.name)
        found.append(
            Estimate(
                NAME, value, value - reach * error, value + reach * error, judge.level,
                judge.rows.rows, METHOD, where=where,
            )
        )  # fmt: skip
    return min(found, key=lambda e: e.value), tuple(found)
