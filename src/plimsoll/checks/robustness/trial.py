"""The one trial that all checks of load lines share. Not a check."""

from __future__ import annotations

from plimsoll.core.check import Options
from plimsoll.core.subject import Subject, Task
from plimsoll.trials.load_lines import LoadLineTrial


def load_line_trial(subject: Subject, options: Options) -> LoadLineTrial | None:
    """Return the trial, or None where the model cannot be asked or nothing is known of the truth."""
    if why_not(subject):
        return None
    return LoadLineTrial(
        subject,
        options.stress,
        level=options.confidence,
        seed=options.seed,
        full=options.suite == "full",
        floor=options.drift_floor,
    )


def why_not(subject: Subject) -> str:
    """Say why there are no load lines; empty where there can be."""
    if subject.task is Task.NONE:
        return "no model is judged"
    if not subject.has_model:
        return (
            "no model was given that can be asked; its logged answers say nothing of other inputs"
        )
    if not subject.labelled:
        return "the target is not known for these rows yet"
    return "" if subject.roles.features else "the table has no input column to put under stress"
