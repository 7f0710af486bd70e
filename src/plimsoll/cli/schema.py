"""``plimsoll schema``: the JSON Schema of the record, or of the settings."""

from __future__ import annotations

from typing import Annotated

import typer

from plimsoll.cli import voice


def schema(
    settings: Annotated[
        bool, typer.Option("--settings", help="That of plimsoll.toml instead.")
    ] = False,
) -> int:
    """Print the JSON Schema of the record."""
    import json

    from plimsoll.records.schema import record_schema, settings_schema

    found = settings_schema() if settings else record_schema()
    voice.answer(json.dumps(found, indent=2, ensure_ascii=False))
    return 0
