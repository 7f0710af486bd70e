"""Puts the commands together, runs one, and turns whatever happens into one sentence and a code.

::

    0  pass                     3  unsure (not enough evidence)
    1  the policy is not met    4  a check broke, or Plimsoll itself did
    2  wrong usage, unreadable input, stopped from the keyboard
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.main import get_command

from plimsoll.cli import voice
from plimsoll.cli.check import check
from plimsoll.cli.compare import compare
from plimsoll.cli.demo import demo
from plimsoll.cli.explain import explain
from plimsoll.cli.init import init
from plimsoll.cli.list_checks import list_checks
from plimsoll.cli.profile import profile
from plimsoll.cli.report import report
from plimsoll.cli.schema import schema
from plimsoll.cli.selfcheck import selfcheck
from plimsoll.cli.stress import stress
from plimsoll.core.errors import PlimsollError, did_you_mean

TRACEBACK = "PLIMSOLL_TRACEBACK"
"""Set to 1 to see where an error came from."""
DEFECT = 4
STOPPED = 130
"""What Typer returns at Ctrl-C; no command returns it."""

# Typer brings its own copy of Click or depends on Click, by version; either way these are the parents
# of its BadParameter.
_UsageError: type[Any] = typer.BadParameter.__mro__[1]
_ClickError: type[Any] = typer.BadParameter.__mro__[2]

_COMMANDS: dict[str, Callable[..., int]] = {
    "check": check,
    "stress": stress,
    "compare": compare,
    "init": init,
    "demo": demo,
    "profile": profile,
    "report": report,
    "explain": explain,
    "list": list_checks,
    "selfcheck": selfcheck,
    "schema": schema,
}

_EPILOG = (
    "Exit codes: 0 pass; 1 the policy is not met; 2 wrong usage or unreadable input; "
    "3 unsure, not enough evidence; 4 a check, or Plimsoll itself, broke."
)


def run(args: list[str]) -> int:
    """Run one command line and return its exit code; errors end in one sentence, never a traceback."""
    # Drawing help with Rich costs a tenth of a second, which the list of commands need not pay.
    wide = bool(args) and not args[0].startswith("-")
    command: Any = get_command(build("rich" if wide else None))
    try:
        code = command.main(args or ["--help"], prog_name=voice.NAME, standalone_mode=False)
    except BaseException as error:  # the last wall: nothing may end in a traceback
        return _explain(error, command)
    if code == STOPPED:
        return _stopped()
    # A script whose command went missing must not look like a pass.
    return int(code or 0) if args else 2


def build(markup: Any = "rich") -> typer.Typer:
    """Return the application; ``markup`` is how help is drawn."""
    app = typer.Typer(
        name=voice.NAME,
        help="Learn whether a machine-learning model is good enough, and how sure that is.",
        epilog=_EPILOG,
        rich_markup_mode=markup,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )
    app.callback()(_top)
    for name, function in _COMMANDS.items():
        app.command(name, epilog=_EPILOG if name in ("check", "stress", "compare") else None)(
            function
        )
    return app


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        voice.answer(f"plimsoll {version('plimsoll')}")
        raise typer.Exit


def _top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Learn whether a machine-learning model is good enough, and how sure that is."""


def _explain(error: BaseException, command: Any) -> int:
    if os.environ.get(TRACEBACK, "") not in ("", "0"):
        voice.aside("".join(traceback.format_exception(error)).rstrip())
    if isinstance(error, PlimsollError):
        voice.tell(str(error))
        return error.exit_code
    if isinstance(error, _ClickError):
        voice.tell(_usage(error, command))
        return 2
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return _stopped()
    if isinstance(error, SystemExit):
        return _left(error)
    if isinstance(error, MemoryError):
        voice.tell("The run needed more memory than there is; give a lower --jobs or fewer rows.")
        return 2
    voice.tell(
        f"This is a defect of Plimsoll, not of your input: {type(error).__name__}{_place(error)}. "
        f"Run again with {TRACEBACK}=1 to see where it comes from, and please report it."
    )
    return DEFECT


def _stopped() -> int:
    voice.tell("Stopped from the keyboard before a verdict; nothing was judged.")
    return 2


def _left(error: SystemExit) -> int:
    """Typer leaves this way where the reader of a help text closed the pipe: no error."""
    if isinstance(error.__context__, BrokenPipeError):
        return 0
    # Code of the user, such as a model, that leaves with 0 must not look like a pass.
    voice.tell(
        "Code that was called, such as the model, ended the program (SystemExit) before a verdict; "
        "nothing was judged. Take the call of exit out of it."
    )
    return 2


def _place(error: BaseException) -> str:
    """Say where an unexpected error arose, without its text, which could hold data."""
    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if f"{os.sep}plimsoll{os.sep}" in f[0]
    ]
    return f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""


def _usage(error: Any, command: Any) -> str:
    """Say a mistake in the command line in one sentence, with the nearest right word."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else voice.NAME
    option = getattr(error, "option_name", None)
    if option is not None and type(error).__name__ == "NoSuchOption":
        known = [name for part in context.command.params for name in part.opts] if context else []
        return f"There is no option '{option}'.{did_you_mean(option, known)} See '{path} --help'."
    message = str(error.format_message())
    if message.startswith("No such command"):
        name = message.split("'")[1] if "'" in message else message
        return (
            f"There is no command '{name}'.{did_you_mean(name, command.commands)} "
            f"See '{voice.NAME} --help'."
        )
    return f"{message.rstrip('.')}. See '{path} --help'."
