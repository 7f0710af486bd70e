"""The JSON Schema of the record and of the settings, made from the classes that write them.

Draft 2020-12 (https://json-schema.org/draft/2020-12). Keys that are not listed are allowed, since
additions are free; the required ones are those that the contract shows.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from enum import Enum
from typing import Any

from plimsoll.core.check import Card
from plimsoll.core.estimate import Estimate, Where
from plimsoll.core.record import (
    SCHEMA,
    CheckEntry,
    DataFacts,
    FindingEntry,
    GateLine,
    ModelFacts,
    Record,
    ScanFacts,
    SubjectFacts,
)
from plimsoll.core.settings import Settings
from plimsoll.records.schema_words import WORDS

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_REQUIRED: dict[type[Any], tuple[str, ...]] = {
    Record: (
        "schema",
        "plimsoll",
        "created",
        "verdict",
        "subject",
        "settings",
        "checks",
        "gate",
        "scan",
    ),
    SubjectFacts: ("name", "task", "model", "data"),
    ModelFacts: ("kind",),
    DataFacts: ("rows", "sha256"),
    CheckEntry: ("code", "title", "status", "reason", "seconds", "estimates", "findings"),
    Card: ("code", "title", "question"),
    Estimate: ("name", "value", "low", "high", "level", "n", "unit", "method", "where"),
    FindingEntry: ("status", "title", "meaning", "action", "where", "estimates"),
    GateLine: ("limit", "bound", "status", "estimate"),
    ScanFacts: ("rows", "columns", "passes", "seconds", "peak_rss_bytes", "engine"),
}
_NARROWER: dict[tuple[type[Any], str], Schema] = {
    (Record, "schema"): {"const": SCHEMA},
    (Record, "created"): {"type": "string", "format": "date-time"},
    (DataFacts, "rows"): {"type": "integer", "minimum": 0},
    (Estimate, "level"): {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    (Estimate, "n"): {"type": "integer", "minimum": 0},
    (SubjectFacts, "task"): {"enum": ["binary", "multiclass", "regression", "none"]},
    (ScanFacts, "passes"): {"type": "integer", "minimum": 0},
    (ScanFacts, "seconds"): {"type": "number", "minimum": 0},
}


def record_schema() -> Schema:
    """Return the JSON Schema of the record as ``--json`` writes it."""
    made = _Maker()
    top = made.object(Record)
    return {
        "$schema": DIALECT,
        "$id": f"urn:plimsoll:schema:{SCHEMA.replace('/', ':')}",
        "title": "The record of one Plimsoll run",
        **top,
        "$defs": dict(sorted(made.definitions.items())),
    }


def settings_schema() -> Schema:
    """Return the JSON Schema of ``plimsoll.toml``."""
    return {
        "$schema": DIALECT,
        "$id": "urn:plimsoll:schema:plimsoll.settings:1",
        **Settings.model_json_schema(by_alias=True),
        "title": "plimsoll.toml",
    }


class _Maker:
    """Turns classes into schemas; every class but the first becomes a definition of its own."""

    def __init__(self) -> None:
        self.definitions: dict[str, Schema] = {}

    def object(self, kind: type[Any]) -> Schema:
        """Return the schema of a dataclass."""
        hints = typing.get_type_hints(kind)
        words = WORDS[kind]
        properties: Schema = {}
        for field in dataclasses.fields(kind):
            key = "class" if kind is Where and field.name == "label" else field.name
            inner = _NARROWER.get((kind, field.name)) or self._of(hints[field.name])
            if kind is Where:
                inner = _without_null(inner)
            properties[key] = {**inner, "description": words[field.name]}
        if kind is Where:
            properties["slice"] = {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": words["slice"],
            }
        out: Schema = {"type": "object", "description": words[""], "properties": properties}
        if kind in _REQUIRED:
            out["required"] = list(_REQUIRED[kind])
        return out

    def _of(self, hint: Any) -> Schema:
        origin, inner = typing.get_origin(hint), typing.get_args(hint)
        if hint is Any:
            return {}
        if origin is types.UnionType or origin is typing.Union:
            return {"anyOf": [self._of(option) for option in inner]}
        if origin is tuple:
            return self._tuple(inner)
        if origin is list:
            return {"type": "array", "items": self._of(inner[0])}
        if origin is dict:
            return {"type": "object", "additionalProperties": self._of(inner[1])}
        if dataclasses.is_dataclass(hint) and isinstance(hint, type):
            return self._named(hint, lambda: self.object(hint))
        if isinstance(hint, type) and issubclass(hint, Enum):
            return {"enum": [member.value for member in hint]}
        return {"type": _SCALARS[hint]}

    def _tuple(self, inner: tuple[Any, ...]) -> Schema:
        if len(inner) == 2 and inner[1] is Ellipsis:
            return {"type": "array", "items": self._of(inner[0])}
        return {
            "type": "array",
            "prefixItems": [self._of(one) for one in inner],
            "minItems": len(inner),
            "maxItems": len(inner),
        }

    def _named(self, kind: type[Any], make: typing.Callable[[], Schema]) -> Schema:
        if kind.__name__ not in self.definitions:
            self.definitions[kind.__name__] = {}  # so that a class within itself ends
            self.definitions[kind.__name__] = make()
        return {"$ref": f"#/$defs/{kind.__name__}"}


def _without_null(schema: Schema) -> Schema:
    """Return the schema without null, for keys that are left out where they say nothing."""
    options = [one for one in schema.get("anyOf", []) if one != {"type": "null"}]
    return options[0] if len(options) == 1 else schema


_SCALARS: dict[Any, str] = {
    int: "integer",
    float: "number",
    str: "string",
    bool: "boolean",
    type(None): "null",
}
