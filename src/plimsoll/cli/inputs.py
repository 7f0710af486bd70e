"""What a run reads: files whose place no report may take.

A report is written over a file of the same name, as a second run expects. A file that the same run
reads is no report, and to write over it would lose data, a model or settings of the user.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from plimsoll.core.errors import OutputError

if TYPE_CHECKING:
    from plimsoll.api import Settings

Inputs = Mapping[str, str]
"""What is read, by the words that name it: ``{"the data": "test.csv"}``."""


def inputs_of(settings: Settings, *files: Path | str | None) -> dict[str, str]:
    """Return what a run with these settings reads; ``files`` are settings and policy files."""
    data, subject = settings.data, settings.subject
    named = {
        "the data": data.current,
        "the reference": data.reference,
        "the labels": data.labels,
        "the predictions": data.predictions,
        "the model": subject.model,
        "the champion": subject.champion,
        "the challenger": subject.challenger,
    }
    read = {what: ref for what, ref in named.items() if ref is not None}
    read |= {f"the settings or limits in '{file}'": str(file) for file in files if file is not None}
    return read


def refuse_inputs(places: Iterable[str], inputs: Inputs) -> None:
    """Make sure that no report would be written over a file that is read.

    Raises
    ------
    OutputError
        At the first place that is an input, a file that an input's glob names, or one that is there
        already in a folder that is read.
    """
    for place in places:
        target = Path(os.path.realpath(place))
        for what, ref in inputs.items():
            if target.exists() and _reads(ref, target):
                raise OutputError(
                    f"A report was to be written to '{place}', which this run reads as {what} and "
                    "which would be lost; name another place."
                )


def _reads(ref: str, target: Path) -> bool:
    path = _path(ref)
    if not path:
        return False
    found = [path] if os.path.exists(path) else glob.glob(path, recursive=True)
    for one in found:
        real = Path(os.path.realpath(one))
        if real == target or (real.is_dir() and real in target.parents):
            return True
    return False


def _path(ref: str) -> str:
    """Return the local path that a path, a file: or an SQLite URL names, or an empty string.

    >>> _path("data/a.csv"), _path("file:///data/a.csv"), _path("sqlite:///a.db")
    ('data/a.csv', '/data/a.csv', 'a.db')
    >>> _path("postgresql://host/base")
    ''
    """
    if "://" not in ref:
        return os.path.expanduser(ref)
    parts = urlsplit(ref)
    if parts.scheme == "file":
        return unquote(parts.path)
    return unquote(parts.path.removeprefix("/")) if parts.scheme.startswith("sqlite") else ""
