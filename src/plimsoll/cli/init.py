"""``plimsoll init``: look at the data, ask what cannot be told, write ``plimsoll.toml``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from plimsoll.cli import voice
from plimsoll.cli.flags import FLAGS
from plimsoll.cli.typed import gather, takes
from plimsoll.core.errors import UsageError

if TYPE_CHECKING:
    from plimsoll.cli.asker import Asker
    from plimsoll.cli.roles import Settled

_OFFERED = ("query", "labels", "predictions", "reference", "model", "name", "task", "target",
            "prediction", "score", "positive", "id", "time", "group", "weight")  # fmt: skip
_FLAGS = tuple(flag for flag in FLAGS if flag.setting in _OFFERED)
SUFFIXES = (".csv", ".csv.gz", ".csv.zst", ".tsv", ".parquet", ".arrow", ".feather", ".jsonl",
            ".ndjson")  # fmt: skip


@takes(*_FLAGS)
def init(
    data: Annotated[
        str | None,
        typer.Argument(metavar="DATA", help="Rows to judge.", show_default=False),
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
    from plimsoll.cli.asker import Asker
    from plimsoll.cli.roles import settle_roles
    from plimsoll.records.store import check_writable, write_atomically

    if output.exists() and not force:
        raise UsageError(
            f"'{output}' is there already and would be lost; give --force to write over it, or "
            "--output FILE for another."
        )
    check_writable(output)
    asker = Asker(asks=not yes and sys.stdin is not None and sys.stdin.isatty())
    given = gather(flags, _FLAGS)
    settled = settle_roles(data or _data(asker), given, asker)
    text = settled.draft(output).text()
    write_atomically(output, text)
    voice.tell(f"settings written to {output}, with these parts:")
    for guess in settled.guesses:
        asker.say(guess)
    _what_next(settled, output)
    return 0


def _data(asker: Asker) -> str:
    """Return the data to look at where none was named: the only table here, or what the user says."""
    here = sorted(path.name for path in Path().iterdir() if path.name.endswith(SUFFIXES))
    if len(here) == 1:
        return here[0]
    if asker.asks:
        said = asker.word("Where are the rows to judge?")
        if said is not None:
            return said
    found = f"of {len(here)} tables here none is the only one" if here else "no table is here"
    raise UsageError(f"Rows to judge were expected, and {found}; name them: plimsoll init DATA.")


def _what_next(settled: Settled, output: Path) -> None:
    """Say what a run of these settings would stop at, or how to start it."""
    command = "plimsoll check" + ("" if output == Path("plimsoll.toml") else f" {output}")
    if settled.open:
        voice.tell(
            f"one thing is missing before '{command}' can run: no column looks like an answer of a "
            f"model; name the model, the score or the prediction in {output}."
        )
        return
    unsure = [guess.role for guess in settled.guesses if not guess.sure]
    if unsure:
        voice.tell(
            f"guessed and marked in the file: {', '.join(unsure)}; look there before you rely on it."
        )
    voice.tell(f"next: {command}")
