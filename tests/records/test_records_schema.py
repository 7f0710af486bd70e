"""The published schema holds for the contract's example and for real records."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import jsonschema
import pytest
from test_records_store import a_record

from plimsoll.core.settings import Settings
from plimsoll.records.schema import record_schema, settings_schema
from plimsoll.records.schema_words import WORDS

SCHEMA = record_schema()
CHECKED = jsonschema.Draft202012Validator(SCHEMA)

# The example of the contract page, with its alternatives and elisions filled in.
EXAMPLE = """
{
  "schema": "plimsoll.record/1",
  "plimsoll": "0.1.0",
  "created": "2026-11-23T03:00:00Z",
  "verdict": "pass",
  "subject": {"name": "...", "task": "binary", "model": {"kind": "...", "sha256": "..."},
              "data": {"rows": 16281, "sha256": "..."}, "reference": {"rows": 32561, "sha256": "..."}},
  "settings": {"seed": 0, "confidence": 0.95, "...": "..."},
  "checks": [
    {"code": "PRF001", "title": "...", "status": "PASS", "reason": null, "seconds": 0.12,
     "estimates": [
       {"name": "roc_auc", "value": 0.9123, "low": 0.9078, "high": 0.9166, "level": 0.95, "n": 16281,
        "unit": null, "method": "DeLong", "where": {}}
     ],
     "findings": [
       {"status": "FAIL", "title": "...", "meaning": "...", "action": "...",
        "where": {"slice": {"sex": "Female"}}, "estimates": [0]}
     ]}
  ],
  "gate": [{"limit": "roc_auc.min", "bound": 0.75, "status": "PASS", "estimate":
       {"name": "roc_auc", "value": 0.9123, "low": 0.9078, "high": 0.9166, "level": 0.95, "n": 16281,
        "unit": null, "method": "DeLong", "where": {}}}],
  "scan": {"rows": 16281, "columns": 15, "passes": 1, "seconds": 0.4, "peak_rss_bytes": 123456789,
           "engine": "local"}
}
"""


def test_the_schema_is_a_schema_and_is_json() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert record_schema() == record_schema()


def test_the_contracts_example_fits() -> None:
    CHECKED.validate(json.loads(EXAMPLE))
    more = json.loads(EXAMPLE)
    more["addition"] = more["scan"]["addition"] = more["checks"][0]["addition"] = {"x": 1}
    CHECKED.validate(more)


def test_a_record_with_every_field_fits() -> None:
    CHECKED.validate(json.loads(json.dumps(a_record().to_json(), allow_nan=False)))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("schema", "plimsoll.record/2"),
        ("verdict", "maybe"),
        ("created", 5),
        ("checks", {}),
        ("gate", [{"limit": "x"}]),
        ("scan", {"rows": "many"}),
        ("settings", []),
    ],
)
def test_what_is_no_record_does_not_fit(key: str, value: Any) -> None:
    data = json.loads(EXAMPLE)
    data[key] = value
    assert not CHECKED.is_valid(data)


@pytest.mark.parametrize("key", json.loads(EXAMPLE))
def test_every_key_of_the_contract_is_required(key: str) -> None:
    data = json.loads(EXAMPLE)
    del data[key]
    assert not CHECKED.is_valid(data)


def test_every_key_is_described() -> None:
    for kind, words in WORDS.items():
        names = {field.name for field in dataclasses.fields(kind)}
        assert set(words) == names | {""}
        assert all(text.endswith(".") for text in words.values())
    for name, defined in SCHEMA["$defs"].items():
        assert defined["description"], name
        assert all("description" in inner for inner in defined["properties"].values())


def test_the_schema_knows_every_key_that_a_record_writes() -> None:
    data = a_record().to_json()
    assert set(SCHEMA["properties"]) == set(data)
    check = SCHEMA["$defs"]["CheckEntry"]["properties"]
    assert set(check) == set(data["checks"][0])
    where = data["checks"][0]["estimates"][1]["where"]
    assert set(SCHEMA["$defs"]["Where"]["properties"]) == set(where)


def test_the_settings_schema_holds_for_settings() -> None:
    schema = settings_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    checked = jsonschema.Draft202012Validator(schema)
    settings = {
        "subject": {"name": "credit-risk", "task": "binary", "model": "model.onnx"},
        "data": {"current": "data/test.parquet"},
        "columns": {"target": "default", "score": "p_default", "sensitive": ["sex"]},
        "policy": {"roc_auc": {"min": 0.75}},
        "report": {"json": "r.json"},
    }
    checked.validate(settings)
    assert Settings.model_validate(settings).report.json_ == "r.json"
    assert not checked.is_valid({"columns": {"taregt": "y"}})
    assert not checked.is_valid({"subject": {"task": "ranking"}})
