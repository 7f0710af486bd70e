"""``plimsoll profile``: keep of a reference what checks need, in a few megabytes and without raw rows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from plimsoll.cli import voice
from plimsoll.cli.check import Quiet, Trust
from plimsoll.cli.flag import COLUMNS, DATA, SUBJECT
from plimsoll.cli.flags import FLAGS
from plimsoll.cli.typed import gather, takes
from plimsoll.core.errors import SettingsError

TAKEN = tuple(
    flag
    for flag in FLAGS
    if flag.panel in (DATA, COLUMNS, SUBJECT)
    and flag.setting
    not in (
        "current",
        "reference",
        "reference_query",
        "champion",
        "challenger",
        "labels",
        "predictions",
    )
)


@takes(*TAKEN)
def profile(
    data: Annotated[
        str, typer.Argument(metavar="DATA", help="The reference: file, folder, glob or URL.")
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Where to write it; ends in .plimsoll."
        ),
    ],
    settings: Annotated[
        Path | None,
        typer.Option(
            "--settings",
            metavar="FILE",
            help="Settings file; ./plimsoll.toml where there is one.",
            show_default=False,
        ),
    ] = None,
    trust_model: Trust = False,
    quiet: Quiet = False,
    **flags: Any,
) -> int:
    """Keep of a reference what checks need: counts and sums, no raw row.

    Give the file to 'plimsoll check --reference'. Without a target it serves drift; with a target and the
    model's answers it serves limits on a drop, too.
    """
    from plimsoll import api
    from plimsoll.cli.reading import read_settings
    from plimsoll.core.profile import SUFFIX
    from plimsoll.records.store import check_writable

    if output.suffix != SUFFIX:
        raise SettingsError(
            f"A profile needs a name that ends in {SUFFIX}, so that it is known as one; got '{output}'."
        )
    check_writable(output)
    parsed = read_settings(settings, gather(flags, TAKEN), quiet=quiet)
    found = api.profile(data, settings=parsed, trust_model=trust_model)
    found.write(output)
    if not quiet:
        size = output.stat().st_size
        shown = f"{size / 2**20:.1f} MiB" if size >= 2**20 else f"{max(1, size // 1024)} KiB"
        what = "" if found.labelled else " Without a target and answers it serves drift alone."
        voice.aside(
            f"Profile of {found.rows:,} rows and {len(found.columns)} columns in '{output}' ({shown})."
            f"{what}"
        )
    return 0
