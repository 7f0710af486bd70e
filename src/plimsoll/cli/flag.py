"""One flag: its name, the setting it wins over, and what it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import typer

DATA, COLUMNS, SUBJECT = "Data", "Columns", "Subject"
SLICES, FAIRNESS, STRESS = "Slices", "Fairness", "Stress"
RUN, REPORTS = "Run", "Reports"


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag. ``setting`` is the bare name of the setting that it wins over.

    ``kind`` is ``text``, ``whole`` (number), ``number``, ``list`` (names with commas between them),
    ``wholes`` (whole numbers), ``score`` (one name or a list), ``pairs`` (``KEY=VALUE``),
    ``edges`` (``KEY=X,X``) or ``groups`` (``KEY=NAME,NAME``), repeatable.
    """

    option: str
    setting: str
    panel: str
    help: str
    metavar: str
    kind: str = "text"
    choices: tuple[str, ...] = ()

    @property
    def parameter(self) -> str:
        """The name as Python writes it."""
        return self.option.removeprefix("--").replace("-", "_")

    def annotation(self) -> Any:
        """The type and the words that Typer shows."""
        kind = {
            "whole": int,
            "number": float,
            "pairs": list[str],
            "edges": list[str],
            "groups": list[str],
        }.get(self.kind, str)
        option = typer.Option(
            self.option,
            help=self.help,
            metavar="|".join(self.choices) or self.metavar,
            rich_help_panel=self.panel,
            show_default=False,
        )
        return Annotated[kind | None, option]
