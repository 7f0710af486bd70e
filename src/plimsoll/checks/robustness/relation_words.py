"""Relations in sentences, rows and pictures. Not a check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Figure, Table
from plimsoll.core.relation import Holds
from plimsoll.core.subject import Subject
from plimsoll.trials.relation_results import ALLOWED, Answered, Direction, State

MOST_ROWS = 200
MOST_DRAWN = 40
_SAID = {
    "protected": (
        "{what} change where only {column} is changed.",
        "If the decision must not depend on it, fit the model without it and look here again; look at the "
        "rates by group (FAR001) for what reaches the answer through other inputs.",
    ),
    "monotone": (
        "The answer moves the wrong way as {column} grows.",
        "Fit with a monotone constraint on it, or take it from the list if it was wrong to expect.",
    ),
    "identifier": (
        "The answer hangs on a column that only names a row.",
        "Leave it out of the inputs; what the model learnt from it will not be true of new rows.",
    ),
    "duplicate": (
        "The same row gets two answers in one call.",
        "Fix seeds, switch the model to evaluation, and see what in it works over a whole batch. Until then "
        "no other relation can be told from its restlessness.",
    ),
    "two_units": (
        "The model goes astray where two inputs that say the same disagree.",
        "Keep one of the two, or check that they agree before the model is asked.",
    ),
    "spaces": (
        "Spaces around a category change the answer.",
        "Strip spaces inside the pipeline, where training and use share it.",
    ),
    "letter_case": (
        "Capital or small letters in a category change the answer.",
        "Write categories one way inside the pipeline, where training and use share it.",
    ),
    "rounding": (
        "{what} change with digits that nobody wrote down.",
        "See which threshold sits on a value that rows really have; put it between two values.",
    ),
}
_OWN = ("The answers break a relation of your own.", "See the rows it changes.")


ORDER = tuple(_SAID)
"""Kinds in the order of their findings; relations of the owner come last."""


def titled(group: Sequence[Answered], subject: Subject) -> tuple[str, str]:
    """Return the title of a finding about broken relations of one kind, and what to do."""
    relation = group[0].relation
    title, action = _SAID.get(relation.kind, _OWN)
    what = "Decisions" if subject.is_classification else "Answers"
    return title.format(column=relation.column, what=what), action


def of(e: Estimate) -> str:
    """Write a share with its interval: ``3.5 of 100 rows (likely 3.2 to 3.8)``."""
    parts = 100 if e.high >= 0.01 else 10_000
    low, high = _n(parts * e.low), _n(parts * e.high)
    return f"{_n(parts * e.value)} of {parts:,} rows (likely {low} to {high})"


def _n(value: float) -> str:
    """Write a number with two digits; 100 stands for all and never for nearly all."""
    if value >= 99.5 and value not in (100.0, 10_000.0):
        return f"{min(value, 99.99):.2f}" if value < 100.0 else f"{value:.0f}"
    return f"{value:.0f}" if value >= 9.95 or value == 0.0 else f"{value:.2g}"


def shown(one: Answered) -> str:
    """Say how much a relation is broken, in one clause."""
    relation = one.relation
    said = f"{relation.title}: {of(one.violations)}"
    if relation.rule in (Holds.HIGHER, Holds.LOWER) and one.worst > 0.0:
        said += f", by {one.worst:.3g} at worst"
    elif relation.rule is Holds.BETWEEN:
        parts = [f"{name} {of(e)}" for name, e in one.flips]
        said += (
            f"; another decision than for the row as it was: {', '.join(parts)}" if parts else ""
        )
    elif relation.rule is Holds.SAME and not relation.by_decision and one.flips:
        said += f", and another decision in {of(one.flips[0][1])}"
    return said


def direction(one: Direction, subject: Subject) -> str:
    """Say what moving rows from one group to another does."""
    said = []
    if one.gained is not None and one.lost is not None:
        no, yes = subject.classes
        said.append(f"{of(one.gained)} flip to {yes} and {of(one.lost)} to {no}")
    if one.change is not None:
        c = one.change
        said.append(
            f"the answer moves by {c.value:+.3g} on average ({c.low:+.3g} to {c.high:+.3g})"
        )
    return f"{one.source} to {one.target}: {', '.join(said)}" if said else ""


def strongest(one: Answered) -> Direction | None:
    """Return the direction in which surely most decisions flip, or the answer moves most."""

    def much(d: Direction) -> tuple[float, float]:
        flips = [e.low for e in (d.gained, d.lost) if e is not None]
        return (max(flips, default=0.0), abs(d.change.value) if d.change is not None else 0.0)

    return max(one.directions, key=much, default=None)


def worst_first(answered: Sequence[Answered]) -> list[Answered]:
    """Return the relations, the one that is surely broken most first."""
    return sorted(answered, key=lambda one: (-one.violations.low, -one.violations.value))


def relation_table(answered: Sequence[Answered]) -> Table:
    """Return one row a relation: what must hold, how often it does not, and by how much."""
    rows = tuple(
        (
            one.relation.title,
            one.relation.must,
            one.violations.n if one.state is not State.REFUSES else None,
            one.violations.value if one.state is not State.REFUSES else None,
            one.violations.low if one.state is not State.REFUSES else None,
            one.violations.high if one.state is not State.REFUSES else None,
            one.worst if one.state is not State.REFUSES else None,
            one.state.value,
            one.relation.why,
            one.relation.life,
        )
        for one in worst_first(answered)[:MOST_ROWS]
    )
    return Table(
        "Relations between answers",
        (
            "the row with", "must get", "rows changed", "broken in", "from", "to", "most in one row",
            "state", "why", "in life",
        ),
        rows,
        caption=f"A relation holds where surely no more than {100 * ALLOWED:g} of 100 changed rows break it.",
    )  # fmt: skip


def direction_table(answered: Sequence[Answered]) -> Table | None:
    """Return one row for each move of a protected column from one value to another."""
    rows = [row for one in answered for row in _moves(one)]
    if not rows:
        return None
    return Table(
        "Which way answers move when a protected column is changed",
        (
            "column", "from", "to", "rows", "flip to positive", "flip to negative",
            "mean change of the answer", "low", "high",
        ),
        tuple(rows[:MOST_ROWS]),
        caption="All else stays as it was, inputs that go together with the column among it.",
    )  # fmt: skip


def _moves(one: Answered) -> Iterator[tuple[object, ...]]:
    for d in one.directions:
        first = next((e for e in (d.change, d.gained, d.lost) if e is not None), None)
        if first is None:
            continue
        c = d.change
        yield (
            one.relation.column,
            d.source,
            d.target,
            first.n,
            None if d.gained is None else d.gained.value,
            None if d.lost is None else d.lost.value,
            *((None, None, None) if c is None else (c.value, c.low, c.high)),
        )


def violations_figure(answered: Sequence[Answered]) -> Figure | None:
    """Return the shares of rows that break each relation, the most broken first."""
    told = [one for one in worst_first(answered) if one.state is not State.REFUSES][:MOST_DRAWN]
    if not told:
        return None
    return Figure(
        "interval",
        "How often the answers break what must hold",
        f"Share of the changed rows that break each relation; the line is what is allowed, {100 * ALLOWED:g} "
        "of 100.",
        {
            "relations": {
                "label": [one.relation.title for one in told],
                "value": [one.violations.value for one in told],
                "low": [one.violations.low for one in told],
                "high": [one.violations.high for one in told],
            }
        },
        {"bound": ALLOWED, "x_title": "share of changed rows", "x_domain": [0.0, 1.0]},
    )
