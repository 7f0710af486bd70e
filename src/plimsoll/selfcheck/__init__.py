"""Published answers, recomputed on this machine: does the arithmetic here agree with the literature?"""

from plimsoll.selfcheck.case import Case, Outcome
from plimsoll.selfcheck.drift import drift_cases
from plimsoll.selfcheck.groups import group_cases
from plimsoll.selfcheck.points import point_cases
from plimsoll.selfcheck.published import published_cases
from plimsoll.selfcheck.robustness import robustness_cases
from plimsoll.selfcheck.shift import shift_cases

__all__ = ["Case", "Outcome", "cases", "recompute"]


def cases() -> list[Case]:
    """Return every case, in the order of the table."""
    kinds = (
        published_cases,
        group_cases,
        drift_cases,
        robustness_cases,
        shift_cases,
        point_cases,
    )
    return [case for kind in kinds for case in kind()]


def recompute() -> list[Outcome]:
    """Recompute every case; one that fails does not stop the others."""
    return [case.run() for case in cases()]
