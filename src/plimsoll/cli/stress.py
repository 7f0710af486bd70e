"""``plimsoll stress``: how much a model carries before it breaks its policy."""

from __future__ import annotations

from typing import Any

from plimsoll.cli.check import GitHub, Quiet, SettingsFile, Trust, judge
from plimsoll.cli.flags import FLAGS
from plimsoll.cli.typed import gather, takes

SUITE = "stress"


@takes(*FLAGS)
def stress(
    settings: SettingsFile = None,
    trust_model: Trust = False,
    github: GitHub = False,
    quiet: Quiet = False,
    **flags: Any,
) -> int:
    """Find how much stress a model carries before it breaks its policy: its load lines.

    Takes the settings and flags of 'plimsoll check' and runs the suite of stress instead. Ctrl-C ends the
    asking and reports what is done by then; a second one ends the run.
    """
    from plimsoll.cli.reading import DEFAULT, read_settings

    typed = gather(flags)
    asked = {"suite": SUITE, **typed}
    parsed = read_settings(settings, asked, quiet=quiet)
    read = (settings or DEFAULT, typed.get("policy"))
    record = judge(parsed, *read, trust_model=trust_model, github=github, quiet=quiet)
    return record.exit_code()
