"""Commands, one file each; the console script is :func:`main`.

Importing this room loads nothing: Typer comes when a command line is run, and every command imports
what it works with when it runs, so ``plimsoll --help`` answers at once.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["main"]


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    import sys

    try:
        from plimsoll.cli.app import run
    except KeyboardInterrupt:
        sys.stderr.write("plimsoll: Stopped from the keyboard before it began.\n")
        raise SystemExit(2) from None
    raise SystemExit(run(sys.argv[1:] if args is None else list(args)))
