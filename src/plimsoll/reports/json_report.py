"""The record as JSON, as the contract describes it."""

from __future__ import annotations

import json

from plimsoll.core.record import Record


def render_json(record: Record) -> str:
    """Return the record as one JSON object with finite numbers, readable by people.

    Raises
    ------
    ValueError
        If a number in the record is not finite: absence is a status, never NaN.
    """
    return json.dumps(record.to_json(), allow_nan=False, indent=2, ensure_ascii=False) + "\n"
