"""How the command line speaks: answers on standard output, everything else on standard error.

Nothing here imports more than the standard library until something is drawn, so that ``plimsoll
--help`` stays quick. A reader who closes the pipe (``plimsoll list | head``) is no error and does not
change the exit code.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from plimsoll.core.errors import OutputError

if TYPE_CHECKING:
    from rich.console import Console

NAME = "plimsoll"
PLAIN_WIDTH = 100
"""Columns of what is drawn into a file or a pipe."""


def answer(text: str) -> None:
    """Write what was asked for to standard output, ending in one line break."""
    _write(sys.stdout, text if text.endswith("\n") else text + "\n")


def tell(message: str) -> None:
    """Write a message to standard error, under the name of the command."""
    _write(sys.stderr, f"{NAME}: {message}\n")


def aside(text: str) -> None:
    """Write text to standard error as it stands."""
    _write(sys.stderr, text if text.endswith("\n") else text + "\n")


def draw(paint: Callable[[Console], None], stream: TextIO | None) -> None:
    """Let ``paint`` draw on a console: as wide as the window and in colour where there is one."""
    from io import BytesIO, TextIOWrapper

    from rich.console import Console

    if stream is None:  # started without one, as services are
        return
    if stream.isatty():
        paint(Console(file=stream))
        return
    # Rich ends the process where a reader closes the pipe, so the page is made first, then written.
    page = TextIOWrapper(BytesIO(), encoding=stream.encoding or "utf-8", errors="replace")
    paint(Console(file=page, width=PLAIN_WIDTH, color_system=None))
    page.seek(0)
    _write(stream, "\n".join(line.rstrip() for line in page.read().splitlines()) + "\n")


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:
        return
    try:
        try:
            stream.write(text)
        except UnicodeEncodeError:
            encoding = stream.encoding or "ascii"
            stream.write(text.encode(encoding, "replace").decode(encoding))
        stream.flush()
    except BrokenPipeError:
        _close(stream)
    except OSError as error:
        _close(stream)
        if stream is sys.stdout:
            raise OutputError(
                f"The answer was expected to be written to standard output: {error.strerror}. "
                "Send it to a place that takes it, or name a file."
            ) from None


def _close(stream: TextIO) -> None:
    """Send what is still to come nowhere, so that the end of the process does not stumble on it."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        return
