"""``plimsoll check``: judge one model on data; the exit code is the verdict."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from plimsoll.cli.flag import REPORTS, SUBJECT
from plimsoll.cli.flags import FLAGS
from plimsoll.cli.typed import gather, takes

if TYPE_CHECKING:
    from plimsoll.api import Record, Settings

SettingsFile = Annotated[
    Path | None,
    typer.Argument(
        metavar="SETTINGS",
        help="Settings file; ./plimsoll.toml where there is one. Flags win over it.",
        show_default=False,
    ),
]
Trust = Annotated[
    bool,
    typer.Option(
        "--trust-model",
        help="Load a pickle or joblib file, which can run any code it holds.",
        rich_help_panel=SUBJECT,
    ),
]
GitHub = Annotated[
    bool,
    typer.Option(
        "--github",
        help="Write the step summary of a GitHub job and annotate its run.",
        rich_help_panel=REPORTS,
    ),
]
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet",
        "-q",
        help="Print nothing but errors and what '-' asks for; the exit code says the verdict.",
        rich_help_panel=REPORTS,
    ),
]


@takes(*FLAGS)
def check(
    settings: SettingsFile = None,
    trust_model: Trust = False,
    github: GitHub = False,
    quiet: Quiet = False,
    **flags: Any,
) -> int:
    """Judge one model on data; the exit code is the verdict.

    Without a report on standard output, the report for people is printed there.
    """
    from plimsoll.cli.reading import DEFAULT, read_settings

    typed = gather(flags)
    parsed = read_settings(settings, typed, quiet=quiet)
    read = (settings or DEFAULT, typed.get("policy"))
    record = judge(parsed, *read, trust_model=trust_model, github=github, quiet=quiet)
    return record.exit_code()


def judge(
    settings: Settings,
    *files: Path | str | None,
    trust_model: bool = False,
    github: bool = False,
    quiet: bool = False,
) -> Record:
    """Run the check, then print and write every report asked for, over none of the ``files`` read.

    Places are checked before the work, so a run of hours does not end in a folder that is not there.
    """
    from plimsoll import api
    from plimsoll.cli.deliver import (
        deliver,
        deliver_github,
        drawable,
        of_settings,
        show,
        summary_place,
    )
    from plimsoll.cli.progress import progress

    asked = of_settings(settings, *files)
    summary = summary_place(github)
    free = not any(one.to_standard_output for one in asked)
    with progress(quiet=quiet) as tick:
        record = api.check(
            settings,
            trust_model=trust_model,
            progress=tick,
            telling=None if tick is None else tick.tell,
        )
    if not quiet:
        show(record, standard_output=free)
    deliver(record, drawable(record, asked), quiet=quiet)
    if summary is not None:
        deliver_github(record, summary, standard_output=free)
    return record
