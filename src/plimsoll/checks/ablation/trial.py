"""The trial that the checks of inputs share, and the words for why it is not there. Not a check."""

from __future__ import annotations

from plimsoll.core.check import Options
from plimsoll.core.subject import Subject, Task
from plimsoll.trials.ablation import AblationTrial
from plimsoll.trials.refits import why_no_rows

ABLATION = "ablation"


def ablation_trials(subject: Subject, options: Options) -> dict[str, AblationTrial]:
    """Return the one trial of inputs left out; none where the model cannot be asked."""
    if why_not(subject):
        return {}
    trial = AblationTrial(subject, options.stress, level=options.confidence, seed=options.seed)
    return {ABLATION: trial}


def why_not(subject: Subject) -> str:
    """Say why no input can be left out; empty where they can."""
    if subject.task is Task.NONE:
        return "no model is judged"
    if not subject.has_model:
        return "no model was given that can be asked without some of its inputs; give --model"
    if not subject.labelled:
        return "the target is not known for these rows yet"
    return "" if subject.roles.features else "the table has no input column to leave out"


def why_no_fit(subject: Subject) -> str:
    """Say why a fit cannot be judged; empty where it may be."""
    if subject.task is Task.NONE:
        return "no model is judged"
    if not subject.labelled:
        return "the target is not known for these rows yet"
    if not subject.roles.features:
        return "the table has no input column to fit on"
    return why_no_rows(subject)


def sentence(text: str) -> str:
    """Return a reason as a sentence of its own: a capital first, a full stop last.

    >>> sentence("the budget was used up")
    'The budget was used up.'
    """
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""


def counted(fits: int) -> str:
    """Return a number of fits in words.

    >>> counted(1), counted(30)
    ('1 fit', '30 fits')
    """
    return "1 fit" if fits == 1 else f"{fits:,} fits"


def listed(names: tuple[str, ...] | list[str], most: int = 6) -> str:
    """Return names in a row, the rest counted.

    >>> listed(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"
