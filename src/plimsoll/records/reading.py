"""From the JSON of a record back to the record, by the types that its classes declare.

Keys that are not known are left out, for additions are free; keys that the contract does not
demand may be missing and take their defaults.
"""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any

from plimsoll.core.errors import RecordError
from plimsoll.core.estimate import Where
from plimsoll.core.record import SCHEMA, CheckEntry, GateLine, Record

_FAMILY, _, _VERSION = SCHEMA.partition("/")


def record_from_json(data: Any) -> Record:
    """Return the record of which :meth:`Record.to_json` gave this.

    Raises
    ------
    RecordError
        If it is no record, is of another schema version, or a key is missing or of a wrong kind.
    """
    if not isinstance(data, dict) or "schema" not in data:
        raise RecordError(
            "a record was expected, and this is something else: it has no key 'schema'. "
            "Give the file that --json wrote."
        )
    family, _, version = str(data["schema"]).partition("/")
    if family != _FAMILY:
        raise RecordError(
            f"a record of schema '{SCHEMA}' was expected, and the schema is '{data['schema']}'. "
            "Give the file that --json wrote."
        )
    if version != _VERSION:
        raise RecordError(
            f"a record of schema '{SCHEMA}' was expected, and this one is of version {version}. "
            "Read it with a Plimsoll of that version."
        )
    return typing.cast(Record, _object(Record, data, "the record"))


@cache
def _hints(kind: type[object]) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _object(kind: type[Any], data: Any, place: str) -> Any:
    if not isinstance(data, dict):
        raise RecordError(f"{place} must be a mapping and is {_kind(data)}.")
    if kind is Where:
        return _where(data, place)
    given = _completed(kind, data)
    of: Any = kind  # mypy does not take a class to be hashable
    hints, found = _hints(of), {}
    for field in dataclasses.fields(kind):
        if field.name in given:
            found[field.name] = _value(
                hints[field.name], given[field.name], f"{place}.{field.name}"
            )
        elif _demanded(field):
            raise RecordError(f"{place} lacks the key '{field.name}'; the file is incomplete.")
    try:
        return kind(**found)
    except (ValueError, TypeError) as error:
        raise RecordError(f"{place} holds what cannot be: {error}.") from None


def _completed(kind: type[Any], data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Fill in what the contract leaves open and the classes demand."""
    if kind is CheckEntry and "card" not in data:
        card = {"question": "", "area": "", "needs": ""}
        named = {"code": data.get("code", ""), "title": data.get("title", "")}
        return {**data, "card": card | named}
    if kind is GateLine and "meaning" not in data:
        return {**data, "meaning": ""}
    return data


def _where(data: dict[str, Any], place: str) -> Where:
    for name, hint in _hints(Where).items():
        key = "class" if name == "label" else name
        if name != "slice" and key in data:
            _value(hint, data[key], f"{place}.{key}")
    if not isinstance(data.get("slice", {}), dict):
        raise RecordError(f"{place}.slice must be a mapping and is {_kind(data['slice'])}.")
    return Where.from_json(data)


def _value(hint: Any, value: Any, place: str) -> Any:
    if hint is Any:
        return value
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType or origin is typing.Union:
        if value is None and type(None) in inner:
            return None
        options = [option for option in inner if option is not type(None)]
        return _value(options[0], value, place)
    if origin is tuple:
        return _tuple(inner, value, place)
    if origin is list:
        _must_be(list, value, "a list", place)
        return [_value(inner[0], item, f"{place}[{i}]") for i, item in enumerate(value)]
    if origin is dict:
        _must_be(dict, value, "a mapping", place)
        return {key: _value(inner[1], item, f"{place}.{key}") for key, item in value.items()}
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _object(hint, value, place)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _member(hint, value, place)
    return _scalar(hint, value, place)


def _tuple(inner: tuple[Any, ...], value: Any, place: str) -> tuple[Any, ...]:
    _must_be(list, value, "a list", place)
    if len(inner) == 2 and inner[1] is Ellipsis:
        return tuple(_value(inner[0], item, f"{place}[{i}]") for i, item in enumerate(value))
    if len(value) != len(inner):
        raise RecordError(f"{place} must hold {len(inner)} values and holds {len(value)}.")
    pairs = enumerate(zip(inner, value, strict=True))
    return tuple(_value(hint, item, f"{place}[{i}]") for i, (hint, item) in pairs)


def _member(kind: type[Enum], value: Any, place: str) -> Enum:
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(str(member.value) for member in kind)
        shown = f"'{value}'" if isinstance(value, str) else _kind(value)
        raise RecordError(f"{place} must be one of {known} and is {shown}.") from None


def _scalar(hint: Any, value: Any, place: str) -> Any:
    if hint is float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RecordError(f"{place} must be a number and is {_kind(value)}.")
        if not math.isfinite(value):
            raise RecordError(f"{place} must be a finite number and is {value}.")
        return value
    if hint is int and isinstance(value, bool):
        raise RecordError(f"{place} must be a whole number and is a truth value.")
    named = {int: "a whole number", str: "a text", bool: "a truth value", dict: "a mapping"}
    if hint in named:
        _must_be(hint, value, named[hint], place)
    return value


def _must_be(kind: type[Any], value: Any, words: str, place: str) -> None:
    if not isinstance(value, kind):
        raise RecordError(f"{place} must be {words} and is {_kind(value)}.")


def _demanded(field: dataclasses.Field[Any]) -> bool:
    missing = dataclasses.MISSING
    return field.default is missing and field.default_factory is missing


def _kind(value: Any) -> str:
    words = {
        "dict": "a mapping",
        "list": "a list",
        "str": "a text",
        "NoneType": "empty",
        "bool": "a truth value",
        "int": "a number",
        "float": "a number",
    }
    return words.get(type(value).__name__, type(value).__name__)
