"""``plimsoll report``: render a stored record again, to any format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from plimsoll.cli.flag import REPORTS
from plimsoll.cli.flags import FLAGS
from plimsoll.cli.typed import gather, takes

_FORMS = tuple(flag for flag in FLAGS if flag.panel == REPORTS)


@takes(*_FORMS)
def report(
    record: Annotated[
        Path, typer.Argument(metavar="RECORD", help="What --json wrote.", show_default=False)
    ],
    terminal: Annotated[
        bool,
        typer.Option(
            "--terminal",
            help="Print the report for a terminal; so does naming no format.",
            rich_help_panel=REPORTS,
        ),
    ] = False,
    **flags: Any,
) -> int:
    """Render a stored record again, in any format.

    The model and the data are not needed, nor are the checks that made it.
    """
    from plimsoll.api import load_record
    from plimsoll.cli.deliver import deliver, deliveries, show
    from plimsoll.cli.inputs import refuse_inputs

    asked = deliveries(gather(flags, _FORMS).items())
    others = [one.place for one in asked if one.form != "json" and not one.to_standard_output]
    refuse_inputs(others, {"the record": str(record)})
    stored = load_record(record)
    if terminal or not asked:
        show(stored, standard_output=not any(one.to_standard_output for one in asked))
    deliver(stored, asked)
    return 0
