"""Controls: a stress that must change nothing, and one that must leave nothing.

Without the first a difference under stress may be the model's own restlessness; without the second a
model that leaks its target past the inputs would look robust.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from plimsoll.core.errors import ModelError
from plimsoll.core.estimate import Where
from plimsoll.core.stress import Stress
from plimsoll.core.trial import Answers, Desk
from plimsoll.trials.judged import Judge
from plimsoll.trials.lines import Controls
from plimsoll.trials.rows import TrialRows

if TYPE_CHECKING:
    from plimsoll.trials.load_lines import Asker

TOLERANCE = 1e-6
"""Answers closer than this are the same: room for sums taken in another order."""
SURELY = 3.3
"""Standard errors above chance that inputs of other rows must reach to be told: by luck 1 time in 2,000."""
SMALL = 2000
"""Rows that are asked about in small parts."""
PART = 97


def repeated(rows: TrialRows, desk: Desk) -> Controls | None:
    """Ask the same rows again, in reversed order, and a few at a time; say how many answers changed.

    None where the model does not answer even the clean rows a second time.
    """
    said: list[str] = []
    try:
        again = desk.ask(rows.frame)
    except ModelError as error:
        return Controls(1.0, None, None, None, 0.0, said=(str(error),))
    head = rows.head(SMALL)
    order = batch = None
    try:
        turned = desk.ask(head.frame.reverse())
        order = _changed(head.clean, _reversed(turned))
    except ModelError as error:
        said.append(f"asked in another order: {error}")
    try:
        parts = [desk.ask(part) for part in head.frame.iter_slices(PART)]
        batch = _changed(head.clean, _joined(parts))
    except ModelError as error:
        said.append(f"asked a few rows at a time: {error}")
    return Controls(_changed(rows.clean, again), order, batch, None, 0.0, said=tuple(said))


def destroyed(
    controls: Controls, stresses: tuple[Stress, ...], asker: Asker, judge: Judge
) -> Controls:
    """Give every row the inputs of other rows; no model may then be better than chance."""
    whole = next((s for s in stresses if s.destroys), None)
    if whole is None:
        return controls
    try:
        graded = asker.ask(whole, 1.0, asker.rows.draws(whole.name, asker.seed))
    except ModelError as error:
        return replace(controls, said=(*controls.said, f"inputs of other rows: {error}"))
    value = judge.measure.mix(graded, graded, asker.rows.weights).at(0.0)
    where = Where(stress=whole.kind, severity=1.0, variant=whole.variant or None)
    found = judge.estimate(value, where)
    above = judge.sign * (value.value - judge.chance)
    better = above > SURELY * judge.error(value.influence)
    return replace(controls, destroyed=found, chance=judge.chance, destroyed_better=better)


def _changed(one: Answers, two: Answers) -> float:
    same = one.same_as(two, TOLERANCE * _scale(one))
    return float(1.0 - same.mean()) if same.size else 0.0


def _scale(answers: Answers) -> float:
    """Return how large answers are, for a tolerance that follows them: 1 for scores."""
    if answers.scores is not None or answers.decided is None or not answers.decided.size:
        return 1.0
    return max(1.0, float(np.abs(answers.decided).max()))


def _reversed(answers: Answers) -> Answers:
    return Answers(
        None if answers.scores is None else answers.scores[::-1],
        None if answers.decided is None else answers.decided[::-1],
    )


def _joined(parts: list[Answers]) -> Answers:
    return Answers(
        None
        if parts[0].scores is None
        else np.concatenate([p.scores for p in parts if p.scores is not None]),
        None
        if parts[0].decided is None
        else np.concatenate([p.decided for p in parts if p.decided is not None]),
    )
