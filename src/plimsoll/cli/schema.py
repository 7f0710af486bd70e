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

    if settings:
        from plimsoll.core.settings import Settings

        found = Settings.model_json_schema()
        found = {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}
    else:
        from plimsoll.records.schema import record_schema

        found = record_schema()
    voice.answer(json.dumps(found, indent=2, ensure_ascii=False))
    return 0
