"""The settings of one run: a file, with flags that win over it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plimsoll.cli import voice

if TYPE_CHECKING:
    from plimsoll.core.settings import Settings

DEFAULT = Path("plimsoll.toml")


def read_settings(named: Path | None, flags: Mapping[str, Any], *, quiet: bool = False) -> Settings:
    """Return the settings of the file named, else of ./plimsoll.toml where there is one.

    A file that nobody named is said, for its limits and roles hold beside the flags.

    Raises
    ------
    SettingsError
        If the file or a flag is wrong; the message says which and what is known.
    """
    from plimsoll.api import with_flags
    from plimsoll.core.settings import Settings, load_settings

    place = named
    if place is None and DEFAULT.is_file():
        place = DEFAULT
        if not quiet:
            voice.tell(f"settings are those of {DEFAULT}, with the flags over them")
    base = Settings() if place is None else load_settings(place)
    return with_flags(base, flags)
