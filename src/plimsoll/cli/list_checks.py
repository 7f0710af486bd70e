"""``plimsoll list``: all checks with code, question, needs and cost."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from plimsoll.cli import voice

if TYPE_CHECKING:
    from plimsoll.core.check import Card


def list_checks(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> int:
    """List all checks with code, question, needs and cost."""
    from plimsoll import api

    cards = api.cards()
    if as_json:
        import json

        voice.answer(json.dumps([_plain(card) for card in cards], indent=2, ensure_ascii=False))
    else:
        _table(cards)
    return 0


def _plain(card: Card) -> dict[str, object]:
    return {
        "code": card.code,
        "title": card.title,
        "question": card.question,
        "needs": card.needs,
        "cost": card.cost,
        "suites": list(card.suites),
        "measures": [measure.name for measure in card.measures],
        "sources": list(card.sources),
    }


def _table(cards: list[Card]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Code", no_wrap=True, style="bold")
    table.add_column("Question", ratio=5)
    table.add_column("Needs", ratio=3)
    table.add_column("Cost", ratio=2)
    for card in cards:
        table.add_row(*(Text(cell) for cell in (card.code, card.question, card.needs, card.cost)))
    voice.draw(lambda console: console.print(table), sys.stdout)
    voice.answer("'plimsoll explain CODE' says more about one.")
