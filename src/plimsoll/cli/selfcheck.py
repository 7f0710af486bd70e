"""``plimsoll selfcheck``: prove the statistics on this machine against published answers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from plimsoll.cli import voice

if TYPE_CHECKING:
    from plimsoll.selfcheck import Outcome

BROKEN = 4


def selfcheck(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> int:
    """Recompute published answers on this machine.

    The exit code is 0 if all agree with their sources and 4 if one does not.
    """
    from plimsoll.selfcheck import recompute

    outcomes = recompute()
    wrong = [outcome for outcome in outcomes if not outcome.agrees]
    if as_json:
        import json

        plain = [outcome.to_json() for outcome in outcomes]
        voice.answer(json.dumps(plain, indent=2, ensure_ascii=False))
    else:
        _table(outcomes)
        voice.answer(
            f"All {len(outcomes)} answers agree with their sources."
            if not wrong
            else f"{len(wrong)} of {len(outcomes)} answers do not agree; do not rely on this installation."
        )
    return BROKEN if wrong else 0


def _table(outcomes: list[Outcome]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    table.add_column("Answer", ratio=4, overflow="fold")
    table.add_column("Expected", justify="right", no_wrap=True)
    table.add_column("Got", justify="right", no_wrap=True)
    table.add_column("Source", ratio=4, overflow="fold")
    for outcome in outcomes:
        mark = ("✔ agrees", "green") if outcome.agrees else ("✖ differs", "red")
        table.add_row(
            Text(mark[0], style=mark[1]),
            Text(outcome.name),
            Text(outcome.expected_text),
            Text(outcome.got_text),
            Text(outcome.source),
        )
    voice.draw(lambda console: console.print(table), sys.stdout)
