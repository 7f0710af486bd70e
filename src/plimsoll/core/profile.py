"""A reference as its finished tallies: a few megabytes and no raw row, in place of the table itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from plimsoll.core.tally import Need, Rows, Tally

SUFFIX = ".plimsoll"


@dataclass(frozen=True)
class Held:
    """One finished tally and the rows it was counted on."""

    rows: Rows
    tally: Tally


@dataclass(frozen=True)
class Profile:
    """What is kept of a reference.

    ``rows`` of the table it was made of, its ``columns`` with the names of their types; ``task``, ``target``
    and ``classes``, and whether it was ``labelled`` and ``answered``, as in a subject; ``made`` when, with
    which ``plimsoll`` and ``polars``, of what (``origin``, ``sha256``).
    """

    rows: int
    columns: tuple[tuple[str, str], ...]
    task: str
    target: str | None
    labelled: bool
    answered: bool
    classes: tuple[str, ...]
    made: str
    plimsoll: str
    polars: str
    origin: str = ""
    sha256: str | None = None
    held: tuple[Held, ...] = field(default=(), repr=False)

    def find(self, need: Need) -> Tally | None:
        """Return the finished tally that meets a need of the reference, or None."""
        return None if need.probe is not None else self._index.get((need.rows, need.tally))

    def why_not(self, need: Need) -> str:
        """Return a sentence that says why a need is not met."""
        if need.probe is not None or need.tally.holds_rows:
            return "the reference is a profile, which holds no rows; give the rows themselves"
        names = {column for column, _ in self.columns}
        lost = [c for c in need.tally.columns if c not in names and not c.startswith("@")]
        if lost:
            return (
                f"the profile given as reference was made of a table without the column '{lost[0]}'"
            )
        return (
            "the profile given as reference does not hold what this needs; make it again with "
            "'plimsoll profile' and the columns named as they are now"
        )

    @cached_property
    def _index(self) -> dict[tuple[Rows, Tally], Tally]:
        return {(one.rows, one.tally): one.tally for one in self.held}


__all__ = ["SUFFIX", "Held", "Profile"]
