"""From flags to a command's signature, where Typer finds them, and from what was typed to settings."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from plimsoll.cli.flag import Flag
from plimsoll.cli.flags import FLAGS
from plimsoll.core.errors import SettingsError, did_you_mean

Command = Callable[..., int]


def takes(*flags: Flag) -> Callable[[Command], Command]:
    """Add ``flags`` to the signature of a command that ends in ``**flags``."""

    def add(command: Command) -> Command:
        hints = typing.get_type_hints(command, include_extras=True)
        keyword = inspect.Parameter.KEYWORD_ONLY
        own = [
            part.replace(annotation=hints[part.name], kind=keyword)
            for part in inspect.signature(command).parameters.values()
            if part.kind is not inspect.Parameter.VAR_KEYWORD
        ]
        added = [
            inspect.Parameter(flag.parameter, keyword, default=None, annotation=flag.annotation())
            for flag in flags
        ]
        # Help shows the parts in this order: what is typed first, then every setting, then the rest.
        parts = [part for part in own if _is_argument(part)]
        parts += [*added, *(part for part in own if not _is_argument(part))]
        made: Any = command
        made.__signature__ = inspect.Signature(parts, return_annotation=int)
        made.__annotations__ = {part.name: part.annotation for part in parts} | {"return": int}
        return command

    return add


def _is_argument(part: inspect.Parameter) -> bool:
    told = getattr(part.annotation, "__metadata__", ())
    return any(type(info).__name__ == "ArgumentInfo" for info in told)


def gather(typed: Mapping[str, Any], flags: Sequence[Flag] = FLAGS) -> dict[str, Any]:
    """Return settings by their bare names from what was typed; what was not typed is left out.

    Raises
    ------
    SettingsError
        At a word that is none of a flag's choices, with the nearest, or a list that is malformed.
    """
    return {
        flag.setting: _value(flag, typed[flag.parameter])
        for flag in flags
        if typed.get(flag.parameter) not in (None, [])
    }


def _value(flag: Flag, typed: Any) -> Any:
    if flag.choices:
        if typed not in flag.choices:
            known = f"{', '.join(flag.choices[:-1])} or {flag.choices[-1]}"
            raise SettingsError(
                f"{flag.option} must be {known}; got '{typed}'.{did_you_mean(typed, flag.choices)}"
            )
        return typed
    if flag.kind == "list":
        return split(typed, flag.option)
    if flag.kind == "wholes":
        return [round(x) for x in _numbers(flag, typed)]
    if flag.kind == "score":
        names = split(typed, flag.option)
        return names[0] if len(names) == 1 else names
    if flag.kind == "pairs":
        return dict(_pair(flag, entry) for entry in typed)
    if flag.kind == "groups":
        return {name: split(text, flag.option) for name, text in (_pair(flag, e) for e in typed)}
    if flag.kind == "edges":
        return {name: _numbers(flag, text) for name, text in (_pair(flag, e) for e in typed)}
    return typed


def split(text: str, option: str) -> list[str]:
    """Return the names of a comma list; a name that holds a comma is put in double quotes.

    >>> split('age, "city, region"', "--slice-by")
    ['age', 'city, region']
    """
    import csv

    names = [name.strip() for name in next(csv.reader([text], skipinitialspace=True), [])]
    if not names or not all(names):
        raise SettingsError(
            f"{option} must hold names with one comma between them, such as A,B; got '{text}'."
        )
    return names


def _numbers(flag: Flag, text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise SettingsError(
            f"{flag.option} must hold numbers with one comma between them ({flag.metavar}); got '{text}'."
        ) from None


def _pair(flag: Flag, entry: str) -> tuple[str, str]:
    key, sign, value = entry.partition("=")
    if not (sign and key.strip() and value.strip()):
        raise SettingsError(
            f"{flag.option} must be {flag.metavar}, with one = between them; got '{entry}'."
        )
    return key.strip(), value.strip()
