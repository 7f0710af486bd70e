"""Which stresses a run puts a model under: the catalogue's, narrowed by the settings, and the user's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from plimsoll.core.check import StressOptions
from plimsoll.core.stress import Draws, Stress
from plimsoll.probes.stress import families
from plimsoll.probes.stress.learnt import Learnt
from plimsoll.probes.stress.own import is_stress, own_stress

Floats = npt.NDArray[np.float64]
Own = Mapping[str, Callable[..., object]]


def known_kinds(own: Own) -> tuple[str, ...]:
    """Return the kinds of stress that there are, the user's own among them."""
    mine = tuple(own_stress(f, name).kind for name, f in own.items() if is_stress(f))
    return (*(family.kind for family in families()), *mine)


def stresses_for(
    learnt: Learnt, options: StressOptions, own: Own, *, full: bool
) -> tuple[tuple[Stress, ...], tuple[tuple[str, str], ...]]:
    """Return the stresses to run, and the kinds that broke while they were fitted, with the reason.

    Where kinds are named, those run, whichever suite they belong to; else those of the suite.
    """
    wanted = options.kinds
    found: list[Stress] = []
    broken: list[tuple[str, str]] = []
    for family in families():
        asked_for = _named(family.kind, wanted) if wanted else (full or family.standard)
        if not (asked_for or family.control):
            continue
        try:
            found += list(family.make(learnt))
        except Exception as error:  # one kind that breaks never stops the others
            broken.append((family.kind, f"{type(error).__name__}: {error}"))
    for name, function in own.items():
        if is_stress(function):
            found.append(own_stress(function, name))
    if wanted:
        found = [s for s in found if s.destroys or _is_wanted(s, wanted)]
    return tuple(found), tuple(broken)


def all_stresses(learnt: Learnt, own: Own) -> dict[str, Stress]:
    """Return every stress there is for these columns, by its name; kinds that break are left out."""
    found, _ = stresses_for(learnt, StressOptions(), own, full=True)
    return {stress.name: stress for stress in found}


def applied(stress: Stress, frame: pl.DataFrame, severity: float, draws: Draws) -> pl.DataFrame:
    """Return rows under a stress at a severity; a share hits rows at random."""
    if not stress.is_share:
        return stress.fault(frame, severity, draws)
    if severity <= 0.0:
        return frame
    changed = stress.fault(frame, 1.0, draws)
    if severity >= 1.0:
        return changed
    mask = pl.Series(_hit(stress, frame, severity, draws))
    columns = [c for c in frame.columns if c in stress.columns or not stress.columns]
    mixed = []
    for name in columns:
        new, old = changed.get_column(name), frame.get_column(name)
        if new.dtype != old.dtype:
            old = old.cast(new.dtype)
        mixed.append(new.zip_with(mask, old).alias(name))
    return frame.with_columns(mixed)


def with_truth(
    stress: Stress, frame: pl.DataFrame, target: Floats, severity: float, draws: Draws
) -> tuple[pl.DataFrame, Floats]:
    """Return rows under a stress at a severity, and their targets then: a share changes those it hits."""
    changed = applied(stress, frame, severity, draws)
    if stress.truth is None:
        return changed, target
    after = np.asarray(stress.truth(changed, target), dtype=np.float64)
    if stress.is_share:
        after = np.where(_hit(stress, frame, severity, draws), after, target)
    return changed, after


def _hit(
    stress: Stress, frame: pl.DataFrame, severity: float, draws: Draws
) -> npt.NDArray[np.bool_]:
    """Return which rows a share hits, shape (rows,)."""
    share = min(severity, 1.0)
    chance = np.full(frame.height, share) if stress.hit is None else stress.hit(frame, share)
    return draws.uniform("hit") < chance


def _named(kind: str, wanted: tuple[str, ...]) -> bool:
    return any(name.split(":", 1)[0] == kind for name in wanted)


def _is_wanted(stress: Stress, wanted: tuple[str, ...]) -> bool:
    return any(stress.name == name or stress.name.startswith(f"{name}:") for name in wanted)
