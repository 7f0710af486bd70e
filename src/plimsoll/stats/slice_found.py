"""What is searched for, and what a search for slices found.

A difference is shrunken towards 0 by the prior of the search (empirical Bayes), so that slices chosen for
their size can be put in order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from plimsoll.core.estimate import Estimate
from plimsoll.stats.interval import z_quantile
from plimsoll.stats.slice_lattice import Condition

FIXED = -1
"""The trial of a slice that was fixed beforehand."""


@dataclass(frozen=True, slots=True)
class SearchRules:
    """What is searched for.

    ``depth``: conditions of a slice, 1 to 3. ``top``: slices that are tested in each trial. ``min_rows`` and
    ``min_share``: a slice has at least so many of the rows that are searched. ``gap``: how much more a
    slice must lose than the rest to matter: 0.05 for right or wrong and for probabilities, else 0.2 standard
    deviations of the loss. ``level``: that of the intervals, and 1 - level is the chance of any false alarm.
    """

    depth: int = 3
    top: int = 10
    min_rows: int = 20
    min_share: float = 0.005
    gap: float | None = None
    level: float = 0.95


@dataclass(frozen=True, slots=True)
class FoundSlice:
    """A slice that the search put forward, and what the rows of the other part say of it.

    ``rows`` of all rows lie in it. ``own``, ``rest`` and ``effect`` (own - rest) are mean losses of
    the confirming rows of ``trial``. ``shrunken`` is the effect with chance taken off: the posterior mean and
    interval with the prior of the search. ``p`` is one-sided, ``adjusted_p`` corrected for all that
    was tested. ``confirmed``: both clear and of practical size. Of a slice ``fixed`` beforehand the
    numbers are of all rows, and the intervals of all such slices hold at once.
    """

    conditions: tuple[Condition, ...]
    trial: int
    rows: int
    own: Estimate
    rest: Estimate
    effect: Estimate
    shrunken: Estimate
    p: float
    adjusted_p: float
    confirmed: bool

    @property
    def fixed(self) -> bool:
        """Whether it is one of the slices that were fixed beforehand, and all rows were asked."""
        return self.trial == FIXED


@dataclass(frozen=True, slots=True)
class SliceSearch:
    """What a search found: ``confirmed`` slices, the worst first, and all that were ``tested``.

    ``slices`` had enough rows and were looked at, in each trial about as many. ``gap`` is the practical one.
    ``fixed`` slices were fixed beforehand and asked of all rows; 0 where there are many rows.
    """

    confirmed: tuple[FoundSlice, ...]
    tested: tuple[FoundSlice, ...]
    slices: int
    gap: float
    trials: int
    fixed: int = 0


def shrunken(effect: Estimate, tau: float, *, error: float, level: float) -> Estimate:
    """Pull an effect towards 0 by the prior deviation ``tau``; ``error`` is its standard error."""
    error = max(error, 1e-12)
    kept = tau * tau / (tau * tau + error * error)
    value, half = kept * effect.value, z_quantile(level) * math.sqrt(kept) * error
    return replace(
        effect,
        value=value,
        low=value - half,
        high=value + half,
        level=level,
        method="empirical Bayes, normal",
    )
