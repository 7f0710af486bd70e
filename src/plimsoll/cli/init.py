"""``plimsoll init``: look at the data, ask what cannot be told, write ``plimsoll.toml``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from plimsoll.cli import voice
from plimsoll.cli.flags import FLAGS, gather, takes
from plimsoll.core.errors import PlimsollError, SettingsError, UsageError

if TYPE_CHECKING:
    from plimsoll.cli.roles import Draw
    from plimsoll.cli.settings_text import Draft

OFFERED = ("reference", "model", "name", "task", "target", "prediction", "score", "positive",
           "id", "time", "group", "weight")  # fmt: skip
SUFFIXES = (".csv", ".csv.gz", ".csv.zst", ".tsv", ".parquet", ".arrow", ".feather", ".jsonl", ".ndjson")


@takes(*(flag for flag in FLAGS if flag.setting in OFFERED))
def init(
    data: Annotated[
        str | None,
        typer.Argument(metavar="[DATA]", help="Rows to judge.", show_default=False),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Where the settings go.")
    ] = Path("plimsoll.toml"),
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Take the guesses, ask nothing.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Write over a file that is there.")
    ] = False,
    **flags: Any,
) -> int:
    """Look at the data, ask what cannot be told, write plimsoll.toml.

    What a flag names is not guessed. A guess is said, and marked in the file where it matters.
    """
    from plimsoll.cli.roles import Asker, settle_roles
    from plimsoll.records.store import check_writable, write_atomically

    if output.exists() and not force:
        raise UsageError(
            f"'{output}' is there already and would be lost; give --force to write over it, or "
            "--output FILE for another."
        )
    check_writable(output)
    asker = Asker(asks=not yes and sys.stdin.isatty())
    given = gather(flags, [flag for flag in FLAGS if flag.setting in OFFERED])
    settled = settle_roles(_data(data, asker), given, asker)
    draft = settled.draft(output)
    text = draft.text()
    _readable(text)
    write_atomically(output, text)
    voice.tell(f"settings written to {output}")
    return _next(settled, output)
