"""Commands, one file each; the console script is :func:`main`.

Importing this room loads Typer and nothing heavier: every command imports what it works with when it
runs, so ``plimsoll --help`` answers at once.
"""

from plimsoll.cli.app import main

__all__ = ["main"]
