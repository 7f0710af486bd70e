"""``plimsoll explain``: what a check asks, how, when it cannot tell, what to do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from plimsoll.cli import voice

if TYPE_CHECKING:
    from rich.console import Console


def explain(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Code of a check, such as CAL001.")],
) -> int:
    """Explain a check: what it asks, how, what to do."""
    from plimsoll import api

    page = api.explain(code)
    if not sys.stdout.isatty():
        voice.answer(page)
        return 0
    from rich.markdown import Markdown

    heading, _, rest = page.partition("\n")

    def paint(console: Console) -> None:
        console.print(heading, style="bold", highlight=False, markup=False)
        console.print(Markdown(rest), width=min(console.width, voice.PLAIN_WIDTH))

    voice.draw(paint, sys.stdout)
    return 0
