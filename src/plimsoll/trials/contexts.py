"""Named contexts of use: several stresses at once, at the severities that they have there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plimsoll.core.errors import ModelError, SettingsError, did_you_mean
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.stress import Stress
from plimsoll.probes.stress.learnt import Learnt
from plimsoll.stats.influence import Value
from plimsoll.trials.judged import METHOD, Judge
from plimsoll.trials.lines import ContextResult
from plimsoll.trials.stresses import Own, all_stresses, with_truth

if TYPE_CHECKING:
    from plimsoll.trials.load_lines import Asker

Parts = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class NamedContext:
    """A context with the stresses that its parts name."""

    name: str
    parts: Parts
    stresses: tuple[tuple[Stress, float], ...]


def find_contexts(
    contexts: tuple[tuple[str, Parts], ...], learnt: Learnt, own: Own
) -> tuple[NamedContext, ...]:
    """Return the contexts of the settings with their stresses.

    Raises
    ------
    SettingsError
        If a context names a stress that there is not for these columns; the nearest is offered.
    """
    if not contexts:
        return ()
    known = all_stresses(learnt, own)
    return tuple(
        NamedContext(
            name,
            parts,
            tuple((s, severity) for of, severity in parts for s in _chosen(of, known, name)),
        )
        for name, parts in contexts
    )


def run_contexts(contexts: tuple[NamedContext, ...], asker: Asker) -> tuple[ContextResult, ...]:
    """Ask once for every context, as far as there is time."""
    found = []
    for i, one in enumerate(contexts):
        if not asker.desk.goes_on():
            why = asker.desk.why_stopped()
            found.append(ContextResult(one.name, one.parts, (), (), (), why))
            continue
        asker.desk.tell(f"context: {one.name}", i, len(contexts))
        found.append(_one(one.name, one.parts, one.stresses, asker))
    return tuple(found)


def _chosen(of: str, known: dict[str, Stress], context: str) -> list[Stress]:
    """Return the stress of a name, or all of a kind: ``missing`` is every column's."""
    found = [s for name, s in known.items() if name == of]
    found = found or [s for name, s in known.items() if name.startswith(f"{of}:")]
    if not found:
        raise SettingsError(
            f"The context '{context}' names the stress '{of}', which there is not for these columns."
            f"{did_you_mean(of, known)}"
        )
    return found


def _one(
    name: str, parts: Parts, chosen: tuple[tuple[Stress, float], ...], asker: Asker
) -> ContextResult:
    frame, target = asker.rows.frame, asker.rows.target
    for stress, severity in chosen:
        draws = asker.rows.draws(f"{name}/{stress.name}", asker.seed)
        frame, target = with_truth(stress, frame, target, severity, draws)
    try:
        graded = asker.rows.grade(asker.desk.ask(frame), target)
    except ModelError as error:
        return ContextResult(name, parts, (), (), (), str(error))
    estimates, differences, kept = [], [], []
    for judge in asker.judges:
        value = judge.measure.mix(graded, graded, asker.rows.weights).at(0.0)
        where = Where(variant=name)
        estimates.append(judge.estimate(value, where))
        differences.append(_difference(judge, value, name))
        kept.append(_kept(judge, value))
    return ContextResult(name, parts, tuple(estimates), tuple(differences), tuple(kept))


def _difference(judge: Judge, value: Value, name: str) -> Estimate:
    gap = value.value - judge.clean.value
    reach = judge.quantile * judge.error(value.influence - judge.clean.influence)
    where = Where(metric=judge.measure.name, variant=name)
    return Estimate(
        "difference", gap, gap - reach, gap + reach, judge.level, judge.rows.rows, METHOD, where=where
    )  # fmt: skip


def _kept(judge: Judge, value: Value) -> bool | None:
    """Whether the limit is kept: surely (True), surely not (False), or not told by these rows (None)."""
    margin = judge.margin(value, 0.0)
    reach = judge.quantile * margin.error
    if margin.value - reach >= 0:
        return True
    return False if margin.value + reach < 0 else None
