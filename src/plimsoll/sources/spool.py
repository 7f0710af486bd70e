"""Temporary files that are always removed: at the latest when the program ends."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path

import polars as pl


class Spool:
    """A temporary folder that goes when its last user lets go of it, or the program ends.

    It holds copies of what cannot be streamed as it lies: a database's answer, a file in another
    encoding. They lie where Python puts temporary files; the environment variable TMPDIR moves
    them.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="plimsoll-"))
        self.files: list[Path] = []
        self._remove = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def path(self, name: str) -> Path:
        """Return the path of a new file in the folder."""
        self.files.append(self.folder / f"{len(self.files):06d}-{name}")
        return self.files[-1]

    def keep(self, frame: pl.DataFrame) -> Path:
        """Write some rows to a new Arrow file and return its path."""
        path = self.path("rows.arrow")
        frame.write_ipc(path)
        return path

    def remove(self) -> None:
        """Remove the folder now."""
        self._remove()
