"""What must hold between a model's answers for a row and for a changed row, whatever the right answer is.

A measure needs labels; a relation needs none. Nobody may know the right price of a house, and still the
price must not change when the address is written in capitals. (Metamorphic relations: Segura et al. 2016,
doi:10.1109/TSE.2016.2532875.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from plimsoll.core.stress import Draws


class Holds(StrEnum):
    """What must hold between the answer for a row and those for the changed row."""

    SAME = "same"
    """The answer is the same after every change."""
    HIGHER = "higher"
    """The answer only rises, or stays, from each change to the next."""
    LOWER = "lower"
    """The answer only falls, or stays, from each change to the next."""
    BETWEEN = "between"
    """After the second change and later ones it lies between that of the row and that after the first."""
    TWICE = "twice"
    """The change hands over every row a second time, in reversed order; both get the same answer."""


Change = Callable[[pl.DataFrame, Draws], pl.DataFrame]
"""Raw rows and random numbers to changed rows: as many, in the same order, of the same columns."""
Groups = Callable[[pl.DataFrame], pl.Series]
"""Raw rows to the name of the group that each is in, null where in none."""


@dataclass(frozen=True)
class Ask:
    """One call of the model: its name, and how the rows are changed for it."""

    name: str
    change: Change = field(compare=False, repr=False)


@dataclass(frozen=True)
class Relation:
    """One relation, fitted on the reference and ready to be asked.

    ``kind`` is the family (``letter_case``), ``columns`` what is changed, ``variant`` tells apart several of
    one kind on the same columns. ``title`` completes "the answer for a row and for one with ..." (*spaces
    around workclass*); ``why`` says why it must hold, ``life`` where the change comes from. Answers may
    differ by ``tolerance``: in the scale of the answers (1 for probabilities, else their standard
    deviation), or in their own unit where ``in_units``. With ``by_decision`` only another decision breaks
    it, where there are decisions. ``groups`` names the groups between which a row moves, for a look at each
    direction.
    """

    kind: str
    columns: tuple[str, ...]
    title: str
    why: str
    life: str
    asks: tuple[Ask, ...]
    rule: Holds = Holds.SAME
    tolerance: float = 0.0
    in_units: bool = False
    by_decision: bool = False
    variant: str = ""
    groups: Groups | None = field(default=None, compare=False, repr=False)

    @property
    def column(self) -> str | None:
        """The one column it changes, or None where it changes several."""
        return self.columns[0] if len(self.columns) == 1 else None

    @property
    def name(self) -> str:
        """The relation in one word: ``letter_case:workclass``.

        >>> Relation("spaces", ("city",), "", "", "", ()).name
        'spaces:city'
        """
        return ":".join(part for part in (self.kind, self.column, self.variant) if part)

    @property
    def must(self) -> str:
        """What must hold, in words."""
        if self.rule in (Holds.SAME, Holds.TWICE):
            return "same decision" if self.by_decision else "same answer"
        return {
            Holds.HIGHER: "never a lower answer",
            Holds.LOWER: "never a higher answer",
            Holds.BETWEEN: "an answer between the two",
        }[self.rule]
