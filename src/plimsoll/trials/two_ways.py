"""Masking and fitting again, held against each other: do they rank inputs alike, and if not, why?"""

from __future__ import annotations

import numpy as np
import polars as pl

from plimsoll.core.estimate import Estimate
from plimsoll.stats.rank_agreement import rank_agreement
from plimsoll.trials.compared import Change
from plimsoll.trials.redundancy import told_by_others
from plimsoll.trials.rows import TrialRows
from plimsoll.trials.stories import Disagreement, Effect, Story
from plimsoll.trials.units import Unit

MOST_EXPLAINED = 5


def agreement_of(
    masked: Story, retrained: Story, level: float, seed: int, rows: TrialRows
) -> Estimate | None:
    """Return how alike both ways rank the units by what leaving them out costs; None for fewer than three."""
    others = {e.unit.name: e.change for e in retrained.effects if e.change is not None}
    pairs = [
        (effect.change, others[effect.unit.name])
        for effect in masked.effects
        if effect.change is not None and effect.unit.name in others
    ]
    if len(pairs) < 3:
        return None
    costs = np.array([[one.harm, two.harm] for one, two in pairs])
    moves = np.array([[_move(one), _move(two)] for one, two in pairs])
    rng = np.random.default_rng([seed, *b"agreement"])
    return rank_agreement(
        "ranking_agreement", costs, moves, rng, clusters=rows.clusters, level=level
    )


def _move(change: Change) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return change.before.influence - change.after.influence


def disagreements_of(
    masked: Story, retrained: Story, pool: pl.DataFrame, units: tuple[Unit, ...], alpha: float
) -> tuple[Disagreement, ...]:
    """Return the units about which both ways surely say different things, with why that may be."""
    others = {e.unit.name: e for e in retrained.effects if e.left_out is not None}
    found: list[Disagreement] = []
    for effect in masked.effects:
        other = others.get(effect.unit.name)
        if other is None or effect.left_out is None or len(found) >= MOST_EXPLAINED:
            continue
        needs, spares = _sure(effect, alpha), _sure(other, alpha)
        if {needs, spares} != {True, False}:
            continue
        rest = [c for unit in units if unit.name != effect.unit.name for c in unit.columns]
        told = [t for c in effect.unit.columns if (t := told_by_others(pool, c, rest)) is not None]
        best = max(told, default=None)
        found.append(
            Disagreement(
                effect.unit, bool(needs), None if best is None else best[0], best[1] if best else ""
            )
        )
    return tuple(found)


def _sure(effect: Effect, alpha: float) -> bool | None:
    """Whether a unit is surely needed (it costs more than the margin as measured), surely not, or None."""
    if effect.p_spare <= alpha / 2:
        return False
    return True if effect.p_worse <= alpha / 2 and effect.p_spare > 0.5 else None
