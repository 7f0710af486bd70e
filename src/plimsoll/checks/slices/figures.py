"""Pictures of slices: one measure by slice, and a map of two columns crossed. Not a check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from plimsoll.checks.slices.compared import LOWER, plain
from plimsoll.checks.slices.sliced import Place, Slice, Slices
from plimsoll.core.estimate import Estimate
from plimsoll.core.finding import Figure

MOST_ROWS, MOST_PANELS = 20, 8
MOST_MAPS, MOST_SIDE = 3, 14


class Measured(Protocol):
    """A slice that was measured and held against the rest."""

    @property
    def one(self) -> Slice:
        """The slice."""

    @property
    def own(self) -> Estimate:
        """Its measure."""

    @property
    def apart(self) -> Estimate:
        """The difference from the rest."""


def slice_figures(
    kinds: Sequence[Slices], measured: Mapping[Place, Measured], whole: Estimate | None
) -> tuple[Figure, ...]:
    """Return one measure by slice for every set of slices, and a map for every two columns crossed.

    ``whole`` is the measure of all rows.
    """
    if not measured or whole is None:
        return ()
    flat = [k for k in kinds if len(k.kind.cuts) == 1]
    panels = {k.kind.name: _panel(k, measured, whole) for k in flat[:MOST_PANELS]}
    panels = {name: panel for name, panel in panels.items() if panel["label"]}
    out = []
    name = plain(whole.name)
    if panels:
        out.append(
            Figure(
                "multiples",
                f"{name.capitalize()} by slice",
                "One line a slice: the measure and where it likely lies. A mark where the whole range lies "
                "on one side of the value of all rows.",
                panels,
                {"rule": whole.value, "rule_title": "all rows"},
            )
        )
    crossed = [k for k in kinds if len(k.kind.cuts) == 2]
    out += [f for k in crossed[:MOST_MAPS] if (f := _map(k, measured, whole)) is not None]
    return tuple(out)


def _beyond(one: Measured, whole: float) -> str:
    if one.own.high < whole:
        return "below"
    return "above" if one.own.low > whole else ""


def _panel(
    slices: Slices, measured: Mapping[Place, Measured], whole: Estimate
) -> dict[str, list[Any]]:
    own = [measured[s.where] for s in slices.found if s.where in measured][:MOST_ROWS]
    return {
        "label": [", ".join(value for _, value in one.one.where) for one in own],
        "value": [one.own.value for one in own],
        "low": [one.own.low for one in own],
        "high": [one.own.high for one in own],
        "beyond": [_beyond(one, whole.value) for one in own],
    }


def _map(slices: Slices, measured: Mapping[Place, Measured], whole: Estimate) -> Figure | None:
    own = [measured[s.where] for s in slices.found if s.where in measured and not s.pooled]
    sides = [list(dict.fromkeys(one.one.where[i][1] for one in own)) for i in (0, 1)]
    if len(own) < 2 or min(map(len, sides)) < 2 or max(map(len, sides)) > MOST_SIDE:
        return None
    columns = slices.kind.columns
    return Figure(
        "heat",
        f"{plain(whole.name).capitalize()} by {columns[0]} and {columns[1]}",
        "One cell a crossing, with its number of rows. A mark where the whole range lies on one side of the "
        "value of all rows.",
        {
            plain(whole.name): {
                "row": [one.one.where[0][1] for one in own],
                "column": [one.one.where[1][1] for one in own],
                "value": [one.own.value for one in own],
                "n": [one.one.rows for one in own],
                "beyond": [_beyond(one, whole.value) for one in own],
            }
        },
        {
            "middle": whole.value,
            "middle_title": "all rows",
            "better": "lower" if whole.name in LOWER else "higher",
            "y_title": columns[0],
            "x_title": columns[1],
        },
    )
